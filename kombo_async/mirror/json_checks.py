"""Which JSON both databases can hold, and what a record looks like that Kombo anonymised."""

from __future__ import annotations

import json
import re
from typing import Any, cast

import msgspec

_DEPTH = 500
"""Levels of nesting; SQLite reads 1,000, and PostgreSQL as many as fit on its stack."""
_DIGITS = 1000
"""Digits or exponent of a number. The limit of `jsonb` is above 16,000, and no number of Kombo is near either."""
_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_SHAPE = bytes.maketrans(b"123456789E{", b"000000000e[")
"""Maps all digits to 0, `E` to `e` and `{` to `[`, so that numbers and nesting are found by substrings: a regular
expression over the whole record takes longer than all else that is done with it."""
_OTHERS = bytes(set(range(256)).difference(b'0123456789eE[{",'))
"""All that is not part of a number or of nesting, nor separates numbers. It is deleted first: what is left is short."""
_EXPONENT = re.compile(rb"0e0000")
"""Not searched as a substring, which takes twice as long among so many zeros."""
_MANY_DIGITS = b"0" * 64
_KEYS = frozenset({"id", "remote_deleted_at", "changed_at"})


_LONGEST_ID = 500
"""Characters of an id. Kombo's have 24; PostgreSQL refuses keys of more than 2,700 bytes."""


def id_problem(record_id: str) -> str | None:
    """Return why an id cannot be a key in the database; None for all that can."""
    if len(record_id) > _LONGEST_ID:
        return "the id is too long"
    return _problem_in_text(record_id)


def storage_problem(raw: bytes) -> str | None:
    """Return why a record, which is valid JSON, cannot be stored; None for all that can.

    `jsonb` refuses NUL and lone surrogates, and in SQLite a text with one makes every query that reads it fail.
    """
    shape = raw.translate(_SHAPE, _OTHERS)
    if (
        shape.count(b"[") <= _DEPTH
        and _EXPONENT.search(shape) is None
        and _MANY_DIGITS not in shape
        and (b"\\" not in raw or _ESCAPE.search(raw) is None)
    ):
        return None
    try:
        value = json.loads(raw, parse_int=_number, parse_float=_number)
        return _problem_in(value)
    except _NumberTooLong:
        return "a number is too long"
    except RecursionError:
        return "too deeply nested"


class _NumberTooLong(Exception):
    pass


def _number(text: str) -> None:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > _DIGITS or len(exponent) > 5 or (exponent and abs(int(exponent)) > _DIGITS):
        raise _NumberTooLong


def _problem_in(value: Any) -> str | None:
    level: list[Any] = [value]
    for _ in range(_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                if (problem := _problem_in_text(each)) is not None:
                    return problem
            elif isinstance(each, dict):
                items = cast("dict[str, Any]", each)
                below += [*items, *items.values()]
            elif isinstance(each, list):
                below += cast("Any", each)
        if not below:
            return None
        level = below
    return "too deeply nested"


def _problem_in_text(text: str) -> str | None:
    if "\0" in text:
        return "a text contains the character NUL"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a text contains half of a surrogate pair"
    return None


def is_emptied(raw: bytes) -> bool:
    """Return whether Kombo has anonymised a record: only its id and its times are left."""
    try:
        record: object = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    if not isinstance(record, dict):
        return False
    items = cast("dict[str, Any]", record).items()
    return all(value is None or value in ([], {}) for key, value in items if key not in _KEYS)


def is_same(one: bytes, other: bytes) -> bool:
    """Return whether two records differ at most in the order of their keys and in spaces."""
    try:
        return bool(msgspec.json.decode(one) == msgspec.json.decode(other))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


def with_deletion(raw: bytes, deleted_at: str) -> bytes:
    """Return the record with `remote_deleted_at` set, and all else as it is."""
    members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    members["remote_deleted_at"] = msgspec.Raw(msgspec.json.encode(deleted_at))
    return msgspec.json.encode(members)


def emptied(record_id: str, deleted_at: str) -> bytes:
    """Return what is left of a record that was erased."""
    return msgspec.json.encode({"id": record_id, "remote_deleted_at": deleted_at})
