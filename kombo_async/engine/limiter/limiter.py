"""The limiter of one client in one event loop: which request may be sent now."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from ...config import Limits
from ..operation import Operation
from ..response import Response
from .action_slots import ConcurrencyLimit
from .page_limit import PageLimit
from .pause import Refusal, RetryDelay
from .priority import BulkShare, InteractiveCalls
from .queue import AdmissionQueue
from .rate_limit import RateLimit
from .tickets import Bulkhead, Ticket

_CONCURRENCY_CODE = "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"


class Limiter:
    """Admits requests by the rate limit of the client, the concurrency limit of each integration, and caps on actions
    and pages. A call has one ticket, and acquires and releases it for each attempt."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._rate_limit = self._new_rate_limit(limits)
        self._interactive = InteractiveCalls(self._rate_limit)
        self._bulk_share = BulkShare(self._rate_limit, self._interactive, limits.max_in_flight)
        self._queue = AdmissionQueue(self._rate_limit, self._loop)
        self._concurrency_limits: dict[str | None, ConcurrencyLimit] = {}
        # Actions of tools that hang last for minutes, and must not take the capacity of reads.
        self._long_running = (Bulkhead(max(1, limits.max_in_flight * 3 // 4)),)
        self._pages = PageLimit(limits.max_in_flight)
        self._list_bulkheads = (self._pages,)
        self._has_interactive = False
        """Whether there was an interactive call."""
        self._tickets = 0
        self.try_acquire, self.acquire = self._queue.try_acquire, self._queue.acquire

    @property
    def typical_in_flight(self) -> float:
        """How many requests were in flight lately when one more was sent."""
        return self._rate_limit.typical_in_flight

    def ticket(self, operation: Operation[Any], integration_id: str | None, interactive: bool = False) -> Ticket:
        """Return a ticket for a call of *operation*."""
        self._tickets += 1
        ticket = Ticket(self._tickets, integration_id)
        action = operation.action
        if action or operation.long:
            ticket.takes_slot = action and integration_id is not None and self._limits.learn
            ticket.bulkheads = self._long_running
        elif operation.page_size is not None and self._limits.learn:
            ticket.bulkheads = self._list_bulkheads
        if interactive:
            self._note_interactive()
            ticket.interactive = True
            ticket.bulkheads = (*ticket.bulkheads, self._interactive)
        elif self._has_interactive:
            ticket.bulkheads = (*ticket.bulkheads, self._bulk_share)
        return ticket

    def _note_interactive(self) -> None:
        """Reserve capacity for interactive calls, which the bulk requests that wait already do not get either."""
        now = self._loop.time()
        if now >= self._interactive.kept_until:
            self._queue.add_global_bulkhead(self._bulk_share)
        self._interactive.seen(now)
        self._has_interactive = True

    def begin(self, ticket: Ticket) -> None:
        """Register *ticket*, whose call has begun; `end` must follow."""
        if ticket.takes_slot:
            limit = self._concurrency_limits.get(ticket.integration_id)
            if limit is None:
                limit = self._new_concurrency_limit(ticket.integration_id)
                self._concurrency_limits[ticket.integration_id] = limit
            limit.tickets += 1
            ticket.bulkheads = (limit, *ticket.bulkheads)

    def _new_rate_limit(self, limits: Limits) -> RateLimit:
        return RateLimit(limits)

    def _new_concurrency_limit(self, integration_id: str | None) -> ConcurrencyLimit:  # noqa: ARG002
        return ConcurrencyLimit(self._limits.actions_per_integration)

    async def close(self) -> None:
        """Give back what is shared with other processes, and leave no timer behind."""
        for limit in self._concurrency_limits.values():
            if limit.expiry is not None:
                limit.expiry.cancel()

    def end(self, ticket: Ticket) -> None:
        """Forget *ticket*, whose call has ended, and the limit of an integration without further calls."""
        if ticket.takes_slot:
            limit = self._concurrency_limits[ticket.integration_id]
            limit.tickets -= 1
            self._forget(ticket.integration_id)

    def _forget(self, integration_id: str | None) -> None:
        """Drop the limit of an integration without actions, when its pause has ended: it holds back those to come."""
        limit = self._concurrency_limits.get(integration_id)
        if limit is None or limit.tickets or limit.expiry is not None:
            return
        if limit.pause.ends_at > self._loop.time():
            limit.expiry = self._loop.call_at(limit.pause.ends_at, self._expire, limit, integration_id)
        else:
            del self._concurrency_limits[integration_id]

    def _expire(self, limit: ConcurrencyLimit, integration_id: str | None) -> None:
        limit.expiry = None
        self._forget(integration_id)

    def reason(self, ticket: Ticket) -> str:
        """Return what delays *ticket*, for an error message."""
        now, rate_limit = self._loop.time(), self._rate_limit
        limit = self._concurrency_limits.get(ticket.integration_id) if ticket.takes_slot else None
        paused_until = max(rate_limit.pause.ends_at, -math.inf if limit is None else limit.pause.ends_at)
        if paused_until > now:
            return f"Kombo asked for a pause, of another {paused_until - now:.1f} s"
        if limit is not None and limit.delay(now) > 0.0:
            return f"{limit.in_flight} actions of the integration are running, as many as may at once"
        if rate_limit.in_flight >= self._limits.max_in_flight:
            return f"{rate_limit.in_flight} requests are in flight, as many as Limits.max_in_flight allows"
        window = rate_limit.window
        if window.available is not None and window.resets_at > now:
            return f"other requests have used up the rate limit, for another {window.resets_at - now:.1f} s"
        return "other requests go first"

    def page_arrived(self, ticket: Ticket, waiting: int) -> None:
        """Adapt to a large response that arrived while *waiting* others waited to be decoded."""
        if self._pages in ticket.bulkheads:
            self._pages.adapt(waiting)

    def release(
        self, ticket: Ticket, response: Response | None = None, refusal: Refusal | None = None
    ) -> RetryDelay | None:
        """Take *ticket* off the wire and learn from the *response*, if there is one. Return how long the call has to
        wait if it was refused; all others that share the limit are delayed, too."""
        if response is None:
            self._queue.cancel(ticket)
            return None
        now = self._loop.time()
        by_concurrency = refusal is not None and refusal.code == _CONCURRENCY_CODE
        seconds = self._rate_limit.release(ticket, response, None if by_concurrency else refusal, now)
        delay = None
        for bulkhead in ticket.bulkheads:
            delay = bulkhead.release(ticket, response, refusal if by_concurrency else None, now) or delay
        if refusal is not None:
            ticket.refused_at = min(ticket.refused_at, now)
            if not by_concurrency and self._limits.learn:
                self._queue.keep_priority(ticket)
                delay = RetryDelay(seconds, queued=True)
            self._queue.fail_blocked()
            delay = delay or RetryDelay(refusal.backoff, queued=False)
            if self._queue.blocked(ticket, now) is not None:
                delay = RetryDelay(math.inf, queued=False)
        self._queue.released(ticket)
        return delay
