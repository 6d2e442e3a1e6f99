"""How long requests may wait: never shorter than told, and seldom longer."""

from __future__ import annotations

import asyncio
import math
from typing import Literal

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from kombo_async.engine.patience import Patience

from ..support import virtual_time

pytestmark = pytest.mark.usefixtures("timers")

LATE = 1 / 8
"""What part of the time that one may be silent can pass before it is seen, as looks are that far apart."""


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
    """One request: when it begins, what it may take, and what happens to it."""

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


async def carry_out(patience: Patience, plan: Plan) -> None:
    """Go through *plan* until its time runs out, and compare with what was allowed."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(plan.begins)
    began = loop.time()
    outgoing = Outgoing() if plan.has_body else None
    idle = math.inf if plan.idle is None else plan.idle
    wait = patience.begin(began + plan.deadline, idle, outgoing, began)
    silent_since = math.inf if plan.has_body else began
    try:
        for gap, what in plan.steps:
            if what == "connect":
                patience.connecting(done=False)
                before, silent_since = silent_since, math.inf
                await asyncio.sleep(gap)
                patience.connecting(done=True)
                silent_since = loop.time() if before < math.inf else before
                continue
            await asyncio.sleep(gap)
            assert loop.time() <= silent_since + idle * (1 + LATE) + 2 * virtual_time.precision()
            if what == "send" and outgoing is not None and not outgoing.sent:
                outgoing.sent, silent_since = True, loop.time()
            elif what == "arrive" and silent_since < math.inf:
                wait.incoming = wait.incoming or Incoming()
                wait.incoming.total_bytes += 1
                silent_since = loop.time()
    except asyncio.CancelledError:
        now = loop.time()
        assert patience.has_run_out(wait)
        if wait.ran_out == "deadline":
            assert now == pytest.approx(began + plan.deadline, abs=virtual_time.precision())
            assert now >= began + plan.deadline
        else:
            assert wait.ran_out == "idle"
            assert silent_since + idle <= now <= silent_since + idle * (1 + LATE) + 2 * virtual_time.precision()
    else:
        assert loop.time() <= began + plan.deadline + virtual_time.precision()
    finally:
        patience.end(wait)


@settings(max_examples=150, deadline=None)
@given(st.lists(plans, min_size=1, max_size=6))
def test_no_request_is_ended_too_early_or_late(plans: list[Plan]) -> None:
    async def main() -> None:
        patience = Patience(asyncio.get_running_loop())
        await asyncio.gather(*(carry_out(patience, plan) for plan in plans))

    virtual_time.run(main())


def test_a_cancellation_by_somebody_else_wins() -> None:
    async def request(patience: Patience) -> None:
        now = asyncio.get_running_loop().time()
        wait = patience.begin(now + 1, math.inf, None, now)
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            assert wait.ran_out == "deadline"
            assert not patience.has_run_out(wait)
            raise
        finally:
            patience.end(wait)

    async def main() -> None:
        patience = Patience(asyncio.get_running_loop())
        task = asyncio.create_task(request(patience))
        await asyncio.sleep(0.9)
        # After the look at 1 and before the task has seen its cancellation, in the same turn of the loop.
        asyncio.get_running_loop().call_at(1_001.0, lambda: asyncio.get_running_loop().call_soon(task.cancel))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelling() == 1

    virtual_time.run(main())


def test_an_answer_that_came_while_the_loop_was_busy_is_seen_first() -> None:
    async def request(patience: Patience, answer: asyncio.Future[None]) -> str:
        now = asyncio.get_running_loop().time()
        wait = patience.begin(now + 1, math.inf, None, now)
        try:
            await answer
        finally:
            patience.end(wait)
        return "answered"

    async def main() -> None:
        loop, patience = asyncio.get_running_loop(), Patience(asyncio.get_running_loop())
        answer = loop.create_future()
        task = asyncio.create_task(request(patience, answer))
        await asyncio.sleep(0)
        # Both in the same turn of the loop, the answer first, as after a second in which it could not run.
        loop.call_at(1_000.999, answer.set_result, None)
        loop.time = lambda: 1_002.0  # type: ignore[method-assign]
        assert await task == "answered"

    virtual_time.run(main())
