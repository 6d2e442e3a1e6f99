"""`python -m benchmarks.fleet`: a fleet of workers against the bounds that it was built for; `--quick` for small sizes.

Workers are processes of their own, with a PostgreSQL server from the wheel and a source on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator

from attrs import frozen

from kombo_async import KomboClient
from kombo_async.fleet import Fleet

from . import fleet_days, fleet_limits, fleet_load
from .fleet_processes import PostgreSQL, Row
from .machine import description
from .report import write_rows


@frozen(kw_only=True)
class Sizes:
    """How much the rows of the table do."""

    models: int
    """Models that are planned, and that wait."""
    integrations: int
    """Integrations of the bad days."""
    webhooks: int
    """Webhooks of a bad day."""
    burst: int
    """Webhooks of the burst."""


FULL = Sizes(models=20_000, integrations=500, webhooks=800, burst=10_000)
QUICK = Sizes(models=4_000, integrations=50, webhooks=80, burst=500)
GROUPS = ("limits", "plan", "throughput", *fleet_days.DAYS, "burst")

SECTION = "Fleet"
HEADS = ("work", "found", "bound", "holds")
NOTES = """\
Workers (16 refreshes at once), source, PostgreSQL and the receiver of webhooks share the cores of one machine.
Fresh is a change when its record is in the mirror; the time begins with the change. A record is written late if it \
does not follow from the version before, or was written under an older lease than that.
A lease lives for 15 s. Each process of the rows about limits has a client of its own."""


def measure(group: str, postgres: PostgreSQL, sizes: Sizes, *, quick: bool) -> Iterator[Row]:
    """Measure the rows of a group."""
    match group:
        case "limits":
            yield from fleet_limits.measure_all(postgres.database("limits"), quick=quick)
        case "plan":
            yield from asyncio.run(fleet_load.plan(postgres, postgres.database("plan"), sizes.models))
        case "throughput":
            url = postgres.database("throughput")
            asyncio.run(_create_tables(url))
            yield from fleet_load.throughput(postgres, url, sizes.models)
        case "burst":
            yield asyncio.run(fleet_days.burst(postgres, sizes.integrations, sizes.burst))
        case day:
            yield asyncio.run(fleet_days.bad_day(postgres, day, sizes.integrations, sizes.webhooks))


async def _create_tables(url: str) -> None:
    async with KomboClient("key") as client, Fleet(url, client):
        pass


def main() -> int:
    """Print the table, row by row; return 1 if a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, in three minutes instead of ten")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="some of the rows")
    parser.add_argument("--write", action="store_true", help="also write the rows into RESULTS.md")
    given = parser.parse_args()
    if given.write and given.quick:
        parser.error("--write needs the rows in full")
    print("\n".join(description()))
    rows: list[Row] = []
    postgres = PostgreSQL()
    try:
        for group in given.only:
            for row in measure(group, postgres, QUICK if given.quick else FULL, quick=given.quick):
                print("; ".join(f"{head}: {cell}" for head, cell in zip(HEADS, row.cells, strict=True)), flush=True)
                rows.append(row)
    finally:
        postgres.close()
    if given.write:
        write_rows(SECTION, HEADS, [row.cells for row in rows], *NOTES.splitlines())
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
