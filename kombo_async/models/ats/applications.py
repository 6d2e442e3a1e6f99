"""Applications, and what belongs to them: answers, interviews, offers."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field

from ..base import NullableList, OpenEnum, Timestamp, Variant, frozen, hidden, null_to_empty
from ..common import Address, IntegrationFieldValue, SyncedRecord
from .candidates import (
    ApplicationCandidate,
    ApplicationOutcome,
    ApplicationSummary,
    CandidateSummary,
)
from .jobs import JobSummary
from .users import AtsUserSummary


class OfferStatus(OpenEnum):
    """The status of an offer; usually DRAFT, APPROVED, SENT, then ACCEPTED or DECLINED. Few tools have all of them."""

    DRAFT = "DRAFT"
    """Being written."""
    APPROVED = "APPROVED"
    """Approved inside the company, not sent yet."""
    SENT = "SENT"
    """With the candidate."""
    ACCEPTED = "ACCEPTED"
    """The candidate said yes."""
    DECLINED = "DECLINED"
    """The candidate said no."""
    ABANDONED = "ABANDONED"
    """It expired or no longer counts."""


class ScreeningQuestionAnswer(Variant):
    """A question of the application form with its answer: `match` on the classes. Files do not come here."""

    __slots__ = ()


@frozen(kw_only=True)
class AnsweredQuestion:
    """The question that was answered."""

    remote_id: str | None = None
    """The tool's own id of the question, where it has one."""
    title: str | None = None
    """The question itself."""
    type: Literal["TEXT", "SINGLE_SELECT", "MULTI_SELECT", "BOOLEAN", "NUMBER", "DATE", "UNKNOWN"]
    """The tag by which the class of the answer was chosen."""


@frozen(kw_only=True)
class ScreeningText:
    """An answer in words."""

    content: str | None = None
    """What the candidate wrote."""


@frozen(kw_only=True)
class TextScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question for a text."""

    answer: ScreeningText | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class ScreeningChoice:
    """The choice of one option."""

    choice: str | None = None
    """The text of the option that was chosen, not its id."""


@frozen(kw_only=True)
class SingleSelectScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question with options of which one can be chosen."""

    answer: ScreeningChoice | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class ScreeningChoices:
    """The choice of several options."""

    choices: NullableList[str] = ()
    """The texts of the options that were chosen, not their ids."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "choices")


@frozen(kw_only=True)
class MultiSelectScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question with options of which several can be chosen."""

    answer: ScreeningChoices | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class ScreeningCheck:
    """Yes or no."""

    checked: bool | None = None
    """True for yes; null where nothing was answered."""


@frozen(kw_only=True)
class BooleanScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question for yes or no."""

    answer: ScreeningCheck | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class ScreeningNumber:
    """An answer in numbers."""

    number: float | None = None
    """The number, in whatever unit the question asks for."""


@frozen(kw_only=True)
class NumberScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question for a number."""

    answer: ScreeningNumber | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class ScreeningDate:
    """A day."""

    date: Timestamp | None = None
    """The day, as midnight UTC: never convert it to local time."""


@frozen(kw_only=True)
class DateScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question for a day."""

    answer: ScreeningDate | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class ScreeningRaw:
    """An answer that Kombo did not interpret."""

    raw: Any = None
    """What the tool returned, unchanged: any JSON value."""


@frozen(kw_only=True)
class UnmappedScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a question of a kind that Kombo itself has not mapped yet; later it may come as another class."""

    answer: ScreeningRaw | None = None
    """What was answered."""
    question: AnsweredQuestion
    """What was asked."""


@frozen(kw_only=True)
class UnknownScreeningAnswer(ScreeningQuestionAnswer):
    """The answer to a kind of question that Kombo has added since this version of the library."""

    raw: Any
    """The question and the answer as Kombo sent them."""


ScreeningQuestionAnswer.discriminated_by(
    "question.type",
    {
        "TEXT": TextScreeningAnswer,
        "SINGLE_SELECT": SingleSelectScreeningAnswer,
        "MULTI_SELECT": MultiSelectScreeningAnswer,
        "BOOLEAN": BooleanScreeningAnswer,
        "NUMBER": NumberScreeningAnswer,
        "DATE": DateScreeningAnswer,
        "UNKNOWN": UnmappedScreeningAnswer,
    },
    unknown=UnknownScreeningAnswer,
)


@frozen(kw_only=True)
class InterviewSummary:
    """An interview, in brief."""

    id: str
    """Kombo's id, unique among interviews: what `update_interview` takes."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    title: str | None = None
    """What the interview is called in the calendar."""
    starting_at: Timestamp | None = None
    """When it begins."""
    ending_at: Timestamp | None = None
    """When it ends."""
    location: Address | None = None
    """Where it takes place."""
    canceled: bool | None = None
    """Whether it was called off; null if the tool does not say."""


@frozen(kw_only=True)
class OfferSummary:
    """An offer, in brief."""

    id: str
    """Kombo's id, unique among offers."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    status: OfferStatus | None = None
    """The status of the offer."""


@frozen(kw_only=True)
class Application(ApplicationSummary, SyncedRecord):
    """A candidate's application for a job, as of the last sync or as just created.

    The answer of `create_application` has more of the candidate, but neither interviews nor offers.
    See https://docs.kombo.dev/ats/v1/get-applications
    """

    current_stage_id: str | None = None
    """The Kombo id of `current_stage`."""
    job_id: str | None = None
    """The Kombo id of `job`."""
    candidate_id: str | None = None
    """The Kombo id of `candidate`."""
    screening_question_answers: NullableList[ScreeningQuestionAnswer] = ()
    """What the candidate answered in the application form, files left out."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found it in the tool; 14 days later everything but the id is null."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    candidate: ApplicationCandidate | None = None
    """Who applied."""
    interviews: NullableList[InterviewSummary] = ()
    """The interviews arranged for it."""
    offers: NullableList[OfferSummary] = ()
    """The offers made on it."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "screening_question_answers", "integration_fields", "interviews", "offers")


@frozen(kw_only=True)
class InterviewApplication:
    """The application that an interview is about."""

    id: str
    """Kombo's id, unique among applications."""
    remote_id: str | None = None
    """The tool's own id, where it has one."""
    outcome: ApplicationOutcome | None = None
    """How it ended; null if the tool does not say."""
    rejection_reason_name: str | None = None
    """Why it was rejected, in the tool's words."""
    candidate: CandidateSummary | None = None
    """Who applied."""
    job: JobSummary | None = None
    """What they applied for."""


@frozen(kw_only=True)
class Interview(InterviewSummary, SyncedRecord):
    """A meeting with a candidate.

    See https://docs.kombo.dev/ats/v1/get-interviews
    """

    video_conferencing_url: str | None = field(default=None, repr=hidden)
    """The link by which to join; anyone who has it can."""
    application_id: str | None = None
    """The Kombo id of `application`."""
    stage_id: str | None = None
    """The Kombo id of the stage it belongs to, where the tool ties interviews to stages."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: records nested in it do not count."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    users: NullableList[AtsUserSummary] = ()
    """The interviewers."""
    application: InterviewApplication | None = None
    """What it is about."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "users")


@frozen(kw_only=True)
class OfferApplication:
    """Whom an offer is made to, and for which job."""

    candidate: CandidateSummary | None = None
    """Who applied."""
    job: JobSummary | None = None
    """What they applied for."""


@frozen(kw_only=True)
class Offer(OfferSummary, SyncedRecord):
    """An offer of a job to a candidate.

    See https://docs.kombo.dev/ats/v1/get-offers
    """

    employment_start_date: Timestamp | None = None
    """The first day of work offered, past or to come, as midnight UTC: never convert it to local time."""
    application_id: str | None = None
    """The Kombo id of the application."""
    custom_fields: Any = None
    """The values of your custom fields, by key; any JSON."""
    integration_fields: NullableList[IntegrationFieldValue] = ()
    """The values of the integration fields whose passthrough is on, as of the last sync."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed: records nested in it do not count."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_created_at: Timestamp | None = None
    """When the record was created in the tool."""
    remote_updated_at: Timestamp | None = None
    """When the tool says that it last changed the record."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
    application: OfferApplication | None = None
    """Whom it is made to, and for which job."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "integration_fields")


@frozen(kw_only=True)
class RejectionReason(SyncedRecord):
    """A reason that the tool offers for turning an application down.

    See https://docs.kombo.dev/ats/v1/get-rejection-reasons
    """

    id: str
    """Kombo's id, unique among reasons: what `reject_application` takes."""
    remote_id: str | None = None
    """The tool's own id."""
    name: str | None = None
    """The reason as recruiters read it."""
    changed_at: Timestamp | None = None
    """When a property of this record itself last changed."""
    remote_deleted_at: Timestamp | None = None
    """When Kombo no longer found the record in the tool; null while it is there."""
    remote_data: Any = field(default=None, repr=hidden)
    """The tool's raw replies, by endpoint path; null unless your plan and scope config include them."""
