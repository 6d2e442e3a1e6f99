"""The admission queue: requests wait here until they may be sent.

Among integrations it is fair by start-time fair queueing (Goyal, Vin, Cheng 1996): each request gets the start tag at
which its integration would be served in round-robin order, and the lowest tag goes first. Within an integration that is
first in, first out. A retry keeps its tag.

A bulkhead caps the requests of one kind, such as the actions of an integration. A request whose bulkhead is full is
parked there, so that those behind it pass.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from typing import Protocol

from msgspec import Struct

from ..response import Response
from .pause import Blocked, Pause, Refusal, RetryDelay

_PRUNE_FROM = 64
"""Cancelled entries from which on the heaps are cleaned up."""


class SentRequest(Struct, eq=False, gc=False):
    """One attempt on the wire."""

    number: int
    sent_at: float
    is_probe: bool
    """Whether it was sent without knowing what the rate limit allows."""
    unacknowledged: bool = True
    """Whether the server may not have counted it yet."""


class Ticket(Struct, eq=False, gc=False):
    """The position of one call in the queue, for all its attempts."""

    number: int
    integration_id: str | None
    bulkheads: tuple[Bulkhead, ...] = ()
    """The caps that apply to it, the one that the fewest share first."""
    start_tag: int | None = None
    queued_at: float = 0.0
    time_left: float = math.inf
    """Seconds until the deadline of the call, when it entered the queue."""
    sent: SentRequest | None = None
    """Its last attempt; None without learning."""
    takes_slot: bool = False
    """Whether it is an action that the concurrency limit of its integration applies to."""
    actions_in_flight: int = 0
    """How many actions of the integration were in flight when it was sent, with itself."""
    refusals: int = 0
    """How often the concurrency limit refused it."""


Entry = tuple[int, int, "asyncio.Future[None]", Ticket]
"""An entry of a heap of waiting requests: start tag, number, the future that ends the wait, and the ticket."""


class RateLimiter(Protocol):
    """Decides when the next request may go, whichever it is."""

    pause: Pause

    def delay(self, now: float) -> float:
        """Return 0 if a request may go now, the seconds after which to ask again, or infinity: after a release."""
        ...

    def acquire(self, ticket: Ticket, now: float) -> None:
        """Note that *ticket* goes on the wire."""
        ...

    def cancel(self, ticket: Ticket, now: float) -> None:
        """Undo `acquire` for a request that was not sent."""
        ...


class Bulkhead:
    """A cap on the requests of one kind, so that they never take all of the capacity."""

    def __init__(self, limit: float) -> None:
        self.pause = Pause()
        self.limit = limit
        self.in_flight: int = 0
        self.parked: list[Entry] = []

    def delay(self, now: float) -> float:  # noqa: ARG002
        """Return 0 if another request of this kind may go, else as `RateLimiter.delay`."""
        return 0.0 if self.in_flight + 1 <= self.limit else math.inf

    def acquire(self, ticket: Ticket, now: float) -> None:  # noqa: ARG002
        """Note that *ticket* goes on the wire."""
        self.in_flight += 1

    def cancel(self) -> None:
        """Undo `acquire`."""
        self.in_flight -= 1

    def release(self, ticket: Ticket, response: Response, refusal: Refusal | None, now: float) -> RetryDelay | None:  # noqa: ARG002
        """Note the *response* to *ticket*; return how long it has to wait, if it was refused because of this cap."""
        self.in_flight -= 1
        return None


class AdmissionQueue:
    """The requests of a client that wait for a rate limiter, and for the bulkheads of their kind."""

    def __init__(self, rate_limiter: RateLimiter, loop: asyncio.AbstractEventLoop) -> None:
        self._rate_limiter = rate_limiter
        self._loop = loop
        self._ready: list[Entry] = []
        """The requests whose bulkheads had room when they were last checked."""
        self._parking: set[Bulkhead] = set()
        """The bulkheads at which requests are parked."""
        self._timers: dict[Bulkhead, asyncio.Handle] = {}
        """The timers of those of them that will have room at a known time."""
        self._timer: asyncio.Handle | None = None
        self._wakes_at = math.inf
        self._cancelled = 0
        """How many entries, at most, belong to requests that no longer wait."""
        self._virtual_time = 0
        self._finish_tags: dict[str | None, int] = {}

    def try_acquire(self, ticket: Ticket, now: float) -> bool:
        """Admit *ticket* at once if no limit and no waiting request precedes it; return whether it was admitted."""
        if self._ready or self._rate_limiter.delay(now) > 0.0:
            return False
        for bulkhead in ticket.bulkheads:
            if bulkhead.delay(now) > 0.0:
                return False
        self._acquire(ticket, now)
        return True

    async def acquire(self, ticket: Ticket) -> None:
        """Wait until *ticket* is admitted. Raise `Blocked` if a pause lasts longer than it can wait."""
        ticket.queued_at = now = self._loop.time()
        if (blocked := self._blocked(ticket, now)) is not None:
            raise blocked
        granted = self._loop.create_future()
        heapq.heappush(self._ready, (self._tag(ticket), ticket.number, granted, ticket))
        try:
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

    def cancel(self, ticket: Ticket) -> None:
        """Return the permits of *ticket*, which was admitted but not sent, or got no response."""
        self._rate_limiter.cancel(ticket, self._loop.time())
        for bulkhead in ticket.bulkheads:
            bulkhead.cancel()
        self.released(ticket)

    def released(self, ticket: Ticket) -> None:
        """Admit others, now that the bulkheads of *ticket* or the rate limiter may have room."""
        if self._parking and ticket.bulkheads:
            self._unpark(*ticket.bulkheads)
        if self._ready:
            self.admit()

    def keep_priority(self, ticket: Ticket) -> None:
        """Give *ticket*, which was refused, a start tag before those of all requests to come."""
        if ticket.start_tag is None:
            ticket.start_tag = self._virtual_time

    def admit(self) -> None:
        """Admit all requests that no limit delays."""
        while self._ready:
            _, _, granted, ticket = self._ready[0]
            if granted.done():
                heapq.heappop(self._ready)
                continue
            now = self._loop.time()
            for index, bulkhead in enumerate(ticket.bulkheads):
                if bulkhead.delay(now) > 0.0:
                    heapq.heappush(bulkhead.parked, heapq.heappop(self._ready))
                    self._parking.add(bulkhead)
                    # Requests that are parked at its other bulkheads may have room now.
                    self._unpark(bulkhead, *ticket.bulkheads[index + 1 :])
                    break
            else:
                delay = self._rate_limiter.delay(now)
                if delay > 0.0:
                    self._wake_at(now + delay)
                    return
                heapq.heappop(self._ready)
                self._acquire(ticket, now)
                granted.set_result(None)
                self._unpark(*ticket.bulkheads)

    def fail_blocked(self) -> None:
        """End the wait of all requests that cannot wait for the end of a pause."""
        now = self._loop.time()
        for entries in (self._ready, *(bulkhead.parked for bulkhead in self._parking)):
            for _, _, granted, ticket in entries:
                if not granted.done() and (blocked := self._blocked(ticket, now)) is not None:
                    granted.set_exception(blocked)

    def _blocked(self, ticket: Ticket, now: float) -> Blocked | None:
        blocked = self._rate_limiter.pause.blocked(ticket.queued_at, ticket.time_left, now)
        for bulkhead in ticket.bulkheads:
            if blocked is None:
                blocked = bulkhead.pause.blocked(ticket.queued_at, ticket.time_left, now)
        return blocked

    def _acquire(self, ticket: Ticket, now: float) -> None:
        self._rate_limiter.acquire(ticket, now)
        for bulkhead in ticket.bulkheads:
            bulkhead.acquire(ticket, now)
        if ticket.start_tag is not None and ticket.start_tag > self._virtual_time:
            self._virtual_time = ticket.start_tag

    def _tag(self, ticket: Ticket) -> int:
        """Return the start tag of *ticket*: the finish tag of the request before it of its integration, or the virtual
        time, which is the start tag of what was last sent."""
        if ticket.start_tag is None:
            if not self._ready and not self._parking:
                self._finish_tags.clear()
            flow = ticket.integration_id
            ticket.start_tag = max(self._virtual_time, self._finish_tags.get(flow, 0))
            self._finish_tags[flow] = ticket.start_tag + 1
        return ticket.start_tag

    def _unpark(self, *bulkheads: Bulkhead) -> None:
        """Move the first request that is parked at each of *bulkheads* to those that are ready, if there is room."""
        for bulkhead in bulkheads:
            parked = bulkhead.parked
            while parked and parked[0][2].done():
                heapq.heappop(parked)
            if parked:
                now = self._loop.time()
                delay = bulkhead.delay(now)
                if delay <= 0.0:
                    heapq.heappush(self._ready, heapq.heappop(parked))
                elif delay < math.inf and bulkhead not in self._timers:
                    self._timers[bulkhead] = self._loop.call_at(now + delay, self._recheck, bulkhead)
            if not parked:
                self._parking.discard(bulkhead)

    def _recheck(self, bulkhead: Bulkhead) -> None:
        del self._timers[bulkhead]
        self._unpark(bulkhead)
        self.admit()

    def _prune(self) -> None:
        """Remove cancelled requests once they are half of all entries: during a long pause they could be many."""
        self._cancelled += 1
        if self._cancelled < _PRUNE_FROM:
            return
        heaps = (self._ready, *(bulkhead.parked for bulkhead in self._parking))
        if 2 * self._cancelled >= sum(map(len, heaps)):
            for heap in heaps:
                heap[:] = [entry for entry in heap if not entry[2].done()]
                heapq.heapify(heap)
            self._finish_tags = {flow: tag for flow, tag in self._finish_tags.items() if tag > self._virtual_time}
            self._cancelled = 0

    def _wake_at(self, when: float) -> None:
        if when < self._wakes_at:
            if self._timer is not None:
                self._timer.cancel()
                self._timer, self._wakes_at = None, math.inf
            # Not read from the handle: that of uvloop has no `when` for a timer that is nearly due.
            self._timer = self._loop.call_at(when, self._wake)
            self._wakes_at = when

    def _wake(self) -> None:
        self._timer, self._wakes_at = None, math.inf
        self.admit()
