"""JSON that is valid under a schema: random, as small as may be, or with everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from .spec import Spec

MENDED: dict[str, list[Any]] = {
    "value": ["text", 7, 1.5, True, ["a"], {"a": None}, None],
    "raw": [{"any": ["JSON"]}, "text", None],
    "start_date": ["2026-02-03", None],
    "end_date": ["2026-02-04", None],
    "start_time": ["08:30:00", None],
    "end_time": ["17:00:00", None],
}
"""The values of keys that the description declares as always null."""
TEXTS = ["text", "", "Ünï\u2028code 🙂", '"\\', "a" * 300, "null", "0"]
MOMENTS = ["2026-03-04T05:06:07.890Z", "1986-01-01T00:00:00.000Z", "2099-12-31T23:59:59.999Z"]
DAY = re.compile(r"(\[DEPRECATED\] )?(yyyy-MM-dd|\d{4}-\d\d-\d\d)")
"""How the description begins that says of a text that it is a day."""
DEEPEST = 6
"""Forms within forms."""


class Values:
    """Makes values, one for each call, from one source of randomness."""

    def __init__(self, spec: Spec, random: Random, *, keys: float = 0.7, rows: tuple[int, int] = (0, 3)) -> None:
        self._spec = spec
        self._random = random
        self._keys = keys
        """How likely a key is there that may be left out, and a value that may be null."""
        self._rows = rows

    def of(self, schema: dict[str, Any], key: str = "", depth: int = 0) -> Any:
        """Return a value that is valid for *schema*, which describes *key*."""
        variants = self._spec.variants(schema)
        kinds = [each for each in variants if each.get("type") != "null"]
        if not kinds:
            return self._random.choice(MENDED[key]) if key in MENDED else None
        if len(kinds) < len(variants) and self._random.random() > self._keys:
            return None
        return self._one(self._random.choice(kinds), key, depth)

    def _one(self, schema: dict[str, Any], key: str, depth: int) -> Any:
        random = self._random
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return random.choice([value for value in schema["enum"] if value is not None])
        kind = schema.get("type", "object" if "properties" in schema else None)
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                if depth > DEEPEST:
                    return []
                return [self.of(schema.get("items", {}), "", depth + 1) for _ in range(random.randint(*self._rows))]
            case "boolean":
                return random.random() < 0.5
            case "integer":
                return random.choice([0, 1, 200, 2**31])
            case "number":
                return random.choice([0, 1, -3, 37.5, 1e9, 0.1])
            case "string":
                return self._text(schema)
            case _:
                return random.choice(MENDED["value"])

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        needed = set(schema.get("required", ()))
        made = {
            key: self.of(child, key, depth + 1)
            for key, child in schema.get("properties", {}).items()
            if key in needed or self._random.random() < self._keys
        }
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and not made and depth <= DEEPEST:
            made = {
                f"key {number}": self.of(extra, "", depth + 1) for number in range(self._random.randint(*self._rows))
            }
        elif not schema.get("properties"):
            made = {"anything": [1, {"at": None}]}
        return made

    def _text(self, schema: dict[str, Any]) -> str:
        if DAY.match(schema.get("description", "")):
            return self._random.choice(["2026-02-03", "1999-12-31"])
        is_time = schema.get("format") == "date-time" or "ISO 8601 timestamp" in schema.get("description", "")
        if is_time or "\\d{4}" in schema.get("pattern", ""):
            return self._random.choice(MOMENTS)
        if schema.get("format") == "email" or "@" in schema.get("pattern", ""):
            return "ada.lovelace@example.com"
        if schema.get("format") in {"uri", "url"}:
            return "https://tool.example/a?b=c"
        return self._random.choice(TEXTS)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a JSON tree, the root left out."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from places(child, (*path, key))


def changed(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of a tree with another value at *path*, or without that key for `...`."""
    key, *rest = path
    copy: Any = dict(node) if isinstance(node, dict) else list(node)
    if rest:
        copy[key] = changed(node[key], tuple(rest), value)
    elif value is ...:
        del copy[key]
    else:
        copy[key] = value
    return copy
