"""`python -m benchmarks.cli`: `kombo-async read` of a million fields into a file, compared with a plain loop.

Both are new processes, and must write the same bytes. Memory is the peak of a process, compared with that of a read of
a thousandth of the list.
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

from . import machine
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
import msgspec
from kombo_async import KomboClient

async def write(integration_id, path):
    encode = msgspec.json.Encoder().encode
    async with KomboClient() as client:
        with open(path, "wb") as file:
            async for field in client.iter_integration_fields(integration_id):
                file.write(encode(field) + b"\\n")

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
    for name, seconds in times.items():
        memory = max(peak for _, peak in taken[name])
        share = seconds / times["the loop"]
        print(f"{name:<24} {seconds:6.2f} s  {share:5.2f} of the loop  {memory / 1024**2:5.1f} MB")
    text = [name for name in taken if name.startswith("read") and name != PARQUET]
    more = max(peak for name in text for _, peak in taken[name]) - small
    more_parquet = max(peak for _, peak in taken[PARQUET]) - small_parquet
    print(f"{more / 1024**2:.1f} MB more than for a thousandth; the same bytes: {'yes' if same else 'no'}")
    print(f"{more_parquet / 1024**2:.1f} MB more for Parquet")
    slowest = max(times["read --output"], times["read --output --resume"]) / times["the loop"]
    return 0 if same and slowest <= MOST_TIME and more <= MOST_MEMORY and more_parquet <= MOST_MEMORY_OF_PARQUET else 1


if __name__ == "__main__":
    sys.exit(main())
