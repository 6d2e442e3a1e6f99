"""The models of AI Apply, by which Kombo applies for jobs on career sites that no integration leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal

from attrs import field
from msgspec import UNSET, UnsetType

from .ats.jobs import JobDetails
from .base import NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty, utc
from .common import File


class PostingAvailability(OpenEnum):
    """Whether one can apply to a posting."""

    APPLYABLE = "APPLYABLE"
    """Kombo knows its form: `inquire`, then `apply`."""
    PENDING = "PENDING"
    """Kombo has not read the page yet."""
    ARCHIVED = "ARCHIVED"
    """Put away: see `archived_reason`."""
    UNAVAILABLE = "UNAVAILABLE"
    """Kombo cannot apply there."""


class PostingArchivedReason(OpenEnum):
    """Why a posting was put away."""

    JOB_POSTING_TAKEN_OFFLINE = "JOB_POSTING_TAKEN_OFFLINE"
    """The page is no longer on the career site."""
    MANUAL_ARCHIVE = "MANUAL_ARCHIVE"
    """Somebody did it."""
    REMOVED_FROM_JOB_FEED = "REMOVED_FROM_JOB_FEED"
    """The last `import_job_feed` did not have it any more."""


class AiApplyApplicationStatus(OpenEnum):
    """The status of an application."""

    PENDING = "PENDING"
    """In Kombo's queue, or being filled in."""
    SUBMITTED = "SUBMITTED"
    """Handed in on the career site."""
    DUPLICATE = "DUPLICATE"
    """The career site has one of this candidate already."""
    FAILED = "FAILED"
    """It could not be handed in."""


class FormQuestionType(OpenEnum):
    """What an answer has to be."""

    TEXT = "TEXT"
    """A text."""
    NUMBER = "NUMBER"
    """A number."""
    BOOLEAN = "BOOLEAN"
    """True or false."""
    FILE = "FILE"
    """A `File` with its `data`."""
    DATE = "DATE"
    """A date."""
    SINGLE_SELECT = "SINGLE_SELECT"
    """The id of one of the `options`."""
    MULTI_SELECT = "MULTI_SELECT"
    """A list of ids of `options`."""


class FormQuestionCategory(OpenEnum):
    """Questions that the law treats apart."""

    EEO = "EEO"
    """About equal employment opportunity, in the USA: the answer is always free, and no criterion."""


class FormQuestionKey(OpenEnum):
    """What a question means on every career site, by which you can answer it from what you already know."""

    EMAIL = "EMAIL"
    """The candidate's address for mails."""
    FIRST_NAME = "FIRST_NAME"
    """The given name."""
    LAST_NAME = "LAST_NAME"
    """The family name."""
    FULL_NAME = "FULL_NAME"
    """The whole name in one field."""
    GENDER = "GENDER"
    """The gender."""
    BIRTH_DATE = "BIRTH_DATE"
    """The birthday."""
    RESUME = "RESUME"
    """The CV, as a file."""
    EXPECTED_START_DATE = "EXPECTED_START_DATE"
    """When the candidate can begin."""
    RESIDENCE_TYPE = "RESIDENCE_TYPE"
    """What kind of address follows, such as at home."""
    RESIDENCE_FULL_STRING = "RESIDENCE_FULL_STRING"
    """The whole postal address in one field."""
    RESIDENCE_COUNTRY = "RESIDENCE_COUNTRY"
    """The country of the address."""
    RESIDENCE_STATE = "RESIDENCE_STATE"
    """The state or province of the address."""
    RESIDENCE_CITY = "RESIDENCE_CITY"
    """The town of the address."""
    RESIDENCE_ZIP_CODE = "RESIDENCE_ZIP_CODE"
    """The postal code of the address."""
    RESIDENCE_LINE_1 = "RESIDENCE_LINE_1"
    """Street and house number."""
    RESIDENCE_LINE_2 = "RESIDENCE_LINE_2"
    """The second line of the address."""
    PHONE_NUMBER_TYPE = "PHONE_NUMBER_TYPE"
    """Whether the number is that of a mobile."""
    FULL_PHONE_NUMBER = "FULL_PHONE_NUMBER"
    """The whole phone number in one field."""
    PHONE_COUNTRY_CODE = "PHONE_COUNTRY_CODE"
    """The beginning of the phone number, such as +43."""
    PHONE_NATIONAL_NUMBER = "PHONE_NATIONAL_NUMBER"
    """The phone number without that beginning."""
    PHONE_EXTENSION = "PHONE_EXTENSION"
    """The extension of the phone number."""
    TERMS_AND_CONDITIONS = "TERMS_AND_CONDITIONS"
    """Whether the candidate agrees to the terms."""
    APPLICANT_POOL_CONSENT = "APPLICANT_POOL_CONSENT"
    """Whether the candidate may be considered for other jobs."""


# --- Career sites and their postings --------------------------------------------------------------------------


@frozen(kw_only=True)
class CareerSite:
    """A group of postings, usually of one employer.

    See https://docs.kombo.dev/ai-apply/v1/get-career-sites
    """

    id: str
    """Kombo's id, unique among career sites only; `create_posting` takes it."""
    label: str
    """The name you gave it, which `JobFeedPosting.career_site_label` finds it by."""


@frozen(kw_only=True)
class AiApplyPosting:
    """A page with a job, which Kombo reads and applies on.

    See https://docs.kombo.dev/ai-apply/v1/get-postings
    """

    id: str
    """Kombo's id, unique among these postings only; `inquire` takes it."""
    career_site: CareerSite
    """The group it belongs to."""
    url: str
    """The page."""
    job_code: str | None = None
    """Your own code of the job, if you gave one."""
    created_at: Timestamp
    """When Kombo got it."""
    updated_at: Timestamp
    """When it last changed at Kombo."""
    archived_at: Timestamp | None = None
    """When it was put away; null while it counts."""
    archived_reason: PostingArchivedReason | None = None
    """Why it was put away."""
    availability: PostingAvailability
    """Whether one can apply; check `is_known` before you branch on it."""


@frozen(kw_only=True)
class PostingLocation:
    """Where the job is, which Kombo may not see from the page."""

    country: str
    """An ISO 3166-1 alpha-2 code in upper case, such as `AT`."""
    postal_code: str | UnsetType = UNSET
    """The postal code, as text: leading zeros count."""


# --- The application form -------------------------------------------------------------------------------------


@frozen(kw_only=True)
class FormQuestionOption:
    """One of the answers to choose from."""

    id: str
    """What to answer with, unique in its form."""
    label: str
    """What to show to people."""
    unified_key: str | None = None
    """What it means everywhere, such as `FEMALE`, `MOBILE`, `HOME` or the ISO code of a country."""


@frozen(kw_only=True)
class FormCondition:
    """When a question is to be asked at all."""

    question_id: str
    """The question it depends on."""
    answer_equals: str | bool | float | tuple[str, ...] | dict[str, Any]
    """The answer to that one, in the form in which it is sent: of an option, its id."""


class FormBlock(Variant):
    """A part of a form: `FormQuestion`, `FormSection`, or something newer."""

    __slots__ = ()


@frozen(kw_only=True)
class FormQuestion(FormBlock):
    """Something to ask the candidate."""

    block_type: Literal["QUESTION"] = "QUESTION"
    """The tag of this class."""
    question_id: str
    """What `FormAnswer` names, unique in its form."""
    label: str
    """What to show to people."""
    description: str | None = None
    """More words about it."""
    required: bool
    """Whether there must be an answer, if it is asked at all: see `display_when`."""
    category: FormQuestionCategory | None = None
    """Whether the law treats it apart."""
    question_type: FormQuestionType
    """What an answer has to be; check `is_known` before you branch on it."""
    unified_key: FormQuestionKey | None = None
    """What it means on every career site; null where it is special."""
    options: NullableList[FormQuestionOption] = ()
    """The answers to choose from; none where it is no choice."""
    display_when: FormCondition | None = None
    """When to ask it; always if null."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "options")


@frozen(kw_only=True)
class FormSection(FormBlock):
    """Questions under a heading."""

    block_type: Literal["SECTION"] = "SECTION"
    """The tag of this class."""
    label: str
    """The heading."""
    children: NullableList[FormBlock] = ()
    """What is in it, in the order to show it."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "children")


@frozen(kw_only=True)
class UnknownFormBlock(FormBlock):
    """A part of a kind that this version does not know."""

    raw: Any
    """What Kombo sent."""


FormBlock.discriminated_by("block_type", {"QUESTION": FormQuestion, "SECTION": FormSection}, unknown=UnknownFormBlock)


@frozen(kw_only=True)
class ApplicationForm:
    """What a career site asks of applicants, and the right to answer once.

    See https://docs.kombo.dev/ai-apply/v1/post-postings-posting-id-inquire
    """

    application_form: NullableList[FormBlock] = ()
    """The parts of the form, in the order to show them."""
    submission_token: str = field(repr=hidden)
    """What `apply` takes. Count on 12 hours, though one page of Kombo's says two days."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "application_form")

    @property
    def questions(self) -> tuple[FormQuestion, ...]:
        """All questions, also those in sections, in the order of the form."""
        return tuple(_questions(self.application_form))


def _questions(blocks: Sequence[FormBlock]) -> list[FormQuestion]:
    found: list[FormQuestion] = []
    for block in blocks:
        if isinstance(block, FormQuestion):
            found.append(block)
        elif isinstance(block, FormSection):
            found += _questions(block.children)
    return found


# --- Applications ---------------------------------------------------------------------------------------------


def _answer(value: str | float | date | Sequence[str] | File) -> str | float | Sequence[str] | File:
    """Format a date or a datetime as Kombo expects it; msgspec cannot distinguish texts from dates in one field."""
    if isinstance(value, datetime):
        return utc(value).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, File) and isinstance(value.data, UnsetType):
        raise ValueError(  # noqa: TRY004 - the type is right
            "AI Apply takes the bytes of a file and no address: pass data, or use File.from_path"
        )
    return value.isoformat() if isinstance(value, date) else value


@frozen(kw_only=True)
class FormAnswer:
    """The candidate's answer to one question of the form."""

    question_id: str
    """The `question_id` of the question."""
    answer: str | bool | float | Sequence[str] | File = field(converter=_answer, repr=hidden)
    """What `FormQuestionType` says. A date is held as its ISO 8601 text; a file must have `data`, not `data_url`."""


@frozen(kw_only=True)
class NewAiApplyApplication:
    """The filled form of one candidate, for `apply`."""

    submission_token: str = field(repr=hidden)
    """From `inquire` of the posting, at most 12 hours old; it is good for one application."""
    candidate_email: str
    """By it Kombo detects that a person applies twice. Take it from your own records: do not ask for it."""
    screening_question_answers: Sequence[FormAnswer]
    """Answers to exactly the questions that were asked, or the application is refused."""
    query_params: Mapping[str, str] | UnsetType = UNSET
    """Query parameters to add to the address of the posting, such as the source of the candidate."""
    additional_clicks: int | UnsetType = UNSET
    """How often to open the page in addition to the application itself; from 0 to 30."""
    additional_clicks_scatter_duration: int | UnsetType = UNSET
    """Over how many minutes to spread these clicks; an hour if left out."""

    def __attrs_post_init__(self) -> None:
        clicks, minutes = self.additional_clicks, self.additional_clicks_scatter_duration
        if isinstance(clicks, int) and not 0 <= clicks <= 30:
            raise ValueError(f"additional_clicks is from 0 to 30, not {clicks}")
        if isinstance(minutes, int) and minutes < 1:
            raise ValueError(f"additional_clicks_scatter_duration is at least 1 minute, not {minutes}")
        if minutes is not UNSET and clicks is UNSET:
            raise ValueError("additional_clicks_scatter_duration needs additional_clicks, too")


@frozen(kw_only=True)
class AiApplyApplication:
    """An application that was given to Kombo.

    See https://docs.kombo.dev/ai-apply/v1/get-applications
    """

    id: str
    """Kombo's id, unique among these applications only."""
    job_posting_id: str
    """The Kombo id of the posting."""
    status: AiApplyApplicationStatus
    """Its status; check `is_known` before you branch on it."""
    created_at: Timestamp
    """When Kombo got it."""
    updated_at: Timestamp
    """When it last changed at Kombo."""


@frozen(kw_only=True)
class QueuedAiApplyApplication:
    """An application that Kombo has just taken.

    See https://docs.kombo.dev/ai-apply/v1/post-apply
    """

    id: str
    """Kombo's id: what webhooks and `iter_applications` name."""
    posting_id: str
    """The Kombo id of the posting: `job_posting_id` elsewhere."""
    status: AiApplyApplicationStatus
    """Its status: usually PENDING, as nothing has been done yet."""
    created_at: Timestamp
    """When Kombo got it."""
    updated_at: Timestamp
    """When it last changed at Kombo."""


# --- Job feeds ------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class JobFeed:
    """A set of postings that is always replaced as a whole.

    See https://docs.kombo.dev/ai-apply/v1/get-job-feeds
    """

    id: str
    """Kombo's id, unique among feeds only; `import_job_feed` takes it."""
    label: str
    """The name you gave it."""


@frozen(kw_only=True)
class JobFeedPosting:
    """One posting of a feed. It stays the same one as long as all three of url, label and code do."""

    url: str
    """The page, beginning with http:// or https://."""
    career_site_label: str
    """The name of its career site, which is created if it does not exist."""
    job_code: str | UnsetType = UNSET
    """Your own code of the job."""
    location: PostingLocation | UnsetType = UNSET
    """Where the job is."""


@frozen(kw_only=True)
class JobFeedImport:
    """What an import did.

    See https://docs.kombo.dev/ai-apply/v1/post-job-feeds-job-feed-id-bulk-import
    """

    created: int
    """How many postings are new; Kombo reads their pages from now on."""
    processed: int
    """The number of postings that were received."""
    archived: int
    """How many postings were put away, because they did not come in again."""


@frozen(kw_only=True)
class AiApplyJob(JobDetails):
    """A posting in the form of a job of `client.ats`. Kombo does not say what the records nested in it look like.

    See https://docs.kombo.dev/ai-apply/v1/get-unified-api-jobs
    """

    integration_fields: NullableList[dict[str, Any]] = ()
    """As a job of `client.ats` has them."""
    stages: NullableList[dict[str, Any]] = ()
    """As a job of `client.ats` has them."""
    job_postings: NullableList[dict[str, Any]] = ()
    """As a job of `client.ats` has them."""
    hiring_team: NullableList[dict[str, Any]] = ()
    """As a job of `client.ats` has it."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "screening_questions", "integration_fields", "stages", "job_postings", "hiring_team")
