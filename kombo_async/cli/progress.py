"""Progress bars."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID


class ProgressBar:
    """A progress bar on a terminal; without *progress*, where output is not a terminal, every method does nothing."""

    def __init__(self, progress: Progress | None = None, task: TaskID | None = None) -> None:
        self.progress = progress
        self._task = task

    def advance(self, steps: int = 1) -> None:
        """Count *steps* more as done."""
        if self.progress is not None and self._task is not None:
            self.progress.advance(self._task, steps)


@contextmanager
def progress_bar(
    console: Console, label: str, total: int | None, *, indent: str = "", transient: bool = False
) -> Generator[ProgressBar]:
    """Show a bar, or without *total* a moving bar with a count; *transient* removes it at the end."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    count = TextColumn("{task.completed:,.0f}") if total is None else MofNCompleteColumn()
    label_column = TextColumn(indent + "{task.description}", markup=False)
    # Standard output is not redirected: it may be a file while the bar is on the terminal.
    with Progress(
        label_column,
        BarColumn(),
        count,
        TimeElapsedColumn(),
        console=console,
        transient=transient,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as progress:
        yield ProgressBar(progress, progress.add_task(label, total=total))
