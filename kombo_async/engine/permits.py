"""Permits to send, which several processes with one key take from a shared store: what is exchanged with it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Protocol

from msgspec import Struct


class WindowReport(Struct, frozen=True):
    """What a response said of the rate window."""

    quota: float
    """Requests of the whole window."""
    remaining: float
    """Those that were left."""
    reset: float
    """Seconds from the response until the window ends."""
    sent_ago: float
    """Seconds since the request was sent."""
    received_ago: float
    """Seconds since the response arrived."""


class RateReport(Struct, frozen=True):
    """What a process tells the store when it asks for permits of the rate limit."""

    wanted: int
    """How many requests wait, or may soon."""
    unused: int
    """Permits that it has and gives back."""
    window: int
    """The number of the window that those are for."""
    on_wire: int
    """Requests without a response, and permits that it keeps."""
    observed: WindowReport | None
    """The last response."""
    unlimited: bool
    """Whether the last response had no headers about a rate limit."""


class RateGrant(Struct, frozen=True):
    """What the store allows."""

    permits: int
    """Requests that may be sent."""
    window: int
    """The number of the window that they are for."""
    seconds: float
    """With permits: how long they are good. Without: when to ask again."""


class SlotGrant(Struct, frozen=True):
    """How many actions of an integration a process may have under way."""

    slots: int
    """The number, with those that are under way already. If it is less, those that end are not replaced."""
    is_scarce: bool
    """Whether others wait for slots, or this process does."""


class PermitSource(Protocol):
    """A connection to the shared store, for the limits of one key in one event loop. Any exception means that the store
    is away."""

    async def take_permits(self, report: RateReport) -> RateGrant:
        """Report, and take a handful of permits."""
        ...

    async def take_slots(self, integration_id: str, in_use: int, wanted: int, limit: float) -> SlotGrant:
        """Report how many actions are under way, and take or give back slots. *limit* is how many there are; 0 while
        this process does not know."""
        ...

    async def close(self) -> None:
        """Give back everything, and close the connection."""
        ...


class PermitStore(Protocol):
    """Where several processes share limits, such as `kombo_async.fleet.SharedLimits`."""

    def open(self, limits_name: str) -> PermitSource:
        """Return a connection for the limits of that name, without waiting: it is made when it is first used."""
        ...


def name_of_limits(api_key: str, base_url: str) -> str:
    """Return the name of the limits of a key: a digest, from which the key cannot be found out."""
    return blake2b(f"{base_url}\n{api_key}".encode(), digest_size=16, person=b"kombo_async").hexdigest()
