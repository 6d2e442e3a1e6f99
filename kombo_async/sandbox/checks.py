"""Reading queries and bodies the way Kombo does: strictly, and naming the key that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard, TypeVar

import msgspec

from kombo_async.sandbox.problems import invalid

T = TypeVar("T")

_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?Z?", re.ASCII)
_NOUNS: Final[Mapping[type, str]] = {str: "a string", bool: "true or false", int: "a whole number"}


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
        wrong = invalid(f"{name} must look like 2026-01-31 or 2026-01-31T08:15:00.000Z, not {text!r}.")
        if not _MOMENT.fullmatch(text):
            raise wrong
        try:
            moment = datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise wrong from None
        return self._remember(name, moment)

    def pair(self, name: str) -> tuple[str, object] | None:
        """A JSON object that holds one key, whose value is no list and no object."""
        text = self.text(name)
        if text is None:
            return None
        try:
            decoded = msgspec.json.decode(text)
        except msgspec.DecodeError:
            raise invalid(f"{name} is not JSON.") from None
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


class Body:
    """The JSON object that came with a request, or a part of it."""

    def __init__(self, keys: Mapping[str, Any], where: str = "") -> None:
        self._keys = keys
        self._where = where

    @classmethod
    def read(cls, raw: bytes) -> Body:
        """Read the bytes of a request; none at all count as an empty object."""
        if not raw.strip():
            return cls({})
        try:
            decoded = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise invalid("The body is not JSON.") from None
        if not is_object(decoded):
            raise invalid("The body must be a JSON object.")
        return cls(decoded)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def raw(self, key: str) -> Any:
        """A value of any kind; None when it is missing."""
        return self._keys.get(key)

    def need(self, key: str, kind: type[T]) -> T:
        """A value that must be there."""
        if key not in self._keys:
            raise invalid(f"{self._where}{key} is missing.")
        return self._checked(key, kind)

    def need_or_null(self, key: str, kind: type[T]) -> T | None:
        """A value that must be there, or stand there as null."""
        return None if key in self._keys and self._keys[key] is None else self.need(key, kind)

    def maybe(self, key: str, kind: type[T]) -> T | None:
        """A value that may be left out, though not be null."""
        return self._checked(key, kind) if key in self._keys else None

    def maybe_null(self, key: str, kind: type[T]) -> T | None:
        """A value that may be left out or null."""
        return None if self._keys.get(key) is None else self._checked(key, kind)

    def choice(self, key: str, options: Sequence[str], *, default: str | None = None, null: bool = False) -> str:
        """One of the options. Without a default the key must be there."""
        if default is not None and (key not in self._keys or (null and self._keys[key] is None)):
            return default
        value = self.need(key, str)
        if value not in options:
            raise invalid(f"{self._where}{key} must be one of {', '.join(options)}, not {value!r}.")
        return value

    def strings(self, key: str) -> dict[str, str]:
        """An object whose values are all strings; empty when it is left out."""
        strings: dict[str, str] = {}
        for name, value in (self._object(key) if key in self._keys else {}).items():
            if not isinstance(value, str):
                raise invalid(f"{self._where}{key}.{name} must be a string.")
            strings[name] = value
        return strings

    def parts(self, key: str) -> list[Body] | None:
        """A list of objects; None when it is left out."""
        if key not in self._keys:
            return None
        items = self._keys[key]
        if not is_list(items):
            raise invalid(f"{self._where}{key} must be a list.")
        return [self._part(f"{key}[{number}]", item) for number, item in enumerate(items)]

    def part(self, key: str) -> Body:
        """An object that must be there."""
        if key not in self._keys:
            raise invalid(f"{self._where}{key} is missing.")
        return Body(self._object(key), f"{self._where}{key}.")

    def _object(self, key: str) -> dict[str, Any]:
        value = self._keys[key]
        if not is_object(value):
            raise invalid(f"{self._where}{key} must be an object.")
        return value

    def _part(self, name: str, item: object) -> Body:
        if not is_object(item):
            raise invalid(f"{self._where}{name} must be an object.")
        return Body(item, f"{self._where}{name}.")

    def _checked(self, key: str, kind: type[T]) -> T:
        value = self._keys[key]
        # In Python True is an int; in JSON it is none.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise invalid(f"{self._where}{key} must be {_NOUNS.get(kind, kind.__name__)}.")
        return value
