"""Absences and their types, time-off balances, and timesheets."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from attrs import field

from ..base import NullableList, OpenEnum, Timestamp, frozen, hidden, null_to_empty
from ..common import IntegrationFieldValue, SyncedRecord
from .people import BalanceUnit, EmployeeTimeOffBalance


class AbsenceStatus(OpenEnum):
    """The status of an absence; the tool's own word if Kombo could not map it."""

    REQUESTED = "REQUESTED"
    """Nobody decided yet."""
    APPROVED = "APPROVED"
    """Granted, or of a type that needs no approval."""
    DECLINED = "DECLINED"
    """Refused."""
    CANCELLED = "CANCELLED"
    """Withdrawn."""
    DELETED = "DELETED"
    """Removed in the tool."""


class TimesheetApprovalStatus(OpenEnum):
    """Whether someone signed off a shift."""

    PENDING = "PENDING"
    """Nobody decided yet."""
    APPROVED = "APPROVED"
    """Signed off."""
    REJECTED = "REJECTED"
    """Refused."""


@frozen(kw_only=True)
class AbsenceType(SyncedRecord):
    """A kind of absence that the company knows, such as paid leave.

    See https://docs.kombo.dev/hris/v1/get-absence-types
    """

    id: str
    """Kombo's id, unique among absence types: the one that `create_absence` takes, which knows no `remote:` here."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The name that people see in the tool, in the tool's language."""
    unit: BalanceUnit | None = None
    """What absences of this type are counted in."""
    half_days_supported: bool | None = None
    """Whether its absences may begin or end at midday."""
    exact_times_supported: bool | None = None
    """Whether its absences may have a `start_time` and an `end_time`."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON. Only newer replies have it."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class TimeOffBalance(EmployeeTimeOffBalance, SyncedRecord):
    """How much time off of one type a person has left, together with that type.

    See https://docs.kombo.dev/hris/v1/get-time-off-balances
    """

    type: AbsenceType | None = None
    """The type that `type_id` names. A change of it also makes `updated_after` match."""


@frozen(kw_only=True)
class Absence(SyncedRecord):
    """A time for which a person is, was or wants to be away.

    Answers of `create_absence` and `delete_absence` come without `type`. See https://docs.kombo.dev/hris/v1/get-absences
    """

    id: str
    """Kombo's id, unique among absences."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    employee_id: str | None = None
    """The Kombo id of the person who is away."""
    approver_id: str | None = None
    """The Kombo id of the employee who decides. Few tools deliver it, Kombo adds no more, and newer replies lack it."""
    start_date: date | None = None
    """The first day."""
    end_date: date | None = None
    """The last day."""
    start_half_day: bool | None = None
    """Whether the first day is only missed from midday on; null where the type knows no half days."""
    end_half_day: bool | None = None
    """Whether the last day is only missed up to midday; null where the type knows no half days."""
    start_time: time | None = None
    """When it begins on the first day, where the type knows exact times; in no zone that Kombo would name."""
    end_time: time | None = None
    """When it ends on the last day, like `start_time`."""
    amount: float | None = None
    """How much time it takes, in `unit`, as the tool counts it: it need not follow from the dates."""
    unit: BalanceUnit | None = None
    """The unit of `amount`."""
    status: AbsenceStatus | None = None
    """Its status; check `is_known` before you branch on it."""
    employee_note: str | None = field(default=None, repr=hidden)
    """What the person wrote about it, possibly on their health. Left out of `repr`."""
    type_id: str | None = None
    """The Kombo id of `type`."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the record last changed according to the tool."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed at Kombo."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    type: AbsenceType | None = None
    """What kind of absence it is. A change of the type also makes `updated_after` match."""


@frozen(kw_only=True)
class TimesheetBreak:
    """A pause within a shift."""

    started_at: Timestamp | None = None
    """When it began."""
    ended_at: Timestamp | None = None
    """When it ended."""
    paid: bool | None = None
    """Whether it counts as work."""


@frozen(kw_only=True)
class Timesheet(SyncedRecord):
    """A shift that a person worked. In open beta at Kombo.

    See https://docs.kombo.dev/hris/v1/get-timesheets
    """

    id: str
    """Kombo's id, unique among timesheets; it may look unlike other Kombo ids."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    employee_id: str | None = None
    """The Kombo id of the person who worked."""
    started_at: Timestamp | None = None
    """When the shift began, in UTC: see `timezone`."""
    ended_at: Timestamp | None = None
    """When the shift ended, in UTC."""
    timezone: str | None = None
    """The offset from UTC where the work was done, as in `+02:00`, for showing local times; null where unknown."""
    payable_hours: float | None = None
    """The hours to pay with any grace periods, as the tool says; Kombo never works them out from the times."""
    unpaid_break_minutes: float | None = None
    """The minutes of unpaid pauses: from the tool, or the sum of the unpaid `breaks`."""
    breaks: NullableList[TimesheetBreak] = ()
    """The pauses, where the tool knows when they were: none here may still mean `unpaid_break_minutes`."""
    approval_status: TimesheetApprovalStatus | None = None
    """Whether someone signed the shift off; check `is_known` before you branch on it."""
    approved_at: Timestamp | None = None
    """When it was signed off."""
    comment: str | None = None
    """What was written about the shift."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "breaks", "integration_fields")
