"""Interactive calls beside bulk work, and how long calls wait in the queue: the limiter in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field

from kombo_async.config import Limits
from kombo_async.engine.limiter import Limiter, QueueTimeout, Ticket

from ..support.limited_servers import Bucket, Free, Window, begin, ok, settle
from ..support.virtual_time import run

pytestmark = pytest.mark.usefixtures("timers")

LATENCY = 0.02
SYNCS = 40


@define
class Load:
    """What was sent to a server, and how long the interactive calls waited."""

    bulk: int = 0
    interactive: int = 0
    waits: list[float] = field(factory=list)


async def send(limiter: Limiter, server: Any, integration_id: str, *, interactive: bool, action: bool = False) -> float:
    """Make one call; return the seconds it waited."""
    loop = asyncio.get_running_loop()
    ticket = begin(limiter, integration_id, action=action, interactive=interactive)
    began = loop.time()
    try:
        if not limiter.try_acquire(ticket, began):
            await limiter.acquire(ticket)
        waited = loop.time() - began
        await asyncio.sleep(LATENCY / 2)
        answer = await server.serve(loop.time())
        await asyncio.sleep(LATENCY / 2)
        assert answer.status == 200
        limiter.release(ticket, answer)
        return waited
    finally:
        limiter.end(ticket)


async def under_load(
    server: Any,
    seconds: float,
    *,
    limits: Limits = Limits(),
    syncs: int = SYNCS,
    every: float | None = None,
    flood: int = 0,
    begins_after: float = 0.0,
) -> Load:
    """Let syncs send as fast as they can, beside an interactive call every *every* seconds, or a *flood* of them.

    The interactive calls begin before the syncs, or *begins_after* seconds after them.
    """
    loop, load, limiter = asyncio.get_running_loop(), Load(), Limiter(limits)

    async def sync(number: int) -> None:
        while True:
            await send(limiter, server, f"sync:{number}", interactive=False)
            load.bulk += 1

    async def person(number: int) -> None:
        while True:
            load.waits.append(await send(limiter, server, f"web:{number}", interactive=True))
            load.interactive += 1

    async def people(pause: float) -> None:
        chance = random.Random(7)
        await asyncio.sleep(begins_after)
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(at := chance.random() * pause)
                group.create_task(one())
                await asyncio.sleep(pause - at)

    async def one() -> None:
        load.waits.append(await send(limiter, server, "web", interactive=True))
        load.interactive += 1

    ends_at = loop.time() + seconds
    if not begins_after and (every is not None or flood):
        await one()
        load.waits.clear()
    tasks = [asyncio.ensure_future(sync(number)) for number in range(syncs)]
    tasks += [asyncio.ensure_future(person(number)) for number in range(flood)]
    if every is not None:
        tasks.append(asyncio.ensure_future(people(every)))
    done, _ = await asyncio.wait(tasks, timeout=ends_at - loop.time())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not done
    return load


@pytest.mark.parametrize(("limit", "seconds", "windows"), [(60, 1.0, 30), (300, 10.0, 6)])
def test_interactive_calls_below_a_tenth_of_the_window_do_not_wait(limit: int, seconds: float, windows: int) -> None:
    # The bulk of a window is sent at its start: the run ends just before the next one.
    length = windows * seconds - 0.05
    alone, beside = Window(limit, seconds), Window(limit, seconds)
    without = run(under_load(alone, length))
    load = run(under_load(beside, length, every=seconds / (0.8 * limit / 10)))
    assert load.interactive > 0.7 * limit / 10 * windows
    assert sorted(load.waits)[int(0.99 * len(load.waits))] <= 0.25
    assert load.bulk >= 0.88 * without.bulk
    assert alone.refused == beside.refused == 0


def test_interactive_calls_that_wait_for_a_window_do_not_delay_those_that_begin_in_it() -> None:
    # The first window is full of bulk requests by then, and 12 interactive calls wait for the second one.
    load = run(under_load(Window(300, 10.0), 60.0, every=10 / 24, begins_after=5.0))
    assert len(load.waits) > 120
    assert [wait > 0.25 for wait in load.waits] == [True] * 12 + [False] * (len(load.waits) - 12)


@pytest.mark.parametrize("server", [lambda: Window(300, 10.0), lambda: Bucket(50, 100)], ids=["window", "bucket"])
def test_many_interactive_calls_do_not_starve_bulk_work(server: Callable[[], Any]) -> None:
    load = run(under_load(server(), 99.9, flood=40))
    assert 0.07 <= load.bulk / (load.bulk + load.interactive) <= 0.2


def test_room_for_interactive_calls_is_kept_for_a_minute_after_the_last_one() -> None:
    async def main() -> list[int]:
        limiter, server = Limiter(Limits()), Window(100, 10.0)
        await send(limiter, server, "web", interactive=True)
        counts: list[int] = []
        for _ in range(9):
            # More calls than a window allows. Those that still wait are cancelled before the next window begins.
            bulk = [asyncio.ensure_future(send(limiter, server, f"{n}", interactive=False)) for n in range(150)]
            done, waiting = await asyncio.wait(bulk, timeout=9.0)
            counts.append(len(done))
            for task in waiting:
                task.cancel()
            await asyncio.wait(bulk)
            await asyncio.sleep(1.0)
        assert server.refused == 0
        return counts

    counts = run(main())
    assert counts[:6] == [90] * 6
    assert counts[-1] == 100


def test_a_tenth_of_max_in_flight_is_kept_for_interactive_calls() -> None:
    async def main() -> list[tuple[int, int]]:
        limiter = Limiter(Limits(max_in_flight=20, learn=False))
        bulk = [begin(limiter, f"{n}", action=False) for n in range(30)]
        # The first of them are sent, and others wait, before there is an interactive call.
        tasks = [asyncio.ensure_future(acquire(limiter, ticket)) for ticket in bulk]
        await settle()
        people = [begin(limiter, "web", action=False, interactive=True) for _ in range(3)]
        waits = [asyncio.ensure_future(acquire(limiter, ticket)) for ticket in people]
        admitted: list[tuple[int, int]] = []
        for ended in ([], bulk[:5], people):
            for ticket in ended:
                limiter.release(ticket, ok())
            await settle()
            admitted.append((sum(task.done() for task in tasks), sum(task.done() for task in waits)))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return admitted

    # Interactive calls get the first permits. Afterwards bulk calls take 18 of the 20, of which five have ended.
    assert run(main()) == [(20, 0), (22, 3), (23, 3)]


async def acquire(limiter: Limiter, ticket: Ticket) -> None:
    if not limiter.try_acquire(ticket, asyncio.get_running_loop().time()):
        await limiter.acquire(ticket)


@pytest.mark.parametrize("action", [False, True])
def test_interactive_calls_go_before_waiting_bulk_calls(action: bool) -> None:
    async def main() -> list[str]:
        limiter, order = Limiter(Limits(max_in_flight=1)), list[str]()

        async def one(name: str, integration_id: str) -> None:
            await send(limiter, Free(), integration_id, interactive=name.startswith("web"), action=action)
            order.append(name)

        calls = [one(f"bulk {n}", "a") for n in range(3)]
        calls += [one(f"web a{n}", "a") for n in range(4)] + [one(f"web b{n}", "b") for n in range(2)]
        await asyncio.gather(*calls)
        return order

    # Among each other, integrations take turns.
    people = ["web a0", "web b0", "web a1", "web b1", "web a2", "web a3"]
    assert run(main()) == ["bulk 0", *people, "bulk 1", "bulk 2"]


@pytest.mark.parametrize("action", [False, True])
def test_call_leaves_the_queue_after_timeouts_queue(action: bool) -> None:
    async def main() -> float:
        loop, limiter = asyncio.get_running_loop(), Limiter(Limits(max_in_flight=1))
        first, second, third = (begin(limiter, "a", action=action) for _ in range(3))
        await acquire(limiter, first)
        began = loop.time()
        second.gives_up_at = began + 2.5
        waits = [asyncio.ensure_future(acquire(limiter, ticket)) for ticket in (second, third)]
        with pytest.raises(QueueTimeout):
            await waits[0]
        waited = loop.time() - began
        # It is not in the way of the one behind it.
        limiter.release(first, ok())
        await settle()
        assert waits[1].done()
        limiter.release(third, ok())
        for ticket in (first, second, third):
            limiter.end(ticket)
        assert limiter._rate_limit.in_flight == 0
        return waited

    assert run(main()) == pytest.approx(2.5, abs=0.01)
