"""What is written to the HR system."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from attrs import field
from msgspec import UNSET, UnsetType

from ..base import EnumOrStr, OpenEnum, OpenMapping, frozen, hidden
from .people import BalanceUnitOrStr, GenderOrStr, MaritalStatusOrStr
from .remote_fields import AbsenceRemoteFields, EmployeeRemoteFields
from .skills import SkillRatingSourceOrStr, SkillStatusOrStr


@frozen(kw_only=True)
class HomeAddress:
    """Where someone lives."""

    street_1: str | UnsetType = UNSET
    """Street and house number."""
    street_2: str | UnsetType = UNSET
    """The second line, such as a floor."""
    city: str | UnsetType = UNSET
    """The town."""
    state: str | UnsetType = UNSET
    """The state, province or region."""
    zip_code: str | UnsetType = UNSET
    """The postal code."""
    country: str | UnsetType = UNSET
    """The ISO 3166-1 code of two capital letters, such as `DE`; Kombo translates it for tools with other codes."""


@frozen(kw_only=True)
class _EmployeeFields:
    """What can be said of a new employee and of one that is there."""

    gender: GenderOrStr | UnsetType = UNSET
    """The gender."""
    job_title: str | UnsetType = UNSET
    """The title of the position."""
    home_address: HomeAddress | UnsetType = UNSET
    """Where the person lives."""
    date_of_birth: date | UnsetType = UNSET
    """The birthday."""
    mobile_phone_number: str | UnsetType = UNSET
    """The mobile number."""
    home_phone_number: str | UnsetType = UNSET
    """The private landline. No employee that is read shows it."""
    nationality: str | UnsetType = UNSET
    """The ISO 3166-1 code of two capital letters, such as `DE`; Kombo translates it for tools with other codes."""
    start_date: date | UnsetType = UNSET
    """The first day at the company."""
    legal_entity_id: str | UnsetType = UNSET
    """The Kombo id of the company that employs the person; some tools insist on it."""
    location_id: str | UnsetType = UNSET
    """The Kombo id of the place of work; some tools insist on it."""
    remote_fields: OpenMapping[EmployeeRemoteFields] | UnsetType = field(default=UNSET, repr=hidden)
    """What only single tools want to know."""


@frozen(kw_only=True)
class NewEmployee(_EmployeeFields):
    """An employee to create, in the same terms for all tools.

    Which of the fields a tool requires is only known from its refusal: prefer `get_employee_form`.
    See https://docs.kombo.dev/hris/v1/post-employees
    """

    first_name: str
    """The given name."""
    last_name: str
    """The family name."""
    work_email: str | UnsetType = UNSET
    """The address at work. In tools that want a private address it becomes that."""


@frozen(kw_only=True)
class EmployeeUpdate(_EmployeeFields):
    """What to change about an employee: what is left out stays, and nothing can be emptied.

    See https://docs.kombo.dev/hris/v1/patch-employees-employee-id
    """

    work_email: str
    """The address at work, which Kombo wants in every update: give the present one to keep it. In tools that want
    a private address it becomes that."""
    first_name: str | UnsetType = UNSET
    """The given name."""
    last_name: str | UnsetType = UNSET
    """The family name."""
    ssn: str | UnsetType = field(default=UNSET, repr=hidden)
    """The number in the social insurance. Left out of `repr`."""
    marital_status: MaritalStatusOrStr | UnsetType = UNSET
    """The marital status."""
    termination_date: date | UnsetType = UNSET
    """The last day, past or to come."""
    tax_id: str | UnsetType = field(default=UNSET, repr=hidden)
    """The tax number, such as the German Steuer-ID or the American TIN. Left out of `repr`."""


class NewAbsenceStatus(OpenEnum):
    """The state in which to create an absence."""

    REQUESTED = "REQUESTED"
    """Still to be approved; the tool may do so at once, for types that need no approval."""
    APPROVED = "APPROVED"
    """Approved."""


NewAbsenceStatusOrStr = EnumOrStr[NewAbsenceStatus, Literal["REQUESTED", "APPROVED"]]
"""A member of `NewAbsenceStatus`, or its string."""


@frozen(kw_only=True)
class NewAbsence:
    """An absence to enter for someone.

    The absence type says what the tool takes: half days, exact times, or whole days only.
    See https://docs.kombo.dev/hris/features/creating-absences
    """

    employee_id: str
    """Who is absent: a Kombo id, or the tool's own after `remote:`."""
    absence_type_id: str
    """The Kombo id of the absence type; the tool's own is not taken. A person's time-off balances show which
    types they have."""
    start_date: date
    """The first day."""
    end_date: date
    """The last day: the first one again for an absence of one day."""
    employee_note: str | None = field(repr=hidden)
    """The reason, in the person's words. None for no note: Kombo wants that to be said. Left out of `repr`."""
    status: NewAbsenceStatusOrStr | UnsetType = UNSET
    """The state to create it in; REQUESTED where left out."""
    start_half_day: bool | UnsetType = UNSET
    """Whether it begins in the middle of the first day."""
    end_half_day: bool | UnsetType = UNSET
    """Whether it ends in the middle of the last day."""
    amount: float | UnsetType = UNSET
    """How long it is, in `unit`: the two go together. Hardly any tool takes them."""
    unit: BalanceUnitOrStr | UnsetType = UNSET
    """What `amount` counts."""
    start_time: time | UnsetType = UNSET
    """When it begins on the first day: a time of day to the second, without a zone. It goes together with
    `end_time`."""
    end_time: time | UnsetType = UNSET
    """When it ends on the last day; see `start_time`."""
    remote_fields: OpenMapping[AbsenceRemoteFields] | UnsetType = UNSET
    """What only single tools want to know."""

    def __attrs_post_init__(self) -> None:
        if (self.start_time is UNSET) != (self.end_time is UNSET):
            raise ValueError("start_time and end_time go together: pass both or neither")
        if (self.amount is UNSET) != (self.unit is UNSET):
            raise ValueError("amount and unit go together: pass both or neither")
        if isinstance(self.amount, int | float) and self.amount < 0:
            raise ValueError("amount is not below 0")
        if type(self.start_date) is type(self.end_date) and self.end_date < self.start_date:
            raise ValueError("end_date is before start_date")
        for moment in (self.start_time, self.end_time):
            if isinstance(moment, time) and (moment.tzinfo is not None or moment.microsecond):
                raise ValueError("start_time and end_time have no time zone and no parts of a second")


@frozen(kw_only=True)
class SkillUpsert:
    """A skill to create, or to change if the integration has one of this `origin_id`."""

    origin_id: str
    """Your own id of the skill, which must never change: it decides whether a skill is new, and names the result."""
    name: str
    """The name that people see, not empty."""
    status: SkillStatusOrStr | UnsetType = UNSET
    """Whether it can be used; `ACTIVE` where left out."""


@frozen(kw_only=True)
class SkillRating:
    """A rating to write."""

    rating_source: SkillRatingSourceOrStr
    """In whose name it is written, such as `EXTERNAL`."""
    proficiency: str | float
    """For a numeric scale the number, for any other the id of one of its options."""
