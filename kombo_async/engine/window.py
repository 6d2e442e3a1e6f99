"""How many pages are under way at once: as many as one event loop can read without falling behind.

More would bring nothing: pages that wait to be decoded take memory, and those that arrive together keep the loop from
all else. As in TCP, the window grows with each page that is read at once, and shrinks while many wait.
"""

from __future__ import annotations

import math

from .gate import Bulkhead

_FIRST = 16
"""Where it begins, with the first large page."""
_LEAST = 8
"""Enough to keep the loop busy from a server that is 30 ms away."""
_BEHIND = 8
"""Pages that wait to be decoded from which on the window shrinks."""
_SHRINK = 0.97


class Window(Bulkhead):
    """The pages of one client in one event loop, from the request until they are decoded."""

    def __init__(self, most: int) -> None:
        super().__init__(math.inf)
        self._most = most

    def came(self, waiting: int) -> None:
        """Adapt to a large page that came while so many before it are *waiting* to be decoded."""
        if self.limit == math.inf:
            self.limit = _FIRST
        elif waiting > _BEHIND:
            self.limit = max(_LEAST, self.limit * _SHRINK)
        elif waiting <= 1:
            self.limit = min(self._most, self.limit + 1)
