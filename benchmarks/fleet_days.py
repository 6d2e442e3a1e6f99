"""Bad days of a fleet: records change and webhooks arrive while a worker is killed or stopped, PostgreSQL is restarted,
or the network to it is cut. Nothing may be lost or written twice, and all has to be fresh soon."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import aiohttp
import psycopg
from attrs import frozen

from kombo_async import KomboClient
from kombo_async.fleet import Fleet
from kombo_async.mirror import Mirror
from kombo_async.mirror.database import LEASE_SECONDS
from kombo_async.models.webhooks import Event
from kombo_async.webhooks import parse
from tests.support.tcp_proxy import TcpProxy

from .fleet_processes import PostgreSQL, Processes, Row, execute, value, workers
from .runner import server

MODEL = "hris_locations"
STORM = 10.0
"""Seconds in which the webhooks arrive."""
STOPPED = 20.0
"""Seconds for which a worker is stopped."""
CUT = 10.0
"""Seconds for which the network is cut."""
LATEST = LEASE_SECONDS + 5.0
"""Seconds from a change until it is in the mirror, at most: the killed work was redone by then."""

# Each change of a record, with the number of the lease under which it was written.
_WATCH = (
    "CREATE TABLE kombo.effects (number bigserial, key text, fence bigint, old jsonb, new jsonb)",
    (
        "CREATE FUNCTION kombo.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO kombo.effects (key, fence, old, new) SELECT NEW.integration_id || ' ' || NEW.id, fence, "
        "CASE WHEN TG_OP = 'UPDATE' THEN OLD.data END, NEW.data FROM kombo.mirror_leases "
        f"WHERE integration_id = NEW.integration_id AND model = '{MODEL}'; RETURN NEW; END $$"
    ),
    f"CREATE TRIGGER note AFTER INSERT OR UPDATE ON kombo.{MODEL}_records FOR EACH ROW EXECUTE FUNCTION kombo.note()",
)
# A change that was written twice, one that does not follow from the one before, and one under an older lease.
_WRONG = (
    "SELECT count(*) FROM (SELECT old, new, fence, lag(new) OVER w AS before, lag(fence) OVER w AS fence_before "
    "FROM kombo.effects WINDOW w AS (PARTITION BY key ORDER BY number)) AS each WHERE old IS NOT DISTINCT FROM new "
    "OR old IS DISTINCT FROM before OR fence < fence_before"
)


@frozen(kw_only=True)
class Day:
    """What happens in the middle, and what is asked for."""

    name: str
    p95: float
    """Seconds from a change until it is in the mirror."""
    alive: int = 2
    """Workers that are alive in the end."""


DAYS = {
    "SIGKILL": Day(name="SIGKILL of one of two workers", p95=5.0, alive=1),
    "SIGSTOP": Day(name=f"SIGSTOP of one for {STOPPED:.0f} s", p95=5.0),
    "restart": Day(name="PostgreSQL restarted", p95=5.0),
    "network": Day(name=f"network to PostgreSQL cut for {CUT:.0f} s", p95=CUT + 5.0),
}


class World:
    """A source, its mirror, and workers; and which changes are not in the mirror yet."""

    def __init__(self, ids: list[str], source: aiohttp.ClientSession, base_url: str, fleet: Fleet, url: str) -> None:
        self.ids, self.fleet, self.url = ids, fleet, url
        self._source, self._base_url = source, base_url
        self.latencies: list[float] = []
        self._changed: dict[str, dict[int, float]] = {each: {} for each in ids}
        self._numbers = iter(range(1_000_000_000))

    @property
    def missing(self) -> int:
        """How many changes are not in the mirror yet."""
        return sum(map(len, self._changed.values()))

    async def change(self, integration_id: str) -> None:
        """Change a record, and deliver the webhook until it is taken, as Kombo does."""
        number = next(self._numbers)
        self._changed[integration_id][number] = time.monotonic()
        await self.ask(f"change/{integration_id}/{number}")
        event = self.event(integration_id, f"event-{number}")
        while True:
            try:
                await self.fleet.handle_event(event)
            except Exception:  # noqa: BLE001 - Kombo gets an error
                await asyncio.sleep(0.5)
            else:
                return

    async def ask(self, path: str) -> Any:
        """Change something at the source, or learn what it was asked for."""
        async with self._source.get(f"{self._base_url}/{path}") as response:
            return (await response.json())["data"]

    @staticmethod
    def event(integration_id: str, event_id: str) -> Event:
        """Return the event that says that the model has changed."""
        data = {
            "integration_id": integration_id,
            "integration_tool": "personio",
            "integration_category": "HRIS",
            "changed_models": [{"name": MODEL}],
        }
        return parse(json.dumps({"id": event_id, "type": "data-changed", "data": data}).encode())

    async def storm(self, webhooks: int, seconds: float, in_the_middle: Callable[[], None] | None = None) -> None:
        """Change records one after another, over these seconds."""
        began, sending = time.monotonic(), set[asyncio.Task[None]]()
        for number in range(webhooks):
            await asyncio.sleep(max(0.0, began + seconds * number / webhooks - time.monotonic()))
            if number == webhooks // 2 and in_the_middle is not None:
                in_the_middle()
            sending.add(asyncio.create_task(self.change(self.ids[number % len(self.ids)])))
        await asyncio.gather(*sending)

    async def watch(self) -> None:
        """Note which changes are in the mirror, until it is cancelled."""
        query = f"SELECT integration_id, data ->> 'name' FROM kombo.{MODEL}_records WHERE id = 'office'".encode()
        while True:
            with suppress(psycopg.OperationalError):
                async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
                    while True:
                        cursor = await connection.execute(query)
                        for integration_id, name in await cursor.fetchall():
                            self._stored(integration_id, int(name.split()[1]))
                        await asyncio.sleep(0.25)
            await asyncio.sleep(0.1)

    def _stored(self, integration_id: str, number: int) -> None:
        changed, now = self._changed[integration_id], time.monotonic()
        # The last of several changes is all there is to see.
        for each in [each for each in changed if each <= number]:
            self.latencies.append(now - changed.pop(each))

    async def settled(self, seconds: float) -> None:
        """Wait until all changes are in the mirror."""
        deadline = time.monotonic() + seconds
        while self.missing and time.monotonic() < deadline:  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.1)


@asynccontextmanager
async def world(
    postgres: PostgreSQL, name: str, integrations: int, *, cut: bool = False
) -> AsyncIterator[tuple[World, Processes, TcpProxy | None]]:
    """A fleet that has read all integrations once; with *cut*, its workers reach PostgreSQL through a proxy."""
    url = postgres.database(name)
    async with AsyncExitStack() as stack:
        base_url = stack.enter_context(server("benchmarks.fleet_source"))
        ids = [f"personio:{number}" for number in range(integrations)]
        async with KomboClient("key", base_url=base_url) as client, Mirror(url, client) as mirror:
            for each in ids:
                await mirror.add(each, [MODEL])
        execute(url, *_WATCH)
        proxy = stack.enter_context(TcpProxy(url)) if cut else None
        processes = stack.enter_context(workers(proxy.url if proxy else url, base_url))
        async with Fleet(url) as watched:
            while (await watched.status()).never_refreshed:  # noqa: ASYNC110 - the database sets no event
                await asyncio.sleep(0.2)
        # Only now is the queue there for sure: until then, all would be left to the planner.
        fleet = await stack.enter_async_context(Fleet(url))
        source = await stack.enter_async_context(aiohttp.ClientSession())
        found = World(ids, source, base_url, fleet, url)
        watching = asyncio.create_task(found.watch())
        try:
            yield found, processes, proxy
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def bad_day(postgres: PostgreSQL, what: str, integrations: int, webhooks: int) -> Row:
    """Let *what* happen in the middle of a storm of webhooks."""
    day = DAYS[what]
    async with world(postgres, f"day_{what.lower()}", integrations, cut=what == "network") as (found, processes, proxy):
        over = asyncio.Event()

        def end(action: Callable[[], Any]) -> None:
            action()
            over.set()

        def happen() -> None:
            loop, victim = asyncio.get_running_loop(), processes[0]
            if what == "SIGKILL":
                end(victim.kill)
            elif what == "SIGSTOP":
                victim.send_signal(signal.SIGSTOP)
                loop.call_later(STOPPED, end, lambda: victim.send_signal(signal.SIGCONT))
            elif what == "restart":
                loop.run_in_executor(None, postgres.restart).add_done_callback(lambda _: over.set())
            elif proxy is not None:
                proxy.stall()
                loop.call_later(CUT, end, proxy.resume)

        await found.storm(webhooks, STORM, happen)
        await found.settled(60)
        lost, fresh = found.missing, sorted(found.latencies)
        await over.wait()
        # Workers that were stopped or cut off continue, and must not write anything old.
        await found.storm(webhooks // 8, STORM / 4)
        await found.settled(60)
        lost += found.missing
        alive = await _alive(found.fleet, day.alive)
        wrong = value(found.url, _WRONG)
    p95 = statistics.quantiles(fresh, n=20)[-1]
    holds = not lost and not wrong and alive == day.alive and p95 <= day.p95 and fresh[-1] <= LATEST
    return Row(
        title=f"{integrations} integrations, {webhooks} webhooks in {STORM:.0f} s; {day.name}",
        found=f"{lost} lost, {wrong} written twice or late; fresh after {statistics.median(fresh):.1f} s (median), "
        f"{p95:.1f} s (p95), {fresh[-1]:.1f} s (latest); {alive} workers alive",
        bound=f"0; 0; p95 ≤ {day.p95:.0f} s, latest ≤ {LATEST:.0f} s; {day.alive}",
        holds=holds,
    )


async def _alive(fleet: Fleet, expected: int) -> int:
    deadline = time.monotonic() + LEASE_SECONDS + 5
    while True:
        alive = sum(worker.is_alive for worker in (await fleet.status()).workers)
        if alive == expected or time.monotonic() > deadline:
            return alive
        await asyncio.sleep(0.2)


async def burst(postgres: PostgreSQL, integrations: int, webhooks: int) -> Row:
    """Receive many webhooks about few integrations, in random order, as fast as one process takes them."""
    async with world(postgres, "burst", integrations) as (found, _, _):
        await found.ask("requests")
        events = [found.event(found.ids[number % integrations], f"burst-{number}") for number in range(webhooks)]
        random.Random(1).shuffle(events)
        waiting = iter(events)

        async def deliver() -> None:
            for event in waiting:
                await found.fleet.handle_event(event)

        began = time.monotonic()
        await asyncio.gather(*(deliver() for _ in range(50)))
        seconds = time.monotonic() - began
        requested = "SELECT count(*) FROM kombo.mirror_requests"
        while value(found.url, requested):  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.2)
        requests: dict[str, int] = await found.ask("requests")
        wrong = value(found.url, _WRONG)
    each, most = sum(requests.values()) / integrations, max(requests.values())
    return Row(
        title=f"burst of {webhooks:,} webhooks for {integrations} integrations",
        found=f"stored in {seconds:.1f} s; {each:.1f} requests for each integration, at most {most}; "
        f"all done {time.monotonic() - began - seconds:.1f} s later",
        bound="≤ 5 for each, at most 10",
        holds=each <= 5 and most <= 10 and not wrong and len(requests) == integrations,
    )
