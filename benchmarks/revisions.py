"""`python -m benchmarks.revisions REVISION`: CPU time of this checkout over that of another revision of it.

A process of each does the work in turns, in random order, on one core. New processes are started several times, as one
process may be faster than another by a fifth throughout, by where its memory lies.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from . import machine
from .machine import cores, pin
from .runner import ROOT, server
from .variants import Tally
from .variants.ours import Client
from .workloads import INTEGRATION

_SLICES = 11
"""How often each process does the work; the median counts."""
WORK = ("one-item calls", "100-field pages", "2,000-field pages", "actions", "1,000 tasks")


def work(client: Client) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return what is measured, by name."""
    numbers = count()

    def fields(records: int, page_size: int) -> Awaitable[Tally]:
        # Of 20 integrations in turn, as repeated URLs would be found in caches.
        return client.fields(f"{INTEGRATION}{next(numbers) % 20}-{records}", page_size)

    ways: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: client.one_item_calls(INTEGRATION, 300),
        lambda: fields(10_000, 100),
        lambda: fields(40_000, 2_000),
        lambda: client.actions(200),
        lambda: asyncio.gather(*(client.one_item_calls(INTEGRATION, 1) for _ in range(1_000))),
    )
    return dict(zip(WORK, ways, strict=True))


async def serve(base_url: str, name: str) -> None:
    """Do the work once for each line of the standard input, and print its CPU seconds."""
    async with Client(base_url, INTEGRATION) as client:
        do = work(client)[name]
        for _ in range(2):
            await do()
        print("warm", flush=True)
        while sys.stdin.readline():
            gc.collect()
            began = time.process_time()
            await do()
            print(json.dumps(time.process_time() - began), flush=True)


@contextmanager
def running(directory: Path, base_url: str, name: str) -> Iterator[Callable[[], float]]:
    """Run the work of the package in *directory* in a process; give a function that does it once."""
    command = [sys.executable, "-m", "benchmarks.revisions", "--serve", base_url, "--only", name]
    process = subprocess.Popen(command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    requests, responses = process.stdin, process.stdout

    def once() -> float:
        requests.write("\n")
        requests.flush()
        return float(responses.readline())

    with process:
        responses.readline()
        yield once


def check_out(revision: str, directory: Path) -> Path:
    """Write the package as of *revision*, with today's benchmarks, into *directory*."""
    archive = subprocess.run(["git", "archive", revision, "kombo_async"], cwd=ROOT, capture_output=True, check=True)
    directory.mkdir()
    subprocess.run(["tar", "-x"], cwd=directory, input=archive.stdout, check=True)
    (directory / "benchmarks").symlink_to(ROOT / "benchmarks", target_is_directory=True)
    return directory


def compare(directories: tuple[Path, Path], base_url: str, name: str, processes: int) -> str:
    """Measure one kind of work in both; return the row of the table."""
    taken: tuple[list[float], list[float]] = [], []
    for _ in range(processes):
        slices: tuple[list[float], list[float]] = [], []
        with ExitStack() as stack:
            both = [stack.enter_context(running(directory, base_url, name)) for directory in directories]
            for _ in range(_SLICES):
                for index in random.sample((0, 1), 2):
                    slices[index].append(both[index]())
        for index in (0, 1):
            taken[index].append(median(slices[index]))
    ratios = [ours / other for ours, other in zip(*taken, strict=True)]
    milliseconds = "{:8.1f} ms {:8.1f} ms".format(*(median(each) * 1e3 for each in taken))
    return f"{name:<18} {milliseconds}  × {median(ratios):.3f}  {min(ratios):.3f} to {max(ratios):.3f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.revisions", description=__doc__)
    parser.add_argument("revision", nargs="?", default="HEAD", help="what git calls the other revision (HEAD)")
    parser.add_argument("--processes", type=int, default=9, help="pairs of processes; the median counts (9)")
    parser.add_argument("--only", choices=WORK, help="only this work")
    parser.add_argument("--serve", metavar="BASE_URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve is not None:
        pin(cores()[0])
        asyncio.run(serve(given.serve, given.only))
        return
    print("\n".join(machine.description()))
    print(f"{'':<18} {'this':>11} {given.revision[:11]:>11}  ratio    of all pairs")
    with TemporaryDirectory() as temporary, server() as base_url:
        directories = ROOT, check_out(given.revision, Path(temporary) / "other")
        for name in WORK if given.only is None else (given.only,):
            print(compare(directories, base_url, name, given.processes), flush=True)


if __name__ == "__main__":
    main()
