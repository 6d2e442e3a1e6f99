"""Tickets of calls, the order in which they wait, and the bulkheads at which they do."""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Iterator

from msgspec import Struct

from ..response import Response
from .pause import Pause, Refusal, RetryDelay

_MAX_IN_A_ROW = 9
"""Interactive requests that are sent in succession while a bulk request waits."""


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
    interactive: bool = False
    """Whether a person waits for the call."""
    bulkheads: tuple[Bulkhead, ...] = ()
    """The caps that apply to it, the one that the fewest share first."""
    start_tag: int | None = None
    queued_at: float = 0.0
    time_left: float = math.inf
    """Seconds until the deadline of the call, when it entered the queue."""
    gives_up_at: float = math.inf
    """Loop time at which it leaves the queue, by `Timeouts.queue`."""
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


class FairOrder(Struct, gc=False):
    """The state of start-time fair queueing among the requests of one priority."""

    virtual_time: int = 0
    """The start tag of the last request that was sent."""
    finish_tags: dict[str | None, int] = {}
    """By integration, the finish tag of its last request."""

    def start_tag(self, flow: str | None) -> int:
        """Return the start tag of a new request: the larger of the finish tag of the previous request of its
        integration and the virtual time."""
        tag = self.finish_tags.get(flow, 0)
        tag = max(tag, self.virtual_time)
        self.finish_tags[flow] = tag + 1
        return tag

    def prune(self) -> None:
        """Remove the tags of integrations without a backlog."""
        self.finish_tags = {flow: tag for flow, tag in self.finish_tags.items() if tag > self.virtual_time}


class WaitingRequests:
    """A priority queue. Interactive requests go first, but after nine of them a bulk request follows, so that bulk work
    never starves. Among requests of one priority, the lowest start tag goes first."""

    __slots__ = ("_in_a_row", "bulk", "interactive")

    def __init__(self) -> None:
        self.bulk: list[Entry] = []
        self.interactive: list[Entry] = []
        self._in_a_row = 0

    def __len__(self) -> int:
        return len(self.bulk) + len(self.interactive)

    def __iter__(self) -> Iterator[Entry]:
        yield from self.interactive
        yield from self.bulk

    def push(self, entry: Entry) -> None:
        """Add a request."""
        heapq.heappush(self.interactive if entry[3].interactive else self.bulk, entry)

    def first(self) -> Entry | None:
        """Return the request that goes next; None if none waits."""
        interactive, bulk = self.interactive, self.bulk
        while bulk and bulk[0][2].done():
            heapq.heappop(bulk)
        while interactive and interactive[0][2].done():
            heapq.heappop(interactive)
        if interactive and not (bulk and self._in_a_row >= _MAX_IN_A_ROW):
            return interactive[0]
        return bulk[0] if bulk else None

    def pop(self, first: Entry) -> None:
        """Remove the request that `first` returned just now."""
        heapq.heappop(self.interactive if first[3].interactive else self.bulk)

    def served(self, ticket: Ticket) -> None:
        """Note that a request was sent, from this queue or without a wait."""
        self._in_a_row = self._in_a_row + 1 if ticket.interactive and self.bulk else 0

    def can_pass(self) -> bool:
        """Return whether a new interactive request goes before all waiting ones."""
        return not self.interactive and not (self.bulk and self._in_a_row >= _MAX_IN_A_ROW)

    def prune(self) -> None:
        """Remove cancelled requests."""
        for heap in (self.interactive, self.bulk):
            heap[:] = [entry for entry in heap if not entry[2].done()]
            heapq.heapify(heap)


class Bulkhead:
    """A cap on the requests of one kind, so that they never take all of the capacity."""

    def __init__(self, limit: float) -> None:
        self.pause = Pause()
        self.limit = limit
        self.in_flight: int = 0
        self.parked = WaitingRequests()

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
