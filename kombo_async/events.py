"""What happens to the calls of a client, for `KomboClient(observers=[…])`.

An observer is a plain function that takes one event. It runs in the event loop, in the middle of the call: keep it
short. No event holds a key, a body, a record or a query value. Events are structs of msgspec, which take a tenth of
the time of attrs classes to make: there are four of them to a page.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class CallEvent(Struct, frozen=True, gc=False):
    """What all events tell."""

    call: int
    """The number of the call, the same in all its events, and of no other call in the process."""
    operation: str
    """The method of the client that was called, such as `iter_employees`."""
    integration_id: str | None
    """The integration the call is for, where it is for one."""
    attempt: int
    """Which attempt of the call this is about, from 1; at its end how many there were, 0 if it was never sent."""
    elapsed: float
    """Seconds since the call began."""


class RequestSent(CallEvent, frozen=True, gc=False):
    """An attempt goes on the wire."""


class ResponseReceived(CallEvent, frozen=True, gc=False):
    """An answer came, whatever it says."""

    status: int
    """Its HTTP status."""
    code: str | None
    """The error code in it, where it is an error that carries one."""


class Throttled(CallEvent, frozen=True, gc=False):
    """Kombo refused an attempt because a limit was reached; the call waits, and all others that share the limit."""

    code: str
    """Which limit: `PLATFORM.RATE_LIMIT_EXCEEDED` or `PLATFORM.CONCURRENCY_LIMIT_EXCEEDED`."""
    wait: float
    """Seconds until the next attempt, at least."""


class RetryScheduled(CallEvent, frozen=True, gc=False):
    """An attempt failed for another reason than a limit, and another one follows."""

    error: str
    """The name of the exception class."""
    code: str | None
    """The error code, where Kombo answered with one."""
    wait: float
    """Seconds until the next attempt."""


class PageFetched(CallEvent, frozen=True, gc=False):
    """A page of a list arrived and was read."""

    records: int
    """How many records it has."""


class CallFinished(CallEvent, frozen=True, gc=False):
    """A call is over, however it ended. It is the last event of every call; a list makes one call for each page."""

    error: str | None
    """The name of the class of the exception that it raised, such as `CancelledError`; None if it succeeded."""
    code: str | None
    """Kombo's error code, where the exception has one."""


Observer = Callable[[CallEvent], None]
"""What `observers` holds."""
