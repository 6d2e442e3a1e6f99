"""Telling observers what happens."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..events import Event, Observer

log = logging.getLogger("kombo_async")


EventHeader = tuple[int, str, str | None, int, float]
"""What every event says of its call, in the order of the fields of `Event`."""


class Watch:
    """The observers of one client. One that raises is logged once and never breaks a call.

    It is false where there are none, so that a call asks once. The event classes load with the first observer.
    """

    def __init__(self, observers: Iterable[Observer]) -> None:
        if not isinstance(observers, Iterable):
            raise TypeError(f"observers is a list of functions, not {type(observers).__name__}")
        self._observers = tuple(observers)
        self._failed: set[int] = set()
        if self._observers:
            from .. import events

            self._events = events
        for observer in self._observers:
            if not callable(observer):
                raise TypeError(f"an observer is a function of one event, not {type(observer).__name__}")
            if iscoroutinefunction(observer):
                raise TypeError("an observer is a plain function: start a task in it if it has to wait")

    def __bool__(self) -> bool:
        return bool(self._observers)

    def sent(self, header: EventHeader) -> None:
        """An attempt goes on the wire."""
        self._tell(self._events.RequestSent(*header))

    def answered(self, header: EventHeader, status: int, code: str | None, records: int | None) -> None:
        """An answer came; *records* where it was a page that could be read."""
        self._tell(self._events.ResponseReceived(*header, status, code))
        if records is not None:
            self._tell(self._events.PageFetched(*header, records))

    def throttled(self, header: EventHeader, code: str, wait: float) -> None:
        """A limit was reached, and the call waits."""
        self._tell(self._events.Throttled(*header, code, wait))

    def retrying(self, header: EventHeader, error: Exception, code: str | None, wait: float) -> None:
        """An attempt failed, and another one follows."""
        self._tell(self._events.RetryScheduled(*header, type(error).__name__, code, wait))

    def finished(self, header: EventHeader, error: BaseException | None) -> None:
        """A call is over; *error* is what it raised."""
        if error is None:
            self._tell(self._events.CallFinished(*header, None, None))
        else:
            self._tell(self._events.CallFinished(*header, type(error).__name__, getattr(error, "code", None)))

    def _tell(self, event: Event) -> None:
        for number, observer in enumerate(self._observers):
            try:
                observer(event)
            except Exception as error:  # noqa: BLE001
                if number not in self._failed:
                    self._failed.add(number)
                    # The text of the error is left out: it is not ours and may hold anything.
                    log.warning(
                        "observer %d raised %s; further errors of it are not logged", number, type(error).__name__
                    )
