"""The filters of lists, read off the client's own keywords: what each means follows from its name and its type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from ...models.common import OpenEnum
from ..api_errors import invalid
from ..data.deterministic import iso
from ..data.records import Row
from ..data.tables import NUMBER, Rows
from .endpoints import Call
from .query_params import is_list, is_object

Test = Callable[[Row], bool]
"""Whether a record, as the answer would have it, passes one filter."""

_OLD: Final[Mapping[str, str]] = {
    "employment_statuses": "employment_status",
    "outcomes": "outcome",
    "statuses": "status",
    "date_from": "time_from",
    "date_until": "time_until",
}
"""Names that older clients use: one value where the new name takes several."""
_MOMENTS: Final[Mapping[str, tuple[str, Callable[[str, str], bool]]]] = {
    "date_from": ("end_date", str.__ge__),
    "date_until": ("start_date", str.__le__),
    "started_before": ("started_at", str.__lt__),
    "started_after": ("started_at", str.__ge__),
    "ended_before": ("ended_at", str.__le__),
    "ended_after": ("ended_at", str.__ge__),
    "remote_created_after": ("remote_created_at", str.__ge__),
    "created_after": ("created_at", str.__ge__),
}
"""What each filter by time compares, and how."""
_PATHS: Final[Mapping[tuple[str, str], str]] = {
    ("iter_interviews", "job_ids"): "application.job.id",
    ("iter_candidates", "job_ids"): "applications.job.id",
    ("iter_candidates", "email"): "email_addresses.email_address",
    ("iter_applications", "job_remote_ids"): "job.remote_id",
    ("iter_course_progressions", "course_ids"): "course_revision.course.id",
    ("iter_payslips", "legal_entity_ids"): "pay_run.legal_entity_id",
    ("iter_payslips", "payrun_ids"): "pay_run.id",
    ("iter_postings", "career_site_ids"): "career_site.id",
    ("iter_applications", "job_posting_ids"): "job_posting_id",
    ("iter_jobs", "career_site_ids"): "career_site_id",
}
"""Where the value stands, if the name of the filter does not say so."""


@cache
def _keywords(filters: type) -> dict[str, Any]:
    return get_type_hints(filters)


def matching(call: Call, rows: Rows, only: Mapping[str, object]) -> Callable[[int], Iterator[tuple[int, Row]]]:
    """A walk over the records that pass all filters of the call, from a number on: their numbers and themselves."""
    numbers, by_row, tests = _read(call, rows)
    if only:
        by_row.append(lambda row: only.items() <= row.items())

    def walk(start: int) -> Iterator[tuple[int, Row]]:
        found = rows.walk(start) if numbers is None else (rows.row(number) for number in numbers if number >= start)
        for row in found:
            if all(test(row) for test in by_row):
                shown = rows.show(row, call.operation.answer)
                seen = {**row, **shown} if tests else shown
                if all(test(seen) for test in tests):
                    yield row[NUMBER], shown

    return walk


def _read(call: Call, rows: Rows) -> tuple[list[int] | None, list[Test], list[Test]]:
    """The only numbers to try, if ids say so; tests of bare records; tests of shown ones."""
    query, keywords = call.query, _keywords(call.operation.filters or NoneType)
    numbers: set[int] | None = None
    by_row: list[Test] = []
    tests: list[Test] = []
    ignore_unsupported = "ignore_unsupported_filters" in keywords and query.flag("ignore_unsupported_filters")
    if "include_deleted" not in keywords or not query.flag("include_deleted"):
        by_row.append(lambda row: not rows.is_deleted(row))
    for name, find in (("ids", rows.number_of), ("remote_ids", rows.number_of_remote)):
        if name in keywords and (ids := query.items(name)) is not None:
            found = {number for each in ids if (number := find(each)) is not None}
            numbers = found if numbers is None else numbers & found
    if "updated_after" in keywords and (moment := query.moment("updated_after")) is not None:
        since = iso(moment)
        if (touched := rows.touched_since(since)) is not None:
            numbers = touched if numbers is None else numbers & touched
        by_row.append(lambda row: rows.touched_at(row) >= since)
    for name in keywords:
        if name not in _NOT_HERE and (test := _test(call, name, keywords[name])) is not None:
            tests.append(test)
            if _unsupported(call, name):
                tests[-1:] = [] if ignore_unsupported else [lambda _: False]
    return None if numbers is None else sorted(numbers), by_row, tests


_NOT_HERE: Final = frozenset(
    {
        "page_size", "cursor", "read_ahead", "integration_id", "updated_after", "include_deleted",
        "ignore_unsupported_filters", "ids", "remote_ids",
    }
)  # fmt: skip
"""Keywords that are no filter, or are read above."""


def _unsupported(call: Call, name: str) -> bool:
    return call.operation.path == "/hris/employees" and name[:-1] in call.integration.tool.missing


def _test(call: Call, name: str, hint: Any) -> Test | None:
    """The test that one filter asks for, None if it is not given."""
    query, kinds = call.query, set(get_args(hint)) - {NoneType} or {hint}
    if date in kinds or datetime in kinds:
        moments = [query.moment(each) for each in (name, _OLD.get(name)) if each]
        return next((_by_time(name, moment) for moment in moments if moment is not None), None)
    origin = get_origin(hint)
    if origin is Mapping or Mapping in {get_origin(kind) for kind in kinds}:
        pair = query.pair(name)
        return None if pair is None else _by_custom_field(*pair)
    if hint is str:
        text = query.text(name)
        if text is None:
            return None
        query.filters[name] = text
        if name == "name_contains":
            return lambda row: text.casefold() in (row["name"] or "").casefold()
        return _by_value(call.operation.name, name, [text])
    values = _choices(call, name, get_args(hint)[0])
    return None if values is None else _by_value(call.operation.name, name, values)


def _choices(call: Call, name: str, hint: Any) -> Sequence[str | None] | None:
    members = [kind for kind in (get_args(hint) or (hint,)) if isinstance(kind, type) and issubclass(kind, OpenEnum)]
    if not members:
        return call.query.items(name)
    words = [str(member.value) for member in members[0]]
    options = [*words, "null"] if NoneType in get_args(hint) else words
    values = call.query.choices(name, options)
    old = _OLD.get(name)
    if values is None and old is not None:
        values = call.query.choices(old, options)
        if values is not None and len(values) > 1:
            raise invalid(f"{old} takes one value; {name} takes several.")
    return None if values is None else [None if value == "null" else value for value in values]


def _by_time(name: str, moment: float) -> Test:
    key, passes = _MOMENTS[name]
    limit = iso(moment)
    # A day is compared with the day of the limit.
    return lambda row: row[key] is not None and passes(row[key], limit[: len(row[key])])


def _by_custom_field(key: str, wanted: object) -> Test:
    def test(row: Row) -> bool:
        values: dict[str, object] = row["custom_fields"] or {}
        value = values.get(key)
        # In Python True == 1; in JSON they are two things.
        return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)

    return test


def _by_value(operation: str, name: str, wanted: Iterable[str | None]) -> Test:
    options = {each if each is None else each.casefold() if _of_any_case(name) else each for each in wanted}
    path = _PATHS.get((operation, name))

    def test(row: Row) -> bool:
        found = _at(row, path.split(".")) if path else _named(row, name)
        return any((v.casefold() if _of_any_case(name) and v else v) in options for v in found)

    return test


def _of_any_case(name: str) -> bool:
    return "email" in name or name in {"first_name", "last_name"}


def _named(row: Row, name: str) -> list[Any]:
    """The values that a filter's name points at: `types` at `type`, `group_ids` at `groups` or `group_id`."""
    singular = _singular(name)
    if singular in row:
        return [row[singular]]
    base = singular.removesuffix("_id")
    return _at(row, [base if base in row else f"{base}s", "id"])


def _singular(name: str) -> str:
    for plural, ending in (("ies", "y"), ("statuses", "status"), ("s", "")):
        if name.endswith(plural) and not name.endswith("status"):
            return name.removesuffix(plural) + ending
    return name


def _at(node: Any, path: Sequence[str]) -> list[Any]:
    """All values at the end of a path, through lists."""
    if is_list(node):
        return [value for item in node for value in _at(item, path)]
    if not path:
        return [node]
    return _at(node[path[0]], path[1:]) if is_object(node) and path[0] in node else []
