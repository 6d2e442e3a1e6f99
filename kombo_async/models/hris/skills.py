"""Skills and who has them. In closed beta at Kombo."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from ..common import FailedItem, FailedTask, PendingTask, SyncedRecord
from .staffing import ProficiencyLevel


@frozen(kw_only=True)
class Skill(SyncedRecord):
    """Something people can be good at, as the HR system lists it.

    See https://docs.kombo.dev/hris/v1/get-skills
    """

    id: str
    """Kombo's id, unique among the skills of HR systems; those of learning systems are others."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The name that people see in the tool."""
    description: str | None = None
    """What it means."""
    ordered_levels: NullableList[str] = ()
    """The words for how well someone has it, the lowest first; empty where the tool knows none."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "ordered_levels")


@frozen(kw_only=True)
class EmployeeSkillAssignment:
    """That a person has a skill.

    See https://docs.kombo.dev/hris/v1/get-employee-skill-assignments
    """

    id: str
    """Kombo's id, unique among skill assignments."""
    employee_id: str | None = None
    """The Kombo id of the person."""
    skill_id: str | None = None
    """The Kombo id of the skill."""
    current_level: str | None = None
    """How well: one of the skill's `ordered_levels`; null where it is not rated."""


# --- How well people have a skill ------------------------------------------------------------------------------


class SkillRatingSource(OpenEnum):
    """Who rated."""

    SELF = "SELF"
    """The person."""
    MANAGER = "MANAGER"
    """The person's manager."""
    EXTERNAL = "EXTERNAL"
    """A provider outside the HR system, such as the one that you write ratings for."""


SkillRatingSourceOrStr = EnumOrStr[SkillRatingSource, Literal["SELF", "MANAGER", "EXTERNAL"]]
"""A member of `SkillRatingSource`, or its string."""


class RatedProficiency(Variant):
    """How well a person has a skill, on the scale of that skill."""

    __slots__ = ()


@frozen(kw_only=True)
class NumericRatedProficiency(RatedProficiency):
    """A number."""

    type: Literal["NUMERIC"] = "NUMERIC"
    """The tag of this kind of scale."""
    value: float | None = None
    """The number."""


@frozen(kw_only=True)
class SingleSelectRatedProficiency(RatedProficiency):
    """One of several levels."""

    type: Literal["SINGLE_SELECT"] = "SINGLE_SELECT"
    """The tag of this kind of scale."""
    options: NullableList[ProficiencyLevel] = ()
    """The levels of the scale."""
    selected_option_id: str | None = None
    """The id of the level that was chosen, one of `options`."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "options")


@frozen(kw_only=True)
class UnknownRatedProficiency(RatedProficiency):
    """A proficiency on a scale of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


RatedProficiency.discriminated_by(
    "type",
    {"NUMERIC": NumericRatedProficiency, "SINGLE_SELECT": SingleSelectRatedProficiency},
    unknown=UnknownRatedProficiency,
)


@frozen(kw_only=True)
class SkillProficiencyRating(SyncedRecord):
    """How well a person has a skill, according to one source: there may be several for the same person and skill.

    See https://docs.kombo.dev/hris/v1/get-skill-proficiency-ratings
    """

    id: str
    """Kombo's id, unique among skill proficiency ratings."""
    remote_id: str | None = None
    """The tool's own id."""
    employee_id: str | None = None
    """The Kombo id of the person."""
    skill_id: str | None = None
    """The Kombo id of the skill."""
    proficiency: RatedProficiency | None = None
    """How well, or null where the person has the skill without a rating; `match` on its class."""
    rating_source: SkillRatingSource | None = None
    """Who rated."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""


# --- Skills to create, and what became of them ----------------------------------------------------------------


class SkillStatus(OpenEnum):
    """Whether a skill can be used."""

    ACTIVE = "ACTIVE"
    """It can be given to people."""
    INACTIVE = "INACTIVE"
    """It is archived, or switched off, where the tool knows that."""


SkillStatusOrStr = EnumOrStr[SkillStatus, Literal["ACTIVE", "INACTIVE"]]
"""A member of `SkillStatus`, or its string."""


@frozen(kw_only=True)
class UpsertedSkill:
    """The skill that was created or changed."""

    id: str
    """Kombo's id, unique among the skills of HR systems."""


class SkillResult(Variant):
    """What became of one item: `SucceededSkill`, `FailedSkill`, or something newer."""

    __slots__ = ()


@frozen(kw_only=True)
class SucceededSkill(SkillResult):
    """The skill is in the catalog."""

    origin_id: str
    """Your id, as in the item."""
    status: Literal["SUCCEEDED"] = "SUCCEEDED"
    """The tag of this result."""
    data: UpsertedSkill
    """What it is at Kombo."""


@frozen(kw_only=True)
class FailedSkill(FailedItem, SkillResult):
    """The skill was not created or changed; the others of the task may have been."""


@frozen(kw_only=True)
class UnknownSkillResult(SkillResult):
    """A result of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


SkillResult.discriminated_by("status", {"SUCCEEDED": SucceededSkill, "FAILED": FailedSkill}, unknown=UnknownSkillResult)


class SkillsTaskState(Variant):
    """The state of a task of `create_skills`: pending, completed, failed, or something newer."""

    __slots__ = ()


@frozen(kw_only=True)
class PendingSkillsTask(PendingTask, SkillsTaskState):
    """Kombo is still working on the items."""


@frozen(kw_only=True)
class CompletedSkillsTask(SkillsTaskState):
    """All items were processed. Each of them may have failed all the same: look at `failed`."""

    task_id: str
    """The id of the task."""
    created_at: Timestamp
    """When it was created."""
    status: Literal["COMPLETED"] = "COMPLETED"
    """The tag of this state."""
    data: NullableList[SkillResult] = ()
    """What became of each item."""
    completed_at: Timestamp
    """When it ended."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "data")

    @property
    def succeeded(self) -> tuple[SucceededSkill, ...]:
        """The items that are in the catalog now."""
        return tuple(item for item in self.data if isinstance(item, SucceededSkill))

    @property
    def failed(self) -> tuple[FailedSkill, ...]:
        """The items that are not, each with its error."""
        return tuple(item for item in self.data if isinstance(item, FailedSkill))


@frozen(kw_only=True)
class FailedSkillsTask(FailedTask, SkillsTaskState):
    """Kombo could not work on the items at all."""


@frozen(kw_only=True)
class UnknownSkillsTask(SkillsTaskState):
    """A task in a state that this version does not know."""

    raw: Any
    """What Kombo sent."""


SkillsTaskState.discriminated_by(
    "status",
    {"PENDING": PendingSkillsTask, "COMPLETED": CompletedSkillsTask, "FAILED": FailedSkillsTask},
    unknown=UnknownSkillsTask,
)
