"""Reading bodies, and checking them against the types that the client has for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Final, cast, get_args, get_type_hints, is_typeddict

import attrs
import msgspec

from ...models.common import OpenEnum, Variant, alternatives
from ..api_errors import invalid
from .query_params import decode_json, is_list, is_object, parse_moment

_PLACE: Final = re.compile(r" - at `\$(?P<path>[^`]*)`$")


def read_object(raw: bytes) -> dict[str, Any]:
    """Read the bytes of a request; none at all count as an empty object."""
    if not raw.strip():
        return {}
    decoded = decode_json(raw, "The body")
    if not is_object(decoded):
        raise invalid("The body must be a JSON object.")
    return decoded


def fits(body: dict[str, Any], kind: Any) -> None:
    """Raise the API's own error unless the body is one that the client could have sent."""
    if kind is None:
        return
    try:
        told = msgspec.convert(_as_client_writes(body, kind), kind, dec_hook=_hook)
    except msgspec.ValidationError as error:
        raise invalid(_worded(str(error))) from None
    for place, word in _unknown_words(told, ""):
        raise invalid(f"{place.lstrip('.')} does not know {word!r}.")


def _as_client_writes(value: Any, hint: Any) -> Any:
    """Return the value with days and times in the form that the client writes, where Kombo takes others too.

    Days may come as times and times as days, and both without a zone.
    """
    kinds = alternatives(hint)
    if isinstance(value, str) and kinds & {date, datetime} and parse_moment(value) is not None:
        day, _, hour = value.rstrip("Z").partition("T")
        return f"{day}T{hour or '00:00:00'}Z" if datetime in kinds else day
    for kind in kinds:
        if is_list(value) and get_args(kind):
            return [_as_client_writes(item, get_args(kind)[0]) for item in value]
        if is_object(value) and (fields := _fields(kind, value)):
            return {key: _as_client_writes(each, fields.get(key)) for key, each in value.items()}
    return value


def _fields(kind: Any, value: dict[str, Any]) -> Mapping[str, Any]:
    """Return the types of the keys of an object, as far as its class says them."""
    shape: Any = kind
    if isinstance(kind, type) and issubclass(kind, Variant):
        shape = kind.class_for(value)
    return _hints(shape) if attrs.has(shape) or is_typeddict(shape) else {}


_hints = cache(get_type_hints)


def _unknown_words(told: Any, place: str) -> Iterator[tuple[str, str]]:
    """Words that no enum has, with their places."""
    if isinstance(told, OpenEnum) and not told.is_known:
        yield place, told
    elif attrs.has(kind := cast("type", type(told))):
        for each in attrs.fields(kind):
            yield from _unknown_words(getattr(told, each.name), f"{place}.{each.name}")
    elif is_object(told):
        for key, value in told.items():
            yield from _unknown_words(value, f"{place}.{key}")
    elif is_list(told):
        for number, value in enumerate(told):
            yield from _unknown_words(value, f"{place}[{number}]")


def _worded(message: str) -> str:
    place = _PLACE.search(message)
    where = place["path"].lstrip(".") if place else "body"
    return f"{where}: {_PLACE.sub('', message)}."


def _hook(kind: type, raw: object) -> object:
    if not issubclass(kind, Variant):
        raise NotImplementedError
    variant = kind.class_for(raw)
    return kind.unknown(raw) if variant is None else cast("object", msgspec.convert(raw, variant, dec_hook=_hook))
