"""What can be asked of Kombo, as values."""

from __future__ import annotations

from enum import Enum
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Effect(Enum):
    """What sending an operation does, and so whether it may be sent again."""

    READ = "read"
    """Nothing changes."""
    SETTING = "setting"
    """It names the state it wants: sent twice, it leaves things as sent once."""
    CHANGE = "change"
    """Each time it arrives something more happens: never sent again unless it certainly did not run."""


READ, SETTING, CHANGE = Effect.READ, Effect.SETTING, Effect.CHANGE


class Operation(Struct, Generic[T], frozen=True, kw_only=True):
    """One endpoint, with all that decides how a call of it is treated."""

    name: str
    """The method of the client that calls it; logs and error messages show it."""
    method: str
    path: str
    """The template below the base URL, with `{placeholders}`."""
    answer: type[T]
    """What stands in `data`; for a list, one record of it. None's own type where there is nothing to say."""
    effect: Effect
    integration: bool = False
    """Whether it needs the `X-Integration-Id` header."""
    action: bool = False
    """Whether it runs against the connected tool: it takes one of the integration's slots and may take minutes."""
    long: bool = False
    """Whether it may take minutes without being an action."""
    page_size: int | None = None
    """The largest page, for a list with a cursor."""
    listed: str | None = None
    """The key under which the records stand, for a list without a cursor."""
    filters: type | None = None
    """The TypedDict of its keywords, for what can be filtered."""
    body: Any = None
    """The model or TypedDict of its body; None where the body has no keys."""

    @property
    def may_take_minutes(self) -> bool:
        """Whether `Timeouts.action_deadline` holds for it, and not `read_deadline` with `idle`."""
        return self.action or self.long

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again although it may have arrived."""
        return self.effect is not Effect.CHANGE

    @property
    def changes(self) -> bool:
        """Whether anything can be different after it."""
        return self.effect is not Effect.READ


def synced(name: str, path: str, answer: type[T], filters: type) -> Operation[T]:
    """Return the list of a model that Kombo has copied from the connected tool."""
    return Operation(
        name=name,
        method="GET",
        path=path,
        answer=answer,
        effect=READ,
        integration=True,
        page_size=250,
        filters=filters,
    )


def action(
    name: str,
    method: str,
    path: str,
    answer: type[T],
    body: Any = None,
    *,
    effect: Effect | None = None,
    listed: str | None = None,
) -> Operation[T]:
    """Return something that runs against the connected tool; unless said otherwise, only a GET may be repeated."""
    return Operation(
        name=name,
        method=method,
        path=path,
        answer=answer,
        effect=effect or (READ if method == "GET" else CHANGE),
        integration=True,
        action=True,
        body=body,
        listed=listed,
    )
