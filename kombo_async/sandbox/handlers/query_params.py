"""Reading queries the way Kombo does: strictly, and naming the key that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard, TypeVar

import msgspec

from ..api_errors import invalid

T = TypeVar("T")

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?Z?", re.ASCII)
_MAX_DEPTH: Final = 100
"""Levels of nesting in JSON that is accepted: far below what recursion over it, here and in msgspec, could take."""


def decode_json(text: str | bytes, name: str) -> Any:
    """Return the decoded JSON; `name` is what an error calls it."""
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        raise invalid(f"{name} is not JSON.") from None
    except RecursionError:
        raise invalid(f"{name} is nested too deeply.") from None
    level: list[Any] = [decoded]
    for _ in range(_MAX_DEPTH):
        if not level:
            return decoded
        level = [child for node in level for child in _children(node)]
    raise invalid(f"{name} is nested too deeply.")


def _children(node: Any) -> Iterable[Any]:
    return node.values() if is_object(node) else node if is_list(node) else ()


def parse_moment(text: str) -> float | None:
    """Return the seconds since 1970 of a day or a time as Kombo takes them; None if it is neither."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def is_object(node: object) -> TypeGuard[dict[str, Any]]:
    """Whether decoded JSON is an object."""
    return isinstance(node, dict)


def is_list(node: object) -> TypeGuard[list[Any]]:
    """Whether decoded JSON is a list."""
    return isinstance(node, list)


class Query:
    """The query of a request. It remembers the filters that were read, to bind cursors to them."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        self._repeated: set[str] = set()
        for name, value in pairs:
            if name in self._values:
                self._repeated.add(name)
            self._values[name] = value
        self.filters: dict[str, object] = {}
        """The filters read so far that were given, in one spelling for all that mean the same."""

    def text(self, name: str) -> str | None:
        """A value that may be anything but blank."""
        if name in self._repeated:
            raise invalid(f"{name} is given more than once; several values go into one, joined by commas.")
        value = self._values.get(name)
        if value is not None and not value:
            raise invalid(f"{name} is empty.")
        return value

    def items(self, name: str) -> list[str] | None:
        """Values joined by commas."""
        text = self.text(name)
        if text is None:
            return None
        items = text.split(",")
        if not all(items):
            raise invalid(f"{name} has an empty value between its commas.")
        return self._remember(name, items)

    def choices(self, name: str, options: Sequence[str]) -> list[str] | None:
        """Values joined by commas, each one of the options."""
        items = self.items(name)
        for item in items or ():
            if item not in options:
                raise invalid(f"{name} knows {', '.join(options)}; it got {item!r}.")
        return items

    def flag(self, name: str) -> bool:
        """``true`` or ``false``, in exactly these letters; false when it is not given."""
        text = self.text(name)
        if text not in (None, "true", "false"):
            raise invalid(f"{name} must be true or false, not {text!r}.")
        if text == "true":
            self.filters[name] = True
        return text == "true"

    def moment(self, name: str) -> float | None:
        """A point in time, as seconds since 1970."""
        text = self.text(name)
        if text is None:
            return None
        moment = parse_moment(text)
        if moment is None:
            raise invalid(f"{name} must look like 2026-01-31 or 2026-01-31T08:15:00.000Z, not {text!r}.")
        return self._remember(name, moment)

    def pair(self, name: str) -> tuple[str, object] | None:
        """A JSON object that holds one key, whose value is no list and no object."""
        text = self.text(name)
        if text is None:
            return None
        decoded = decode_json(text, name)
        if not is_object(decoded) or len(decoded) != 1:
            raise invalid(f"{name} must be a JSON object with exactly one key.")
        [(key, value)] = decoded.items()
        if isinstance(value, dict | list):
            raise invalid(f"{name} must compare with a string, a number, true, false or null.")
        return self._remember(name, (key, value))

    def page_size(self, *, default: int, largest: int) -> int:
        """How many records a page may hold."""
        text = self.text("page_size")
        if text is None:
            return default
        # No number of this length is in range, and int() refuses very long ones.
        size = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if not 1 <= size <= largest:
            raise invalid(f"page_size must be a whole number from 1 to {largest}, not {text!r}.")
        return size

    def _remember(self, name: str, value: T) -> T:
        self.filters[name] = value
        return value
