"""Jobs: what is advertised, the stages applications go through, and what applicants are asked."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import EnumOrStr, NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from ..common import Address, IntegrationFieldValue, SyncedRecord
from .users import AtsRoleAssignment, AtsRoleType, AtsUserSummary


class JobEmploymentType(OpenEnum):
    """How someone will be employed; the tool's own word where Kombo could not map it."""

    FULL_TIME = "FULL_TIME"
    """For the usual hours."""
    PART_TIME = "PART_TIME"
    """For a part of the usual hours."""
    CONTRACT = "CONTRACT"
    """For a limited time, on a contract."""
    SEASONAL = "SEASONAL"
    """For a season."""
    INTERNSHIP = "INTERNSHIP"
    """As an intern."""


JobEmploymentTypeOrStr = EnumOrStr[
    JobEmploymentType, Literal["FULL_TIME", "PART_TIME", "CONTRACT", "SEASONAL", "INTERNSHIP"]
]
"""A member of `JobEmploymentType`, or its string."""


class JobStatus(OpenEnum):
    """The status of a job; the tool's own word if Kombo could not map it."""

    OPEN = "OPEN"
    """People are wanted for it."""
    CLOSED = "CLOSED"
    """It is filled, or no longer needed."""
    DRAFT = "DRAFT"
    """It is being prepared."""
    ARCHIVED = "ARCHIVED"
    """It was put away."""


JobStatusOrStr = EnumOrStr[JobStatus, Literal["OPEN", "CLOSED", "DRAFT", "ARCHIVED"]]
"""A member of `JobStatus`, or its string."""


class JobVisibility(OpenEnum):
    """Who gets to see a job or its posting; the tool's own word where Kombo could not map it."""

    PUBLIC = "PUBLIC"
    """Everybody; it is advertised."""
    INTERNAL = "INTERNAL"
    """The company's own employees."""
    UNLISTED = "UNLISTED"
    """Whoever knows the link, and they may apply."""
    CONFIDENTIAL = "CONFIDENTIAL"
    """Only people invited in the tool; one cannot apply. Postings never have this value."""


JobVisibilityOrStr = EnumOrStr[JobVisibility, Literal["PUBLIC", "INTERNAL", "UNLISTED", "CONFIDENTIAL"]]
"""A member of `JobVisibility`, or its string."""


class RemoteWorkStatus(OpenEnum):
    """Whether the work can be done from elsewhere; the tool's own word where Kombo could not map it."""

    REMOTE = "REMOTE"
    """From anywhere."""
    HYBRID = "HYBRID"
    """In part."""
    TEMPORARY = "TEMPORARY"
    """For a time."""
    ON_SITE = "ON_SITE"
    """Not at all."""


class SalaryPeriod(OpenEnum):
    """The time that a salary covers; the tool's own word where Kombo could not map it."""

    YEAR = "YEAR"
    """One year."""
    MONTH = "MONTH"
    """One month."""
    TWO_WEEKS = "TWO_WEEKS"
    """Two weeks."""
    WEEK = "WEEK"
    """One week."""
    DAY = "DAY"
    """One day."""
    HOUR = "HOUR"
    """One hour."""


class JobPostingStatus(OpenEnum):
    """Whether a posting is published."""

    ACTIVE = "ACTIVE"
    """Published."""
    INACTIVE = "INACTIVE"
    """Taken down."""
    DRAFT = "DRAFT"
    """Not published yet."""


class StageStatus(OpenEnum):
    """Whether a stage is still in use."""

    ACTIVE = "ACTIVE"
    """Applications can be moved to it."""
    INACTIVE = "INACTIVE"
    """Archived or hidden: applications may still be in it, but the hiring no longer goes through it."""


class QuestionCategory(OpenEnum):
    """Why a question of an application form is asked, where that matters legally."""

    EEO = "EEO"
    """For equal employment opportunity, such as veteran status."""
    DEMOGRAPHIC = "DEMOGRAPHIC"
    """For other statistics about diversity."""


class TextDisplay(OpenEnum):
    """How the tool shows an input for text."""

    SINGLE_LINE = "SINGLE_LINE"
    """One line."""
    MULTI_LINE = "MULTI_LINE"
    """Several lines."""
    EMAIL = "EMAIL"
    """For an email address."""
    URL = "URL"
    """For a web address."""


class NumberDisplay(OpenEnum):
    """How the tool shows an input for a number."""

    SLIDER = "SLIDER"
    """As a slider from `min` to `max`."""
    FIELD = "FIELD"
    """As a field to type into."""


class SelectDisplay(OpenEnum):
    """How the tool shows a choice of one option."""

    DROPDOWN = "DROPDOWN"
    """As a list that opens."""
    RADIO = "RADIO"
    """With all options in sight."""


@frozen(kw_only=True)
class StageSummary:
    """A stage of an application, in brief."""

    id: str
    """Kombo's id, unique among stages: what `move_application_to_stage` takes."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """What recruiters call the stage."""
    status: StageStatus | None = None
    """Whether the stage is still in use; null also where Kombo does not send it."""
    index: int | None = None
    """The place in the order of the job's stages; null where the tool has no order."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""


@frozen(kw_only=True)
class JobStage(StageSummary):
    """A stage that applications for this job go through."""

    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class ApplicationStage(SyncedRecord):
    """A stage of any job of the tool. Prefer `Job.stages`: most tools have separate stages for each job.

    See https://docs.kombo.dev/ats/v1/get-application-stages
    """

    id: str
    """Kombo's id, unique among stages."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    name: str | None = None
    """What recruiters call the stage."""
    status: StageStatus | None = None
    """Whether the stage is still in use; null also where Kombo does not send it."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


class QuestionFormat(Variant):
    """What kind of answer a question of an application form takes: `match` on the classes."""

    __slots__ = ()


@frozen(kw_only=True)
class QuestionOption:
    """One of the answers to choose from."""

    id: str | None = None
    """Kombo's id: what an answer to the question names."""
    remote_id: str | None = None
    """The tool's own id; null where the tool goes by the name."""
    name: str | None = None
    """The option as applicants read it."""


@frozen(kw_only=True)
class TextFormat(QuestionFormat):
    """Answered with a text."""

    type: Literal["TEXT"] = "TEXT"
    """The tag of this variant."""
    display_type: TextDisplay | None = None
    """How to show it; one line is a good guess where the tool does not say."""
    max_length: int | None = None
    """The most characters; null where no limit is known."""


@frozen(kw_only=True)
class NumberFormat(QuestionFormat):
    """Answered with a number."""

    type: Literal["NUMBER"] = "NUMBER"
    """The tag of this variant."""
    display_type: NumberDisplay | None = None
    """How to show it; a field where the tool does not say."""
    min: float | None = None
    """The smallest answer; null if there is no limit."""
    max: float | None = None
    """The largest answer; null if there is no limit."""


@frozen(kw_only=True)
class FileFormat(QuestionFormat):
    """Answered with a file."""

    type: Literal["FILE"] = "FILE"
    """The tag of this variant."""
    accepted_mime_types: NullableList[str] = ()
    """The kinds of file it takes, such as `application/pdf`; empty where the tool does not say."""
    max_file_size_bytes: int | None = None
    """The largest file; null where no limit is known."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "accepted_mime_types")


@frozen(kw_only=True)
class SingleSelectFormat(QuestionFormat):
    """Answered with one of several options."""

    type: Literal["SINGLE_SELECT"] = "SINGLE_SELECT"
    """The tag of this variant."""
    display_type: SelectDisplay | None = None
    """How to show it; null where the tool does not say."""
    options: NullableList[QuestionOption] = ()
    """What there is to choose from; an answer is the `id` of one."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "options")


@frozen(kw_only=True)
class MultiSelectFormat(QuestionFormat):
    """Answered with any of several options."""

    type: Literal["MULTI_SELECT"] = "MULTI_SELECT"
    """The tag of this variant."""
    options: NullableList[QuestionOption] = ()
    """What there is to choose from; an answer is a list of their `id`s."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "options")


@frozen(kw_only=True)
class BooleanFormat(QuestionFormat):
    """Answered with yes or no."""

    type: Literal["BOOLEAN"] = "BOOLEAN"
    """The tag of this variant."""


@frozen(kw_only=True)
class DateFormat(QuestionFormat):
    """Answered with a date."""

    type: Literal["DATE"] = "DATE"
    """The tag of this variant."""


@frozen(kw_only=True)
class InformationFormat(QuestionFormat):
    """No question but a text to read: there is nothing to answer."""

    type: Literal["INFORMATION"] = "INFORMATION"
    """The tag of this variant."""


@frozen(kw_only=True)
class UnmappedFormat(QuestionFormat):
    """A question of a kind that Kombo itself has not mapped yet; later it may come as one of the others."""

    type: Literal["UNKNOWN"] = "UNKNOWN"
    """The tag of this variant."""
    raw_question: Any = None
    """The question as the tool gives it: any JSON."""


@frozen(kw_only=True)
class UnknownQuestionFormat(QuestionFormat):
    """A kind of question that Kombo has added since this version of the library."""

    raw: Any
    """The whole format as Kombo sent it, with its `type`."""


QuestionFormat.discriminated_by(
    "type",
    {
        "TEXT": TextFormat,
        "NUMBER": NumberFormat,
        "FILE": FileFormat,
        "SINGLE_SELECT": SingleSelectFormat,
        "BOOLEAN": BooleanFormat,
        "DATE": DateFormat,
        "MULTI_SELECT": MultiSelectFormat,
        "INFORMATION": InformationFormat,
        "UNKNOWN": UnmappedFormat,
    },
    unknown=UnknownQuestionFormat,
)


@frozen(kw_only=True)
class ScreeningQuestion:
    """A question that applicants for a job are asked."""

    id: str
    """Kombo's id, unique among questions: what an answer in `create_application` names."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    title: str | None = None
    """The question itself."""
    description: str | None = None
    """More explanation, perhaps long and with HTML in it."""
    format: QuestionFormat | None = None
    """What kind of answer it takes."""
    category: QuestionCategory | None = None
    """Set for questions about equal opportunity and diversity, else null."""
    index: int | None = None
    """The place in the order of the questions."""
    required: bool | None = None
    """Whether it must be answered; null where the tool does not say."""
    precondition_question_id: str | None = None
    """The Kombo id of another question: ask this one only if that was answered in a certain way."""
    precondition_options: NullableList[str | bool] = ()
    """The answers to that question for which to ask: Kombo ids of its options, or true or false."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "precondition_options")


@frozen(kw_only=True)
class JobPosting:
    """An advertisement of a job; a job may have several, such as one for each language."""

    id: str
    """Kombo's id, unique among postings. Nobody applies to a posting: applications name the job."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    title: str | None = None
    """The headline."""
    description_html: str | None = None
    """The text, as HTML: clean it before you show it."""
    status: JobPostingStatus | None = None
    """Whether it is published."""
    visibility: JobVisibility | None = None
    """Who gets to see it."""
    url: str | None = None
    """Its public page at the tool."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""


@frozen(kw_only=True)
class HiringTeamMember(AtsUserSummary):
    """A user of the tool who works on a job, and so may see it and its applications."""

    hiring_team_roles: NullableList[AtsRoleType] = ()
    """The older and shorter form of `job_roles`, which is to be preferred."""
    job_roles: NullableList[AtsRoleAssignment] = ()
    """Their roles for this job; those for the whole tool are in `AtsUser.system_roles`."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "hiring_team_roles", "job_roles")


@frozen(kw_only=True)
class JobSummary:
    """A job, in brief; `iter_jobs(ids=[…])` gives the whole record."""

    id: str
    """Kombo's id, unique among jobs."""
    remote_id: str | None = None
    """The tool's own id; sometimes composed by Kombo from several."""
    name: str | None = None
    """The title of the job."""


@frozen(kw_only=True)
class JobDetails(JobSummary):
    """What a job says of itself, without the records that belong to it."""

    job_code: str | None = None
    """The number people use for the job, in some tools that of the requisition."""
    description: str | None = None
    """The text, mostly HTML: clean it before you show it."""
    confidential: bool | None = None
    """The older and coarser form of `visibility`, which is to be preferred."""
    weekly_hours: float | None = None
    """Hours of work a week."""
    employment_type: JobEmploymentType | None = None
    """How someone will be employed; check `is_known` before you branch on it."""
    status: JobStatus | None = None
    """The status of the job; check `is_known` before you branch on it."""
    visibility: JobVisibility | None = None
    """Who gets to see the job; check `is_known` before you branch on it."""
    category: str | None = None
    """The tool's own word for the field of work, such as "Nursing"."""
    department: str | None = None
    """The tool's own word for the department or team."""
    post_url: str | None = None
    """The job's public page at the tool, where people apply."""
    experience_level: str | None = None
    """The tool's own word for the experience asked for."""
    remote_work_status: RemoteWorkStatus | None = None
    """Whether the work can be done from elsewhere; check `is_known` before you branch on it."""
    salary_amount: float | None = None
    """The pay for each `salary_period`, in `salary_currency`, where it is one amount."""
    salary_amount_from: float | None = None
    """The lower end, where the pay is a range."""
    salary_amount_to: float | None = None
    """The upper end, where the pay is a range."""
    salary_currency: str | None = None
    """Usually an ISO 4217 code, such as `EUR`."""
    salary_period: SalaryPeriod | None = None
    """The time that the amounts cover, not how often they are paid out."""
    location: Address | None = None
    """Where the work is done."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    remote_url: str | None = None
    """The job's page inside the tool."""
    opened_at: Timestamp | None = None
    """Since when people are wanted."""
    closed_at: Timestamp | None = None
    """When the job closed or will close: in the future, it is open until then. Decide by `status`."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    contact_id: str | None = None
    """The Kombo id of one user; prefer `hiring_team`."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: records nested in it do not count."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the job in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    screening_questions: NullableList[ScreeningQuestion] = ()
    """What applicants are asked; answers go into `create_application`."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "screening_questions")


@frozen(kw_only=True)
class Job(JobDetails, SyncedRecord):
    """A job that a company hires for.

    Whether it can be advertised takes both `status` and `visibility`: an open job may be for employees only.
    See https://docs.kombo.dev/ats/v1/get-jobs
    """

    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    stages: NullableList[JobStage] = ()
    """The stages of applications for this job."""
    job_postings: NullableList[JobPosting] = ()
    """The advertisements of the job."""
    hiring_team: NullableList[HiringTeamMember] = ()
    """Who works on the job."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields", "stages", "screening_questions", "job_postings", "hiring_team")
