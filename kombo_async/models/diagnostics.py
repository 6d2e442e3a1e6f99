"""What a response says besides its data. Apart from `common`, so that a client is imported without other models."""

from __future__ import annotations

from attrs import field

from .base import frozen, hidden


@frozen(kw_only=True)
class ReplyWarning:
    """Something Kombo noticed while it talked to the connected tool; the call itself succeeded."""

    message: str
    """A sentence for your log. Its wording changes: do not branch on it."""


@frozen(kw_only=True)
class Unreadable:
    """A record that could not be read, as it arrived: `pages(unreadable="keep")` collects them separately."""

    id: str | None
    """Kombo's id of the record, where it could be found."""
    raw: bytes = field(repr=hidden)
    """The bytes of the record. They may not be valid JSON, and are not in the repr, as they are people's data."""
    problems: tuple[str, ...]
    """What is wrong, by place, such as `expected text @ $.data.results[3].first_name`. It contains no values."""
