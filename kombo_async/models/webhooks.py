"""The events of webhooks. `kombo_async.webhooks` verifies a delivery and reads it into one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from attrs import field

from .ai_apply import AiApplyApplication, AiApplyPosting
from .assessment import AssessmentOrder
from .base import NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from .general import EndUser, IntegrationCategory, IntegrationStatus, SetupStatus


class Event(Variant):
    """One thing that happened; `match` on its classes, such as `case DataChangedEvent(data=data):`.

    A type that this version does not know is an `UnknownEvent`, and so is an event with a value that its class cannot
    hold.
    """

    __slots__ = ()

    id: str
    """The id of this event. Store it to detect duplicates: Kombo may repeat a failed delivery."""
    type: Any
    """Kombo's name of what happened, a text such as `data-changed`."""
    data: Any
    """The details; each class has its own."""

    @property
    def integration_id(self) -> str | None:
        """The integration of the event, under whichever key; None if there is none."""
        integration_id: object = getattr(self.data, "integration_id", None)
        return integration_id if isinstance(integration_id, str) else None

    @classmethod
    def unknown(cls, raw: object) -> UnknownEvent:
        """Return the event for a delivery of an unknown type."""
        identity, kind = _key(raw, "id"), _key(raw, "type")
        if type(identity) is int:
            identity = str(identity)
        return UnknownEvent(
            id=identity if isinstance(identity, str) else "",
            type=kind if isinstance(kind, str) else "",
            data=_key(raw, "data"),
            raw=raw,
        )


def _key(raw: object, name: str) -> object:
    return cast("Mapping[str, object]", raw).get(name) if isinstance(raw, Mapping) else None


class ChangedModelName(OpenEnum):
    """Which records changed, or which links between records, and what reads them.

    Pass the time of your last fetch as `updated_after`.
    """

    HRIS_EMPLOYEES = "hris_employees"
    """People: `hris.iter_employees`."""
    HRIS_EMPLOYMENTS = "hris_employments"
    """Contracts and pay of people: `hris.iter_employments`."""
    HRIS_TEAMS = "hris_teams"
    """Groups, such as teams and cost centres: `hris.iter_groups`."""
    HRIS_JOIN_EMPLOYEES_TEAMS = "hris_join_employees_teams"
    """Who belongs to which group: `hris.iter_employees`."""
    HRIS_LEGAL_ENTITIES = "hris_legal_entities"
    """Companies that employ people: `hris.iter_legal_entities`."""
    HRIS_LOCATIONS = "hris_locations"
    """Places of work: `hris.iter_locations`."""
    HRIS_ABSENCES = "hris_absences"
    """Absences: `hris.iter_absences`."""
    HRIS_ABSENCE_TYPES = "hris_absence_types"
    """Kinds of absence: `hris.iter_absence_types`."""
    HRIS_TIME_OFF_BALANCES = "hris_time_off_balances"
    """Balances of time off: `hris.iter_time_off_balances`."""
    HRIS_TIMESHEETS = "hris_timesheets"
    """Hours worked: `hris.iter_timesheets`."""
    HRIS_EMPLOYEE_DOCUMENT_CATEGORIES = "hris_employee_document_categories"
    """Categories of documents: `hris.iter_employee_document_categories`."""
    HRIS_PERFORMANCE_REVIEWS = "hris_performance_reviews"
    """Performance reviews: `hris.iter_performance_reviews`."""
    HRIS_PERFORMANCE_REVIEW_CYCLES = "hris_performance_review_cycles"
    """Rounds of performance reviews: `hris.iter_performance_review_cycles`."""
    HRIS_STAFFING_ENTITIES = "hris_staffing_entities"
    """Positions and requisitions: `hris.iter_staffing_entities`."""
    HRIS_JOIN_STAFFING_ENTITIES_GROUPS = "hris_join_staffing_entities_groups"
    """Groups of positions: `hris.iter_staffing_entities`."""
    HRIS_JOIN_STAFFING_ENTITIES_LEGAL_ENTITIES = "hris_join_staffing_entities_legal_entities"
    """Companies of positions: `hris.iter_staffing_entities`."""
    HRIS_JOIN_STAFFING_ENTITIES_LOCATIONS = "hris_join_staffing_entities_locations"
    """Places of positions: `hris.iter_staffing_entities`."""
    HRIS_JOIN_STAFFING_ENTITIES_SKILLS = "hris_join_staffing_entities_skills"
    """Skills that positions ask for: `hris.iter_staffing_entities`."""
    HRIS_SKILLS = "hris_skills"
    """Skills: `hris.get_skills`."""
    HRIS_SKILL_PROFICIENCY_SCALES = "hris_skill_proficiency_scales"
    """Scales on which skills are rated: `hris.get_skills`."""
    HRIS_SKILL_RATING_PROVIDERS = "hris_skill_rating_providers"
    """Where ratings of skills come from: `hris.get_employee_skill_assignments`."""
    HRIS_EMPLOYEE_SKILL_PROFICIENCY_RATINGS = "hris_employee_skill_proficiency_ratings"
    """How well people have skills: `hris.get_employee_skill_assignments`."""
    HRIS_PAY_RUNS = "hris_pay_runs"
    """Pay runs: `hris.iter_pay_runs`."""
    HRIS_PAYSLIPS = "hris_payslips"
    """Payslips: `hris.iter_payslips`."""
    HRIS_PAYSLIP_LINE_ITEMS = "hris_payslip_line_items"
    """Lines of payslips: `hris.iter_payslips`."""
    HRIS_SALARY_TYPES = "hris_salary_types"
    """Kinds of pay, as lines of payslips name them: `hris.iter_payslips`."""
    ATS_CANDIDATES = "ats_candidates"
    """Candidates: `ats.iter_candidates`."""
    ATS_JOIN_CANDIDATES_TAGS = "ats_join_candidates_tags"
    """Tags of candidates: `ats.iter_candidates`."""
    ATS_TAGS = "ats_tags"
    """Tags: `ats.iter_tags`."""
    ATS_APPLICATIONS = "ats_applications"
    """Applications: `ats.iter_applications`."""
    ATS_APPLICATION_STAGES = "ats_application_stages"
    """Stages of applications: `ats.iter_application_stages`."""
    ATS_REJECTION_REASONS = "ats_rejection_reasons"
    """Reasons to reject: `ats.iter_rejection_reasons`."""
    ATS_INTERVIEWS = "ats_interviews"
    """Interviews: `ats.iter_interviews`."""
    ATS_JOIN_INTERVIEWS_USERS = "ats_join_interviews_users"
    """Who interviews: `ats.iter_interviews`."""
    ATS_OFFERS = "ats_offers"
    """Offers: `ats.iter_offers`."""
    ATS_ATTACHMENTS = "ats_attachments"
    """Files of candidates and applications: `ats.iter_attachments`."""
    ATS_NOTES = "ats_notes"
    """Notes: `ats.iter_notes`."""
    ATS_SCORECARDS = "ats_scorecards"
    """Ratings after interviews: `ats.iter_scorecards`."""
    ATS_JOBS = "ats_jobs"
    """Jobs: `ats.iter_jobs`."""
    ATS_JOB_POSTINGS = "ats_job_postings"
    """Advertisements of jobs: `ats.iter_jobs`."""
    ATS_SCREENING_QUESTIONS = "ats_screening_questions"
    """Questions to candidates: `ats.iter_jobs`."""
    ATS_JOIN_JOBS_SCREENING_QUESTIONS = "ats_join_jobs_screening_questions"
    """Which jobs ask which questions: `ats.iter_jobs`."""
    ATS_JOIN_JOBS_APPLICATION_STAGES = "ats_join_jobs_application_stages"
    """Which jobs have which stages: `ats.iter_jobs`."""
    ATS_JOIN_JOBS_USERS = "ats_join_jobs_users"
    """Hiring teams: `ats.iter_jobs`."""
    ATS_JOIN_USER_JOB_ROLE_ASSIGNMENTS = "ats_join_user_job_role_assignments"
    """Roles within hiring teams: `ats.iter_jobs`."""
    ATS_USERS = "ats_users"
    """People who recruit: `ats.iter_users`."""
    ATS_ROLES = "ats_roles"
    """Roles of people who recruit: `ats.iter_roles`."""
    ATS_JOIN_USERS_ROLES = "ats_join_users_roles"
    """Who has which role: `ats.iter_users`."""
    LMS_USERS = "lms_users"
    """Learners: `lms.iter_users`."""
    LMS_COURSES = "lms_courses"
    """Courses: `lms.iter_courses`."""
    LMS_COURSE_REVISIONS = "lms_course_revisions"
    """Versions of courses: `lms.iter_courses`."""
    LMS_COURSE_PROVIDERS = "lms_course_providers"
    """Who offers courses: `lms.iter_courses`."""
    LMS_JOIN_REVISIONS_SKILLS = "lms_join_revisions_skills"
    """Skills that courses teach: `lms.iter_courses`."""
    LMS_SKILLS = "lms_skills"
    """Skills: `lms.iter_skills`."""
    LMS_COURSE_PROGRESSIONS = "lms_course_progressions"
    """How far learners are: `lms.iter_course_progressions`."""


class IntegrationQAStatus(OpenEnum):
    """The result of Kombo's check of a new integration."""

    PENDING = "PENDING"
    """Not checked yet."""
    FAILED = "FAILED"
    """Reads fail with `IntegrationQAFailedError`; look into the dashboard."""
    PASSED = "PASSED"
    """Good to use."""


class SyncState(OpenEnum):
    """How a sync ended."""

    SUCCEEDED = "SUCCEEDED"
    """All was read."""
    PARTIALLY_FAILED = "PARTIALLY_FAILED"
    """Some models were read, others not."""
    FAILED = "FAILED"
    """The data is as it was before."""
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    """The tool refused the credentials."""
    CANCELLED = "CANCELLED"
    """Somebody stopped it, or switched the integration off."""
    TIMED_OUT = "TIMED_OUT"
    """It took longer than Kombo lets a sync take."""


class IssueChange(OpenEnum):
    """What happened to an issue."""

    RAISED = "raised"
    """It was found."""
    RESOLVED = "resolved"
    """It was resolved."""


class IssueStatus(OpenEnum):
    """Whether an issue still exists."""

    OPEN = "OPEN"
    """Somebody has to act."""
    RESOLVED = "RESOLVED"
    """Nobody has to."""


class IssueType(OpenEnum):
    """What kind of issue it is; Kombo means to add kinds."""

    AUTHENTICATION_FAILED = "integration.authentication_failed"
    """The tool refuses the credentials: the customer must reconnect (`create_reconnection_link`)."""
    ACTION_FAILING = "integration.action_failing"
    """Something you write keeps failing."""


@frozen(kw_only=True)
class ChangedModel:
    """A model of which records were added, removed or changed."""

    name: ChangedModelName
    """Which one; its description names the list to read."""


@frozen(kw_only=True)
class DataChange:
    """Where to look for what is new."""

    integration_id: str
    """Whose data it is."""
    integration_tool: str
    """The id of the tool, such as `personio`."""
    integration_category: IntegrationCategory
    """The family of endpoints to read from."""
    changed_models: NullableList[ChangedModel] = ()
    """What changed; the records themselves are in the lists."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "changed_models")


@frozen(kw_only=True)
class NamedIntegration:
    """An integration, as far as an event names it. `get_integration` says more, unless it was deleted."""

    id: str
    """What other events and all methods call the integration id."""
    tool: str
    """The id of the tool, such as `personio`."""
    category: IntegrationCategory
    """Which family of endpoints it answers."""
    end_user: EndUser
    """Whose it is: `origin_id` is your own id for this customer."""


@frozen(kw_only=True)
class DeletedIntegration(NamedIntegration):
    """An integration that was deleted, with all its data."""

    deleted_at: Timestamp
    """Since when every call for it is an `IntegrationNotFoundError`."""


@frozen(kw_only=True)
class IntegrationStateChange:
    """The state of an integration, after a change of any part of it."""

    integration_id: str
    """Which one."""
    integration_tool: str
    """The id of the tool, such as `personio`."""
    integration_category: IntegrationCategory
    """Which family of endpoints it answers."""
    end_user: EndUser
    """Whose it is."""
    qa_status: IntegrationQAStatus
    """Whether Kombo checked it."""
    setup_status: SetupStatus | None = None
    """The customer's progress in the setup; older deliveries do not have it."""
    state: IntegrationStatus
    """What `get_integration` calls `status`: on `INVALID`, ask the customer to reconnect."""
    updated_at: Timestamp
    """When it changed. Take the latest where two events are about one integration: their order is not promised."""


@frozen(kw_only=True)
class FailedConnectionFlow:
    """A customer did not get through the pages that connect a tool, so there is no integration yet."""

    integration_tool: str
    """The id of the tool they tried."""
    integration_category: IntegrationCategory
    """Its kind."""
    end_user: EndUser
    """Who tried. They may try again and succeed."""
    log_url: str
    """What went wrong, in the Kombo dashboard."""


@frozen(kw_only=True)
class ReceivedAssessmentOrder(AssessmentOrder):
    """An order that a customer's recruiting system placed with you, and where to send its result."""

    integration_id: str
    """The integration to answer with `assessment.update_order_result`."""


@frozen(kw_only=True)
class FinishedSync:
    """One run that read from the connected tool."""

    sync_id: str
    """The id that `trigger_sync` returned, if you asked for this one."""
    sync_state: SyncState
    """How it ended."""
    sync_started_at: Timestamp
    """When it began."""
    sync_ended_at: Timestamp
    """When its data was there."""
    sync_duration_seconds: int
    """From begin to end."""
    integration_id: str
    """Whose data it is."""
    integration_tool: str
    """The id of the tool, such as `personio`."""
    integration_category: IntegrationCategory
    """Which family of endpoints it answers."""
    end_user: EndUser | None = None
    """Whose integration it is; older deliveries did not say."""
    log_url: str
    """The run in the Kombo dashboard."""


@frozen(kw_only=True)
class Issue:
    """A problem of an integration that needs attention."""

    id: str
    """Stays the same from `raised` to `resolved`."""
    type: IssueType
    """What kind it is."""
    title: str
    """A heading that you may show to your customer."""
    status: IssueStatus
    """Whether it still exists."""
    markdown_message: str
    """What is wrong and what to do about it, as Markdown."""
    first_observed_at: Timestamp
    """When this episode of it began."""
    resolved_at: Timestamp | None = None
    """When it ended; null while it is open."""


@frozen(kw_only=True)
class IssueStatusChange:
    """An issue that was found or resolved."""

    change: IssueChange
    """Which of the two."""
    issue: Issue
    """The issue, as it is now."""
    integration: NamedIntegration | None = None
    """Where it is; null if it concerns your whole environment."""


@frozen(kw_only=True)
class DataChangedEvent(Event):
    """Records changed, by a sync or by a webhook of the tool. Read those of `data.changed_models` that you keep.

    It can get lost like any webhook: read all once a week or so even without one.
    """

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["data-changed"] = "data-changed"
    """Always this."""
    data: DataChange
    """Where to look."""


@frozen(kw_only=True)
class IntegrationCreatedEvent(Event):
    """A customer connected a tool. Reads answer once the first sync is through: wait for `DataChangedEvent`."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["integration-created"] = "integration-created"
    """Always this."""
    data: NamedIntegration
    """The new integration: store `data.id` with `data.end_user.origin_id`."""

    @property
    def integration_id(self) -> str:
        """The integration of the event, which is `data.id` here and not `data.integration_id`."""
        return self.data.id


@frozen(kw_only=True)
class IntegrationDeletedEvent(Event):
    """An integration was deleted, by you, your customer or Kombo. Nothing brings it back."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["integration-deleted"] = "integration-deleted"
    """Always this."""
    data: DeletedIntegration
    """What there was."""

    @property
    def integration_id(self) -> str:
        """The integration of the event, which is `data.id` here and not `data.integration_id`."""
        return self.data.id


@frozen(kw_only=True)
class IntegrationStateChangedEvent(Event):
    """An integration was switched on or off, lost its credentials, or made progress in its setup."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["integration-state-changed"] = "integration-state-changed"
    """Always this."""
    data: IntegrationStateChange
    """How it is now."""


@frozen(kw_only=True)
class ConnectionFlowFailedEvent(Event):
    """A customer had trouble connecting a tool. Good for statistics or a helping hand; it may yet succeed."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["connection-flow-failed"] = "connection-flow-failed"
    """Always this."""
    data: FailedConnectionFlow
    """Who tried what."""


@frozen(kw_only=True)
class AssessmentOrderReceivedEvent(Event):
    """A recruiter ordered an assessment or a background check from you."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["assessment:order-received"] = "assessment:order-received"
    """Always this."""
    data: ReceivedAssessmentOrder
    """What to do, for whom."""


@frozen(kw_only=True)
class InlineAssessmentOrderReceivedEvent(Event):
    """A candidate opens your assessment while applying, and waits for it."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["inline-assessment:order-received"] = "inline-assessment:order-received"
    """Always this."""
    data: ReceivedAssessmentOrder
    """What to do, for whom."""


@frozen(kw_only=True)
class AiApplyApplicationStatusUpdatedEvent(Event):
    """An application was submitted, or could not be. There is no event while it is `PENDING`."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["ai-apply-application-status-updated"] = "ai-apply-application-status-updated"
    """Always this."""
    data: AiApplyApplication
    """The application, as it is now."""


@frozen(kw_only=True)
class AiApplyJobPostingStatusUpdatedEvent(Event):
    """A job posting was parsed, or is no longer online. There is no event while it is `PENDING`."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["ai-apply-job-posting-status-updated"] = "ai-apply-job-posting-status-updated"
    """Always this."""
    data: AiApplyPosting
    """The posting, as it is now: apply only to `APPLYABLE` ones."""


@frozen(kw_only=True)
class SyncFinishedEvent(Event):
    """A sync ended, whether it changed anything or not. Kombo has deprecated it: use `DataChangedEvent`."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["sync-finished"] = "sync-finished"
    """Always this."""
    data: FinishedSync
    """How the sync went."""


@frozen(kw_only=True)
class IssueStatusChangedEvent(Event):
    """Something needs attention, or no longer does."""

    id: str
    """The id of this event, by which duplicates are detected."""
    type: Literal["issue-status-changed"] = "issue-status-changed"
    """Always this."""
    data: IssueStatusChange
    """The issue, and where it is."""

    @property
    def integration_id(self) -> str | None:
        """The integration it is about; None if it concerns your whole environment."""
        return self.data.integration.id if self.data.integration is not None else None


@frozen(kw_only=True)
class UnknownEvent(Event):
    """An event of a type that this version does not know, or with a value that the class of its type cannot hold.

    Answer with success: Kombo adds types without notice, and would deliver the same odd value again.
    """

    id: str
    """The id of this event, by which duplicates are detected."""
    type: str
    """Kombo's name of what happened."""
    data: Any = field(default=None, repr=hidden)
    """What arrived under `data`, as plain JSON; without what is not valid JSON in it."""
    raw: Any = field(default=None, repr=hidden)
    """The whole delivery, as plain JSON; the bytes, if it is not valid JSON."""
    problems: tuple[str, ...] = field(default=(), repr=False)
    """What the class of its type could not hold, by place, without values; empty for a type that is not known."""

    @property
    def integration_id(self) -> str | None:
        """The integration of the event, under whichever key the known types have it; None if it is not found."""
        owner = self.data if self.type in {"integration-created", "integration-deleted"} else None
        for value in (
            _key(self.data, "integration_id"),
            _key(owner, "id"),
            _key(_key(self.data, "integration"), "id"),
        ):
            if isinstance(value, str):
                return value
        return None


Event.discriminated_by(
    "type",
    {
        "data-changed": DataChangedEvent,
        "integration-created": IntegrationCreatedEvent,
        "integration-deleted": IntegrationDeletedEvent,
        "integration-state-changed": IntegrationStateChangedEvent,
        "connection-flow-failed": ConnectionFlowFailedEvent,
        "assessment:order-received": AssessmentOrderReceivedEvent,
        "inline-assessment:order-received": InlineAssessmentOrderReceivedEvent,
        "ai-apply-application-status-updated": AiApplyApplicationStatusUpdatedEvent,
        "ai-apply-job-posting-status-updated": AiApplyJobPostingStatusUpdatedEvent,
        "sync-finished": SyncFinishedEvent,
        "issue-status-changed": IssueStatusChangedEvent,
    },
    unknown=UnknownEvent,
)
