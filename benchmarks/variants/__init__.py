"""The clients that are compared. Each does the same work in the way its users would write it."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, Self

from attrs import define

API_KEY = "ks_bench_key"
OURS = "kombo_async"
HOMES = {OURS: ".ours", "official": ".official", "bare": ".bare"}


@define
class Tally:
    """What a client has read: the same for all, or the comparison is void."""

    items: int = 0
    enabled: int = 0


class Variant(Protocol):
    """One client. The loops are written out in each of them, so that no common layer adds to their cost."""

    def __init__(self, base_url: str) -> None:
        """Open nothing yet."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        """Read all integration fields and look at each."""
        ...

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        """Ask for a page of one field, so many times in a row."""
        ...

    async def ordered_fields(self, integration_id: str, page_size: int) -> Tally:
        """Read all integration fields and make sure that each comes once, in order."""
        ...


def load(name: str) -> type[Variant]:
    """Return a client by name; only its own libraries are imported."""
    kind: type[Variant] = import_module(HOMES[name], __name__).Client
    return kind
