"""Runs server and clients as processes, in rounds, each in random order."""

from __future__ import annotations

import atexit
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from .machine import cores

ROOT = Path(__file__).parent.parent

Sample = dict[str, Any]
Samples = Mapping[str, Sequence[Sample]]
"""The samples of each contender of a row, by round."""


class Row(Protocol):
    """A row of the table: its contenders, and how a sample is taken."""

    @property
    def name(self) -> str:
        """The name for `--only`."""
        ...

    @property
    def contenders(self) -> Sequence[str]:
        """The contenders."""
        ...

    @property
    def rounds(self) -> Mapping[str, int]:
        """The most rounds of a contender, if fewer than the others."""
        ...

    def sample(self, contender: str, base_url: str) -> Sample:
        """Measure *contender* once."""
        ...


@contextmanager
def server(module: str = "benchmarks.server", *options: str) -> Iterator[str]:
    """Run the server of a module, and give its base URL."""
    command = [sys.executable, "-m", module, *options, *_pinned(cores()[1])]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def work(name: str, variant: str, base_url: str, options: Mapping[str, Any]) -> Sample:
    """Run one workload in a process of its own."""
    sample: Sample = json.loads(
        python("-m", "benchmarks.workloads", name, variant, base_url, json.dumps(options), *_pinned(cores()[0])).stdout
    )
    return sample


def fresh(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run *code* in a new Python on the clients' core, with compiled modules, as after an installation."""
    core = cores()[0]
    pinned = f"import os\nos.sched_setaffinity(0, {{{core}}})\n" if core is not None else ""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": _cache()}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return python(*options, "-c", pinned + code, environment=environment)


@cache
def _cache() -> str:
    directory = TemporaryDirectory()
    atexit.register(directory.cleanup)
    return directory.name


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python; it must succeed."""
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if finished.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{finished.stderr}")
    return finished


def run(rows: Sequence[Row], rounds: int) -> dict[str, Samples]:
    """Measure each contender of each row in each round; return the samples by row."""
    samples: dict[str, dict[str, list[Sample]]] = {row.name: {who: [] for who in row.contenders} for row in rows}
    began = time.monotonic()
    with server() as base_url:
        for number in range(rounds):
            for row in random.sample(rows, len(rows)):
                # The contenders of a row run directly after one another, while the machine is in the same state.
                for who in random.sample(row.contenders, len(row.contenders)):
                    if number < row.rounds.get(who, rounds):
                        _show_progress(
                            f"round {number + 1} of {rounds}, {time.monotonic() - began:.0f} s: {row.name}, {who}"
                        )
                        samples[row.name][who].append(row.sample(who, base_url))
    _show_progress("")
    return dict(samples)


def _pinned(cpu: int | None) -> list[str]:
    return [] if cpu is None else ["--cpu", str(cpu)]


def _show_progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
