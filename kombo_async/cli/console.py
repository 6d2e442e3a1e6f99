"""The output of a command: tables on a terminal, else JSON lines; notes and progress bars.

Results go to standard output, everything else to standard error, so that a pipe carries only results.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from attrs import frozen
from rich.box import ROUNDED
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..engine import codec
from .error_messages import mask_keys
from .files import OutputFile
from .options import OutputOptions
from .progress import ProgressBar, progress_bar
from .streams import standard_output
from .terminal import escape_controls, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")

_ROWS = 1_000
"""The most rows of a table; further rows begin another table, so that memory stays flat."""

_encoder = msgspec.json.Encoder()


@frozen
class Column(Generic[T]):
    """A column of a table: its heading, and a function that returns the text of a cell."""

    title: str
    text: Callable[[T], str]
    extra: bool = False
    """Whether the column is left out if the terminal is too narrow for all columns."""


class Output:
    """Writes the output of one command, as the shared options say."""

    def __init__(self, command: str, options: OutputOptions, secrets: Sequence[str | None] = ()) -> None:
        """*secrets*, such as a key on the command line, are masked in all messages."""
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._err = _MessageConsole(highlight=False, markup=False, emoji=False, stderr=True)
        self._command = command
        self._secrets = secrets
        self._quiet = options.quiet
        self._progress: Progress | None = None
        self.json = options.json or not sys.stdout.isatty()
        """Whether results are JSON lines: where they are asked for, or standard output is not a terminal."""

    def result(self, value: object, lines: Iterable[str] = ()) -> None:
        """Write one result: *value* as a JSON line, or for people *lines*."""
        if self.json:
            self.records((value,))
        else:
            with self._bar_hidden():
                self.text(lines)

    def text(self, lines: Iterable[str]) -> None:
        """Write lines for people, also where results are JSON lines."""
        for line in lines:
            self._out.print(Text(one_line(line)), soft_wrap=True)

    def records(self, values: Sequence[object]) -> None:
        """Write values as JSON lines; models are written as Kombo sent them, unknown words in enums included."""
        if values:
            with self._bar_hidden():
                # The same bytes whatever the encoding of the terminal.
                lines = escape_controls(_encoder.encode_lines(codec.to_builtins(values)))
                with standard_output() as stream:
                    stream.write(lines)

    def key_values(self, rows: Iterable[tuple[str, str]]) -> None:
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
        if sum(_widest(cell) + 3 for cell in cells) + 1 > self._out.width:
            cells = [cell for cell in cells if not cell[1]]
        table = Table(box=ROUNDED, header_style="bold")
        widths = _fit([_widest(cell) for cell in cells], self._out.width - 3 * len(cells) - 1)
        for (heading, _, _), width in zip(cells, widths, strict=True):
            table.add_column(heading, overflow="fold", width=width)
        for row in zip(*(texts for _, _, texts in cells), strict=True):
            table.add_row(*map(Text, row))
        self._print(table)

    def rows(self, columns: Sequence[Column[T]], items: Sequence[T]) -> None:
        """Write items as JSON lines, or for people as a table."""
        if self.json:
            self.records(items)
        else:
            self.table(columns, items)

    def fitting(self, columns: Sequence[Column[T]], items: Sequence[T]) -> Sequence[Column[T]]:
        """Return the first columns, as many as fit next to each other, but at least one."""
        left = self._out.width - 1
        for number, column in enumerate(columns):
            left -= _widest((column.title, False, [one_line(column.text(item)) for item in items])) + 3
            if left < 0:
                return columns[: max(number, 1)]
        return columns

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
    def progress_bar(self, label: str, total: int | None = None) -> Generator[ProgressBar]:
        """Show a bar, or without *total* a count, if standard error is a terminal. It disappears at the end."""
        if self._quiet or not (sys.stderr.isatty() and self._err.is_interactive) or self._progress is not None:
            yield ProgressBar()
            return
        with progress_bar(self._err, label, total, transient=True) as bar:
            self._progress = bar.progress
            try:
                yield bar
            finally:
                self._progress = None

    def note(self, text: str) -> None:
        """Write a line to standard error, unless `--quiet` is given."""
        if not self._quiet:
            self.message(text)

    def message(self, text: str, style: str = "") -> None:
        """Write a line to standard error."""
        try:
            self._err.print(Text(mask_keys(one_line(text), *self._secrets), style), soft_wrap=True)
        except OSError:
            self._err.quiet = True

    def error(self, text: str, hint: str | None = None) -> None:
        """Write an error to standard error, and what to do about it in a second line."""
        self.message(f"kombo-async {self._command}: {text}")
        if hint:
            self.message(hint)

    def flush(self) -> None:
        """Flush standard output."""
        with standard_output():
            sys.stdout.flush()

    def _print(self, table: Table) -> None:
        with self._bar_hidden():
            self._out.print(table)

    @contextmanager
    def _bar_hidden(self) -> Generator[None]:
        """Hide the progress bar while results are written to the same terminal."""
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
    """Standard error: messages that cannot be written are dropped, and the command continues."""

    def on_broken_pipe(self) -> None:
        """Drop this message and all later ones."""
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
"""The heading of a column, whether it can be left out, and its texts."""


def _widest(cells: _Cells) -> int:
    heading, _, texts = cells
    return max(map(cell_len, (heading, *texts)))


def _fit(widths: list[int], available: int) -> list[int]:
    """Return widths that fit into *available*: the last column is narrowed first, then repeatedly the widest."""
    *others, last = widths
    last = max(min(last, available - sum(others)), min(last, 20))
    fitted = [*others, last]
    while sum(fitted) > available and max(fitted) > 8:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted
