"""`python -m benchmarks.mirror`: the mirror against floors written by hand, on SQLite and PostgreSQL.

A floor is aiohttp, msgspec for the rows as bytes, and the bare driver: the same pages, one transaction each, without
anything that makes a copy right (deletions, leases, checkpoints, comparing, odd records). Clients run on one core and
the server on another. PostgreSQL is a server of its own, on whatever core is free.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import msgspec
from attrs import evolve, frozen

from .machine import cores, description, memory_now, peak_memory, pin
from .report import Verdict, write_rows
from .runner import server

ROOT = Path(__file__).parents[1]
MIB = 1024**2
MODELS = ("hris_employees", "hris_locations", "hris_absences")
PATHS = {"hris_employees": "employees", "hris_locations": "locations", "hris_absences": "absences"}
Figures = dict[str, float]


# Floors.


class Key(msgspec.Struct):
    id: str
    changed_at: str | None = None
    remote_deleted_at: str | None = None


class Data(msgspec.Struct):
    results: list[msgspec.Raw]
    next: str | None = None


class Envelope(msgspec.Struct):
    data: Data


Store = Callable[[list[tuple[str, str, str | None, str]]], Awaitable[None]]
TABLE = (
    "CREATE TABLE records (integration_id text, id text, changed_at text, data {}, PRIMARY KEY (integration_id, id))"
)
UPSERT = (
    "INSERT INTO records VALUES ({0}, {0}, {0}, {0}) ON CONFLICT (integration_id, id) "
    "DO UPDATE SET changed_at = excluded.changed_at, data = excluded.data"
)


async def read_by_hand(base_url: str, integration_id: str, store: Store) -> None:
    decode, key = msgspec.json.Decoder(Envelope).decode, msgspec.json.Decoder(Key).decode
    headers = {"X-Integration-Id": integration_id, "Authorization": "Bearer x"}
    cursor: str | None = None
    async with aiohttp.ClientSession(headers=headers) as session:
        while True:
            query = {"page_size": "250", "include_deleted": "true"} | ({} if cursor is None else {"cursor": cursor})
            async with session.get(f"{base_url}/hris/employees", params=query) as response:
                page = decode(await response.read()).data
            keys = map(key, page.results)
            await store(
                [
                    (integration_id, found.id, found.changed_at, str(raw, "utf-8"))
                    for found, raw in zip(keys, page.results, strict=True)
                ]
            )
            if page.next is None:
                return
            cursor = page.next


async def sqlite_floor(base_url: str, url: str, integration_id: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(TABLE.format("text"))

        def write(rows: list[Any]) -> None:
            with connection:
                connection.executemany(UPSERT.format("?"), rows)

        async def store(rows: list[Any]) -> None:
            await asyncio.to_thread(write, rows)

        await read_by_hand(base_url, integration_id, store)


async def postgresql_floor(base_url: str, url: str, integration_id: str) -> None:
    import psycopg

    async with await psycopg.AsyncConnection.connect(url) as connection:
        await connection.execute(TABLE.format("jsonb"))
        await connection.commit()

        async def store(rows: list[Any]) -> None:
            async with connection.transaction(), connection.cursor() as cursor:
                await cursor.executemany(UPSERT.format("%s"), rows)

        await read_by_hand(base_url, integration_id, store)


async def requests_floor(base_url: str, count: int) -> None:
    """Send the requests of incremental refreshes without changes, 8 at once, and decode the answers."""
    decode = msgspec.json.Decoder(Envelope).decode
    waiting = iter([(number, path) for number in range(count) for path in PATHS.values()])
    async with aiohttp.ClientSession(headers={"Authorization": "Bearer x"}) as session:

        async def work() -> None:
            for number, path in waiting:
                query = {"page_size": "250", "include_deleted": "true", "updated_after": "2026-11-28T00:00:00.000Z"}
                headers = {"X-Integration-Id": f"bench:{number}-0"}
                async with session.get(f"{base_url}/hris/{path}", params=query, headers=headers) as response:
                    decode(await response.read())

        await asyncio.gather(*(work() for _ in range(8)))


# The mirror.


async def refresh(base_url: str, url: str, integrations: int, records: int, *, again: bool) -> Figures:
    from kombo_async import KomboClient
    from kombo_async.mirror import Mirror

    async with KomboClient("x", base_url=base_url) as client, Mirror(url, client) as mirror:
        ids = [f"bench:{number}-{records}" for number in range(integrations)]
        for integration_id in ids:
            await mirror.add(integration_id, ["hris_employees"])
        before, started, cpu = memory_now(), time.perf_counter(), time.process_time()
        stalls: list[float] = []
        beating = asyncio.create_task(beat(stalls))
        results = [result async for result in mirror.refresh()]
        seconds = time.perf_counter() - started
        figures = {"seconds": seconds, "cpu": time.process_time() - cpu, "memory": (peak_memory() - before) / MIB}
        beating.cancel()
        assert sum(result.created for result in results) == integrations * records, results
        figures["stall"] = sorted(stalls)[int(len(stalls) * 0.99)] if stalls else 0.0
        if again:
            started = time.perf_counter()
            results = [result async for result in mirror.refresh(full=True)]
            figures["again"] = time.perf_counter() - started
            assert sum(result.unchanged for result in results) == integrations * records, results
    return figures


async def beat(stalls: list[float]) -> None:
    """Note how much later than asked for a timer of 5 ms fires, as a request of a web app would notice."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.005)
        stalls.append(time.perf_counter() - started - 0.005)


async def incremental(base_url: str, url: str, count: int) -> Figures:
    from sqlalchemy import text

    from kombo_async import KomboClient
    from kombo_async.mirror import Mirror

    async with KomboClient("x", base_url=base_url) as client, Mirror(url, client) as mirror:
        for number in range(count):
            await mirror.add(f"bench:{number}-0", MODELS)
        done = [result async for result in mirror.refresh()]
        assert len(done) == count * len(MODELS), len(done)
        prefix = "" if url.startswith("sqlite") else "kombo."
        async with mirror.connection(read_only=False) as connection:
            state = (
                "json_set(state, '$.incremental_due_at', 0)"
                if not prefix
                else "jsonb_set(state::jsonb, '{incremental_due_at}', '0')::text"
            )
            await connection.execute(text(f"UPDATE {prefix}mirror_leases SET due_at = 0, state = {state}"))
            await connection.commit()
        started, cpu = time.perf_counter(), time.process_time()
        done = [result async for result in mirror.refresh()]
        seconds = time.perf_counter() - started
        assert [result.kind for result in done] == ["incremental"] * count * len(MODELS)
    return {"seconds": seconds, "cpu": time.process_time() - cpu}


async def timed(work: Awaitable[None]) -> Figures:
    started, cpu = time.perf_counter(), time.process_time()
    await work
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}


async def run_case(name: str, base_url: str, url: str, records: int) -> Figures:
    match name:
        case "sqlite floor":
            return await timed(sqlite_floor(base_url, url, f"bench:0-{records}"))
        case "postgresql floor":
            return await timed(postgresql_floor(base_url, url, f"bench:0-{records}"))
        case "sqlite mirror" | "postgresql mirror":
            return await refresh(base_url, url, 1, records, again=True)
        case "memory":
            return await refresh(base_url, url, 8, records, again=False)
        case "requests floor":
            return await timed(requests_floor(base_url, records))
        case "sqlite incremental" | "postgresql incremental":
            return await incremental(base_url, url, records)
        case _:
            raise ValueError(name)


# Processes.


@frozen(kw_only=True)
class Sizes:
    """How much the rows of the table do."""

    records: int
    """Employees of a full refresh."""
    integrations: int
    """Integrations of an incremental refresh, with three models each."""
    memory_records: int
    """Employees of 8 full refreshes at once, all together."""
    rounds: int
    """Runs of each row but the last; medians count."""


FULL = Sizes(records=100_000, integrations=1_000, memory_records=1_000_000, rounds=3)
QUICK = Sizes(records=5_000, integrations=60, memory_records=100_000, rounds=1)


@frozen(kw_only=True)
class Row:
    """One row of the table."""

    title: str
    figure: str
    floor: str
    verdict: Verdict

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = self.verdict
        ratio = f"× {verdict.value:.2f}" if verdict.peer else f"{verdict.value:.1f} {verdict.unit}"
        return (
            self.title,
            self.figure,
            self.floor,
            ratio,
            f"≤ {verdict.limit:g}",
            "yes" if verdict.holds else "**no**",
        )


def measure(name: str, base_url: str, records: int) -> Figures:
    """Run one case in a process of its own, with a new database."""
    with tempfile.TemporaryDirectory() as folder:
        if name.startswith("postgresql"):
            from tests.support.postgresql import create_database

            url = create_database("bench")
        else:
            url = f"sqlite:///{folder}/bench.db"
        command = [sys.executable, "-m", "benchmarks.mirror", "--case", name, "--base-url", base_url, "--url", url]
        done = subprocess.run(
            [*command, "--records", str(records)], cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        figures: Figures = json.loads(done.stdout)
        return figures


def ratio(title: str, ours: Sequence[float], floor: Sequence[float], bound: float, peer: str = "floor") -> Row:
    """Compare times, round by round."""
    found = statistics.median(one / other for one, other in zip(ours, floor, strict=True))
    return Row(
        title=title,
        figure=f"{statistics.median(ours):.2f} s",
        floor=f"{statistics.median(floor):.2f} s",
        verdict=Verdict(value=found, limit=bound, peer=peer),
    )


def full_refreshes(base_url: str, sizes: Sizes) -> Iterator[Row]:
    """Measure full refreshes, of new and of unchanged records, and how they disturb others in the event loop."""
    for database, bound in (("SQLite", 1.5), ("PostgreSQL", 1.3)):
        cases = [f"{database.lower()} {who}" for who in ("floor", "mirror")]
        rounds = [[measure(case, base_url, sizes.records) for case in cases] for _ in range(sizes.rounds)]
        floor, ours = ([each[index] for each in rounds] for index in range(2))
        title, seconds = f"{sizes.records:,} employees of 4.7 KB into {database}", [each["seconds"] for each in ours]
        yield ratio(title, seconds, [each["seconds"] for each in floor], bound)
        yield ratio(
            f"again, unchanged, {database}; floor: the first time", [each["again"] for each in ours], seconds, 0.6
        )
        stall = statistics.median(each["stall"] for each in ours) * 1000
        yield Row(
            title=f"p99 of the stalls of the event loop meanwhile, {database}",
            figure="",
            floor="",
            verdict=Verdict(value=stall, limit=15, unit="ms"),
        )


def incremental_refreshes(base_url: str, sizes: Sizes) -> Iterator[Row]:
    """Measure incremental refreshes without changes."""
    for database in ("SQLite", "PostgreSQL"):
        cases = ("requests floor", f"{database.lower()} incremental")
        rounds = [[measure(case, base_url, sizes.integrations) for case in cases] for _ in range(sizes.rounds)]
        title = f"{sizes.integrations:,} integrations × 3 models without changes, {database}"
        floor, ours = ([each[index]["seconds"] for each in rounds] for index in range(2))
        yield ratio(title, ours, floor, 2.0)


def memory(base_url: str, sizes: Sizes) -> Iterator[Row]:
    """Measure the peak memory of 8 refreshes at once, with a tenth of the records and with all."""
    pages = max(sizes.memory_records // 80 // 250, 1)
    few, many = (measure("memory", base_url, number * 250)["memory"] for number in (pages, pages * 10))
    title = f"peak memory, {pages * 250 * 80:,} employees in 8 refreshes at once, SQLite"
    yield Row(title=title, figure="", floor="", verdict=Verdict(value=many, limit=40, unit="MiB"))
    title = f"the same, more than with {pages * 250 * 8:,} employees"
    yield Row(title=title, figure="", floor="", verdict=Verdict(value=many - few, limit=10, unit="MiB"))


SECTION = "Mirror"
HEADS = ("work", "mirror", "floor", "found", "bound", "holds")
NOTES = """\
A floor is written by hand: aiohttp, msgspec for the rows as bytes and the bare driver, with the same pages and one \
transaction for each, but no deletions, leases or checkpoints. That of incremental refreshes is the requests alone.
Clients and SQLite run on one core and the server on the other one. PostgreSQL is a server of its own.
Stalls are of a timer of 5 ms in the event loop of the mirror, as a request of a web application would meet them.
Ratios are medians of two or three rounds; memory was measured once."""


def main() -> int:
    """Print the table, row by row; return 1 if a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mirror", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of a quarter of an hour")
    parser.add_argument("--records", type=int, help=f"employees of a full refresh ({FULL.records:,})")
    parser.add_argument("--integrations", type=int, help=f"of an incremental refresh ({FULL.integrations:,})")
    parser.add_argument("--memory-records", type=int, help=f"of 8 refreshes at once ({FULL.memory_records:,})")
    parser.add_argument("--rounds", type=int, help=f"the median counts ({FULL.rounds})")
    parser.add_argument("--only", choices=("full", "incremental", "memory"), help="some of the rows")
    parser.add_argument("--write", action="store_true", help="also write these rows into RESULTS.md")
    for internal in ("--case", "--base-url", "--url"):
        parser.add_argument(internal, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        pin(cores()[0])
        print(json.dumps(asyncio.run(run_case(given.case, given.base_url, given.url, given.records))))
        return 0
    if given.write and given.quick:
        parser.error("--write needs full sizes")
    chosen = {name: value for name in attrs.fields_dict(Sizes) if (value := getattr(given, name)) is not None}
    sizes = evolve(QUICK if given.quick else FULL, **chosen)
    print("\n".join(description()))
    groups = {"full": full_refreshes, "incremental": incremental_refreshes, "memory": memory}
    rows: list[Row] = []
    with server("benchmarks.mirror_server") as base_url:
        for name, group in groups.items():
            for row in group(base_url, sizes) if given.only in {None, name} else ():
                rows.append(row)
                print(
                    "; ".join(f"{head}: {cell}" for head, cell in zip(HEADS, row.cells, strict=True) if cell),
                    flush=True,
                )
    if given.write:
        write_rows(SECTION, HEADS, [row.cells for row in rows], *NOTES.splitlines())
    return int(not all(row.verdict.holds for row in rows))


if __name__ == "__main__":
    sys.exit(main())
