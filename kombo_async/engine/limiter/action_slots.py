"""How many actions of one integration may run at once, learned from the `Concurrency-*` headers of their responses.

Alone, the client takes all slots. Where other processes share them, it is additive increase, multiplicative decrease
(AIMD), by which those that share a limit come to equal shares without knowing of each other. Of three processes that
share 30 slots, 2 to 8 % of the actions are refused (`python -m benchmarks.fleet`).
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Mapping

from ..response import Response
from .pause import Refusal, RetryDelay
from .rate_limit import parse_number
from .tickets import Bulkhead, Ticket

_DEFAULT_LIMIT = 30
"""Actions of one integration that Kombo runs at once, until it says otherwise."""
FIRST_ALONE_SECONDS = 0.5
"""Seconds in which only the first action is sent: if it is quick, its response says how many may follow."""
_SHORTEST_ACTION = 0.001
"""The least measured duration of an action: the clock of uvloop counts whole milliseconds, and no pause may be 0."""
_LONGEST_PAUSE = 2.0
"""Seconds between two attempts while other processes use all slots."""
_MULTIPLICATIVE_DECREASE = 0.7


class ConcurrencyLimit(Bulkhead):
    """The slots of one integration; `limit` is how many of them this client takes."""

    def __init__(self, fixed: int | None) -> None:
        super().__init__(float(fixed or _DEFAULT_LIMIT))
        self.tickets = 0
        """The calls of this integration that have not ended."""
        self.expiry: asyncio.TimerHandle | None = None
        """The timer that drops this limit after the end of a pause, if there are no calls."""
        self._fixed = fixed
        self._known = fixed is not None
        self._first_at = 0.0
        self._duration = 1.0
        """Seconds that the last action took."""
        self._decreased_at = -math.inf
        self._backoff = 0.0

    def delay(self, now: float) -> float:
        """Return 0 if another action may go, else as `RateLimit.delay`."""
        if now < self.pause.ends_at:
            return self.pause.ends_at - now
        if self.in_flight + 1 > self.limit:
            return math.inf
        return max(self._first_at + FIRST_ALONE_SECONDS - now, 0.0) if self.in_flight and not self._known else 0.0

    def acquire(self, ticket: Ticket, now: float) -> None:
        if not self.in_flight:
            self._first_at = now
        self.in_flight += 1
        ticket.actions_in_flight = self.in_flight

    def release(self, ticket: Ticket, response: Response, refusal: Refusal | None, now: float) -> RetryDelay | None:
        """Learn from the *response* to *ticket*; return how long it has to wait if this limit refused it."""
        self.in_flight -= 1
        self._known = True
        if refusal is not None:
            return self._refused(ticket, refusal, now)
        self.pause.accepted(ticket.sent_at)
        self._duration = max(now - ticket.sent_at, _SHORTEST_ACTION)
        self._adapt(response.headers, ticket)
        return None

    def _adapt(self, headers: Mapping[str, str], ticket: Ticket) -> None:
        limit, remaining = parse_number(headers, "Concurrency-Limit"), parse_number(headers, "Concurrency-Remaining")
        highest = max(1.0, limit or _DEFAULT_LIMIT)
        if self._fixed is not None:
            highest = min(highest, self._fixed)
        # One slot more each time that all have been used once.
        increased = min(highest, self.limit + 1 / self.limit)
        if remaining is None:
            self.limit = increased
            return
        # It is not documented whether the remaining slots include that of this response. So other processes are assumed
        # only if the number cannot be explained without them.
        ours = max(ticket.actions_in_flight, self.in_flight + 1)
        if highest - remaining - ours <= 0:
            self.limit = highest
        else:
            # Half of what is free, as the others take some of it at the same time.
            self.limit = min(increased, self.in_flight + 1 + (remaining + 1) // 2)

    def _refused(self, ticket: Ticket, refusal: Refusal, now: float) -> RetryDelay:
        if ticket.sent_at > self._decreased_at:
            # Once for all that were sent before the first refusal of a burst.
            again = now - self._decreased_at < 4 * self._backoff
            self._backoff = min(2 * self._backoff if again else self._duration / 4, self._duration, _LONGEST_PAUSE)
            self._decreased_at = now
            self.limit *= _MULTIPLICATIVE_DECREASE
        self.limit = max(1.0, min(self.limit, self.in_flight))
        delay = self._backoff if refusal.retry_after is None else refusal.retry_after
        self.pause.begin(delay, refusal, ticket.sent_at, now)
        ticket.refusals += 1
        if refusal.retry_after is not None:
            return RetryDelay(refusal.retry_after, queued=False)
        bound = min(self._duration, 1.0) * 2.0 ** min(ticket.refusals - 1, 3)
        return RetryDelay(bound * random.uniform(0.5, 1.0), queued=False)
