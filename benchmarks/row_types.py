"""The types of rows that compare times: how a sample is taken, and how samples are summarised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from statistics import median, quantiles
from typing import Any, Protocol

from attrs import Factory, frozen

from .report import Line, RowSummary, Verdict
from .runner import Row, Sample, Samples, work
from .variants import HOMES, OURS, PEERS

NO_LIMIT = Factory(dict[str, int])


class JudgedRow(Row, Protocol):
    """A row that can be reported."""

    def summary(self, samples: Samples) -> RowSummary:
        """Summarise the samples."""
        ...


@frozen(kw_only=True)
class Timed:
    """The same work by each client; our time is compared as a ratio to theirs."""

    name: str
    title: str
    workload: str
    options: Mapping[str, Any]
    unit: str
    """One item of the work, with its article."""
    upper_bound: Mapping[str, float]
    """The upper bound of the ratio, by peer."""
    contenders: Sequence[str] = tuple(HOMES)
    rounds: Mapping[str, int] = NO_LIMIT
    less: Mapping[str, Mapping[str, Any]] = Factory(dict[str, Mapping[str, Any]])
    """Options of clients that do less of the work; times are compared per item."""

    def sample(self, contender: str, base_url: str) -> Sample:
        return work(self.workload, contender, base_url, {**self.options, **self.less.get(contender, {})})

    def summary(self, samples: Samples) -> RowSummary:
        self._compare_results(samples)
        return RowSummary(name=self.name, title=self.title, lines=[self._line(who, samples) for who in self.contenders])

    def _line(self, who: str, samples: Samples) -> Line:
        walls = [sample["wall"] * 1e3 for sample in samples[who]]
        items = samples[who][0]["items"]
        ratios = {
            peer: (_ratio(samples, who, peer, "wall"), _ratio(samples, who, peer, "cpu"))
            for peer in PEERS
            if peer != who and peer in self.contenders
        }
        return Line(
            who=who,
            figure=_milliseconds(median(walls)),
            spread=f"{_short(min(walls))}–{_short(max(walls))}",
            each=f"{_short(median(walls) / items * 1e3)} µs {self.unit}",
            cpu=_milliseconds(median(sample["cpu"] * 1e3 for sample in samples[who])),
            rounds=len(walls),
            ratios=ratios,
            verdicts=[
                Verdict(value=ratios[peer][0], limit=limit, peer=peer)
                for peer, limit in self.upper_bound.items()
                if who == OURS
            ],
        )

    def _compare_results(self, samples: Samples) -> None:
        same = {
            (sample["items"], sample["seen"])
            for who in self.contenders
            for sample in samples[who]
            if who not in self.less
        }
        if len(same) != 1:
            raise RuntimeError(f"{self.name}: the clients read different data: {same}")


def _ratio(samples: Samples, who: str, peer: str, key: str) -> float:
    # Ratios are taken within a round, in which the machine is in the same state. Fewer rounds are the first ones.
    return median(
        float(a[key] / a["items"] / (b[key] / b["items"])) for a, b in zip(samples[who], samples[peer], strict=False)
    )


def _milliseconds(value: float) -> str:
    return f"{_short(value)} ms"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


@frozen(kw_only=True)
class Stall:
    """The longest time that the event loop is blocked, for each page."""

    name: str
    title: str
    options: Mapping[str, Any]
    upper_bound: Mapping[str, float]
    """The upper bound of the ratio, by peer."""
    contenders: Sequence[str] = tuple(HOMES)
    rounds: Mapping[str, int] = NO_LIMIT

    def sample(self, contender: str, base_url: str) -> Sample:
        return work("stall", contender, base_url, self.options)

    def summary(self, samples: Samples) -> RowSummary:
        stalls = {who: [median(sample["stalls"]) * 1e3 for sample in samples[who]] for who in self.contenders}
        lines: list[Line] = []
        for who, medians in stalls.items():
            pages = [stall * 1e3 for sample in samples[who] for stall in sample["stalls"]]
            ratios = {
                peer: median(a / b for a, b in zip(medians, stalls[peer], strict=False))
                for peer in PEERS
                if peer != who and peer in stalls
            }
            lines.append(
                Line(
                    who=who,
                    figure=f"{median(medians):.3g} ms",
                    spread=f"{min(medians):.3g}–{max(medians):.3g}",
                    each=f"p95 {_percentile(pages, 95):.3g}, longest {max(pages):.3g} ms",
                    rounds=len(medians),
                    ratios={peer: (ratio,) for peer, ratio in ratios.items()},
                    verdicts=[
                        Verdict(value=ratios[peer], limit=limit, peer=peer)
                        for peer, limit in self.upper_bound.items()
                        if who == OURS
                    ],
                )
            )
        return RowSummary(name=self.name, title=self.title, lines=lines)


@frozen(kw_only=True)
class Loops:
    """The cost of iterating over items without any network, which explains a part of the other figures."""

    name: str
    title: str
    options: Mapping[str, Any]
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = (OURS,)

    def sample(self, contender: str, base_url: str) -> Sample:
        return work("loops", contender, base_url, self.options)

    def summary(self, samples: Samples) -> RowSummary:
        ways = {way: [sample[way] * 1e9 for sample in samples[OURS]] for way in samples[OURS][0]}
        return RowSummary(
            name=self.name,
            title=self.title,
            lines=[
                Line(
                    who=f"`{way}`",
                    figure=f"{median(times):.0f} ns an item",
                    spread=f"{min(times):.0f}–{max(times):.0f}",
                    rounds=len(times),
                )
                for way, times in ways.items()
            ],
        )


@frozen(kw_only=True)
class Crowd:
    """How long the event loop is blocked while pages of many integrations arrive at once."""

    name: str
    title: str
    options: Mapping[str, Any]
    upper_bound: float
    """Milliseconds: the 99th percentile of the stalls in which a page was decoded."""
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = (OURS,)

    def sample(self, contender: str, base_url: str) -> Sample:
        return work("crowd", contender, base_url, self.options)

    def summary(self, samples: Samples) -> RowSummary:
        runs = [_percentile([stall * 1e3 for stall in sample["stalls"]], 99) for sample in samples[OURS]]
        middle = median(stall * 1e3 for sample in samples[OURS] for stall in sample["stalls"])
        most = max(sample["in_iteration"] for sample in samples[OURS])
        wall, growth = (median(sample[key] for sample in samples[OURS]) for key in ("wall", "growth"))
        return RowSummary(
            name=self.name,
            title=self.title,
            lines=[
                Line(
                    who=OURS,
                    figure=f"p99 {median(runs):.3g} ms",
                    spread=f"{min(runs):.3g}–{max(runs):.3g}",
                    each=f"median {middle:.3g} ms, all in {wall:.2f} s and +{growth / 2**20:.0f} MiB",
                    rounds=len(runs),
                    verdicts=[
                        Verdict(value=median(runs), limit=self.upper_bound, unit="ms, p99"),
                        Verdict(value=most, limit=1, unit="page decoded in one loop iteration"),
                    ],
                )
            ],
        )


def _percentile(values: Sequence[float], percent: int) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


@frozen(kw_only=True)
class Options:
    """The cost of the limiter and observers, as a ratio to the same work without them."""

    name: str
    title: str
    options: Mapping[str, Any]
    upper_bound: float
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = (OURS,)

    def sample(self, contender: str, base_url: str) -> Sample:
        return work("options", contender, base_url, self.options)

    def summary(self, samples: Samples) -> RowSummary:
        walls, cpus = ([ratio for sample in samples[OURS] for ratio in sample[key]] for key in ("wall", "cpu"))
        return RowSummary(
            name=self.name,
            title=self.title,
            lines=[
                Line(
                    who=OURS,
                    figure=f"× {median(walls):.3f}",
                    spread=f"{min(walls):.3f}–{max(walls):.3f}",
                    cpu=f"× {median(cpus):.3f}",
                    rounds=len(walls),
                    verdicts=[Verdict(value=median(walls), limit=self.upper_bound, unit="of off")],
                )
            ],
        )


@frozen(kw_only=True)
class Flat:
    """Whether the time per item stays the same as the work grows."""

    name: str
    title: str
    sizes: Mapping[str, Mapping[str, int]]
    """What to read for each size, from the smallest to the largest."""
    repetitions: int
    """How often each size is measured in a sample."""
    unit: str
    upper_bound: float
    """The upper bound of the growth of the time over that of any smaller size, as a fraction."""
    rounds: Mapping[str, int] = NO_LIMIT
    contenders: Sequence[str] = (OURS,)

    def sample(self, contender: str, base_url: str) -> Sample:
        return work("flat", contender, base_url, {"sizes": self.sizes, "repetitions": self.repetitions})

    def summary(self, samples: Samples) -> RowSummary:
        each, cpus = (self._times(samples[OURS], key) for key in ("wall", "cpu"))
        growth, cpu_growth = (_growth([median(of[size]) for size in self.sizes]) for of in (each, cpus))
        lines = [
            Line(
                who=size,
                figure=f"{median(each[size]):.2f} µs {self.unit}",
                spread=f"{min(each[size]):.2f}–{max(each[size]):.2f}",
                cpu=f"{median(cpus[size]):.2f} µs",
                rounds=len(each[size]),
                verdicts=[
                    Verdict(value=growth, limit=self.upper_bound, unit="drift of time"),
                    Verdict(value=cpu_growth, limit=self.upper_bound, unit="drift of CPU time"),
                ]
                if size == list(self.sizes)[-1]
                else [],
            )
            for size in self.sizes
        ]
        return RowSummary(name=self.name, title=self.title, lines=lines)

    def _times(self, samples: Sequence[Sample], key: str) -> Mapping[str, Sequence[float]]:
        return {
            size: [one[key] / one["items"] * 1e6 for sample in samples for one in sample[size]] for size in self.sizes
        }


def _growth(times: Sequence[float]) -> float:
    """Return the largest growth of a time over the smallest one before it, as a fraction."""
    return max(0.0, *(time / least - 1 for time, least in zip(times[1:], accumulate(times, min), strict=False)))
