"""The endpoints of Kombo, as values."""

from __future__ import annotations

from enum import Enum
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Effect(Enum):
    """What a request changes, in the terms of RFC 9110 section 9.2, and so whether it may be sent again."""

    SAFE = "safe"
    """Nothing."""
    IDEMPOTENT = "idempotent"
    """It sets a state: two requests have the effect of one."""
    NON_IDEMPOTENT = "non-idempotent"
    """Each request changes something more: it is sent again only if the first one certainly did not run."""


SAFE, IDEMPOTENT, NON_IDEMPOTENT = Effect.SAFE, Effect.IDEMPOTENT, Effect.NON_IDEMPOTENT


class Operation(Struct, Generic[T], frozen=True):
    """One endpoint, with everything that decides how calls of it are made."""

    name: str
    """The method of the client that calls it, for logs and error messages."""
    method: str
    path: str
    """The template below the base URL, with `{placeholders}`."""
    response_type: type[T]
    """The type of `data` in the response, or of one record of a list; `NoneType` if there is no data."""
    effect: Effect
    integration: bool = False
    """Whether it needs the `X-Integration-Id` header."""
    action: bool = False
    """Whether it runs against the connected tool: it takes one of the integration's slots and may take minutes."""
    long: bool = False
    """Whether it may take minutes although it is not an action."""
    page_size: int | None = None
    """The largest page size, for a list with a cursor."""
    listed: str | None = None
    """The key of the records in `data`, for a list without a cursor."""
    filters: type | None = None
    """The TypedDict of its filters, for a list."""
    body: Any = None
    """The model or TypedDict of its body; None where the body has no keys."""

    @property
    def may_take_minutes(self) -> bool:
        """Whether `Timeouts.action_deadline` applies, and not `read_deadline` with `idle`."""
        return self.action or self.long

    @property
    def idempotent(self) -> bool:
        """Whether it may be sent again although the first request may have run."""
        return self.effect is not Effect.NON_IDEMPOTENT

    @property
    def changes(self) -> bool:
        """Whether it can change anything."""
        return self.effect is not Effect.SAFE


def synced(name: str, path: str, response_type: type[T], filters: type) -> Operation[T]:
    """Return the operation that lists the records of a model that Kombo has copied from the connected tool."""
    return Operation(name, "GET", path, response_type, SAFE, integration=True, page_size=250, filters=filters)


def action(
    name: str,
    method: str,
    path: str,
    response_type: type[T],
    body: Any = None,
    *,
    effect: Effect | None = None,
    listed: str | None = None,
) -> Operation[T]:
    """Return an operation that runs against the connected tool; unless *effect* is given, only a GET is idempotent."""
    return Operation(
        name,
        method,
        path,
        response_type,
        effect or (SAFE if method == "GET" else NON_IDEMPOTENT),
        integration=True,
        action=True,
        body=body,
        listed=listed,
    )
