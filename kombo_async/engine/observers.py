"""Calls the observers of a client with the events of its calls."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import CallEvent, Observer

log = logging.getLogger("kombo_async")


EventHeader = tuple[int, str, str | None, int, float]
"""What every event says of its call: the fields of `CallEvent`, in their order."""


class Observers:
    """The observers of one client. The first error of each is logged, and none ends a call.

    It is false if there are none. The event classes are imported with the first observer.
    """

    def __init__(self, observers: Iterable[Observer]) -> None:
        if not isinstance(observers, Iterable):
            raise TypeError(f"observers is a list of functions, not {type(observers).__name__}")
        self._observers = tuple(enumerate(observers))
        self._failed: set[int] = set()
        if self._observers:
            from .. import events

            self._events = events
        for _, observer in self._observers:
            if not callable(observer):
                raise TypeError(f"an observer is a function of one event, not {type(observer).__name__}")
            if iscoroutinefunction(observer):
                raise TypeError("an observer is a plain function: start a task in it if it has to wait")

    def __bool__(self) -> bool:
        return bool(self._observers)

    def request_sent(self, header: EventHeader) -> None:
        """Report that an attempt goes on the wire."""
        self._notify(self._events.RequestSent(*header))

    def response_received(self, header: EventHeader, status: int, code: str | None, records: int | None) -> None:
        """Report a response; *records* is the size of a page that was decoded."""
        # `*header` before other arguments would make a list and two tuples for each event, and each page has three.
        call, name, integration_id, attempt, elapsed = header
        self._notify(self._events.ResponseReceived(call, name, integration_id, attempt, elapsed, status, code))
        if records is not None:
            self._notify(self._events.PageFetched(call, name, integration_id, attempt, elapsed, records))

    def throttled(self, header: EventHeader, code: str, wait: float) -> None:
        """Report that a limit refused an attempt, and that the call waits."""
        self._notify(self._events.Throttled(*header, code, wait))

    def retry_scheduled(self, header: EventHeader, error: Exception, code: str | None, wait: float) -> None:
        """Report that an attempt failed for another reason, and that another one follows."""
        self._notify(self._events.RetryScheduled(*header, type(error).__name__, code, wait))

    def call_finished(self, header: EventHeader, error: BaseException | None) -> None:
        """Report the end of a call; *error* is what it raised."""
        call, name, integration_id, attempt, elapsed = header
        error_name, code = (None, None) if error is None else (type(error).__name__, getattr(error, "code", None))
        self._notify(self._events.CallFinished(call, name, integration_id, attempt, elapsed, error_name, code))

    def _notify(self, event: CallEvent) -> None:
        for number, observer in self._observers:
            try:
                observer(event)
            except Exception as error:  # noqa: BLE001
                if number not in self._failed:
                    self._failed.add(number)
                    # Without its text, which may hold anything.
                    log.warning(
                        "observer %d raised %s; further errors of it are not logged", number, type(error).__name__
                    )
