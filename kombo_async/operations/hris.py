"""What can be asked of the HR family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..engine.operation import synced
from ..engine.query import ModelFilters
from ..models.common import Choice
from ..models.hris import Employee, EmploymentStatus


class EmployeeFilters(ModelFilters, total=False):
    """The filters of `iter_employees`; several must all match, of several values in one any may."""

    employment_statuses: Sequence[Choice[EmploymentStatus]]
    """Only people in one of these states; everybody where left out."""
    group_ids: Sequence[str]
    """Only members of one of these groups, by Kombo id."""
    legal_entity_ids: Sequence[str]
    """Only people employed by one of these legal entities, by Kombo id."""
    work_location_ids: Sequence[str]
    """Only people who work at one of these locations, by Kombo id."""
    work_emails: Sequence[str]
    """Only people with one of these work addresses, upper and lower case being equal."""
    personal_emails: Sequence[str]
    """Only people with one of these private addresses, upper and lower case being equal."""
    custom_fields: Mapping[str, str | float | bool | None]
    """Only people whose custom field has this value: exactly one key, and no list or object as its value."""


ITER_EMPLOYEES = synced("iter_employees", "/hris/employees", Employee, EmployeeFilters)
