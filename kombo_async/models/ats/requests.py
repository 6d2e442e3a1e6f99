"""What is sent to a recruiting tool: applications, files, result links, interviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

from attrs import field
from msgspec import UNSET, UnsetType

from ..base import (
    EnumOrStr,
    OpenEnum,
    OpenMapping,
    SequenceNotStr,
    Timestamp,
    Variant,
    frozen,
    hidden,
    utc,
    utc_if_given,
)
from ..common import File
from .attachments import AttachmentTypeOrStr
from .remote_fields import ApplicationRemoteFields


class ContactType(OpenEnum):
    """Which side of a life an address or number belongs to."""

    PERSONAL = "PERSONAL"
    """The private side."""
    WORK = "WORK"
    """The job."""
    OTHER = "OTHER"
    """Neither."""


ContactTypeOrStr = EnumOrStr[ContactType, Literal["PERSONAL", "WORK", "OTHER"]]
"""A member of `ContactType`, or its string."""


class CandidateGender(OpenEnum):
    """The gender of a candidate, as Kombo takes it."""

    MALE = "MALE"
    """Male."""
    FEMALE = "FEMALE"
    """Female."""
    OTHER = "OTHER"
    """Neither."""


CandidateGenderOrStr = EnumOrStr[CandidateGender, Literal["MALE", "FEMALE", "OTHER"]]
"""A member of `CandidateGender`, or its string."""


class SalaryExpectationPeriod(OpenEnum):
    """The time that an expected salary covers. Kombo converts it where a tool wants the other one."""

    MONTH = "MONTH"
    """One month."""
    YEAR = "YEAR"
    """One year."""


SalaryExpectationPeriodOrStr = EnumOrStr[SalaryExpectationPeriod, Literal["MONTH", "YEAR"]]
"""A member of `SalaryExpectationPeriod`, or its string."""


class InterviewLocationType(OpenEnum):
    """How people meet for an interview."""

    PHYSICAL = "PHYSICAL"
    """At a place."""
    VIRTUAL = "VIRTUAL"
    """By video or phone."""


InterviewLocationTypeOrStr = EnumOrStr[InterviewLocationType, Literal["PHYSICAL", "VIRTUAL"]]
"""A member of `InterviewLocationType`, or its string."""


class NoteContentType(OpenEnum):
    """How the text of a note is written."""

    PLAIN_TEXT = "PLAIN_TEXT"
    """Without any markup: the only form so far."""


NoteContentTypeOrStr = EnumOrStr[NoteContentType, Literal["PLAIN_TEXT"]]
"""A member of `NoteContentType`, or its string."""


@frozen(kw_only=True)
class Attachment(File):
    """A file of a candidate: `Attachment.from_path("cv.pdf", type="CV")`.

    See https://docs.kombo.dev/ats/v1/post-applications-application-id-attachments
    """

    type: AttachmentTypeOrStr
    """What the file is. Where the tool shows one résumé, it is the first `CV`."""


@frozen(kw_only=True)
class AdditionalEmailAddress:
    """One more email address of a candidate."""

    type: ContactTypeOrStr
    """Whether it is private."""
    email_address: str
    """The address."""


@frozen(kw_only=True)
class AdditionalPhoneNumber:
    """One more phone number of a candidate."""

    type: ContactTypeOrStr
    """Whether it is private."""
    phone_number: str
    """The number; with `+` and the country it is understood everywhere."""


@frozen(kw_only=True)
class CandidateLocation:
    """Where a candidate lives."""

    country: str
    """The ISO 3166-1 alpha-2 code in capitals, such as `DE`; Kombo turns it into what the tool wants."""
    city: str | UnsetType = UNSET
    """The town."""
    state: str | UnsetType = UNSET
    """The state, province or region."""
    street_1: str | UnsetType = UNSET
    """Street and house number."""
    zip_code: str | UnsetType = UNSET
    """The postal code, as text: leading zeros count."""


@frozen(kw_only=True)
class SalaryExpectations:
    """What a candidate wants to earn."""

    period: SalaryExpectationPeriodOrStr
    """The time that the amount covers."""
    amount: float
    """The money; no currency can be named."""


@frozen(kw_only=True)
class SocialLink:
    """A page of the candidate elsewhere, such as a LinkedIn profile."""

    url: str
    """The whole address, with https://."""


@frozen(kw_only=True)
class Applicant:
    """The person who applies."""

    first_name: str
    """The given name."""
    last_name: str
    """The family name."""
    email_address: str
    """The main address; others go to `additional_email_addresses`."""
    additional_email_addresses: Sequence[AdditionalEmailAddress] | UnsetType = UNSET
    """Other addresses."""
    company: str | UnsetType = UNSET
    """Where the person works now."""
    title: str | UnsetType = UNSET
    """What the person works as now."""
    phone_number: str | UnsetType = UNSET
    """The main number; with `+` and the country it is understood everywhere."""
    additional_phone_numbers: Sequence[AdditionalPhoneNumber] | UnsetType = UNSET
    """Other numbers."""
    location: CandidateLocation | UnsetType = UNSET
    """Where the person lives."""
    gender: CandidateGenderOrStr | UnsetType = UNSET
    """The gender."""
    availability_date: Timestamp | UnsetType = field(default=UNSET, converter=utc_if_given)
    """The day from which the person could work; a date counts as its midnight UTC."""
    salary_expectations: SalaryExpectations | UnsetType = UNSET
    """What the person wants to earn."""
    social_links: Sequence[SocialLink] | UnsetType = UNSET
    """Pages of the person elsewhere."""


def _answer(value: str | bool | float | Sequence[str] | File | date) -> str | bool | float | Sequence[str] | File:
    """Format a date or a datetime as Kombo expects it; msgspec cannot distinguish texts from dates in one field."""
    if isinstance(value, datetime):
        return utc(value).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
    return value.isoformat() if isinstance(value, date) else value


@frozen(kw_only=True)
class ScreeningAnswer:
    """The candidate's answer to a question of the job."""

    question_id: str
    """The Kombo id of the question, from the job's `screening_questions`. One that is not there gives a warning."""
    answer: str | bool | float | Sequence[str] | File = field(converter=_answer, repr=hidden)
    """What fits the question's format, or the call fails.

    A text for TEXT, the id of an option for SINGLE_SELECT, a list of ids for MULTI_SELECT, true or false for BOOLEAN,
    a number for NUMBER, a `File` for FILE. For DATE a date, which is held as its ISO 8601 text, or that text.
    """


@frozen(kw_only=True)
class ApplicationSource:
    """Where an application comes from. Deprecated by Kombo, which now writes sources by itself where a tool can."""

    name: str | UnsetType = UNSET
    """Such as the name of your job board."""
    unified_key: str | UnsetType = UNSET
    """A key of Kombo's for the source; undocumented."""
    id: str | UnsetType = UNSET
    """An id of the source; undocumented."""


@frozen(kw_only=True)
class SourcedBy:
    """Who found the candidate."""

    user_id: str
    """The Kombo id of a user of the tool, or the tool's own after `remote:`."""


@frozen(kw_only=True)
class GdprConsent:
    """What the candidate allows to be done with their data; some countries demand it."""

    expires_at: Timestamp | UnsetType = field(default=UNSET, converter=utc_if_given)
    """Until when it holds; a date counts as its midnight UTC."""
    given: bool | UnsetType = UNSET
    """Whether the candidate consented."""


@frozen(kw_only=True)
class CandidateSubmission:
    """What `NewApplication` and `NewCandidate` have in common."""

    candidate: Applicant
    """The person."""
    attachments: Sequence[Attachment] | UnsetType = UNSET
    """Files; see `get_create_application_restrictions` for what the tool takes."""
    source: ApplicationSource | UnsetType = UNSET
    """Deprecated by Kombo, which now writes the source by itself where the tool can."""
    sourced_by: SourcedBy | UnsetType = UNSET
    """Who found the candidate, as against the channel."""
    gdpr_consent: GdprConsent | UnsetType = UNSET
    """What the candidate allows."""
    screening_question_answers: Sequence[ScreeningAnswer] | UnsetType = UNSET
    """Answers to the questions of the job. Those of formats that Kombo does not know yet are left out there."""
    remote_fields: OpenMapping[ApplicationRemoteFields] | UnsetType = UNSET
    """What single tools take beyond this."""


@frozen(kw_only=True)
class NewApplication(CandidateSubmission):
    """A person who applies for a job, for `create_application`.

    See https://docs.kombo.dev/ats/v1/post-jobs-job-id-applications
    """

    stage_id: str | UnsetType = UNSET
    """The Kombo id of one of the job's `stages`; the job's default stage otherwise."""


@frozen(kw_only=True)
class CandidateApplication:
    """What a new candidate applies for."""

    job_id: str
    """The Kombo id of the job, or the tool's own after `remote:`, which works without syncing jobs."""
    stage_id: str | UnsetType = UNSET
    """The Kombo id of one of the job's `stages`; the job's default stage otherwise."""


@frozen(kw_only=True)
class NewCandidate(CandidateSubmission):
    """A person who applies for a job, for `create_candidate`; prefer `NewApplication`.

    See https://docs.kombo.dev/ats/v1/post-candidates
    """

    application: CandidateApplication
    """What the person applies for: there are no candidates without an application."""


@frozen(kw_only=True)
class ResultAttribute:
    """A detail of a result link."""

    key: str
    """What it is; short, as tools have little room."""
    value: str
    """Such as `90 %`, or any other text."""


@frozen(kw_only=True)
class ResultDetails:
    """The details to show with a result link."""

    custom_field_name_prefix: str
    """Goes before the keys where they become names of custom fields: your product's name, such as `Acme:`."""
    attributes: Sequence[ResultAttribute]
    """The details."""


@frozen(kw_only=True)
class InterviewLocation:
    """Where people meet for an interview."""

    type: InterviewLocationTypeOrStr
    """How they meet."""
    address: str | UnsetType = UNSET
    """The place."""


@frozen(kw_only=True)
class NewInterview:
    """A meeting with a candidate, for `create_interview`.

    See https://docs.kombo.dev/ats/v1/post-applications-application-id-interviews
    """

    title: str
    """What the interview is called in calendars."""
    start_time: Timestamp = field(converter=utc)
    """When it begins, with a time zone."""
    end_time: Timestamp = field(converter=utc)
    """When it ends, with a time zone."""
    interviewer_user_ids: SequenceNotStr[str]
    """The Kombo ids of the interviewers, users of the tool."""
    organizer_user_id: str
    """The Kombo id of the user who invites."""
    location: InterviewLocation
    """Where people meet."""

    def __attrs_post_init__(self) -> None:
        if self.end_time < self.start_time:
            raise ValueError("end_time is before start_time")


@frozen(kw_only=True)
class InterviewUpdate(NewInterview):
    """An interview as it shall be, whole, for `update_interview`.

    See https://docs.kombo.dev/ats/v1/patch-applications-application-id-interviews
    """

    interview_id: str
    """The Kombo id of the interview to change."""


class ErecruiterIds(Variant):
    """How an application is found in eRecruiter."""

    __slots__ = ()


class SuccessFactorsIds(Variant):
    """How an application is found in SAP SuccessFactors."""

    __slots__ = ()


class RecruiteeIds(Variant):
    """How an application is found in Recruitee."""

    __slots__ = ()


class GreenhouseIds(Variant):
    """How an application is found in Greenhouse."""

    __slots__ = ()


class OnlyfyIds(Variant):
    """How an application is found in onlyfy."""

    __slots__ = ()


class SmartRecruitersIds(Variant):
    """How an application is found in SmartRecruiters."""

    __slots__ = ()


@frozen(kw_only=True)
class ApplicationAndJobIds(ErecruiterIds):
    """An application among those of a job."""

    application_remote_id: str
    """The tool's own id of the application."""
    job_remote_id: str
    """The tool's own id of the job."""
    id_type: Literal["application_and_job_remote_ids"] = "application_and_job_remote_ids"
    """The tag."""


@frozen(kw_only=True)
class ApplicationAndCandidateIds(ErecruiterIds):
    """An application among those of a candidate."""

    candidate_remote_id: str
    """The tool's own id of the candidate."""
    application_remote_id: str
    """The tool's own id of the application."""
    id_type: Literal["application_and_candidate_remote_ids"] = "application_and_candidate_remote_ids"
    """The tag."""


@frozen(kw_only=True)
class ApplicationRemoteId(SuccessFactorsIds):
    """An application by its number."""

    application_remote_id: str
    """The tool's own id of the application."""
    id_type: Literal["application_remote_id"] = "application_remote_id"
    """The tag."""


@frozen(kw_only=True)
class PlacementId(RecruiteeIds):
    """An application by its placement; Kombo reads all candidates of the tool to find it."""

    placement_id: str
    """Recruitee's id of the placement."""
    id_type: Literal["placement_id"] = "placement_id"
    """The tag."""


@frozen(kw_only=True)
class ApplicationId(GreenhouseIds, OnlyfyIds):
    """An application by its number."""

    application_id: str
    """The tool's own id of the application, not Kombo's."""
    id_type: Literal["application_id"] = "application_id"
    """The tag."""


@frozen(kw_only=True)
class CandidateAndJobIds(SmartRecruitersIds):
    """The application of a candidate for a job."""

    candidate_remote_id: str
    """The tool's own id of the candidate."""
    job_remote_id: str
    """The tool's own id of the job."""
    id_type: Literal["candidate_and_job_remote_ids"] = "candidate_and_job_remote_ids"
    """The tag."""


@frozen(kw_only=True)
class UnknownApplicationIds(
    ErecruiterIds, SuccessFactorsIds, RecruiteeIds, GreenhouseIds, OnlyfyIds, SmartRecruitersIds
):
    """A way to find an application that Kombo has added since this version of the library."""

    raw: Any
    """The whole of it."""


ErecruiterIds.discriminated_by(
    "id_type",
    {
        "application_and_job_remote_ids": ApplicationAndJobIds,
        "application_and_candidate_remote_ids": ApplicationAndCandidateIds,
    },
    unknown=UnknownApplicationIds,
)
SuccessFactorsIds.discriminated_by(
    "id_type", {"application_remote_id": ApplicationRemoteId}, unknown=UnknownApplicationIds
)
RecruiteeIds.discriminated_by("id_type", {"placement_id": PlacementId}, unknown=UnknownApplicationIds)
GreenhouseIds.discriminated_by("id_type", {"application_id": ApplicationId}, unknown=UnknownApplicationIds)
OnlyfyIds.discriminated_by("id_type", {"application_id": ApplicationId}, unknown=UnknownApplicationIds)
SmartRecruitersIds.discriminated_by(
    "id_type", {"candidate_and_job_remote_ids": CandidateAndJobIds}, unknown=UnknownApplicationIds
)


def _utc_or_none(value: datetime | date | None) -> datetime | None:
    return None if value is None else utc(value)


@frozen(kw_only=True)
class TrackedApplicationImport:
    """An application to track although Kombo did not create it, by the ids of the connected tool.

    See https://docs.kombo.dev/ats/v1/post-import-tracked-application
    """

    tracked_at: Timestamp | None = field(converter=_utc_or_none)
    """The moment from which it counts as tracked, with a time zone. Kombo does not say what None does."""
    erecruiter: ErecruiterIds | UnsetType = UNSET
    """For eRecruiter: `ApplicationAndJobIds` or `ApplicationAndCandidateIds`."""
    successfactors: SuccessFactorsIds | UnsetType = UNSET
    """For SAP SuccessFactors: `ApplicationRemoteId`."""
    recruitee: RecruiteeIds | UnsetType = UNSET
    """For Recruitee: `PlacementId`."""
    greenhouse: GreenhouseIds | UnsetType = UNSET
    """For Greenhouse: `ApplicationId`."""
    greenhousev3: GreenhouseIds | UnsetType = UNSET
    """For Greenhouse connected by OAuth: `ApplicationId`."""
    onlyfy: OnlyfyIds | UnsetType = UNSET
    """For onlyfy: `ApplicationId`."""
    smartrecruiters: SmartRecruitersIds | UnsetType = UNSET
    """For SmartRecruiters: `CandidateAndJobIds`."""

    def __attrs_post_init__(self) -> None:
        tools = ("erecruiter", "successfactors", "recruitee", "greenhouse", "greenhousev3", "onlyfy", "smartrecruiters")
        if all(getattr(self, tool) is UNSET for tool in tools):
            raise ValueError(f"pass the ids for the connected tool: one of {', '.join(tools)}")


@frozen(kw_only=True)
class ImportedIds:
    """The ids by which Kombo finds an application, under the tool they belong to."""

    erecruiter: ErecruiterIds | None = None
    """In eRecruiter."""
    successfactors: SuccessFactorsIds | None = None
    """In SAP SuccessFactors."""
    recruitee: RecruiteeIds | None = None
    """In Recruitee."""
    greenhouse: GreenhouseIds | None = None
    """In Greenhouse."""
    greenhousev3: GreenhouseIds | None = None
    """In Greenhouse connected by OAuth."""
    onlyfy: OnlyfyIds | None = None
    """In onlyfy."""
    smartrecruiters: SmartRecruitersIds | None = None
    """In SmartRecruiters."""


@frozen(kw_only=True)
class TrackedApplication:
    """An application that Kombo tracks from now on; its data come with the next sync.

    See https://docs.kombo.dev/ats/v1/post-import-tracked-application
    """

    id: str
    """Kombo's id of the import; nothing says that the application gets the same one."""
    tracked_at: Timestamp | None = None
    """The moment that you gave."""
    imported_id: ImportedIds
    """The ids that you gave."""
