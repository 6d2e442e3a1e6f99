"""Decode values one by one: strictly, and by the conversions of `lenient` where the strict decoder refuses.

A page is decoded as a whole by `pages`; its rows come here if that fails, so that one row never costs its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from msgspec import UNSET, Raw, Struct
from msgspec.json import Decoder

from ..models.base import Timestamp, Variant
from ..models.diagnostics import Unreadable

T = TypeVar("T")

REFUSALS = (msgspec.MsgspecError, ValueError, OverflowError, RecursionError)
"""What msgspec raises for bytes that it cannot decode. Deep nesting exceeds Python's recursion limit; some malformed
numbers, dates and texts end in errors of Python's own."""

_SHOWN_ID = re.compile(r"[\w:.@+-]{1,64}")


class RawRecord(Struct, gc=False):
    """A record as the bytes that arrived, with the key values that a copy of the data needs."""

    id: str
    remote_id: str | None = None
    changed_at: Timestamp | None = None
    """None also where Kombo sends something that is not a time."""
    remote_deleted_at: Timestamp | None = None
    raw: Raw = msgspec.field(default=Raw(b""), name="")
    """The JSON of the record: all its keys, in Kombo's order. `bytes(raw)` copies it out of the page."""


class _LooseKeys(Struct):
    """The key values of a record, of any type."""

    id: Any = UNSET
    remote_id: Any = None
    changed_at: Any = None
    remote_deleted_at: Any = None


class Undecodable(Exception):
    """A response does not have the expected type. `problems` has the path of each fault and what was expected, never a
    value."""

    def __init__(self, problems: str, next_cursor: str | None = None) -> None:
        super().__init__(problems)
        self.problems = problems
        self.next_cursor = next_cursor


def decoding_hook(type_: type, raw: object) -> object:
    """Decode a variant, which msgspec cannot: one of several classes, chosen by a tag in the object."""
    if not issubclass(type_, Variant):
        raise NotImplementedError
    variant = type_.class_for(raw)
    if variant is None:
        return type_.unknown(raw)
    return cast("object", msgspec.convert(raw, variant, dec_hook=decoding_hook))


@cache
def decoder(type_: Any) -> Decoder[Any]:
    """Return the strict decoder of a type, which is built once."""
    return Decoder(type_, dec_hook=decoding_hook)


def decode_rows(
    rows: Iterable[tuple[bytes | Raw, str]], item_type: type[T]
) -> tuple[tuple[T, ...], tuple[Unreadable, ...]]:
    """Return the values of *rows*, each given with its path in the response, and the rows that cannot be decoded."""
    from . import lenient

    decode = decoder(cast("Any", item_type)).decode
    decoded: list[T] = []
    unreadable: list[Unreadable] = []
    for row, where in rows:
        try:
            decoded.append(decode(row))
        except REFUSALS:
            try:
                decoded.append(lenient.structure(msgspec.json.decode(row), item_type, where))
            except lenient.Refused as refused:
                unreadable.append(unreadable_row(row, *refused.problems))
            except msgspec.ValidationError:
                # Only a number can be valid JSON and yet have no Python value.
                unreadable.append(unreadable_row(row, f"number out of range in {where}"))
            except REFUSALS as refusal:
                unreadable.append(unreadable_row(row, f"{without_values(refusal)} in {where}"))
    return tuple(decoded), tuple(unreadable)


def decode_raw_rows(
    rows: Iterable[tuple[bytes | Raw, str]], *, check_encoding: bool
) -> tuple[tuple[RawRecord, ...], tuple[Unreadable, ...]]:
    """Return *rows* with their key values, and those that are not valid JSON objects with an id.

    A row whose `remote_deleted_at` is not a time is unreadable too: it does not say whether the record is deleted.
    """
    decode = decoder(RawRecord).decode
    decoded: list[RawRecord] = []
    unreadable: list[Unreadable] = []
    for row, where in rows:
        try:
            if check_encoding:
                str(row, "utf-8")
            record = decode(row)
            if not record.id:
                record = _convert_keys(row, where)
        except UnicodeDecodeError as refusal:
            record = unreadable_row(row, f"{without_values(refusal)} in {where}")
        except REFUSALS:
            record = _convert_keys(row, where)
        if isinstance(record, RawRecord):
            record.raw = row if isinstance(row, Raw) else Raw(row)
            decoded.append(record)
        else:
            unreadable.append(record)
    return tuple(decoded), tuple(unreadable)


def _convert_keys(row: bytes | Raw, where: str) -> RawRecord | Unreadable:
    from . import lenient

    text, time = cast("tuple[Any, Any]", (str | None, datetime | None))
    try:
        keys = decoder(_LooseKeys).decode(row)
        if keys.id in (UNSET, ""):
            return unreadable_row(row, f"required field missing @ {where}.id")
        record = RawRecord(
            id=lenient.structure(keys.id, str, f"{where}.id"),
            remote_id=lenient.structure(keys.remote_id, text, f"{where}.remote_id"),
            remote_deleted_at=lenient.structure(keys.remote_deleted_at, time, f"{where}.remote_deleted_at"),
        )
    except lenient.Refused as refused:
        return unreadable_row(row, *refused.problems)
    except REFUSALS as refusal:
        return unreadable_row(row, f"{without_values(refusal)} in {where}")
    with suppress(lenient.Refused):
        record.changed_at = lenient.structure(keys.changed_at, time, f"{where}.changed_at")
    return record


def unreadable_row(row: bytes | Raw, *problems: str) -> Unreadable:
    """Return a row that cannot be decoded, with its id if that can be found."""
    raw = bytes(row)
    return Unreadable(id=text_of(decode_members(raw, only=b'"id"').get("id")), raw=raw, problems=problems)


def decode_members(text: bytes, *, only: bytes | None = None, levels: int = 1) -> dict[str, Any]:
    """Return the members that are valid JSON of the malformed object *text*, and of its objects down to *levels*.

    Malformed members are left out. With *only*, a key in quotes, all others are left out too.
    """
    from . import scanner

    members: dict[str, Any] = {}
    for key, value in scanner.split_object(text):
        if only is not None and key != only:
            continue
        with suppress(*REFUSALS):
            name = msgspec.json.decode(key, type=str)
            try:
                members[name] = msgspec.json.decode(value)
            except REFUSALS:
                if levels > 1 and value.startswith(b"{"):
                    members[name] = decode_members(value, levels=levels - 1)
    return members


def text_of(value: object) -> str | None:
    """Return a text, or a whole number as its digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else None


def refuse(unreadable: tuple[Unreadable, ...], next_cursor: str | None = None) -> Undecodable:
    """Return the error for rows that cannot be decoded."""
    problems = [
        f"{problem}{f' (id {row.id})' if row.id and _SHOWN_ID.fullmatch(row.id) else ''}"
        for row in unreadable
        for problem in row.problems
    ]
    shown = "; ".join(problems[:5]) + (f"; and {len(problems) - 5} more" if len(problems) > 5 else "")
    return Undecodable(shown, next_cursor)


def without_values(refusal: Exception) -> str:
    """Return a message for an error of msgspec without the values that its own message may quote."""
    where = re.search(r" - at `(\$[^`]*)`$", str(refusal))
    if isinstance(refusal, msgspec.ValidationError):
        return f"unexpected value at {where[1] if where else '$'}"
    return "not valid JSON"
