"""Skills and who has them. In closed beta at Kombo."""

from __future__ import annotations

from typing import Any

from attrs import field

from kombo_async.models.common import Items, Timestamp, frozen, hidden, null_to_empty


@frozen(kw_only=True)
class Skill:
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
    ordered_levels: Items[str] = ()
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
