"""Pauses that a server asks for, shared by all calls of a client, in virtual time."""

import asyncio
import gc
import json
import re
import tracemalloc
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest
from multidict import CIMultiDict

from kombo_async import APIError, ConcurrencyLimitExceededError, KomboError, RateLimitExceededError
from kombo_async.config import Limits, RetryPolicy, Timeouts
from kombo_async.engine.call import CallExecutor
from kombo_async.engine.observers import Observers
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.options import CallOptions
from kombo_async.engine.request import Request
from kombo_async.engine.response import Response

from ..support.virtual_time import run

pytestmark = pytest.mark.usefixtures("timers")

READ = Operation(name="read", method="GET", path="/read", response_type=int, effect=Effect.SAFE)
ACTION = Operation(name="act", method="POST", path="/act", response_type=int, effect=Effect.NON_IDEMPOTENT, action=True)
IMPORT = Operation(
    name="import", method="POST", path="/import", response_type=int, effect=Effect.NON_IDEMPOTENT, long=True
)
OK = Response(200, CIMultiDict(), b"{}")
Serve = Callable[[float], Coroutine[Any, Any, Response]]


def refusal(code: str | None, status: int = 429, **headers: str) -> Response:
    body = json.dumps({"status": "error", "error": {"code": code, "message": "refused"}}).encode()
    return Response(status, CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}), body)


def rate_limited(**headers: str) -> Response:
    return refusal("PLATFORM.RATE_LIMIT_EXCEEDED", **headers)


class Network:
    """Answers each request by a function of the seconds since the beginning, and keeps when each was sent."""

    def __init__(self, serve: Serve) -> None:
        self.serve = serve
        self.sent: list[float] = []

    def for_running_loop(self) -> "Network":
        return self

    async def send(self, request: Request, timeouts: Timeouts, now: float, deadline: float) -> Response:
        self.sent.append(now)
        await asyncio.sleep(0.01)
        return await self.serve(now - 1_000.0)


class Client:
    def __init__(self, serve: Serve, limits: Limits = Limits()) -> None:
        self.network = Network(serve)
        self.caller = CallExecutor(transport=self.network, limits=limits, observers=Observers([]))  # type: ignore[arg-type]

    async def call(
        self, operation: Operation[int] = READ, integration_id: str | None = None, *, deadline: float = 120.0
    ) -> object:
        options = CallOptions(
            base_url="",
            integration_id=None,
            retry=RetryPolicy(),
            timeouts=Timeouts(read_deadline=deadline, action_deadline=deadline),
        )
        request = Request(operation, "", {}, b"{}", integration_id)
        try:
            return await self.caller.call(request, options, lambda answer: answer.status)
        except KomboError as error:
            return error


def always(answer: Response) -> Serve:
    async def serve(at: float) -> Response:
        return answer

    return serve


@pytest.mark.parametrize(
    ("headers", "most_requests", "all_over_after"),
    [
        ({"Retry-After": "60"}, 2, 120.0),
        ({"Retry-After": "119"}, 2, 239.0),
        ({"Retry-After": "121"}, 1, 0.1),
        ({"Retry-After": "3600"}, 1, 0.1),
        ({"Retry-After": "3600", "ratelimit-remaining": "0", "ratelimit-reset": "3600"}, 1, 0.1),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "3600"}, 1, 0.1),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "4000000000"}, 1, 0.1),
    ],
)
def test_server_that_refuses_everything_gets_one_request_per_pause(
    headers: Mapping[str, str], most_requests: int, all_over_after: float
) -> None:
    async def main() -> tuple[list[object], float, Client]:
        client, loop = Client(always(rate_limited(**headers))), asyncio.get_running_loop()
        began = loop.time()
        errors = await asyncio.gather(*(client.call() for _ in range(500)))
        return errors, loop.time() - began, client

    errors, seconds, client = run(main())
    assert len(client.network.sent) <= most_requests
    assert seconds <= all_over_after + 0.1
    assert {type(error) for error in errors} == {RateLimitExceededError}
    unsent = [error for error in errors if isinstance(error, RateLimitExceededError) and error.attempts == 0]
    assert len(unsent) >= 499
    assert not any(error.may_have_run for error in unsent)
    assert all("not sent" in str(error) and error.retry_after for error in unsent)


def test_call_whose_deadline_is_before_the_end_of_a_pause_fails_without_a_request() -> None:
    async def main() -> None:
        client, loop = Client(always(rate_limited(Retry_After="30"))), asyncio.get_running_loop()
        refused = asyncio.create_task(client.call())
        await asyncio.sleep(0.1)
        began = loop.time()
        error = await client.call(deadline=10.0)
        assert isinstance(error, RateLimitExceededError)
        assert error.retry_after == pytest.approx(30, abs=0.2)
        assert loop.time() == began
        assert len(client.network.sent) == 1
        refused.cancel()

    run(main())


def test_actions_after_a_refused_one_are_held_back_by_its_pause() -> None:
    async def main() -> list[object]:
        client = Client(always(refusal("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", Retry_After="3600")))
        errors = [await client.call(ACTION, "personio:1") for _ in range(5)]
        assert len(client.network.sent) == 1
        # Other integrations have slots of their own.
        await client.call(ACTION, "personio:2")
        assert len(client.network.sent) == 2
        return errors

    assert {type(error) for error in run(main())} == {ConcurrencyLimitExceededError}


def test_after_a_long_pause_one_request_probes_for_all() -> None:
    async def main() -> None:
        client = Client(always(rate_limited(Retry_After="3600")))
        await client.call()
        for requests in (2, 3):
            await asyncio.sleep(120.5)
            errors = await asyncio.gather(*(client.call() for _ in range(50)))
            assert {type(error) for error in errors} == {RateLimitExceededError}
            assert len(client.network.sent) == requests

    run(main())


def test_backlog_survives_pauses_between_which_requests_are_accepted() -> None:
    accepted = dict[float, int]()

    async def serve(at: float) -> Response:
        window = at // 30
        if accepted.get(window, 0) == 5:
            return rate_limited(Retry_After=str(30 - at % 30))
        accepted[window] = accepted.get(window, 0) + 1
        return OK

    async def main() -> list[object]:
        client = Client(serve)
        return await asyncio.gather(*(client.call() for _ in range(60)))

    assert run(main()) == [200] * 60
    assert len(accepted) >= 12


@pytest.mark.parametrize("status", [429, 503])
def test_gateway_that_refuses_without_a_code_pauses_the_whole_client(status: int) -> None:
    async def serve(at: float) -> Response:
        if 1 <= at < 6:
            return refusal(None, status, Retry_After=str(6 - at))
        return Response(200, CIMultiDict({"ratelimit-remaining": "900", "ratelimit-reset": "60"}), b"{}")

    async def main() -> Client:
        client = Client(serve)
        await client.call()
        await asyncio.sleep(1 - asyncio.get_running_loop().time() % 1 + 0.01)
        assert isinstance(await client.call(deadline=2.0), APIError)
        assert await asyncio.gather(*(client.call() for _ in range(100))) == [200] * 100
        return client

    sent = [at - 1_000.0 for at in run(main()).network.sent]
    assert len([at for at in sent if 1 <= at < 6]) == 1
    # One request probes, and the others follow when it was accepted.
    back = [at for at in sent if at >= 6]
    assert len([at for at in back if at < back[0] + 0.005]) == 1


@pytest.mark.parametrize("seconds", [59, 119])
def test_refused_actions_do_not_wait_for_one_pause_after_another(seconds: int) -> None:
    async def main() -> float:
        client = Client(always(refusal("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", Retry_After=str(seconds))))
        loop = asyncio.get_running_loop()
        began = loop.time()
        errors = await asyncio.gather(*(client.call(ACTION, "tool:1", deadline=3_600.0) for _ in range(12)))
        assert {type(error) for error in errors} == {ConcurrencyLimitExceededError}
        return loop.time() - began

    # A call that has waited for less than two minutes when it is refused may wait for one more pause.
    assert run(main()) <= 120 + seconds


def test_refused_actions_leave_no_timers_behind() -> None:
    async def main() -> None:
        client = Client(always(refusal("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", Retry_After="3600")))
        await client.call(ACTION, "tool:1")
        before = count_timers()
        for _ in range(100):
            assert isinstance(await client.call(ACTION, "tool:1"), ConcurrencyLimitExceededError)
        assert count_timers() <= before

    run(main())


def count_timers() -> int:
    return sum(isinstance(each, asyncio.TimerHandle) and not each.cancelled() for each in gc.get_objects())


def test_newer_refusal_replaces_the_end_of_an_older_pause() -> None:
    answer = rate_limited(Retry_After="3600")

    async def serve(at: float) -> Response:
        return answer

    async def main() -> None:
        nonlocal answer
        client = Client(serve)
        await client.call()
        await asyncio.sleep(121)
        answer = rate_limited(Retry_After="5")
        refused = asyncio.create_task(client.call())
        await asyncio.sleep(2)
        answer = OK
        assert await client.call() == 200
        assert await refused == 200

    run(main())


def test_response_to_a_request_sent_before_the_refusal_does_not_end_the_pause() -> None:
    async def serve(at: float) -> Response:
        if at < 0.5:
            await asyncio.sleep(1)
            return OK
        return rate_limited(Retry_After="3600")

    async def main() -> None:
        client, loop = Client(serve), asyncio.get_running_loop()
        accepted = asyncio.create_task(client.call())
        await asyncio.sleep(0.6)
        await client.call()
        assert await accepted == 200
        began = loop.time()
        assert "not sent" in str(await client.call())
        assert loop.time() == began

    run(main())


def test_long_pause_fails_actions_that_wait_for_a_slot() -> None:
    async def serve(at: float) -> Response:
        if at < 1:
            await asyncio.sleep(500)
            return OK
        return rate_limited(Retry_After="3600")

    async def main() -> None:
        client, loop = Client(serve, Limits(actions_per_integration=1)), asyncio.get_running_loop()
        hung = asyncio.create_task(client.call(ACTION, "personio:1", deadline=600.0))
        await asyncio.sleep(0.01)
        queued = asyncio.create_task(client.call(ACTION, "personio:1", deadline=600.0))
        await asyncio.sleep(2)
        await client.call()
        began = loop.time()
        for error in (await queued, await client.call(ACTION, "personio:1", deadline=600.0)):
            assert isinstance(error, RateLimitExceededError)
            assert error.attempts == 0
        assert loop.time() == began
        hung.cancel()

    run(main())


def test_error_of_an_unsent_call_names_the_end_of_the_pause() -> None:
    async def main() -> None:
        client = Client(always(rate_limited(Retry_After="1e300")))
        await client.call()
        assert re.search(r"not sent: .* until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", str(await client.call()))

    run(main())


def test_actions_of_one_integration_fail_together_if_its_pause_is_too_long() -> None:
    busy = refusal("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", Retry_After="3600")

    async def main() -> None:
        client = Client(always(busy))
        errors = await asyncio.gather(*(client.call(ACTION, "personio:1", deadline=600.0) for _ in range(50)))
        assert {type(error) for error in errors} == {ConcurrencyLimitExceededError}
        assert len(client.network.sent) == 1

    run(main())


def test_hung_actions_leave_room_for_reads() -> None:
    async def serve(at: float) -> Response:
        if hanging:
            await asyncio.sleep(3_600)
        return OK

    hanging = False

    async def main() -> None:
        nonlocal hanging
        client = Client(serve, Limits(max_in_flight=20))
        await asyncio.gather(*(client.call() for _ in range(100)))
        hanging = True
        slow = [client.call(ACTION, f"tool:{number % 4}") for number in range(60)]
        actions = [asyncio.create_task(call) for call in (*slow, *(client.call(IMPORT) for _ in range(60)))]
        await asyncio.sleep(3)
        assert len(client.network.sent) == 100 + 15
        hanging = False
        began = asyncio.get_running_loop().time()
        assert await asyncio.gather(*(client.call() for _ in range(10))) == [200] * 10
        assert asyncio.get_running_loop().time() - began < 0.1
        for action in actions:
            action.cancel()
        await asyncio.wait(actions)
        # Their permits are free again.
        more = [asyncio.create_task(client.call(ACTION, f"tool:{number}")) for number in range(15)]
        assert await asyncio.gather(*more) == [200] * 15

    run(main())


@pytest.mark.parametrize("limits", [Limits.off(), Limits()])
def test_memory_does_not_grow_with_the_number_of_calls(limits: Limits) -> None:
    async def main() -> int:
        client = Client(always(OK), limits)

        async def calls(number: int) -> None:
            for _ in range(number):
                await client.call()
            client.network.sent.clear()

        await calls(500)
        tracemalloc.start(1)
        try:
            before = tracemalloc.get_traced_memory()[0]
            await calls(2_000)
            return tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()

    assert run(main()) < 40_000
