"""The events of the calls of a client, for `KomboClient(observers=[…])`.

An observer is a plain function that takes one event. It runs in the event loop, in the middle of the call: keep it
short. No event contains a key, a body, a record or a query value. Events are structs of msgspec, which take a tenth of
the time of attrs classes to make: each page has four of them.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ._help import complete_class


class CallEvent(Struct, frozen=True, gc=False):
    """The base of all events of calls. Events of webhooks are in `kombo_async.webhooks`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        complete_class(cls)

    call: int
    """The number of the call, the same in all its events, and of no other call in the process."""
    operation: str
    """The method of the client that was called, such as `iter_employees`."""
    integration_id: str | None
    """The integration of the call; None if it is for none."""
    attempt: int
    """The number of the attempt, from 1; in `CallFinished` how many there were, 0 if none was sent."""
    elapsed: float
    """Seconds since the call began."""


class RequestSent(CallEvent, frozen=True, gc=False):
    """An attempt is about to be sent."""


class ResponseReceived(CallEvent, frozen=True, gc=False):
    """A response was received, successful or not."""

    status: int
    """Its HTTP status."""
    code: str | None
    """Kombo's error code; None for a success, or an error without a code."""


class Throttled(CallEvent, frozen=True, gc=False):
    """A limit refused an attempt; the call waits for the next one, as do all others that share the limit."""

    code: str
    """The limit: `PLATFORM.RATE_LIMIT_EXCEEDED` or `PLATFORM.CONCURRENCY_LIMIT_EXCEEDED`."""
    wait: float
    """Seconds until the next attempt, at least."""


class RetryScheduled(CallEvent, frozen=True, gc=False):
    """An attempt failed for another reason than a limit, and will be repeated."""

    error: str
    """The name of the exception class."""
    code: str | None
    """Kombo's error code, if there was a response with one."""
    wait: float
    """Seconds until the next attempt."""


class PageFetched(CallEvent, frozen=True, gc=False):
    """A page of a list was received and decoded."""

    records: int
    """How many records it has."""


class CallFinished(CallEvent, frozen=True, gc=False):
    """A call is over, however it ended. It is the last event of every call; a list makes one call for each page."""

    error: str | None
    """The name of the class of the exception that it raised, such as `CancelledError`; None if it succeeded."""
    code: str | None
    """Kombo's error code, where the exception has one."""


Observer = Callable[[CallEvent], None]
"""A function that is called with each event."""
