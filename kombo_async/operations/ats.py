"""The filters and operations of the recruiting family."""

from __future__ import annotations

from datetime import date, datetime
from types import NoneType
from typing import NotRequired, TypedDict

from ..engine.operation import SAFE, Operation, action, synced
from ..engine.query import ModelFilters
from ..models import ats as models
from ..models.base import OpenMapping, SequenceNotStr


class ApplicationFilters(ModelFilters, total=False):
    """The filters of `iter_applications`; several must all match, of several values in one any may."""

    outcomes: SequenceNotStr[models.ApplicationOutcomeOrStr]
    """Only applications that ended, or have not ended, in one of these ways."""
    job_ids: SequenceNotStr[str]
    """Only applications for one of these jobs, by Kombo id."""
    job_remote_ids: SequenceNotStr[str]
    """Only applications for one of these jobs, by the tool's own id."""
    current_stage_ids: SequenceNotStr[str]
    """Only applications that are in one of these stages now, by Kombo id."""
    remote_created_after: datetime | date | None
    """Only applications created in the tool on that day or later. None filters nothing."""


class CandidateFilters(ModelFilters, total=False):
    """The filters of `iter_candidates`; several must all match, of several values in one any may."""

    email: str
    """Only candidates with this address among theirs, upper and lower case being equal."""
    job_ids: SequenceNotStr[str]
    """Only candidates who applied for one of these jobs, by Kombo id."""
    first_name: str
    """Only candidates with exactly this given name, upper and lower case being equal. Kombo may match more later."""
    last_name: str
    """Only candidates with exactly this family name, upper and lower case being equal. Kombo may match more later."""


class JobFilters(ModelFilters, total=False):
    """The filters of `iter_jobs`; several must all match, of several values in one any may."""

    job_codes: SequenceNotStr[str]
    """Only jobs with one of these codes. A code with a comma in it cannot be asked for."""
    post_url: str
    """Only the job with this public address."""
    statuses: SequenceNotStr[models.JobStatusOrStr]
    """Only jobs in one of these states."""
    employment_types: SequenceNotStr[models.JobEmploymentTypeOrStr]
    """Only jobs with one of these kinds of employment."""
    visibilities: SequenceNotStr[models.JobVisibilityOrStr]
    """Only jobs with one of these visibilities. `statuses` is the other half of whether a job can be advertised."""
    remote_created_after: datetime | date | None
    """Only jobs created in the tool on that day or later. None filters nothing."""
    name_contains: str
    """Only jobs with these words in their title."""


class AtsUserFilters(ModelFilters, total=False):
    """The filters of `iter_users`; several must all match, of several values in one any may."""

    emails: SequenceNotStr[str]
    """Only users with one of these addresses, upper and lower case being equal."""


class AtsRoleFilters(ModelFilters, total=False):
    """The filters of `iter_roles`; several must all match, of several values in one any may."""

    scopes: SequenceNotStr[models.AtsRoleScopeOrStr]
    """Only roles that reach so far."""


class InterviewFilters(ModelFilters, total=False):
    """The filters of `iter_interviews`; several must all match, of several values in one any may."""

    job_ids: SequenceNotStr[str]
    """Only interviews about one of these jobs, by Kombo id."""


class CandidateRecordFilters(ModelFilters, total=False):
    """The filters of notes, scorecards and attachments; several must all match, of several values in one any may."""

    candidate_ids: SequenceNotStr[str]
    """Only what belongs to one of these candidates, by Kombo id: the way to all there is of a candidate."""
    application_ids: SequenceNotStr[str]
    """Only what belongs to one of these applications, by Kombo id; what hangs on the candidate alone is left out."""


class _StageMove(TypedDict):
    stage_id: str
    remote_fields: NotRequired[OpenMapping[models.StageRemoteFields]]


class _ResultLink(TypedDict):
    label: str
    url: str
    details: NotRequired[models.ResultDetails]
    remote_fields: NotRequired[OpenMapping[models.ResultLinkRemoteFields]]


class _NewNote(TypedDict):
    content: str
    content_type: models.NoteContentTypeOrStr
    remote_fields: NotRequired[OpenMapping[models.NoteRemoteFields]]


class _ApplicationFile(TypedDict):
    attachment: models.Attachment
    remote_fields: NotRequired[OpenMapping[models.AttachmentRemoteFields]]


class _CandidateFile(TypedDict):
    attachment: models.Attachment
    remote_fields: NotRequired[OpenMapping[models.ActorRemoteFields]]


class _Rejection(TypedDict):
    rejection_reason_id: str
    note: NotRequired[str]
    remote_fields: NotRequired[OpenMapping[models.RejectionRemoteFields]]


class _TagName(TypedDict):
    name: str


class _CandidateTag(TypedDict):
    tag: _TagName
    remote_fields: NotRequired[OpenMapping[models.ActorRemoteFields]]


def _restrictions(of: str) -> Operation[models.ActionRestrictions]:
    return Operation(
        f"get_{of}_restrictions", "GET", f"/ats/actions/ats_{of}", models.ActionRestrictions, SAFE, integration=True
    )


ITER_APPLICATIONS = synced("iter_applications", "/ats/applications", models.Application, ApplicationFilters)
ITER_CANDIDATES = synced("iter_candidates", "/ats/candidates", models.Candidate, CandidateFilters)
ITER_TAGS = synced("iter_tags", "/ats/tags", models.Tag, ModelFilters)
ITER_APPLICATION_STAGES = synced(
    "iter_application_stages", "/ats/application-stages", models.ApplicationStage, ModelFilters
)
ITER_JOBS = synced("iter_jobs", "/ats/jobs", models.Job, JobFilters)
ITER_USERS = synced("iter_users", "/ats/users", models.AtsUser, AtsUserFilters)
ITER_ROLES = synced("iter_roles", "/ats/roles", models.AtsRole, AtsRoleFilters)
ITER_OFFERS = synced("iter_offers", "/ats/offers", models.Offer, ModelFilters)
ITER_REJECTION_REASONS = synced(
    "iter_rejection_reasons", "/ats/rejection-reasons", models.RejectionReason, ModelFilters
)
ITER_INTERVIEWS = synced("iter_interviews", "/ats/interviews", models.Interview, InterviewFilters)
ITER_NOTES = synced("iter_notes", "/ats/notes", models.Note, CandidateRecordFilters)
ITER_SCORECARDS = synced("iter_scorecards", "/ats/scorecards", models.Scorecard, CandidateRecordFilters)
ITER_ATTACHMENTS = synced("iter_attachments", "/ats/attachments", models.StoredAttachment, CandidateRecordFilters)
GET_APPLICATION_ATTACHMENTS = action(
    "get_application_attachments",
    "GET",
    "/ats/applications/{application_id}/attachments",
    models.ApplicationAttachment,
    listed="results",
)
GET_CANDIDATE_ATTACHMENTS = action(
    "get_candidate_attachments",
    "GET",
    "/ats/candidates/{candidate_id}/attachments",
    models.CandidateAttachment,
    listed="results",
)
GET_CREATE_CANDIDATE_RESTRICTIONS = _restrictions("create_candidate")
GET_CREATE_APPLICATION_RESTRICTIONS = _restrictions("create_application")
GET_ADD_APPLICATION_ATTACHMENT_RESTRICTIONS = _restrictions("add_application_attachment")
GET_ADD_CANDIDATE_ATTACHMENT_RESTRICTIONS = _restrictions("add_candidate_attachment")

_APPLICATION = "/ats/applications/{application_id}"
_CANDIDATE = "/ats/candidates/{candidate_id}"

CREATE_APPLICATION = action(
    "create_application", "POST", "/ats/jobs/{job_id}/applications", models.Application, models.NewApplication
)
MOVE_APPLICATION_TO_STAGE = action("move_application_to_stage", "PUT", f"{_APPLICATION}/stage", NoneType, _StageMove)
ADD_APPLICATION_RESULT_LINK = action(
    "add_application_result_link", "POST", f"{_APPLICATION}/result-links", NoneType, _ResultLink
)
ADD_APPLICATION_NOTE = action("add_application_note", "POST", f"{_APPLICATION}/notes", NoneType, _NewNote)
ADD_APPLICATION_ATTACHMENT = action(
    "add_application_attachment", "POST", f"{_APPLICATION}/attachments", NoneType, _ApplicationFile
)
REJECT_APPLICATION = action("reject_application", "POST", f"{_APPLICATION}/reject", NoneType, _Rejection)
CREATE_INTERVIEW = action("create_interview", "POST", f"{_APPLICATION}/interviews", NoneType, models.NewInterview)
UPDATE_INTERVIEW = action("update_interview", "PATCH", f"{_APPLICATION}/interviews", NoneType, models.InterviewUpdate)
CREATE_CANDIDATE = action("create_candidate", "POST", "/ats/candidates", models.Candidate, models.NewCandidate)
ADD_CANDIDATE_ATTACHMENT = action(
    "add_candidate_attachment", "POST", f"{_CANDIDATE}/attachments", NoneType, _CandidateFile
)
ADD_CANDIDATE_RESULT_LINK = action(
    "add_candidate_result_link", "POST", f"{_CANDIDATE}/result-links", NoneType, _ResultLink
)
ADD_CANDIDATE_TAG = action("add_candidate_tag", "POST", f"{_CANDIDATE}/tags", NoneType, _CandidateTag)
REMOVE_CANDIDATE_TAG = action("remove_candidate_tag", "DELETE", f"{_CANDIDATE}/tags", NoneType, _CandidateTag)
IMPORT_TRACKED_APPLICATION = action(
    "import_tracked_application",
    "POST",
    "/ats/import-tracked-application",
    models.TrackedApplication,
    models.TrackedApplicationImport,
)
