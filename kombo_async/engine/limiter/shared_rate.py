"""The rate limit that several processes share: each takes a handful of permits at a time from a store."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from msgspec import Struct

from ..permits import RateGrant, RateReport, WindowReport
from ..response import Response, seconds_of
from .pause import LONGEST_PAUSE, Refusal, RetryDelay
from .rate_limit import parse_number
from .shared_store import SCARCE, SharedStore
from .tickets import Bulkhead, Ticket

_HANDFUL = 32
"""Permits that are asked for at most: at 3 ms for a round trip, enough for thousands of requests a second."""
_LOW = 4
"""Permits below which more are asked for, before the last one is used."""
_IDLE = 0.5
"""Seconds after the last request in which unused permits are kept."""


class _Observed(Struct, frozen=True):
    """What a response said of the rate window, with the loop times of its request and of itself."""

    quota: float
    remaining: float
    reset: float
    sent_at: float
    received_at: float

    def report(self, now: float) -> WindowReport:
        """Return it for the store, which has another clock."""
        return WindowReport(self.quota, self.remaining, self.reset, now - self.sent_at, now - self.received_at)


class SharedRate(Bulkhead):
    """The permits of the shared rate limit that this process has."""

    def __init__(self, store: SharedStore, loop: asyncio.AbstractEventLoop, admit: Callable[[Bulkhead], None]) -> None:
        super().__init__(math.inf)
        self._store = store
        self._loop = loop
        self._admit = admit
        self._permits = 0
        self._window: int = 0
        self._good_until = -math.inf
        self._used = 0
        """Requests since the last report."""
        self._used_at = -math.inf
        self._ask_at = -math.inf
        self._observed: _Observed | None = None
        self._unlimited = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def delay(self, now: float) -> float:
        """Return 0 if there is a permit, else infinity: until the store has answered."""
        if (self._permits > 0 and now < self._good_until) or self._store.is_away:
            return 0.0
        self._ask()
        return math.inf

    def acquire(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002
        self.in_flight += 1
        self._permits -= 1
        self._used += 1
        self._used_at = now
        if self._store.is_away or (self._permits < _LOW <= self._used):
            # Before the last one is used, or to see whether the store is back.
            self._ask()
        elif self._timer is None:
            self._timer = self._loop.call_later(_IDLE, self._give_back)

    def release(self, ticket: Ticket, response: Response, refusal: Refusal | None, now: float) -> RetryDelay | None:  # noqa: ARG002
        """Learn from the headers of the *response*."""
        self.in_flight -= 1
        headers = response.headers
        remaining = parse_number(headers, "ratelimit-remaining")
        reset = seconds_of(headers.get("ratelimit-reset"), headers)
        if not ticket.sent_number:
            return None
        if remaining is None or reset is None:
            self._unlimited = response.status < 400
        elif self._observed is None or ticket.sent_at >= self._observed.sent_at:
            quota = parse_number(headers, "ratelimit-limit") or remaining + 1
            self._observed = _Observed(quota, remaining, min(reset, LONGEST_PAUSE), ticket.sent_at, now)
            self._unlimited = False
        if self._permits <= 0 and not self._store.is_away:
            # Others may wait for what this response says.
            self._ask(at_once=True)
        return None

    def _ask(self, *, at_once: bool = False) -> None:
        if self._task is None and (at_once or self._loop.time() >= self._ask_at):
            self._task = self._loop.create_task(self._exchange())

    async def _exchange(self) -> None:
        waiting = len(self.parked)
        # Twice what was used since the last exchange: it has to last until the next one has ended.
        wanted = min(_HANDFUL, max(waiting, 2 * self._used if self._loop.time() - self._used_at < _IDLE else 0))
        grant = await self._store.ask(lambda source: source.take_permits(self._report(wanted)))
        self._task = None
        if grant is not None:
            self._take(grant)
        if self._permits > 0 or self._store.is_away:
            self._admit(self)
        elif self.parked:
            self._wait(SCARCE if grant is None else grant.seconds)

    def _report(self, wanted: int) -> RateReport:
        now = self._loop.time()
        observed = None if self._observed is None else self._observed.report(now)
        kept = max(self._permits, 0) if now < self._good_until else 0
        unused = kept if wanted == 0 else 0
        on_wire = self.in_flight + kept - unused
        report = RateReport(wanted, unused, self._window, on_wire, observed, self._unlimited)
        if wanted == 0:
            self._permits = 0
        self._used, self._observed, self._unlimited = 0, None, False
        return report

    def _take(self, grant: RateGrant) -> None:
        now = self._loop.time()
        if grant.window != self._window or now >= self._good_until:
            # What is left is for a window that has ended.
            self._permits, self._window = 0, grant.window
        if grant.permits:
            self._permits = max(self._permits, 0) + grant.permits
            self._good_until = now + grant.seconds

    def _wait(self, seconds: float) -> None:
        self._ask_at = self._loop.time() + seconds
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._ask_at, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self.parked:
            self._ask(at_once=True)

    def _give_back(self) -> None:
        self._timer = None
        idle = self._loop.time() - self._used_at
        if self._permits > 0 and idle < _IDLE:
            self._timer = self._loop.call_later(_IDLE - idle, self._give_back)
        elif self._permits > 0:
            self._ask(at_once=True)

    async def close(self) -> None:
        """Stop the timer, wait for the exchange under way, and give back unused permits."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._permits > 0 and not self._store.is_away:
            await self._store.ask(lambda source: source.take_permits(self._report(0)))
