"""The clock of a sandbox."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from .company import DAY, TODAY
from .deterministic import FIRST_SECOND, LAST_SECOND

_GENERATED_UNTIL = float(TODAY + DAY)


class SandboxClock:
    """The time in a sandbox: that of the system plus an offset.

    `Date` headers, syncs, changes of records and webhooks follow it; limits and faults do not. It is never behind the
    generated data, which ends on 1 November 2026, unless you set it back. Thread-safe.
    """

    def __init__(self) -> None:
        self._offset = max(0.0, _GENERATED_UNTIL - time.time())
        self._advancing = threading.Lock()

    def __call__(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() + self._offset

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return datetime.fromtimestamp(self(), UTC)

    @property
    def offset(self) -> timedelta:
        """Return how far it is ahead of the system's clock. Set it to skew the clock, in either direction."""
        return timedelta(seconds=self._offset)

    @offset.setter
    def offset(self, offset: timedelta) -> None:
        if not isinstance(offset, timedelta):
            raise TypeError(f"a timedelta is needed, not {type(offset).__name__}: timedelta(hours=3)")
        if not FIRST_SECOND <= time.time() + offset.total_seconds() <= LAST_SECOND:
            raise ValueError("the time must be within the years 1 to 9999")
        self._offset = offset.total_seconds()

    def advance(self, by: timedelta) -> None:
        """Set the clock forward, or back if `by` is negative. A sync that is due by then has ended."""
        if not isinstance(by, timedelta):
            raise TypeError(f"a timedelta is needed, not {type(by).__name__}: timedelta(hours=3)")
        with self._advancing:
            self.offset += by
