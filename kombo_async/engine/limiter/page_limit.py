"""How many pages of lists are under way at once: as many as one event loop can decode without falling behind.

More would bring nothing: pages that wait to be decoded take memory, and those that arrive together keep the loop from
all else. As in TCP, the limit grows with each page that is decoded at once, and shrinks while many wait. A fixed limit
of 16 is as good for a server that is 30 ms away, but from one that takes a second, 50 lists take 2.4 times as long.
"""

from __future__ import annotations

import math

from .queue import Bulkhead

_FIRST = 16
"""The limit from the first large page on."""
_LEAST = 8
"""Enough to keep the loop busy from a server that is 30 ms away."""
_BACKLOG = 8
"""Pages that wait to be decoded from which on the limit shrinks."""
_SHRINK = 0.97


class PageLimit(Bulkhead):
    """A cap on the pages of one client in one event loop, from the request until they are decoded."""

    def __init__(self, highest: int) -> None:
        super().__init__(math.inf)
        self._highest = highest

    def adapt(self, waiting: int) -> None:
        """Adapt to a large page that arrived while *waiting* others waited to be decoded."""
        if self.limit == math.inf:
            self.limit = _FIRST
        elif waiting > _BACKLOG:
            self.limit = max(_LEAST, self.limit * _SHRINK)
        elif waiting <= 1:
            self.limit = min(self._highest, self.limit + 1)
