"""Calls of every operation, in a module for each family: the smallest one that is right, and one with everything.

They are made against the sandbox, and what arrives there and what it answers is held against Kombo's description.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from kombo_async import KomboClient, Pager


class Call(NamedTuple):
    """One call."""

    name: str
    """The method, below the client: `hris.create_absence`."""
    make: Callable[[KomboClient, Any], Awaitable[Any] | Pager[Any]]
    """Makes the call, with a client for an integration and ids of existing records, such as `ids.employee`."""
