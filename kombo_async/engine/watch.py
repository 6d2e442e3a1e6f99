"""Telling observers what happens."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ..events import Event, Observer

log = logging.getLogger("kombo_async")


class Watch:
    """The observers of one client. One that raises is logged once and never breaks a call."""

    def __init__(self, observers: Iterable[Observer]) -> None:
        self._observers = tuple(observers)
        self._failed: set[int] = set()
        for observer in self._observers:
            if not callable(observer):
                raise TypeError(f"an observer is a function of one event, not {type(observer).__name__}")

    def __bool__(self) -> bool:
        return bool(self._observers)

    def tell(self, event: Event) -> None:
        """Hand *event* to each observer."""
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
