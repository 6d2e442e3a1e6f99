"""`python -m benchmarks.cli`: `kombo-async read` of a million fields into a file, compared with a plain loop.

Both are new processes, and must write the same bytes: the loop encodes models with `kombo_async.json`, in the order of
the keys of Kombo. Memory is the peak of a process, compared with that of a read of a thousandth of the list.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from . import machine, report, results
from .runner import ROOT, server

MOST_TIME = 1.5
"""The upper bound of the time, as a ratio to the loop."""
MOST_MEMORY = 8 * 1024**2
"""The upper bound in bytes of the memory of the whole list above that of a thousandth."""
MOST_MEMORY_OF_PARQUET = 64 * 1024**2
"""The same for Parquet, which is written in row groups."""

PARQUET = "read --format parquet"

LOOP = """
import asyncio, sys
from kombo_async import KomboClient, json

async def write(integration_id, path):
    async with KomboClient() as client:
        with open(path, "wb") as file:
            async for field in client.iter_integration_fields(integration_id):
                file.write(json.encode(field) + b"\\n")

def main():
    asyncio.run(write(sys.argv[1], sys.argv[2]))
    return 0
"""
COMMAND = """
import sys
from kombo_async.cli import main as command

def main():
    return command(["read", "integration-fields", sys.argv[1], "--output", sys.argv[2], "--quiet", *sys.argv[3:]])
"""
MEASURED = """
from benchmarks.machine import peak_memory, pin
pin({core})
code = main()
print(peak_memory())
sys.exit(code)
"""


def run(code: str, base_url: str, *arguments: str) -> tuple[float, int]:
    """Run *code* in a new Python; return its seconds, start included, and its peak memory."""
    environment = {**os.environ, "KOMBO_API_KEY": "ks_bench_0", "KOMBO_BASE_URL": base_url}
    command = [sys.executable, "-c", code + MEASURED.format(core=machine.cores()[0]), *arguments]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return time.perf_counter() - began, int(done.stdout)


def main() -> int:
    """Print the measurements; return 1 if a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cli", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each runs; the median counts (5)")
    parser.add_argument("--fields", type=int, default=1_000_000, help="how many are read (1,000,000)")
    parser.add_argument("--write", action="store_true", help="also write the section into RESULTS.md")
    given = parser.parse_args()
    print("\n".join(machine.description()))
    integration_id = f"personio:bench-{given.fields}"
    with server() as base_url, TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("loop", "read", "resumed", "csv", "parquet", "few")]
        loop, read, resumed, rows, parquet, few = map(str, paths)
        contenders = {
            "the loop": (LOOP, loop),
            "read --output": (COMMAND, read),
            "read --output --resume": (COMMAND, resumed, "--resume", f"{resumed}.state"),
            "read --format csv": (COMMAND, rows, "--format", "csv"),
            PARQUET: (COMMAND, parquet, "--format", "parquet"),
        }
        taken: dict[str, list[tuple[float, int]]] = {name: [] for name in contenders}
        for _ in range(given.rounds):
            for name, (code, path, *options) in contenders.items():
                taken[name].append(run(code, base_url, integration_id, path, *options))
        same = all(filecmp.cmp(loop, path, shallow=False) for path in (read, resumed))
        thousandth = f"personio:bench-{given.fields // 1000}"
        small = run(COMMAND, base_url, thousandth, few)[1]
        small_parquet = run(COMMAND, base_url, thousandth, few, "--format", "parquet")[1]
    times = {name: median(seconds for seconds, _ in runs) for name, runs in taken.items()}
    table: list[tuple[str, ...]] = []
    for name, seconds in times.items():
        share, peak = seconds / times["the loop"], max(peak for _, peak in taken[name])
        more = peak - (small_parquet if name == PARQUET else small)
        most = MOST_MEMORY_OF_PARQUET if name == PARQUET else MOST_MEMORY
        bounds = "" if name == "the loop" else f"≤ {most / 1024**2:.0f} MiB more"
        holds = more <= most
        if name.startswith("read --output"):
            bounds, holds = (
                f"≤ {MOST_TIME} of the loop, {bounds}, the same bytes",
                holds and share <= MOST_TIME and same,
            )
        cells = (f"{seconds:.2f} s", f"{share:.2f}", f"{peak / 1024**2:.1f} MiB", f"{more / 1024**2:+.1f} MiB")
        table.append((name, *cells, bounds, ("yes" if holds else "NO") if bounds else ""))
        print("{:<24} {:>8} {:>6} {:>10} {:>10}  {} {}".format(*table[-1]))
    if given.write:
        heads = ("to a file", "time", "of the loop", "peak memory", "more than for a thousandth", "bounds", "holds")
        results.write_section("Command line", report.section(heads, table, f"{given.fields:,} integration fields"))
    return int(any(row[-1] == "NO" for row in table))


if __name__ == "__main__":
    sys.exit(main())
