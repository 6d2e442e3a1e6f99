"""What a fleet costs: planning, and refreshes without changes with few and with many waiting jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from kombo_async import KomboClient
from kombo_async.fleet import Fleet
from kombo_async.fleet.planner import INTERVAL
from kombo_async.fleet.queue import schema_name

from .fleet_processes import PostgreSQL, Row, cpu, execute, fill, memory, value, workers
from .runner import server

MODELS = ("hris_employees", "hris_locations", "hris_absences", "hris_employments")
_ROUNDS = 10
_REPETITIONS = 5
"""Of which each figure is the median: CPU times are counted in hundredths of a second."""
_LEFT = "SELECT count(*) FROM kombo.mirror_leases WHERE due_at = 0"


async def plan(postgres: PostgreSQL, url: str, rows: int) -> list[Row]:
    """Plan many due models, and then again while all have jobs, and while none is due."""
    found: list[Row] = []
    async with KomboClient("key") as client, Fleet(url, client) as fleet:
        fill(url, rows // 4, MODELS, due=True)
        began = time.perf_counter()
        planned = await fleet.enqueue_due()
        seconds = time.perf_counter() - began
        holds = seconds <= 10 and planned == rows
        found.append(Row(title=f"{rows:,} due models planned", found=f"{seconds:.2f} s", bound="≤ 10 s", holds=holds))

        async def share() -> float:
            """Return the share of a core that planning every two seconds takes, with the server's part."""
            assert await fleet.enqueue_due() == 0
            before = time.process_time() + postgres.cpu()
            for _ in range(_ROUNDS):
                await fleet.enqueue_due()
            return (time.process_time() + postgres.cpu() - before) / _ROUNDS / INTERVAL

        waiting = await share()
        execute(url, f"TRUNCATE {schema_name()}.procrastinate_jobs CASCADE")
        fill(url, rows // 4, MODELS, due=False)
        idle = await share()
        title = f"idle planning, {rows:,} models of which none is due, with PostgreSQL's part"
        text = f"{idle:.2%} of a core; {waiting:.1%} while all have jobs that wait"
        found.append(Row(title=title, found=text, bound="≤ 1 %", holds=idle <= 0.01))
    return found


def throughput(postgres: PostgreSQL, url: str, many: int) -> Iterator[Row]:
    """Measure refreshes without changes by two workers, with 1,000 and with many waiting jobs."""
    rates: dict[int, list[float]] = {1_000: [], many: []}
    costs: dict[int, list[float]] = {1_000: [], many: []}
    used = 0.0
    with server("benchmarks.mirror_server") as base_url:
        for waiting in [*rates] * _REPETITIONS:
            with workers(url, base_url) as processes:

                def spent(pids: tuple[int, ...]) -> float:
                    return postgres.cpu() + sum(map(cpu, pids))

                pids = tuple(process.pid for process in processes)
                while value(url, "SELECT count(*) FROM kombo_fleet.workers") < len(pids):
                    time.sleep(0.05)
                fill(url, waiting // 2, ("hris_locations", "hris_absences"), due=True)
                # Once both work, and all is planned.
                first = _wait(url, waiting * 0.95)
                began, before = time.perf_counter(), spent(pids)
                last = _wait(url, max(waiting * 0.1, first - 3_000))
                rates[waiting].append((first - last) / (time.perf_counter() - began))
                costs[waiting].append((spent(pids) - before) / (first - last) * 1e3)
                used = max(used, *map(memory, pids))
            execute(
                url,
                "TRUNCATE kombo.mirror_leases, kombo.mirror_requests",
                f"TRUNCATE {schema_name()}.procrastinate_jobs CASCADE",
            )
    few_rate, many_rate = map(median, rates.values())
    few_cost, many_cost = map(median, costs.values())
    yield Row(
        title="refreshes without changes by two workers; source and PostgreSQL on the same two cores",
        found=f"{few_rate:.0f} a second, {few_cost:.1f} ms of CPU each; a worker takes {used:.0f} MiB",
        bound="≥ 100 a second",
        holds=few_rate >= 100,
    )
    yield Row(
        title=f"CPU time of a refresh with {many:,} waiting, over that with 1,000",
        found=f"× {many_cost / few_cost:.2f}; {many_rate:.0f} a second, {many_cost:.1f} ms each",
        bound="≤ 1.25",
        holds=many_cost <= 1.25 * few_cost,
    )


def _wait(url: str, left: float) -> int:
    """Wait until no more than *left* are due; return how many."""
    while (found := int(value(url, _LEFT))) > left:
        time.sleep(0.05)
    return found
