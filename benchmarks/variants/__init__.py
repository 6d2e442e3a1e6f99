"""The clients that are compared. Each does the same work as its users would write it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from importlib import import_module
from typing import Any, Literal, Protocol, Self

from attrs import define

API_KEY = "ks_bench_key"
OURS = "kombo_async"
HOMES = {OURS: ".ours", "official": ".official", "bare": ".bare", "httpx": ".by_hand"}
PEERS = {
    "official": "official SDK",
    "bare": "bare aiohttp + msgspec",
    "httpx": "bare httpx + pydantic",
}
"""The full names of the other clients."""

Kind = Literal["fields", "employees"]


@define
class Tally:
    """What a client has read, which must be the same for all."""

    items: int = 0
    seen: int = 0
    """A sum over a value of each item, so that every item is accessed."""


class Variant(Protocol):
    """One client. The loops are written out in each of them, so that no common layer adds to their cost."""

    def __init__(self, base_url: str, integration_id: str) -> None:
        """Create a client that opens nothing yet, for employees and absences of this integration."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        """Read all integration fields, and access each."""
        ...

    async def employees(self, page_size: int) -> Tally:
        """Read all employees, and access each."""
        ...

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        """Request a page of one field, *calls* times in a row."""
        ...

    async def actions(self, count: int) -> Tally:
        """Create *count* absences, one after the other."""
        ...

    def pages(self, kind: Kind, page_size: int) -> AsyncGenerator[Sequence[Any]]:
        """Read a list page by page."""
        ...


def load(name: str) -> type[Variant]:
    """Return a client by name; only its own libraries are imported."""
    kind: type[Variant] = import_module(HOMES[name], __name__).Client
    return kind
