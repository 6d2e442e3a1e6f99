"""A call with its retries, in virtual time: whatever the server says and the policy allows."""

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from kombo_async.config import Limits, RetryPolicy, Timeouts
from kombo_async.engine import codec
from kombo_async.engine.call import CallExecutor
from kombo_async.engine.observers import Observers
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.options import CallOptions
from kombo_async.engine.request import Request
from kombo_async.engine.response import Response
from kombo_async.engine.rows import Undecodable
from kombo_async.errors import KomboConnectionError, KomboError, KomboTimeoutError
from kombo_async.events import CallEvent, RequestSent, RetryScheduled, Throttled

from ..support.soak import rounds
from ..support.virtual_time import precision, run

pytestmark = pytest.mark.usefixtures("timers")

CODES = (
    "PLATFORM.RATE_LIMIT_EXCEEDED",
    "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
    "PLATFORM.UNKNOWN_ERROR",
    "REMOTE.SERVICE_UNAVAILABLE",
    "PLATFORM.INPUT_INVALID",
    "reset",
    None,
)
steps = st.tuples(
    st.sampled_from(CODES), st.none() | st.floats(0, 30, allow_nan=False), st.floats(0, 20, allow_nan=False)
)


class ScriptedNetwork:
    """A network that takes the time that the script says for each request, and responds as it says."""

    def __init__(self, script: list[tuple[str | None, float | None, float]]) -> None:
        self.script = iter(script)
        self.sent: list[tuple[float, float | None]] = []

    def for_running_loop(self) -> "ScriptedNetwork":
        return self

    async def send(self, request: Request, timeouts: Timeouts, now: float, deadline: float) -> Response:
        code, retry_after, takes = next(self.script, (None, None, 0.0))
        assert now == asyncio.get_running_loop().time()
        time_left = deadline - now
        await asyncio.sleep(min(takes, time_left))
        self.sent.append((now, retry_after if takes <= time_left else None))
        changes = request.operation.changes
        if takes > time_left:
            raise KomboTimeoutError("too late", may_have_run=changes)
        if code == "reset":
            self.sent[-1] = (now, None)
            raise KomboConnectionError("reset", may_have_run=changes)
        headers = CIMultiDict({} if retry_after is None else {"Retry-After": str(retry_after)})
        if code is None:
            return Response(200, headers, b'{"status":"success","data":7}')
        error = {"code": code, "title": None, "message": "refused", "log_url": None}
        return Response(429, headers, json.dumps({"status": "error", "error": error}).encode())


@settings(max_examples=rounds(100))
@given(
    st.lists(steps, max_size=8),
    st.builds(
        RetryPolicy,
        attempts=st.integers(1, 6),
        first_wait=st.floats(0.01, 10),
        longest_wait=st.floats(0.01, 20),
        retry_remote_actions=st.booleans(),
    ),
    st.floats(1, 60),
    st.sampled_from(Effect),
)
def test_waits_attempts_and_deadline_follow_policy_and_server(
    script: list[tuple[str | None, float | None, float]], policy: RetryPolicy, deadline: float, effect: Effect
) -> None:
    """No wait is shorter than Retry-After, no attempt starts or ends after the deadline, and there are no more than the
    policy allows.

    Without the limiter: the time in its queue does not count towards a deadline.
    """
    transport, events = ScriptedNetwork(script), list[CallEvent]()
    operation = Operation(name="any", method="GET", path="/any", response_type=dict, effect=effect)
    options = CallOptions(base_url="", integration_id=None, retry=policy, timeouts=Timeouts(read_deadline=deadline))

    async def main() -> tuple[float, float, Any]:
        caller = CallExecutor(transport=transport, limits=Limits.off(), observers=Observers([events.append]))  # type: ignore[arg-type]
        began = asyncio.get_running_loop().time()
        outcome: Any
        try:
            outcome = await caller.call(
                Request(operation, "", {}, None, None), options, lambda answer: codec.decode_value(answer.body, int)[0]
            )
        except KomboError as error:
            outcome = error
        return began, asyncio.get_running_loop().time(), outcome

    began, ended, outcome = run(main())
    slack = 0.002  # Time-outs are rounded to the millisecond.
    assert 1 <= len(transport.sent) <= policy.attempts
    assert ended - began <= deadline + slack
    assert all(at - began <= deadline + slack for at, _ in transport.sent)
    for (at, retry_after), (then, _) in zip(transport.sent, transport.sent[1:], strict=False):
        assert then - at >= (retry_after or 0) - precision()
    if isinstance(outcome, KomboError):
        assert outcome.attempts == len(transport.sent)
        assert effect is not Effect.SAFE or not outcome.may_have_run
    else:
        assert outcome == 7
    sent = [event for event in events if isinstance(event, RequestSent)]
    again = [event for event in events if isinstance(event, RetryScheduled | Throttled)]
    assert [event.attempt for event in sent] == list(range(1, len(transport.sent) + 1))
    assert len(again) == len(sent) - 1


@given(st.lists(steps, max_size=8))
def test_change_that_may_have_run_is_never_sent_again(script: list[tuple[str | None, float | None, float]]) -> None:
    transport = ScriptedNetwork(script)
    operation = Operation(name="any", method="POST", path="/any", response_type=dict, effect=Effect.NON_IDEMPOTENT)
    options = CallOptions(
        base_url="", integration_id=None, retry=RetryPolicy(attempts=9), timeouts=Timeouts(read_deadline=500)
    )

    async def main() -> Any:
        caller = CallExecutor(transport=transport, limits=Limits(), observers=Observers([]))  # type: ignore[arg-type]
        try:
            return await caller.call(
                Request(operation, "", {}, b"{}", None), options, lambda answer: codec.decode_value(answer.body, int)[0]
            )
        except KomboError as error:
            return error

    outcome = run(main())
    codes = [code for code, _, _ in script[: len(transport.sent)]]
    assert all(code in CODES[:2] for code in codes[:-1])
    if isinstance(outcome, KomboError) and codes[-1] in {"reset", "PLATFORM.UNKNOWN_ERROR"}:
        assert type(outcome).__name__ == "OutcomeUnknownError"
        assert outcome.may_have_run


class SimultaneousNetwork:
    """A network whose responses all arrive in the same iteration of the event loop."""

    closed = False

    def __init__(self, answer: bytes) -> None:
        self.arrive = asyncio.Event()
        self.answer = answer

    def for_running_loop(self) -> "SimultaneousNetwork":
        return self

    async def send(self, request: Request, timeouts: Timeouts, now: float, deadline: float) -> Response:
        await self.arrive.wait()
        return Response(200, CIMultiDict(), self.answer)

    async def close(self) -> None:
        pass


class ConcurrentCalls:
    """Calls whose responses arrive at once, with the iteration of the event loop in which each was decoded."""

    def __init__(self, count: int, effect: Effect = Effect.SAFE, *, large: bool = True) -> None:
        self.iteration = 0
        self.decoded_in: list[int] = []
        self.transport = SimultaneousNetwork(b"x" * (70_000 if large else 60_000))
        self.caller = CallExecutor(
            transport=self.transport,  # type: ignore[arg-type]
            limits=Limits.off(),
            observers=Observers([]),
        )
        operation = Operation(name="any", method="GET", path="/any", response_type=dict, effect=effect)
        options = CallOptions(base_url="", integration_id=None, retry=RetryPolicy(), timeouts=Timeouts())
        request = Request(operation, "", {}, None, None)
        self.tasks = [
            asyncio.create_task(self.caller.call(request, options, lambda _: self.decoded_in.append(self.iteration)))
            for _ in range(count)
        ]

    async def go(self, iterations: int) -> None:
        """Let the responses arrive, and run *iterations* of the event loop."""
        await asyncio.sleep(0)
        self.transport.arrive.set()
        for _ in range(iterations):
            self.iteration += 1
            await asyncio.sleep(0)


class TestLargeResponses:
    async def test_large_responses_are_decoded_one_per_iteration(self) -> None:
        calls = ConcurrentCalls(9)
        await calls.go(30)
        assert len(calls.decoded_in) == len(set(calls.decoded_in)) == 9
        assert max(calls.decoded_in) - min(calls.decoded_in) <= 10
        await asyncio.gather(*calls.tasks)

    async def test_large_responses_of_changes_are_decoded_at_once(self) -> None:
        calls = ConcurrentCalls(9, Effect.NON_IDEMPOTENT)
        await calls.go(3)
        assert len(calls.decoded_in) == 9
        assert len(set(calls.decoded_in)) == 1

    async def test_small_responses_do_not_wait_to_be_decoded(self) -> None:
        calls = ConcurrentCalls(9, large=False)
        await calls.go(3)
        assert len(calls.decoded_in) == 9
        assert len(set(calls.decoded_in)) == 1

    async def test_large_response_is_decoded_although_others_are_cancelled(self) -> None:
        calls = ConcurrentCalls(9)
        await calls.go(3)
        done = len(calls.decoded_in)
        assert 0 < done < 6
        for task in calls.tasks[done : done + 3]:
            task.cancel()
        await calls.go(30)
        assert len(calls.decoded_in) == 6
        outcomes = await asyncio.gather(*calls.tasks, return_exceptions=True)
        assert sum(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes) == 3

    async def test_calls_that_wait_for_decoding_end_when_the_client_closes(self) -> None:
        calls = ConcurrentCalls(9)
        await calls.go(3)
        await calls.caller.close(0)
        done = len(calls.decoded_in)
        outcomes = await asyncio.gather(*calls.tasks, return_exceptions=True)
        closed = [outcome for outcome in outcomes if isinstance(outcome, KomboConnectionError)]
        assert 0 < done < 9
        assert len(closed) == 9 - done
        assert not any(error.may_have_run for error in closed)


class SlowNetwork(SimultaneousNetwork):
    """Responds after a second, and counts the pages that are under way: from the request until they are decoded."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(answer)
        self.pages = 0
        self.most = 0

    async def send(self, request: Request, timeouts: Timeouts, now: float, deadline: float) -> Response:
        if request.operation.page_size is None:
            return Response(200, CIMultiDict(), b"{}")
        self.pages += 1
        self.most = max(self.most, self.pages)
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            self.pages -= 1
            raise
        headers = CIMultiDict({"ratelimit-remaining": "9000000000", "ratelimit-reset": "60"})
        return Response(200, headers, self.answer)


class TestLargePages:
    """No more are under way than can be decoded, and those that cannot be decoded make room, too."""

    def test_pages_beyond_the_limit_wait_while_other_calls_pass(self) -> None:
        async def main() -> None:
            transport = SlowNetwork(b"x" * 70_000)
            caller = CallExecutor(transport=transport, limits=Limits(), observers=Observers([]))  # type: ignore[arg-type]
            page = Operation(
                name="list", method="GET", path="/list", response_type=dict, effect=Effect.SAFE, page_size=9
            )
            other = Operation(name="any", method="GET", path="/any", response_type=dict, effect=Effect.SAFE)
            options = CallOptions(base_url="", integration_id=None, retry=RetryPolicy(attempts=1), timeouts=Timeouts())
            outcomes = Counter[str]()

            async def read(number: int) -> None:
                def see(_: Response) -> None:
                    transport.pages -= 1
                    if number % 3 == 0:
                        raise Undecodable("as planned")

                try:
                    await caller.call(Request(page, "", {}, None, None), options, see)
                    outcomes["read"] += 1
                except KomboError:
                    outcomes["unreadable"] += 1

            await read(0)
            pages = [asyncio.create_task(read(number)) for number in range(300)]
            await asyncio.sleep(0.1)
            assert transport.most == 16
            await asyncio.wait_for(caller.call(Request(other, "", {}, None, None), options, lambda _: None), 0.5)
            for task in pages[3:6]:
                task.cancel()
            await asyncio.gather(*pages, return_exceptions=True)
            assert outcomes == {"read": 198, "unreadable": 100}
            assert 16 < transport.most <= 100

        run(main())
