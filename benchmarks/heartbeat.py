"""How long an event loop stands still, as another task of the same program would feel it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Any


class Heartbeat:
    """Beats once in every turn of the running loop; what lies between two beats is a stall."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last = 0.0
        self._longest = 0.0
        self._handle: asyncio.Handle | None = None
        self.marked: list[float] = []
        """The seconds between the two beats around each call of `mark`; once where several fell between the same."""
        self._is_marked = False

    def start(self) -> None:
        """Begin. A timer would be too coarse, and would sleep; this keeps the loop busy instead."""
        self._last = time.perf_counter()
        self._handle = self._loop.call_soon(self._beat)

    def stop(self) -> None:
        """End."""
        if self._handle is not None:
            self._handle.cancel()

    def mark(self) -> None:
        """Have the stall that is now going on kept in `marked`."""
        self._is_marked = True

    def longest(self) -> float:
        """Return the longest stall since this was last asked for."""
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
    """asyncio's usual loop, which also counts its turns."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = 0
        self.in_turn: Counter[int] = Counter()
        """How often `note` was called in which turn."""

    def note(self) -> None:
        """Count something for the turn that is going on."""
        self.in_turn[self.turn] += 1

    def _run_once(self) -> Any:
        self.turn += 1
        return super()._run_once()  # type: ignore[misc]
