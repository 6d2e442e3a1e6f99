"""The report: an aligned table, and the page RESULTS.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from attrs import Factory, frozen

from . import machine, results
from .variants import OURS, PEERS


@frozen(kw_only=True)
class Verdict:
    """A figure and its bound."""

    value: float
    limit: float
    peer: str | None = None
    """The peer whose figure the value is divided by, if it is a ratio."""
    unit: str = ""
    """The unit, if the value is not a ratio."""

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.value <= self.limit

    @property
    def text(self) -> str:
        """The figure and its bound as text."""
        return f"{_number(self.value)} ≤ {self.limit:g} {f'of {self.peer}' if self.peer else self.unit}".rstrip()


@frozen(kw_only=True)
class Line:
    """The result of one client in one row. The figure is a median, the spread the smallest and the largest value."""

    who: str
    figure: str
    spread: str = ""
    each: str = ""
    cpu: str = ""
    rounds: int = 1
    ratios: Mapping[str, tuple[float, ...]] = Factory(dict[str, tuple[float, ...]])
    """By peer: the ratio of the times, and of the CPU times if they were measured."""
    verdicts: Sequence[Verdict] = ()


@frozen(kw_only=True)
class RowSummary:
    """The results of a row."""

    name: str
    title: str
    lines: Sequence[Line]

    @property
    def verdicts(self) -> list[Verdict]:
        """The bounds of all lines."""
        return [verdict for line in self.lines for verdict in line.verdicts]


_HEADS = ("work", "client", "median", "range", "each", "CPU", "rounds", *(f"of {peer} (CPU)" for peer in PEERS))


def table(rows: Sequence[RowSummary]) -> str:
    """Return the rows as aligned text, with their bounds."""
    cells = [
        (*_HEADS, "bounds"),
        *((*row, _bounds(line)) for summary in rows for row, line in zip(_cells(summary), summary.lines, strict=True)),
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([texts[0], "-" * max(map(len, texts)), *texts[1:]])


def page(rows: Sequence[RowSummary], picture: str) -> str:
    """Return the whole page of results."""
    bounds = [verdict for summary in rows for verdict in summary.verdicts]
    held = sum(verdict.holds for verdict in bounds)
    peers = "; ".join(f"*{peer}*: {name}" for peer, name in PEERS.items())
    rounds = max(line.rounds for summary in rows for line in summary.lines)
    notes = f"""\
Up to {rounds} rounds, fewer for slow peers and steady figures, as the second table says. In each round every client \
does the work in a process of its own, in random order, against the same server on loopback.
A ratio is the median over the rounds; its bound is in brackets.
{peers}. *bare* and *httpx* have no retries, limits or error classes and do not read ahead; *bare* decodes into the \
same classes as {OURS}, *httpx* into pydantic models of the same shape.
The row about iteration gives the cost of `async for item in pager`; a loop over a page costs a quarter of it. This is \
most of the difference to *bare* for long lists of small items. *Page by page* is the same work without it.
Where a ratio to the official SDK is larger in time than in CPU time (in brackets in the second table), our client \
waits for the server on the other core, which a slow client hardly does."""
    heads = ("work", OURS, *(f"of {peer}" for peer in PEERS), "other bounds", "holds")
    return "\n".join(
        [
            "# Results of the benchmarks",
            "",
            f"`make bench` wrote this on {datetime.now(UTC):%Y-%m-%d}; {held} of {len(bounds)} bounds hold.",
            "",
            f"![Time of each client for the same work]({picture})",
            "",
            *(f"- {note}" for note in [*machine.description(), *notes.splitlines()]),
            "",
            "## Bounds",
            "",
            markdown(heads, [_bounds_row(summary) for summary in rows]),
            "",
            "## All clients",
            "",
            markdown(_HEADS, [cells for summary in rows for cells in _cells(summary)]),
            "",
        ]
    )


def _bounds_row(summary: RowSummary) -> tuple[str, ...]:
    first = summary.lines[0]
    if first.who == OURS:
        figure = f"{first.figure}, {first.each}" if first.each else first.figure
    else:
        figure = "; ".join(f"{line.who}: {line.figure}" for line in summary.lines)
    bounds = {verdict.peer: verdict for verdict in summary.verdicts if verdict.peer}
    ratios: list[str] = []
    for peer in PEERS:
        ratio = first.ratios.get(peer)
        bound = bounds.get(peer)
        if bound is not None:
            ratios.append(f"**{_number(bound.value)}** (≤ {bound.limit:g})")
        else:
            ratios.append("" if ratio is None else _number(ratio[0]))
    others = "; ".join(verdict.text for verdict in summary.verdicts if not verdict.peer)
    if not summary.verdicts:
        holds = ""
    elif all(verdict.holds for verdict in summary.verdicts):
        holds = "yes"
    else:
        holds = "**no**"
    return (summary.title, figure, *ratios, others, holds)


def _cells(summary: RowSummary) -> list[tuple[str, ...]]:
    return [
        (
            "" if number else summary.title,
            line.who,
            line.figure,
            line.spread,
            line.each,
            line.cpu,
            str(line.rounds),
            *(_both(*line.ratios.get(peer, ())) for peer in PEERS),
        )
        for number, line in enumerate(summary.lines)
    ]


def _both(wall: float | None = None, cpu: float | None = None) -> str:
    return ("" if wall is None else _number(wall)) + ("" if cpu is None else f" ({_number(cpu)})")


def _bounds(line: Line) -> str:
    return "; ".join(f"{verdict.text}: {'yes' if verdict.holds else 'NO'}" for verdict in line.verdicts)


def _number(value: float) -> str:
    if abs(value) < 0.01:
        return f"{value:.1g}"
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def section(heads: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> list[str]:
    """Return the lines of a section of RESULTS.md: notes, then a table; its last column says whether a bound holds."""
    verdicts = [row[-1] for row in rows if row[-1]]
    held = f"; {sum(each == 'yes' for each in verdicts)} of {len(verdicts)} bounds hold" if verdicts else ""
    about = [f"Written on {datetime.now(UTC):%Y-%m-%d}{held}.", *machine.description(), *notes]
    return [*(f"- {note}" for note in about), "", markdown(heads, rows)]


def write_rows(title: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], *notes: str) -> None:
    """Replace these rows, by their first cell, in a section of RESULTS.md; its other rows stay."""
    table = {**results.table_rows(results.read().get(title, "")), **{row[0]: row for row in rows}}
    results.write_section(title, section(heads, list(table.values()), *notes))
