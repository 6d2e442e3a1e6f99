"""How far a command has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .terminal import one_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A bar on a terminal; elsewhere nothing, because a file has no use for it."""

    def __init__(self, progress: Progress | None = None, task: TaskID | None = None) -> None:
        self._progress = progress
        self._task = task

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, steps)

    def label(self, text: str) -> None:
        """Say something else before the bar."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=one_line(text))

    def finish(self) -> None:
        """Fill the bar, whose length was not known before."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, total=1, completed=1)
