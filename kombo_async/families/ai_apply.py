"""AI Apply: applications on career sites that no integration leads to. See https://docs.kombo.dev/ai-apply"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping
from typing import Unpack

import attrs
from msgspec import UNSET, UnsetType

from ..engine.ndjson import NDJSONBody
from ..models import ai_apply as models
from ..models.ats import Application, NewApplication
from ..operations import ai_apply as op
from ..paging import Pager
from .family import Family, deprecated, omit_unset

_LARGEST_IMPORT = 35_000_000
"""Bytes. Kombo documents 35 MB, without saying whether of 1,000 or 1,024 KB: this is the smaller one."""


class AiApply(Family):
    """The operations of AI Apply, as `client.ai_apply`. None of them is for an integration."""

    __slots__ = ()

    async def create_career_site(self, label: str) -> models.CareerSite:
        """Create a group for postings, such as one for each employer.

        See https://docs.kombo.dev/ai-apply/v1/post-career-sites
        """
        return await self._send(op.CREATE_CAREER_SITE, body={"label": label})

    def iter_career_sites(self, **filters: Unpack[op.AiApplyFilters]) -> Pager[models.CareerSite]:
        """Iterate over the career sites, up to 250 a page.

        See https://docs.kombo.dev/ai-apply/v1/get-career-sites
        """
        return self._iterate(op.ITER_CAREER_SITES, filters)

    def iter_postings(self, **filters: Unpack[op.PostingFilters]) -> Pager[models.AiApplyPosting]:
        """Iterate over the postings, also the archived ones, up to 250 a page; `inquire` gives the form of one.

        See https://docs.kombo.dev/ai-apply/v1/get-postings
        """
        return self._iterate(op.ITER_POSTINGS, filters)

    async def create_posting(
        self,
        url: str,
        career_site_id: str,
        *,
        job_code: str | UnsetType = UNSET,
        location: models.PostingLocation | UnsetType | None = UNSET,
    ) -> models.AiApplyPosting:
        """Let Kombo read the page of a job. That takes a while: check `availability`, or wait for the webhook.

        For a page that Kombo has already, `location=None` clears the location, and leaving it out keeps it.
        See https://docs.kombo.dev/ai-apply/v1/post-postings
        """
        body = omit_unset(url=url, career_site_id=career_site_id, job_code=job_code, location=location)
        return await self._send(op.CREATE_POSTING, body=body)

    async def inquire(self, posting_id: str) -> models.ApplicationForm:
        """Get the application form of a posting, and the token with which `apply` submits it.

        Ask again for each application: forms change, and a token is valid for one of them.
        See https://docs.kombo.dev/ai-apply/v1/post-postings-posting-id-inquire
        """
        return await self._send(op.INQUIRE, posting_id=posting_id)

    async def apply(self, application: models.NewAiApplyApplication) -> models.QueuedAiApplyApplication:
        """Apply for a job. Kombo fills in the form later: the webhook or `iter_applications` has the result.

        See https://docs.kombo.dev/ai-apply/v1/post-apply
        """
        return await self._send(op.APPLY, body=application)

    def iter_applications(self, **filters: Unpack[op.AiApplyApplicationFilters]) -> Pager[models.AiApplyApplication]:
        """Iterate over the applications, up to 250 a page.

        See https://docs.kombo.dev/ai-apply/v1/get-applications
        """
        return self._iterate(op.ITER_APPLICATIONS, filters)

    @deprecated("use iter_postings and inquire")
    def iter_jobs(self, **filters: Unpack[op.UnifiedJobFilters]) -> Pager[models.AiApplyJob]:
        """Iterate over the postings in the form of `client.ats.iter_jobs`, five a page.

        Kombo no longer maintains it: use `iter_postings` and `inquire`.
        See https://docs.kombo.dev/ai-apply/v1/get-unified-api-jobs
        """
        return self._iterate(op.ITER_JOBS, filters)

    @deprecated("use inquire and apply")
    async def create_application(
        self, job_id: str, application: NewApplication, *, query_params: Mapping[str, str] | UnsetType = UNSET
    ) -> Application:
        """Apply for a job in the form of `client.ats.create_application`; the id is one of `iter_jobs`.

        `query_params` are added to the address of the posting. Kombo no longer maintains it: use `inquire` and
        `apply`. See https://docs.kombo.dev/ai-apply/v1/post-unified-api-jobs-job-id-applications
        """
        fields = {each.name: getattr(application, each.name) for each in attrs.fields(type(application))}
        return await self._send(
            op.CREATE_APPLICATION, body=omit_unset(**fields, query_params=query_params), job_id=job_id
        )

    def iter_job_feeds(self, **filters: Unpack[op.AiApplyFilters]) -> Pager[models.JobFeed]:
        """Iterate over the job feeds, up to 250 a page.

        See https://docs.kombo.dev/ai-apply/v1/get-job-feeds
        """
        return self._iterate(op.ITER_JOB_FEEDS, filters)

    async def create_job_feed(self, label: str) -> models.JobFeed:
        """Create an empty feed, which `import_job_feed` fills.

        See https://docs.kombo.dev/ai-apply/v1/post-job-feeds
        """
        return await self._send(op.CREATE_JOB_FEED, body={"label": label})

    async def import_job_feed(
        self, job_feed_id: str, postings: Iterable[models.JobFeedPosting] | AsyncIterable[models.JobFeedPosting]
    ) -> models.JobFeedImport:
        """Replace all postings of a feed by these: those of earlier imports that are not among them are archived.

        They are encoded while they are sent, so that the items of a generator, also an asynchronous one, are never in
        memory together. If the iterable raises an exception, that is raised here, and nothing is imported. An iterator
        without items is a `ValueError`, as it may be exhausted; `[]` archives all postings.

        Kombo accepts 35 MB (more is a `ValueError`), takes five minutes at most, and runs one import of a feed at a
        time: otherwise `AIApplyJobFeedImportAlreadyRunningError` is raised. Failed imports are retried if that is safe,
        those from an iterator only if no item was taken from it.
        See https://docs.kombo.dev/ai-apply/v1/post-job-feeds-job-feed-id-bulk-import
        """
        lines = NDJSONBody(postings, models.JobFeedPosting, max_bytes=_LARGEST_IMPORT)
        return await self._send(op.IMPORT_JOB_FEED, body=lines, job_feed_id=job_feed_id)
