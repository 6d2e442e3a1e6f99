"""Query parameters, parsed as strictly as Kombo does, with errors that name the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from ..api_errors import invalid_input
from ..json_values import decode_json, is_object, parse_moment

T = TypeVar("T")


class Query:
    """The query parameters of a request. It records the filters that were read, as part of the signature of cursors."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        self._repeated: set[str] = set()
        for name, value in pairs:
            if name in self._values:
                self._repeated.add(name)
            self._values[name] = value
        self.filters: dict[str, object] = {}
        """The filters that were given and read so far, as normalised values."""

    def text(self, name: str) -> str | None:
        """Return a value, which must not be empty; None if it is not given. It is not recorded as a filter."""
        if name in self._repeated:
            raise invalid_input(f"{name} is given more than once; several values go into one, joined by commas.")
        value = self._values.get(name)
        if value is not None and not value:
            raise invalid_input(f"{name} is empty.")
        return value

    def items(self, name: str) -> list[str] | None:
        """Return the values of a comma-separated list."""
        text = self.text(name)
        if text is None:
            return None
        items = text.split(",")
        if not all(items):
            raise invalid_input(f"{name} has an empty value between its commas.")
        return self._remember(name, items)

    def choices(self, name: str, options: Sequence[str]) -> list[str] | None:
        """Return the values of a comma-separated list, each of which must be one of the options."""
        items = self.items(name)
        for item in items or ():
            if item not in options:
                raise invalid_input(f"{name} must be one of {', '.join(options)}, not {item!r}.")
        return items

    def flag(self, name: str) -> bool:
        """Return the value of `true` or `false`; False if it is not given."""
        text = self.text(name)
        if text not in (None, "true", "false"):
            raise invalid_input(f"{name} must be true or false, not {text!r}.")
        if text == "true":
            self.filters[name] = True
        return text == "true"

    def moment(self, name: str) -> float | None:
        """Return a date or time as seconds since 1970."""
        text = self.text(name)
        if text is None:
            return None
        moment = parse_moment(text)
        if moment is None:
            raise invalid_input(f"{name} must look like 2026-01-31 or 2026-01-31T08:15:00.000Z, not {text!r}.")
        return self._remember(name, moment)

    def pair(self, name: str) -> tuple[str, object] | None:
        """Return the key and the scalar value of a JSON object with one key."""
        text = self.text(name)
        if text is None:
            return None
        decoded = decode_json(text, name)
        if not is_object(decoded) or len(decoded) != 1:
            raise invalid_input(f"{name} must be a JSON object with exactly one key.")
        [(key, value)] = decoded.items()
        if isinstance(value, dict | list):
            raise invalid_input(f"{name} must compare with a string, a number, true, false or null.")
        return self._remember(name, (key, value))

    def page_size(self, *, default: int, largest: int) -> int:
        """Return the number of records of a page."""
        text = self.text("page_size")
        if text is None:
            return default
        # A number of ten digits or more is out of range, and int() refuses very long ones.
        size = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
        if not 1 <= size <= largest:
            raise invalid_input(f"page_size must be a whole number from 1 to {largest}, not {text!r}.")
        return size

    def _remember(self, name: str, value: T) -> T:
        self.filters[name] = value
        return value
