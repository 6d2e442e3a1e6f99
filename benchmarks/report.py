"""What the rows say, as aligned text and as the page RESULTS.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from attrs import Factory, frozen

from . import machine
from .variants import OURS, PEERS


@frozen(kw_only=True)
class Verdict:
    """A figure and its bound."""

    value: float
    limit: float
    peer: str | None = None
    """Of whose figure it is a share, if it is one."""
    unit: str = ""
    """What it counts, if it is no share."""

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.value <= self.limit

    @property
    def text(self) -> str:
        """Both, in words."""
        return f"{_number(self.value)} ≤ {self.limit:g} {f'of {self.peer}' if self.peer else self.unit}".rstrip()


@frozen(kw_only=True)
class Line:
    """What one client did in one row. The figure is a median, the spread the smallest and the largest."""

    who: str
    figure: str
    spread: str = ""
    each: str = ""
    cpu: str = ""
    rounds: int = 1
    shares: Mapping[str, tuple[float, ...]] = Factory(dict[str, tuple[float, ...]])
    """By peer: the time, and the CPU time if it was measured, as shares of those of the peer."""
    verdicts: Sequence[Verdict] = ()


@frozen(kw_only=True)
class Told:
    """A row, measured."""

    name: str
    title: str
    lines: Sequence[Line]

    @property
    def verdicts(self) -> list[Verdict]:
        """All its bounds."""
        return [verdict for line in self.lines for verdict in line.verdicts]


_HEADS = ("work", "client", "median", "range", "each", "CPU", "rounds", *(f"of {peer} (CPU)" for peer in PEERS))


def table(rows: Sequence[Told]) -> str:
    """Return the rows as aligned text, with their bounds."""
    cells = [
        (*_HEADS, "bounds"),
        *((*row, _bounds(line)) for told in rows for row, line in zip(_cells(told), told.lines, strict=True)),
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([texts[0], "-" * max(map(len, texts)), *texts[1:]])


def page(rows: Sequence[Told], rounds: int, picture: str) -> str:
    """Return the whole page of results."""
    bounds = [verdict for told in rows for verdict in told.verdicts]
    held = sum(verdict.holds for verdict in bounds)
    peers = "; ".join(f"*{peer}*: {name}" for peer, name in PEERS.items())
    notes = f"""\
{rounds} rounds, fewer for slow peers and steady figures, as the second table says. In each of them every client does \
the work in a process of its own, in an order drawn anew, against the same server on loopback.
A share is the median, over the rounds, of the ratio of the times of a round. Its bound stands in brackets.
{peers}. *bare* and *httpx* know no retries, limits or errors and do not read ahead; *bare* decodes into the same \
classes as {OURS}, *httpx* into pydantic models of the same shape.
`async for item in pager` costs what the row about the loop says, and a loop over a page a quarter of it: most of what \
long lists of small items take over *bare*. *Page by page* is the same work without that.
Where a share of the official SDK is larger in time than in CPU time (in brackets in the second table), the rest is \
waiting for the server on the other core, which a slow client hardly does."""
    heads = ("work", OURS, *(f"of {peer}" for peer in PEERS), "other bounds", "holds")
    return "\n".join(
        [
            "# Results of the benchmarks",
            "",
            f"`make bench` wrote this on {datetime.now(UTC):%Y-%m-%d}; {held} of {len(bounds)} bounds hold.",
            "",
            f"![How long each client takes for the same work]({picture})",
            "",
            *(f"- {note}" for note in [*machine.description(), *notes.splitlines()]),
            "",
            "## Bounds",
            "",
            _markdown(heads, [_summary(told) for told in rows]),
            "",
            "## Everybody",
            "",
            _markdown(_HEADS, [cells for told in rows for cells in _cells(told)]),
            "",
        ]
    )


def _summary(told: Told) -> tuple[str, ...]:
    first = told.lines[0]
    if first.who == OURS:
        figure = f"{first.figure}, {first.each}" if first.each else first.figure
    else:
        figure = "; ".join(f"{line.who}: {line.figure}" for line in told.lines)
    bounds = {verdict.peer: verdict for verdict in told.verdicts if verdict.peer}
    shares: list[str] = []
    for peer in PEERS:
        share = first.shares.get(peer)
        bound = bounds.get(peer)
        if bound is not None:
            shares.append(f"**{_number(bound.value)}** (≤ {bound.limit:g})")
        else:
            shares.append("" if share is None else _number(share[0]))
    others = "; ".join(verdict.text for verdict in told.verdicts if not verdict.peer)
    if not told.verdicts:
        holds = ""
    elif all(verdict.holds for verdict in told.verdicts):
        holds = "yes"
    else:
        holds = "**no**"
    return (told.title, figure, *shares, others, holds)


def _cells(told: Told) -> list[tuple[str, ...]]:
    return [
        (
            "" if number else told.title,
            line.who,
            line.figure,
            line.spread,
            line.each,
            line.cpu,
            str(line.rounds),
            *(_both(*line.shares.get(peer, ())) for peer in PEERS),
        )
        for number, line in enumerate(told.lines)
    ]


def _both(wall: float | None = None, cpu: float | None = None) -> str:
    return ("" if wall is None else _number(wall)) + ("" if cpu is None else f" ({_number(cpu)})")


def _bounds(line: Line) -> str:
    return "; ".join(f"{verdict.text}: {'yes' if verdict.holds else 'NO'}" for verdict in line.verdicts)


def _number(value: float) -> str:
    if abs(value) < 0.01:
        return f"{value:.1g}"
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
