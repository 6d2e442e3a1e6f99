"""The recruiting family. See https://docs.kombo.dev/ats/introduction"""

from __future__ import annotations

from typing import Unpack

from msgspec import UNSET, UnsetType

from ..engine.query import ModelFilters
from ..models import ats as models
from ..models.base import OpenMapping
from ..operations import ats as op
from ..paging import Pager
from .family import Family, Reply, deprecated, omit_unset


class Ats(Family):
    """The operations of the recruiting family, as `client.ats`.

    Kombo reads lists from its copy, which is as fresh as the last sync. Before the end of the first sync they raise
    `IntegrationSetupSyncPendingError`.
    """

    __slots__ = ()

    def iter_applications(self, **filters: Unpack[op.ApplicationFilters]) -> Pager[models.Application]:
        """Iterate over the applications, up to 250 a page.

        `updated_after` also matches by candidate, stage, interviews and offers, not by the job or the candidate's tags.
        Unless your settings at Kombo say otherwise, the list has only applications that you created through Kombo. See
        https://docs.kombo.dev/ats/v1/get-applications
        """
        return self._iterate(op.ITER_APPLICATIONS, filters)

    async def get_application_attachments(
        self, application_id: str, *, integration_id: str | None = None
    ) -> Reply[tuple[models.ApplicationAttachment, ...]]:
        """Get the files of an application from the tool itself: an action, which may take long.

        Where the tool keeps files with the candidate, it gives the candidate's. The scope config must allow "Read
        document attachments". See https://docs.kombo.dev/ats/v1/get-applications-application-id-attachments
        """
        return await self._action_list(op.GET_APPLICATION_ATTACHMENTS, integration_id, application_id=application_id)

    def iter_candidates(self, **filters: Unpack[op.CandidateFilters]) -> Pager[models.Candidate]:
        """Iterate over the candidates, up to 250 a page.

        `updated_after` also matches by the candidate's applications and by a tag given or taken, not by an
        application's stage or job. As with applications, by default the list has only those that you created through
        Kombo. See https://docs.kombo.dev/ats/v1/get-candidates
        """
        return self._iterate(op.ITER_CANDIDATES, filters)

    async def get_candidate_attachments(
        self, candidate_id: str, *, integration_id: str | None = None
    ) -> Reply[tuple[models.CandidateAttachment, ...]]:
        """Get the files of a candidate and of all their applications from the tool itself: an action.

        The scope config must allow "Read document attachments".
        See https://docs.kombo.dev/ats/v1/get-candidates-candidate-id-attachments
        """
        return await self._action_list(op.GET_CANDIDATE_ATTACHMENTS, integration_id, candidate_id=candidate_id)

    def iter_tags(self, **filters: Unpack[ModelFilters]) -> Pager[models.Tag]:
        """Iterate over the tags that candidates can carry, up to 250 a page.

        See https://docs.kombo.dev/ats/v1/get-tags
        """
        return self._iterate(op.ITER_TAGS, filters)

    @deprecated("use the stages of iter_jobs")
    def iter_application_stages(self, **filters: Unpack[ModelFilters]) -> Pager[models.ApplicationStage]:
        """Iterate over the stages of all jobs together. Deprecated: use `Job.stages` of `iter_jobs`.

        Most tools have stages for each job, and an application cannot be moved to one of another job.
        See https://docs.kombo.dev/ats/v1/get-application-stages
        """
        return self._iterate(op.ITER_APPLICATION_STAGES, filters)

    def iter_jobs(self, **filters: Unpack[op.JobFilters]) -> Pager[models.Job]:
        """Iterate over the jobs, up to 250 a page, with their stages, questions, postings and team.

        `updated_after` also matches by postings, and by a stage, question or team member that was added or
        removed, not by a change inside one of those three. See https://docs.kombo.dev/ats/v1/get-jobs
        """
        return self._iterate(op.ITER_JOBS, filters)

    def iter_users(self, **filters: Unpack[op.AtsUserFilters]) -> Pager[models.AtsUser]:
        """Iterate over the users of the tool, up to 250 a page.

        `updated_after` also matches by the roles a user holds. See https://docs.kombo.dev/ats/v1/get-users
        """
        return self._iterate(op.ITER_USERS, filters)

    def iter_roles(self, **filters: Unpack[op.AtsRoleFilters]) -> Pager[models.AtsRole]:
        """Iterate over the roles that users can have, up to 250 a page.

        See https://docs.kombo.dev/ats/v1/get-roles
        """
        return self._iterate(op.ITER_ROLES, filters)

    def iter_offers(self, **filters: Unpack[ModelFilters]) -> Pager[models.Offer]:
        """Iterate over the offers made to candidates, up to 250 a page.

        `updated_after` also matches by the application, not by its candidate or job.
        See https://docs.kombo.dev/ats/v1/get-offers
        """
        return self._iterate(op.ITER_OFFERS, filters)

    def iter_rejection_reasons(self, **filters: Unpack[ModelFilters]) -> Pager[models.RejectionReason]:
        """Iterate over the reasons that `reject_application` takes, up to 250 a page.

        See https://docs.kombo.dev/ats/v1/get-rejection-reasons
        """
        return self._iterate(op.ITER_REJECTION_REASONS, filters)

    def iter_interviews(self, **filters: Unpack[op.InterviewFilters]) -> Pager[models.Interview]:
        """Iterate over the interviews, up to 250 a page.

        `updated_after` also matches by the application and by an interviewer added or removed, not by the
        application's candidate or job. See https://docs.kombo.dev/ats/v1/get-interviews
        """
        return self._iterate(op.ITER_INTERVIEWS, filters)

    def iter_notes(self, **filters: Unpack[op.CandidateRecordFilters]) -> Pager[models.Note]:
        """Iterate over what people noted about candidates, up to 250 a page.

        Known from Kombo's own SDK, not yet from its published description. `updated_after` does not match by the
        author, candidate or application. See https://docs.kombo.dev/ats/v1/get-notes
        """
        return self._iterate(op.ITER_NOTES, filters)

    def iter_scorecards(self, **filters: Unpack[op.CandidateRecordFilters]) -> Pager[models.Scorecard]:
        """Iterate over what interviewers think of candidates, up to 250 a page.

        Known from Kombo's own SDK, not yet from its published description. `updated_after` does not match by the
        author, candidate, application or interview. See https://docs.kombo.dev/ats/v1/get-scorecards
        """
        return self._iterate(op.ITER_SCORECARDS, filters)

    def iter_attachments(self, **filters: Unpack[op.CandidateRecordFilters]) -> Pager[models.StoredAttachment]:
        """Iterate over the files that Kombo copied to your own bucket, up to 250 a page; the tool is not asked.

        Known from Kombo's own SDK, not yet from its published description.
        See https://docs.kombo.dev/ats/v1/get-attachments
        """
        return self._iterate(op.ITER_ATTACHMENTS, filters)

    async def get_create_candidate_restrictions(
        self, *, integration_id: str | None = None
    ) -> models.ActionRestrictions:
        """Get which files `create_candidate` takes with this integration's tool.

        See https://docs.kombo.dev/ats/v1/get-actions-ats-create-candidate
        """
        return await self._send(op.GET_CREATE_CANDIDATE_RESTRICTIONS, integration_id)

    async def get_create_application_restrictions(
        self, *, integration_id: str | None = None
    ) -> models.ActionRestrictions:
        """Get which files `create_application` takes with this integration's tool.

        See https://docs.kombo.dev/ats/v1/get-actions-ats-create-application
        """
        return await self._send(op.GET_CREATE_APPLICATION_RESTRICTIONS, integration_id)

    async def get_add_application_attachment_restrictions(
        self, *, integration_id: str | None = None
    ) -> models.ActionRestrictions:
        """Get which files `add_application_attachment` takes with this integration's tool.

        See https://docs.kombo.dev/ats/v1/get-actions-ats-add-application-attachment
        """
        return await self._send(op.GET_ADD_APPLICATION_ATTACHMENT_RESTRICTIONS, integration_id)

    async def get_add_candidate_attachment_restrictions(
        self, *, integration_id: str | None = None
    ) -> models.ActionRestrictions:
        """Get which files `add_candidate_attachment` takes with this integration's tool.

        See https://docs.kombo.dev/ats/v1/get-actions-ats-add-candidate-attachment
        """
        return await self._send(op.GET_ADD_CANDIDATE_ATTACHMENT_RESTRICTIONS, integration_id)

    async def create_application(
        self, job_id: str, application: models.NewApplication, *, integration_id: str | None = None
    ) -> Reply[models.Application]:
        """Let a person apply for a job; the tool gets a candidate and an application.

        `job_id` may be the tool's own id after `remote:`. Sent once, as Kombo itself retries requests to the tool.
        Raises `ATSJobClosedError`, or `ATSApplicationAlreadyExistsError` for someone who has applied before. The scope
        config must allow "Create applications and candidates". See
        https://docs.kombo.dev/ats/v1/post-jobs-job-id-applications
        """
        return await self._action(op.CREATE_APPLICATION, integration_id, body=application, job_id=job_id)

    async def create_candidate(
        self, candidate: models.NewCandidate, *, integration_id: str | None = None
    ) -> Reply[models.Candidate]:
        """Let a person apply for a job, and get the candidate. Kombo advises `create_application` instead.

        The scope config must allow "Create applications and candidates".
        See https://docs.kombo.dev/ats/v1/post-candidates
        """
        return await self._action(op.CREATE_CANDIDATE, integration_id, body=candidate)

    async def import_tracked_application(
        self, application: models.TrackedApplicationImport, *, integration_id: str | None = None
    ) -> Reply[models.TrackedApplication]:
        """Let Kombo track an application that it did not create; its data come with the next sync.

        Meant for integrations that sync only what they created.
        See https://docs.kombo.dev/ats/v1/post-import-tracked-application
        """
        return await self._action(op.IMPORT_TRACKED_APPLICATION, integration_id, body=application)

    async def move_application_to_stage(
        self,
        application_id: str,
        stage_id: str,
        *,
        remote_fields: OpenMapping[models.StageRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Move an application to another stage, one of `Job.stages` of its own job.

        The scope config must allow "Set application stage".
        See https://docs.kombo.dev/ats/v1/put-applications-application-id-stage
        """
        body = omit_unset(stage_id=stage_id, remote_fields=remote_fields)
        return await self._action(
            op.MOVE_APPLICATION_TO_STAGE, integration_id, body=body, application_id=application_id
        )

    async def reject_application(
        self,
        application_id: str,
        rejection_reason_id: str,
        *,
        note: str | UnsetType = UNSET,
        remote_fields: OpenMapping[models.RejectionRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Turn an application down, for one of the reasons of `iter_rejection_reasons`.

        `note` is passed on if the tool supports it. The scope config must allow "Reject applications".
        See https://docs.kombo.dev/ats/v1/post-applications-application-id-reject
        """
        body = omit_unset(rejection_reason_id=rejection_reason_id, note=note, remote_fields=remote_fields)
        return await self._action(op.REJECT_APPLICATION, integration_id, body=body, application_id=application_id)

    async def add_application_note(
        self,
        application_id: str,
        content: str,
        *,
        content_type: models.NoteContentTypeOrStr = models.NoteContentType.PLAIN_TEXT,
        remote_fields: OpenMapping[models.NoteRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Add a text for recruiters to an application. The scope config must allow "Add notes".

        See https://docs.kombo.dev/ats/v1/post-applications-application-id-notes
        """
        body = omit_unset(content=content, content_type=content_type, remote_fields=remote_fields)
        return await self._action(op.ADD_APPLICATION_NOTE, integration_id, body=body, application_id=application_id)

    async def add_application_attachment(
        self,
        application_id: str,
        attachment: models.Attachment,
        *,
        remote_fields: OpenMapping[models.AttachmentRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Add a file to an application, or to its candidate where the tool keeps files only there.

        The scope config must allow "Add attachments". See
        https://docs.kombo.dev/ats/v1/post-applications-application-id-attachments
        """
        body = omit_unset(attachment=attachment, remote_fields=remote_fields)
        return await self._action(
            op.ADD_APPLICATION_ATTACHMENT, integration_id, body=body, application_id=application_id
        )

    async def add_application_result_link(
        self,
        application_id: str,
        *,
        label: str,
        url: str,
        details: models.ResultDetails | UnsetType = UNSET,
        remote_fields: OpenMapping[models.ResultLinkRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Link an application to a result on your side, such as that of a test.

        Few tools support links: others get it in a custom field or a note, with or without the label. The
        scope config must allow "Add result links".
        See https://docs.kombo.dev/ats/v1/post-applications-application-id-result-links
        """
        body = omit_unset(label=label, url=url, details=details, remote_fields=remote_fields)
        return await self._action(
            op.ADD_APPLICATION_RESULT_LINK, integration_id, body=body, application_id=application_id
        )

    async def create_interview(
        self, application_id: str, interview: models.NewInterview, *, integration_id: str | None = None
    ) -> Reply[None]:
        """Arrange a meeting with a candidate. A closed beta of Kombo's: ask them for access.

        See https://docs.kombo.dev/ats/v1/post-applications-application-id-interviews
        """
        return await self._action(op.CREATE_INTERVIEW, integration_id, body=interview, application_id=application_id)

    async def update_interview(
        self, application_id: str, interview: models.InterviewUpdate, *, integration_id: str | None = None
    ) -> Reply[None]:
        """Change a meeting with a candidate: all its fields are sent. A closed beta of Kombo's: ask them for access.

        `application_id` is that of the application; the id of the interview is in `interview`.
        See https://docs.kombo.dev/ats/v1/patch-applications-application-id-interviews
        """
        return await self._action(op.UPDATE_INTERVIEW, integration_id, body=interview, application_id=application_id)

    async def add_candidate_attachment(
        self,
        candidate_id: str,
        attachment: models.Attachment,
        *,
        remote_fields: OpenMapping[models.ActorRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Add a file to a candidate. Kombo advises `add_application_attachment` instead.

        The scope config must allow "Add attachments".
        See https://docs.kombo.dev/ats/v1/post-candidates-candidate-id-attachments
        """
        body = omit_unset(attachment=attachment, remote_fields=remote_fields)
        return await self._action(op.ADD_CANDIDATE_ATTACHMENT, integration_id, body=body, candidate_id=candidate_id)

    async def add_candidate_result_link(
        self,
        candidate_id: str,
        *,
        label: str,
        url: str,
        details: models.ResultDetails | UnsetType = UNSET,
        remote_fields: OpenMapping[models.ResultLinkRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Link a candidate to a result on your side. Kombo advises `add_application_result_link` instead.

        The scope config must allow "Add result links".
        See https://docs.kombo.dev/ats/v1/post-candidates-candidate-id-result-links
        """
        body = omit_unset(label=label, url=url, details=details, remote_fields=remote_fields)
        return await self._action(op.ADD_CANDIDATE_RESULT_LINK, integration_id, body=body, candidate_id=candidate_id)

    async def add_candidate_tag(
        self,
        candidate_id: str,
        name: str,
        *,
        remote_fields: OpenMapping[models.ActorRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Tag a candidate. The tag is found by its name, not its id, and made where the tool does not have it yet.

        The scope config must allow "Manage tags". See https://docs.kombo.dev/ats/v1/post-candidates-candidate-id-tags
        """
        body = omit_unset(tag={"name": name}, remote_fields=remote_fields)
        return await self._action(op.ADD_CANDIDATE_TAG, integration_id, body=body, candidate_id=candidate_id)

    async def remove_candidate_tag(
        self,
        candidate_id: str,
        name: str,
        *,
        remote_fields: OpenMapping[models.ActorRemoteFields] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> Reply[None]:
        """Take a tag from a candidate, by its name; a candidate without it is no error.

        The scope config must allow "Manage tags". See https://docs.kombo.dev/ats/v1/delete-candidates-candidate-id-tags
        """
        body = omit_unset(tag={"name": name}, remote_fields=remote_fields)
        return await self._action(op.REMOVE_CANDIDATE_TAG, integration_id, body=body, candidate_id=candidate_id)
