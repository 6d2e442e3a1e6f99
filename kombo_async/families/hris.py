"""The HR family: people and what belongs to them. See https://docs.kombo.dev/hris/introduction"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from ..engine.operation import Effect, Operation
from ..engine.query import ModelFilters
from ..models.hris import Employee, EmploymentStatus
from ..paging import Pager
from .family import Family


class EmployeeFilters(ModelFilters, total=False):
    """The filters of `iter_employees`; several must all match, of several values in one any may."""

    employment_statuses: Sequence[EmploymentStatus | str]
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


ITER_EMPLOYEES = Operation(
    name="iter_employees",
    method="GET",
    path="/hris/employees",
    effect=Effect.READ,
    integration=True,
    page_size=250,
    filters=EmployeeFilters,
)


class Hris(Family):
    """The operations of the HR family, as `client.hris`."""

    __slots__ = ()

    def iter_employees(self, **filters: Unpack[EmployeeFilters]) -> Pager[Employee]:
        """Iterate over the people of the connected HR system, up to 250 a page.

        Answers come from Kombo's copy, as fresh as the last sync; before the first one has finished this raises
        `IntegrationSetupSyncPendingError`. See https://docs.kombo.dev/hris/v1/get-employees
        """
        return self._iterate(ITER_EMPLOYEES, Employee, filters)
