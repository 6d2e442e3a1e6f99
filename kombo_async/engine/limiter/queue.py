"""The admission queue: requests wait here until they may be sent.

Interactive requests go before bulk ones (`fair_order.py`, `priority.py`). Among integrations the queue is fair by
start-time fair queueing (Goyal, Vin, Cheng 1996): each request gets the start tag at which its integration would be
served in round-robin order, and the lowest tag goes first. So the only request of an integration waits behind one of
each other integration, and not behind all 1,000 of one. Requests of the same integration go first in, first out. A
retry keeps its tag.

A bulkhead caps the requests of one kind, such as the actions of an integration. A request whose bulkhead is full is
parked there, so that those behind it pass.
"""

from __future__ import annotations

import asyncio
import math

from .fair_order import FairOrder, WaitingRequests
from .pause import Blocked
from .rate_limit import RateLimit
from .tickets import Bulkhead, Ticket

_PRUNE_FROM = 64
"""Cancelled entries below which the heaps are not pruned."""


class QueueTimeout(Exception):
    """The request was not admitted within `Timeouts.queue`."""


class AdmissionQueue:
    """The requests of a client that wait for the rate limit, and for the bulkheads of their kind."""

    def __init__(self, rate_limit: RateLimit, loop: asyncio.AbstractEventLoop) -> None:
        self._rate_limit = rate_limit
        self._loop = loop
        self._ready: WaitingRequests[Ticket] = WaitingRequests()
        """The requests whose bulkheads had room when they were last checked."""
        self._parking: set[Bulkhead] = set()
        """The bulkheads at which requests are parked."""
        self._timers: dict[Bulkhead, asyncio.Handle] = {}
        """The timers of the bulkheads that will have room at a known time."""
        self._timer: asyncio.Handle | None = None
        self._wakes_at = math.inf
        self._cancelled = 0
        """How many entries, at most, belong to requests that no longer wait."""
        self._orders = FairOrder(), FairOrder()
        """Of bulk and of interactive requests, indexed by `Ticket.interactive`."""
        self._global_bulkheads: tuple[Bulkhead, ...] = ()
        """Those for which any response may make room."""

    def try_acquire(self, ticket: Ticket, now: float) -> bool:
        """Admit *ticket* if no limit delays it and no waiting request goes first; return whether it was admitted."""
        ready = self._ready
        others_wait = ready.bulk or ready.interactive
        if others_wait and not (ticket.interactive and ready.can_pass()):
            return False
        if self._rate_limit.delay(now, ticket.interactive) > 0.0:
            return False
        for bulkhead in ticket.bulkheads:
            if bulkhead.delay(now) > 0.0:
                return False
        if others_wait:
            ready.served(ticket)
        self._acquire(ticket, now)
        return True

    async def acquire(self, ticket: Ticket) -> None:
        """Wait until *ticket* is admitted. Raise `Blocked` if a pause lasts longer than it can wait, and `QueueTimeout`
        if it has been in the queue for as long as it may."""
        ticket.queued_at = now = self._loop.time()
        if (blocked := self.blocked(ticket, now)) is not None:
            raise blocked
        granted = self._loop.create_future()
        entry = self._tag(ticket), ticket.number, granted, ticket
        self._ready.push(entry)
        timer = None
        if ticket.gives_up_at < math.inf:
            timer = self._loop.call_at(ticket.gives_up_at, _give_up, granted)
        try:
            # A bulk request behind another one cannot go before that, for which the rate limit was asked already.
            first = self._ready.bulk[0] if self._ready.bulk else entry
            if ticket.interactive or first is entry or first[2].done():
                self.admit()
            await granted
        except BaseException:
            # Whatever ended the wait: no entry may stay in the queue, and no permit may be lost.
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self.cancel(ticket)
            else:
                granted.cancel()
                self._prune()
                self.released(ticket)
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def cancel(self, ticket: Ticket) -> None:
        """Give back the permits of *ticket*, which was admitted but not sent, or got no response."""
        self._rate_limit.cancel(ticket)
        for bulkhead in ticket.bulkheads:
            bulkhead.cancel()
        self.released(ticket)

    def released(self, ticket: Ticket) -> None:
        """Admit others, now that the bulkheads of *ticket* or the rate limit may have room."""
        if self._parking:
            self._unpark(*ticket.bulkheads, *self._global_bulkheads)
        ready = self._ready
        if ready.bulk or ready.interactive:
            self.admit()

    def keep_priority(self, ticket: Ticket) -> None:
        """Give *ticket*, which was refused, a start tag before those of all requests to come."""
        if ticket.start_tag is None:
            ticket.start_tag = self._orders[ticket.interactive].virtual_time

    def add_global_bulkhead(self, bulkhead: Bulkhead) -> None:
        """Let *bulkhead* apply to the bulk requests that wait already, too."""
        if bulkhead not in self._global_bulkheads:
            self._global_bulkheads = (*self._global_bulkheads, bulkhead)
        for waiting in self._all_waiting():
            for _, _, _, ticket in waiting.bulk:
                if bulkhead not in ticket.bulkheads:
                    ticket.bulkheads = (*ticket.bulkheads, bulkhead)

    def admit(self) -> None:
        """Admit all requests that no limit delays."""
        ready, now = self._ready, self._loop.time()
        while (entry := ready.first()) is not None:
            _, _, granted, ticket = entry
            # A bulk request that goes before waiting interactive ones must not be delayed for longer than they are.
            delay = self._rate_limit.delay(now, ticket.interactive or bool(ready.interactive))
            if delay > 0.0:
                if now + delay < self._wakes_at:
                    self._wake_at(now + delay)
                return
            ready.pop(entry)
            for index, bulkhead in enumerate(ticket.bulkheads):
                if bulkhead.delay(now) > 0.0:
                    bulkhead.parked.push(entry)
                    self._parking.add(bulkhead)
                    # Requests that are parked at its other bulkheads may have room now.
                    self._unpark(bulkhead, *ticket.bulkheads[index + 1 :])
                    break
            else:
                ready.served(ticket)
                self._acquire(ticket, now)
                granted.set_result(None)
                if self._parking:
                    self._unpark(*ticket.bulkheads)

    def fail_blocked(self) -> None:
        """End the wait of all requests that cannot wait for the end of a pause."""
        now = self._loop.time()
        for waiting in self._all_waiting():
            for _, _, granted, ticket in waiting:
                if not granted.done() and (blocked := self.blocked(ticket, now)) is not None:
                    granted.set_exception(blocked)

    def _all_waiting(self) -> list[WaitingRequests[Ticket]]:
        return [self._ready, *(bulkhead.parked for bulkhead in self._parking)]

    def blocked(self, ticket: Ticket, now: float) -> Blocked | None:
        """Return the error for *ticket* if a pause lasts longer than it can wait."""
        limits: tuple[RateLimit | Bulkhead, ...] = (self._rate_limit, *ticket.bulkheads)
        for limit in limits:
            pause = limit.pause
            if pause.refusing_since is not None:
                blocked = pause.blocked(ticket.queued_at, ticket.refused_at, ticket.time_left, now)
                if blocked is not None:
                    return blocked
        return None

    def _acquire(self, ticket: Ticket, now: float) -> None:
        self._rate_limit.acquire(ticket, now)
        for bulkhead in ticket.bulkheads:
            bulkhead.acquire(ticket, now)
        if ticket.start_tag is not None:
            order = self._orders[ticket.interactive]
            order.virtual_time = max(order.virtual_time, ticket.start_tag)

    def _tag(self, ticket: Ticket) -> int:
        if ticket.start_tag is None:
            order = self._orders[ticket.interactive]
            ready = self._ready
            if not (ready.bulk or ready.interactive or self._parking):
                order.finish_tags.clear()
            ticket.start_tag = order.start_tag(ticket.integration_id)
        return ticket.start_tag

    def _unpark(self, *bulkheads: Bulkhead) -> None:
        """Move the first request that is parked at each of *bulkheads* to those that are ready, if there is room."""
        for bulkhead in bulkheads:
            parked = bulkhead.parked
            entry = parked.first()
            if entry is not None:
                now = self._loop.time()
                delay = bulkhead.delay(now)
                if delay <= 0.0:
                    parked.pop(entry)
                    parked.served(entry[3])
                    self._ready.push(entry)
                elif delay < math.inf and bulkhead not in self._timers:
                    self._timers[bulkhead] = self._loop.call_at(now + delay, self._recheck, bulkhead)
            if not parked:
                self._parking.discard(bulkhead)

    def recheck(self, bulkhead: Bulkhead) -> None:
        """Admit requests that are parked at *bulkhead*, which may have room now."""
        self._unpark(bulkhead)
        self.admit()

    def _recheck(self, bulkhead: Bulkhead) -> None:
        del self._timers[bulkhead]
        self.recheck(bulkhead)

    def _prune(self) -> None:
        """Remove cancelled requests once they are half of all entries: during a long pause they could be many."""
        self._cancelled += 1
        if self._cancelled < _PRUNE_FROM:
            return
        everything = self._all_waiting()
        if 2 * self._cancelled >= sum(map(len, everything)):
            for waiting in everything:
                waiting.prune()
            for order in self._orders:
                order.prune()
            self._cancelled = 0

    def _wake_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # Not read from the handle: that of uvloop has no `when` for a timer that is nearly due.
        self._timer = self._loop.call_at(when, self._wake)
        self._wakes_at = when

    def _wake(self) -> None:
        self._timer, self._wakes_at = None, math.inf
        self.admit()


def _give_up(granted: asyncio.Future[None]) -> None:
    if not granted.done():
        granted.set_exception(QueueTimeout())
