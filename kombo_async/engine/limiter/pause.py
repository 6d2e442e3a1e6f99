"""Pauses that a server asks for by refusing a request, shared by all requests to which the same limit applies."""

from __future__ import annotations

import math

from msgspec import Struct

LONGEST_PAUSE = 120.0
"""Seconds that a request waits at most for the end of a pause. A longer pause fails all requests at once, and after
this time one is sent as a probe."""

CLOCK_RESOLUTION = 0.001
"""Seconds that the clock of uvloop, which counts whole milliseconds, may be behind. They are added to each wait that a
server asks for, so that the next request is not early."""


class Refusal(Struct, frozen=True):
    """A response that refused a request because of a limit; nothing ran."""

    code: str | None
    """Kombo's error code; None from a gateway, which refuses all requests of the client."""
    status: int
    retry_after: float | None
    """Seconds the server asks to wait, if it says so."""
    backoff: float
    """Seconds that the retry policy waits where the server does not say."""


class RetryDelay(Struct, frozen=True):
    """How long a refused call waits for its next attempt."""

    seconds: float
    """Infinite if the call cannot wait that long."""
    queued: bool
    """Whether the wait takes place in the queue, so that the call does not have to sleep first."""


class Blocked(Exception):
    """The request cannot be sent in time: the server asked for a pause that ends later."""

    def __init__(self, refusal: Refusal, seconds: float) -> None:
        super().__init__(refusal, seconds)
        self.refusal = refusal
        self.seconds = seconds
        """Until the end of the pause."""


class Pause:
    """The time in which one limit admits no request."""

    def __init__(self) -> None:
        self.ends_at = -math.inf
        """When the next request may go."""
        self._refused_until = -math.inf
        """When the server accepts requests again, according to its refusals; later than `ends_at` in a long pause."""
        self.refusing_since: float | None = None
        """Since when no request was accepted that was sent after the first refusal."""
        self._refusal: Refusal | None = None

    def begin(self, seconds: float, refusal: Refusal, sent_at: float, now: float) -> None:
        """Pause for *seconds*, as *refusal* of a request that was sent at *sent_at* says."""
        if sent_at >= self.ends_at:
            # The request went out after the last pause: what the server said then is out of date.
            self._refused_until = -math.inf
        margin = 0.0 if refusal.retry_after is None else CLOCK_RESOLUTION
        self.ends_at = max(self.ends_at, now + min(seconds + margin, LONGEST_PAUSE))
        self._refused_until, self._refusal = max(self._refused_until, now + seconds), refusal
        if self.refusing_since is None:
            self.refusing_since = now

    def accepted(self, sent_at: float) -> None:
        """Note that a request that was sent at *sent_at* was not refused."""
        since = self.refusing_since
        if since is not None and sent_at > since:
            self.refusing_since = None

    def blocked(self, queued_at: float, refused_at: float, time_left: float, now: float) -> Blocked | None:
        """Return the error for a request that cannot wait until the server accepts requests again; None if it can.

        It can wait for *time_left* seconds from *queued_at*, and for two minutes from then or from *refused_at*, when
        it was refused itself, whichever is earlier. Time before the first refusal does not count.
        """
        if self._refusal is None or now >= self.ends_at or (since := self.refusing_since) is None:
            return None
        waits_since = max(since, min(queued_at, refused_at))
        if (
            self._refused_until - max(since, queued_at) < time_left
            and self._refused_until - waits_since <= LONGEST_PAUSE + 0.001
        ):
            return None
        return Blocked(self._refusal, self._refused_until - now)
