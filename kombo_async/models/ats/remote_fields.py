"""The fields that only single recruiting tools take, for the `remote_fields` of request bodies.

Each key is a tool's id; it has no effect in other tools. The lists are not complete: keys that are missing here are
sent as they are. Values that are mappings go to the tool as its own API documents them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NotRequired, TypedDict

GreenhouseHeaders = TypedDict("GreenhouseHeaders", {"On-Behalf-Of": str | None}, total=False)
"""Headers to send to Greenhouse. `On-Behalf-Of`: the Greenhouse id of the user who shall appear as the actor."""


class GreenhouseActor(TypedDict, total=False):
    """Who did it, for Greenhouse."""

    post_headers: GreenhouseHeaders
    """Headers that replace those which Kombo would send."""


class WorkableActor(TypedDict, total=False):
    """Who did it, for Workable."""

    on_behalf_of_user_remote_id: str
    """Workable's id of the user who shall appear as the actor."""


class TeamtailorActor(TypedDict, total=False):
    """Who did it, for Teamtailor."""

    user_id: str
    """Teamtailor's id of the user who shall appear as the actor; the first administrator otherwise."""


class Talent360Actor(TypedDict):
    """Who did it, for Talent360, which needs it."""

    user_id: str
    """Talent360's id of the user who shall appear as the actor."""


class ActorRemoteFields(TypedDict, total=False):
    """Who shall appear as the actor."""

    greenhouse: GreenhouseActor
    """For Greenhouse."""
    workable: WorkableActor
    """For Workable."""


class WorkdayStage(TypedDict, total=False):
    """Which step a candidate is moved to in Workday."""

    Workflow_Step_ID: str
    """The step, where Kombo shall not look for one that fits the stage."""
    Step_Type: Literal["Next_Step_Reference", "Disposition_Step_Reference"]
    """Disposition is for stages that end the application, next (which holds otherwise) for all others."""


class SuccessFactorsStage(TypedDict, total=False):
    """What SuccessFactors needs for some moves."""

    JobApplication: Mapping[str, Any]
    """Fields of the application, such as a reason that the customer's instance demands."""


class StageRemoteFields(ActorRemoteFields, total=False):
    """What single tools take with a move to another stage."""

    workday: WorkdayStage
    """For Workday."""
    successfactors: SuccessFactorsStage
    """For SAP SuccessFactors."""


class OracleDocument(TypedDict, total=False):
    """Where a document or link goes in Oracle."""

    override_document_category: Literal["IRC_CANDIDATE_RESUME", "IRC_CANDIDATE_COVERLETTER", "MISC", "IRC_INTERNAL"]
    """The category to file it under."""
    multi_post_to_all_current_applications: bool
    """Whether all current applications of the candidate get it."""


class AttachmentRemoteFields(ActorRemoteFields, total=False):
    """What single tools take with an attachment to an application."""

    oracle: OracleDocument
    """For Oracle."""


class IcimsResultLink(TypedDict, total=False):
    """Where a result link goes in iCIMS."""

    assessment_package_id: str
    """The package of the assessment that gets the link."""


class ResultLinkRemoteFields(ActorRemoteFields, total=False):
    """What single tools take with a result link."""

    icims: IcimsResultLink
    """For iCIMS."""
    oracle: OracleDocument
    """For Oracle, where the category is MISC unless said otherwise."""
    talent360: Talent360Actor
    """For Talent360."""


class NoteVisibility(TypedDict, total=False):
    """Who sees a note in Greenhouse."""

    visibility: Literal["admin_only", "private", "public"]
    """Administrators only, those with access to private notes, or everybody."""


class GreenhouseNote(GreenhouseActor, NoteVisibility, total=False):
    """What only Greenhouse takes with a note."""


class RecruiteeNote(TypedDict, total=False):
    """What only Recruitee takes with a note."""

    visibility: Any
    """Who sees the note, as Recruitee's API writes it."""
    is_json: bool
    """Whether the content is JSON in Recruitee's own format for notes, and not plain text."""


class BullhornNote(TypedDict, total=False):
    """What only Bullhorn takes with a note."""

    action: str
    """The kind of note: one of the customer's commentActionList, `Note` otherwise."""


class LeverNote(TypedDict, total=False):
    """What only Lever takes with a note."""

    perform_as: str
    """Lever's id of the user who shall appear as the author; the one who connected the tool otherwise."""


class NoteRemoteFields(TypedDict, total=False):
    """What single tools take with a note."""

    teamtailor: TeamtailorActor
    """For Teamtailor."""
    greenhouse: GreenhouseNote
    """For Greenhouse."""
    greenhousev3: NoteVisibility
    """For Greenhouse connected by OAuth."""
    recruitee: RecruiteeNote
    """For Recruitee."""
    bullhorn: BullhornNote
    """For Bullhorn."""
    lever: LeverNote
    """For Lever."""
    talent360: Talent360Actor
    """For Talent360."""
    workable: WorkableActor
    """For Workable."""


class RejectionEmail(TypedDict, total=False):
    """The message about a rejection."""

    rejection_email: Mapping[str, Any]
    """What Greenhouse's API takes under this name when an application is rejected."""


class GreenhouseRejection(GreenhouseActor, RejectionEmail, total=False):
    """What only Greenhouse takes with a rejection."""


class RejectionRemoteFields(TypedDict, total=False):
    """What single tools take with a rejection."""

    greenhouse: GreenhouseRejection
    """For Greenhouse."""
    greenhousev3: RejectionEmail
    """For Greenhouse connected by OAuth."""
    teamtailor: TeamtailorActor
    """For Teamtailor."""
    workable: WorkableActor
    """For Workable."""


class CandidateObject(TypedDict, total=False):
    """Fields for the tool's own object of a candidate."""

    candidate: Mapping[str, Any]
    """The tool's keys and values."""


class ApplicationObject(TypedDict, total=False):
    """Fields for the tool's own object of an application."""

    application: Mapping[str, Any]
    """The tool's keys and values."""


class CandidateAndApplicationObjects(CandidateObject, ApplicationObject, total=False):
    """Fields for the tool's own objects of a candidate and of an application."""


class GreenhouseApplicationFields(GreenhouseActor, CandidateAndApplicationObjects, total=False):
    """What only Greenhouse takes with an application."""


class WorkableApplicationFields(WorkableActor, CandidateObject, total=False):
    """What only Workable takes with an application."""


class SuccessFactorsApplicationFields(TypedDict, total=False):
    """What only SuccessFactors takes with an application."""

    Candidate: Mapping[str, Any]
    """Fields of its Candidate."""
    JobApplication: Mapping[str, Any]
    """Fields of its JobApplication."""
    copyJobApplicationAttachments: bool
    """Whether the candidate gets custom attachments of the application too."""
    update_existing_candidate: bool | None
    """Whether an existing candidate is updated with the fields of `Candidate`."""


class TalentsoftApplicationFields(ApplicationObject, total=False):
    """What only Talentsoft takes with an application."""

    applicant: Mapping[str, Any]
    """Fields of its applicant."""


class TeamtailorApplicationAttributes(TypedDict, total=False):
    """The application in Teamtailor."""

    attributes: Mapping[str, Any]
    """The attributes of its job application."""


class TeamtailorApplicationFields(CandidateObject, total=False):
    """What only Teamtailor takes with an application."""

    application: TeamtailorApplicationAttributes
    """The application."""


class WorkdayReference(TypedDict):
    """Something in the customer's Workday."""

    WID: str
    """Its Workday id."""


class WorkdayOptionalReference(TypedDict, total=False):
    """Something in the customer's Workday, or nothing."""

    WID: str
    """Its Workday id."""


class WorkdaySocialSuffix(TypedDict):
    """A suffix of names."""

    Predefined_Name_Component_ID: str
    """Its id in the customer's Workday."""


class WorkdayNameDetail(TypedDict, total=False):
    """The rest of a name."""

    Middle_Name: str
    """The middle name."""
    Social_Suffix_Reference: WorkdaySocialSuffix
    """The suffix."""


class WorkdayPersonalInformation(TypedDict, total=False):
    """Personal data."""

    Date_of_Birth: str
    """The birthday, as Workday writes it."""


class WorkdayJobAppliedTo(TypedDict, total=False):
    """What belongs to this application only."""

    Global_Personal_Information_Data: WorkdayPersonalInformation
    """Personal data."""


class WorkdayEducation(TypedDict, total=False):
    """Time at a school."""

    School_Name: str
    """The school."""
    First_Year_Attended: float
    """The year of the start."""
    Last_Year_Attended: float
    """The year of the end."""
    Field_of_Study_Reference: WorkdayReference
    """The subject."""
    Degree_Reference: WorkdayReference
    """The degree."""
    Grade_Average: str
    """The average mark."""


class WorkdaySkill(TypedDict, total=False):
    """A skill."""

    Skill_Name: str
    """Its name."""


class WorkdayLanguageAbilityData(TypedDict, total=False):
    """How well one side of a language is known."""

    Language_Proficiency_Reference: WorkdayReference
    """How well."""
    Language_Ability_Type_Reference: WorkdayReference
    """Which side, such as speaking."""


class WorkdayLanguageAbility(TypedDict, total=False):
    """A wrapper that Workday wants."""

    Language_Ability_Data: WorkdayLanguageAbilityData
    """How well one side of a language is known."""


class WorkdayLanguageKnowledge(TypedDict):
    """How well a language is known."""

    Native: NotRequired[bool]
    """Whether it is the mother tongue."""
    Language_Ability: Sequence[WorkdayLanguageAbility]
    """How well each side of it is known."""


class WorkdayLanguage(TypedDict, total=False):
    """A language that the candidate knows."""

    Language_Reference: WorkdayOptionalReference
    """Which one."""
    Language: WorkdayLanguageKnowledge
    """How well."""


class WorkdayExperience(TypedDict):
    """A former job."""

    Company_Name: str
    """The employer."""
    Title: str
    """What the candidate was there."""
    Location: NotRequired[str]
    """Where."""
    Start_Date: datetime | date
    """The first day."""
    End_Date: NotRequired[datetime | date]
    """The last day."""
    Currently_Work_Here: NotRequired[bool]
    """Whether the candidate is still there."""
    Description: NotRequired[str]
    """What the candidate did."""


class WorkdayResume(TypedDict, total=False):
    """A résumé in parts."""

    Education_Data: Sequence[WorkdayEducation]
    """Schools."""
    Skill_Data: Sequence[WorkdaySkill]
    """Skills."""
    Language_Data: Sequence[WorkdayLanguage]
    """Languages."""
    Experience_Data: Sequence[WorkdayExperience]
    """Former jobs."""


class WorkdayJobApplication(TypedDict, total=False):
    """The application in Workday."""

    Job_Applied_To_Data: WorkdayJobAppliedTo
    """What belongs to this application only."""
    Resume_Data: WorkdayResume
    """The résumé."""


class WorkdayRegion(TypedDict):
    """A region of a country."""

    Country_Region_ID: str
    """Its id in the customer's Workday."""


class WorkdayLocation(TypedDict, total=False):
    """An address."""

    Address_Line_1: str
    """Street and house number."""
    Address_Line_2: str
    """The rest of them."""
    Postal_Code: str
    """The postal code."""
    Region_Subdivision_1: str
    """A part of the region, such as a county."""
    Country_Region_Reference: WorkdayRegion
    """The region."""
    Country_City_Reference: WorkdayReference
    """The town, where Workday keeps a list of them."""


class WorkdayContact(TypedDict, total=False):
    """How to reach a candidate."""

    Location_Data: WorkdayLocation
    """The address."""


class WorkdayWorker(TypedDict, total=False):
    """An employee: one of the two keys will do."""

    WID: str
    """The Workday id."""
    Employee_ID: str
    """The number in the company."""


class WorkdayCandidate(TypedDict, total=False):
    """The candidate in Workday: only these keys reach it."""

    Name_Detail_Data: WorkdayNameDetail
    """The rest of the name."""
    Language_Reference: WorkdayReference
    """The main language."""
    Job_Application_Data: WorkdayJobApplication
    """The application."""
    Contact_Data: WorkdayContact
    """How to reach the candidate."""
    Worker_Reference: WorkdayWorker
    """The employee who the candidate is."""


class WorkdayApplicationFields(TypedDict, total=False):
    """What only Workday takes with an application, after the input of its Put_Candidate operation."""

    Candidate_Data: WorkdayCandidate
    """The candidate."""
    Override_Source_Reference_WID: str
    """The Workday id of the source, in place of the one that Kombo finds."""


class BullhornApplicationFields(CandidateObject, total=False):
    """What only Bullhorn takes with an application."""

    job_submission: Mapping[str, Any]
    """Fields of its JobSubmission."""
    existing_candidate_remote_id: str
    """Bullhorn's id of the candidate to use, without a search for duplicates; the call fails if it no longer exists."""


class SmartRecruitersConsent(TypedDict, total=False):
    """What a candidate consented to: `SINGLE` alone or any of the others, as the customer's settings have it."""

    SINGLE: bool
    """Everything, where the customer does not ask for each purpose."""
    SMART_RECRUIT: bool
    """The recruiting itself."""
    SMART_CRM: bool
    """Talent pools."""
    SMART_MESSAGE_SMS: bool
    """Text messages."""
    SMART_MESSAGE_WHATSAPP: bool
    """Messages by WhatsApp."""


class SmartRecruitersApplicationFields(CandidateObject, total=False):
    """What only SmartRecruiters takes with an application."""

    candidate_with_questions: Mapping[str, Any]
    """Deprecated by Kombo: use `candidate`."""
    candidate_without_questions: Mapping[str, Any]
    """Deprecated by Kombo: use `candidate`."""
    consent_decisions: SmartRecruitersConsent
    """What the candidate consented to; wins over `gdpr_consent`."""


class TalentadoreApplicationFields(TypedDict, total=False):
    """What only TalentAdore takes with an application."""

    applications: Mapping[str, Any]
    """Fields of the application."""


class HrworksApplicationFields(TypedDict, total=False):
    """What only HRworks takes with an application."""

    jobApplication: Mapping[str, Any]
    """Fields of the application."""


class JobylonMessage(TypedDict, total=False):
    """The application in Jobylon."""

    message: str
    """What the candidate writes."""


class JobylonApplicationFields(TypedDict, total=False):
    """What only Jobylon takes with an application."""

    application: JobylonMessage
    """The application."""


class AvatureStep(TypedDict):
    """A step of a workflow."""

    id: int
    """Its id in the customer's Avature."""


class AvatureWorkflow(TypedDict, total=False):
    """The position of a candidate in a workflow."""

    step: AvatureStep
    """The step to put the candidate on."""


class AvatureApplicationFields(CandidateObject, total=False):
    """What only Avature takes with an application; `candidate` holds fields of its form for people."""

    workflow: AvatureWorkflow
    """Where the candidate starts."""


class RecruiteeCoverLetter(TypedDict, total=False):
    """The candidate in Recruitee."""

    cover_letter_text: str
    """The cover letter as text, shown with the candidate; a file of it may come besides."""


class RecruiteeApplicationFields(TypedDict, total=False):
    """What only Recruitee takes with an application."""

    candidate: RecruiteeCoverLetter
    """The candidate."""


class UmantisApplicationFields(TypedDict, total=False):
    """What only Abacus Umantis takes with an application."""

    person: Mapping[str, Any]
    """Attributes of the person."""


class PilogaCandidate(TypedDict, total=False):
    """The candidate in P&I Loga."""

    street: str
    """The street of the address."""
    geburtsdatum: date
    """The birthday."""


class PilogaApplicationFields(TypedDict, total=False):
    """What only P&I Loga takes with an application."""

    candidate: PilogaCandidate
    """The candidate."""


class CovetoCandidate(TypedDict, total=False):
    """The candidate in Coveto."""

    mandant: float
    """The client that the candidate belongs to."""
    status: int
    """The number of the status to start with, one of Coveto's `bewerber-status`."""
    aktiv: Literal["Ja", "Nein"]
    """Whether the candidate starts as active, which is Coveto's own choice."""


class CovetoApplicationFields(TypedDict, total=False):
    """What only Coveto takes with an application."""

    candidate: CovetoCandidate
    """The candidate."""


class AfasApplicationFields(TypedDict, total=False):
    """What only AFAS takes with an application."""

    Fields: Mapping[str, Any]
    """Fields of the element of its HrCreateApplicant."""


class RecruitCrmField(TypedDict):
    """A custom field of a candidate in Recruit CRM."""

    field_id: int
    """Recruit CRM's id of the field."""
    value: str
    """The value; one of the configured options for a list, an address to download from for a file."""
    entity_type: NotRequired[str]
    """What the field belongs to: usually `candidate`."""
    field_name: NotRequired[str]
    """The field's name."""
    field_type: NotRequired[str]
    """The field's kind, such as `text`."""


class RecruitCrmApplicationFields(TypedDict, total=False):
    """What only Recruit CRM takes with an application."""

    custom_fields: Sequence[RecruitCrmField]
    """Custom fields of the candidate; one that depends on another needs that one here too."""


class ApplicationRemoteFields(TypedDict, total=False):
    """What single tools take with a new application."""

    successfactors: SuccessFactorsApplicationFields
    """For SAP SuccessFactors."""
    personio: ApplicationObject
    """For Personio."""
    talentsoft: TalentsoftApplicationFields
    """For Talentsoft."""
    teamtailor: TeamtailorApplicationFields
    """For Teamtailor."""
    greenhouse: GreenhouseApplicationFields
    """For Greenhouse."""
    greenhousev3: CandidateAndApplicationObjects
    """For Greenhouse connected by OAuth."""
    lever: CandidateObject
    """For Lever, which takes keys and values as in a form."""
    workable: WorkableApplicationFields
    """For Workable."""
    workday: WorkdayApplicationFields
    """For Workday."""
    zohorecruit: CandidateObject
    """For Zoho Recruit."""
    bullhorn: BullhornApplicationFields
    """For Bullhorn."""
    smartrecruiters: SmartRecruitersApplicationFields
    """For SmartRecruiters."""
    talentadore: TalentadoreApplicationFields
    """For TalentAdore."""
    guidecom: CandidateObject
    """For GuideCom."""
    dvinci: CandidateAndApplicationObjects
    """For d.vinci, with the keys of the candidate next to those of the application."""
    hrworks: HrworksApplicationFields
    """For HRworks."""
    jobylon: JobylonApplicationFields
    """For Jobylon."""
    avature: AvatureApplicationFields
    """For Avature."""
    recruitee: RecruiteeApplicationFields
    """For Recruitee."""
    rexx: CandidateObject
    """For rexx, by the names of its form for applications."""
    umantis: UmantisApplicationFields
    """For Abacus Umantis."""
    piloga: PilogaApplicationFields
    """For P&I Loga."""
    pinpoint: CandidateObject
    """For Pinpoint."""
    covetorest: CovetoApplicationFields
    """For Coveto."""
    afas: AfasApplicationFields
    """For AFAS."""
    recruitcrm: RecruitCrmApplicationFields
    """For Recruit CRM."""
