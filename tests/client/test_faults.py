"""Failures of the network and the server: reads recover, nothing is done twice, and errors say what is known."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from kombo_async import KomboClient, Limits, RetryPolicy, Timeouts, errors
from kombo_async.sandbox import Fault, Sandbox

from .conftest import QUICK

# One of each kind: tests/faults/table.py has all faults, for each kind of call.
BROKEN = [
    pytest.param(Fault.error("PLATFORM.UNKNOWN_ERROR"), id="unknown error"),
    pytest.param(Fault.html_502(), id="HTML 502"),
    pytest.param(Fault.drop("after_execution"), id="drop after execution"),
    pytest.param(Fault.drop("body"), id="drop in body"),
]
LIMITED = [
    pytest.param(Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", headers={"Retry-After": "0.01"}), id="rate limit"),
    pytest.param(Fault.concurrency_limited(), id="concurrency limit"),
]
REMOTE = [
    pytest.param(Fault.error("REMOTE.RATE_LIMIT_EXCEEDED"), id="remote rate limit"),
    pytest.param(Fault.error("REMOTE.SERVICE_UNAVAILABLE"), id="remote unavailable"),
]
GATEWAY_429 = pytest.param(Fault.raw(b"slow down", status=429, content_type="text/plain"), id="429 of a gateway")


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[KomboClient]:
    """A client that learns nothing from one fault for the next: what is tested here is each of them by itself."""
    async with KomboClient(
        sandbox.api_key,
        base_url=sandbox.base_url,
        integration_id=sandbox.integration_id,
        retry=QUICK,
        limits=Limits.off(),
    ) as client:
        yield client


def post(client: KomboClient) -> Awaitable[Any]:
    """An action that has an effect in the tool."""
    return client.send_passthrough_request("personio", "personnel", "POST", "/company/time-offs", data={"day": 1})


def sync(client: KomboClient) -> Awaitable[Any]:
    """A change at Kombo that is not an action."""
    return client.trigger_sync()


async def field_id(client: KomboClient) -> str:
    return (await client.iter_integration_fields(page_size=1).first_page()).results[0].id


class TestReads:
    @pytest.mark.parametrize("fault", [*BROKEN, *LIMITED, *REMOTE, GATEWAY_429])
    async def test_reads_recover(self, client: KomboClient, sandbox: Sandbox, fault: Fault) -> None:
        whole = [person.id for person in await client.hris.iter_employees().collect()]
        # In the first page, in the third, and twice in a row in the fifth.
        sandbox.faults.add(fault, path="/hris/employees")
        sandbox.faults.add(fault, path="/hris/employees", after=2)
        sandbox.faults.add(fault, path="/hris/employees", after=4, times=2)
        again = [person.id async for person in client.hris.iter_employees(page_size=2)]
        assert again == whole
        pages = -(-len(whole) // 2)
        # aiohttp itself repeats a GET, unseen, when a kept connection turns out to be dead.
        assert len(sandbox.requests) == 1 + pages + 4

    @pytest.mark.parametrize("fault", [*LIMITED, *REMOTE, *BROKEN])
    async def test_reads_through_the_tool_recover(self, client: KomboClient, sandbox: Sandbox, fault: Fault) -> None:
        sandbox.faults.add(fault, times=2)
        got = await client.send_passthrough_request("personio", "personnel", "GET", "/plain")
        assert got.data == "plain text"
        assert len(sandbox.requests) == 3

    async def test_read_recovers_from_a_response_that_stalls(self, client: KomboClient, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.drip(seconds=30))
        impatient = client.with_options(timeouts=Timeouts(idle=0.1))
        assert (await impatient.check_api_key()).environment_id
        assert len(sandbox.requests) == 2

    async def test_read_ends_at_its_deadline_while_bytes_trickle_in(
        self, client: KomboClient, sandbox: Sandbox
    ) -> None:
        sandbox.faults.add(Fault.drip(seconds=0.02), times=None)
        with pytest.raises(errors.KomboTimeoutError, match=r"Timeouts\.read_deadline") as raised:
            await client.with_options(timeouts=Timeouts(idle=0.1, read_deadline=0.3)).check_api_key()
        assert isinstance(raised.value, TimeoutError)
        assert not raised.value.may_have_run
        assert len(sandbox.requests) == 1

    async def test_idle_timeout_does_not_run_while_connecting(
        self, client: KomboClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loop = asyncio.get_running_loop()
        look_up = loop.getaddrinfo

        async def slowly(*args: Any, **keywords: Any) -> Any:
            await asyncio.sleep(0.2)
            return await look_up(*args, **keywords)

        monkeypatch.setattr(loop, "getaddrinfo", slowly)
        impatient = Timeouts(idle=0.1)
        named = sandbox.base_url.replace("127.0.0.1", "localhost")
        async with KomboClient(
            sandbox.api_key, base_url=named, timeouts=impatient, retry=RetryPolicy(attempts=1)
        ) as one:
            assert (await one.check_api_key()).environment_id

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault.error("PLATFORM.INPUT_INVALID"), errors.InputInvalidError),
            (Fault.error("PLATFORM.TASK_TIMED_OUT"), errors.TaskTimedOutError),
            (Fault.error("INTEGRATION.SETUP_SYNC_PENDING"), errors.IntegrationSetupSyncPendingError),
            (Fault.error("INTEGRATION.SETUP_SYNC_PENDING", status=503), errors.IntegrationSetupSyncPendingError),
            (Fault.error("PLATFORM.NEW", status=503), errors.PlatformError),
            (Fault.error("INTEGRATION.INACTIVE", status=200), errors.IntegrationInactiveError),
            (Fault.error(None, status=409), errors.APIError),
            (Fault.raw(b"Not Found", status=404, content_type="text/plain"), errors.APIError),
            (Fault.raw(b"<html>", content_type="text/html"), errors.DecodeError),
            (Fault.raw(b'{"status":"success","da'), errors.DecodeError),
            (Fault.json([]), errors.DecodeError),
            # aiohttp takes the half of a gzip stream for the whole of it.
            (Fault.truncated_gzip(), errors.DecodeError),
        ],
    )
    async def test_read_is_not_retried_after_a_permanent_error(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault, error: type[errors.KomboError]
    ) -> None:
        sandbox.faults.add(fault)
        with pytest.raises(error) as raised:
            await client.get_integration()
        assert type(raised.value) is error
        assert (raised.value.attempts, raised.value.may_have_run) == (1, False)
        assert (raised.value.method, raised.value.path) == ("GET", "/integrations/{integration_id}")
        assert raised.value.integration_id == sandbox.integration_id
        assert len(sandbox.requests) == 1

    @pytest.mark.parametrize("attempts", [1, 3])
    async def test_read_ends_after_the_allowed_attempts(
        self, client: KomboClient, sandbox: Sandbox, attempts: int
    ) -> None:
        sandbox.faults.add(Fault.html_502(), times=None)
        policy = RetryPolicy(attempts=attempts, first_wait=0.001, longest_wait=0.002)
        with pytest.raises(errors.APIError) as raised:
            await client.with_options(retry=policy).check_api_key()
        assert raised.value.attempts == len(sandbox.requests) == attempts
        assert ("after 3 attempts" in str(raised.value)) is (attempts == 3)

    async def test_error_of_a_list_has_the_cursor_to_continue_at(self, client: KomboClient, sandbox: Sandbox) -> None:
        whole = [field.id for field in await client.iter_integration_fields().collect()]
        sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID"), after=2)
        seen = []
        with pytest.raises(errors.InputInvalidError) as raised:
            async for field in client.iter_integration_fields(page_size=10):
                seen.append(field.id)  # noqa: PERF401 - some are seen before it raises
        assert seen == whole[:20]
        rest = client.iter_integration_fields(page_size=10, cursor=raised.value.cursor)
        assert seen + [field.id async for field in rest] == whole


class TestNoConnection:
    @staticmethod
    def closed_port() -> int:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return listener.getsockname()[1]

    @pytest.mark.parametrize("work", [post, sync, lambda client: client.check_api_key()])
    async def test_refused_connection_is_retried(self, work: Callable[[KomboClient], Awaitable[Any]]) -> None:
        port = self.closed_port()
        async with KomboClient("k", base_url=f"http://127.0.0.1:{port}", integration_id="a:b", retry=QUICK) as client:
            with pytest.raises(errors.KomboConnectionError, match=f"cannot connect to 127.0.0.1:{port}") as raised:
                await work(client)
        assert (raised.value.attempts, raised.value.may_have_run) == (5, False)

    async def test_unknown_host_is_a_connection_error(self) -> None:
        class Nobody(AbstractResolver):
            async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
                raise OSError(None, "no such name")

            async def close(self) -> None:
                pass

        connector = aiohttp.TCPConnector(resolver=Nobody())
        async with aiohttp.ClientSession(connector=connector) as session:
            client = KomboClient("k", base_url="https://kombo.example/v1", session=session, retry=QUICK)
            with pytest.raises(errors.KomboConnectionError, match=r"cannot connect to kombo\.example:443") as raised:
                await client.trigger_sync(integration_id="a:b")
        assert (raised.value.attempts, raised.value.may_have_run) == (5, False)

    async def test_connect_timeout_is_raised(self) -> None:
        class Slow(AbstractResolver):
            async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
                await asyncio.sleep(60)
                return []

            async def close(self) -> None:
                pass

        connector = aiohttp.TCPConnector(resolver=Slow())
        async with aiohttp.ClientSession(connector=connector) as session:
            client = KomboClient("k", base_url="https://kombo.example/v1", session=session, retry=QUICK)
            hasty = client.with_options(timeouts=Timeouts(connect=0.01, read_deadline=0.1))
            with pytest.raises(errors.KomboTimeoutError, match=r"Timeouts\.\w+") as raised:
                await hasty.trigger_sync(integration_id="a:b")
        assert not raised.value.may_have_run

    async def test_call_recovers_when_the_server_is_back(self, client: KomboClient, sandbox: Sandbox) -> None:
        await client.check_api_key()
        await sandbox.stop()
        with pytest.raises(errors.KomboConnectionError):
            await client.check_api_key()
        await sandbox.start()
        await client.check_api_key()
        await asyncio.gather(*(client.check_api_key() for _ in range(20)))
        await sandbox.stop()
        await sandbox.start()
        await client.check_api_key()  # over connections that have died meanwhile


class TestChanges:
    @pytest.mark.parametrize("work", [post, sync])
    @pytest.mark.parametrize("fault", LIMITED)
    async def test_change_that_certainly_did_not_run_is_retried(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault, work: Callable[[KomboClient], Awaitable[Any]]
    ) -> None:
        sandbox.faults.add(fault, times=3)
        await work(client)
        assert len(sandbox.requests) == 4
        assert sandbox.executions.total() == 1

    @pytest.mark.parametrize("work", [post, sync])
    @pytest.mark.parametrize("fault", BROKEN)
    async def test_change_with_an_unknown_outcome_is_sent_once(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault, work: Callable[[KomboClient], Awaitable[Any]]
    ) -> None:
        await client.check_api_key()  # so that a kept connection is there to die
        sandbox.faults.add(fault)
        with pytest.raises(errors.OutcomeUnknownError, match="look before you repeat it") as raised:
            await work(client)
        assert raised.value.may_have_run
        assert raised.value.attempts == 1
        assert raised.value.integration_id == sandbox.integration_id
        cause = raised.value.__cause__
        assert isinstance(cause, errors.KomboError)
        assert (raised.value.status, raised.value.code) == (
            getattr(cause, "status", None),
            getattr(cause, "code", None),
        )
        assert [request.method for request in sandbox.requests] == ["GET", "POST"]
        assert sandbox.executions.total() == int(fault.executes)

    @pytest.mark.parametrize(
        ("fault", "error", "may_have_run"),
        [
            (Fault.error("PLATFORM.INPUT_INVALID"), errors.InputInvalidError, False),
            (Fault.error("PLATFORM.TASK_TIMED_OUT", executes=True), errors.TaskTimedOutError, True),
            (Fault.error("REMOTE.SERVICE_UNAVAILABLE", executes=True), errors.RemoteServiceUnavailableError, True),
            (Fault.error("REMOTE.UNKNOWN_HTTP_ERROR", executes=True), errors.RemoteUnknownHTTPError, True),
            (Fault.error("REMOTE.RATE_LIMIT_EXCEEDED"), errors.RemoteRateLimitExceededError, False),
            (Fault.error("REMOTE.INPUT_INVALID"), errors.RemoteInputInvalidError, False),
            (Fault.error("INTEGRATION.INACTIVE", status=200), errors.IntegrationInactiveError, False),
            (Fault.error("PLATFORM.NEW", status=500), errors.PlatformError, False),
            (Fault.error(None, status=409), errors.APIError, False),
            (Fault.raw(b"slow down", status=429, content_type="text/plain"), errors.APIError, False),
            (Fault.raw(b"<html>", executes=True), errors.DecodeError, True),
            (Fault.truncated_gzip(), errors.DecodeError, True),
            (Fault.json({"status": "success", "data": {}}, executes=True), errors.DecodeError, True),
        ],
    )
    async def test_change_with_a_clear_error_is_sent_once(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault, error: type[errors.KomboError], may_have_run: bool
    ) -> None:
        sandbox.faults.add(fault)
        with pytest.raises(error) as raised:
            await post(client)
        assert type(raised.value) is error
        assert (raised.value.attempts, raised.value.may_have_run) == (1, may_have_run)
        assert len(sandbox.requests) == 1
        assert sandbox.executions.total() == int(fault.executes)

    @pytest.mark.parametrize("fault", REMOTE)
    async def test_change_is_retried_on_a_tool_that_is_down_with_retry_remote_actions(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault
    ) -> None:
        sandbox.faults.add(fault, times=2)
        stubborn = RetryPolicy(first_wait=0.001, longest_wait=0.002, retry_remote_actions=True)
        assert (await post(client.with_options(retry=stubborn))).status == 201
        assert (len(sandbox.requests), sandbox.executions.total()) == (3, 1)

    async def test_change_may_take_longer_than_a_read(self, client: KomboClient, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.delayed(0.3))
        patient = client.with_options(timeouts=Timeouts(idle=0.05, read_deadline=0.1, action_deadline=60))
        assert (await post(patient)).status == 201

    async def test_change_beyond_its_deadline_may_have_run(self, client: KomboClient, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.delayed(30))
        with pytest.raises(errors.OutcomeUnknownError, match=r"Timeouts\.action_deadline") as raised:
            await post(client.with_options(timeouts=Timeouts(action_deadline=0.2)))
        assert isinstance(raised.value.__cause__, errors.KomboTimeoutError)
        assert sandbox.executions.total() == len(sandbox.requests) == 1

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
    async def test_change_at_an_unknown_endpoint_is_sent_once(
        self, client: KomboClient, sandbox: Sandbox, method: Any
    ) -> None:
        await client.check_api_key()
        sandbox.faults.add(Fault.drop("before"), method=method)
        with pytest.raises(errors.OutcomeUnknownError):
            await client.request(method, "/not/invented/yet", json={"a": 1})
        assert [request.method for request in sandbox.requests] == ["GET", method]


class TestSettings:
    @pytest.mark.parametrize("fault", [*BROKEN, *LIMITED, *REMOTE, GATEWAY_429])
    async def test_idempotent_setting_is_retried(self, client: KomboClient, sandbox: Sandbox, fault: Fault) -> None:
        field = await field_id(client)
        sandbox.faults.add(fault, method="PATCH", times=2)
        got = await client.update_integration_field(field, enable_passthrough=True)
        assert got.is_passthrough_enabled
        assert sum(request.method == "PATCH" for request in sandbox.requests) == 3
        assert sandbox.executions["update_integration_field"] == 1 + 2 * fault.executes

    @pytest.mark.parametrize(
        ("fault", "may_have_run"), [(Fault.drop("after_execution"), True), (Fault.concurrency_limited(), False)]
    )
    async def test_setting_reports_that_an_earlier_attempt_may_have_run(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault, may_have_run: bool
    ) -> None:
        sandbox.faults.add(fault, method="PUT")
        sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID"), method="PUT")
        with pytest.raises(errors.InputInvalidError) as raised:
            await client.set_integration_enabled(value=False)
        assert (raised.value.attempts, raised.value.may_have_run) == (2, may_have_run)

    @pytest.mark.parametrize("fault", [Fault.drop("after_execution"), Fault.short_body()])
    async def test_integration_deleted_by_the_first_attempt_counts_as_deleted(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault
    ) -> None:
        gone = sandbox.integration_ids[2]
        sandbox.faults.add(fault)
        await client.delete_integration(gone)
        assert gone not in sandbox.integration_ids
        assert len(sandbox.requests) == 2

    async def test_deleting_an_unknown_integration_is_an_error(self, client: KomboClient, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.concurrency_limited())
        with pytest.raises(errors.IntegrationNotFoundError) as raised:
            await client.delete_integration("personio:nobody")
        assert (raised.value.attempts, raised.value.may_have_run) == (2, False)


class TestWaits:
    @pytest.mark.parametrize(
        "fault",
        [
            Fault.rate_limited(36_000),
            Fault.rate_limited(None, reset=36_000),
            Fault.error("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", headers={"Retry-After": "36000"}),
        ],
    )
    @pytest.mark.parametrize("work", [post, lambda client: client.get_integration()])
    async def test_wait_beyond_the_deadline_ends_the_call_at_once(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault, work: Callable[[KomboClient], Awaitable[Any]]
    ) -> None:
        sandbox.faults.add(fault)
        with pytest.raises(errors.PlatformError) as raised:
            await asyncio.wait_for(work(client), 60)
        assert (raised.value.retry_after, raised.value.attempts, raised.value.may_have_run) == (36_000.0, 1, False)
        assert len(sandbox.requests) == 1

    @pytest.mark.parametrize(
        "fault",
        [
            Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", headers={"Retry-After": "0.3"}),
            Fault.error("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", headers={"Retry-After": "0.3"}),
            Fault.error("PLATFORM.UNKNOWN_ERROR", headers={"Retry-After": "0.3"}),
        ],
    )
    async def test_wait_is_never_shorter_than_retry_after(
        self, client: KomboClient, sandbox: Sandbox, fault: Fault
    ) -> None:
        sandbox.faults.add(fault)
        await client.check_api_key()
        first, second = sandbox.requests
        assert second.time - first.time >= 0.3


@pytest.mark.parametrize(
    ("fault", "call", "hint"),
    [
        (Fault.error("PLATFORM.AUTHENTICATION_INVALID"), KomboClient.get_integration, "a key works in one only"),
        (Fault.error("PLATFORM.UNKNOWN_ERROR"), KomboClient.get_integration, "Try again later"),
        (Fault.error("INTEGRATION.INACTIVE"), KomboClient.get_integration, "integration enable "),
        (Fault.json({"status": "success", "data": 7}), KomboClient.get_integration, "newer version"),
        (Fault.drop(), KomboClient.get_integration, "Check the network"),
        (Fault.drop("after_execution"), post, "Check whether it was done"),
    ],
)
async def test_error_has_its_hint_as_one_note(
    sandbox: Sandbox, client: KomboClient, fault: Fault, call: Callable[[KomboClient], Awaitable[Any]], hint: str
) -> None:
    sandbox.faults.add(fault, times=None)
    with pytest.raises(errors.KomboError) as raised:
        await call(client)
    assert raised.value.__notes__ == [f"{raised.value.hint}\nSee {raised.value.docs_url}"]
    assert hint in raised.value.__notes__[0]
