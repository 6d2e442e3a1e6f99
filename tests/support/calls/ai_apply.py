"""Calls of AI Apply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from kombo_async import KomboClient
from kombo_async.models import (
    Applicant,
    File,
    FormAnswer,
    JobFeedPosting,
    NewAiApplyApplication,
    NewApplication,
    PostingLocation,
    SourcedBy,
)

from . import Call
from .ats_writes import ANSWERS, APPLICATION, ATTACHMENTS, CONSENT, SOURCE, WHOLE_APPLICANT

PAGED: dict[str, Any] = {"page_size": 5, "cursor": None, "read_ahead": False}
GRAZ = PostingLocation(country="AT", postal_code="8010")


async def postings() -> AsyncIterator[JobFeedPosting]:
    yield JobFeedPosting(url="https://jobs.example.com/1", career_site_label="Tannenhof")
    yield JobFeedPosting(
        url="https://jobs.example.com/2", career_site_label="Tannenhof", job_code="TH-2", location=GRAZ
    )


def application(token: str, **more: Any) -> NewAiApplyApplication:
    return NewAiApplyApplication(
        submission_token=token,
        candidate_email="mara.winkler@example.com",
        screening_question_answers=[
            FormAnswer(question_id="name", answer="Mara Winkler"),
            FormAnswer(question_id="start", answer=date(2026, 9, 1)),
            FormAnswer(question_id="forklift", answer=True),
            FormAnswer(question_id="years", answer=7),
            FormAnswer(question_id="shifts", answer=["early", "late"]),
            FormAnswer(question_id="cv", answer=File(name="cv.pdf", data=b"%PDF-1.7")),
        ],
        **more,
    )


MARA = Applicant(first_name="Mara", last_name="Winkler", email_address="mara.winkler@example.com")


def import_of(postings: Any) -> Any:
    def call(client: KomboClient, ids: Any) -> Any:
        return client.ai_apply.import_job_feed(ids.job_feed, postings() if callable(postings) else postings)

    return call


CALLS: list[Call] = [
    Call("ai_apply.create_career_site", lambda c, _: c.ai_apply.create_career_site("Tannenhof GmbH")),
    Call("ai_apply.iter_career_sites", lambda c, _: c.ai_apply.iter_career_sites()),
    Call("ai_apply.iter_career_sites", lambda c, ids: c.ai_apply.iter_career_sites(ids=[ids.career_site], **PAGED)),
    Call("ai_apply.iter_postings", lambda c, _: c.ai_apply.iter_postings()),
    Call(
        "ai_apply.iter_postings",
        lambda c, ids: c.ai_apply.iter_postings(
            ids=[ids.posting], career_site_ids=[ids.career_site], job_codes=["TH-1", "TH-2"], **PAGED
        ),
    ),
    Call(
        "ai_apply.create_posting",
        lambda c, ids: c.ai_apply.create_posting("https://jobs.example.com/1", ids.career_site),
    ),
    Call(
        "ai_apply.create_posting",
        lambda c, ids: c.ai_apply.create_posting(
            "https://jobs.example.com/1", ids.career_site, job_code="TH-1", location=GRAZ
        ),
    ),
    Call(
        "ai_apply.create_posting",
        lambda c, ids: c.ai_apply.create_posting("https://jobs.example.com/1", ids.career_site, location=None),
    ),
    Call("ai_apply.inquire", lambda c, ids: c.ai_apply.inquire(ids.posting)),
    Call("ai_apply.apply", lambda c, ids: c.ai_apply.apply(application(ids.submission_token))),
    Call(
        "ai_apply.apply",
        lambda c, ids: c.ai_apply.apply(
            application(
                ids.submission_token,
                query_params={"source": "jobs.example"},
                additional_clicks=10,
                additional_clicks_scatter_duration=45,
            )
        ),
    ),
    Call("ai_apply.iter_applications", lambda c, _: c.ai_apply.iter_applications()),
    Call(
        "ai_apply.iter_applications",
        lambda c, ids: c.ai_apply.iter_applications(ids=["7mWc3Rb8"], job_posting_ids=[ids.posting], **PAGED),
    ),
    Call("ai_apply.iter_jobs", lambda c, _: c.ai_apply.iter_jobs()),
    Call(
        "ai_apply.iter_jobs",
        lambda c, ids: c.ai_apply.iter_jobs(
            ids=[ids.feed_job], remote_ids=["17"], job_codes=["TH-1"], career_site_ids=[ids.career_site], **PAGED
        ),
    ),
    Call(
        "ai_apply.create_application",
        lambda c, ids: c.ai_apply.create_application(ids.feed_job, NewApplication(candidate=MARA)),
    ),
    Call(
        "ai_apply.create_application",
        lambda c, ids: c.ai_apply.create_application(
            ids.feed_job,
            NewApplication(
                candidate=WHOLE_APPLICANT,
                stage_id="stage-1",
                attachments=ATTACHMENTS,
                source=SOURCE,
                sourced_by=SourcedBy(user_id="user-1"),
                gdpr_consent=CONSENT,
                screening_question_answers=ANSWERS,
                remote_fields=APPLICATION,
            ),
            query_params={"source": "jobs.example"},
        ),
    ),
    Call("ai_apply.iter_job_feeds", lambda c, _: c.ai_apply.iter_job_feeds()),
    Call("ai_apply.iter_job_feeds", lambda c, ids: c.ai_apply.iter_job_feeds(ids=[ids.job_feed], **PAGED)),
    Call("ai_apply.create_job_feed", lambda c, _: c.ai_apply.create_job_feed("Tannenhof, all jobs")),
    Call("ai_apply.import_job_feed", import_of([])),
    Call("ai_apply.import_job_feed", import_of(postings)),
]
