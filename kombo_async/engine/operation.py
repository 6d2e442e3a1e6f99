"""What can be asked of Kombo, as values."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Effect(Enum):
    """What sending an operation does, and so whether it may be sent again."""

    READ = "read"
    """Nothing changes."""
    SETTING = "setting"
    """It names the state it wants: sent twice, it leaves things as sent once."""
    CHANGE = "change"
    """Each time it arrives something more happens: never sent again unless it certainly did not run."""


class Operation(Struct, frozen=True, kw_only=True):
    """One endpoint, with all that decides how a call of it is treated."""

    name: str
    """The method of the client that calls it; logs and error messages show it."""
    method: str
    path: str
    """The template below the base URL, with `{placeholders}`."""
    effect: Effect
    integration: bool = False
    """Whether it needs the `X-Integration-Id` header."""
    action: bool = False
    """Whether it runs against the connected tool: it takes one of the integration's slots and may take minutes."""
    page_size: int | None = None
    """The largest page, for a list with a cursor."""
    filters: type | None = None
    """The TypedDict of its keywords, for a list that can be filtered."""

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again although it may have arrived."""
        return self.effect is not Effect.CHANGE

    @property
    def changes(self) -> bool:
        """Whether anything can be different after it."""
        return self.effect is not Effect.READ
