"""The limiter, in virtual time: what it allows, in which order, and that no request is forgotten."""

import asyncio
import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kombo_async.config import Limits
from kombo_async.engine.limiter import LONGEST_PAUSE, Limiter, Refusal, RetryDelay, Ticket
from kombo_async.engine.limiter.page_limit import PageLimit
from kombo_async.engine.response import Response

from ..support.for_each import for_each
from ..support.limited_servers import ACTIONS, RATE, Free, Slots, Window, an_operation, begin, call, ok, settle
from ..support.soak import rounds
from ..support.virtual_time import run

pytestmark = pytest.mark.usefixtures("timers")


KINDS = ["read", "action", "page", "long"]

steps = st.lists(
    st.tuples(
        st.sampled_from(["acquire", "acquire", "acquire", "respond", "refuse", "lose", "cancel", "wait"]),
        st.sampled_from(KINDS),
        st.integers(0, 40),
    ),
    max_size=80,
)


class Interleaving:
    """Tickets of all kinds at one limiter, each step of which is checked."""

    def __init__(self, max_in_flight: int, actions: int, pages: int) -> None:
        self.limiter = Limiter(Limits(max_in_flight=max_in_flight, actions_per_integration=actions))
        self.limiter._pages.limit = pages
        self.most = {"all": max_in_flight, "action": actions, "page": pages, "long": max(1, max_in_flight * 3 // 4)}
        self.in_flight: list[Ticket] = []
        self.waiting: dict[asyncio.Task[None], Ticket] = {}

    def start(self, ticket: Ticket) -> None:
        self.waiting[asyncio.create_task(self._acquire(ticket))] = ticket

    async def _acquire(self, ticket: Ticket) -> None:
        try:
            if not self.limiter.try_acquire(ticket, asyncio.get_running_loop().time()):
                await self.limiter.acquire(ticket)
        except asyncio.CancelledError:
            self.limiter.end(ticket)
            raise
        self.in_flight.append(ticket)

    def step(self, what: str, kind: str, number: int) -> None:
        if what == "acquire":
            ticket = self.limiter.ticket(an_operation(kind), "abc"[number % 3], number > 30)
            self.limiter.begin(ticket)
            self.start(ticket)
        elif what == "cancel" and self.waiting:
            list(self.waiting)[number % len(self.waiting)].cancel()
        elif self.in_flight and what in {"respond", "refuse", "lose"}:
            ticket = self.in_flight.pop(number % len(self.in_flight))
            if what == "lose":
                self.limiter.release(ticket)
                self.limiter.end(ticket)
                return
            response = ok(ratelimit_remaining=str(number % 7), ratelimit_reset="1", Concurrency_Limit="2")
            if what == "respond":
                self.limiter.release(ticket, response)
                self.limiter.end(ticket)
            else:
                code = ACTIONS if ticket.takes_slot and number % 2 else RATE
                delay = self.limiter.release(ticket, response, Refusal(code, 429, number / 20, 0.1))
                assert delay is not None
                assert delay.seconds >= number / 20
                self.start(ticket)

    async def check(self) -> None:
        """No limit is exceeded, and nothing waits that could go."""
        for _ in range(20):
            await asyncio.sleep(0)
            self.waiting = {task: ticket for task, ticket in self.waiting.items() if not task.done()}
            if self.limiter._rate_limit.in_flight == len(self.in_flight) and not self.could_go():
                break
        else:
            pytest.fail("a request waits that could go, or a permit is lost")
        assert len(self.in_flight) <= self.most["all"]
        for integration in "abc":
            actions = [each for each in self.in_flight if each.takes_slot and each.integration_id == integration]
            assert len(actions) <= self.most["action"]
        assert self.limiter._pages.in_flight <= self.most["page"]
        assert self.limiter._long_running[0].in_flight <= self.most["long"]

    def could_go(self) -> bool:
        now = asyncio.get_running_loop().time()
        return any(
            self.limiter._rate_limit.delay(now, ticket.interactive) <= 0.0
            and all(bulkhead.delay(now) <= 0.0 for bulkhead in ticket.bulkheads)
            for ticket in self.waiting.values()
        )


@settings(max_examples=rounds(60))
@given(steps, st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))
def test_no_limit_is_exceeded_and_every_request_is_sent(
    steps: list[tuple[str, str, int]], max_in_flight: int, actions: int, pages: int
) -> None:
    """Any interleaving of requests of all kinds, responses, refusals, losses, cancellations and time."""

    async def main() -> None:
        all_of_it = Interleaving(max_in_flight, actions, pages)
        for what, kind, number in steps:
            if what == "wait":
                await asyncio.sleep(number / 10)
            else:
                all_of_it.step(what, kind, number)
            await all_of_it.check()
        for _ in range(300):
            while all_of_it.in_flight:
                ticket = all_of_it.in_flight.pop()
                all_of_it.limiter.release(ticket, ok(ratelimit_remaining="50", ratelimit_reset="1"))
                all_of_it.limiter.end(ticket)
            await all_of_it.check()
            if not all_of_it.waiting and not all_of_it.in_flight:
                break
            await asyncio.sleep(1)
        assert not all_of_it.waiting
        # The end of every pause.
        await asyncio.sleep(LONGEST_PAUSE + 1)
        assert not all_of_it.limiter._concurrency_limits
        assert not all_of_it.limiter._queue._parking

    run(main())


def test_page_limit_follows_what_can_be_decoded() -> None:
    pages = PageLimit(100)
    pages.in_flight = 1_000
    assert pages.delay(0.0) == 0.0
    limits = list[float]()
    for waiting in [50, *[1] * 90, *[5] * 10, *[9] * 200, *[0] * 3]:
        pages.adapt(waiting)
        limits.append(pages.limit)
    assert limits[0] == 16
    assert limits[1:91] == [min(100, 17 + number) for number in range(90)]
    assert set(limits[91:101]) == {100}
    assert limits[101] == 97
    assert limits[300] == 8
    assert limits[301:] == [9, 10, 11]
    pages.in_flight = 10
    assert pages.delay(0.0) == 0.0
    pages.in_flight = 11
    assert pages.delay(0.0) == math.inf


def test_parked_page_is_admitted_behind_a_backlog_of_other_calls() -> None:
    async def main() -> None:
        limiter, loop = Limiter(Limits(requests_per_second=100)), asyncio.get_running_loop()
        limiter._pages.limit = 8
        in_flight = [begin(limiter, "a", page=True) for _ in range(8)]
        for ticket in in_flight:
            await limiter.acquire(ticket)
        pages = [asyncio.create_task(limiter.acquire(begin(limiter, "a", page=True))) for _ in range(9)]
        await settle()
        passed = 0

        async def others(name: str) -> None:
            nonlocal passed
            while True:
                ticket = begin(limiter, name)
                await limiter.acquire(ticket)
                passed += 1
                await asyncio.sleep(0.01)
                limiter.release(ticket)

        backlog = [asyncio.create_task(others(f"other {number}")) for number in range(10)]
        await asyncio.sleep(0.2)
        limiter._rate_limit.pause.ends_at = loop.time() + 0.1
        # Eight pages may go, and are cancelled before they can.
        for ticket in in_flight:
            limiter.release(ticket)
        for page in pages[:8]:
            page.cancel()
        await asyncio.sleep(2)
        assert passed > 100
        assert pages[8].done()
        for task in backlog:
            task.cancel()

    run(main())


def test_pages_have_no_limit_where_limits_are_off() -> None:
    async def main() -> None:
        limiter, loop = Limiter(Limits.off()), asyncio.get_running_loop()
        tickets = [begin(limiter, None, page=True) for _ in range(90)]
        for ticket in tickets:
            assert limiter.try_acquire(ticket, loop.time())
            limiter.page_arrived(ticket, 50)

    run(main())


def test_cancelled_parked_requests_are_removed() -> None:
    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=1, actions_per_integration=1))
        await limiter.acquire(begin(limiter, "one", action=True))
        for number in range(1_000):
            ticket = begin(limiter, f"tool:{number % 3}", action=True)
            task = asyncio.create_task(limiter.acquire(ticket))
            await settle()
            task.cancel()
            await settle()
            limiter.end(ticket)
        entries = sum(len(bulkhead.parked) for bulkhead in limiter._queue._parking) + len(limiter._queue._ready)
        assert entries < 200
        assert len(limiter._concurrency_limits) == 1

    run(main())


def order_of(entries: list[tuple[str, int]], limits: Limits, *, action: bool = False) -> list[tuple[str, int]]:
    """Admit calls one by one, and return the order in which they were admitted."""

    async def main() -> list[tuple[str, int]]:
        limiter = Limiter(limits)
        admitted: list[tuple[str, int]] = []

        async def one(entry: tuple[str, int]) -> None:
            ticket = begin(limiter, entry[0], action=action)
            await limiter.acquire(ticket)
            admitted.append(entry)
            await asyncio.sleep(1)
            limiter.release(ticket, ok())
            limiter.end(ticket)

        await asyncio.gather(*(one(entry) for entry in entries))
        return admitted

    return run(main())


@pytest.mark.parametrize("action", [False, True])
def test_requests_of_one_integration_are_admitted_first_in_first_out(action: bool) -> None:
    entries = [("one", number) for number in range(30)]
    assert order_of(entries, Limits(max_in_flight=1), action=action) == entries


def test_backlog_of_one_integration_does_not_starve_another() -> None:
    entries = [("busy", number) for number in range(1_000)] + [("quiet", number) for number in range(3)]
    admitted = order_of(entries, Limits(max_in_flight=1))
    places = [admitted.index(("quiet", number)) for number in range(3)]
    assert all(map(operator.le, places, [2, 4, 6]))


def test_retry_keeps_its_start_tag() -> None:
    async def main() -> list[int]:
        limiter = Limiter(Limits(max_in_flight=1))
        admitted: list[int] = []

        async def one(number: int) -> None:
            ticket = begin(limiter, "one", action=False)
            await limiter.acquire(ticket)
            await asyncio.sleep(0.01)
            if number == 0:
                delay = limiter.release(ticket, Response(429, {}, b""), Refusal(RATE, 429, 3.0, 1.0))
                assert delay == RetryDelay(3.0, queued=True)
                began = asyncio.get_running_loop().time()
                await limiter.acquire(ticket)
                assert asyncio.get_running_loop().time() >= began + 3.0
            admitted.append(number)
            limiter.release(ticket, ok())
            limiter.end(ticket)

        await asyncio.gather(*(one(number) for number in range(5)))
        return admitted

    assert run(main()) == [0, 1, 2, 3, 4]


def test_cancelled_request_leaves_the_queue_and_the_next_is_admitted() -> None:
    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=1))
        first, second, third = (begin(limiter, "one", action=True) for _ in range(3))
        await limiter.acquire(first)
        waits = [asyncio.create_task(limiter.acquire(ticket)) for ticket in (second, third)]
        await settle()
        waits[0].cancel()
        await settle()
        assert waits[0].cancelled()
        limiter.release(first, ok())
        await settle()
        assert waits[1].done()

    run(main())


def test_request_cancelled_when_it_is_admitted_returns_its_permit() -> None:
    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=1))
        first, second, third = (begin(limiter, None, action=False) for _ in range(3))
        await limiter.acquire(first)
        waits = [asyncio.create_task(limiter.acquire(ticket)) for ticket in (second, third)]
        await settle()
        limiter.release(first, ok())
        waits[0].cancel()
        await settle()
        assert waits[0].cancelled()
        assert waits[1].done()
        assert limiter._rate_limit.in_flight == 1

    run(main())


def test_limits_of_idle_integrations_are_removed() -> None:
    async def main() -> None:
        limiter = Limiter(Limits())
        server = Free()
        for number in range(2_000):
            await call(limiter, server, f"tool:{number}", action=True, latency=0.0)
        assert not limiter._concurrency_limits
        assert not any(order.finish_tags for order in limiter._queue._orders)

    run(main())


@pytest.mark.parametrize(
    "name", ["ratelimit-remaining", "ratelimit-reset", "Concurrency-Limit", "Concurrency-Remaining"]
)
@for_each("value", ["-1", "nan", "inf", "soon", "", "1e400", "36000"])
def test_invalid_headers_do_not_block_requests(name: str, value: str) -> None:
    headers = {
        "ratelimit-remaining": "0",
        "ratelimit-reset": "1",
        "Concurrency-Limit": "0",
        "Concurrency-Remaining": "0",
        name: value,
    }

    class Odd(Free):
        async def serve(self, now: float) -> Response:
            return Response(200, headers, b"")

    async def main() -> float:
        limiter, loop = Limiter(Limits()), asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(call(limiter, Odd(), "one", action=True, latency=0.01) for _ in range(4)))
        return loop.time() - began

    # The quota is 0: one request in each window, and no window counts as longer than two minutes.
    window = 120.0 if (name, value) == ("ratelimit-reset", "36000") else 1.0
    assert run(main()) <= 3 * window + 0.1


def test_slow_first_response_delays_others_only_briefly() -> None:
    async def main() -> float:
        limiter, loop, server = Limiter(Limits()), asyncio.get_running_loop(), Free(60.0)
        began = loop.time()
        entered: list[float] = []

        async def one() -> None:
            ticket = begin(limiter, "one", action=False)
            await limiter.acquire(ticket)
            entered.append(loop.time() - began)
            limiter.release(ticket, await server.serve(loop.time()))
            limiter.end(ticket)

        await asyncio.gather(*(one() for _ in range(64)))
        return max(entered)

    assert run(main()) <= 5.0


def test_limits_off_delay_only_requests_beyond_max_in_flight() -> None:
    async def main() -> float:
        limiter, loop = Limiter(Limits.off(max_in_flight=10)), asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(call(limiter, Slots(1_000), "one", action=True, latency=0.0) for _ in range(70)))
        return loop.time() - began

    # Seven actions at a time: the other three permits are for reads.
    assert run(main()) == pytest.approx(1.0, abs=0.01)


def test_requests_per_second_are_never_exceeded() -> None:
    async def main() -> float:
        limiter, loop = Limiter(Limits(requests_per_second=20)), asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(call(limiter, Free(), "one", action=False, latency=0.01) for _ in range(101)))
        return loop.time() - began

    assert run(main()) >= 100 / 20 - 0.1


def test_queue_works_with_timer_handles_that_have_no_when() -> None:
    # uvloop returns a plain Handle for a timer that is nearly due.
    async def main() -> int:
        loop = asyncio.get_running_loop()
        call_at = loop.call_at

        def nearly_due(when: float, callback: Callable[..., object], *arguments: Any, **more: Any) -> asyncio.Handle:
            timer = call_at(when, callback, *arguments, **more)
            return asyncio.Handle(lambda: None, (), loop) if when - loop.time() < 0.01 else timer

        loop.call_at = nearly_due  # type: ignore[method-assign,assignment]
        limiter, server = Limiter(Limits()), Window(1_000, 60)
        calls = (call(limiter, server, None, action=False, latency=0.002) for _ in range(50))
        return sum(await asyncio.gather(*calls))

    assert run(main()) == 50


def test_failure_between_queueing_and_waiting_leaves_no_entry() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        limiter, server = Limiter(Limits(requests_per_second=10)), Window(1_000, 60)
        await call(limiter, server, None, action=False, latency=0.002)
        call_at = loop.call_at

        def fails(*_: object, **__: object) -> asyncio.TimerHandle:
            raise MemoryError

        loop.call_at = fails  # type: ignore[method-assign]
        with pytest.raises(MemoryError):
            await limiter.acquire(begin(limiter, None))
        loop.call_at = call_at  # type: ignore[method-assign]
        for _ in range(3):
            await call(limiter, server, None, action=False, latency=0.002)

    run(main())
