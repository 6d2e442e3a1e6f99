"""Generating records of the client's model classes: a value for each field, by its type and its name."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import cache, lru_cache, partial
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec

from ...engine.rows import decoding_hook
from ...models.base import Variant
from ...models.common import Address
from .company import DAY, FIRST_NAMES, JOBS, LAST_NAMES, PLACES, PLAIN_NAMES, TODAY
from .deterministic import Ids, IndexedRandom, iso, iso_day

Row = dict[str, Any]
"""A record as JSON, with internal keys in addition to those of its class, which are never rendered."""
Maker: TypeAlias = Callable[[int], Any]
"""Makes a value of random bits."""

_MIX = IndexedRandom("records")
_IDS = Ids("part of a record")
_DAYS = frozenset({"date_of_birth", "employment_start_date", "review_period_start_date", "date"})
_OFTEN_NULL = frozenset(
    {
        "comment", "company", "confidential", "description", "experience_level", "location", "phone", "precondition",
        "rejection_reason_name", "source", "summary_comment", "video_conferencing_url", "weekly_hours",
    }
)  # fmt: skip
"""Fields that are null in one record of four, if they are nullable."""
_NULL_AT_FIRST = frozenset(
    {
        "custom_fields", "remote_data", "remote_deleted_at", "rejected_at", "closed_at", "archived_at",
        "archived_reason", "precondition_question_id", "precondition_options", "parent_id", "provider_id",
    }
)  # fmt: skip
"""Fields that generated records leave null, if they are nullable."""


def mix(draw: int, salt: int) -> int:
    """Return other random bits, derived from `draw` and a salt."""
    return _MIX(draw * 31 + salt)


def id_from(draw: int) -> str:
    """Return an id in Kombo's format."""
    return _IDS.encode(draw & 0xFFFFFFFF)


@cache
def field_types(model: Any) -> Mapping[str, Any]:
    """Return the fields of a class and their types."""
    hints = get_type_hints(model)
    return {each.name: hints[each.name] for each in attrs.fields(model)}


@cache
def item_type(model: Any, name: str) -> Any:
    """Return the type of a field, or of the items of a list field."""
    hint, _ = _typed(model, name)
    return get_args(hint)[0] if get_origin(hint) is tuple else hint


@cache
def is_list(model: Any, name: str) -> bool:
    """Return whether a field is a list."""
    return get_origin(_typed(model, name)[0]) is tuple


def is_valid(model: Any, name: str, value: object) -> bool:
    """Return whether JSON is valid for a field of a class."""
    try:
        msgspec.convert(value, field_types(model)[name], dec_hook=decoding_hook)
    except (msgspec.ValidationError, TypeError):
        return False
    return True


def empty_record(model: Any) -> Row:
    """Return a record whose fields are null or empty lists."""
    return {name: [] if is_list(model, name) else None for name in field_types(model)}


def generate(model: Any, draw: int) -> Row:
    """Return a random record of a class."""
    record: Row = _record_maker(model)(draw)
    return record


@lru_cache(maxsize=4_096)
def generated(model: Any, draw: int) -> Mapping[str, Any]:
    """Return the same as `generate`, from memory if possible: sandboxes with the same seed have the same records.

    The values are shared, so nothing in them may be changed in place.
    """
    return generate(model, draw)


def generate_field(model: Any, name: str, draw: int) -> Any:
    """Return a random value for a field of a class."""
    return _field_maker(model, name)(draw)


# A type is examined once: its maker is a function from random bits to a value.


@cache
def _record_maker(model: Any) -> Maker:
    if issubclass(model, Address):
        return lambda draw: PLACES[draw % len(PLACES)].address()
    makers = tuple((name, _field_maker(model, name), salt) for salt, name in enumerate(field_types(model)))

    def make(draw: int) -> Row:
        index = draw * 31
        return {name: field(_MIX(index + salt)) for name, field, salt in makers}

    return make


@cache
def _field_maker(model: Any, name: str) -> Maker:
    hint, nullable = _typed(model, name)
    if nullable and name in _NULL_AT_FIRST:
        return _null
    make = _maker(hint, name, nullable=nullable)
    if nullable and name in _OFTEN_NULL:
        return lambda draw: None if draw >> 8 & 7 < 2 else make(draw)
    return make


@cache
def _typed(model: Any, name: str) -> tuple[Any, bool]:
    """Return the type of a field, of a union the first one that is not null, and whether it is nullable."""
    hint = field_types(model)[name]
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint, False
    members = [each for each in get_args(hint) if each is not types.NoneType]
    return members[0], len(members) < len(get_args(hint))


def _maker(type_: Any, name: str, *, nullable: bool = False) -> Maker:
    origin = get_origin(type_)
    if origin is tuple:
        return _list_maker(get_args(type_)[0], name)
    if origin is Literal:
        value = get_args(type_)[0]
        return lambda _: value
    if type_ is Any or origin is dict or type_ is dict:
        return _null if nullable or type_ is Any else lambda _: {}
    if attrs.has(type_):
        return partial(generate, type_)  # makers of nested classes are made when they are used, as classes may recur
    if issubclass(type_, Variant):
        return _variant_maker(type_)
    if issubclass(type_, enum.Enum):
        words = [str(member.value) for member in type_]
        return lambda draw: words[draw % len(words)]
    return _PLAIN[type_](name)


def _null(_: int) -> None:
    return None


def _list_maker(item: Any, name: str) -> Maker:
    if name == "integration_fields":
        return lambda _: []
    make = _maker(item, name.rstrip("s"))
    return lambda draw: [make(mix(draw, number)) for number in range(draw % 3 + 1)]


def _variant_maker(base: type[Variant]) -> Maker:
    variants = vars(base)
    classes: list[tuple[object, type]] = sorted(variants["_classes"].items(), key=str)
    *path, last = variants["_tag"]

    def make(draw: int) -> Row:
        tag, type_ = classes[draw % len(classes)]
        record = generate(type_, draw)
        place = record
        for key in path:
            place = place[key]
        place[last] = tag
        return record

    return make


def _text(name: str) -> Maker:
    for ending, make in _TEXTS.items():
        if name == ending or name.endswith(f"_{ending}"):
            return make
    label = name.replace("_", " ").capitalize()
    return lambda draw: f"{label} {draw % 900 + 100}"


def full_name(draw: int) -> tuple[str, str]:
    """Return a first and a last name."""
    return FIRST_NAMES[draw % len(FIRST_NAMES)][0], LAST_NAMES[(draw >> 8) % len(LAST_NAMES)]


def email(first: str, last: str, number: int) -> str:
    """Return an e-mail address, in ASCII."""
    return f"{PLAIN_NAMES[first]}.{PLAIN_NAMES[last]}.{number}@mail.example"


def job_title(draw: int) -> str:
    """Return a job title."""
    jobs = JOBS[draw % len(JOBS)]
    return jobs[draw // 8 % len(jobs)]


def past_timestamp(draw: int, days: int = 300) -> str:
    """Return a timestamp that is up to `days` days before the twentieth day before the end of the generated data."""
    return iso(TODAY - DAY * 20 - draw % (days * DAY * 1000) / 1000)


def to_timestamp(text: str) -> str:
    """Return a date or time of a request body as a timestamp of a response."""
    moment = datetime.fromisoformat(text)
    return iso((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _datetime(name: str) -> Maker:
    return (lambda draw: iso_day(TODAY // DAY - draw % 900)) if name in _DAYS else past_timestamp


def _date(draw: int) -> str:
    return datetime.fromtimestamp(TODAY - draw % 300 * DAY, UTC).date().isoformat()


_TEXTS: Mapping[str, Maker] = {
    "id": id_from,
    "first_name": lambda draw: full_name(draw)[0],
    "last_name": lambda draw: full_name(draw)[1],
    "email": lambda draw: email(*full_name(draw), draw % 10_000),
    "email_address": lambda draw: email(*full_name(draw), draw % 10_000),
    "phone": lambda draw: f"+49 151 {draw % 10**8:08d}",
    "phone_number": lambda draw: f"+49 151 {draw % 10**8:08d}",
    "url": lambda draw: f"https://tool.example/{draw % 10**6}",
    "link": lambda draw: f"https://social.example/{draw % 10**6}",
    "currency": lambda draw: ("EUR", "GBP", "USD")[draw % 3],
    "timezone": lambda draw: ("+00:00", "+01:00", "-05:00")[draw % 3],
    "job_code": lambda draw: f"J-{draw % 9_000 + 1_000}",
    "title": job_title,
    "company": lambda draw: f"{LAST_NAMES[draw % len(LAST_NAMES)]} & Co",
    "department": lambda draw: ("Engineering", "Sales", "Finance")[draw % 3],
    "source": lambda draw: ("Careers page", "Referral", "Agency")[draw % 3],
    "content_type": lambda _: "application/pdf",
    "accepted_mime_type": lambda _: "application/pdf",
    "file_name": lambda draw: f"file-{draw % 1000}.pdf",
    "content_html": lambda draw: f"<p>Note {draw % 1000}</p>",
    "ordered_option": lambda draw: f"Level {draw % 5 + 1}",
    "work_incapacity": _date,
    "work_incapacity_employer": _date,
    "work_incapacity_au": _date,
    "date_of_diagnosis": _date,
    "hospitalisation": _date,
    "feedback_until": _date,
    "ordered_level": lambda draw: f"Level {draw % 5 + 1}",
}  # fmt: skip
"""Texts by the suffix of the name of their field; the first one that matches counts."""
_PLAIN: Mapping[type, Callable[[str], Maker]] = {
    str: _text,
    bool: lambda _: lambda draw: draw % 2 == 0,
    int: lambda _: lambda draw: draw % 100,
    float: lambda _: lambda draw: draw % 80 / 2,
    datetime: _datetime,
    date: lambda _: _date,
    time: lambda _: lambda draw: f"{draw % 8 + 8:02d}:30:00",
}
