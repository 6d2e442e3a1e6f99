"""Bytes to attrs classes and back: msgspec straight into the classes, a second reading where it refuses.

The only importer of msgspec's decoders. See CONTRIBUTING.md for the rules of msgspec with attrs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from ..models.common import ReplyWarning

T = TypeVar("T")

# What msgspec raises on bytes it cannot make sense of. Deep nesting overflows its stack guard, and a few
# malformed numbers, dates and texts surface as errors of Python's own.
_REFUSALS = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)


class Records(NamedTuple, Generic[T]):
    """The records of one page, and the cursor of the next."""

    results: tuple[T, ...]
    next_cursor: str | None


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


class _PageData(Struct, Generic[T]):
    results: tuple[T, ...]
    next: str | None = None
    next_cursor: str | None = None


class _PageEnvelope(Struct, Generic[T]):
    data: _PageData[T]
    status: str = "success"
    next_cursor: str | None = None


class _ValueEnvelope(Struct, Generic[T]):
    data: T
    status: str = "success"
    warnings: tuple[ReplyWarning, ...] | None = None


class _Status(Struct):
    status: str | None = None


@cache
def _decoder(kind: Any) -> Decoder[Any]:
    return Decoder(kind)


@cache
def _page_decoder(item: Any) -> Decoder[_PageEnvelope[Any]]:
    return Decoder(_PageEnvelope[item])


@cache
def _value_decoder(kind: Any) -> Decoder[_ValueEnvelope[Any]]:
    return Decoder(_ValueEnvelope[kind])


def page(body: bytes, item: type[T]) -> Records[T]:
    """Return the records of one page and the cursor of the next one."""
    try:
        envelope = _page_decoder(cast("Any", item)).decode(body)
        results: tuple[T, ...] = envelope.data.results
    except _REFUSALS as refusal:
        envelope, results = _page_again(body, item, refusal)
    if envelope.status == "error":
        raise ErrorInside
    return Records(results, _next_of(envelope))


def value(body: bytes, kind: type[T]) -> tuple[T, tuple[ReplyWarning, ...]]:
    """Return what stands in `data`, and the warnings beside it."""
    try:
        envelope = _value_decoder(cast("Any", kind)).decode(body)
        data: T = envelope.data
    except _REFUSALS as refusal:
        _raise_if_error(body)
        raw = _envelope_of(body, _ValueEnvelope[Raw], refusal)
        data = _second_reading([(raw.data, "$.data")], kind)[0]
        return data, raw.warnings or ()
    if envelope.status == "error":
        raise ErrorInside
    return data, envelope.warnings or ()


def check_type(kind: Any) -> None:
    """Raise a `TypeError` for a type that no answer can be read into."""
    from msgspec.inspect import CustomType, type_info

    if isinstance(type_info(kind), CustomType):
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


def encode(body: object) -> bytes:
    """Return *body* as JSON; what is `UNSET` in it is left out."""
    try:
        return msgspec.json.encode(body)
    except UnicodeEncodeError:
        # The error of Python's own would carry the text.
        raise ValueError("the body contains half of a surrogate pair, which cannot be sent") from None


def _next_of(envelope: _PageEnvelope[Any]) -> str | None:
    # The guide shows the cursor outside `data`, the reference inside it under two names.
    for cursor in (envelope.data.next, envelope.data.next_cursor, envelope.next_cursor):
        if cursor is not None and cursor.strip():
            return cursor
    return None


def _page_again(body: bytes, item: type[T], refusal: Exception) -> tuple[_PageEnvelope[Any], tuple[T, ...]]:
    _raise_if_error(body)
    envelope = _envelope_of(body, _PageEnvelope[Raw], refusal)
    rows = ((row, f"$.data.results[{number}]") for number, row in enumerate(envelope.data.results))
    return envelope, _second_reading(rows, item, _next_of(envelope))


def _raise_if_error(body: bytes) -> None:
    try:
        if _decoder(_Status).decode(body).status == "error":
            raise ErrorInside
    except _REFUSALS:
        pass


def _envelope_of(body: bytes, kind: Any, refusal: Exception) -> Any:
    try:
        return _decoder(kind).decode(body)
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
