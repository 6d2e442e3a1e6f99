"""The limiter, in virtual time: what it allows, and how close it comes to what servers allow."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from kombo_async.config import Limits
from kombo_async.engine.gate import Refusal, Turn
from kombo_async.engine.limits import Limiter
from kombo_async.engine.window import Window as PageWindow
from kombo_async.engine.wire import Answer

from ..support.virtual_time import precision, run

pytestmark = pytest.mark.usefixtures("timers")

RATE, ACTIONS = "PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"


class Window:
    """So many requests in each window of time, told in whole seconds."""

    def __init__(self, limit: int, seconds: float, *, rounds: Callable[[float], int] = math.ceil, begins: float = 0.0):
        self.limit, self.seconds, self.rounds = limit, seconds, rounds
        self.begins = begins
        self.start: float | None = None
        self.used = 0
        self.refused = 0

    async def serve(self, now: float) -> Answer:
        if self.start is None:
            self.start = now - self.begins
        elapsed = (now - self.start) // self.seconds
        if elapsed:
            self.start, self.used = self.start + elapsed * self.seconds, 0
        good = self.used < self.limit
        self.used += good
        self.refused += not good
        headers = {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.limit - self.used),
            "ratelimit-reset": str(self.rounds(self.start + self.seconds - now)),
        }
        return Answer(200 if good else 429, headers, b"")


class Bucket:
    """A bucket of tokens that fills at a rate."""

    def __init__(self, rate: float, burst: int, *, headers: bool = True, retry_after: float | None = None):
        self.rate, self.burst, self.headers, self.retry_after = rate, burst, headers, retry_after
        self.level = float(burst)
        self.at: float | None = None
        self.refused = 0

    async def serve(self, now: float) -> Answer:
        self.level = min(self.burst, self.level + (now - (self.at or now)) * self.rate)
        self.at = now
        good = self.level >= 1
        self.level -= good
        self.refused += not good
        headers = {}
        if self.headers:
            headers = {
                "ratelimit-limit": str(self.burst),
                "ratelimit-remaining": str(int(self.level)),
                "ratelimit-reset": str(math.ceil((self.burst - self.level) / self.rate)),
            }
        if not good and self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return Answer(200 if good else 429, headers, b"")


class Slots:
    """So many actions at once, each of which takes a while."""

    def __init__(self, size: int, seconds: float = 0.1):
        self.size, self.seconds = size, seconds
        self.running = 0
        self.refused = 0

    async def serve(self, now: float) -> Answer:
        if self.running >= self.size:
            self.refused += 1
            return Answer(429, {"Concurrency-Limit": str(self.size), "Concurrency-Remaining": "0"}, b"")
        self.running += 1
        try:
            await asyncio.sleep(self.seconds)
            headers = {"Concurrency-Limit": str(self.size), "Concurrency-Remaining": str(self.size - self.running)}
        finally:
            self.running -= 1
        return Answer(200, headers | {"ratelimit-remaining": "9000", "ratelimit-reset": "30"}, b"")


def begin(limiter: Limiter, integration_id: str | None, *, action: bool = False, page: bool = False) -> Turn:
    turn = limiter.turn(integration_id, action=action, page=page)
    limiter.begin(turn)
    return turn


async def call(limiter: Limiter, server: Any, integration_id: str | None, *, action: bool, latency: float) -> int:
    """One call with its retries, as the engine makes it; returns how often it was sent."""
    turn = begin(limiter, integration_id, action=action)
    loop = asyncio.get_running_loop()
    sent = 0
    try:
        while True:
            await limiter.enter(turn)
            sent += 1
            await asyncio.sleep(latency / 2)
            answer = await server.serve(loop.time())
            await asyncio.sleep(latency / 2)
            limiter.leave(turn, answer)
            if answer.status == 200:
                return sent
            told = answer.headers.get("Retry-After") or (not action and answer.headers.get("ratelimit-reset")) or None
            before = loop.time()
            refusal = Refusal(ACTIONS if action else RATE, 429)
            hold = limiter.refused(turn, refusal, None if told is None else float(told), 0.5)
            assert hold.wait >= float(told or 0)
            if not hold.in_queue:
                await asyncio.sleep(hold.wait)
                assert loop.time() >= before + hold.wait - precision()
    finally:
        limiter.end(turn)


@define
class Scenario:
    server: Callable[[], Any]
    calls: int
    optimum: float
    slower: float
    refused: float
    action: bool = False
    clients: int = 1
    latency: float = 0.002


SCENARIOS = {
    "window": Scenario(lambda: Window(60, 2), 300, 8.0, 1.15, 0.01),
    "window of a minute": Scenario(lambda: Window(300, 60), 1_500, 240.0, 1.15, 0.01),
    "window that rounds down": Scenario(lambda: Window(60, 2, rounds=int), 300, 8.0, 1.15, 0.01),
    "in the middle of a window": Scenario(lambda: Window(60, 2, begins=0.7), 300, 7.3, 1.15, 0.01),
    "window far away": Scenario(lambda: Window(60, 2), 300, 8.0, 1.3, 0.01, latency=0.15),
    "bucket": Scenario(lambda: Bucket(200, 200), 2_000, 9.0, 1.15, 0.01),
    "small bucket": Scenario(lambda: Bucket(50, 10), 500, 9.8, 1.15, 0.01),
    "bucket that only refuses": Scenario(
        lambda: Bucket(50, 10, headers=False, retry_after=1), 500, 9.8, 1.6, (10 + 0.02 * 500) / 500
    ),
    "slots": Scenario(lambda: Slots(30), 500, 1.7, 1.15, 0.0, action=True),
    "few slots": Scenario(lambda: Slots(5), 100, 2.0, 1.15, 0.0, action=True),
    "shared slots": Scenario(lambda: Slots(30), 300, 3.0, 1.8, 0.10, action=True, clients=3),
    "shared window": Scenario(lambda: Window(60, 2), 100, 8.0, 1.6, 0.15, clients=3),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_close_to_the_optimum_and_hardly_refused(name: str) -> None:
    scenario = SCENARIOS[name]
    server = scenario.server()

    async def main() -> float:
        loop = asyncio.get_running_loop()
        limiters = [Limiter(Limits()) for _ in range(scenario.clients)]
        began = loop.time()
        await asyncio.gather(
            *(
                call(limiter, server, "one", action=scenario.action, latency=scenario.latency * (1 + number / 10))
                for number, limiter in enumerate(limiters)
                for _ in range(scenario.calls)
            )
        )
        assert not any(limiter._slots for limiter in limiters)
        return loop.time() - began

    took = run(main())
    assert took / scenario.optimum <= scenario.slower
    assert server.refused / (scenario.calls * scenario.clients) <= scenario.refused


class Free:
    """No limits, no headers."""

    def __init__(self, seconds: float = 0.0):
        self.seconds = seconds
        self.order: list[Any] = []

    async def serve(self, now: float) -> Answer:
        await asyncio.sleep(self.seconds)
        return Answer(200, {}, b"")


def ok(**headers: str) -> Answer:
    return Answer(200, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


steps = st.lists(
    st.tuples(
        st.sampled_from(["enter", "enter", "enter", "answer", "refuse", "lose", "cancel", "wait"]),
        st.integers(0, 2),
        st.booleans(),
        st.integers(0, 40),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(steps, st.integers(1, 6), st.integers(1, 3))
def test_never_above_the_limits_and_nobody_is_forgotten(
    steps: list[tuple[str, int, bool, int]], max_in_flight: int, actions: int
) -> None:
    """Any interleaving of entering, answers, refusals, losses, cancellations and time."""

    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=max_in_flight, actions_per_integration=actions))
        inside: list[Turn] = []
        waiting: dict[asyncio.Task[None], Turn] = {}

        async def enter(turn: Turn) -> None:
            try:
                await limiter.enter(turn)
            except asyncio.CancelledError:
                limiter.end(turn)
                raise
            inside.append(turn)

        def check() -> None:
            for task in [task for task in waiting if task.done()]:
                del waiting[task]
            assert len(inside) <= max_in_flight
            for integration in "abc":
                held = [turn for turn in inside if turn.takes_slot and turn.integration_id == integration]
                assert len(held) <= actions

        for what, which, action, number in steps:
            if what == "enter":
                turn = begin(limiter, "abc"[which], action=action)
                waiting[asyncio.create_task(enter(turn))] = turn
            elif what == "wait":
                await asyncio.sleep(number / 10)
            elif what == "cancel" and waiting:
                task = list(waiting)[number % len(waiting)]
                task.cancel()
            elif inside and what in {"answer", "refuse", "lose"}:
                turn = inside.pop(number % len(inside))
                if what == "lose":
                    limiter.leave(turn, None)
                    limiter.end(turn)
                else:
                    left = str(number % 7)
                    answer = ok(ratelimit_remaining=left, ratelimit_reset="1", Concurrency_Limit="2")
                    limiter.leave(turn, answer if what == "answer" else Answer(429, answer.headers, b""))
                    if what == "answer":
                        limiter.end(turn)
                    else:
                        hold = limiter.refused(turn, Refusal(ACTIONS if action else RATE, 429), number / 20, 0.1)
                        assert hold.wait >= number / 20 or not hold.in_queue
                        waiting[asyncio.create_task(enter(turn))] = turn
            await settle()
            check()
        # Whoever is left gets through, once those inside are answered.
        for _ in range(200):
            while inside:
                turn = inside.pop()
                limiter.leave(turn, ok(ratelimit_remaining="50", ratelimit_reset="1"))
                limiter.end(turn)
            await settle()
            check()
            if not waiting and not inside:
                break
            await asyncio.sleep(1)
        assert not waiting
        assert not limiter._slots
        assert limiter._budget.inside == 0

    run(main())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["page", "call", "came", "lost", "decoded", "cancel"]), st.integers(0, 20)),
        max_size=80,
    )
)
def test_pages_never_exceed_their_window_and_nobody_is_forgotten(steps: list[tuple[str, int]]) -> None:
    """Any interleaving of pages and other calls, of which the others never wait for the window."""

    async def main() -> None:
        limiter = Limiter(Limits())
        warm = begin(limiter, None, action=False)
        await limiter.enter(warm)
        limiter.leave(warm, ok(ratelimit_remaining="900000000", ratelimit_reset="60"))
        window = limiter._budget.pages
        inside, calls, undecoded = list[Turn](), list[Turn](), list[Turn]()
        waiting = dict[asyncio.Task[None], Turn]()

        async def enter(turn: Turn) -> None:
            if not limiter.enter_now(turn, asyncio.get_running_loop().time()):
                await limiter.enter(turn)
            (inside if turn.is_page else calls).append(turn)

        def check() -> None:
            for task in [task for task in waiting if task.done()]:
                del waiting[task]
            assert window.inside == len(inside) + len(undecoded)
            assert window.inside <= max(window.limit, most_inside)

        most_inside = 0
        for what, number in [("page", 0), ("came", 0), *[("page", 0)] * 30, *steps]:
            if what in {"page", "call"}:
                turn = begin(limiter, "abc"[number % 3], action=False, page=what == "page")
                waiting[asyncio.create_task(enter(turn))] = turn
            elif what == "came" and inside:
                turn = inside.pop(number % len(inside))
                limiter.leave(turn, ok(ratelimit_remaining="900000000", ratelimit_reset="60"))
                limiter.came(turn, number)
                undecoded.append(turn)
            elif what == "lost" and inside:
                limiter.leave(inside.pop(number % len(inside)), None)
            elif what == "decoded" and undecoded:
                limiter.decoded(undecoded.pop(number % len(undecoded)))
            elif what == "cancel" and waiting:
                list(waiting)[number % len(waiting)].cancel()
            await asyncio.sleep(0.1)
            check()
            assert not any(not turn.is_page for turn in waiting.values())
            # The window may have shrunk since.
            most_inside = window.inside
        while waiting or inside or undecoded:
            for turn in inside + undecoded:
                if turn in inside:
                    limiter.leave(turn, ok())
                limiter.decoded(turn)
            inside.clear()
            undecoded.clear()
            await asyncio.sleep(0.1)
            check()
        assert window.inside == 0

    run(main())


def test_the_window_follows_what_can_be_read() -> None:
    window = PageWindow(100)
    window.inside = 1_000
    assert not window.is_full()
    sizes = list[float]()
    for waiting in [50, *[1] * 90, *[5] * 10, *[9] * 200, *[0] * 3]:
        window.came(waiting)
        sizes.append(window.limit)
    assert sizes[0] == 16
    assert sizes[1:91] == [min(100, 17 + number) for number in range(90)]
    assert set(sizes[91:101]) == {100}
    assert sizes[101] == 97
    assert sizes[300] == 8
    assert sizes[301:] == [9, 10, 11]
    window.inside = 10
    assert not window.is_full()
    window.inside = 11
    assert window.is_full()


def test_a_page_that_gives_up_on_the_way_back_lets_the_next_one_go() -> None:
    async def main() -> None:
        limiter, loop = Limiter(Limits(requests_per_second=1)), asyncio.get_running_loop()
        limiter._budget.pages.limit = 1
        first, second, third = (begin(limiter, None, action=False, page=True) for _ in range(3))
        assert limiter.enter_now(first, loop.time())
        waiting = [asyncio.create_task(limiter.enter(turn)) for turn in (second, third)]
        await asyncio.sleep(5)
        limiter.leave(first, ok(ratelimit_remaining="900", ratelimit_reset="60"))
        # Something else goes, so that the second page has room in the window and has to wait for its time.
        assert limiter.enter_now(begin(limiter, None, action=False), loop.time())
        limiter.decoded(first)
        await settle()
        waiting[0].cancel()
        await asyncio.sleep(5)
        assert waiting[1].done()

    run(main())


def test_a_page_is_not_forgotten_behind_a_backlog_of_other_calls() -> None:
    async def main() -> None:
        limiter, loop = Limiter(Limits(requests_per_second=100)), asyncio.get_running_loop()
        limiter._budget.pages.limit = 8
        inside = [begin(limiter, "a", action=False, page=True) for _ in range(8)]
        for turn in inside:
            await limiter.enter(turn)
        pages = [asyncio.create_task(limiter.enter(begin(limiter, "a", action=False, page=True))) for _ in range(9)]
        await settle()
        passed = 0

        async def others(name: str) -> None:
            nonlocal passed
            while True:
                turn = begin(limiter, name, action=False)
                await limiter.enter(turn)
                passed += 1
                await asyncio.sleep(0.01)
                limiter.leave(turn, None)

        backlog = [asyncio.create_task(others(f"other {number}")) for number in range(10)]
        await asyncio.sleep(0.2)
        limiter._budget._open_at = loop.time() + 0.1
        # Eight places become free, and those whom they are given to give up before they can go.
        for turn in inside:
            limiter.leave(turn, None)
        for page in pages[:8]:
            page.cancel()
        await asyncio.sleep(2)
        assert passed > 100
        assert pages[8].done()
        for task in backlog:
            task.cancel()

    run(main())


def test_who_switched_the_limits_off_has_no_window() -> None:
    async def main() -> None:
        limiter, loop = Limiter(Limits.off()), asyncio.get_running_loop()
        turns = [begin(limiter, None, action=False, page=True) for _ in range(90)]
        for turn in turns:
            assert limiter.enter_now(turn, loop.time())
            limiter.came(turn, 50)

    run(main())


def order_of(entries: list[tuple[str, int]], limits: Limits, *, action: bool = False) -> list[tuple[str, int]]:
    """Let calls in one by one, and return the order they came through in."""

    async def main() -> list[tuple[str, int]]:
        limiter = Limiter(limits)
        through: list[tuple[str, int]] = []

        async def one(entry: tuple[str, int]) -> None:
            turn = begin(limiter, entry[0], action=action)
            await limiter.enter(turn)
            through.append(entry)
            await asyncio.sleep(1)
            limiter.leave(turn, ok())
            limiter.end(turn)

        await asyncio.gather(*(one(entry) for entry in entries))
        return through

    return run(main())


@pytest.mark.parametrize("action", [False, True])
def test_first_come_first_served_within_an_integration(action: bool) -> None:
    entries = [("one", number) for number in range(30)]
    assert order_of(entries, Limits(max_in_flight=1), action=action) == entries


def test_a_backlog_of_one_integration_does_not_starve_another() -> None:
    entries = [("busy", number) for number in range(1_000)] + [("quiet", number) for number in range(3)]
    through = order_of(entries, Limits(max_in_flight=1))
    assert [through.index(("quiet", number)) for number in range(3)] <= [2, 4, 6]


def test_a_retry_keeps_its_place() -> None:
    async def main() -> list[int]:
        limiter = Limiter(Limits(max_in_flight=1))
        through: list[int] = []

        async def one(number: int) -> None:
            turn = begin(limiter, "one", action=False)
            await limiter.enter(turn)
            await asyncio.sleep(0.01)
            if number == 0:
                limiter.leave(turn, Answer(429, {}, b""))
                assert limiter.refused(turn, Refusal(RATE, 429), 3.0, 1.0) == (3.0, True)
                began = asyncio.get_running_loop().time()
                await limiter.enter(turn)
                assert asyncio.get_running_loop().time() >= began + 3.0
            through.append(number)
            limiter.leave(turn, ok())
            limiter.end(turn)

        await asyncio.gather(*(one(number) for number in range(5)))
        return through

    assert run(main()) == [0, 1, 2, 3, 4]


def test_a_cancelled_waiter_leaves_at_once_and_the_next_takes_its_place() -> None:
    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=1))
        first, second, third = (begin(limiter, "one", action=True) for _ in range(3))
        await limiter.enter(first)
        waits = [asyncio.create_task(limiter.enter(turn)) for turn in (second, third)]
        await settle()
        waits[0].cancel()
        await settle()
        assert waits[0].cancelled()
        limiter.leave(first, ok())
        await settle()
        assert waits[1].done()

    run(main())


def test_a_waiter_cancelled_in_the_moment_it_was_let_in_gives_its_place_back() -> None:
    async def main() -> None:
        limiter = Limiter(Limits(max_in_flight=1))
        first, second, third = (begin(limiter, None, action=False) for _ in range(3))
        await limiter.enter(first)
        waits = [asyncio.create_task(limiter.enter(turn)) for turn in (second, third)]
        await settle()
        limiter.leave(first, ok())
        waits[0].cancel()
        await settle()
        assert waits[0].cancelled()
        assert waits[1].done()
        assert limiter._budget.inside == 1

    run(main())


def test_idle_integrations_are_forgotten() -> None:
    async def main() -> None:
        limiter = Limiter(Limits())
        server = Free()
        for number in range(2_000):
            await call(limiter, server, f"tool:{number}", action=True, latency=0.0)
        assert not limiter._slots
        assert not limiter._budget._last_shares

    run(main())


@pytest.mark.parametrize("value", ["-1", "nan", "inf", "soon", "", "1e400", "36000"])
@pytest.mark.parametrize(
    "name", ["ratelimit-remaining", "ratelimit-reset", "Concurrency-Limit", "Concurrency-Remaining"]
)
def test_odd_headers_freeze_nothing(name: str, value: str) -> None:
    headers = {
        "ratelimit-remaining": "0",
        "ratelimit-reset": "1",
        "Concurrency-Limit": "0",
        "Concurrency-Remaining": "0",
        name: value,
    }

    class Odd(Free):
        async def serve(self, now: float) -> Answer:
            return Answer(200, headers, b"")

    async def main() -> float:
        limiter, loop = Limiter(Limits()), asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(call(limiter, Odd(), "one", action=True, latency=0.01) for _ in range(4)))
        return loop.time() - began

    assert run(main()) <= 4 * 125


def test_a_long_action_and_a_silent_start_hold_nobody_back_for_long() -> None:
    async def main() -> float:
        limiter, loop, server = Limiter(Limits()), asyncio.get_running_loop(), Free(60.0)
        began = loop.time()
        entered: list[float] = []

        async def one() -> None:
            turn = begin(limiter, "one", action=False)
            await limiter.enter(turn)
            entered.append(loop.time() - began)
            limiter.leave(turn, await server.serve(loop.time()))
            limiter.end(turn)

        await asyncio.gather(*(one() for _ in range(64)))
        return max(entered)

    assert run(main()) <= 5.0


def test_off_holds_back_only_what_exceeds_max_in_flight() -> None:
    async def main() -> float:
        limiter, loop = Limiter(Limits.off(max_in_flight=10)), asyncio.get_running_loop()
        began = loop.time()
        await asyncio.gather(*(call(limiter, Slots(1_000), "one", action=True, latency=0.0) for _ in range(70)))
        return loop.time() - began

    # Seven actions at a time: the other three permits are for reads.
    assert run(main()) == pytest.approx(1.0, abs=0.01)


def test_a_fixed_pace_is_never_exceeded() -> None:
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


def test_failure_between_queueing_and_waiting_leaves_nothing_in_the_queue() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        limiter, server = Limiter(Limits(requests_per_second=10)), Window(1_000, 60)
        await call(limiter, server, None, action=False, latency=0.002)
        call_at = loop.call_at

        def fails(*_: object, **__: object) -> asyncio.TimerHandle:
            raise MemoryError

        loop.call_at = fails  # type: ignore[method-assign]
        with pytest.raises(MemoryError):
            await limiter.enter(limiter.turn(None, action=False))
        loop.call_at = call_at  # type: ignore[method-assign]
        for _ in range(3):
            await call(limiter, server, None, action=False, latency=0.002)

    run(main())
