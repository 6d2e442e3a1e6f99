"""The tickets of calls, and the bulkheads that cap how many tickets of one kind are on the wire. Each has the other in
its interface, so they are in one module."""

from __future__ import annotations

import math

from msgspec import Struct

from ..response import Response
from .fair_order import WaitingRequests
from .pause import Pause, Refusal, RetryDelay


class Ticket(Struct, eq=False, gc=False):
    """What the limiter knows of one call, over all its attempts."""

    number: int
    integration_id: str | None
    interactive: bool = False
    """Whether a person waits for the call."""
    bulkheads: tuple[Bulkhead, ...] = ()
    """The caps that apply to it, the one that the fewest share first."""
    start_tag: int | None = None
    queued_at: float = math.inf
    """When it last entered the queue."""
    time_left: float = math.inf
    """Seconds until the deadline of the call, when it entered the queue."""
    refused_at: float = math.inf
    """When a limit first refused it."""
    gives_up_at: float = math.inf
    """Loop time at which it leaves the queue, by `Timeouts.queue`."""
    sent_number: int = 0
    """The number of its last attempt among all requests of the client; 0 where no limits are learned."""
    sent_at: float = math.inf
    """Loop time at which that was sent; infinity where no limits are learned."""
    is_probe: bool = False
    """Whether that was sent without knowing what the rate limit allows."""
    takes_slot: bool = False
    """Whether it is an action that the concurrency limit of its integration applies to."""
    actions_in_flight: int = 0
    """How many actions of the integration were in flight when it was sent, with itself."""
    refusals: int = 0
    """How often the concurrency limit refused it."""


class Bulkhead:
    """A cap on the requests of one kind, so that they never take all of the capacity."""

    def __init__(self, limit: float) -> None:
        self.pause = Pause()
        self.limit = limit
        self.in_flight: int = 0
        self.parked: WaitingRequests[Ticket] = WaitingRequests()
        """The requests that wait until it has room."""

    def delay(self, now: float) -> float:  # noqa: ARG002
        """Return 0 if another request of this kind may go, else as `RateLimit.delay`."""
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
