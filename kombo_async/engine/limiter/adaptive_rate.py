"""The request rate towards a server whose responses do not say what it allows."""

from __future__ import annotations

import math

_SLOWEST = 1.0
"""Requests a second that are sent however often they are refused."""
_SLOW_START = 2.3
"""Until the second refusal: requests a second more for each accepted one, ten times the rate in a second."""
_ADDITIVE_INCREASE = 1.0
"""After it: requests a second more in each second."""
_MULTIPLICATIVE_DECREASE = 0.85
"""The part of the accepted rate that is kept after a refusal."""


class AdaptiveRate:
    """Additive increase, multiplicative decrease (AIMD), as in TCP, of a rate instead of a window.

    Without it, obeying `Retry-After` alone, a bucket of 10 that fills with 50 a second takes 4 to 5 times the optimum;
    with it, 1.5 times (`python -m benchmarks.mechanisms`).
    """

    def __init__(self) -> None:
        self.interval = 0.0
        """Seconds between two requests; 0 until the first refusal."""
        self._rate: float | None = None
        self._slow_start = True
        self._decreased_at = -math.inf
        self._resumed_at = 0.0
        self._accepted = 0

    def accepted(self) -> None:
        """Note a response that is no refusal."""
        self._accepted += 1
        if self._rate is not None:
            self._rate += _SLOW_START if self._slow_start else _ADDITIVE_INCREASE / self._rate
            self.interval = 1 / self._rate

    def refused(self, sent_at: float, pause: float, now: float) -> None:
        """Decrease the rate, once for all requests that were sent before the first of a burst of refusals; the next
        request is sent after *pause* seconds."""
        if sent_at <= self._decreased_at:
            return
        if self._rate is None:
            # All requests so far were sent as a burst: the server accepts that many in the time of a pause.
            rate = self._accepted / max(pause, 1.0)
        else:
            accepted_rate = self._accepted / max(now - self._resumed_at, 0.001)
            rate, self._slow_start = _MULTIPLICATIVE_DECREASE * min(self._rate, accepted_rate), False
        self._rate = max(rate, _SLOWEST)
        self.interval = 1 / self._rate
        self._decreased_at, self._resumed_at, self._accepted = now, now + pause, 0
