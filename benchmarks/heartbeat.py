"""How long an event loop is blocked, as other tasks of the program experience it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any


class Heartbeat:
    """Measures the time between two iterations of the running event loop: a stall."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last = 0.0
        self._longest = 0.0
        self._handle: asyncio.Handle | None = None
        self.marked: list[float] = []
        """The seconds of each iteration in which `mark` was called."""
        self._is_marked = False

    def start(self) -> None:
        """Begin. This keeps the loop busy: a timer would be too coarse, and would let it sleep."""
        self._last = time.perf_counter()
        self._handle = self._loop.call_soon(self._beat)

    def stop(self) -> None:
        """End."""
        if self._handle is not None:
            self._handle.cancel()

    def mark(self) -> None:
        """Record the current stall in `marked`."""
        self._is_marked = True

    def longest(self) -> float:
        """Return the longest stall since the last call."""
        longest, self._longest = self._longest, 0.0
        return longest

    def _beat(self) -> None:
        now = time.perf_counter()
        stall, self._last = now - self._last, now
        self._longest = max(self._longest, stall)
        if self._is_marked:
            self._is_marked = False
            self.marked.append(stall)
        self._handle = self._loop.call_soon(self._beat)


class CountingLoop(asyncio.SelectorEventLoop):
    """The default event loop, which also counts its iterations."""

    def __init__(self) -> None:
        super().__init__()
        self.iteration = 0
        self.in_iteration: Counter[int] = Counter()
        """The calls of `note`, by iteration."""

    def note(self) -> None:
        """Count one event in the current iteration."""
        self.in_iteration[self.iteration] += 1

    def _run_once(self) -> Any:
        self.iteration += 1
        return super()._run_once()  # type: ignore[misc]
