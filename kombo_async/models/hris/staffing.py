"""Staffing entities: the positions, requisitions and jobs of a company's headcount planning."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from ..common import IntegrationFieldValue, SyncedRecord
from .people import EmploymentType, GroupSummary, LegalEntityReference, LocationSummary


class StaffingModelType(OpenEnum):
    """Which of three kinds of thing the tool calls it."""

    JOB = "JOB"
    """A role that is hired for again and again, often without a limit."""
    POSITION = "POSITION"
    """A seat in the organisation, taken or not; it remains when the person leaves."""
    REQUISITION = "REQUISITION"
    """A request to hire for a position, now and for once: its `parent_id` is the position."""


StaffingModelTypeOrStr = EnumOrStr[StaffingModelType, Literal["JOB", "POSITION", "REQUISITION"]]
"""A member of `StaffingModelType`, or its string."""


class StaffingStatus(OpenEnum):
    """Whether someone can be hired for it."""

    OPEN_LIMITED = "OPEN_LIMITED"
    """Open for `number_of_openings` people."""
    OPEN_UNLIMITED = "OPEN_UNLIMITED"
    """Open for any number; some tools call it evergreen."""
    PENDING = "PENDING"
    """Waits for approval, or to be published."""
    FROZEN = "FROZEN"
    """Stopped for now, as in a hiring freeze."""
    FILLED = "FILLED"
    """Everyone it needs was found."""
    CLOSED = "CLOSED"
    """Over."""


StaffingStatusOrStr = EnumOrStr[
    StaffingStatus, Literal["OPEN_LIMITED", "OPEN_UNLIMITED", "PENDING", "FROZEN", "FILLED", "CLOSED"]
]
"""A member of `StaffingStatus`, or its string."""


@frozen(kw_only=True)
class StaffingEmploymentType:
    """A way in which one can be employed there."""

    remote_label: str | None = None
    """The tool's own word, in the company's language: the one to show."""
    unified_type: EmploymentType | None = None
    """What Kombo takes it for: the one to branch on; null where it fits none."""


@frozen(kw_only=True)
class ProficiencyLevel:
    """A step of a scale of words."""

    id: str
    """Kombo's id, which `SingleSelectProficiency.selected_option_id` refers to."""
    remote_id: str | None = None
    """The tool's own id; null where the tool knows levels only by name."""
    name: str | None = None
    """The word that people see."""


class ProficiencyScale(Variant):
    """How the tool rates a skill."""

    __slots__ = ()


@frozen(kw_only=True)
class NumericScale(ProficiencyScale):
    """Numbers from one to another."""

    type: Literal["NUMERIC"] = "NUMERIC"
    """The tag of this class."""
    id: str
    """Kombo's id, unique among scales."""
    remote_id: str | None = None
    """The tool's own id."""
    min: float | None = None
    """The lowest number."""
    max: float | None = None
    """The highest number."""
    step: float | None = None
    """How far apart numbers are, 1 for whole ones; null where any between the ends will do."""


@frozen(kw_only=True)
class SingleSelectScale(ProficiencyScale):
    """Words, of which one is chosen."""

    type: Literal["SINGLE_SELECT"] = "SINGLE_SELECT"
    """The tag of this class."""
    id: str
    """Kombo's id, unique among scales."""
    remote_id: str | None = None
    """The tool's own id."""
    ordered_options: NullableList[ProficiencyLevel] = ()
    """The words, the lowest first."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "ordered_options")


@frozen(kw_only=True)
class UnknownScale(ProficiencyScale):
    """A scale of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


ProficiencyScale.discriminated_by(
    "type", {"NUMERIC": NumericScale, "SINGLE_SELECT": SingleSelectScale}, unknown=UnknownScale
)


class ExpectedProficiency(Variant):
    """How well a skill is asked for, on the scale of that skill."""

    __slots__ = ()


@frozen(kw_only=True)
class NumericProficiency(ExpectedProficiency):
    """A number on a `NumericScale`."""

    type: Literal["NUMERIC"] = "NUMERIC"
    """The tag of this class."""
    value: float | None = None
    """The number that is asked for."""


@frozen(kw_only=True)
class SingleSelectProficiency(ExpectedProficiency):
    """A word of a `SingleSelectScale`."""

    type: Literal["SINGLE_SELECT"] = "SINGLE_SELECT"
    """The tag of this class."""
    selected_option_id: str | None = None
    """The Kombo id of the level that is asked for: look it up in the scale's `ordered_options`."""


@frozen(kw_only=True)
class UnknownProficiency(ExpectedProficiency):
    """A level of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


ExpectedProficiency.discriminated_by(
    "type", {"NUMERIC": NumericProficiency, "SINGLE_SELECT": SingleSelectProficiency}, unknown=UnknownProficiency
)


@frozen(kw_only=True)
class StaffingSkillDetails:
    """A skill that is asked for, with its scale."""

    id: str
    """Kombo's id, unique among the skills of HR systems."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The name, in the tool's main language."""
    proficiency_scale: ProficiencyScale | None = None
    """What the level refers to; null where the skill is not rated."""


@frozen(kw_only=True)
class StaffingSkill:
    """A skill that is asked for there."""

    skill_id: str | None = None
    """The Kombo id of `skill`."""
    skill: StaffingSkillDetails | None = None
    """What is asked for."""
    expected_proficiency: ExpectedProficiency | None = None
    """How well; null where the tool does not say. `match` on its class."""


@frozen(kw_only=True)
class StaffingEntity(SyncedRecord):
    """A position, a requisition or a job: something that people are hired for.

    Companies use one, two or all three; ask which of them they hire into before you pass ids to
    `create_employee_with_form`. Changes of locations, legal entities and groups also make `updated_after` match.
    See https://docs.kombo.dev/hris/v1/get-staffing-entities
    """

    id: str
    """Kombo's id, unique among staffing entities."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The title."""
    model_type: StaffingModelType | None = None
    """Which of the three it is."""
    description: str | None = None
    """What the role is about, perhaps in HTML: clean it before you show it."""
    status: StaffingStatus | None = None
    """Whether someone can be hired for it."""
    employment_types: NullableList[StaffingEmploymentType] = ()
    """The ways in which one can be employed there."""
    number_of_openings: float | None = None
    """How many people are wanted; it only means something while `status` is OPEN_LIMITED."""
    parent_id: str | None = None
    """The Kombo id of the staffing entity it was made from: of a requisition, usually its position or job."""
    remote_url: str | None = None
    """Its page in the tool, for linking back."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the record last changed according to the tool."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed at Kombo."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    locations: NullableList[LocationSummary] = ()
    """Where the work is done: any of these."""
    legal_entities: NullableList[LegalEntityReference] = ()
    """The companies that may employ the person who is hired."""
    groups: NullableList[GroupSummary] = ()
    """The departments, teams and cost centres it belongs to."""
    skills: NullableList[StaffingSkill] = ()
    """What one must be able to do, and how well. Only newer replies have it."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "employment_types", "integration_fields", "locations", "legal_entities", "groups", "skills")
