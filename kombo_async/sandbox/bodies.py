"""Reading bodies, and checking them against the types that the client has for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

import attrs
import msgspec

from kombo_async.models.common import OpenEnum, Variant
from kombo_async.sandbox.checks import MOMENT, is_list, is_object
from kombo_async.sandbox.problems import invalid

_PLACE: Final = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP: Final = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+)\]")


def read(raw: bytes) -> dict[str, Any]:
    """Read the bytes of a request; none at all count as an empty object."""
    if not raw.strip():
        return {}
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise invalid("The body is not JSON.") from None
    if not is_object(decoded):
        raise invalid("The body must be a JSON object.")
    return decoded


def fits(body: dict[str, Any], kind: Any) -> None:
    """Raise the API's own error unless the body is one that the client could have sent."""
    if kind is None:
        return
    body = cast("dict[str, Any]", msgspec.json.decode(msgspec.json.encode(body)))
    for _ in range(100):
        try:
            told = msgspec.convert(body, kind, dec_hook=_hook)
        except msgspec.ValidationError as error:
            if not _spelled_out(body, str(error)):
                raise invalid(_worded(str(error))) from None
        else:
            for place, word in _unknown_words(told, ""):
                raise invalid(f"{place.lstrip('.')} does not know {word!r}.")
            return


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


def _spelled_out(body: Any, message: str) -> bool:
    """Turn one moment into the form that the client writes, where Kombo takes others too; False if it is no moment.

    Days may come as moments and moments as days, and both without a zone.
    """
    place = _PLACE.search(message)
    if place is None or not ("datetime" in message or "date" in message):
        return False
    *path, last = [step["key"] or int(step["index"]) for step in _STEP.finditer(place["path"])]
    node: Any = body
    for step in path:
        node = node[step]
    text = node[last]
    if not isinstance(text, str) or not MOMENT.fullmatch(text):
        return False
    day, _, hour = text.rstrip("Z").partition("T")
    node[last] = f"{day}T{hour or '00:00:00'}Z" if "datetime" in message else day
    return bool(node[last] != text)


def _hook(kind: type, raw: object) -> object:
    if not issubclass(kind, Variant):
        raise NotImplementedError
    variant = kind.class_for(raw)
    return kind.unknown(raw) if variant is None else cast("object", msgspec.convert(raw, variant, dec_hook=_hook))
