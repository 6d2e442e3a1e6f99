"""Capacity that is reserved for interactive calls, for which a person waits, while bulk work runs.

Priority in the queue is not enough: bulk work uses up a rate window at its start, and an interactive call would wait
for the next one. So, while there are interactive calls, a tenth of each window and of the requests in flight is
reserved for them. It costs bulk work that tenth; a single read while 40 lists are read then waits for milliseconds and
not for the rest of the window.
"""

from __future__ import annotations

import math

from .rate_limit import RateLimit
from .tickets import Bulkhead, Ticket

_KEPT_FOR = 60.0
"""Seconds after the last interactive call in which room is kept for the next one."""


class InteractiveCalls(Bulkhead):
    """Counts the interactive requests, without a cap."""

    def __init__(self, rate_limit: RateLimit) -> None:
        super().__init__(math.inf)
        self.kept_until = -math.inf
        """Loop time until which capacity is reserved for them."""
        self._rate_limit = rate_limit
        self._window_began_at: float = 0.0
        self._sent_in_window = 0
        self._waited_for_window = 0
        self._sent_at = -math.inf

    def seen(self, now: float) -> None:
        """Note that there is an interactive call."""
        self.kept_until = now + _KEPT_FOR

    def acquire(self, ticket: Ticket, now: float) -> None:
        super().acquire(ticket, now)
        self._enter_window()
        # The tenth is for calls that arrive in the window. Those that waited for it get as much again, and beyond that
        # take from the tenth, so that bulk work is not starved.
        if ticket.queued_at < self._window_began_at and self._waited_for_window < self._tenth():
            self._waited_for_window += 1
        else:
            self._sent_in_window += 1
            self._sent_at = now

    def kept(self) -> float:
        """Return how many requests of the rate window are still reserved for interactive calls."""
        self._enter_window()
        return self._tenth() - self._sent_in_window

    def _tenth(self) -> float:
        return self._rate_limit.window.quota // 10

    def _enter_window(self) -> None:
        began_at = self._rate_limit.window.began_at
        if began_at != self._window_began_at:
            self._window_began_at = began_at
            self._waited_for_window = 0
            # The response to the last of them may have been the first sign of the new window.
            self._sent_in_window = int(self._sent_at >= began_at)


class BulkShare(Bulkhead):
    """What is left to bulk requests while there are interactive calls."""

    def __init__(self, rate_limit: RateLimit, interactive: InteractiveCalls, max_in_flight: int) -> None:
        super().__init__(max(1, max_in_flight - max(1, max_in_flight // 10)))
        self._rate_limit = rate_limit
        self._interactive = interactive

    def delay(self, now: float) -> float:
        """Return 0 if a bulk request may go, else as `RateLimit.delay`."""
        interactive, rate_limit = self._interactive, self._rate_limit
        if now >= interactive.kept_until:
            return 0.0
        # So counted, bulk requests that were sent before the first interactive call are included.
        if rate_limit.in_flight - interactive.in_flight >= self.limit:
            return math.inf
        window = rate_limit.window
        if window.available is None or window.available > interactive.kept():
            return 0.0
        return max(window.resets_at - now, 0.0)
