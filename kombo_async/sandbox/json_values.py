"""JSON and times that clients send."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TypeGuard

import msgspec

from .api_errors import invalid_input

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?Z?", re.ASCII)
_MAX_DEPTH = 100
"""Levels of nesting in accepted JSON: far below the recursion limit, as msgspec and handlers recurse over it."""


def decode_json(text: str | bytes, name: str) -> Any:
    """Return the decoded JSON; errors call it `name`."""
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        raise invalid_input(f"{name} is not JSON.") from None
    except RecursionError:
        raise invalid_input(f"{name} is nested too deeply.") from None
    level: list[Any] = [decoded]
    for _ in range(_MAX_DEPTH):
        if not level:
            return decoded
        level = [child for node in level for child in _children(node)]
    raise invalid_input(f"{name} is nested too deeply.")


def _children(node: Any) -> Iterable[Any]:
    return node.values() if is_object(node) else node if is_list(node) else ()


def parse_moment(text: str) -> float | None:
    """Return a date or time in Kombo's format as seconds since 1970, or None if it is neither."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def is_object(node: object) -> TypeGuard[dict[str, Any]]:
    """Return whether decoded JSON is an object."""
    return isinstance(node, dict)


def is_list(node: object) -> TypeGuard[list[Any]]:
    """Return whether decoded JSON is a list."""
    return isinstance(node, list)
