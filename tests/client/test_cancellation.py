"""A call that is cancelled ends at once and leaves nothing behind: no task, no permit, and no entry in a queue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import attrs
import pytest

from kombo_async import KomboClient, Limits
from kombo_async.events import CallEvent, RequestSent, ResponseReceived, RetryScheduled
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.waiting import until
from .conftest import QUICK

STUBBORN = attrs.evolve(QUICK, retry_remote_actions=True)
ONE_AT_A_TIME = [Limits(max_in_flight=1, learn=False), Limits(actions_per_integration=1)]


def action(client: KomboClient) -> Any:
    return client.send_passthrough_request("personio", "personnel", "POST", "/company/time-offs", data={"day": 1})


CALLS = [
    pytest.param(lambda client: client.hris.iter_employees().first_page(), id="read"),
    pytest.param(lambda client: client.set_integration_enabled(value=True), id="setting"),
    pytest.param(action, id="action"),
]


class Recorder(list[CallEvent]):
    """An observer that remembers, and calls a function at a chosen event."""

    then: Callable[[CallEvent], object] | None = None

    def __call__(self, event: CallEvent) -> None:
        self.append(event)
        if self.then is not None:
            self.then(event)


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    """On a thread of its own, so that all tasks of the loop are the client's."""
    with SandboxThread(SandboxConfig(fields=5, employees=5)) as sandbox:
        yield sandbox


@pytest.fixture
def events() -> Recorder:
    return Recorder()


@pytest.fixture(params=ONE_AT_A_TIME, ids=["one request", "one action"])
async def client(
    request: pytest.FixtureRequest, sandbox: SandboxThread, events: Recorder
) -> AsyncIterator[KomboClient]:
    async with KomboClient(
        sandbox.api_key,
        base_url=sandbox.base_url,
        integration_id=sandbox.integration_id,
        retry=QUICK,
        limits=request.param,
        observers=[events],
    ) as client:
        yield client


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def assert_nothing_is_left(client: KomboClient) -> None:
    assert asyncio.all_tasks() == {asyncio.current_task()}
    # A permit or a slot that was not given back would make one of these wait forever.
    async with asyncio.timeout(20):
        await asyncio.gather(*(action(client) for _ in range(3)), client.check_api_key())


@pytest.mark.parametrize("call", CALLS)
class TestCancelled:
    async def test_call_is_cancelled_on_the_wire(
        self, client: KomboClient, sandbox: SandboxThread, call: Callable[[KomboClient], Any]
    ) -> None:
        sandbox.faults.add(Fault.delayed(60))
        task = asyncio.create_task(call(client))
        await until(lambda: sandbox.requests)
        await cancel(task)
        await assert_nothing_is_left(client)

    async def test_call_is_cancelled_before_it_began(
        self, client: KomboClient, sandbox: SandboxThread, call: Callable[[KomboClient], Any]
    ) -> None:
        await cancel(asyncio.create_task(call(client)))
        call(client).close()
        assert not sandbox.requests
        assert not client._executor._states.current().limiter._concurrency_limits
        await assert_nothing_is_left(client)

    async def test_call_is_cancelled_between_attempts(
        self, client: KomboClient, sandbox: SandboxThread, events: Recorder, call: Callable[[KomboClient], Any]
    ) -> None:
        patient = client.with_options(retry=STUBBORN)
        sandbox.faults.add(Fault.error("REMOTE.SERVICE_UNAVAILABLE", headers={"Retry-After": "60"}))
        task = asyncio.create_task(call(patient))
        await until(lambda: any(isinstance(event, RetryScheduled) for event in events))
        await cancel(task)
        assert len(sandbox.requests) == 1
        await assert_nothing_is_left(client)

    async def test_call_is_cancelled_in_the_queue(
        self, client: KomboClient, sandbox: SandboxThread, events: Recorder, call: Callable[[KomboClient], Any]
    ) -> None:
        sandbox.faults.add(Fault.delayed(0.3))
        first = asyncio.create_task(action(client))
        await until(lambda: sandbox.requests)
        queued = [asyncio.create_task(action(client)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert sum(isinstance(event, RequestSent) for event in events) == 1
        await cancel(queued[1])
        await cancel(queued[0])
        await first
        await queued[2]
        assert sandbox.executions["send_passthrough_request"] == 2
        await call(client)
        await assert_nothing_is_left(client)

    async def test_call_is_cancelled_when_it_is_admitted(
        self, client: KomboClient, sandbox: SandboxThread, events: Recorder, call: Callable[[KomboClient], Any]
    ) -> None:
        sandbox.faults.add(Fault.delayed(0.05))
        first = asyncio.create_task(action(client))
        await until(lambda: sandbox.requests)
        second = asyncio.create_task(action(client))
        third = asyncio.create_task(action(client))
        # The response has arrived and the second call is admitted, but its task has not run yet.
        events.then = lambda event: second.cancel() if isinstance(event, ResponseReceived) else None
        await first
        events.then = None
        with pytest.raises(asyncio.CancelledError):
            await second
        await third
        assert len(sandbox.requests) == 2
        await call(client)
        await assert_nothing_is_left(client)
