"""AI Apply: career sites, postings, job feeds and applications, which belong to the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...models import ai_apply as models
from ...operations import ai_apply as op
from ..api_errors import invalid_input
from ..data import records
from ..data.ai_apply_tables import APPLICATIONS, FEEDS, POSTINGS, SITES, TABLES
from ..data.deterministic import digest, iso
from ..data.records import Row
from ..json_values import decode_json, is_object
from . import ats
from .body_validation import validate_body
from .endpoints import Request, endpoints_of
from .list_handlers import list_endpoints

_QUESTIONS = (
    ("name", "TEXT", True), ("start", "DATE", False), ("forklift", "BOOLEAN", False), ("years", "NUMBER", False),
    ("shifts", "MULTI_SELECT", False), ("cv", "FILE", True),
)  # fmt: skip
"""The questions of every posting: id, type, whether it is required."""


def create_career_site(request: Request) -> Row:
    """Create a career site."""
    return _labelled(request, SITES)


def create_job_feed(request: Request) -> Row:
    """Create a job feed."""
    return _labelled(request, FEEDS)


def _labelled(request: Request, name: str) -> Row:
    if not request.json["label"]:
        raise invalid_input("label is empty.")
    rows = request.store[name]
    return rows.render(rows.add({"label": request.json["label"]}))


def create_posting(request: Request) -> Row:
    """Create a posting, which is parsed in the background."""
    site, body = request.store[SITES].require(request.json["career_site_id"], "career_site_id"), request.json
    if not body["url"].startswith(("http://", "https://")):
        raise invalid_input("url must begin with http:// or https://.")
    return request.store[POSTINGS].render(_new_posting(request, site, body["url"], body.get("job_code"), None))


def _new_posting(request: Request, site: Row, url: str, job_code: str | None, feed_id: str | None) -> Row:
    now = iso(request.environment.clock())
    return request.store[POSTINGS].add(
        {
            "career_site_id": site["id"],
            "url": url,
            "job_code": job_code,
            "created_at": now,
            "updated_at": now,
            "availability": "PENDING",
            "due": {"availability": "APPLYABLE"},
            "feed_id": feed_id,
        }
    )


def _applyable(request: Request, posting_id: str) -> Row:
    posting = request.store[POSTINGS].require(posting_id, "posting_id", status=404)
    if posting["availability"] != "APPLYABLE":
        raise invalid_input(f"The posting is {posting['availability']}, not APPLYABLE.")
    return posting


def inquire(request: Request) -> Row:
    """Return the application form, and a token that contains the id of the posting."""
    posting = _applyable(request, request.path["posting_id"])
    shifts = [{"id": each, "label": f"{each.title()} shift", "unified_key": None} for each in ("early", "late")]
    form = [
        {
            **dict.fromkeys(records.field_types(models.FormQuestion)),
            "block_type": "QUESTION",
            "question_id": name,
            "label": name.capitalize(),
            "required": required,
            "question_type": type_,
            "options": shifts if type_ == "MULTI_SELECT" else None,
        }
        for name, type_, required in _QUESTIONS
    ]
    section = {"block_type": "SECTION", "label": "Your application", "children": form[3:]}
    token = f"{posting['id']}.{records.id_from(digest(request.environment.clock()))}"
    return {"application_form": [*form[:3], section], "submission_token": token}


def apply(request: Request) -> Row:
    """Create an application, which is submitted in the background, or found to be a duplicate."""
    body, rows = request.json, request.store[APPLICATIONS]
    posting = _applyable(request, body["submission_token"].partition(".")[0])
    answered = {each["question_id"] for each in body["screening_question_answers"]}
    required = {name for name, _, needed in _QUESTIONS if needed}
    if wrong := required - answered or answered - {name for name, *_ in _QUESTIONS}:
        raise invalid_input(f"screening_question_answers: {', '.join(sorted(wrong))} is missing or not asked.")
    email, now = body["candidate_email"].casefold(), iso(request.environment.clock())
    again = any(row.get("email") == email for row in rows.where("job_posting_id", posting["id"]))
    values = {"job_posting_id": posting["id"], "email": email, "created_at": now, "updated_at": now}
    status = "DUPLICATE" if again else "SUBMITTED"
    row = rows.add({**values, "status": "PENDING", "due": {"status": status}})
    return {key: row[key] for key in ("id", "status", "created_at", "updated_at")} | {"posting_id": posting["id"]}


def create_application(request: Request) -> Row:
    """Apply to a posting as to a job of a recruiting system. The application is not stored."""
    job = request.store["ai_apply_jobs"].require(request.path["job_id"].removeprefix("remote:"), "job_id", status=404)
    now, draw = iso(request.environment.clock()), digest(request.raw, request.environment.clock())
    model: Any = op.CREATE_APPLICATION.response_type
    stamps = {"changed_at": now, "remote_created_at": now, "remote_updated_at": now}
    candidate = records.empty_record(records.item_type(model, "candidate")) | ats.new_candidate(request.json) | stamps
    candidate |= {"id": records.id_from(draw), "remote_id": records.id_from(draw)}
    application = records.empty_record(model) | stamps
    application |= {"id": records.id_from(draw + 1), "outcome": "PENDING"}
    application |= {"job_id": job["id"], "candidate_id": candidate["id"], "candidate": candidate}
    application["job"] = {key: job[key] for key in ("id", "remote_id", "name")}
    return {key: value for key, value in application.items() if key not in {"interviews", "offers"}}


def import_job_feed(request: Request) -> Row:
    """Replace the postings of a feed; a body that is invalid anywhere changes nothing."""
    feed = request.store[FEEDS].require(request.path["job_feed_id"], "job_feed_id", status=404)
    rows, sites = request.store[POSTINGS], request.store[SITES]
    given = {(line["url"], line["career_site_label"], line.get("job_code")): line for line in _lines(request.raw)}
    known = {row["feed_key"]: row for row in rows.where("feed_id", feed["id"])}
    now, created, archived = iso(request.environment.clock()), 0, 0
    for key in given:
        url, label, job_code = key
        row = known.pop(key, None)
        if row is None:
            site = next(iter(sites.where("label", label)), None) or sites.add({"label": label})
            rows.update(_new_posting(request, site, url, job_code, feed["id"]), feed_key=key)
            created += 1
        elif row["archived_at"] is not None:
            rows.update(row, archived_at=None, archived_reason=None, availability="APPLYABLE", updated_at=now)
    for row in known.values():
        if row["archived_at"] is None:
            gone = {"archived_at": now, "archived_reason": "REMOVED_FROM_JOB_FEED", "due": None}
            rows.update(row, **gone, availability="ARCHIVED", updated_at=now)
            archived += 1
    return {"created": created, "processed": len(given), "archived": archived}


def _lines(body: bytes) -> Iterator[Row]:
    for number, line in enumerate(body.splitlines(), 1):
        if not line.strip():
            continue
        posting = decode_json(line, f"Line {number}")
        if not is_object(posting):
            raise invalid_input(f"Line {number} is not a JSON object.")
        validate_body(posting, models.JobFeedPosting)
        yield posting


OPERATIONS = (*list_endpoints(TABLES.values()), *endpoints_of(op, globals()))
