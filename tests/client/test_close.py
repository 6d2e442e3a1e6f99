"""Closing a client while it works: everything ends promptly, with a clear error, and nothing is left."""

import asyncio

import pytest

from kombo_async import KomboClient, KomboConnectionError, Limits, OutcomeUnknownError, RetryPolicy
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

from ..support.waiting import until


@pytest.fixture
async def sandbox() -> object:
    async with Sandbox(SandboxConfig(employees=10, fields=10)) as sandbox:
        yield sandbox


def client_of(sandbox: Sandbox, **options: object) -> KomboClient:
    return KomboClient(sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id, **options)


async def test_close_ends_a_thousand_running_calls(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    await client.check_api_key()
    sandbox.faults.add(Fault.delayed(60), times=10_000)
    reads = [asyncio.create_task(client.get_integration()) for _ in range(500)]
    changes = [asyncio.create_task(client.set_integration_enabled(True)) for _ in range(250)]
    actions = [
        asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo"))
        for _ in range(250)
    ]
    await until(lambda: len(sandbox.requests) > 50)
    await asyncio.wait_for(client.close(), 5)
    done, pending = await asyncio.wait([*reads, *changes, *actions], timeout=5)
    assert not pending
    assert {type(task.exception()) for task in reads + changes} == {KomboConnectionError}
    assert all("closed" in str(task.exception()) for task in done)
    # Nothing is wrong with the network.
    assert all(task.exception().hint is None for task in reads)
    assert not any(task.exception().may_have_run for task in reads)
    for task in actions:
        error = task.exception()
        assert isinstance(error, OutcomeUnknownError if error.may_have_run else KomboConnectionError)
    assert all(not task.cancelled() for task in done)


async def test_close_ends_a_call_between_attempts(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR", headers={"Retry-After": "60"}), times=9)
    client = client_of(sandbox)
    call = asyncio.create_task(client.get_integration())
    await until(lambda: sandbox.requests)
    await asyncio.sleep(0.02)
    await client.close()
    with pytest.raises(KomboConnectionError, match="closed"):
        await asyncio.wait_for(call, 5)


async def test_drain_lets_changes_finish_and_starts_none(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.delayed(0.3), times=2)
    client = client_of(sandbox)
    action = asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo"))
    read = asyncio.create_task(client.get_integration())
    await until(lambda: len(sandbox.requests) == 2)
    closing = asyncio.create_task(client.close(drain=30))
    with pytest.raises(KomboConnectionError, match="closed"):
        await read
    with pytest.raises(RuntimeError, match="closed"):
        await client.get_integration()
    assert not closing.done()
    assert (await action).status == 200
    await closing
    assert sandbox.executions["send_passthrough_request"] == 1


async def test_two_drains_at_once_end_together(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    await client.check_api_key()
    sandbox.faults.add(Fault.delayed(0.2))
    change = asyncio.create_task(client.set_integration_enabled(True))
    await until(lambda: len(sandbox.requests) > 1)
    async with asyncio.timeout(20):
        await asyncio.gather(client.close(drain=30), client.close(drain=30))
    await change


async def test_drain_ends_after_its_time(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.delayed(60))
    client = client_of(sandbox, retry=RetryPolicy(attempts=1))
    action = asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo"))
    await until(lambda: sandbox.requests)
    await client.close(drain=0.05)
    with pytest.raises(OutcomeUnknownError) as raised:
        await action
    assert raised.value.may_have_run


async def test_cancellation_by_the_caller_during_close_is_raised(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.delayed(60))
    client = client_of(sandbox)
    call = asyncio.create_task(client.get_integration())
    await until(lambda: sandbox.requests)
    call.cancel()
    closing = asyncio.create_task(client.close())
    with pytest.raises(asyncio.CancelledError):
        await call
    await closing


async def test_timeout_of_the_caller_during_close_is_raised(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.delayed(60))
    async with client_of(sandbox) as client:
        with pytest.raises(TimeoutError) as raised:
            async with asyncio.timeout(0.05):
                await client.get_integration()
        assert type(raised.value) is TimeoutError
        assert asyncio.current_task().cancelling() == 0


@pytest.mark.parametrize(
    ("drain", "error"), [(-1, ValueError), ("1", TypeError), (float("inf"), ValueError), (True, TypeError)]
)
async def test_invalid_drain_is_refused_by_close(sandbox: Sandbox, drain: object, error: type[Exception]) -> None:
    async with client_of(sandbox) as client:
        with pytest.raises(error, match="drain"):
            await client.close(drain=drain)


async def test_drain_sends_changes_that_wait_in_the_queue(sandbox: Sandbox) -> None:
    client = client_of(sandbox, limits=Limits(max_in_flight=1))
    await client.check_api_key()
    sandbox.faults.add(Fault.delayed(0.1), times=3)
    actions = [
        asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo")) for _ in range(3)
    ]
    await until(lambda: len(sandbox.requests) == 2)
    await client.close(drain=30)
    assert [(await action).status for action in actions] == [200] * 3
    assert sandbox.executions["send_passthrough_request"] == 3


async def test_drain_lets_a_change_make_its_next_attempt(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    sandbox.faults.add(Fault.concurrency_limited())
    action = asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo"))
    await until(lambda: sandbox.requests)
    await client.close(drain=30)
    assert (await action).status == 200


async def test_setting_that_may_have_run_and_waits_to_be_repeated_says_so_when_drain_ends(sandbox: Sandbox) -> None:
    client = client_of(sandbox, retry=RetryPolicy(first_wait=60, longest_wait=60))
    sandbox.faults.add(Fault.drop("after_execution"), times=9)
    setting = asyncio.create_task(client.set_integration_enabled(False))
    await until(lambda: sandbox.requests)
    await client.close(drain=0.2)
    with pytest.raises(KomboConnectionError) as raised:
        await setting
    assert raised.value.may_have_run


async def test_drain_lets_calls_of_tasks_that_were_just_created_finish(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    action = asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo"))
    await client.close(drain=30)
    assert (await action).status == 200


async def test_cancelled_drain_ends_all_calls_and_connections(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault.delayed(60))
    client = client_of(sandbox)
    action = asyncio.create_task(client.send_passthrough_request("personio", "personnel", "POST", "/echo"))
    await until(lambda: sandbox.requests)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.close(drain=30), 0.1)
    with pytest.raises(OutcomeUnknownError):
        await asyncio.wait_for(action, 5)
    with pytest.raises(RuntimeError, match="closed"):
        await client.get_integration()
