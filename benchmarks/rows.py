"""The rows of the table: what is measured, and what must hold."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from statistics import median
from tempfile import TemporaryDirectory
from typing import Protocol

from attrs import field, frozen

from .machine import cores
from .report import Line, Verdict
from .runner import Row, Sample, Samples, python, work
from .variants import HOMES, OURS

_MIB = 1 << 20


class JudgedRow(Row, Protocol):
    """A row that can be reported."""

    def lines(self, samples: Samples) -> list[Line]:
        """Say what the samples mean, one line a contender."""
        ...


@frozen(kw_only=True)
class Timed:
    """Work that each client does in turn; what counts is the time of ours as a share of theirs."""

    name: str
    title: str
    workload: str
    options: Mapping[str, int]
    unit: str
    at_most: Mapping[str, float]
    """The largest share that is good enough, by peer."""
    contenders: Sequence[str] = tuple(HOMES)
    rounds: int | None = None

    def sample(self, contender: str, base_url: str) -> Sample:
        return work(self.workload, contender, base_url, self.options)

    def lines(self, samples: Samples) -> list[Line]:
        self._compare_results(samples)
        lines: list[Line] = []
        for who in self.contenders:
            walls = [sample["wall"] for sample in samples[who]]
            items = samples[who][0]["items"]
            shares = {
                peer: (_share(samples, who, peer, "wall"), _share(samples, who, peer, "cpu"))
                for peer in self.at_most
                if peer != who
            }
            lines.append(
                Line(
                    work=self.title,
                    variant=who,
                    figure=f"{median(walls) * 1e3:.1f} ms",
                    spread=f"{min(walls) * 1e3:.1f}–{max(walls) * 1e3:.1f}",
                    each=f"{median(walls) / items * 1e6:.2f} µs a {self.unit}",
                    cpu=f"{median(sample['cpu'] for sample in samples[who]) * 1e3:.1f} ms",
                    shares=shares,
                    verdicts=[Verdict.of(shares[peer][0], limit, f"of {peer}") for peer, limit in self.at_most.items()]
                    if who == OURS
                    else [],
                )
            )
        return lines

    def _compare_results(self, samples: Samples) -> None:
        results = {(sample["items"], sample["enabled"]) for who in self.contenders for sample in samples[who]}
        if len(results) != 1:
            raise RuntimeError(f"{self.name}: the clients did not read the same: {results}")


def _share(samples: Samples, who: str, peer: str, key: str) -> float:
    # Within a round the machine was in the same mood.
    return median(float(a[key] / b[key]) for a, b in zip(samples[who], samples[peer], strict=True))


@frozen(kw_only=True)
class Memory:
    """By how much memory grows over a long list, against a short one."""

    name: str
    title: str
    page_size: int
    short: int
    long: int
    at_most: float
    """MiB that the long list may take over the short one."""
    rounds: int | None = 1
    contenders: Sequence[str] = field(init=False)

    @contenders.default
    def _contenders(self) -> Sequence[str]:
        return [f"{who} {pages} pages" for who in HOMES for pages in (self.short, self.long)]

    def sample(self, contender: str, base_url: str) -> Sample:
        who, pages, _ = contender.split()
        return work("memory", who, base_url, {"pages": int(pages), "page_size": self.page_size})

    def lines(self, samples: Samples) -> list[Line]:
        lines: list[Line] = []
        for who in HOMES:
            short, long = (
                [sample["growth"] / _MIB for sample in samples[f"{who} {pages} pages"]]
                for pages in (self.short, self.long)
            )
            over = median(long) - median(short)
            start = median(sample["start"] for sample in samples[f"{who} {self.long} pages"]) / _MIB
            lines.append(
                Line(
                    work=self.title,
                    variant=who,
                    figure=f"+{median(long):.1f} MiB",
                    spread=f"{min(long):.1f}–{max(long):.1f}",
                    each=f"+{median(short):.1f} MiB for {self.short} pages; start {start:.0f}",
                    verdicts=[Verdict.of(over, self.at_most, f"MiB over {self.short} pages")] if who == OURS else [],
                )
            )
        return lines


_PIN = f"import os\nos.sched_setaffinity(0, {{{cores()[0]}}})\n" if cores()[0] is not None else ""
_CLIENT = 'from kombo_async import KomboClient; client = KomboClient("x")'
_MARK = "before ends here"


@frozen(kw_only=True)
class FirstTime:
    """What a statement costs a new process the first time, after what came before: mostly imports."""

    name: str
    title: str
    before: str
    """Statements that the process has behind it, and which cost it something of their own."""
    statement: str
    at_most: float
    """Milliseconds."""
    processes: int
    """How many in a round."""
    contenders: Sequence[str] = (OURS,)
    rounds: int | None = None

    def sample(self, contender: str, base_url: str) -> Sample:  # noqa: ARG002
        with TemporaryDirectory() as cache:
            # As it is after an installation: compiled, wherever and however this tree is checked out.
            environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            code = (
                f"import time\nstart = time.perf_counter()\n{self.before}\nmiddle = time.perf_counter()\n"
                f"{self.statement}\nprint(middle - start, time.perf_counter() - middle)"
            )

            def times() -> list[float]:
                told = python("-c", _PIN + code, environment=environment).stdout
                return [float(part) * 1e3 for part in told.split()]

            times()
            runs = [times() for _ in range(self.processes)]
            marked = f"{self.before}\nimport sys\nprint({_MARK!r}, file=sys.stderr)\n{self.statement}"
            told = python("-X", "importtime", "-c", _PIN + marked, environment=environment).stderr
        return {
            "before": [run[0] for run in runs],
            "over": [run[1] for run in runs],
            "importtime": _own_imports(told),
        }

    def lines(self, samples: Samples) -> list[Line]:
        over = [value for sample in samples[OURS] for value in sample["over"]]
        before = median(value for sample in samples[OURS] for value in sample["before"])
        told = median(sample["importtime"] for sample in samples[OURS])
        return [
            Line(
                work=self.title,
                variant=OURS,
                figure=f"+{median(over):.1f} ms",
                spread=f"{min(over):.1f}–{max(over):.1f}",
                each=f"before it {before:.0f} ms; importtime +{told:.1f} ms",
                verdicts=[Verdict.of(median(over), self.at_most, "ms")],
            )
        ]


def _own_imports(told: str) -> float:
    """Return the milliseconds that `-X importtime` books on what follows the mark."""
    _, _, after = told.partition(f"{_MARK}\n")
    entries = re.findall(r"^import time:\s+(\d+) \|\s+\d+ \|", after, re.MULTILINE)
    return sum(map(int, entries)) / 1e3


def rows(*, quick: bool) -> list[JudgedRow]:
    """Return the rows of the table, in its order."""
    repeat, processes = (1, 3) if quick else (3, 5)
    return [
        Timed(
            name="fields-50x2000",
            title="50 pages × 2,000 fields",
            workload="fields",
            options={"pages": 50, "page_size": 2000, "repeat": repeat},
            unit="field",
            at_most={"official": 0.15, "bare": 1.15},
        ),
        Timed(
            name="fields-500x100",
            title="500 pages × 100 fields",
            workload="fields",
            options={"pages": 500, "page_size": 100, "repeat": repeat},
            unit="field",
            at_most={"official": 0.15, "bare": 1.15},
        ),
        Timed(
            name="one-item-calls",
            title="2,000 one-item calls in a row",
            workload="one_item_calls",
            options={"calls": 2000, "repeat": 1},
            unit="call",
            at_most={"official": 0.13, "bare": 1.30},
        ),
        Memory(name="memory", title="1,000,000 fields: memory", page_size=2000, short=10, long=500, at_most=4.0),
        FirstTime(
            name="import",
            title="import and a client, over aiohttp",
            before="import aiohttp",
            statement=_CLIENT,
            at_most=25.0,
            processes=processes,
        ),
        *(
            FirstTime(
                name=f"first-{family}",
                title=f"client.{family} for the first time",
                before=_CLIENT,
                statement=f"client.{family}",
                at_most=100.0,
                processes=processes,
            )
            for family in ("hris", "ats")
        ),
    ]
