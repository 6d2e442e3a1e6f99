"""Decoding bodies and query parameters, with errors that say where the mistake is and what would be right there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

from ..api_errors import ErrorResponse
from ..json_values import decode_json, is_object
from .errors import ControlError

T = TypeVar("T")

_PLACE = re.compile(r" - at `(?P<path>[^`]*)`\Z")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]*)`")
"""Parts of the messages of msgspec: the path of a value, a step of it, and a field that is missing."""
_REFERENCE = "#/components/schemas/{name}"


def decode_body(raw: bytes, type_: type[T]) -> T:
    """Return the body as its type; an empty body counts as an empty object."""
    try:
        decoded: Any = decode_json(raw, "the body") if raw.strip() else {}
    except ErrorResponse as problem:
        raise ControlError(400, problem.message.rstrip("."), path="$") from None
    return _convert(decoded, type_, "$", strict=True)


def decode_query(pairs: Iterable[tuple[str, str]], type_: type[T]) -> T:
    """Return the query parameters as their type."""
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in values:
            raise ControlError(400, f"{name} is given more than once", path=f"query.{name}")
        values[name] = value
    return _convert(values, type_, "query", strict=False)


def _convert(decoded: Any, type_: type[T], root: str, *, strict: bool) -> T:
    try:
        return msgspec.convert(decoded, type_, strict=strict)
    except msgspec.ValidationError as error:
        message = str(error)
    found = _PLACE.search(message)
    path = found["path"] if found else "$"
    text = _PLACE.sub("", message)
    missing = _MISSING.search(text)
    if missing is not None:
        path = f"{path}.{missing['name']}"
    choices = _choices_at(type_, decoded, path, keys="unknown field" in text)
    text = text[:1].lower() + text[1:]
    if choices:
        more = ", …" if len(choices) > 20 else ""
        text = f"{text}: choose {', '.join(choices[:20])}{more}"
    raise ControlError(400, text, path=root + path.removeprefix("$"), choices=choices)


@cache
def _schema_of(type_: type) -> tuple[dict[str, Any], dict[str, Any]]:
    (schema,), components = msgspec.json.schema_components([type_], ref_template=_REFERENCE)
    return schema, components


def _choices_at(type_: type, decoded: Any, path: str, *, keys: bool) -> list[str]:
    """Return the values that are possible at a path, or the keys of the object there."""
    schema, components = _schema_of(type_)
    node = _resolve(schema, components, decoded)
    for step in _STEP.finditer(path):
        key, tags = step["key"], node.get("discriminator", {})
        if key is not None and key == tags.get("propertyName"):
            return list(tags["mapping"])
        decoded = decoded.get(key) if key is not None and is_object(decoded) else None
        node = _resolve(node.get("properties", {}).get(key) or node.get("items") or {}, components, decoded)
    return list(node.get("properties", {})) if keys else [str(value) for value in _enumerated(node)]


def _resolve(schema: dict[str, Any], components: dict[str, Any], decoded: Any) -> dict[str, Any]:
    """Return the schema behind a reference, and of a tagged union the one that the value is meant for."""
    if "$ref" in schema:
        return cast("dict[str, Any]", components[schema["$ref"].rpartition("/")[2]])
    if "discriminator" in schema and is_object(decoded):
        tag = decoded.get(schema["discriminator"]["propertyName"])
        reference = schema["discriminator"]["mapping"].get(tag) if isinstance(tag, str) else None
        if reference is not None:
            return cast("dict[str, Any]", components[reference.rpartition("/")[2]])
    return schema


def _enumerated(node: dict[str, Any]) -> list[Any]:
    options = [*node.get("enum", ()), *([node["const"]] if "const" in node else ())]
    for part in node.get("anyOf", ()):
        options += _enumerated(part)
    return [option for option in options if option is not None]
