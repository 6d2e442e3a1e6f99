"""Decode responses that hold one value, and encode request bodies. Lists are in `pages`.

See CONTRIBUTING.md for the rules of msgspec with attrs.
"""

from __future__ import annotations

import math
import typing
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar, cast, get_args, get_origin

import attrs
import msgspec
from msgspec import Raw, Struct, UnsetType
from msgspec.json import Decoder

from ..models.base import Variant, alternatives, utc
from ..models.diagnostics import ReplyWarning
from .rows import (
    REFUSALS,
    Undecodable,
    decode_rows,
    decoder,
    decoding_hook,
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
_FLAT = {str, int, bool, date, NoneType, UnsetType}


class _ValueEnvelope(Struct, Generic[T]):
    data: T
    status: str | None = None
    warnings: tuple[ReplyWarning, ...] | None = None


class _RawEnvelope(Struct):
    """A response whose `data` is decoded separately, after the strict decoder has refused it as a whole."""

    data: Raw
    status: str | None = None
    warnings: Any = None


class _Acknowledgement(Struct):
    """A response that says only that the request succeeded."""

    status: str | None = None
    error: Any = None
    warnings: Any = None


class _Status(Struct):
    status: str | None = None


def _sending_hook(type_: type, raw: object) -> object:
    """Decode a variant in a body that is about to be sent. Unlike in responses, an unknown one is an error."""
    if not issubclass(type_, Variant):
        raise NotImplementedError
    variant = type_.class_for(raw)
    if variant is None:
        raise ValueError(f"Expected {type_.expected()}")
    return cast("object", msgspec.convert(raw, variant, dec_hook=_sending_hook))


@cache
def _value_decoder(response_type: Any) -> Decoder[_ValueEnvelope[Any]]:
    envelope: Any = _ValueEnvelope
    return Decoder(envelope[response_type], dec_hook=decoding_hook)


def decode_value(body: bytes, response_type: type[T]) -> tuple[T, tuple[ReplyWarning, ...]]:
    """Return the value in `data` and the warnings of a response."""
    try:
        envelope = _value_decoder(cast("Any", response_type)).decode(body)
        data: T = envelope.data
    except REFUSALS as refusal:
        raise_if_error(body)
        try:
            raw = decoder(_RawEnvelope).decode(body)
        except REFUSALS as again:
            raise Undecodable(without_values(again)) from refusal
        return decode_document(raw.data, response_type, "$.data"), warning_messages(raw.warnings)
    if envelope.status == "error":
        raise ErrorEnvelope
    return data, envelope.warnings or ()


def decode_acknowledgement(body: bytes) -> tuple[ReplyWarning, ...]:
    """Return the warnings of a response that needs no `data`. It may be empty: the status says that it succeeded.

    Raise only for a response that is an error object, or no JSON object at all.
    """
    if is_empty(body):
        return ()
    try:
        envelope = cast("_Acknowledgement", decoder(_Acknowledgement).decode(body))
    except REFUSALS as refusal:
        raise Undecodable(without_values(refusal)) from refusal
    if envelope.status == "error" or isinstance(envelope.error, dict):
        raise ErrorEnvelope
    return warning_messages(envelope.warnings)


def is_empty(body: bytes) -> bool:
    """Return whether a response has no content, as one with the status 204."""
    return not body.strip()


def decode_document(body: bytes | Raw, response_type: type[T], where: str = "$") -> T:
    """Decode *body* as one value that no envelope surrounds. *where* is its path in the response."""
    values, unreadable = decode_rows([(body, where)], response_type)
    if unreadable:
        raise Undecodable("; ".join(unreadable[0].problems[:5]))
    return values[0]


def check_type(type_: Any) -> None:
    """Raise a `TypeError` for a type that no response can be decoded into."""
    if not (isinstance(type_, Hashable) and _is_decodable(type_)):
        raise TypeError(f"no response can be decoded into {type_!r}: use an attrs class, a dataclass, or types of JSON")


@cache
def _is_decodable(type_: Any) -> bool:
    # Cached, as it takes 10 ms for a type such as Employee.
    from msgspec.inspect import CustomType, type_info

    info = type_info(type_)
    return not isinstance(info, CustomType) or issubclass(info.cls, Variant)


def decode_error(body: bytes) -> ErrorBody:
    """Return the error object of a response; all its fields are None if the response is not one of Kombo's."""
    try:
        error = decoder(_Object).decode(body)
    except REFUSALS:
        return ErrorBody()
    inner = error.get("error")
    if isinstance(inner, dict):
        error = cast("_Object", inner)
    texts = {key: value for key in ErrorBody.__struct_fields__ if isinstance(value := error.get(key), str)}
    return ErrorBody(**texts)


def from_builtins(value: object, type_: type[T]) -> T:
    """Return *value*, parsed JSON or models, as *type_*; an `Undecodable` has the path of each fault."""
    try:
        return msgspec.convert(value, type_, dec_hook=_converting_hook)
    except REFUSALS:
        from . import lenient

        try:
            return lenient.structure(value, type_, "$")
        except lenient.Refused as refused:
            problems = "; ".join(refused.problems[:5])
        except REFUSALS:  # It is nested too deeply, or a number is out of range.
            problems = "unexpected value @ $"
    # Outside of the except clause, so that its context is not the error of the decoder, which may quote a value.
    raise Undecodable(problems)


def _converting_hook(type_: type, raw: object) -> object:
    return raw if isinstance(raw, type_) else decoding_hook(type_, raw)


def to_builtins(value: object) -> Any:
    """Return *value* as types of JSON, with the fields of models in Kombo's order: msgspec alone sorts them by name."""
    return msgspec.to_builtins(in_order(value))


def in_order(value: Any) -> Any:
    """Return *value* with structs, whose fields msgspec encodes in their order, in place of its models.

    This takes a fifth of the time of dicts of plain values. A field for any JSON is taken as it is.
    """
    type_ = cast("Any", type(value))
    try:
        convert = _CONVERSIONS[type_]
    except KeyError:
        convert = _CONVERSIONS[type_] = _conversion(type_)
    return value if convert is None else convert(value)


_CONVERSIONS: dict[Any, Callable[[Any], Any] | None] = {}
"""By type, how `in_order` converts a value; None if it does not."""


def _conversion(type_: Any) -> Callable[[Any], Any] | None:
    if attrs.has(type_):
        return _model_conversion(type_)
    if issubclass(type_, list | tuple):
        return lambda values: [in_order(each) for each in values]
    if issubclass(type_, Mapping):
        return lambda values: {key: in_order(each) for key, each in values.items()}
    return None


def _model_conversion(type_: Any) -> Callable[[Any], Any]:
    if issubclass(type_, Variant) and type_.is_unknown():
        return lambda value: in_order(value.raw)
    hints = typing.get_type_hints(type_)
    names = [field.name for field in attrs.fields(type_)]
    if not names:
        return lambda _: {}
    nested = [name for name in names if _is_nested(hints[name])]
    struct = msgspec.defstruct(type_.__name__, names, gc=False)
    # With one name alone, attrgetter returns no tuple.
    values = attrgetter(*names, names[-1])

    def convert(value: Any) -> Any:
        row: Any = struct(*values(value)[:-1])
        for name in nested:
            setattr(row, name, in_order(getattr(row, name)))
        return row

    return convert


def _is_nested(hint: Any) -> bool:
    """Return whether values of a type are or contain models or tuples."""
    if attrs.has(hint) or get_origin(hint) in {tuple, Sequence}:
        return True
    return (isinstance(hint, type) and issubclass(hint, Variant)) or any(map(_is_nested, get_args(hint)))


def encode(body: object, body_type: Any = None, where: str = "the body") -> bytes:
    """Return *body* as JSON, with times in UTC, and without what is `UNSET`.

    With *body_type*, a value of another type in it is a `TypeError`, whose message begins with *where*.
    """
    try:
        if body_type is not None and _is_flat(body, body_type):
            return msgspec.json.encode(body)
        plain = _checked(msgspec.to_builtins(body, builtin_types=(datetime, bytes, bytearray, memoryview)))
        encoded = msgspec.json.encode(plain)
    except UnicodeEncodeError:
        # Python's own error contains the text.
        raise ValueError("the body contains half of a surrogate pair, which cannot be sent") from None
    if body_type is not None:
        if (
            type(body) is not body_type
            and attrs.has(body_type)
            and attrs.has(type(body))
            and not isinstance(body, body_type)
        ):
            raise TypeError(f"{where} takes a {body_type.__name__}, not a {type(body).__name__}")
        try:
            # Of the plain values, as bytes are texts in the JSON.
            msgspec.convert(plain, body_type, dec_hook=_sending_hook)
        except msgspec.ValidationError as refusal:
            raise TypeError(f"{where} has a value of a wrong type: {refusal}") from None
    return encoded


def _is_flat(body: object, model: Any) -> bool:
    """Return whether each value of the model *body* has exactly a type of its field, so that no check is needed.

    Without this shortcut, an action takes 6 % more CPU time (`python -m benchmarks.mechanisms`).
    """
    if type(body) is not model or not attrs.has(model):
        return False
    for name, types in _flat_types(model):  # noqa: SIM110 - half the time of all()
        if type(getattr(body, name)) not in types:
            return False
    return True


@cache
def _flat_types(model: Any) -> list[tuple[str, set[Any]]]:
    """Return the fields of a model with those of their types that are encoded as they are."""
    hints = typing.get_type_hints(model)
    return [(field.name, alternatives(hints[field.name]) & _FLAT) for field in attrs.fields(model)]


def _checked(value: Any) -> Any:
    # Times are written in UTC: msgspec would keep other time zones, which Kombo refuses, and accept times without one.
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, dict):
        return {key: _checked(each) for key, each in cast("_Object", value).items()}
    if isinstance(value, list | tuple):
        return [_checked(each) for each in cast("Iterable[Any]", value)]
    # msgspec encodes them as null, by which Kombo clears a value.
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"the body contains {value}, which JSON cannot hold")
    return value


def member_of(value: object, key: str) -> object:
    """Return a member of a JSON object; None if *value* is not an object or has no such member."""
    return cast("_Object", value).get(key) if isinstance(value, dict) else None


def warning_messages(warnings: Any) -> tuple[ReplyWarning, ...]:
    """Return the warnings that have a message. A malformed one is no reason to lose a response."""
    if not isinstance(warnings, list):
        return ()
    listed = cast("list[object]", warnings)
    messages = [each if isinstance(each, str) else member_of(each, "message") for each in listed]
    return tuple(ReplyWarning(message=message) for message in messages if isinstance(message, str))


def raise_if_error(body: bytes) -> None:
    """Raise an `ErrorEnvelope` if *body*, of which nothing else can be decoded, says that it is an error."""
    try:
        if decoder(_Status).decode(body).status == "error":
            raise ErrorEnvelope
    except REFUSALS:
        pass
