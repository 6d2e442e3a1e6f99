"""The order in which waiting requests are sent: by priority, and among requests of one priority by fair queueing."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

_MAX_IN_A_ROW = 9
"""Interactive requests that are sent in succession while a bulk request waits."""


class Prioritized(Protocol):
    """What the order needs to know of a ticket."""

    interactive: bool
    """Whether a person waits for its call."""


T = TypeVar("T", bound=Prioritized)

Entry = tuple[int, int, "asyncio.Future[None]", T]
"""An entry of a heap of waiting requests: start tag, number, the future that ends the wait, and the ticket."""


class FairOrder(Struct, gc=False):
    """The state of start-time fair queueing among the requests of one priority."""

    virtual_time: int = 0
    """The highest start tag of the requests that waited and were sent."""
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


class WaitingRequests(Generic[T]):
    """A priority queue. Interactive requests go first, but after nine of them a bulk request follows, so that bulk work
    never starves. Among requests of one priority, the lowest start tag goes first."""

    __slots__ = ("_in_a_row", "bulk", "interactive")

    def __init__(self) -> None:
        self.bulk: list[Entry[T]] = []
        self.interactive: list[Entry[T]] = []
        self._in_a_row = 0

    def __len__(self) -> int:
        return len(self.bulk) + len(self.interactive)

    def __iter__(self) -> Iterator[Entry[T]]:
        yield from self.interactive
        yield from self.bulk

    def push(self, entry: Entry[T]) -> None:
        """Add a request."""
        heapq.heappush(self.interactive if entry[3].interactive else self.bulk, entry)

    def first(self) -> Entry[T] | None:
        """Return the request that goes next; None if none waits."""
        interactive, bulk = self.interactive, self.bulk
        while bulk and bulk[0][2].done():
            heapq.heappop(bulk)
        while interactive and interactive[0][2].done():
            heapq.heappop(interactive)
        if interactive and not (bulk and self._in_a_row >= _MAX_IN_A_ROW):
            return interactive[0]
        return bulk[0] if bulk else None

    def pop(self, first: Entry[T]) -> None:
        """Remove the request that `first` returned just now."""
        heapq.heappop(self.interactive if first[3].interactive else self.bulk)

    def served(self, ticket: T) -> None:
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
