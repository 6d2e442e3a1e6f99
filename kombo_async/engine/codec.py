"""Bytes to attrs classes and back: msgspec straight into the classes, a second reading where it refuses.

The only importer of msgspec's decoders. See CONTRIBUTING.md for the rules of msgspec with attrs.
"""

from __future__ import annotations

import gc
import math
import re
import typing
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Generic, Protocol, TypeVar, cast

import attrs
import msgspec
from msgspec import Raw, Struct, UnsetType
from msgspec.json import Decoder

from ..models.common import ReplyWarning, Variant, alternatives, utc

T = TypeVar("T")

# What msgspec raises on bytes it cannot make sense of. Deep nesting overflows its stack guard, and a few
# malformed numbers, dates and texts surface as errors of Python's own.
_REFUSALS = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


class Unreadable(Exception):
    """The bytes do not hold what was asked for; says where and what was expected there, never a value."""

    def __init__(self, problems: str, next_cursor: str | None = None) -> None:
        super().__init__(problems)
        self.problems = problems
        self.next_cursor = next_cursor


class ErrorInside(Exception):
    """A body that says of itself that it is an error, whatever the HTTP status."""


class ErrorBody(Struct):
    """Kombo's error object; older pages of the documentation have only the message."""

    message: str | None = None
    code: str | None = None
    title: str | None = None
    log_url: str | None = None


_Object = dict[str, Any]
_PLAIN = frozenset({str, int, bool, date, NoneType, UnsetType})
_LARGE = 1 << 13
"""Bytes of a page from which on the garbage collector may well run while it is decoded."""


class _PageData(Struct, Generic[T]):
    results: tuple[T, ...]
    next: str | None = None
    next_cursor: str | None = None


class _PageEnvelope(Struct, Generic[T]):
    data: _PageData[T]
    status: str | None = None
    next_cursor: str | None = None


class _ValueEnvelope(Struct, Generic[T]):
    data: T
    status: str | None = None
    warnings: tuple[ReplyWarning, ...] | None = None


class _RawEnvelope(Struct):
    """What the second reading begins with."""

    data: Raw
    status: str | None = None
    warnings: Any = None


class _Acknowledgement(Struct):
    """An answer that has nothing to say beside that it worked."""

    status: str | None = None
    error: Any = None
    warnings: Any = None


class _ListingEnvelope(Protocol):
    """What a list without a cursor comes in; the key of its records differs."""

    data: Any
    status: str | None
    warnings: Any


class _Status(Struct):
    status: str | None = None


def _hook(kind: type, raw: object) -> object:
    """Read what msgspec has no type for: variants that a tag tells apart."""
    if not issubclass(kind, Variant):
        raise NotImplementedError
    variant = kind.class_for(raw)
    if variant is None:
        return kind.unknown(raw)
    return cast("object", msgspec.convert(raw, variant, dec_hook=_hook))


def _sending_hook(kind: type, raw: object) -> object:
    """Read back what is about to be sent: a variant that is not known is a mistake there."""
    if not issubclass(kind, Variant):
        raise NotImplementedError
    variant = kind.class_for(raw)
    if variant is None:
        raise ValueError(f"Expected {kind.expected()}")
    return cast("object", msgspec.convert(raw, variant, dec_hook=_sending_hook))


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind, dec_hook=_hook)


@cache
def _page_decoder(item: Any) -> Decoder[_PageEnvelope[Any]]:
    return Decoder(_PageEnvelope[item], dec_hook=_hook)


@cache
def _listing_decoder(item: Any, key: str) -> Decoder[_ListingEnvelope]:
    data = msgspec.defstruct("_ListingData", [("results", tuple[item, ...])], rename={"results": key})
    warnings: Any = Any if item is Raw else tuple[ReplyWarning, ...] | None
    envelope: Any = msgspec.defstruct(
        "_ListingEnvelope", [("data", data), ("status", str | None, None), ("warnings", warnings, None)]
    )
    return Decoder(envelope, dec_hook=_hook)


@cache
def _value_decoder(kind: Any) -> Decoder[_ValueEnvelope[Any]]:
    return Decoder(_ValueEnvelope[kind], dec_hook=_hook)


def _decoded(decoder: Decoder[T], body: bytes) -> T:
    # Thousands of objects come into being at once and stay for a while. The garbage collector would look at them again
    # and again meanwhile, and every few pages at all objects of the process, which stalls the event loop.
    if len(body) < _LARGE or not gc.isenabled():
        return decoder.decode(body)
    gc.disable()
    try:
        return decoder.decode(body)
    finally:
        gc.enable()


def page(body: bytes, item: type[T]) -> tuple[tuple[T, ...], str | None]:
    """Return the records of one page and the cursor of the next one."""
    try:
        envelope = _decoded(_page_decoder(cast("Any", item)), body)
        results: tuple[T, ...] = envelope.data.results
    except _REFUSALS as refusal:
        envelope, results = _page_again(body, item, refusal)
    if envelope.status == "error":
        raise ErrorInside
    return results, _next_of(envelope)


def listing(body: bytes, item: type[T], key: str) -> tuple[tuple[T, ...], tuple[ReplyWarning, ...]]:
    """Return the records that stand under *key* in `data`, without any cursor, and the warnings beside it."""
    try:
        envelope = _listing_decoder(cast("Any", item), key).decode(body)
        results: tuple[T, ...] = envelope.data.results
    except _REFUSALS as refusal:
        _raise_if_error(body)
        envelope = _read_envelope(_listing_decoder(Raw, key), body, refusal)
        rows = ((row, f"$.data.{key}[{number}]") for number, row in enumerate(envelope.data.results))
        return _second_reading(rows, item), _legible(envelope.warnings)
    if envelope.status == "error":
        raise ErrorInside
    return results, envelope.warnings or ()


def value(body: bytes, kind: type[T]) -> tuple[T, tuple[ReplyWarning, ...]]:
    """Return what stands in `data`, and the warnings beside it."""
    try:
        envelope = _value_decoder(cast("Any", kind)).decode(body)
        data: T = envelope.data
    except _REFUSALS as refusal:
        _raise_if_error(body)
        raw = _read_envelope(_decoder(_RawEnvelope), body, refusal)
        return _second_reading([(raw.data, "$.data")], kind)[0], _legible(raw.warnings)
    if envelope.status == "error":
        raise ErrorInside
    return data, envelope.warnings or ()


def acknowledgement(body: bytes) -> tuple[ReplyWarning, ...]:
    """Return the warnings of an answer that needs no `data`: the status told of success, and nothing may undo that
    but an answer that calls itself an error, or is not Kombo's. An empty one is none."""
    if is_empty(body):
        return ()
    try:
        told = cast("_Acknowledgement", _decoder(_Acknowledgement).decode(body))
    except _REFUSALS as refusal:
        raise Unreadable(_without_values(refusal)) from refusal
    if told.status == "error" or isinstance(told.error, dict):
        raise ErrorInside
    return _legible(told.warnings)


def is_empty(body: bytes) -> bool:
    """Whether an answer has no content, as one with the status 204."""
    return not body.strip()


def document(body: bytes, kind: type[T]) -> T:
    """Return what the whole of *body* is, where no envelope is around it."""
    return _second_reading([(Raw(body), "$")], kind)[0]


def check_type(kind: Any) -> None:
    """Raise a `TypeError` for a type that no answer can be read into."""
    from msgspec.inspect import CustomType, type_info

    told = type_info(kind)
    if isinstance(told, CustomType) and not issubclass(told.cls, Variant):
        raise TypeError(f"no answer can be read into {kind!r}: use an attrs class, a dataclass, or types of JSON")


def error_body(body: bytes) -> ErrorBody:
    """Return what an error answer says of itself; all empty where it is not Kombo's."""
    try:
        told = _decoder(_Object).decode(body)
    except _REFUSALS:
        return ErrorBody()
    inner = told.get("error")
    if isinstance(inner, dict):
        told = cast("_Object", inner)
    texts = {key: value for key in ErrorBody.__struct_fields__ if isinstance(value := told.get(key), str)}
    return ErrorBody(**texts)


def encode(body: object, kind: Any = None, place: str = "the body") -> bytes:
    """Return *body* as JSON, with times in UTC, and without what is `UNSET`.

    Where its *kind* is known, a value of another type in it is a `TypeError`, which names the place.
    """
    try:
        if kind is not None and _is_plain(body, kind):
            return msgspec.json.encode(body)
        plain = _checked(msgspec.to_builtins(body, builtin_types=(datetime, bytes, bytearray, memoryview)))
        encoded = msgspec.json.encode(plain)
    except UnicodeEncodeError:
        # The error of Python's own would carry the text.
        raise ValueError("the body contains half of a surrogate pair, which cannot be sent") from None
    if kind is not None:
        if attrs.has(kind) and attrs.has(type(body)) and not isinstance(body, kind):
            raise TypeError(f"{place} takes a {kind.__name__}, not a {type(body).__name__}")
        try:
            # Not from the JSON, in which bytes have become a text.
            msgspec.convert(plain, kind, dec_hook=_sending_hook)
        except msgspec.ValidationError as refusal:
            raise TypeError(f"{place} has a value of a wrong type: {refusal}") from None
    return encoded


def _is_plain(body: object, kind: Any) -> bool:
    """Whether *body* has only values that are surely right and are sent as they are. To ask takes a fifth of the time
    that all checks take."""
    if type(body) is not kind or not attrs.has(kind):
        return False
    # Half as long as all().
    for name, types in _plain_types(kind):  # noqa: SIM110
        if type(getattr(body, name)) not in types:
            return False
    return True


@cache
def _plain_types(kind: Any) -> tuple[tuple[str, frozenset[Any]], ...]:
    """Return the fields of a model, and the types of values in them that need no other check."""
    hints = typing.get_type_hints(kind)
    return tuple(
        (each.name, frozenset(one for one in alternatives(hints[each.name]) if one in _PLAIN or _is_enum(one)))
        for each in attrs.fields(kind)
    )


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _checked(value: Any) -> Any:
    # Times as Kombo writes them. msgspec alone would keep another zone, which Kombo refuses, and take none for one.
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, dict):
        return {key: _checked(each) for key, each in cast("_Object", value).items()}
    if isinstance(value, list | tuple):
        return [_checked(each) for each in cast("Iterable[Any]", value)]
    # It would become null, which Kombo takes for an order to clear something.
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"the body contains {value}, which JSON cannot hold")
    return value


def _next_of(envelope: _PageEnvelope[Any]) -> str | None:
    # The guide shows the cursor outside `data`, the reference inside it under two names.
    for cursor in (envelope.data.next, envelope.data.next_cursor, envelope.next_cursor):
        if cursor and not cursor.isspace():
            return cursor
    return None


def _page_again(body: bytes, item: type[T], refusal: Exception) -> tuple[_PageEnvelope[Any], tuple[T, ...]]:
    _raise_if_error(body)
    envelope = _read_envelope(_decoder(_PageEnvelope[Raw]), body, refusal)
    rows = ((row, f"$.data.results[{number}]") for number, row in enumerate(envelope.data.results))
    return envelope, _second_reading(rows, item, _next_of(envelope))


def _legible(warnings: Any) -> tuple[ReplyWarning, ...]:
    """Return what can be read of warnings, which are for a log: none of them is worth losing an answer."""
    if not isinstance(warnings, list):
        return ()
    listed = cast("list[object]", warnings)
    messages = [cast("_Object", each).get("message") if isinstance(each, dict) else each for each in listed]
    return tuple(ReplyWarning(message=message) for message in messages if isinstance(message, str))


def _raise_if_error(body: bytes) -> None:
    try:
        if _decoder(_Status).decode(body).status == "error":
            raise ErrorInside
    except _REFUSALS:
        pass


def _read_envelope(decoder: Decoder[Any], body: bytes, refusal: Exception) -> Any:
    try:
        return decoder.decode(body)
    except _REFUSALS as again:
        raise Unreadable(_without_values(again)) from refusal


def _second_reading(rows: Iterable[tuple[Raw, str]], kind: type[T], next_cursor: str | None = None) -> tuple[T, ...]:
    """Read the rows one by one, and those that msgspec refuses by the rules of `lenient`."""
    from . import lenient

    decode = _decoder(cast("Any", kind)).decode
    read: list[T] = []
    problems: list[str] = []
    for row, place in rows:
        try:
            read.append(decode(row))
        except _REFUSALS:
            try:
                read.append(lenient.structure(msgspec.json.decode(row), kind, place))
            except lenient.Refused as refused:
                problems += refused.problems
            except _REFUSALS as again:
                problems.append(f"{_without_values(again)} in {place}")
    if problems:
        shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
        raise Unreadable(shown, next_cursor)
    return tuple(read)


def _without_values(refusal: Exception) -> str:
    """Words for a refusal of msgspec's, whose own may quote a value."""
    place = re.search(r" - at `(\$[^`]*)`$", str(refusal))
    if isinstance(refusal, msgspec.ValidationError):
        return f"unexpected value at {place[1] if place else '$'}"
    return "not valid JSON"
