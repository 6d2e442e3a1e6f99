"""The table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from attrs import Factory, frozen


@frozen
class Verdict:
    """A bound, and whether it holds."""

    text: str
    holds: bool

    @classmethod
    def of(cls, value: float, limit: float, what: str) -> Self:
        """Hold *value* against its *limit*."""
        return cls(f"{value:.3g} ≤ {limit:g} {what}", value <= limit)


@frozen(kw_only=True)
class Line:
    """What one client did in one row. The figure is a median, the spread the smallest and the largest."""

    work: str
    variant: str
    figure: str
    spread: str
    each: str
    cpu: str = ""
    shares: Mapping[str, tuple[float, float]] = Factory(dict[str, tuple[float, float]])
    """The time, and the CPU time, as shares of those of a peer, by peer."""
    verdicts: Sequence[Verdict] = ()


PEERS = ("official", "bare")
_HEADS = ("work", "client", "median", "range", "each", "cpu", "of official (cpu)", "of bare (cpu)", "bounds")


def table(lines: Sequence[Line]) -> str:
    """Return the lines as aligned text."""
    cells = [_HEADS, *(_cells(line, before) for line, before in zip(lines, [None, *lines], strict=False))]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS))]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([texts[0], "-" * max(map(len, texts)), *texts[1:]])


def _cells(line: Line, before: Line | None) -> tuple[str, ...]:
    bounds = "; ".join(f"{verdict.text}: {'yes' if verdict.holds else 'NO'}" for verdict in line.verdicts)
    shares = ["{:.3f} ({:.3f})".format(*line.shares[peer]) if peer in line.shares else "" for peer in PEERS]
    work = "" if before is not None and before.work == line.work else line.work
    return (work, line.variant, line.figure, line.spread, line.each, line.cpu, *shares, bounds)
