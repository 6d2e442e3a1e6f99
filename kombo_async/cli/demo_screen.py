"""The output of the demo: lines, tables and progress bars."""

from __future__ import annotations

import textwrap
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from rich.box import ROUNDED
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .progress import ProgressBar, progress_bar

_INDENT = "   "


class Screen:
    """Writes for people. Brackets in text are no markup."""

    def __init__(self) -> None:
        self._out = Console(highlight=False, markup=False, emoji=False)
        self._tick, self._pause = ("✓", "…") if self._out.encoding.startswith("utf") else ("ok", "..")

    def line(self, text: str = "", style: str = "") -> None:
        """Write a line; it is never wrapped, so that it can be copied."""
        self._out.print(Text(text, style), soft_wrap=True)

    def heading(self, text: str, code: str | None = None) -> None:
        """Begin a step; *code* is the Python that does it."""
        self.line()
        self.line(text, "bold")
        if code is not None:
            self.line(_INDENT + code, "cyan")

    def good(self, text: str) -> None:
        """Write a result."""
        self._marked(self._tick, "green", text)

    def wait(self, text: str) -> None:
        """Write why there is a wait."""
        self._marked(self._pause, "yellow", text)

    def remark(self, text: str) -> None:
        """Write a remark."""
        self._marked(" ", "", text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table; only its last column may be wrapped."""
        table = Table(box=ROUNDED, header_style="bold")
        *others, last = columns
        for number, column in enumerate(others):
            texts = [*column.splitlines(), *(row[number] for row in rows)]
            table.add_column(column, no_wrap=True, min_width=max(map(cell_len, texts)))
        table.add_column(last, overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        self._out.print(Padding(table, (0, 0, 0, len(_INDENT)), expand=False))

    @contextmanager
    def progress_bar(self, label: str, total: int | None) -> Generator[ProgressBar]:
        """Show a bar with a count, or with an unknown *total* a moving bar."""
        if not self._out.is_interactive:
            yield ProgressBar()
            return
        with progress_bar(self._out, label, total, indent=_INDENT) as bar:
            yield bar

    def _marked(self, mark: str, style: str, text: str) -> None:
        first = f"{_INDENT}{mark} "
        lines = textwrap.wrap(
            text,
            max(self._out.width, 40),
            initial_indent=" " * len(first),
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        body = "\n".join(lines)[len(first) :]
        self._out.print(Text.assemble(_INDENT, (mark, style), " ", body), soft_wrap=True)
