"""The keywords of lists: checked before anything is sent, and written as a query string."""

from __future__ import annotations

import math
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, partial
from types import NoneType
from typing import Any, TypedDict, cast, get_args, get_origin
from urllib.parse import quote

import msgspec
from msgspec import Struct

from ..models.common import SequenceNotStr, alternatives
from .operation import Operation


class PageOptions(TypedDict, total=False):
    """What every list takes beside its filters."""

    page_size: int
    """Records a page, up to the maximum of the list, which is also the default."""
    cursor: str | None
    """Where to go on: the `cursor` of an error, or the `next_cursor` of the last page that you finished."""
    read_ahead: bool
    """Whether to ask for a page while you work on the one before, from the second page on. On unless False."""


class ListOptions(PageOptions, total=False):
    """What every list of an integration takes beside its filters."""

    integration_id: str | None
    """The integration to read from, where it is not the client's own."""


class ModelFilters(ListOptions, total=False):
    """The filters that every synced model has. Several filters must all match."""

    updated_after: datetime | date | None
    """Only records that changed since then, or whose nested records did: so `changed_at` may be older. To stay in
    sync, pass the time at which the last complete run *started*, and `include_deleted=True`. None filters nothing.
    See https://docs.kombo.dev/hris/getting-started/fetching-data"""
    include_deleted: bool
    """Also records that are gone from the tool, with `remote_deleted_at` set; off unless True. Kombo empties them
    after 14 days."""
    ignore_unsupported_filters: bool
    """Whether to drop a filter that the tool cannot serve. Otherwise such a filter makes the list *empty*,
    without an error."""
    ids: SequenceNotStr[str]
    """Only the records with these Kombo ids."""
    remote_ids: SequenceNotStr[str]
    """Only the records with these ids in the connected tool."""


class ListQuery(Struct, frozen=True, gc=False):
    """The checked keywords of one list."""

    text: str
    """The query string, but for the cursor."""
    cursor: str | None
    read_ahead: bool
    integration_id: str | None


_OWN = frozenset(ListOptions.__annotations__)
"""The keywords that are no filters."""


def list_query(operation: Operation[Any], keywords: Mapping[str, Any]) -> ListQuery:
    """Check the keywords of a list and write its filters down."""
    name, encoders = operation.name, _encoders(operation.filters or ListOptions)
    pairs: list[tuple[str, str]] = []
    for keyword, value in keywords.items():
        if keyword not in encoders:
            raise _unknown(name, keyword, encoders)
        if keyword not in _OWN:
            written = encoders[keyword](f"{name}({keyword}=…)", value)
            if written is not None:
                pairs.append((keyword, written))
    text = _join(pairs) if pairs else ""
    if operation.page_size is not None:
        size = f"page_size={_page_size(operation, keywords.get('page_size'))}"
        text = f"{size}&{text}" if text else size
    cursor, read_ahead = keywords.get("cursor"), keywords.get("read_ahead", True)
    if cursor is not None:
        _text(f"{name}(cursor=…)", cursor)
    if read_ahead is not True:
        _boolean(f"{name}(read_ahead=…)", read_ahead)
    return ListQuery(text, cursor, read_ahead, keywords.get("integration_id"))


def encode_params(params: Mapping[str, object]) -> str:
    """Write down parameters of which only the values are known: lists are joined by comma, None is left out."""
    if not isinstance(params, Mapping):
        raise TypeError(f"params is a mapping, not {type(params).__name__}")
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        place = f"params[{name!r}]"
        if value is None:
            continue
        if isinstance(value, bool):
            pairs.append((name, _boolean(place, value)))
        elif isinstance(value, int | float):
            pairs.append((name, str(_finite(place, value))))
        elif isinstance(value, date):
            pairs.append((name, _time(place, value)))
        elif isinstance(value, str):
            pairs.append((name, str.__str__(value)))
        else:
            pairs.append((name, _list(place, value)))
    return _join(pairs)


def _join(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join([f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs])


def _unknown(operation: str, name: str, known: Collection[str]) -> TypeError:
    import difflib

    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it takes {', '.join(sorted(known))}"
    return TypeError(f"{operation}() has no filter {name!r}: {hint}")


def _page_size(operation: Operation[Any], value: object) -> str:
    largest = operation.page_size
    assert largest is not None
    if value is None:
        return str(largest)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{operation.name}(page_size=…) is an int from 1 to {largest}, not {type(value).__name__}")
    if not 1 <= value <= largest:
        raise ValueError(f"{operation.name}(page_size=…) is from 1 to {largest}, not {value}")
    return str(value)


Encoder = Callable[[str, Any], str | None]
"""Takes the place for messages and a value; returns the text to send, or None to send nothing."""


@cache
def _encoders(keywords: type) -> dict[str, Encoder]:
    """Return how each keyword of a TypedDict is checked and written, read off its annotation."""
    return {name: _encoder(hint) for name, hint in typing.get_type_hints(keywords).items()}


def _encoder(hint: Any) -> Encoder:
    options = alternatives(hint)
    kinds = options - {NoneType}
    if kinds == {datetime, date}:
        encode: Encoder = _time
    else:
        # cursor, page_size and the like have their own checks; the rest is of one type.
        (kind,) = kinds
        origin = get_origin(kind) or kind
        encode = {bool: _boolean, str: _text, int: _text, date: _day, Sequence: _list, Mapping: _one_pair}[origin]
        if origin is Sequence and NoneType in alternatives(*get_args(kind)):
            encode = partial(_list, or_null=True)
    if NoneType not in options:
        return encode
    return lambda place, value: None if value is None else encode(place, value)


def _wrong(place: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"{place} is {wanted}, not {type(value).__name__}")


def _finite(place: str, value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{place} is a finite number, not {value}")
    return value


def _text(place: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(place, "a str", value)
    if not value:
        raise ValueError(f"{place} is empty: leave it out instead")
    # Not str(value), which gives the name of a member of the enums that are not a StrEnum.
    return str.__str__(value)


def _boolean(place: str, value: object) -> str:
    if not isinstance(value, bool):
        raise _wrong(place, "a bool", value)
    return "true" if value else "false"


def _list(place: str, value: object, *, or_null: bool = False) -> str:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _wrong(place, "a list of str", value)  # pyright: ignore[reportUnknownArgumentType]
    items = cast("Iterable[object]", value)
    texts = ["null" if or_null and item is None else _text(f"an item of {place}", item) for item in items]
    if not texts:
        raise ValueError(f"{place} is an empty list, which Kombo reads as no filter: leave it out to get everything")
    if any("," in text for text in texts):
        raise ValueError(f"{place} has an item with a comma, which separates items and which Kombo cannot escape")
    return ",".join(texts)


def _time(place: str, value: object) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{place} needs a time zone: datetime.now(UTC), or .replace(tzinfo=…)")
        fraction = "microseconds" if value.microsecond % 1000 else "milliseconds"
        try:
            moment = value.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"{place} is out of the range of times in UTC") from None
        return moment.replace(tzinfo=None).isoformat(timespec=fraction) + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise _wrong(place, "a datetime with a time zone, or a date", value)


def _day(place: str, value: object) -> str:
    # Kombo would take a moment and drop its time, which is the day in UTC and perhaps not the one that was meant.
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(place, "a date without a time", value)
    return value.isoformat()


def _one_pair(place: str, value: object) -> str:
    if not isinstance(value, Mapping):
        raise _wrong(place, "a mapping of one key to one value", value)
    pairs = list(cast("Mapping[object, object]", value).items())
    if len(pairs) != 1:
        raise ValueError(f"{place} takes exactly one key, not {len(pairs)}")
    ((key, wanted),) = pairs
    if not isinstance(key, str) or not isinstance(wanted, str | int | float | bool | None):
        raise _wrong(place, "one str key with a str, number, bool or None", wanted)
    if isinstance(wanted, float):
        _finite(place, wanted)
    return msgspec.json.encode({key: wanted}).decode()
