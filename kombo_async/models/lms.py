"""The models of the learning family: people, courses, progress and skills, as of the last sync of the connected tool.

14 days after a record disappeared there, Kombo anonymises it: all its fields but the id are null.
"""

from __future__ import annotations

from typing import Any, Literal

from attrs import field
from msgspec import UNSET, UnsetType

from .base import NullableList, OpenEnum, SequenceNotStr, Timestamp, Variant, frozen, hidden, null_to_empty
from .common import FailedItem, FailedTask, IntegrationFieldValue, PendingTask, SyncedRecord
from .common import TaskError as TaskError  # noqa: PLC0414 - also known from here


class LmsUserStatus(OpenEnum):
    """Whether a person can learn."""

    ACTIVE = "ACTIVE"
    """May sign in and take courses."""
    INACTIVE = "INACTIVE"
    """Switched off in the learning system."""


class CourseProgressionStatus(OpenEnum):
    """The progress of a person in a course."""

    ENROLLED = "ENROLLED"
    """Signed up, not begun."""
    IN_PROGRESS = "IN_PROGRESS"
    """Begun."""
    COMPLETED = "COMPLETED"
    """Finished."""
    DROPPED = "DROPPED"
    """Given up, or signed off."""


class CourseRevisionStatus(OpenEnum):
    """Whether a revision of a course is offered."""

    ACTIVE = "ACTIVE"
    """Open to learners."""
    INACTIVE = "INACTIVE"
    """No longer offered; what people achieved in it stays."""


@frozen(kw_only=True)
class LmsUser(SyncedRecord):
    """A learner.

    See https://docs.kombo.dev/lms/v1/get-users
    """

    id: str
    """Kombo's id, unique among learners only."""
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several, so no good as your key."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    work_email: str | None = None
    """The address at work: what ties a learner to an employee in your own data."""
    status: LmsUserStatus | None = None
    """Whether they can learn; check `is_known` before you branch on it."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the person in the tool; null while they are there."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    custom_fields: Any = None
    """The values of your custom fields, by `CustomField.key`; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields")


@frozen(kw_only=True)
class LmsUserSummary:
    """The learner that a record is about, in brief."""

    id: str
    """Kombo's id, unique among learners only."""
    remote_id: str | None = None
    """The tool's own id."""
    first_name: str | None = None
    """The given name."""
    last_name: str | None = None
    """The family name."""
    work_email: str | None = None
    """The address at work."""


@frozen(kw_only=True)
class CourseSummary:
    """The course of a revision, by its ids alone."""

    id: str
    """Kombo's id, unique among courses only."""
    remote_id: str | None = None
    """The tool's own id."""


@frozen(kw_only=True)
class CourseRevisionSummary:
    """The revision that a person learns, in brief."""

    id: str
    """Kombo's id, unique among revisions only."""
    remote_id: str | None = None
    """The tool's own id."""
    title: str | None = None
    """What learners see."""
    course: CourseSummary | None = None
    """The course it is a revision of."""


@frozen(kw_only=True)
class CourseProgression(SyncedRecord):
    """One learner in one revision of a course, from enrolment to completion.

    See https://docs.kombo.dev/lms/v1/get-course-progressions
    """

    id: str
    """Kombo's id, unique among progressions only; `complete_course_progression` takes it."""
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several, so no good as your key."""
    user_id: str | None = None
    """The Kombo id of `user`."""
    course_revision_id: str | None = None
    """The Kombo id of `course_revision`; not that of the course, which is `course_revision.course.id`."""
    status: CourseProgressionStatus | None = None
    """Their progress; check `is_known` before you branch on it."""
    enrolled_at: Timestamp | None = None
    """When they enrolled."""
    completed_at: Timestamp | None = None
    """When they finished; null until then, and where the tool does not say."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    user: LmsUserSummary | None = None
    """Who learns. A change of their name does not make `updated_after` match."""
    course_revision: CourseRevisionSummary | None = None
    """What they learn. A change of its title does not make `updated_after` match."""


@frozen(kw_only=True)
class LmsSkillSummary:
    """A skill that a course teaches, in brief."""

    id: str
    """Kombo's id, unique among the skills of learning systems only."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """The skill's name."""


@frozen(kw_only=True)
class CourseSkillAssignment:
    """That a revision of a course teaches a skill."""

    skill: LmsSkillSummary | None = None
    """What is taught."""


@frozen(kw_only=True)
class CourseRevision:
    """One version of a course: what people really enrol in."""

    id: str
    """Kombo's id, unique among revisions only; `create_course_progression` takes it."""
    remote_id: str | None = None
    """The tool's own id."""
    course_id: str | None = None
    """The Kombo id of the course it belongs to."""
    title: str | None = None
    """What learners see."""
    description: str | None = None
    """What it is about, in the tool's own form, which may be HTML."""
    remote_url: str | None = None
    """Its page in the learning system."""
    status: CourseRevisionStatus | None = None
    """Whether it is offered; check `is_known` before you branch on it."""
    remote_created_at: Timestamp | None = None
    """When it was created in the tool."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found it in the tool; null while it is there."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    custom_fields: Any = None
    """The values of your custom fields, by `CustomField.key`; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    skill_assignments: NullableList[CourseSkillAssignment] = ()
    """What it teaches. A change here does not make `updated_after` match."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields", "skill_assignments")


@frozen(kw_only=True)
class CourseProvider:
    """Who offers a course, such as a publisher of learning content."""

    id: str
    """Kombo's id, unique among providers only."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The provider's name."""


@frozen(kw_only=True)
class Course(SyncedRecord):
    """A course. Title, description and status are in its revisions, as each may have its own.

    See https://docs.kombo.dev/lms/v1/get-courses
    """

    id: str
    """Kombo's id, unique among courses only; `deactivate_course` takes it."""
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several, so no good as your key."""
    provider_id: str | None = None
    """The Kombo id of `provider`."""
    origin_id: str | None = None
    """Your own id, if you created the course; `create_courses` finds it again by this."""
    remote_created_at: Timestamp | None = None
    """When it was created in the tool."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found it in the tool; null while it is there."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: `updated_after` also looks at the revisions."""
    custom_fields: Any = None
    """The values of your custom fields, by `CustomField.key`; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    provider: CourseProvider | None = None
    """Who offers it. A change of its name does not make `updated_after` match."""
    revisions: NullableList[CourseRevision] = ()
    """Its versions."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields", "revisions")


@frozen(kw_only=True)
class LmsSkill(SyncedRecord):
    """Something that people can learn.

    See https://docs.kombo.dev/lms/v1/get-skills
    """

    id: str
    """Kombo's id, unique among the skills of learning systems only."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """The skill's name."""
    remote_created_at: Timestamp | None = None
    """When it was created in the tool."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found it in the tool; null while it is there."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    custom_fields: Any = None
    """The values of your custom fields, by `CustomField.key`; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields")


# --- Courses to create, and what became of them ---------------------------------------------------------------


@frozen(kw_only=True)
class ExternalCourse:
    """A course whose content stays with you: the learning system only links to it."""

    type: Literal["EXTERNAL"] = "EXTERNAL"
    """The one kind there is so far."""
    title: str
    """What learners see."""
    course_url: str
    """Where the course is: best a link that opens this very course in your product."""
    description: str | UnsetType | None = UNSET
    """What it is about."""
    thumbnail_url: str | UnsetType | None = UNSET
    """The address of a picture."""
    duration: int | UnsetType | None = UNSET
    """How long it takes, in minutes."""
    languages: SequenceNotStr[str] | UnsetType | None = UNSET
    """Language tags such as `en` or `de-AT`, the main one first: some tools take no more than that."""


@frozen(kw_only=True)
class CourseUpsert:
    """A course to create, or to change if the integration has one of this `origin_id`."""

    origin_id: str
    """Your own id of the course, which must never change: it decides whether a course is new, and names the result."""
    course: ExternalCourse
    """What the course shall be."""


@frozen(kw_only=True)
class UpsertedCourse:
    """The course that was created or changed."""

    id: str
    """Kombo's id, unique among courses only."""


class CourseResult(Variant):
    """What became of one item: `SucceededCourse`, `FailedCourse`, or something newer."""

    __slots__ = ()


@frozen(kw_only=True)
class SucceededCourse(CourseResult):
    """The course is in the learning system."""

    origin_id: str
    """Your id, as in the item."""
    status: Literal["SUCCEEDED"] = "SUCCEEDED"
    """The tag of this class."""
    data: UpsertedCourse
    """What it is at Kombo."""


@frozen(kw_only=True)
class FailedCourse(FailedItem, CourseResult):
    """The course was not created or changed; the others of the task may have been."""


@frozen(kw_only=True)
class UnknownCourseResult(CourseResult):
    """A result of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


CourseResult.discriminated_by(
    "status", {"SUCCEEDED": SucceededCourse, "FAILED": FailedCourse}, unknown=UnknownCourseResult
)


class CoursesTaskState(Variant):
    """The state of a task of `create_courses`: pending, completed, failed, or something newer."""

    __slots__ = ()


@frozen(kw_only=True)
class PendingCoursesTask(PendingTask, CoursesTaskState):
    """Kombo is still working on the items."""


@frozen(kw_only=True)
class CompletedCoursesTask(CoursesTaskState):
    """All items were worked on. Each of them may have failed all the same: look at `failed`."""

    task_id: str
    """The id of the task."""
    created_at: Timestamp
    """When it was created."""
    status: Literal["COMPLETED"] = "COMPLETED"
    """The tag of this class."""
    data: NullableList[CourseResult] = ()
    """What became of each item."""
    completed_at: Timestamp
    """When it ended."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "data")

    @property
    def succeeded(self) -> tuple[SucceededCourse, ...]:
        """The items that are in the learning system now."""
        return tuple(item for item in self.data if isinstance(item, SucceededCourse))

    @property
    def failed(self) -> tuple[FailedCourse, ...]:
        """The items that are not, each with its error."""
        return tuple(item for item in self.data if isinstance(item, FailedCourse))


@frozen(kw_only=True)
class FailedCoursesTask(FailedTask, CoursesTaskState):
    """Kombo could not work on the items at all."""


@frozen(kw_only=True)
class UnknownCoursesTask(CoursesTaskState):
    """A task in a state that this version does not know."""

    raw: Any
    """What Kombo sent."""


CoursesTaskState.discriminated_by(
    "status",
    {"PENDING": PendingCoursesTask, "COMPLETED": CompletedCoursesTask, "FAILED": FailedCoursesTask},
    unknown=UnknownCoursesTask,
)
