"""The clients that are compared. Each does the same work in the way its users would write it."""

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
"""What the others are called where there is room to say it."""

Kind = Literal["fields", "employees"]


@define
class Tally:
    """What a client has read: the same for all, or the comparison is void."""

    items: int = 0
    seen: int = 0
    """A sum over what the items say, so that each was looked at."""


class Variant(Protocol):
    """One client. The loops are written out in each of them, so that no common layer adds to their cost."""

    def __init__(self, base_url: str, integration_id: str) -> None:
        """Open nothing yet. Employees and absences are those of this integration."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        """Read all integration fields and look at each."""
        ...

    async def employees(self, page_size: int) -> Tally:
        """Read all employees and look at each."""
        ...

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        """Ask for a page of one field, so many times in a row."""
        ...

    async def actions(self, count: int) -> Tally:
        """Enter so many absences, one after the other."""
        ...

    def pages(self, kind: Kind, page_size: int) -> AsyncGenerator[Sequence[Any]]:
        """Read a list page by page."""
        ...


def load(name: str) -> type[Variant]:
    """Return a client by name; only its own libraries are imported."""
    kind: type[Variant] = import_module(HOMES[name], __name__).Client
    return kind
