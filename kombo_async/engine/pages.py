"""Decode pages and lists: by msgspec as a whole, or row by row if it refuses that."""

from __future__ import annotations

import codecs
import gc
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder

from ..models.diagnostics import ReplyWarning, Unreadable
from .codec import ErrorEnvelope, member_of, raise_if_error, warning_messages
from .rows import (
    REFUSALS,
    RawRecord,
    Undecodable,
    decode_raw_rows,
    decode_rows,
    decoding_hook,
    refuse,
    without_values,
)

T = TypeVar("T")

_LARGE = 1 << 13
"""Bytes of a page that is likely to start the garbage collector while it is decoded."""
_PORTION = 1 << 14
"""Bytes of a page whose encoding is checked at once."""


class DecodedPage(Struct, Generic[T], frozen=True, gc=False):
    """One page of a list."""

    results: tuple[T, ...]
    next_cursor: str | None
    """The cursor of the next page; None on the last one."""
    unreadable: tuple[Unreadable, ...] = ()
    """The rows that could not be decoded; of raw records, those that are no JSON objects or have no usable id."""


class _PageData(Struct, Generic[T]):
    results: tuple[T, ...]
    next: str | None = None
    next_cursor: str | None = None


class _PageEnvelope(Struct, Generic[T]):
    data: _PageData[T]
    status: str | None = None
    next_cursor: str | None = None


@cache
def _page_decoder(item: Any) -> Decoder[_PageEnvelope[Any]]:
    envelope: Any = _PageEnvelope
    return Decoder(envelope[item], dec_hook=decoding_hook)


@cache
def _list_decoder(item: Any, key: str) -> Decoder[Any]:
    data = msgspec.defstruct("_ListData", [("results", tuple[item, ...])], rename={"results": key})
    warnings: Any = Any if item is Raw else tuple[ReplyWarning, ...] | None
    envelope: Any = msgspec.defstruct(
        "_ListEnvelope", [("data", data), ("status", str | None, None), ("warnings", warnings, None)]
    )
    return Decoder(envelope, dec_hook=decoding_hook)


def decode_page(body: bytes, item_type: type[T], *, keep: bool = False) -> DecodedPage[T]:
    """Return the records of one page and the cursor of the next one.

    A record that cannot be decoded is an `Undecodable` error, which has the next cursor; with *keep* it is put into
    `unreadable` instead.
    """
    try:
        envelope = _decode_without_gc(_page_decoder(cast("Any", item_type)), body)
    except REFUSALS as refusal:
        envelope, rows = _split(body, refusal, _page_decoder(Raw), "results")
        results, unreadable = decode_rows(rows, item_type)
    else:
        results, unreadable = envelope.data.results, ()
    return _decoded_page(envelope, results, unreadable, keep)


def decode_raw_page(body: bytes, *, keep: bool = False) -> DecodedPage[RawRecord]:
    """Return the records of one page as bytes with their key values. For employees it takes a third of the time of
    `decode_page`; for records as small as integration fields, as long."""
    try:
        envelope = _decode_without_gc(_page_decoder(Raw), body)
    except REFUSALS as refusal:
        envelope, rows = _split(body, refusal, _page_decoder(Raw), "results")
    else:
        rows = _with_paths(envelope.data.results, "results")
    # msgspec does not check the encoding of texts that it skips.
    is_utf8 = body.isascii() or _is_utf8(body)
    if is_utf8 and (records := _decode_keys(body, envelope)) is not None:
        return _decoded_page(envelope, records, (), keep)
    return _decoded_page(envelope, *decode_raw_rows(rows, check_encoding=not is_utf8), keep)


def _decode_keys(body: bytes, envelope: _PageEnvelope[Any]) -> tuple[RawRecord, ...] | None:
    """Return all records of a page with their key values; None if one of them has to be looked at by itself."""
    try:
        records: tuple[RawRecord, ...] = _decode_without_gc(_page_decoder(RawRecord), body).data.results
    except REFUSALS:
        return None
    for record, raw in zip(records, envelope.data.results, strict=True):
        if not record.id:
            return None
        record.raw = raw
    return records


def decode_list(body: bytes, item_type: type[T], key: str) -> tuple[tuple[T, ...], tuple[ReplyWarning, ...]]:
    """Return the records under *key* in `data` of a list without a cursor, and the warnings of the response."""
    try:
        envelope = _list_decoder(cast("Any", item_type), key).decode(body)
        results: tuple[T, ...] = envelope.data.results
    except REFUSALS as refusal:
        envelope, rows = _split(body, refusal, _list_decoder(Raw, key), key)
        results, unreadable = decode_rows(rows, item_type)
        if unreadable:
            raise refuse(unreadable) from None
        return results, warning_messages(envelope.warnings)
    if envelope.status == "error":
        raise ErrorEnvelope
    return results, envelope.warnings or ()


def _decode_without_gc(page_decoder: Decoder[T], body: bytes) -> T:
    """Decode without a pause of the garbage collector.

    The thousands of new objects of a page would start collections while it is decoded, and every few pages a full one,
    of all objects of the process. With a heap of 300,000 objects, pages of employees that are kept take 1.45 times the
    CPU time without it (`python -m benchmarks.mechanisms`, Python 3.11).
    """
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
    # Kombo's guide has the cursor outside `data`, its reference inside, under two names.
    next_cursor = _first_text(envelope.data.next, envelope.data.next_cursor, envelope.next_cursor)
    if unreadable and not keep:
        raise refuse(unreadable, next_cursor) from None
    return DecodedPage(results, next_cursor, unreadable)


def _first_text(*values: object) -> str | None:
    for value in values:
        if isinstance(value, str) and value and not value.isspace():
            return value
    return None


def _with_paths(rows: Iterable[bytes | Raw], key: str) -> Iterator[tuple[bytes | Raw, str]]:
    return ((row, f"$.data.{key}[{number}]") for number, row in enumerate(rows))


def _is_utf8(body: bytes) -> bool:
    decode, view = codecs.getincrementaldecoder("utf-8")().decode, memoryview(body)
    try:
        # In portions that fit a cache: the text of a whole page takes five times as long.
        for start in range(0, len(body), _PORTION):
            decode(view[start : start + _PORTION])
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _split(
    body: bytes, refusal: Exception, envelope_decoder: Decoder[Any], key: str
) -> tuple[Any, Iterable[tuple[bytes | Raw, str]]]:
    """Return the envelope of a list that was refused as a whole, without rows, and its rows with their paths."""
    raise_if_error(body)
    try:
        envelope = envelope_decoder.decode(body)
    except msgspec.ValidationError as again:
        # Valid JSON of another shape.
        raise Undecodable(without_values(again), _any_cursor(body)) from refusal
    except REFUSALS as again:
        from . import scanner

        for split in scanner.split_page(body, key):
            try:
                envelope = envelope_decoder.decode(split.envelope)
            except REFUSALS:
                continue
            rows = list(_with_paths(split.rows, key))
            if split.rest:
                rows.append((split.rest, f"$.data.{key}[{len(rows)}:]"))
            return envelope, rows
        raise Undecodable(without_values(again), _any_cursor(body)) from refusal
    return envelope, _with_paths(envelope.data.results, key)


def _any_cursor(body: bytes) -> str | None:
    """Return the next cursor of a page of another shape; in malformed JSON, the first one anywhere in it."""
    try:
        page: object = msgspec.json.decode(body)
    except REFUSALS:
        from . import scanner

        found = scanner.find_cursor(body)
        with suppress(*REFUSALS):
            return None if found is None else _first_text(msgspec.json.decode(found))
        return None
    data = member_of(page, "data")
    return _first_text(member_of(data, "next"), member_of(data, "next_cursor"), member_of(page, "next_cursor"))
