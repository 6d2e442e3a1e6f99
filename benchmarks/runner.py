"""The server and the clients as processes of their own, round after round, in an order drawn anew each time."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from .machine import cores

ROOT = Path(__file__).parent.parent

Sample = dict[str, Any]
Samples = Mapping[str, Sequence[Sample]]
"""What each contender of a row took, round by round."""


class Row(Protocol):
    """A row of the table: who takes part, how one takes its turn, and what is said of it in the end."""

    @property
    def name(self) -> str:
        """What `--only` takes."""
        ...

    @property
    def contenders(self) -> Sequence[str]:
        """Who takes part."""
        ...

    @property
    def rounds(self) -> int | None:
        """How many rounds are enough, where that is fewer than asked for."""
        ...

    def sample(self, contender: str, base_url: str) -> Sample:
        """Let *contender* do the work once."""
        ...


@contextmanager
def server() -> Iterator[str]:
    """Run the server; gives its base URL."""
    command = [sys.executable, "-m", "benchmarks.server", *_pinned(cores()[1])]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def work(name: str, variant: str, base_url: str, options: Mapping[str, int]) -> Sample:
    """Do one piece of work in a process of its own."""
    sample: Sample = json.loads(
        python("-m", "benchmarks.workloads", name, variant, base_url, json.dumps(options), *_pinned(cores()[0])).stdout
    )
    return sample


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python to its end; it must succeed."""
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
    """Give every contender of every row its turn in each round; returns the samples by row."""
    samples: dict[str, dict[str, list[Sample]]] = {row.name: {who: [] for who in row.contenders} for row in rows}
    with server() as base_url:
        for number in range(rounds):
            turns = [row for row in rows if row.rounds is None or number < row.rounds]
            random.shuffle(turns)
            for row in turns:
                for who in random.sample(row.contenders, len(row.contenders)):
                    _tell(f"round {number + 1} of {rounds}: {row.name}, {who}")
                    samples[row.name][who].append(row.sample(who, base_url))
    _tell("")
    return dict(samples)


def _pinned(cpu: int | None) -> list[str]:
    return [] if cpu is None else ["--cpu", str(cpu)]


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
