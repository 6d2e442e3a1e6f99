"""Decoding request bodies, and validating them by the client's own types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, cast, get_args, get_type_hints, is_typeddict

import attrs
import msgspec

from ...engine.rows import decoding_hook
from ...models.base import OpenEnum, Variant, alternatives
from ..api_errors import invalid_input
from ..json_values import decode_json, is_list, is_object, parse_moment

_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def read_object(raw: bytes) -> dict[str, Any]:
    """Return the JSON object of a body; an empty body is an empty object."""
    if not raw.strip():
        return {}
    decoded = decode_json(raw, "The body")
    if not is_object(decoded):
        raise invalid_input("The body must be a JSON object.")
    return decoded


def validate_body(body: dict[str, Any], type_: Any) -> None:
    """Raise the error of the API unless the body is valid for the client's type."""
    if type_ is None:
        return
    try:
        converted = msgspec.convert(_as_client_writes(body, type_), type_, dec_hook=decoding_hook)
    except msgspec.ValidationError as error:
        message = str(error)
        found = _PLACE.search(message)
        where = found["path"].lstrip(".") if found else "body"
        raise invalid_input(f"{where}: {_PLACE.sub('', message)}.") from None
    for place, word in _unknown_words(converted, ""):
        raise invalid_input(f"{place.lstrip('.')} has no value {word!r}.")


def _as_client_writes(value: Any, hint: Any) -> Any:
    """Return the value with dates and times in the client's format; Kombo accepts others, too.

    A date may be given for a time and a time for a date, both without a time zone.
    """
    types = alternatives(hint)
    if isinstance(value, str) and types & {date, datetime} and parse_moment(value) is not None:
        day, _, hour = value.rstrip("Z").partition("T")
        return f"{day}T{hour or '00:00:00'}Z" if datetime in types else day
    for type_ in types:
        if is_list(value) and get_args(type_):
            return [_as_client_writes(item, get_args(type_)[0]) for item in value]
        if is_object(value) and (fields := _fields(type_, value)):
            return {key: _as_client_writes(each, fields.get(key)) for key, each in value.items()}
    return value


def _fields(type_: Any, value: dict[str, Any]) -> Mapping[str, Any]:
    """Return the types of the keys of an object, as far as they are known."""
    shape: Any = type_
    if isinstance(type_, type) and issubclass(type_, Variant):
        shape = type_.class_for(value)
    return _hints(shape) if attrs.has(shape) or is_typeddict(shape) else {}


_hints = cache(get_type_hints)


def _unknown_words(converted: Any, place: str) -> Iterator[tuple[str, str]]:
    """Iterate over the values that are no member of their enum, with their paths."""
    if isinstance(converted, OpenEnum) and not converted.is_known:
        yield place, converted
    elif attrs.has(type_ := cast("type", type(converted))):
        for each in attrs.fields(type_):
            yield from _unknown_words(getattr(converted, each.name), f"{place}.{each.name}")
    elif is_object(converted):
        for key, value in converted.items():
            yield from _unknown_words(value, f"{place}.{key}")
    elif is_list(converted):
        for number, value in enumerate(converted):
            yield from _unknown_words(value, f"{place}[{number}]")
