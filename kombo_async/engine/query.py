"""Check the keywords of lists before anything is sent, and encode them as a query string."""

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

from ..models.base import SequenceNotStr, alternatives
from .operation import Operation


class PageOptions(TypedDict, total=False):
    """The keywords of every list that are not filters."""

    page_size: int
    """Records per page. The default is the maximum of the list."""
    cursor: str | None
    """Where to continue: the `cursor` of an error, or the `next_cursor` of the last page that you processed."""
    read_ahead: bool
    """Whether to request the next page while you process the current one, from the second page on. True by default."""


class ListOptions(PageOptions, total=False):
    """The keywords of every list of an integration that are not filters."""

    integration_id: str | None
    """The integration to read from; by default that of the client."""


class ModelFilters(ListOptions, total=False):
    """The filters that every synced model has. Several filters must all match."""

    updated_after: datetime | date | None
    """Only records that changed since then, or with nested records that did: `changed_at` may be older. To stay in
    sync, pass the time at which the last complete run *started*, and `include_deleted=True`. None filters nothing.
    See https://docs.kombo.dev/hris/getting-started/fetching-data"""
    include_deleted: bool
    """Also records that the tool no longer has, with `remote_deleted_at` set; left out by default. 14 days after the
    deletion Kombo anonymises a record: any field but `id` may then be null, `remote_deleted_at` too."""
    ignore_unsupported_filters: bool
    """Whether to ignore a filter that the tool does not support. By default such a filter makes the list *empty*,
    without an error."""
    ids: SequenceNotStr[str]
    """Only the records with these Kombo ids."""
    remote_ids: SequenceNotStr[str]
    """Only the records with these ids in the connected tool."""


class ListQuery(Struct, frozen=True, gc=False):
    """The checked keywords of one list."""

    text: str
    """The query string without the cursor."""
    cursor: str | None
    read_ahead: bool
    integration_id: str | None


_OWN = frozenset(ListOptions.__annotations__)
"""The keywords that are not filters."""


def list_query(operation: Operation[Any], keywords: Mapping[str, Any]) -> ListQuery:
    """Check the keywords of a list, and encode its filters."""
    name, encoders = operation.name, _encoders(operation.filters or ListOptions)
    text = "" if operation.page_size is None else f"page_size={_page_size(operation, keywords.get('page_size'))}"
    for keyword, value in keywords.items():
        encode = encoders.get(keyword)
        if encode is None:
            raise _unknown(name, keyword, encoders)
        if keyword not in _OWN and (written := encode(f"{name}({keyword}=…)", value)) is not None:
            text = f"{text}{'&' if text else ''}{_pair(keyword, written)}"
    cursor, read_ahead = keywords.get("cursor"), keywords.get("read_ahead", True)
    if cursor is not None:
        _text(f"{name}(cursor=…)", cursor)
    if read_ahead is not True:
        _boolean(f"{name}(read_ahead=…)", read_ahead)
    return ListQuery(text, cursor, read_ahead, keywords.get("integration_id"))


def encode_params(params: Mapping[str, object]) -> str:
    """Encode parameters by the type of their values: lists are joined by commas, None is left out."""
    if not isinstance(params, Mapping):
        raise TypeError(f"params is a mapping, not {type(params).__name__}")
    pairs: list[str] = []
    for name, value in params.items():
        where = f"params[{name!r}]"
        if value is None:
            continue
        if isinstance(value, bool):
            pairs.append(_pair(name, _boolean(where, value)))
        elif isinstance(value, int | float):
            pairs.append(_pair(name, str(_finite(where, value))))
        elif isinstance(value, date):
            pairs.append(_pair(name, _time(where, value)))
        elif isinstance(value, str):
            pairs.append(_pair(name, str.__str__(value)))
        else:
            pairs.append(_pair(name, _list(where, value)))
    return "&".join(pairs)


def _pair(name: str, text: str) -> str:
    return f"{quote(name, safe='')}={quote(text, safe='')}"


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
"""Takes where the value is, for messages, and the value; returns the text to send, or None to send nothing."""


@cache
def _encoders(keywords: type) -> dict[str, Encoder]:
    """Return the encoder of each keyword of a TypedDict, by its annotation."""
    return {name: _encoder(hint) for name, hint in typing.get_type_hints(keywords).items()}


def _encoder(hint: Any) -> Encoder:
    options = alternatives(hint)
    types = options - {NoneType}
    if types == {datetime, date}:
        encode: Encoder = _time
    else:
        # The keywords that are not filters have checks of their own; every other one has a single type.
        (type_,) = types
        origin = get_origin(type_) or type_
        encode = {bool: _boolean, str: _text, int: _text, date: _day, Sequence: _list, Mapping: _one_pair}[origin]
        if origin is Sequence and NoneType in alternatives(*get_args(type_)):
            encode = partial(_list, or_null=True)
    if NoneType not in options:
        return encode
    return lambda where, value: None if value is None else encode(where, value)


def _wrong(where: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"{where} is {wanted}, not {type(value).__name__}")


def _finite(where: str, value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"{where} is a finite number, not {value}")
    return value


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "a str", value)
    if not value:
        raise ValueError(f"{where} is empty: leave it out instead")
    # str(value) would be the name of a member for enums that derive from str and Enum instead of StrEnum.
    return str.__str__(value)


def _boolean(where: str, value: object) -> str:
    if not isinstance(value, bool):
        raise _wrong(where, "a bool", value)
    return "true" if value else "false"


def _list(where: str, value: object, *, or_null: bool = False) -> str:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _wrong(where, "a list of str", value)  # pyright: ignore[reportUnknownArgumentType]
    items = cast("Iterable[object]", value)
    texts = ["null" if or_null and item is None else _text(f"an item of {where}", item) for item in items]
    if not texts:
        raise ValueError(f"{where} is an empty list, which Kombo reads as no filter: leave it out to get everything")
    if any("," in text for text in texts):
        raise ValueError(f"{where} has an item with a comma, which separates items and which Kombo cannot escape")
    return ",".join(texts)


def _time(where: str, value: object) -> str:
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{where} needs a time zone: datetime.now(UTC), or .replace(tzinfo=…)")
        fraction = "microseconds" if value.microsecond % 1000 else "milliseconds"
        try:
            moment = value.astimezone(UTC)
        except OverflowError:
            raise ValueError(f"{where} is out of the range of times in UTC") from None
        return moment.replace(tzinfo=None).isoformat(timespec=fraction) + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise _wrong(where, "a datetime with a time zone, or a date", value)


def _day(where: str, value: object) -> str:
    # Kombo would drop the time of a datetime, and the day in UTC may not be the intended one.
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong(where, "a date without a time", value)
    return value.isoformat()


def _one_pair(where: str, value: object) -> str:
    if not isinstance(value, Mapping):
        raise _wrong(where, "a mapping of one key to one value", value)
    pairs = list(cast("Mapping[object, object]", value).items())
    if len(pairs) != 1:
        raise ValueError(f"{where} takes exactly one key, not {len(pairs)}")
    ((key, wanted),) = pairs
    if not isinstance(key, str) or not isinstance(wanted, str | int | float | bool | None):
        raise _wrong(where, "one str key with a str, number, bool or None", wanted)
    if isinstance(wanted, float):
        _finite(where, wanted)
    return msgspec.json.encode({key: wanted}).decode()
