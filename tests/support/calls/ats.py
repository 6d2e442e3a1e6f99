"""Calls of the recruiting family."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from . import Call

SINCE: dict[str, Any] = {
    "updated_after": datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
    "include_deleted": True,
    "ignore_unsupported_filters": True,
    "page_size": 40,
}
REMOTE_IDS = ["32", "personnel/7Ä"]

READS: list[Call] = [
    Call("ats.iter_applications", lambda c, ids: c.ats.iter_applications()),
    Call(
        "ats.iter_applications",
        lambda c, ids: c.ats.iter_applications(
            **SINCE,
            ids=[ids.application],
            remote_ids=REMOTE_IDS,
            outcomes=["PENDING", "HIRED"],
            job_ids=[ids.job],
            job_remote_ids=["req-118"],
            current_stage_ids=[ids.stage],
            remote_created_after=datetime(2025, 11, 3, tzinfo=UTC),
        ),
    ),
    Call(
        "ats.get_application_attachments",
        lambda c, ids: c.ats.get_application_attachments(ids.application),
    ),
    Call("ats.iter_candidates", lambda c, ids: c.ats.iter_candidates()),
    Call(
        "ats.iter_candidates",
        lambda c, ids: c.ats.iter_candidates(
            **SINCE,
            ids=[ids.candidate],
            remote_ids=REMOTE_IDS,
            email="noor.de.wit@example.com",
            job_ids=[ids.job],
            first_name="Noor",
            last_name="de Wit",
        ),
    ),
    Call("ats.get_candidate_attachments", lambda c, ids: c.ats.get_candidate_attachments(ids.candidate)),
    Call("ats.iter_tags", lambda c, ids: c.ats.iter_tags()),
    Call("ats.iter_tags", lambda c, ids: c.ats.iter_tags(**SINCE, ids=[ids.tag], remote_ids=REMOTE_IDS)),
    Call("ats.iter_application_stages", lambda c, ids: c.ats.iter_application_stages()),
    Call(
        "ats.iter_application_stages",
        lambda c, ids: c.ats.iter_application_stages(**SINCE, ids=[ids.stage], remote_ids=REMOTE_IDS),
    ),
    Call("ats.iter_jobs", lambda c, ids: c.ats.iter_jobs()),
    Call(
        "ats.iter_jobs",
        lambda c, ids: c.ats.iter_jobs(
            **SINCE,
            ids=[ids.job],
            remote_ids=REMOTE_IDS,
            job_codes=["ENG-118", "ENG-119"],
            post_url="https://jobs.example.com/welder?lang=de&ref=1",
            statuses=["OPEN", "DRAFT"],
            employment_types=["FULL_TIME", "SEASONAL"],
            visibilities=["PUBLIC", "UNLISTED"],
            remote_created_after=datetime(2025, 11, 3, 12, tzinfo=UTC),
            name_contains="Welder & fitter",
        ),
    ),
    Call("ats.iter_users", lambda c, ids: c.ats.iter_users()),
    Call(
        "ats.iter_users",
        lambda c, ids: c.ats.iter_users(
            **SINCE, ids=[ids.user], remote_ids=REMOTE_IDS, emails=["ana.kovac+hr@example.com"]
        ),
    ),
    Call("ats.iter_roles", lambda c, ids: c.ats.iter_roles()),
    Call(
        "ats.iter_roles",
        lambda c, ids: c.ats.iter_roles(
            **SINCE, ids=["2wRk5ZtQpXv8LmYcB4NnGs7H"], remote_ids=REMOTE_IDS, scopes=["SYSTEM", "JOB"]
        ),
    ),
    Call("ats.iter_offers", lambda c, ids: c.ats.iter_offers()),
    Call(
        "ats.iter_offers",
        lambda c, ids: c.ats.iter_offers(**SINCE, ids=["8kVq3TzYbNw6RpXcM9LdHf2J"], remote_ids=REMOTE_IDS),
    ),
    Call("ats.iter_rejection_reasons", lambda c, ids: c.ats.iter_rejection_reasons()),
    Call(
        "ats.iter_rejection_reasons",
        lambda c, ids: c.ats.iter_rejection_reasons(**SINCE, ids=[ids.rejection_reason], remote_ids=REMOTE_IDS),
    ),
    Call("ats.iter_interviews", lambda c, ids: c.ats.iter_interviews()),
    Call(
        "ats.iter_interviews",
        lambda c, ids: c.ats.iter_interviews(**SINCE, ids=[ids.interview], remote_ids=REMOTE_IDS, job_ids=[ids.job]),
    ),
    Call("ats.iter_notes", lambda c, ids: c.ats.iter_notes()),
    Call(
        "ats.iter_notes",
        lambda c, ids: c.ats.iter_notes(
            **SINCE,
            ids=["6sJf4WgKpRy9TnZxC3MbQv7D"],
            remote_ids=REMOTE_IDS,
            candidate_ids=[ids.candidate],
            application_ids=[ids.application],
        ),
    ),
    Call("ats.iter_scorecards", lambda c, ids: c.ats.iter_scorecards()),
    Call(
        "ats.iter_scorecards",
        lambda c, ids: c.ats.iter_scorecards(
            **SINCE,
            ids=["6sJf4WgKpRy9TnZxC3MbQv7D"],
            remote_ids=REMOTE_IDS,
            candidate_ids=[ids.candidate],
            application_ids=[ids.application],
        ),
    ),
    Call("ats.iter_attachments", lambda c, ids: c.ats.iter_attachments()),
    Call(
        "ats.iter_attachments",
        lambda c, ids: c.ats.iter_attachments(
            **SINCE,
            ids=["6sJf4WgKpRy9TnZxC3MbQv7D"],
            remote_ids=REMOTE_IDS,
            candidate_ids=[ids.candidate],
            application_ids=[ids.application],
        ),
    ),
    Call("ats.get_create_candidate_restrictions", lambda c, ids: c.ats.get_create_candidate_restrictions()),
    Call("ats.get_create_application_restrictions", lambda c, ids: c.ats.get_create_application_restrictions()),
    Call(
        "ats.get_add_application_attachment_restrictions",
        lambda c, ids: c.ats.get_add_application_attachment_restrictions(),
    ),
    Call(
        "ats.get_add_candidate_attachment_restrictions",
        lambda c, ids: c.ats.get_add_candidate_attachment_restrictions(),
    ),
]
