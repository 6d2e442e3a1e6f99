"""The filters and operations of the HR family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any, NotRequired, TypedDict

from ..engine.operation import NON_IDEMPOTENT, SAFE, Operation, action, synced
from ..engine.query import ModelFilters
from ..models import hris as models
from ..models.base import OpenMapping, SequenceNotStr, frozen
from ..models.common import File
from ..models.general import LinkLanguageOrStr

# What is read


class EmployeeFilters(ModelFilters, total=False):
    """The filters of `iter_employees`; several must all match, of several values in one any may."""

    employment_statuses: SequenceNotStr[models.EmploymentStatusOrStr]
    """Only people in one of these states; everybody where left out."""
    group_ids: SequenceNotStr[str]
    """Only members of one of these groups, by Kombo id."""
    legal_entity_ids: SequenceNotStr[str]
    """Only people employed by one of these legal entities, by Kombo id."""
    work_location_ids: SequenceNotStr[str]
    """Only people who work at one of these locations, by Kombo id."""
    work_emails: SequenceNotStr[str]
    """Only people with one of these work addresses, upper and lower case being equal."""
    personal_emails: SequenceNotStr[str]
    """Only people with one of these private addresses, upper and lower case being equal."""
    custom_fields: Mapping[str, str | float | bool | None]
    """Only people whose custom field has this value: exactly one key, and no list or object as its value."""


class NameFilters(ModelFilters, total=False):
    """The filters of records that are found by name."""

    name_contains: str
    """Only records with these words in their name."""


class GroupFilters(NameFilters, total=False):
    """The filters of `iter_groups`."""

    types: SequenceNotStr[models.GroupTypeOrStr | None]
    """Only groups of one of these types; None for those of which the tool does not say it."""


class OneEmployeeFilters(ModelFilters, total=False):
    """The filters of records that belong to a person."""

    employee_id: str
    """Only what belongs to this person, by Kombo id. For several people, leave it out and compare yourself."""


class AbsenceFilters(OneEmployeeFilters, total=False):
    """The filters of `iter_absences`. Both days together give what a calendar of that time shows."""

    date_from: date | None
    """Only absences that are not over before this day. A date without a time; None filters nothing."""
    date_until: date | None
    """Only absences that start on this day or earlier, whenever they end. Likewise."""
    type_ids: SequenceNotStr[str]
    """Only absences of one of these types, by Kombo id."""


class TimesheetFilters(OneEmployeeFilters, total=False):
    """The filters of `iter_timesheets`; a None filters nothing."""

    started_before: datetime | date | None
    """Only shifts that began before then; those that began exactly then are left out."""
    started_after: datetime | date | None
    """Only shifts that began then or later."""
    ended_before: datetime | date | None
    """Only shifts that ended then or earlier."""
    ended_after: datetime | date | None
    """Only shifts that ended then or later."""


class PerformanceReviewFilters(ModelFilters, total=False):
    """The filters of `iter_performance_reviews`."""

    types: SequenceNotStr[models.PerformanceReviewTypeOrStr]
    """Only reviews with one of these relations between the two."""
    review_cycle_ids: SequenceNotStr[str]
    """Only reviews of one of these cycles, by Kombo id."""
    reviewee_ids: SequenceNotStr[str]
    """Only reviews of one of these people's work, by Kombo id."""


class StaffingEntityFilters(ModelFilters, total=False):
    """The filters of `iter_staffing_entities`."""

    model_types: SequenceNotStr[models.StaffingModelTypeOrStr]
    """Only records of one of these kinds: name those that the company hires into."""
    statuses: SequenceNotStr[models.StaffingStatusOrStr]
    """Only records in one of these states."""


class PayRunFilters(ModelFilters, total=False):
    """The filters of `iter_pay_runs`."""

    legal_entity_ids: SequenceNotStr[str]
    """Only what one of these legal entities paid, by Kombo id."""


class PayslipFilters(PayRunFilters, total=False):
    """The filters of `iter_payslips`."""

    employee_ids: SequenceNotStr[str]
    """Only payslips of one of these people, by Kombo id."""
    payrun_ids: SequenceNotStr[str]
    """Only payslips of one of these pay runs, by Kombo id."""


class _WholeListFilters(TypedDict, total=False):
    """The filters of lists that come whole: they have no pages, and no `updated_after`."""

    ids: SequenceNotStr[str]
    """Only the records with these Kombo ids."""
    remote_ids: SequenceNotStr[str]
    """Only the records with these ids in the connected tool."""
    integration_id: str | None
    """The integration to read from, where it is not the client's own."""


class SkillFilters(_WholeListFilters, total=False):
    """The filters of `get_skills`."""

    name_contains: str
    """Only skills with these words in their name."""


class EmployeeSkillAssignmentFilters(_WholeListFilters, total=False):
    """The filters of `get_employee_skill_assignments`."""

    employee_ids: SequenceNotStr[str]
    """Only skills of one of these people, by Kombo id."""
    skill_ids: SequenceNotStr[str]
    """Only people with one of these skills, by Kombo id."""


ITER_EMPLOYEES = synced("iter_employees", "/hris/employees", models.Employee, EmployeeFilters)
ITER_EMPLOYMENTS = synced("iter_employments", "/hris/employments", models.Employment, ModelFilters)
ITER_EMPLOYEE_DOCUMENT_CATEGORIES = synced(
    "iter_employee_document_categories",
    "/hris/employee-document-categories",
    models.EmployeeDocumentCategory,
    ModelFilters,
)

ITER_GROUPS = synced("iter_groups", "/hris/groups", models.Group, GroupFilters)
ITER_TEAMS = synced("iter_teams", "/hris/teams", models.Group, ModelFilters)
ITER_LEGAL_ENTITIES = synced("iter_legal_entities", "/hris/legal-entities", models.LegalEntity, NameFilters)
ITER_LOCATIONS = synced("iter_locations", "/hris/locations", models.Location, NameFilters)

ITER_ABSENCE_TYPES = synced("iter_absence_types", "/hris/absence-types", models.AbsenceType, ModelFilters)
ITER_ABSENCES = synced("iter_absences", "/hris/absences", models.Absence, AbsenceFilters)
ITER_TIME_OFF_BALANCES = synced(
    "iter_time_off_balances", "/hris/time-off-balances", models.TimeOffBalance, OneEmployeeFilters
)
ITER_TIMESHEETS = synced("iter_timesheets", "/hris/timesheets", models.Timesheet, TimesheetFilters)

ITER_PERFORMANCE_REVIEW_CYCLES = synced(
    "iter_performance_review_cycles", "/hris/performance-review-cycles", models.PerformanceReviewCycle, ModelFilters
)
ITER_PERFORMANCE_REVIEWS = synced(
    "iter_performance_reviews", "/hris/performance-reviews", models.PerformanceReview, PerformanceReviewFilters
)
ITER_STAFFING_ENTITIES = synced(
    "iter_staffing_entities", "/hris/staffing-entities", models.StaffingEntity, StaffingEntityFilters
)

ITER_SKILL_PROFICIENCY_RATINGS = synced(
    "iter_skill_proficiency_ratings", "/hris/skill-proficiency-ratings", models.SkillProficiencyRating, ModelFilters
)

ITER_PAY_RUNS = synced("iter_pay_runs", "/hris/pay-runs", models.PayRun, PayRunFilters)
ITER_PAYSLIPS = synced("iter_payslips", "/hris/payslips", models.Payslip, PayslipFilters)

# Their responses may have a next cursor, although no parameter for it is documented.
GET_SKILLS = Operation(
    "get_skills", "GET", "/hris/skills", models.Skill, SAFE, integration=True, listed="results", filters=SkillFilters
)
GET_EMPLOYEE_SKILL_ASSIGNMENTS = Operation(
    "get_employee_skill_assignments",
    "GET",
    "/hris/employee-skill-assignments",
    models.EmployeeSkillAssignment,
    SAFE,
    integration=True,
    listed="results",
    filters=EmployeeSkillAssignmentFilters,
)

# What is written


class _DiffOptions(TypedDict):
    employee_fields: SequenceNotStr[models.ProvisioningFieldOrStr]


class _Diff(TypedDict):
    provisioned_users: Sequence[models.ProvisionedUser]
    options: _DiffOptions


class _ProvisioningSetup(TypedDict, total=False):
    language: LinkLanguageOrStr | None


class _FilledForm(TypedDict):
    properties: Mapping[str, Any]
    staffing_entity_id: NotRequired[str]


class _Document(TypedDict):
    category_id: str
    document: File
    remote_fields: NotRequired[OpenMapping[models.DocumentRemoteFields]]


class _AbsenceDeletion(TypedDict, total=False):
    remote_fields: OpenMapping[models.AbsenceDeletionRemoteFields]


class _NewSkill(TypedDict):
    name: str
    levels: NotRequired[SequenceNotStr[str]]


class _Skills(TypedDict):
    items: Sequence[models.SkillUpsert]


@frozen(kw_only=True)
class _Started:
    task_id: str


class _NewRating(TypedDict):
    employee_id: str
    skill_id: str
    rating: NotRequired[models.SkillRating]


class _SkillUpdate(TypedDict, total=False):
    name: str
    levels: SequenceNotStr[str]


class _NewSkillAssignment(TypedDict):
    employee_id: str
    skill_id: str
    current_level: NotRequired[str]


class _SkillLevel(TypedDict):
    current_level: str | None


_PROVISIONING_GROUP = "/hris/provisioning-groups/{group_id}"
_SKILL = "/hris/skills/{skill_id}"
_SKILL_ASSIGNMENTS = "/hris/employee-skill-assignments"
_SKILL_ASSIGNMENT = f"{_SKILL_ASSIGNMENTS}/{{employee_skill_assignment_id}}"

DIFF_PROVISIONING_GROUP = Operation(
    "diff_provisioning_group",
    "POST",
    f"{_PROVISIONING_GROUP}/diff",
    models.ProvisioningDiff,
    SAFE,
    integration=True,
    body=_Diff,
)
CREATE_PROVISIONING_SETUP_LINK = Operation(
    "create_provisioning_setup_link",
    "POST",
    f"{_PROVISIONING_GROUP}/setup-links",
    models.ProvisioningSetupLink,
    NON_IDEMPOTENT,
    integration=True,
    body=_ProvisioningSetup,
)

CREATE_EMPLOYEE = action("create_employee", "POST", "/hris/employees", models.Employee, models.NewEmployee)
GET_EMPLOYEE_FORM = action("get_employee_form", "GET", "/hris/employees/form", models.EmployeeForm)
CREATE_EMPLOYEE_WITH_FORM = action(
    "create_employee_with_form", "POST", "/hris/employees/form", models.EmployeeCreation, _FilledForm
)
UPDATE_EMPLOYEE = action(
    "update_employee", "PATCH", "/hris/employees/{employee_id}", models.Employee, models.EmployeeUpdate
)
ADD_EMPLOYEE_DOCUMENT = action(
    "add_employee_document", "POST", "/hris/employees/{employee_id}/documents", NoneType, _Document
)

CREATE_ABSENCE = action("create_absence", "POST", "/hris/absences", models.Absence, models.NewAbsence)
DELETE_ABSENCE = action("delete_absence", "DELETE", "/hris/absences/{absence_id}", models.Absence, _AbsenceDeletion)

CREATE_SKILL = action("create_skill", "POST", "/hris/skills", models.Skill, _NewSkill)
CREATE_SKILLS = action("create_skills", "POST", "/hris/skills/bulk", _Started, _Skills)
GET_SKILLS_TASK = Operation(
    "get_skills_task", "GET", "/hris/skills/bulk/{task_id}", models.SkillsTaskState, SAFE, integration=True
)
UPDATE_SKILL = action("update_skill", "PATCH", _SKILL, models.Skill, _SkillUpdate)
DELETE_SKILL = action("delete_skill", "DELETE", _SKILL, models.Skill)
SET_SKILL_PROFICIENCY_RATING = action(
    "set_skill_proficiency_rating", "POST", "/hris/skill-proficiency-ratings", models.SkillProficiencyRating, _NewRating
)
CREATE_EMPLOYEE_SKILL_ASSIGNMENT = action(
    "create_employee_skill_assignment", "POST", _SKILL_ASSIGNMENTS, models.EmployeeSkillAssignment, _NewSkillAssignment
)
UPDATE_EMPLOYEE_SKILL_ASSIGNMENT = action(
    "update_employee_skill_assignment", "PATCH", _SKILL_ASSIGNMENT, models.EmployeeSkillAssignment, _SkillLevel
)
DELETE_EMPLOYEE_SKILL_ASSIGNMENT = action(
    "delete_employee_skill_assignment", "DELETE", _SKILL_ASSIGNMENT, models.EmployeeSkillAssignment
)
