"""Making records of the client's own classes up: a value for each field, by its type and its name."""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from ...models.common import Address, Variant
from .company import DAY, FIRST_NAMES, JOBS, LAST_NAMES, PLACES, PLAIN_NAMES, TODAY
from .deterministic import Dice, Ids, iso, iso_day

Row = dict[str, Any]
"""A record as JSON, with keys beside those of its class that no answer shows."""

_MIX: Final = Dice("records")
_IDS: Final = Ids("part of a record")
_DAYS: Final = frozenset({"date_of_birth", "employment_start_date", "review_period_start_date", "date"})
"""Moments that stand for a day."""
_OFTEN_NULL: Final = frozenset(
    {
        "comment", "company", "confidential", "description", "experience_level", "location", "phone", "precondition",
        "rejection_reason_name", "source", "summary_comment", "video_conferencing_url", "weekly_hours",
    }
)  # fmt: skip
"""Fields that are empty in one record of six, if their class lets them be null."""
_NEVER: Final = frozenset(
    {
        "custom_fields", "remote_data", "remote_deleted_at", "rejected_at", "closed_at", "archived_at",
        "archived_reason", "precondition_question_id", "precondition_options", "parent_id", "provider_id",
    }
)  # fmt: skip
"""Fields that are null unless something says otherwise."""


def mix(draw: int, salt: int) -> int:
    """Another draw that follows from one, for each salt."""
    return _MIX(draw * 31 + salt)


def some_id(draw: int) -> str:
    """An id that looks like Kombo's."""
    return _IDS.encode(draw & 0xFFFFFFFF)


@cache
def shape(kind: Any) -> Mapping[str, Any]:
    """The fields of a class and their types."""
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in attrs.fields(kind)}


@cache
def inner(kind: Any, name: str) -> Any:
    """What a field holds, or holds a list of."""
    hint, _ = _typed(kind, name)
    return get_args(hint)[0] if get_origin(hint) is tuple else hint


@cache
def is_list(kind: Any, name: str) -> bool:
    """Whether a field holds a list."""
    return get_origin(_typed(kind, name)[0]) is tuple


def empty(kind: Any) -> Row:
    """A record of a class that says nothing."""
    return {name: [] if is_list(kind, name) else None for name in shape(kind)}


def make(kind: Any, draw: int) -> Row:
    """A record of a class."""
    if issubclass(kind, Address):
        return PLACES[draw % len(PLACES)].address()
    return {name: field(kind, name, mix(draw, salt)) for salt, name in enumerate(shape(kind))}


def field(kind: Any, name: str, draw: int) -> Any:
    """A value for one field of a class."""
    hint, nullable = _typed(kind, name)
    if nullable and (name in _NEVER or (name in _OFTEN_NULL and draw >> 8 & 7 < 2)):
        return None
    return _value(hint, name, draw, nullable=nullable)


@cache
def _typed(kind: Any, name: str) -> tuple[Any, bool]:
    """The type of a field, and whether it may be null."""
    hint = shape(kind)[name]
    if get_origin(hint) not in {Union, types.UnionType}:
        return hint, False
    kinds = [kind for kind in get_args(hint) if kind is not types.NoneType]
    return kinds[0], len(kinds) < len(get_args(hint))


def _value(kind: Any, name: str, draw: int, *, nullable: bool = False) -> Any:
    origin = get_origin(kind)
    if origin is tuple:
        item = get_args(kind)[0]
        count = 0 if name == "integration_fields" else draw % 3 + 1
        return [_value(item, name.rstrip("s"), mix(draw, number)) for number in range(count)]
    if origin is Literal:
        return get_args(kind)[0]
    if kind is Any or origin is dict or kind is dict:
        return None if nullable or kind is Any else {}
    if attrs.has(kind):
        return make(kind, draw)
    if issubclass(kind, Variant):
        return _variant(kind, draw)
    if issubclass(kind, enum.Enum):
        return str(list(kind)[draw % len(kind)].value)
    return _PLAIN[kind](name, draw)


def _variant(base: type[Variant], draw: int) -> Row:
    told_apart = vars(base)
    classes: list[tuple[object, type]] = sorted(told_apart["_classes"].items(), key=str)
    tag, kind = classes[draw % len(classes)]
    record = make(kind, draw)
    *path, last = told_apart["_tag"]
    place = record
    for key in path:
        place = place[key]
    place[last] = tag
    return record


def _text(name: str, draw: int) -> str:
    return str(_made_up(name)(draw))


@cache
def _made_up(name: str) -> Callable[[int], object]:
    for ending, make_up in _TEXTS.items():
        if name == ending or name.endswith(f"_{ending}"):
            return make_up
    return lambda draw: f"{name.replace('_', ' ').capitalize()} {draw % 900 + 100}"


def full_name(draw: int) -> tuple[str, str]:
    """Somebody's first and last name."""
    return FIRST_NAMES[draw % len(FIRST_NAMES)][0], LAST_NAMES[(draw >> 8) % len(LAST_NAMES)]


def email(first: str, last: str, number: int) -> str:
    """Somebody's address, all of it letters of ASCII."""
    return f"{PLAIN_NAMES[first]}.{PLAIN_NAMES[last]}.{number}@mail.example"


def job_title(draw: int) -> str:
    """What somebody works as."""
    jobs = JOBS[draw % len(JOBS)]
    return jobs[draw // 8 % len(jobs)]


def moment(draw: int, days: int = 300) -> str:
    """A moment in the time that the seeded data covers."""
    return iso(TODAY - DAY * 20 - draw % (days * DAY * 1000) / 1000)


def spelled_out(text: str) -> str:
    """A day or a moment of a body, as answers have moments."""
    moment = datetime.fromisoformat(text)
    return iso((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _datetime(name: str, draw: int) -> str:
    return iso_day(TODAY // DAY - draw % 900) if name in _DAYS else moment(draw)


def _date(name: str, draw: int) -> str:
    return datetime.fromtimestamp(TODAY - draw % 300 * DAY, UTC).date().isoformat()


_TEXTS: Final[Mapping[str, Callable[[int], object]]] = {
    "id": some_id,
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
    "work_incapacity": lambda draw: _date("", draw),
    "work_incapacity_employer": lambda draw: _date("", draw),
    "work_incapacity_au": lambda draw: _date("", draw),
    "date_of_diagnosis": lambda draw: _date("", draw),
    "hospitalisation": lambda draw: _date("", draw),
    "feedback_until": lambda draw: _date("", draw),
    "ordered_level": lambda draw: f"Level {draw % 5 + 1}",
}  # fmt: skip
"""Texts by the end of the name of their field; of several that fit, the first."""
_PLAIN: Final[Mapping[type, Callable[[str, int], object]]] = {
    str: _text,
    bool: lambda _, draw: draw % 2 == 0,
    int: lambda _, draw: draw % 100,
    float: lambda _, draw: draw % 80 / 2,
    datetime: _datetime,
    date: _date,
    time: lambda _, draw: f"{draw % 8 + 8:02d}:30:00",
}
