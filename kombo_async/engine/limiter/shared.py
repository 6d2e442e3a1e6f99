"""Limits that several processes share: each takes a handful of permits at a time from a store.

The limits of `rate_limit.py` and `action_slots.py` stay in force. While the store is away, they are all there is.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ...config import Limits
from ..permits import PermitSource, RateGrant, RateReport, WindowReport
from ..response import Response, seconds_of
from .action_slots import FIRST_ALONE, ConcurrencyLimit
from .limiter import Limiter
from .pause import LONGEST_PAUSE, Refusal, RetryDelay
from .rate_limit import RateLimit, parse_number
from .tickets import Bulkhead, Ticket

T = TypeVar("T")

_HANDFUL = 32
"""Permits that are asked for at most: at 3 ms for a round trip, enough for thousands of requests a second."""
_IDLE = 0.5
"""Seconds after the last request in which unused permits are kept."""
_PATIENCE = 2.0
"""Seconds for a round trip to the store, after which it counts as away."""
_RETRY = 5.0
"""Seconds between two attempts to reach it."""
_REBALANCE = 0.25
"""Seconds between two reports of action slots."""
_SCARCE = 0.05
"""The same, while actions wait for slots that others have."""

log = logging.getLogger("kombo_async")


class Store:
    """The store as one event loop sees it: there, or away."""

    def __init__(self, source: PermitSource, loop: asyncio.AbstractEventLoop) -> None:
        self.is_away = False
        """Whether the limits of this process are all there is."""
        self._source = source
        self._loop = loop
        self._tried_at = -math.inf

    async def ask(self, request: Callable[[PermitSource], Awaitable[T]]) -> T | None:
        """Return what the store answers; None if it is away."""
        if self.is_away and self._loop.time() - self._tried_at < _RETRY:
            return None
        self._tried_at = self._loop.time()
        try:
            answer = await asyncio.wait_for(request(self._source), _PATIENCE)
        except Exception as error:  # noqa: BLE001 - a limit that cannot be shared must not stop the work
            if not self.is_away:
                log.warning("shared limits are away (%s): this process keeps its own limits", type(error).__name__)
            self.is_away = True
            return None
        if self.is_away:
            log.warning("shared limits are back")
        self.is_away = False
        return answer

    async def close(self) -> None:
        """Give back everything."""
        try:
            await asyncio.wait_for(self._source.close(), _PATIENCE)
        except Exception:
            log.debug("cannot give shared permits back", exc_info=True)


class OwnRateLimit(RateLimit):
    """The limits for the requests of this process. What the window still has is the store's business, unless it is
    away."""

    def __init__(self, limits: Limits, store: Store) -> None:
        super().__init__(limits)
        self._store = store

    def delay(self, now: float, interactive: bool) -> float:
        """Return 0 if a request may go now, as `RateLimit.delay`."""
        if self._store.is_away:
            return super().delay(now, interactive)
        if self.in_flight >= self._max_in_flight:
            return math.inf
        return max(self.pause.ends_at, self._next_at if self._interval else -math.inf) - now


class SharedRate(Bulkhead):
    """The permits of the shared rate limit that this process has."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop, admit: Callable[[Bulkhead], None]) -> None:
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
        self._observed: tuple[float, float, float, float, float] | None = None
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
        """Note that *ticket* goes on the wire."""
        self.in_flight += 1
        self._permits -= 1
        self._used += 1
        self._used_at = now
        if self._store.is_away or (self._permits < 4 <= self._used):
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
        if ticket.sent is None:
            return None
        if remaining is None or reset is None:
            self._unlimited = response.status < 400
        elif self._observed is None or ticket.sent.sent_at >= self._observed[3]:
            quota = parse_number(headers, "ratelimit-limit") or remaining + 1
            self._observed = quota, remaining, min(reset, LONGEST_PAUSE), ticket.sent.sent_at, now
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
        # Twice of what was used since the last time, as the next handful has to last until the answer to the next one.
        wanted = min(_HANDFUL, max(waiting, 2 * self._used if self._loop.time() - self._used_at < _IDLE else 0))
        grant = await self._store.ask(lambda source: source.take_permits(self._report(wanted)))
        self._task = None
        if grant is not None:
            self._take(grant)
        if self._permits > 0 or self._store.is_away:
            self._admit(self)
        elif self.parked:
            self._wait(_SCARCE if grant is None else grant.seconds)

    def _report(self, wanted: int) -> RateReport:
        now = self._loop.time()
        observed = None
        if self._observed is not None:
            quota, remaining, reset, sent_at, received_at = self._observed
            observed = WindowReport(quota, remaining, reset, now - sent_at, now - received_at)
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
        """End what goes on beside the calls, and give back what is unused."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        if self._permits > 0 and not self._store.is_away:
            await self._store.ask(lambda source: source.take_permits(self._report(0)))


class SharedSlots(ConcurrencyLimit):
    """The action slots of one integration that this process has."""

    def __init__(
        self,
        fixed: int | None,
        integration_id: str,
        store: Store,
        loop: asyncio.AbstractEventLoop,
        admit: Callable[[Bulkhead], None],
    ) -> None:
        super().__init__(fixed)
        self._most = fixed
        self._integration_id = integration_id
        self._store = store
        self._loop = loop
        self._admit = admit
        self._slots = 0
        self._highest = float(self.limit)
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def delay(self, now: float) -> float:
        """Return 0 if a slot is free, else as `RateLimiter.delay`."""
        if self._store.is_away:
            self._start()
            return super().delay(now)
        if now < self.pause.ends_at:
            return self.pause.ends_at - now
        if self.in_flight < self._slots:
            return 0.0
        self._start()
        return math.inf

    def release(self, ticket: Ticket, response: Response, refusal: Refusal | None, now: float) -> RetryDelay | None:
        """Learn from the *response* to *ticket*; return how long it has to wait if this limit refused it."""
        was_known = self._known
        delay = super().release(ticket, response, refusal, now)
        limit = parse_number(response.headers, "Concurrency-Limit")
        if limit is not None and limit >= 1:
            self._highest = limit if self._most is None else min(limit, float(self._most))
        if not was_known or (not self.parked and self.in_flight == 0):
            self._changed.set()
        return delay

    def _limit(self) -> float:
        """Return how many slots there are, 0 while no response has told."""
        is_slow = self.in_flight > 0 and self._loop.time() - self._first_at > FIRST_ALONE
        return self._highest if self._known or is_slow else 0.0

    @property
    def is_open(self) -> bool:
        """Whether slots may still be held in the store."""
        return self._task is not None

    def _start(self) -> None:
        if self._task is None:
            self._task = self._loop.create_task(self._keep())

    async def _keep(self) -> None:
        """Hold as many slots as there are actions, until there are none."""
        while True:
            self._changed.clear()
            in_use, wanted = self.in_flight, self.in_flight + len(self.parked)
            # Until the answer, no more than is reported: others may get the rest.
            self._slots = min(self._slots, in_use)
            grant = await self._store.ask(
                lambda source, in_use=in_use, wanted=wanted: source.take_slots(  # type: ignore[misc]
                    self._integration_id, in_use, wanted, self._limit()
                )
            )
            self._slots = 0 if grant is None else grant.slots
            self._admit(self)
            if not self.in_flight and not self.parked and not self._slots:
                break
            interval = _RETRY if grant is None else _SCARCE if grant.is_scarce else _REBALANCE
            try:
                await asyncio.wait_for(self._changed.wait(), interval)
            except TimeoutError:
                pass
            else:
                # The next action may follow the last one at once.
                await asyncio.sleep(_SCARCE / 10)
        self._task = None

    def stop(self) -> None:
        """End what goes on beside the calls."""
        if self._task is not None:
            self._task.cancel()


class SharedLimiter(Limiter):
    """A limiter that also asks a store that other processes ask, too."""

    def __init__(self, limits: Limits, budget: str) -> None:
        assert limits.shared is not None
        self._store = Store(limits.shared.open(budget), asyncio.get_running_loop())
        super().__init__(limits)
        self._shared_rate = SharedRate(self._store, self._loop, self._queue.recheck)

    def ticket(
        self,
        integration_id: str | None,
        action: bool,
        page: bool = False,
        long: bool = False,
        interactive: bool = False,
    ) -> Ticket:
        """Return a ticket for a call, as `Limiter.ticket`."""
        ticket = super().ticket(integration_id, action, page, long, interactive)
        ticket.bulkheads = (*ticket.bulkheads, self._shared_rate)
        return ticket

    def _new_rate_limit(self, limits: Limits) -> RateLimit:
        return OwnRateLimit(limits, self._store)

    def _new_concurrency_limit(self, integration_id: str | None) -> ConcurrencyLimit:
        assert integration_id is not None
        return SharedSlots(
            self._limits.actions_per_integration, integration_id, self._store, self._loop, self._queue.recheck
        )

    def _forget(self, integration_id: str | None) -> None:
        limit = self._concurrency_limits.get(integration_id)
        if isinstance(limit, SharedSlots) and limit.is_open:
            # Not before it has given everything back: two would report for the same holder.
            self._loop.call_later(_REBALANCE, self._forget, integration_id)
        else:
            super()._forget(integration_id)

    async def close(self) -> None:
        """Give back everything that other processes may use."""
        await self._shared_rate.close()
        for limit in self._concurrency_limits.values():
            if isinstance(limit, SharedSlots):
                limit.stop()
        await self._store.close()
