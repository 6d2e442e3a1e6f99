"""AI Apply: career sites, postings, feeds of them, and applications. All of it belongs to the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ...models import ai_apply as models
from ...operations import ai_apply as op
from ..api_errors import invalid
from ..data import records
from ..data.deterministic import digest, iso
from ..data.records import Row
from ..data.tables import NUMBER, TOUCHED, Link, Rows, Store, Table, by_name, table
from . import ats
from .body_validation import fits
from .endpoints import Call, served
from .list_handlers import listed
from .query_params import decode_json, is_object

SITES: Final = "ai_apply_career_sites"
POSTINGS: Final = "ai_apply_postings"
APPLICATIONS: Final = "ai_apply_applications"
FEEDS: Final = "ai_apply_job_feeds"
_QUESTIONS: Final = (
    ("name", "TEXT", True), ("start", "DATE", False), ("forklift", "BOOLEAN", False), ("years", "NUMBER", False),
    ("shifts", "MULTI_SELECT", False), ("cv", "FILE", True),
)  # fmt: skip
"""What every posting asks: id, type, whether it must be answered."""


class Waiting(Rows):
    """Records that wait for Kombo to do something, which it has done when they are looked at after a sync's time."""

    def row(self, number: int) -> Row:
        """The record, with what has happened to it meanwhile."""
        row, now = super().row(number), self.owner.now()
        if row.get("due") is not None and row["created_at"] <= iso(now - self.owner.config.sync_seconds):
            self.patch(row, **row["due"], due=None, updated_at=iso(now))
        return row


class UnifiedJobs(Rows):
    """The postings that can be applied to, as jobs of a recruiting system."""

    def __init__(self, table: Table, store: Store) -> None:
        super().__init__(table, store)
        self._postings = store[POSTINGS]

    def number_of(self, record_id: str) -> int | None:
        """The number of the posting."""
        number = self._postings.number_of(record_id)
        return number if number is not None and self.row(number)["status"] == "OPEN" else None

    def number_of_remote(self, remote_id: str) -> None:
        """Nothing: there is no tool that could give ids."""

    def row(self, number: int) -> Row:
        """The posting as a job."""
        posting = self._postings.row(number)
        return records.empty(self.table.model) | {
            "id": posting["id"],
            "remote_id": posting["id"],
            "name": f"Posting {number + 1}",
            "job_code": posting["job_code"],
            "post_url": posting["url"],
            "status": "OPEN" if posting["availability"] == "APPLYABLE" else "CLOSED",
            "changed_at": posting["updated_at"],
            "career_site_id": posting["career_site_id"],
            NUMBER: number,
            TOUCHED: "",
        }

    def walk(self, start: int = 0) -> Iterator[Row]:
        """The jobs that are open."""
        jobs = (self.row(posting[NUMBER]) for posting in self._postings.walk(start))
        return (job for job in jobs if job["status"] == "OPEN")


def _posting(_: Rows, row: Row) -> None:
    row |= {
        "url": f"https://careers.brightwater.example/jobs/{row[NUMBER] + 1}",
        "job_code": f"TH-{row[NUMBER] + 1}",
        "availability": "UNAVAILABLE" if row[NUMBER] % 9 == 8 else "APPLYABLE",
        "updated_at": row["created_at"],
        "feed_id": None,
    }


TABLES: Final = by_name(
    table(SITES, op.ITER_CAREER_SITES, 2),
    table(
        POSTINGS,
        op.ITER_POSTINGS,
        0.1,
        links={"career_site": Link(SITES, "career_site_id")},
        rows=Waiting,
        finish=_posting,
    ),
    table(APPLICATIONS, op.ITER_APPLICATIONS, 0.1, links={"posting": Link(POSTINGS, "job_posting_id")}, rows=Waiting),
    table("ai_apply_jobs", op.ITER_JOBS, 0, rows=UnifiedJobs),
    table(FEEDS, op.ITER_JOB_FEEDS, 1),
)


def create_career_site(call: Call) -> Row:
    """Make a career site."""
    return _labelled(call, SITES)


def create_job_feed(call: Call) -> Row:
    """Make a feed."""
    return _labelled(call, FEEDS)


def _labelled(call: Call, name: str) -> Row:
    if not call.json["label"]:
        raise invalid("label is empty.")
    rows = call.store[name]
    return rows.show(rows.add({"label": call.json["label"]}))


def create_posting(call: Call) -> Row:
    """Have a posting parsed, which takes as long as a sync."""
    site, body = call.store[SITES].need(call.json["career_site_id"], "career_site_id"), call.json
    if not body["url"].startswith(("http://", "https://")):
        raise invalid("url must begin with http:// or https://.")
    return call.store[POSTINGS].show(_new_posting(call, site, body["url"], body.get("job_code"), None))


def _new_posting(call: Call, site: Row, url: str, job_code: str | None, feed_id: str | None) -> Row:
    now = iso(call.environment.now())
    return call.store[POSTINGS].add(
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


def _applyable(call: Call, posting_id: str) -> Row:
    posting = call.store[POSTINGS].need(posting_id, "posting_id", status=404)
    if posting["availability"] != "APPLYABLE":
        raise invalid(f"The posting is {posting['availability']}, not APPLYABLE.")
    return posting


def inquire(call: Call) -> Row:
    """The form, and a token that says for which posting it was made."""
    posting = _applyable(call, call.path["posting_id"])
    shifts = [{"id": each, "label": f"{each.title()} shift", "unified_key": None} for each in ("early", "late")]
    form = [
        {
            **dict.fromkeys(records.shape(models.FormQuestion)),
            "block_type": "QUESTION",
            "question_id": name,
            "label": name.capitalize(),
            "required": required,
            "question_type": kind,
            "options": shifts if kind == "MULTI_SELECT" else None,
        }
        for name, kind, required in _QUESTIONS
    ]
    section = {"block_type": "SECTION", "label": "Your application", "children": form[3:]}
    token = f"{posting['id']}.{records.some_id(digest(call.environment.now()))}"
    return {"application_form": [*form[:3], section], "submission_token": token}


def apply(call: Call) -> Row:
    """Queue an application; it is submitted after a while, unless the candidate has applied before."""
    body, rows = call.json, call.store[APPLICATIONS]
    posting = _applyable(call, body["submission_token"].partition(".")[0])
    answered = {each["question_id"] for each in body["screening_question_answers"]}
    required = {name for name, _, needed in _QUESTIONS if needed}
    if wrong := required - answered or answered - {name for name, *_ in _QUESTIONS}:
        raise invalid(f"screening_question_answers: {', '.join(sorted(wrong))} is missing or not asked.")
    email, now = body["candidate_email"].casefold(), iso(call.environment.now())
    again = any(row.get("email") == email for row in rows.where("job_posting_id", posting["id"]))
    values = {"job_posting_id": posting["id"], "email": email, "created_at": now, "updated_at": now}
    status = "DUPLICATE" if again else "SUBMITTED"
    row = rows.add({**values, "status": "PENDING", "due": {"status": status}})
    return {key: row[key] for key in ("id", "status", "created_at", "updated_at")} | {"posting_id": posting["id"]}


def create_application(call: Call) -> Row:
    """Apply as one would to a job of a recruiting system; the answer is all that there ever is of it."""
    job = call.store["ai_apply_jobs"].need(call.path["job_id"].removeprefix("remote:"), "job_id", status=404)
    now, draw = iso(call.environment.now()), digest(call.raw, call.environment.now())
    kind: Any = op.CREATE_APPLICATION.answer
    stamps = {"changed_at": now, "remote_created_at": now, "remote_updated_at": now}
    candidate = records.empty(records.inner(kind, "candidate")) | ats.new_candidate(call.json) | stamps
    candidate |= {"id": records.some_id(draw), "remote_id": records.some_id(draw)}
    application = records.empty(kind) | stamps
    application |= {"id": records.some_id(draw + 1), "outcome": "PENDING"}
    application |= {"job_id": job["id"], "candidate_id": candidate["id"], "candidate": candidate}
    application["job"] = {key: job[key] for key in ("id", "remote_id", "name")}
    return {key: value for key, value in application.items() if key not in {"interviews", "offers"}}


def import_job_feed(call: Call) -> Row:
    """Replace all that the feed holds; a body that is wrong anywhere changes nothing."""
    feed = call.store[FEEDS].need(call.path["job_feed_id"], "job_feed_id", status=404)
    rows, sites = call.store[POSTINGS], call.store[SITES]
    given = {(line["url"], line["career_site_label"], line.get("job_code")): line for line in _lines(call.raw)}
    known = {row["feed_key"]: row for row in rows.where("feed_id", feed["id"])}
    now, created, archived = iso(call.environment.now()), 0, 0
    for key in given:
        url, label, job_code = key
        row = known.pop(key, None)
        if row is None:
            site = next(iter(sites.where("label", label)), None) or sites.add({"label": label})
            rows.patch(_new_posting(call, site, url, job_code, feed["id"]), feed_key=key)
            created += 1
        elif row["archived_at"] is not None:
            rows.patch(row, archived_at=None, archived_reason=None, availability="APPLYABLE", updated_at=now)
    for row in known.values():
        if row["archived_at"] is None:
            gone = {"archived_at": now, "archived_reason": "REMOVED_FROM_JOB_FEED", "due": None}
            rows.patch(row, **gone, availability="ARCHIVED", updated_at=now)
            archived += 1
    return {"created": created, "processed": len(given), "archived": archived}


def _lines(body: bytes) -> Iterator[Row]:
    for number, line in enumerate(body.splitlines(), 1):
        if not line.strip():
            continue
        posting = decode_json(line, f"Line {number}")
        if not is_object(posting):
            raise invalid(f"Line {number} is no JSON object.")
        fits(posting, models.JobFeedPosting)
        yield posting


OPERATIONS: Final = (*listed(TABLES.values()), *served(op, globals()))
