"""The tables of recruiting systems."""

from __future__ import annotations

from ...models import ats as models
from ...operations import ats as op
from . import records
from .deterministic import digest
from .links import Link
from .records import Row
from .tables import NUMBER, Rows, by_name, table

APPLICATIONS = "ats_applications"
CANDIDATES = "ats_candidates"
JOBS = "ats_jobs"
ATTACHMENTS = "ats_attachments"
_STAGES = ("Applied", "Screening", "Call", "Interview", "Offer", "Hired", "Trial day", "Reference check")
_NAMES = {
    "ats_application_stages": _STAGES,
    "ats_tags": ("Referral", "Speaks German", "Senior", "Remote", "Returning", "Graduate"),
    "ats_rejection_reasons": ("Not enough experience", "Salary too high", "No answer", "Position filled"),
}


def _named(rows: Rows, row: Row) -> None:
    row["name"] = _NAMES[rows.table.name][row[NUMBER]]
    if rows.table.name == "ats_application_stages":
        row["index"] = row[NUMBER]


def _role(_: Rows, row: Row) -> None:
    row["scope"] = "JOB" if row[NUMBER] % 2 else "SYSTEM"


def _user(rows: Rows, row: Row) -> None:
    roles, number = rows.store["ats_roles"], row[NUMBER]
    row |= {
        "email": records.email(row["first_name"], row["last_name"], number + 1),
        "role_ids": [roles.id_of(number * 2 % roles.generated)],
        "hiring_team_roles": ["RECRUITER", "HIRING_MANAGER", "INTERVIEWER"][: number % 3 + 1],
        "job_roles": [roles.render(roles.row((number * 2 + 1) % roles.generated), models.AtsRoleAssignment)],
    }


def _candidate(_: Rows, row: Row) -> None:
    address = records.email(row["first_name"], row["last_name"], row[NUMBER] + 1)
    row["email_addresses"] = [{"email_address": address, "type": "PERSONAL"}]


def _job(rows: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    stages = rows.store["ats_application_stages"]
    status = ("OPEN", "OPEN", "OPEN", "CLOSED", "OPEN", "DRAFT", "ARCHIVED")[number % 7]
    questions = enumerate(row["screening_questions"])
    row |= {
        "name": records.job_title(digest(number)),
        "status": status,
        "closed_at": row["changed_at"] if status == "CLOSED" else None,
        "post_url": f"https://jobs.brightwater.example/{number + 1}",
        "remote_url": f"https://ats.tool.example/jobs/{number + 1}",
        "stage_ids": [stages.id_of(place) for place in (*range(6), 6 + number % 2)],
        "screening_questions": [each | {"index": n, "title": f"Question {n + 1}?"} for n, each in questions],
        "job_postings": [posting | {"visibility": "PUBLIC"} for posting in row["job_postings"]],
    }


def _application(rows: Rows, row: Row) -> None:
    job = rows.store[JOBS].find(row["job_id"])
    declined = row["outcome"] == "DECLINED"
    row |= {
        "current_stage_id": None if job is None else job["stage_ids"][row[NUMBER] % 5],
        "rejection_reason_name": "No answer" if declined else None,
        "rejected_at": row["changed_at"] if declined else None,
    }


def _of_application(rows: Rows, row: Row) -> None:
    """Take the candidate and the stage of the application over."""
    application = rows.store[APPLICATIONS].find(row["application_id"])
    if application is not None:
        row |= {"candidate_id": application["candidate_id"], "stage_id": application["current_stage_id"]}
    if "starting_at" in row:
        row["starting_at"], row["ending_at"] = sorted((row["starting_at"], row["ending_at"]))


_CANDIDATE = Link(CANDIDATES, "candidate_id")
_APPLICATION = Link(APPLICATIONS, "application_id")
_AUTHOR = Link("ats_users", "author_id")
_SHORT = (
    "id", "remote_id", "first_name", "last_name", "email_addresses", "phone_numbers", "social_media", "source",
    "remote_url", "tags",
)  # fmt: skip
"""The keys of candidates in lists of applications."""

TABLES = by_name(
    table(
        CANDIDATES,
        op.ITER_CANDIDATES,
        1.0,
        links={
            "applications": Link(APPLICATIONS, "candidate_id", reverse=True),
            "tags": Link("ats_tags", "tag_ids", max_count=3),
        },
        watched=("applications",),
        complete=_candidate,
    ),
    table(
        APPLICATIONS,
        op.ITER_APPLICATIONS,
        1.5,
        links={
            "candidate": Link(CANDIDATES, "candidate_id", keys=_SHORT),
            "job": Link(JOBS, "job_id"),
            "current_stage": Link("ats_application_stages", "current_stage_id"),
            "interviews": Link("ats_interviews", "application_id", reverse=True),
            "offers": Link("ats_offers", "application_id", reverse=True),
        },
        watched=("candidate", "current_stage", "interviews", "offers"),
        complete=_application,
    ),
    table(
        JOBS,
        op.ITER_JOBS,
        0.2,
        links={
            "stages": Link("ats_application_stages", "stage_ids", max_count=8),
            "hiring_team": Link("ats_users", "user_ids", max_count=3),
            "contact": Link("ats_users", "contact_id", optional=True),
        },
        complete=_job,
    ),
    table("ats_application_stages", op.ITER_APPLICATION_STAGES, len(_STAGES), complete=_named),
    table("ats_tags", op.ITER_TAGS, len(_NAMES["ats_tags"]), complete=_named),
    table("ats_rejection_reasons", op.ITER_REJECTION_REASONS, len(_NAMES["ats_rejection_reasons"]), complete=_named),
    table(
        "ats_users",
        op.ITER_USERS,
        12,
        links={"system_roles": Link("ats_roles", "role_ids", max_count=2)},
        watched=("system_roles",),
        complete=_user,
    ),
    table("ats_roles", op.ITER_ROLES, 6, complete=_role),
    table("ats_offers", op.ITER_OFFERS, 0.3, links={"application": _APPLICATION}, watched=("application",)),
    table(
        "ats_interviews",
        op.ITER_INTERVIEWS,
        0.8,
        links={"users": Link("ats_users", "user_ids", max_count=3), "application": _APPLICATION},
        watched=("application",),
        complete=_of_application,
    ),
    table(
        "ats_notes",
        op.ITER_NOTES,
        0.8,
        links={"application": _APPLICATION, "author": _AUTHOR},
        complete=_of_application,
    ),
    table(
        "ats_scorecards",
        op.ITER_SCORECARDS,
        0.5,
        links={"application": _APPLICATION, "author": _AUTHOR, "interview": Link("ats_interviews", "interview_id")},
        complete=_of_application,
    ),
    table(ATTACHMENTS, op.ITER_ATTACHMENTS, 0.8, links={"application": _APPLICATION}, complete=_of_application),
)
