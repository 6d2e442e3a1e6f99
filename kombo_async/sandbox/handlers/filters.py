"""The filters of lists, derived from the client's keywords: the meaning follows from the name and the type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import attrs

from ...models.base import OpenEnum
from ..api_errors import invalid_input
from ..data.deterministic import iso
from ..data.records import Row
from ..data.tables import NUMBER, Rows
from ..json_values import is_list, is_object
from .endpoints import Request

Predicate = Callable[[Row], bool]
"""Returns whether a record matches a filter."""


@attrs.frozen
class Filter:
    """A filter on what is rendered of records."""

    passes: Predicate
    keys: frozenset[str]
    """The keys that it reads, of those that the records have: only these are rendered for it."""


_DEPRECATED_NAMES: Mapping[str, str] = {
    "employment_statuses": "employment_status",
    "outcomes": "outcome",
    "statuses": "status",
    "date_from": "time_from",
    "date_until": "time_until",
}
"""Deprecated names, which take one value where the new ones take several."""
_MOMENTS: Mapping[str, tuple[str, Callable[[str, str], bool]]] = {
    "date_from": ("end_date", str.__ge__),
    "date_until": ("start_date", str.__le__),
    "started_before": ("started_at", str.__lt__),
    "started_after": ("started_at", str.__ge__),
    "ended_before": ("ended_at", str.__le__),
    "ended_after": ("ended_at", str.__ge__),
    "remote_created_after": ("remote_created_at", str.__ge__),
    "created_after": ("created_at", str.__ge__),
}
"""The field and the comparison of each filter by time."""
_PATHS: Mapping[tuple[str, str], str] = {
    ("iter_interviews", "job_ids"): "application.job.id",
    ("iter_candidates", "job_ids"): "applications.job.id",
    ("iter_candidates", "email"): "email_addresses.email_address",
    ("iter_applications", "job_remote_ids"): "job.remote_id",
    ("iter_course_progressions", "course_ids"): "course_revision.course.id",
    ("iter_payslips", "legal_entity_ids"): "pay_run.legal_entity_id",
    ("iter_payslips", "payrun_ids"): "pay_run.id",
    ("iter_postings", "career_site_ids"): "career_site.id",
}
"""The path of the value, if it does not follow from the name of the filter."""
_keywords = cache(get_type_hints)


def matching_rows(
    request: Request, rows: Rows, only: Mapping[str, object]
) -> Callable[[int], Iterator[tuple[int, Row, Row]]]:
    """Return a function that iterates over the records that match the filters, from a number on.

    It yields their numbers, the stored records and the rendered ones.
    """
    numbers, by_row, tests = _read(request, rows)
    model = request.operation.response_type
    tested = tuple(sorted(frozenset[str]().union(*(test.keys for test in tests))))
    if only:
        by_row.append(lambda row: only.items() <= row.items())

    def walk(start: int) -> Iterator[tuple[int, Row, Row]]:
        found = rows.scan(start) if numbers is None else (rows.row(number) for number in numbers if number >= start)
        for row in found:
            if all(test(row) for test in by_row):
                if tests:
                    seen = {**row, **rows.render(row, model, tested)}
                    if not all(test.passes(seen) for test in tests):
                        continue
                yield row[NUMBER], row, rows.render(row, model)

    return walk


def _read(request: Request, rows: Rows) -> tuple[list[int] | None, list[Predicate], list[Filter]]:
    """Return the candidate numbers, if ids restrict them; predicates on stored records; tests of rendered ones."""
    query, keywords = request.query, _keywords(request.operation.filters or NoneType)
    numbers: set[int] | None = None
    by_row: list[Predicate] = []
    tests: list[Filter] = []
    ignore_unsupported = "ignore_unsupported_filters" in keywords and query.flag("ignore_unsupported_filters")
    if "include_deleted" not in keywords or not query.flag("include_deleted"):
        by_row.append(lambda row: not rows.is_deleted(row))
    for name, find in (("ids", rows.number_of), ("remote_ids", rows.number_of_remote)):
        if name in keywords and (ids := query.items(name)) is not None:
            found = {number for each in ids if (number := find(each)) is not None}
            numbers = found if numbers is None else numbers & found
    if "updated_after" in keywords and (moment := query.moment("updated_after")) is not None:
        since = iso(moment)
        if (touched := rows.rows_touched_since(since)) is not None:
            numbers = touched if numbers is None else numbers & touched
        by_row.append(lambda row: rows.touched_at(row) >= since)
    missing = request.integration.tool.missing if request.operation.path == "/hris/employees" else frozenset[str]()
    for name in keywords:
        if name not in _HANDLED_ELSEWHERE and (test := _test(request, name, keywords[name])) is not None:
            if name[:-1] not in missing:
                tests.append(test)
            elif not ignore_unsupported:
                tests.append(_NEVER)
    return None if numbers is None else sorted(numbers), by_row, tests


_HANDLED_ELSEWHERE = frozenset(
    {
        "page_size", "cursor", "read_ahead", "integration_id", "updated_after", "include_deleted",
        "ignore_unsupported_filters", "ids", "remote_ids",
    }
)  # fmt: skip
"""Keywords that are not filters, or are read by `_read` itself."""


def _test(request: Request, name: str, hint: Any) -> Filter | None:
    """Return the test of a filter, or None if it is not given."""
    query, types = request.query, set(get_args(hint)) - {NoneType} or {hint}
    if date in types or datetime in types:
        moments = [query.moment(each) for each in (name, _DEPRECATED_NAMES.get(name)) if each]
        return next((_by_time(name, moment) for moment in moments if moment is not None), None)
    origin = get_origin(hint)
    if origin is Mapping or Mapping in {get_origin(each) for each in types}:
        pair = query.pair(name)
        return None if pair is None else _by_custom_field(*pair)
    if hint is str:
        text = query.text(name)
        if text is None:
            return None
        query.filters[name] = text
        if name == "name_contains":
            return Filter(lambda row: text.casefold() in str(row["name"] or "").casefold(), frozenset({"name"}))
        return _by_value(request.operation.name, name, [text])
    values = _choices(request, name, get_args(hint)[0])
    return None if values is None else _by_value(request.operation.name, name, values)


def _choices(request: Request, name: str, hint: Any) -> Sequence[str | None] | None:
    members = [each for each in (get_args(hint) or (hint,)) if isinstance(each, type) and issubclass(each, OpenEnum)]
    if not members:
        return request.query.items(name)
    words = [str(member.value) for member in members[0]]
    options = [*words, "null"] if NoneType in get_args(hint) else words
    values = request.query.choices(name, options)
    old = _DEPRECATED_NAMES.get(name)
    if values is None and old is not None:
        values = request.query.choices(old, options)
        if values is not None and len(values) > 1:
            raise invalid_input(f"{old} takes one value; {name} takes several.")
    return None if values is None else [None if value == "null" else value for value in values]


def _by_time(name: str, moment: float) -> Filter:
    key, passes = _MOMENTS[name]
    limit = iso(moment)
    # A date is compared with the date of the limit.
    return Filter(lambda row: isinstance(row[key], str) and passes(row[key], limit[: len(row[key])]), frozenset({key}))


def _by_custom_field(key: str, wanted: object) -> Filter:
    def test(row: Row) -> bool:
        values = row["custom_fields"]
        value = values.get(key) if is_object(values) else None
        # In Python True == 1, but not in JSON.
        return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)

    return Filter(test, frozenset({"custom_fields"}))


def _by_value(operation: str, name: str, wanted: Iterable[str | None]) -> Filter:
    any_case = "email" in name or name in {"first_name", "last_name"}
    options = {each.casefold() if each and any_case else each for each in wanted}
    path = _PATHS.get((operation, name))

    def test(row: Row) -> bool:
        found = _at(row, path.split(".")) if path else _named(row, name)
        texts = (each for each in found if each is None or isinstance(each, str))
        return any((each.casefold() if each and any_case else each) in options for each in texts)

    return Filter(test, frozenset({path.partition(".")[0]} if path else _keys(name)))


_NEVER = Filter(lambda _: False, frozenset({"id"}))


def _named(row: Row, name: str) -> list[Any]:
    """Return the values that a filter is about: of `type` for `types`, of `groups` or `group_id` for `group_ids`."""
    singular, base, plural = _keys(name)
    if singular in row:
        return [row[singular]]
    return _at(row, [base if base in row else plural, "id"])


def _keys(name: str) -> tuple[str, str, str]:
    singular = _singular(name)
    base = singular.removesuffix("_id")
    return singular, base, f"{base}s"


def _singular(name: str) -> str:
    for plural, ending in (("ies", "y"), ("statuses", "status"), ("s", "")):
        if name.endswith(plural) and not name.endswith("status"):
            return name.removesuffix(plural) + ending
    return name


def _at(node: Any, path: Sequence[str]) -> list[Any]:
    """Return all values at a path, through lists."""
    if is_list(node):
        return [value for item in node for value in _at(item, path)]
    if not path:
        return [node]
    return _at(node[path[0]], path[1:]) if is_object(node) and path[0] in node else []
