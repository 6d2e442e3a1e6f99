"""Bytes to attrs classes and back: msgspec straight into the classes, row by row where it refuses a page.

See CONTRIBUTING.md for the rules of msgspec with attrs.
"""

from __future__ import annotations

import gc
import math
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Generic, Protocol, TypeVar, cast

import attrs
import msgspec
from msgspec import Raw, Struct, UnsetType
from msgspec.json import Decoder

from ..models.common import ReplyWarning, Unreadable, Variant, alternatives, utc
from . import scanner
from .rows import (
    REFUSALS,
    RawRecord,
    Undecodable,
    decode_raw_rows,
    decode_rows,
    decoder,
    decoding_hook,
    refuse,
    without_values,
)

T = TypeVar("T")


class ErrorEnvelope(Exception):
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


class DecodedPage(Struct, Generic[T], frozen=True, gc=False):
    """One page of a list."""

    results: tuple[T, ...]
    next_cursor: str | None
    unreadable: tuple[Unreadable, ...] = ()
    """The rows that could not be decoded."""


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


class _ListEnvelope(Protocol):
    """What a list without a cursor comes in; the key of its records differs."""

    data: Any
    status: str | None
    warnings: Any


class _Status(Struct):
    status: str | None = None


def _sending_hook(kind: type, raw: object) -> object:
    """Read back what is about to be sent: a variant that is not known is a mistake there."""
    if not issubclass(kind, Variant):
        raise NotImplementedError
    variant = kind.class_for(raw)
    if variant is None:
        raise ValueError(f"Expected {kind.expected()}")
    return cast("object", msgspec.convert(raw, variant, dec_hook=_sending_hook))


@cache
def _page_decoder(item: Any) -> Decoder[_PageEnvelope[Any]]:
    return Decoder(_PageEnvelope[item], dec_hook=decoding_hook)


@cache
def _list_decoder(item: Any, key: str) -> Decoder[_ListEnvelope]:
    data = msgspec.defstruct("_ListData", [("results", tuple[item, ...])], rename={"results": key})
    warnings: Any = Any if item is Raw else tuple[ReplyWarning, ...] | None
    envelope: Any = msgspec.defstruct(
        "_ListEnvelope", [("data", data), ("status", str | None, None), ("warnings", warnings, None)]
    )
    return Decoder(envelope, dec_hook=decoding_hook)


@cache
def _value_decoder(kind: Any) -> Decoder[_ValueEnvelope[Any]]:
    return Decoder(_ValueEnvelope[kind], dec_hook=decoding_hook)


def decode_page(body: bytes, item_type: type[T], *, keep: bool = False) -> DecodedPage[T]:
    """Return the records of one page and the cursor of the next one.

    A record that cannot be decoded is an error, which also holds the next cursor, or is kept in `unreadable`.
    """
    try:
        envelope = _decode_without_gc(_page_decoder(cast("Any", item_type)), body)
    except REFUSALS as refusal:
        envelope, rows = _split(body, refusal)
        results, unreadable = decode_rows(rows, item_type)
    else:
        results, unreadable = envelope.data.results, ()
    return _decoded_page(envelope, results, unreadable, keep)


def decode_raw_page(body: bytes, *, keep: bool = False) -> DecodedPage[RawRecord]:
    """Return the records of one page undecoded but for their key values, in a sixth of the time of `decode_page`."""
    try:
        envelope = _decode_without_gc(_page_decoder(Raw), body)
    except REFUSALS as refusal:
        envelope, rows = _split(body, refusal)
    else:
        rows = _placed(envelope.data.results)
    # msgspec does not check the encoding of texts that it skips.
    is_utf8 = body.isascii() or _is_utf8(body)
    return _decoded_page(envelope, *decode_raw_rows(rows, check_encoding=not is_utf8), keep)


def decode_list(body: bytes, item_type: type[T], key: str) -> tuple[tuple[T, ...], tuple[ReplyWarning, ...]]:
    """Return the records under *key* in `data`, of a list without a cursor, and the warnings beside it."""
    try:
        envelope = _list_decoder(cast("Any", item_type), key).decode(body)
        results: tuple[T, ...] = envelope.data.results
    except REFUSALS as refusal:
        _raise_if_error(body)
        envelope = _decode_envelope(_list_decoder(Raw, key), body, refusal)
        results, unreadable = decode_rows(_placed(envelope.data.results, key), item_type)
        if unreadable:
            raise refuse(unreadable) from None
        return results, _warning_messages(envelope.warnings)
    if envelope.status == "error":
        raise ErrorEnvelope
    return results, envelope.warnings or ()


def decode_value(body: bytes, kind: type[T]) -> tuple[T, tuple[ReplyWarning, ...]]:
    """Return the value in `data`, and the warnings beside it."""
    try:
        envelope = _value_decoder(cast("Any", kind)).decode(body)
        data: T = envelope.data
    except REFUSALS as refusal:
        _raise_if_error(body)
        raw = _decode_envelope(decoder(_RawEnvelope), body, refusal)
        return _decode_one(raw.data, kind, "$.data"), _warning_messages(raw.warnings)
    if envelope.status == "error":
        raise ErrorEnvelope
    return data, envelope.warnings or ()


def decode_acknowledgement(body: bytes) -> tuple[ReplyWarning, ...]:
    """Return the warnings of a response that needs no `data`. An empty one is fine: the status says that it worked.

    Only a response that calls itself an error, or is not Kombo's, is refused.
    """
    if is_empty(body):
        return ()
    try:
        envelope = cast("_Acknowledgement", decoder(_Acknowledgement).decode(body))
    except REFUSALS as refusal:
        raise Undecodable(without_values(refusal)) from refusal
    if envelope.status == "error" or isinstance(envelope.error, dict):
        raise ErrorEnvelope
    return _warning_messages(envelope.warnings)


def is_empty(body: bytes) -> bool:
    """Return whether a response has no content, as one with the status 204."""
    return not body.strip()


def decode_document(body: bytes, kind: type[T]) -> T:
    """Return the whole of *body*, which has no envelope."""
    return _decode_one(body, kind, "$")


def check_type(kind: Any) -> None:
    """Raise a `TypeError` for a type that no answer can be read into."""
    from msgspec.inspect import CustomType, type_info

    told = type_info(kind)
    if isinstance(told, CustomType) and not issubclass(told.cls, Variant):
        raise TypeError(f"no answer can be read into {kind!r}: use an attrs class, a dataclass, or types of JSON")


def decode_error(body: bytes) -> ErrorBody:
    """Return what an error response says; all fields are None where it is not Kombo's."""
    try:
        error = decoder(_Object).decode(body)
    except REFUSALS:
        return ErrorBody()
    inner = error.get("error")
    if isinstance(inner, dict):
        error = cast("_Object", inner)
    texts = {key: value for key in ErrorBody.__struct_fields__ if isinstance(value := error.get(key), str)}
    return ErrorBody(**texts)


def to_builtins(value: object) -> Any:
    """Return *value* as types of JSON, with the fields of models in Kombo's order: msgspec alone sorts them by name."""
    if attrs.has(type(value)):
        fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
        return {field.name: to_builtins(getattr(value, field.name)) for field in fields}
    if isinstance(value, Mapping):
        return {key: to_builtins(each) for key, each in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [to_builtins(each) for each in cast("Sequence[Any]", value)]
    return msgspec.to_builtins(value)


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


def _decode_without_gc(page_decoder: Decoder[T], body: bytes) -> T:
    # A page is thousands of new objects. Each few hundred of them would start a collection, and every few pages one of
    # all objects of the process, which stalls the event loop.
    if len(body) < _LARGE or not gc.isenabled():
        return page_decoder.decode(body)
    gc.disable()
    try:
        return page_decoder.decode(body)
    finally:
        gc.enable()


def _decoded_page(
    envelope: _PageEnvelope[Any], results: tuple[T, ...], unreadable: tuple[Unreadable, ...], keep: bool
) -> DecodedPage[T]:
    if envelope.status == "error":
        raise ErrorEnvelope
    next_cursor = _next_cursor(envelope)
    if unreadable and not keep:
        raise refuse(unreadable, next_cursor) from None
    return DecodedPage(results, next_cursor, unreadable)


def _next_cursor(envelope: _PageEnvelope[Any]) -> str | None:
    # The guide shows the cursor outside `data`, the reference inside it under two names.
    return _first_text(envelope.data.next, envelope.data.next_cursor, envelope.next_cursor)


def _first_text(*values: object) -> str | None:
    for value in values:
        if isinstance(value, str) and value and not value.isspace():
            return value
    return None


def _placed(rows: Iterable[bytes | Raw], key: str = "results") -> Iterator[tuple[bytes | Raw, str]]:
    return ((row, f"$.data.{key}[{number}]") for number, row in enumerate(rows))


def _is_utf8(body: bytes) -> bool:
    try:
        str(body, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _split(body: bytes, refusal: Exception) -> tuple[_PageEnvelope[Any], Iterable[tuple[bytes | Raw, str]]]:
    """Return a page that was refused as a whole without its rows, and its rows, each with its place."""
    _raise_if_error(body)
    page_decoder = _page_decoder(Raw)
    try:
        envelope = page_decoder.decode(body)
    except msgspec.ValidationError as again:
        # Valid JSON of another shape.
        raise Undecodable(without_values(again), _any_cursor(body)) from refusal
    except REFUSALS as again:
        for split in scanner.split_page(body, "results"):
            try:
                envelope = page_decoder.decode(split.envelope)
            except REFUSALS:
                continue
            rows = list(_placed(split.rows))
            if split.rest:
                rows.append((split.rest, f"$.data.results[{len(rows)}:]"))
            return envelope, rows
        raise Undecodable(without_values(again), _any_cursor(body)) from refusal
    return envelope, _placed(envelope.data.results)


def _any_cursor(body: bytes) -> str | None:
    """Return the next cursor of a page of another shape; if that is not even JSON, from anywhere in it."""
    try:
        page: object = msgspec.json.decode(body)
    except REFUSALS:
        found = scanner.find_cursor(body)
        with suppress(*REFUSALS):
            return None if found is None else _first_text(msgspec.json.decode(found))
        return None
    data = _member(page, "data")
    return _first_text(_member(data, "next"), _member(data, "next_cursor"), _member(page, "next_cursor"))


def _member(value: object, key: str) -> object:
    return cast("_Object", value).get(key) if isinstance(value, dict) else None


def _decode_one(raw: bytes | Raw, kind: type[T], where: str) -> T:
    values, unreadable = decode_rows([(raw, where)], kind)
    if unreadable:
        raise Undecodable("; ".join(unreadable[0].problems[:5]))
    return values[0]


def _warning_messages(warnings: Any) -> tuple[ReplyWarning, ...]:
    """Return the warnings that have a message. They are for a log: no odd one among them is worth losing a response."""
    if not isinstance(warnings, list):
        return ()
    listed = cast("list[object]", warnings)
    messages = [each if isinstance(each, str) else _member(each, "message") for each in listed]
    return tuple(ReplyWarning(message=message) for message in messages if isinstance(message, str))


def _raise_if_error(body: bytes) -> None:
    try:
        if decoder(_Status).decode(body).status == "error":
            raise ErrorEnvelope
    except REFUSALS:
        pass


def _decode_envelope(envelope_decoder: Decoder[Any], body: bytes, refusal: Exception) -> Any:
    try:
        return envelope_decoder.decode(body)
    except REFUSALS as again:
        raise Undecodable(without_values(again)) from refusal
