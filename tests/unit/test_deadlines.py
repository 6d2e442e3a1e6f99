"""The timeouts of requests: no request expires early, and none later than the checks are apart."""

from __future__ import annotations

import asyncio
import math
from typing import Literal

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from kombo_async.engine.deadlines import Watchdog

from ..support import virtual_time

pytestmark = pytest.mark.usefixtures("timers")

LATE = 1 / 8
"""By which part of the idle timeout a request may expire late, as the checks are that far apart."""


@define
class Outgoing:
    sent: bool = False


@define
class Incoming:
    total_bytes: int = 0


Step = tuple[float, Literal["connect", "send", "arrive", "nothing"]]

gaps = st.one_of(st.floats(0, 3), st.floats(0, 40), st.sampled_from([0.0, 1.0, 10.0]))
steps: st.SearchStrategy[Step] = st.tuples(gaps, st.sampled_from(("connect", "send", "arrive", "nothing")))


@define
class Plan:
    """One request: when it begins, its timeouts, and what happens to it."""

    begins: float
    idle: float | None
    deadline: float
    has_body: bool
    steps: list[Step]


plans = st.builds(
    Plan,
    st.floats(0, 30),
    st.one_of(st.none(), st.floats(0.01, 20)),
    st.floats(0.01, 60),
    st.booleans(),
    st.lists(steps, max_size=8),
)


async def run_request(watchdog: Watchdog, plan: Plan) -> None:
    """Go through *plan* until the request expires, and compare with what was allowed."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(plan.begins)
    began = loop.time()
    outgoing = Outgoing() if plan.has_body else None
    idle = math.inf if plan.idle is None else plan.idle
    pending = watchdog.add(began + plan.deadline, idle, outgoing, began)
    idle_since = math.inf if plan.has_body else began
    try:
        for gap, what in plan.steps:
            if what == "connect":
                watchdog.connecting(done=False)
                before, idle_since = idle_since, math.inf
                await asyncio.sleep(gap)
                watchdog.connecting(done=True)
                idle_since = loop.time() if before < math.inf else before
                continue
            await asyncio.sleep(gap)
            assert loop.time() <= idle_since + idle * (1 + LATE) + 2 * virtual_time.precision()
            if what == "send" and outgoing is not None and not outgoing.sent:
                outgoing.sent, idle_since = True, loop.time()
            elif what == "arrive" and idle_since < math.inf:
                pending.incoming = pending.incoming or Incoming()
                pending.incoming.total_bytes += 1
                idle_since = loop.time()
    except asyncio.CancelledError:
        now = loop.time()
        assert watchdog.expired(pending)
        if pending.expired_by == "deadline":
            assert now == pytest.approx(began + plan.deadline, abs=virtual_time.precision())
            assert now >= began + plan.deadline
        else:
            assert pending.expired_by == "idle"
            assert idle_since + idle <= now <= idle_since + idle * (1 + LATE) + 2 * virtual_time.precision()
    else:
        assert loop.time() <= began + plan.deadline + virtual_time.precision()
    finally:
        watchdog.remove(pending)


@given(st.lists(plans, min_size=1, max_size=6))
def test_requests_expire_neither_early_nor_late(plans: list[Plan]) -> None:
    async def main() -> None:
        watchdog = Watchdog(asyncio.get_running_loop())
        await asyncio.gather(*(run_request(watchdog, plan) for plan in plans))

    virtual_time.run(main())


def test_cancellation_by_the_caller_takes_precedence_over_expiry() -> None:
    async def request(watchdog: Watchdog) -> None:
        now = asyncio.get_running_loop().time()
        pending = watchdog.add(now + 1, math.inf, None, now)
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            assert pending.expired_by == "deadline"
            assert not watchdog.expired(pending)
            raise
        finally:
            watchdog.remove(pending)

    async def main() -> None:
        watchdog = Watchdog(asyncio.get_running_loop())
        task = asyncio.create_task(request(watchdog))
        await asyncio.sleep(0.9)
        # After the check at 1 and before the task is resumed, in the same iteration of the event loop.
        asyncio.get_running_loop().call_at(1_001.0, lambda: asyncio.get_running_loop().call_soon(task.cancel))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelling() == 1

    virtual_time.run(main())


def test_response_that_arrived_while_the_loop_was_blocked_prevents_expiry() -> None:
    async def request(watchdog: Watchdog, response: asyncio.Future[None]) -> str:
        now = asyncio.get_running_loop().time()
        pending = watchdog.add(now + 1, math.inf, None, now)
        try:
            await response
        finally:
            watchdog.remove(pending)
        return "responded"

    async def main() -> None:
        loop, watchdog = asyncio.get_running_loop(), Watchdog(asyncio.get_running_loop())
        response = loop.create_future()
        task = asyncio.create_task(request(watchdog, response))
        await asyncio.sleep(0)
        # Both in the same iteration, the response first, as after a second in which the loop was blocked.
        loop.call_at(1_000.999, response.set_result, None)
        loop.time = lambda: 1_002.0  # type: ignore[method-assign]
        assert await task == "responded"

    virtual_time.run(main())
