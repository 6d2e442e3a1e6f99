"""What a command writes: tables for people on a terminal, JSON lines for everything else; notes and bars beside them.

Results go to standard output. All else goes to standard error, so that a pipe carries nothing but results.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec
from attrs import frozen
from rich.box import ROUNDED
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..engine import codec
from .bar import Bar
from .files import OutputFile
from .options import Options
from .problems import without_keys
from .streams import standard_output
from .terminal import escape_controls, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

_ROWS = 1_000
"""How many rows a table has at most; then another begins, so that memory stays flat."""

_encoder = msgspec.json.Encoder()


@frozen
class Column(Generic[T]):
    """A column of a table: its heading, and how the text of a cell is got from an item."""

    title: str
    text: Callable[[T], str]
    extra: bool = False
    """Whether the column may be missing where the terminal is too narrow for all of them."""


class Output:
    """Writes for one command, as the shared options ask for."""

    def __init__(self, command: str, options: Options) -> None:
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._err = _MessageConsole(highlight=False, markup=False, emoji=False, stderr=True)
        self._command = command
        self._key = options.key
        self._quiet = options.quiet
        self._progress: Progress | None = None
        self.json = options.json or not sys.stdout.isatty()
        """Whether results are JSON lines: where they are asked for, or standard output is no terminal."""

    def result(self, value: object, lines: Iterable[str] = ()) -> None:
        """Write one result: *value* as a JSON line, or for people *lines*."""
        if self.json:
            self.records((value,))
        else:
            with self._bar_aside():
                self.text(lines)

    def text(self, lines: Iterable[str]) -> None:
        """Write lines for people, also where results are JSON lines."""
        for line in lines:
            self._out.print(Text(one_line(line)), soft_wrap=True)

    def records(self, values: Sequence[object]) -> None:
        """Write values as JSON lines; models are written as Kombo sent them, unknown words in enums included."""
        if values:
            with self._bar_aside():
                # The same bytes whatever the encoding of the terminal.
                lines = escape_controls(_encoder.encode_lines(codec.to_builtins(values)))
                with standard_output() as stream:
                    stream.write(lines)

    def facts(self, rows: Iterable[tuple[str, str]]) -> None:
        """Write names and what is known by them, in two columns; nothing where results are JSON lines."""
        if self.json:
            return
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, style="bold")
        table.add_column(overflow="fold")
        for name, text in rows:
            if text:
                table.add_row(Text(one_line(name)), Text(one_line(text)))
        self._print(table)

    def table(self, columns: Sequence[Column[T]], items: Sequence[T]) -> None:
        """Write a table; nothing where results are JSON lines. If it is too wide, its last column is wrapped first."""
        if self.json or not items:
            return
        cells = [(column.title, column.extra, [one_line(column.text(item)) for item in items]) for column in columns]
        if _width(cells) > self._out.width:
            cells = [cell for cell in cells if not cell[1]]
        table = Table(box=ROUNDED, header_style="bold")
        widths = _fitted([_natural(cell) for cell in cells], self._out.width - 3 * len(cells) - 1)
        for (heading, _, _), width in zip(cells, widths, strict=True):
            table.add_column(heading, overflow="fold", width=width)
        for row in zip(*(texts for _, _, texts in cells), strict=True):
            table.add_row(*map(Text, row))
        self._print(table)

    @contextmanager
    def listing(self, columns: Sequence[Column[T]]) -> Generator[Callable[[Sequence[T]], None]]:
        """Give a function that writes items as they come: JSON lines at once, rows of tables in portions.

        What is not yet written is written at the end, also after an error or Ctrl-C.
        """
        if self.json:
            yield self.records
            return
        waiting: list[T] = []

        def add(items: Sequence[T]) -> None:
            waiting.extend(items)
            while len(waiting) >= _ROWS:
                self.table(columns, waiting[:_ROWS])
                del waiting[:_ROWS]

        try:
            yield add
        finally:
            self.table(columns, waiting)

    @contextmanager
    def bar(self, label: str, total: int | None = None) -> Generator[Bar]:
        """Show a bar, or with no *total* a count, while standard error is a terminal. It is gone when it ends."""
        if self._quiet or not (sys.stderr.isatty() and self._err.is_interactive) or self._progress is not None:
            yield Bar()
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        count = TextColumn("{task.completed:,.0f}") if total is None else MofNCompleteColumn()
        label_column = TextColumn("{task.description}", markup=False)
        # Standard output stays what it is: it may be a file while the bar is on the terminal.
        progress = Progress(
            label_column,
            BarColumn(),
            count,
            TimeElapsedColumn(),
            console=self._err,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with progress:
            self._progress = progress
            try:
                yield Bar(progress, progress.add_task(label, total=total))
            finally:
                self._progress = None

    def note(self, text: str) -> None:
        """Tell people something that is no result, on standard error, unless they want it quiet."""
        if not self._quiet:
            self.tell(text)

    def tell(self, text: str, style: str = "") -> None:
        """Write a line to standard error in any case."""
        try:
            self._err.print(Text(without_keys(one_line(text), self._key), style), soft_wrap=True)
        except OSError:
            self._err.quiet = True

    def error(self, text: str, advice: str | None = None) -> None:
        """Write to standard error what went wrong, in a line, and what to do about it in another."""
        self.tell(f"kombo-async {self._command}: {text}")
        if advice:
            self.tell(advice)

    def flush(self) -> None:
        """Send on what waits to be written to standard output."""
        with standard_output():
            sys.stdout.flush()

    def _print(self, table: Table) -> None:
        with self._bar_aside():
            self._out.print(table)

    @contextmanager
    def _bar_aside(self) -> Generator[None]:
        """Take the bar away while results are written to the same terminal."""
        progress = self._progress if sys.stdout.isatty() else None
        if progress is None:
            yield
            return
        progress.stop()
        try:
            yield
            self.flush()
        finally:
            progress.start()


class _MessageConsole(Console):
    """Standard error: what cannot be written there is dropped, and what a command does is not affected."""

    def on_broken_pipe(self) -> None:
        """Drop this message and those that follow."""
        self.quiet = True


class StandardOutput(OutputFile):
    """Standard output as a file of records."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()

    def write(self, data: bytes) -> None:
        with standard_output() as stream:
            stream.write(escape_controls(data) if self.is_terminal else data)
            stream.flush()


_Cells = tuple[str, bool, list[str]]
"""The heading of a column, whether it may be missing, and its texts."""


def _natural(cells: _Cells) -> int:
    heading, _, texts = cells
    return max(map(cell_len, (heading, *texts)))


def _width(cells: Sequence[_Cells]) -> int:
    return sum(_natural(cell) + 3 for cell in cells) + 1


def _fitted(widths: list[int], room: int) -> list[int]:
    """Return widths that fit into the room: the last column is narrowed first, then always the widest one."""
    *others, last = widths
    last = max(min(last, room - sum(others)), min(last, 20))
    fitted = [*others, last]
    while sum(fitted) > room and max(fitted) > 8:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def plain(value: object) -> Any:
    """Return a model as plain JSON types, to be put into a result beside other things."""
    return codec.to_builtins(value)
