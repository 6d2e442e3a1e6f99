"""HR systems: so far, their employees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from kombo_async.sandbox.checks import Query
from kombo_async.sandbox.paging import page
from kombo_async.sandbox.problems import invalid
from kombo_async.sandbox.routing import Call, Operation
from kombo_async.sandbox.state import Integration

_STATUSES: Final = ("ACTIVE", "PENDING", "INACTIVE", "LEAVE")

Test = Callable[[int], bool]
"""Whether the employee with this number passes one filter."""


def get_employees(call: Call) -> dict[str, Any]:
    """Employees that pass all the filters given."""
    integration = call.integration
    tests, numbers = _filters(call.query, integration)

    def matching(start: int) -> Iterable[int]:
        everybody = range(start, integration.people.size)
        candidates = everybody if numbers is None else (number for number in numbers if number >= start)
        return (number for number in candidates if all(test(number) for test in tests))

    return page(call, matching, integration.employees)


def _filters(query: Query, integration: Integration) -> tuple[list[Test], list[int] | None]:
    """The tests to pass and, if ids say so, the only numbers to try."""
    people = integration.people
    tests: list[Test] = []
    numbers: set[int] | None = None

    def only(found: Iterable[int | None]) -> None:
        nonlocal numbers
        known = {number for number in found if number is not None}
        numbers = known if numbers is None else numbers & known

    ignore_unsupported = query.flag("ignore_unsupported_filters")
    if not query.flag("include_deleted"):
        tests.append(lambda number: people.deleted_at(number) is None)
    if (ids := query.items("ids")) is not None:
        only(map(people.index, ids))
    if (remote_ids := query.items("remote_ids")) is not None:
        only(map(people.index_of_remote, remote_ids))
    if (statuses := query.choices("employment_statuses", _STATUSES)) is not None:
        tests.append(_is_one_of(people.status, statuses))
    if (status := query.choices("employment_status", _STATUSES)) is not None:
        if len(status) > 1:
            raise invalid("employment_status takes one value; employment_statuses takes several.")
        tests.append(_is_one_of(people.status, status))
    if (groups := query.items("group_ids")) is not None:
        tests.append(_is_in(people.group_ids, groups))
    if (entities := query.items("legal_entity_ids")) is not None:
        tests.append(_is_one_of(people.legal_entity_id, entities))
    if (locations := query.items("work_location_ids")) is not None:
        tests.append(_is_one_of(people.work_location_id, locations))
    if (emails := query.items("work_emails")) is not None:
        tests.append(_has_email(people.work_email, emails))
    if (emails := query.items("personal_emails")) is not None:
        if "personal_email" not in integration.tool.missing:
            tests.append(_has_email(people.personal_email, emails))
        elif not ignore_unsupported:
            only(())  # a filter on what the tool does not have empties the result
    if (pair := query.pair("custom_fields")) is not None:
        tests.append(_has_custom_value(integration, *pair))
    if (since := query.moment("updated_after")) is not None:
        tests.append(_is_touched_since(integration, since))
    return tests, None if numbers is None else sorted(numbers)


def _is_one_of(value: Callable[[int], str | None], wanted: Iterable[str]) -> Test:
    options = frozenset(wanted)
    return lambda number: value(number) in options


def _is_in(values: Callable[[int], Iterable[str]], wanted: Iterable[str]) -> Test:
    options = frozenset(wanted)
    return lambda number: not options.isdisjoint(values(number))


def _has_email(address: Callable[[int], str | None], wanted: Iterable[str]) -> Test:
    options = {email.casefold() for email in wanted}
    return lambda number: (address(number) or "").casefold() in options


def _has_custom_value(integration: Integration, key: str, wanted: object) -> Test:
    def test(number: int) -> bool:
        value = (integration.custom_values(number) or {}).get(key)
        # In Python True == 1; in JSON they are two things.
        return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)

    return test


def _is_touched_since(integration: Integration, since: float) -> Test:
    def test(number: int) -> bool:
        touched_at = integration.people.touched_at(number)
        return max(touched_at, integration.values_changed_at(number) or 0.0) >= since

    return test


OPERATIONS: Final = (Operation("get_employees", "GET", "/hris/employees", get_employees, by_header=True),)
