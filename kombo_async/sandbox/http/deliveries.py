"""Deliveries of webhooks, as they are logged."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ...redaction import hidden


@attrs.frozen(eq=False)
class DeliveryAttempt:
    """One attempt to deliver a webhook."""

    status: int | None
    """The HTTP status of the response; None if there was none."""
    milliseconds: float
    """How long the receiver took."""
    body: bytes = attrs.field(repr=hidden)
    """The first 4 KiB of the response."""
    error: str | None
    """Why there was no response; None if there was one."""

    @property
    def succeeded(self) -> bool:
        """Return whether the receiver answered with success."""
        return self.status is not None and 200 <= self.status < 300


@attrs.frozen
class Delivery:
    """The delivery of one event to one URL."""

    event_id: str
    """The same in all attempts, and for all receivers."""
    type: str
    """The type of the event, such as `data-changed`."""
    url: str
    """The URL of the receiver."""
    attempts: int
    """How often it was sent, at most 3 times."""
    status: int | None
    """The HTTP status of the last attempt; None if there was no response."""
    body: bytes = attrs.field(repr=hidden)
    """The bytes that were signed and sent."""
    answers: tuple[DeliveryAttempt, ...] = attrs.field(default=(), eq=False, repr=hidden)
    """The result of each attempt, in order."""
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], eq=False, repr=hidden)
    """The headers that were sent, with the signature."""
    number: int = attrs.field(default=0, eq=False)
    """Its number among all deliveries."""
    sent_at: float = attrs.field(default=0.0, eq=False)
    """When it was sent first, by the clock of the sandbox, in seconds since 1970."""

    @property
    def arrived(self) -> bool:
        """Return whether the receiver answered with success."""
        return self.status is not None and 200 <= self.status < 300
