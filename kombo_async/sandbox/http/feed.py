"""What happens in a sandbox, for those who watch it: requests, deliveries of webhooks, changes by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs

from .deliveries import Delivery
from .requests import ReceivedRequest

LOGGER = logging.getLogger("kombo_async.sandbox")

Subject = Literal["integrations", "records", "faults", "webhooks", "requests", "clock", "reset"]
"""What can be changed by hand."""


@attrs.frozen
class Change:
    """A change by hand: through the control API, or from Python."""

    subject: Subject
    """What was changed."""
    integration_id: str | None = None
    """The integration that it belongs to; None for none, or for all."""
    model: str | None = None
    """The model of the records that were changed."""


SandboxEvent: TypeAlias = ReceivedRequest | Delivery | Change
"""A request when its response is ready, a delivery when it has arrived or was given up, or a change."""
Observer: TypeAlias = Callable[[SandboxEvent], object]
"""A function that is called with each event."""


class Feed:
    """Passes events on. Observers are called in the thread of the server, and must not block."""

    def __init__(self) -> None:
        self.observers: list[Observer] = []

    def publish(self, event: SandboxEvent) -> None:
        """Call all observers; what they raise is logged."""
        for observer in tuple(self.observers):
            try:
                observer(event)
            except Exception:
                LOGGER.exception("An observer of the sandbox failed")
