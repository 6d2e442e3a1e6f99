"""`python -m benchmarks.tables`: records into a dataframe by `kombo_async.arrow`, compared with `attrs.asdict`.

Both begin with the same employees, as the client returns them, and end with a `pandas.DataFrame` of all their fields.
The peer is `pandas.DataFrame([attrs.asdict(record) for record in records])`, which is what one writes without the
module, and the fastest of its kind: polars takes longer for the same dicts, as it looks for their types. In its frame,
lists and models are lists and dicts of Python. In that of `arrow.table` they are JSON texts, or with `nested="struct"`
lists and structs of Arrow. The bound is on `arrow.table` with all columns and its defaults. The row of three columns is
compared with all fields of the peer. On a machine shared with others, the same code has reached 5.4 to 6.0 times the
speed of the peer. It needs pandas.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import attrs

from kombo_async import KomboClient, arrow
from kombo_async.models.hris import Employee
from kombo_async.sandbox import Sandbox, SandboxConfig

from . import machine, report, results

LEAST = 5.0
"""The lower bound of the speed, as a ratio to `attrs.asdict`."""


async def employees(count: int) -> list[Employee]:
    """Return employees of a sandbox."""
    async with (
        Sandbox(SandboxConfig(employees=min(count, 2_000))) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client,
    ):
        people = await client.for_integration(sandbox.integration_id).hris.iter_employees().collect()
    return [people[number % len(people)] for number in range(count)]


def by_asdict(records: Sequence[Employee]) -> object:
    """Make a dataframe as one would without the module."""
    import pandas as pd

    return pd.DataFrame([attrs.asdict(record) for record in records])


def frame(table: Any) -> object:
    """Return a table as a dataframe with the types of Arrow, as in the recipe."""
    import pandas as pd

    return table.to_pandas(types_mapper=pd.ArrowDtype)


def by_arrow(records: Sequence[Employee]) -> object:
    """Make a dataframe with nested values as JSON."""
    return frame(arrow.table(records, Employee))


def by_struct(records: Sequence[Employee]) -> object:
    """Make a dataframe with nested values as dicts, as `attrs.asdict` has them."""
    return frame(arrow.table(records, Employee, nested="struct"))


def by_columns(records: Sequence[Employee]) -> object:
    """Make a dataframe of three columns."""
    return frame(arrow.table(records, Employee, columns=["id", "first_name", "work_email"]))


WAYS: dict[str, Callable[[Sequence[Employee]], Any]] = {
    "attrs.asdict": by_asdict,
    "arrow.table": by_arrow,
    'arrow.table, nested="struct"': by_struct,
    "arrow.table, three columns": by_columns,
}


def main() -> int:
    """Print the measurements; return 1 if the bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tables", description=__doc__)
    parser.add_argument("--records", type=int, default=3_000, help="employees of the table (3,000)")
    parser.add_argument("--rounds", type=int, default=7, help="how often each way runs; the median counts (7)")
    parser.add_argument("--write", action="store_true", help="also write the section into RESULTS.md")
    given = parser.parse_args()
    print("\n".join(machine.description()))
    records = asyncio.run(employees(given.records))
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(given.rounds):
        for name, way in WAYS.items():
            gc.collect()
            began = time.process_time()
            made = way(records)
            taken[name].append(time.process_time() - began)
            del made
    base = median(taken["attrs.asdict"])
    rows: list[tuple[str, ...]] = []
    for name, seconds in taken.items():
        spent = median(seconds)
        verdict = ("yes" if base / spent >= LEAST else "NO") if name == "arrow.table" else ""
        cells = (f"{spent * 1e3:.1f} ms", f"{spent / given.records * 1e6:.1f} µs a record", f"{base / spent:.1f} ×")
        rows.append((name, *cells, f"≥ {LEAST:g} ×" if verdict else "", verdict))
        print("{:<30} {:>10} {:>18} {:>8}  {} {}".format(*rows[-1]))
    if given.write:
        heads = ("employees to a dataframe", "CPU time", "each", "as fast as attrs.asdict", "bound", "holds")
        results.write_section(
            "Tables", report.section(heads, rows, f"{given.records:,} employees, {given.rounds} rounds")
        )
    return int(any(row[-1] == "NO" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
