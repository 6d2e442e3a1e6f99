"""The models of the HRIS family.

Records come from Kombo's copy of the connected tool. 14 days after a record disappeared there, Kombo
anonymises it: everything but the id may then be null, whatever the tool normally delivers.
"""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, frozen, hidden, null_to_empty
from ..common import Address, IntegrationFieldValue, SyncedRecord


class Gender(OpenEnum):
    """A person's gender; the tool's own word where Kombo could not map it."""

    MALE = "MALE"
    """Male."""
    FEMALE = "FEMALE"
    """Female."""
    NON_BINARY = "NON_BINARY"
    """Neither."""
    NOT_SPECIFIED = "NOT_SPECIFIED"
    """The tool says that it is not stated."""


GenderOrStr = EnumOrStr[Gender, Literal["MALE", "FEMALE", "NON_BINARY", "NOT_SPECIFIED"]]
"""A member of `Gender`, or its string."""


class Ethnicity(OpenEnum):
    """A person's ethnicity; the tool's own word where Kombo could not map it."""

    WHITE = "WHITE"
    """White."""
    ASIAN = "ASIAN"
    """Asian."""
    HISPANIC_LATINO = "HISPANIC_LATINO"
    """Hispanic or Latino."""
    HAWAIIAN = "HAWAIIAN"
    """Native Hawaiian."""
    NATIVE_AMERICAN = "NATIVE_AMERICAN"
    """Native American."""
    BLACK_AFRICAN_AMERICAN = "BLACK_AFRICAN_AMERICAN"
    """Black or African American."""
    MULTIPLE_ETHNICITIES = "MULTIPLE_ETHNICITIES"
    """More than one."""
    DECLINE_TO_SPECIFY = "DECLINE_TO_SPECIFY"
    """The person chose not to say."""


class MaritalStatus(OpenEnum):
    """A person's marital status; the tool's own word where Kombo could not map it."""

    SINGLE = "SINGLE"
    """Single."""
    MARRIED = "MARRIED"
    """Married."""
    DOMESTIC_PARTNERSHIP = "DOMESTIC_PARTNERSHIP"
    """In a registered or domestic partnership."""
    WIDOWED = "WIDOWED"
    """Widowed."""
    DIVORCED = "DIVORCED"
    """Divorced."""
    SEPARATED = "SEPARATED"
    """Married, but living apart."""
    NOT_MARRIED = "NOT_MARRIED"
    """Not married, and the tool does not say more."""


MaritalStatusOrStr = EnumOrStr[
    MaritalStatus,
    Literal["SINGLE", "MARRIED", "DOMESTIC_PARTNERSHIP", "WIDOWED", "DIVORCED", "SEPARATED", "NOT_MARRIED"],
]
"""A member of `MaritalStatus`, or its string."""


class EmploymentStatus(OpenEnum):
    """Whether someone works here now; the tool's own word where Kombo could not map it."""

    ACTIVE = "ACTIVE"
    """Employed and working."""
    PENDING = "PENDING"
    """Not started yet: signed, or being onboarded."""
    INACTIVE = "INACTIVE"
    """No longer employed."""
    LEAVE = "LEAVE"
    """Employed but on leave. Many tools never report this: absences are the reliable source."""


EmploymentStatusOrStr = EnumOrStr[EmploymentStatus, Literal["ACTIVE", "PENDING", "INACTIVE", "LEAVE"]]
"""A member of `EmploymentStatus`, or its string."""


class EmploymentType(OpenEnum):
    """How someone is employed; the tool's own word where Kombo could not map it."""

    FULL_TIME = "FULL_TIME"
    """For the usual hours."""
    PART_TIME = "PART_TIME"
    """For a part of the usual hours."""
    CONTRACT = "CONTRACT"
    """For a limited time, on a contract."""
    INTERNSHIP = "INTERNSHIP"
    """As an intern."""
    FREELANCE = "FREELANCE"
    """Self-employed."""
    WORKING_STUDENT = "WORKING_STUDENT"
    """Beside their studies."""
    APPRENTICESHIP = "APPRENTICESHIP"
    """As an apprentice."""
    TRAINING = "TRAINING"
    """In a training programme."""


class PayPeriod(OpenEnum):
    """The time that a pay rate covers; the tool's own word where Kombo could not map it."""

    HOUR = "HOUR"
    """One hour."""
    DAY = "DAY"
    """One day."""
    WEEK = "WEEK"
    """One week."""
    TWO_WEEKS = "TWO_WEEKS"
    """Two weeks."""
    HALF_MONTH = "HALF_MONTH"
    """Half a month."""
    MONTH = "MONTH"
    """One month."""
    TWO_MONTHS = "TWO_MONTHS"
    """Two months."""
    QUARTER = "QUARTER"
    """Three months."""
    HALF_YEAR = "HALF_YEAR"
    """Six months."""
    YEAR = "YEAR"
    """One year."""


class PayFrequency(OpenEnum):
    """How often the money is paid out; the tool's own word where Kombo could not map it."""

    DAILY = "DAILY"
    """Every day."""
    WEEKLY = "WEEKLY"
    """Every week."""
    BIWEEKLY = "BIWEEKLY"
    """Every two weeks: 26 times a year."""
    MONTHLY = "MONTHLY"
    """Every month."""
    SEMIMONTHLY = "SEMIMONTHLY"
    """Twice a month: 24 times a year."""
    QUARTERLY = "QUARTERLY"
    """Every three months."""
    SEMIANNUALLY = "SEMIANNUALLY"
    """Twice a year."""
    ANNUALLY = "ANNUALLY"
    """Once a year."""
    PRO_RATA = "PRO_RATA"
    """In proportion to the time worked."""


class BalanceUnit(OpenEnum):
    """What time off is counted in."""

    HOURS = "HOURS"
    """Hours."""
    DAYS = "DAYS"
    """Days."""


BalanceUnitOrStr = EnumOrStr[BalanceUnit, Literal["HOURS", "DAYS"]]
"""A member of `BalanceUnit`, or its string."""


class GroupType(OpenEnum):
    """The meaning of a group of people in the tool."""

    DEPARTMENT = "DEPARTMENT"
    """A department."""
    TEAM = "TEAM"
    """A team."""
    COST_CENTER = "COST_CENTER"
    """A cost centre."""


GroupTypeOrStr = EnumOrStr[GroupType, Literal["DEPARTMENT", "TEAM", "COST_CENTER"]]
"""A member of `GroupType`, or its string."""


class BankRoutingType(OpenEnum):
    """Which country's system a bank routing number belongs to."""

    GB_SORT_CODE = "GB_SORT_CODE"
    """British sort code."""
    DE_BANKLEITZAHL = "DE_BANKLEITZAHL"
    """German Bankleitzahl."""
    US_ABA_ROUTING_TRANSIT_NUMBER = "US_ABA_ROUTING_TRANSIT_NUMBER"
    """American ABA number."""
    CA_ROUTING_NUMBER = "CA_ROUTING_NUMBER"
    """Canadian routing number."""
    AU_BSB_CODE = "AU_BSB_CODE"
    """Australian BSB."""
    FR_RIB = "FR_RIB"
    """French RIB."""


@frozen(kw_only=True)
class BankRouting:
    """The national number of a bank."""

    number: str | None = None
    """The number as the tool holds it, perhaps with separators, as in `01-23-45`."""
    type: BankRoutingType | None = None
    """The number's system; null where Kombo is not sure."""


@frozen(kw_only=True)
class BankAccount:
    """An account that an employee is paid to."""

    iban: str | None = field(default=None, repr=hidden)
    """The international number; Kombo also fills it when `account_number` turns out to be one."""
    bic: str | None = None
    """The bank's international code; Kombo also fills it when the domestic routing number is one."""
    account_number: str | None = field(default=None, repr=hidden)
    """The national number. Some companies keep the IBAN here."""
    holder_name: str | None = None
    """Who the account belongs to."""
    bank_name: str | None = None
    """The bank's name."""
    domestic_bank_routing: BankRouting | None = None
    """The bank's national number."""


@frozen(kw_only=True)
class Employment(SyncedRecord):
    """One position a person holds or held, with its pay.

    See https://docs.kombo.dev/hris/v1/get-employments
    """

    id: str
    """Kombo's id, unique among employments."""
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several."""
    employee_id: str | None = None
    """The Kombo id of the person."""
    job_title: str | None = None
    """The title in this position, possibly a past one; `Employee.job_title` is the present one."""
    pay_rate: float | None = None
    """The money paid for each `pay_period`, in `pay_currency`."""
    pay_period: PayPeriod | None = None
    """The time that `pay_rate` covers: 12000 a `YEAR` is 1000 a month."""
    pay_frequency: PayFrequency | None = None
    """How often money is paid out; it does not change what `pay_rate` covers."""
    employment_type: EmploymentType | None = None
    """How the person is employed in this position."""
    pay_currency: str | None = None
    """Usually an ISO 4217 code, such as `EUR`."""
    effective_date: Timestamp | None = None
    """The day from which this holds, as midnight UTC: never convert it to local time."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields")


@frozen(kw_only=True)
class EmployeeTimeOffBalance:
    """How much time off of one type a person has left."""

    id: str
    """Kombo's id, unique among time-off balances."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    employee_id: str | None = None
    """The Kombo id of the person."""
    type_id: str | None = None
    """The Kombo id of the absence type. The list of time-off balances holds the type itself."""
    balance: float | None = None
    """What is left, in `balance_unit`."""
    balance_unit: BalanceUnit | None = None
    """The unit of `balance`."""
    used: float | None = None
    """What has been taken, in `used_unit`."""
    used_unit: BalanceUnit | None = None
    """The unit of `used`."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class Manager:
    """The person someone reports to, in brief; `iter_employees(ids=[…])` gives the whole record."""

    id: str
    """The Kombo id of the manager, who is an employee too."""
    remote_id: str | None = None
    """The tool's own id."""
    employee_number: str | None = None
    """The number the company itself gave."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    display_full_name: str | None = None
    """The whole name as the tool shows it; often null, then join the other two."""
    work_email: str | None = None
    """The address at work; null also where the tool holds no valid one."""
    employment_status: EmploymentStatus | None = None
    """Whether the manager works here now: people may still report to someone who left."""
    termination_date: Timestamp | None = None
    """The manager's last day, past or to come, as midnight UTC: never convert it to local time."""


@frozen(kw_only=True)
class GroupSummary:
    """A department, team or cost centre, in brief."""

    id: str
    """Kombo's id, unique among groups."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The group's name."""
    type: GroupType | None = None
    """The meaning of the group; null if the tool does not say."""


@frozen(kw_only=True)
class EmployeeSummary:
    """A person to whom another record refers, in brief; `iter_employees(ids=[…])` returns the whole record."""

    id: str
    """The Kombo id of the employee."""
    remote_id: str | None = None
    """The tool's own id."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    display_full_name: str | None = None
    """The whole name as the tool shows it; often null, then join the other two."""
    work_email: str | None = None
    """The address at work; null also where the tool holds no valid one."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the person in the tool; null while they are there."""


@frozen(kw_only=True)
class LegalEntityReference:
    """A company that formally employs people, by name only."""

    id: str
    """Kombo's id, unique among legal entities."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """The entity's name."""


@frozen(kw_only=True)
class LegalEntitySummary(LegalEntityReference):
    """The company that formally employs a person, in brief."""

    address: Address | None = None
    """The entity's address."""


@frozen(kw_only=True)
class LocationSummary:
    """A place of work, in brief."""

    id: str
    """Kombo's id, unique among locations."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """The name of the place."""
    type: str | None = None
    """The tool's own word for the kind of place; not a fixed set."""


@frozen(kw_only=True)
class Location(LocationSummary, SyncedRecord):
    """A place of work.

    See https://docs.kombo.dev/hris/v1/get-locations
    """

    address: Address | None = None
    """Where it is."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class Employee(SyncedRecord):
    """A person in the connected HR system, as of the last sync.

    A null may mean that the tool lacks the field, that it is empty there, that your scope config leaves it
    out, or that the record was anonymised: `Integration.read_models` distinguishes the first and the third.
    `date_of_birth`, `start_date` and `termination_date` are plain days that come as midnight UTC: take
    `.date()` of them as they are, for converting them to local time first may move them by a day.
    See https://docs.kombo.dev/hris/v1/get-employees
    """

    id: str
    """Kombo's id, the one to store.

    Unique among the employees of all integrations, but only among employees: a record of another model may
    have the same id, so a key over several models is model and id.
    """
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several, so no good as your key."""
    employee_number: str | None = None
    """The number the company itself gave, as text: leading zeros count."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    nationality: str | None = None
    """The nationality, in the tool's own form."""
    display_full_name: str | None = None
    """The whole name as the tool shows it; often null, then join `first_name` and `last_name`."""
    job_title: str | None = None
    """The present title; `employments` may hold past ones."""
    work_email: str | None = None
    """The address at work; null also where the tool holds no valid one."""
    personal_email: str | None = None
    """The private address; null also where the tool holds no valid one."""
    mobile_phone_number: str | None = None
    """The number as the tool holds it: no format is promised."""
    ssn: str | None = field(default=None, repr=hidden)
    """The number in the social insurance. Left out of `repr`."""
    tax_id: str | None = field(default=None, repr=hidden)
    """The tax number. Left out of `repr`."""
    gender: Gender | None = None
    """The gender; check `is_known` before you branch on it."""
    ethnicity: Ethnicity | None = None
    """The ethnicity; check `is_known` before you branch on it."""
    marital_status: MaritalStatus | None = None
    """The marital status; check `is_known` before you branch on it."""
    employment_status: EmploymentStatus | None = None
    """Whether the person works here now; check `is_known` before you branch on it."""
    employment_type: EmploymentType | None = None
    """How the person is employed now; check `is_known` before you branch on it."""
    weekly_hours: float | None = None
    """Agreed hours of work a week."""
    avatar: str | None = None
    """The address of a picture, at the tool or in Kombo's cache: fetch it soon, it need not stay."""
    work_location_id: str | None = None
    """The Kombo id of `work_location`."""
    legal_entity_id: str | None = None
    """The Kombo id of `legal_entity`."""
    manager_id: str | None = None
    """The Kombo id of `manager`, itself an employee."""
    home_address: Address | None = None
    """Where the person lives."""
    bank_accounts: NullableList[BankAccount] = ()
    """The accounts the person is paid to."""
    date_of_birth: Timestamp | None = None
    """The birthday, as midnight UTC: never convert it to local time."""
    start_date: Timestamp | None = None
    """The first day at the company, as midnight UTC: never convert it to local time."""
    termination_date: Timestamp | None = None
    """The last day, past or to come, as midnight UTC: never convert it to local time."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: records nested in it do not count.

    `updated_after` also finds people by some of those nested records, and they come with an older
    `changed_at`. So never advance a sync watermark from it: store when your fetch began.
    """
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the person in the tool; null while they are there.

    Such people come only with `include_deleted=True`, and 14 days later everything but the id is null.
    """
    custom_fields: Any = None
    """The values of your custom fields, by `CustomField.key`; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    employments: NullableList[Employment] = ()
    """Positions held now and before, with their pay."""
    time_off_balances: NullableList[EmployeeTimeOffBalance] = ()
    """What is left of each type of time off."""
    manager: Manager | None = None
    """Who the person reports to."""
    groups: NullableList[GroupSummary] = ()
    """Departments, teams and cost centres the person belongs to. A new name of one makes no `updated_after` match."""
    legal_entity: LegalEntitySummary | None = None
    """The company that formally employs the person."""
    teams: NullableList[GroupSummary] = ()
    """The old name of `groups`, with the same content; newer replies leave it out."""
    work_location: Location | None = None
    """Where the person works."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(
            self, "bank_accounts", "integration_fields", "employments", "time_off_balances", "groups", "teams"
        )
