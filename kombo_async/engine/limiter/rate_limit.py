"""The rate limit of a client, learned from the `ratelimit-*` headers of responses, so that refusals are rare.

On the servers of `python -m benchmarks.limits` that send these headers, one process takes 1.01 to 1.13 times the
optimum, and none of its requests is refused. CONTRIBUTING.md explains each part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import define

from ...config import Limits
from ..response import Response, seconds_of
from .adaptive_rate import AdaptiveRate
from .pause import LONGEST_PAUSE, Pause, Refusal
from .tickets import Ticket

_ACKNOWLEDGED_AFTER = 0.5
"""Seconds after which the server has certainly counted a request, although there is no response yet."""
_RESERVE = 2.0
"""The last requests of a window, which are sent one by one as probes of whether the quota has risen."""
_FIRST_PROBE = 0.05
_NEXT_PROBE = 0.5
"""Seconds until the first probe, and until the next one if the quota has not risen by then."""
_WEIGHT_OF_LAST_WINDOW = 4
"""What other clients sent in the last window weighs as much as this many requests of the current one."""
_NEGLIGIBLE = 0.1
"""Requests of others for each one of ours. An estimate as low as this is kept while none are seen."""
_SPACING = 0.001
"""Seconds between two requests where a limit is known, so that other processes that share it are noticed in time."""
_WIDEST_SPACING = 0.01


# Not a struct of msgspec, whose attributes take longer to set: each response sets several.
@define(eq=False)
class QuotaWindow:
    """The current window of the rate limit, according to the headers."""

    available: float | None = None
    """Requests that may still be sent; None if that is unknown, at the start and after the end of a window."""
    began_at: float = 0.0
    resets_at: float = math.inf
    remaining: float = math.inf
    """The quota in the last response; unlike `available`, without deduction of the unacknowledged requests."""
    last_response: int = 0
    """The number of the latest request that has a response."""
    probe_at: float = 0.0
    """When the next request of the reserve may go."""
    quota: float = math.inf
    """Requests of a whole window, as the server says."""
    others: float = 1.0
    """How many requests other clients send while this one sends one, as far as is known."""
    others_before: float = 1.0
    """The same, from the previous window."""
    sent_before: int = 0
    """The requests of this client until the first response of the window."""
    remaining_and_sent: float = math.inf
    """The remaining quota plus the requests of this client, in that response. Requests of others make the sum less."""
    reset_margin: float = 0.0
    """Seconds to add to each announced reset: 1 where the server rounds them down."""


class RateLimit:
    """The limits for all requests of a client: in a window of time, and in flight."""

    def __init__(self, limits: Limits) -> None:
        self.pause = Pause()
        self.in_flight = 0
        self.typical_in_flight = 0.0
        """How many were in flight when one more was sent, averaged over the last few."""
        self._max_in_flight = limits.max_in_flight
        self._learn = limits.learn
        self._sent = 0
        self._unacknowledged: dict[int, float] = {}
        """When each request was sent that the server may not have counted yet: without a response, and within the last
        half second. By number, the oldest first."""
        self.window = QuotaWindow()
        self._slow_start = 1
        """How many requests may be unacknowledged while nothing is known of the window."""
        self._adaptive_rate: AdaptiveRate | None = AdaptiveRate()
        """For a server without headers."""
        self._interval = 0.0
        """Seconds between two requests that the caller has set."""
        if limits.requests_per_second is not None:
            self._adaptive_rate, self._interval = None, 1 / limits.requests_per_second
        self._headers_seen = False
        self._spacing = 0.0
        self._widened_at = -math.inf
        self._next_at = 0.0

    def delay(self, now: float, interactive: bool) -> float:
        """Return 0 if a request may go now, else the seconds after which to ask again; infinity: after a release.

        An *interactive* one does not wait to see whether the quota has risen.
        """
        if self.in_flight >= self._max_in_flight:
            return math.inf
        paused_until, next_at = self.pause.ends_at, self._next_at
        delay = (paused_until if paused_until > next_at else next_at) - now
        if delay > 0.0 or not self._learn:
            return delay
        window = self.window
        available = window.available
        if available is not None and now >= window.resets_at:
            window.available, window.began_at, self._slow_start = None, now, 1
            available, self._spacing = None, max(0.75 * self._spacing, _SPACING)
        if available is None:
            # Without responses, twice as many each time that the previous ones count as acknowledged.
            unacknowledged = self._count_unacknowledged(now)
            if unacknowledged < max(self._slow_start, self.in_flight - unacknowledged):
                return 0.0
            return self._until_fewer_unacknowledged(now)
        spare = available - _RESERVE
        if spare > window.others * self.in_flight or (interactive and available >= 1.0):
            return 0.0
        if spare > 0.0:
            if spare > window.others * self._count_unacknowledged(now):
                return 0.0
            # Other clients may have used the rest meanwhile: the next response says whether they have.
            return self._until_fewer_unacknowledged(now)
        until_reset = window.resets_at - now
        if available < 1.0:
            return until_reset
        delay = self._until_fewer_unacknowledged(now) if self._count_unacknowledged(now) else window.probe_at - now
        return min(delay, until_reset)

    def acquire(self, ticket: Ticket, now: float) -> None:
        """Note that *ticket* goes on the wire."""
        self.typical_in_flight += (self.in_flight - self.typical_in_flight) / 8
        self.in_flight += 1
        interval = self._interval
        if self._learn:
            window = self.window
            available = window.available
            self._sent += 1
            ticket.sent_number, ticket.sent_at, ticket.is_probe = self._sent, now, available is None
            self._unacknowledged[self._sent] = now
            if available is not None:
                window.available = available = available - 1.0
            if self._headers_seen:
                spacing = self._spacing
                if available is not None and available > 0.0:
                    # Never wider than an even distribution over the window.
                    evenly = (window.resets_at - now) / available
                    spacing = evenly if evenly < spacing else spacing
                interval = spacing if spacing > interval else interval
            elif self._adaptive_rate is not None:
                interval = self._adaptive_rate.interval
        # A timer that fired late may catch up a little.
        earliest = now - 5 * _SPACING
        self._next_at = (self._next_at if self._next_at > earliest else earliest) + interval

    def cancel(self, ticket: Ticket) -> None:
        """Undo `acquire` for a request that was not sent, or got no response."""
        self.in_flight -= 1
        self._unacknowledged.pop(ticket.sent_number, None)

    def release(self, ticket: Ticket, response: Response, refusal: Refusal | None, now: float) -> float:
        """Learn from the *response* to *ticket*; return how long it has to wait if the rate limit refused it."""
        self.in_flight -= 1
        if not self._learn:
            return 0.0
        self._unacknowledged.pop(ticket.sent_number, None)
        headers = response.headers
        has_headers = self._read_headers(ticket, headers, now)
        if refusal is not None:
            delay = self._refused(ticket, refusal, now)
            self.pause.begin(delay, refusal, ticket.sent_at, now)
            return delay
        if self.pause.refusing_since is not None:
            self.pause.accepted(ticket.sent_at)
        if not has_headers:
            # As many actions as the concurrency limit allows may follow: the rate limit is unknown, and may not exist.
            self._slow_start = max(self._slow_start + 1, int(parse_number(headers, "Concurrency-Limit") or 0))
            if self._adaptive_rate is not None:
                self._adaptive_rate.accepted()
        return 0.0

    def _count_unacknowledged(self, now: float) -> int:
        """Return how many requests the server may not have counted yet."""
        unacknowledged = self._unacknowledged
        while unacknowledged and self._until_fewer_unacknowledged(now) <= 0.0:
            del unacknowledged[next(iter(unacknowledged))]
        return len(unacknowledged)

    def _until_fewer_unacknowledged(self, now: float) -> float:
        """Return the seconds until there is one fewer if no response arrives; 0 if there are none."""
        sent_at = next(iter(self._unacknowledged.values()), -math.inf)
        return max(sent_at + _ACKNOWLEDGED_AFTER - now, 0.0)

    def _read_headers(self, ticket: Ticket, headers: Mapping[str, str], now: float) -> bool:
        """Learn what the window allows; return whether the response says it."""
        remaining = parse_number(headers, "ratelimit-remaining")
        reset = seconds_of(headers.get("ratelimit-reset"), headers)
        if remaining is None or reset is None:
            return False
        if not self._headers_seen:
            self._headers_seen, self._spacing = True, _SPACING
        window = self.window
        if ticket.sent_at < window.began_at:
            return True  # The response is about the previous window.
        unacknowledged = self._count_unacknowledged(now) if self._unacknowledged else 0
        available = remaining - unacknowledged
        resets_at = now + (reset if reset < LONGEST_PAUSE else LONGEST_PAUSE) + window.reset_margin
        is_latest = ticket.sent_number > window.last_response
        if is_latest:
            window.last_response = ticket.sent_number
            if remaining - window.remaining > window.quota / 2:
                # A new window has begun earlier than announced, so the state of the last one is out of date.
                window.available, window.began_at = None, ticket.sent_at
        if window.available is None or resets_at < window.resets_at:
            window.resets_at = resets_at
            if window.available is None:
                window.quota = parse_number(headers, "ratelimit-limit") or remaining + 1
                window.sent_before, window.remaining_and_sent = self._sent, remaining + self._sent
                window.others_before = window.others
        if is_latest:
            by_others = window.remaining_and_sent - remaining - self._sent
            if by_others > 0.0 or window.others > _NEGLIGIBLE:
                counted = max(self._sent - window.sent_before - unacknowledged, 0) + _WEIGHT_OF_LAST_WINDOW
                window.others = (max(by_others, 0.0) + window.others_before * _WEIGHT_OF_LAST_WINDOW) / counted
            window.available = available
        elif window.available is None or available < window.available:
            # A response that was overtaken by a later one may only lower what is available.
            window.available = available
        if remaining <= _RESERVE:
            # While the quota does not rise, probe more slowly; each response also announces the reset more precisely.
            window.probe_at = now + (_NEXT_PROBE if remaining < window.remaining <= _RESERVE else _FIRST_PROBE)
        window.remaining = remaining
        return True

    def _refused(self, ticket: Ticket, refusal: Refusal, now: float) -> float:
        """Learn from a refusal; return the seconds until the next request may go."""
        window = self.window
        delay = refusal.backoff if refusal.retry_after is None else refusal.retry_after
        if refusal.code is None:
            # The refusal of a gateway says nothing about the window: one request probes whether it accepts again.
            window.available, window.began_at, self._slow_start = None, now + min(delay, LONGEST_PAUSE), 1
        elif not self._headers_seen:
            if self._adaptive_rate is not None:
                self._adaptive_rate.refused(ticket.sent_at, delay, now)
        else:
            if ticket.is_probe and not window.reset_margin and ticket.sent_at >= window.began_at > 0.0:
                # Refused as the first one after the announced reset: the server rounds the seconds down.
                window.reset_margin = 1.0
                window.resets_at += 1.0
            if window.available is not None and (refusal.retry_after is None or window.remaining < 1):
                window.available = min(window.available, 0.0)
                delay = max(refusal.retry_after or 0.0, window.resets_at - now)
            if ticket.sent_at > self._widened_at:
                # Another client used quota that was reported free: space requests wider, to notice sooner.
                self._widened_at, self._spacing = now, min(2 * self._spacing, _WIDEST_SPACING)
        return delay


def parse_number(headers: Mapping[str, str], name: str) -> float | None:
    """Return the number in a header; None if there is none, or if it is negative or not finite."""
    text = headers.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value < math.inf else None
