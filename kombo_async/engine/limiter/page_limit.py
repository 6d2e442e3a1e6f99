"""How many pages of lists are under way at once: as many as one event loop can decode without falling behind.

More would gain nothing: pages that wait to be decoded take memory, and those that arrive together block the event loop.
As in TCP's congestion control, the limit grows with each page that is decoded at once, and shrinks while many wait.
With a latency of one second, 50 lists take 2.4 times as long under a fixed limit of 16: see
`python -m benchmarks.mechanisms`.
"""

from __future__ import annotations

import math

from .tickets import Bulkhead

_FIRST = 16
"""The limit from the first large page on."""
_LEAST = 8
"""Enough to keep the loop busy from a server that is 30 ms away."""
_BACKLOG = 8
"""The limit shrinks while more pages than this wait to be decoded."""
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
