"""The filters and operations of AI Apply. None of them needs an integration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict, TypeVar

from msgspec import UNSET, UnsetType

from ..engine.operation import NON_IDEMPOTENT, SAFE, Operation
from ..engine.query import PageOptions
from ..models import ai_apply as models
from ..models.ats import Application, NewApplication
from ..models.base import SequenceNotStr, frozen

T = TypeVar("T")


class AiApplyFilters(PageOptions, total=False):
    """The filter that every list has."""

    ids: SequenceNotStr[str]
    """Only the records with these Kombo ids."""


class PostingFilters(AiApplyFilters, total=False):
    """The filters of `iter_postings`; several must all match, of several values in one any may."""

    career_site_ids: SequenceNotStr[str]
    """Only postings of these career sites, by Kombo id."""
    job_codes: SequenceNotStr[str]
    """Only postings with one of these codes of yours."""


class AiApplyApplicationFilters(AiApplyFilters, total=False):
    """The filters of `iter_applications`; several must all match, of several values in one any may."""

    job_posting_ids: SequenceNotStr[str]
    """Only applications to these postings, by Kombo id."""


class UnifiedJobFilters(PostingFilters, total=False):
    """The filters of `iter_jobs`; several must all match, of several values in one any may."""

    remote_ids: SequenceNotStr[str]
    """Makes the list empty: there is no tool here that could give ids. It is for code that passes it anyway."""


class _Label(TypedDict):
    label: str


class _NewPosting(TypedDict):
    url: str
    career_site_id: str
    job_code: NotRequired[str]
    location: NotRequired[models.PostingLocation | None]


@frozen(kw_only=True)
class _UnifiedApplication(NewApplication):
    query_params: Mapping[str, str] | UnsetType = UNSET


def _list(name: str, path: str, response_type: type[T], filters: type, page_size: int = 250) -> Operation[T]:
    return Operation(name, "GET", path, response_type, SAFE, page_size=page_size, filters=filters)


CREATE_CAREER_SITE = Operation(
    "create_career_site", "POST", "/ai-apply/career-sites", models.CareerSite, NON_IDEMPOTENT, body=_Label
)
ITER_CAREER_SITES = _list("iter_career_sites", "/ai-apply/career-sites", models.CareerSite, AiApplyFilters)
ITER_POSTINGS = _list("iter_postings", "/ai-apply/postings", models.AiApplyPosting, PostingFilters)
CREATE_POSTING = Operation(
    "create_posting", "POST", "/ai-apply/postings", models.AiApplyPosting, NON_IDEMPOTENT, body=_NewPosting
)
# A form that is lost does no harm: the next request returns another token.
INQUIRE = Operation("inquire", "POST", "/ai-apply/postings/{posting_id}/inquire", models.ApplicationForm, SAFE)
APPLY = Operation(
    "apply",
    "POST",
    "/ai-apply/apply",
    models.QueuedAiApplyApplication,
    NON_IDEMPOTENT,
    body=models.NewAiApplyApplication,
)
ITER_APPLICATIONS = _list(
    "iter_applications", "/ai-apply/applications", models.AiApplyApplication, AiApplyApplicationFilters
)
ITER_JOBS = _list("iter_jobs", "/ai-apply/unified-api/jobs", models.AiApplyJob, UnifiedJobFilters, page_size=5)
CREATE_APPLICATION = Operation(
    "create_application",
    "POST",
    "/ai-apply/unified-api/jobs/{job_id}/applications",
    Application,
    NON_IDEMPOTENT,
    body=_UnifiedApplication,
)
ITER_JOB_FEEDS = _list("iter_job_feeds", "/ai-apply/job-feeds", models.JobFeed, AiApplyFilters)
CREATE_JOB_FEED = Operation(
    "create_job_feed", "POST", "/ai-apply/job-feeds", models.JobFeed, NON_IDEMPOTENT, body=_Label
)
IMPORT_JOB_FEED = Operation(
    "import_job_feed",
    "POST",
    "/ai-apply/job-feeds/{job_feed_id}/bulk-import",
    models.JobFeedImport,
    NON_IDEMPOTENT,
    long=True,
)
