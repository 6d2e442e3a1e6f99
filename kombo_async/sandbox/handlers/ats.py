"""Recruiting systems: jobs, candidates, applications and what happens to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...models import ats as models
from ...operations import ats as op
from ..api_errors import Problem, invalid
from ..data import records
from ..data.deterministic import digest, iso
from ..data.records import Row
from ..data.tables import NUMBER, Link, Rows, by_name, table
from .endpoints import Call, Success, served
from .list_handlers import listed
from .query_params import is_list, parse_moment

APPLICATIONS: Final = "ats_applications"
CANDIDATES: Final = "ats_candidates"
JOBS: Final = "ats_jobs"
ATTACHMENTS: Final = "ats_attachments"
_STAGES: Final = ("Applied", "Screening", "Call", "Interview", "Offer", "Hired", "Trial day", "Reference check")
_NAMES: Final = {
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
        "role_ids": [roles.id_of(number * 2 % roles.made)],
        "hiring_team_roles": ["RECRUITER", "HIRING_MANAGER", "INTERVIEWER"][: number % 3 + 1],
        "job_roles": [roles.show(roles.row((number * 2 + 1) % roles.made), models.AtsRoleAssignment)],
    }


def _candidate(_: Rows, row: Row) -> None:
    address = records.email(row["first_name"], row["last_name"], row[NUMBER] + 1)
    row["email_addresses"] = [{"email_address": address, "type": "PERSONAL"}]


def _job(rows: Rows, row: Row) -> None:
    number: int = row[NUMBER]
    stages = rows.store["ats_application_stages"]
    status = ("OPEN", "OPEN", "OPEN", "CLOSED", "OPEN", "DRAFT", "ARCHIVED")[number % 7]
    row |= {
        "name": records.job_title(digest(number)),
        "status": status,
        "closed_at": row["changed_at"] if status == "CLOSED" else None,
        "post_url": f"https://jobs.brightwater.example/{number + 1}",
        "remote_url": f"https://ats.tool.example/jobs/{number + 1}",
        "stage_ids": [stages.id_of(place) for place in (*range(6), 6 + number % 2)],
    }
    for index, question in enumerate(row["screening_questions"]):
        question |= {"index": index, "title": f"Question {index + 1}?"}
    for posting in row["job_postings"]:
        posting["visibility"] = "PUBLIC"


def _application(rows: Rows, row: Row) -> None:
    job = rows.store[JOBS].find(row["job_id"])
    declined = row["outcome"] == "DECLINED"
    row |= {
        "current_stage_id": None if job is None else job["stage_ids"][row[NUMBER] % 5],
        "rejection_reason_name": "No answer" if declined else None,
        "rejected_at": row["changed_at"] if declined else None,
    }


def _of_application(rows: Rows, row: Row) -> None:
    """Belong to the candidate of the application, and to its stage."""
    application = rows.store[APPLICATIONS].find(row["application_id"])
    if application is not None:
        row |= {"candidate_id": application["candidate_id"], "stage_id": application["current_stage_id"]}
    if "starting_at" in row:
        row["starting_at"], row["ending_at"] = sorted((row["starting_at"], row["ending_at"]))


_ANSWERS: Final[Mapping[str, tuple[str, Any]]] = {
    "TEXT": ("content", str),
    "SINGLE_SELECT": ("choice", str),
    "MULTI_SELECT": ("choices", list),
    "BOOLEAN": ("checked", bool),
    "NUMBER": ("number", int | float),
    "DATE": ("date", str),
    "UNKNOWN": ("raw", object),
}
"""Where the answer to a question stands, by its type, and what it is."""
_CANDIDATE: Final = Link(CANDIDATES, "candidate_id")
_APPLICATION: Final = Link(APPLICATIONS, "application_id")
_AUTHOR: Final = Link("ats_users", "author_id")
_SHORT: Final = (
    "id", "remote_id", "first_name", "last_name", "email_addresses", "phone_numbers", "social_media", "source",
    "remote_url", "tags",
)  # fmt: skip
"""What lists of applications tell of the candidate; the answer to a new one tells more."""

TABLES: Final = by_name(
    table(
        CANDIDATES,
        op.ITER_CANDIDATES,
        1.0,
        links={
            "applications": Link(APPLICATIONS, "candidate_id", back=True),
            "tags": Link("ats_tags", "tag_ids", many=3),
        },
        watched=("applications",),
        finish=_candidate,
    ),
    table(
        APPLICATIONS,
        op.ITER_APPLICATIONS,
        1.5,
        links={
            "candidate": Link(CANDIDATES, "candidate_id", keys=_SHORT),
            "job": Link(JOBS, "job_id"),
            "current_stage": Link("ats_application_stages", "current_stage_id"),
            "interviews": Link("ats_interviews", "application_id", back=True),
            "offers": Link("ats_offers", "application_id", back=True),
        },
        watched=("candidate", "current_stage", "interviews", "offers"),
        finish=_application,
    ),
    table(
        JOBS,
        op.ITER_JOBS,
        0.2,
        links={
            "stages": Link("ats_application_stages", "stage_ids", many=8),
            "hiring_team": Link("ats_users", "user_ids", many=3),
            "contact": Link("ats_users", "contact_id", maybe=True),
        },
        finish=_job,
    ),
    table("ats_application_stages", op.ITER_APPLICATION_STAGES, len(_STAGES), finish=_named),
    table("ats_tags", op.ITER_TAGS, len(_NAMES["ats_tags"]), finish=_named),
    table("ats_rejection_reasons", op.ITER_REJECTION_REASONS, len(_NAMES["ats_rejection_reasons"]), finish=_named),
    table(
        "ats_users",
        op.ITER_USERS,
        12,
        links={"system_roles": Link("ats_roles", "role_ids", many=2)},
        watched=("system_roles",),
        finish=_user,
    ),
    table("ats_roles", op.ITER_ROLES, 6, finish=_role),
    table("ats_offers", op.ITER_OFFERS, 0.3, links={"application": _APPLICATION}, watched=("application",)),
    table(
        "ats_interviews",
        op.ITER_INTERVIEWS,
        0.8,
        links={"users": Link("ats_users", "user_ids", many=3), "application": _APPLICATION},
        watched=("application",),
        finish=_of_application,
    ),
    table(
        "ats_notes", op.ITER_NOTES, 0.8, links={"application": _APPLICATION, "author": _AUTHOR}, finish=_of_application
    ),
    table(
        "ats_scorecards",
        op.ITER_SCORECARDS,
        0.5,
        links={"application": _APPLICATION, "author": _AUTHOR, "interview": Link("ats_interviews", "interview_id")},
        finish=_of_application,
    ),
    table(ATTACHMENTS, op.ITER_ATTACHMENTS, 0.8, links={"application": _APPLICATION}, finish=_of_application),
)


def _in_path(call: Call) -> tuple[Rows, Row]:
    """The application or the candidate that the path names."""
    [(name, record_id)] = call.path.items()
    rows = call.store[f"ats_{name.removesuffix('_id')}s"]
    return rows, rows.need(record_id, name, status=404)


def _owner(rows: Rows, row: Row) -> Row:
    """How a note or a file says whose it is."""
    if rows.table.name == CANDIDATES:
        return {"candidate_id": row["id"], "application_id": None}
    return {"candidate_id": row["candidate_id"], "application_id": row["id"]}


def move_application_to_stage(call: Call) -> Row:
    """Put an application into another stage of its job."""
    rows, row = _in_path(call)
    stage_id = call.json["stage_id"]
    job = call.store[JOBS].find(row["job_id"])
    if job is None or stage_id not in job["stage_ids"]:
        raise invalid("stage_id names no stage of the application's job.")
    rows.patch(row, current_stage_id=stage_id)
    return {}


def reject_application(call: Call) -> Row:
    """Decline an application."""
    rows, row = _in_path(call)
    reason = call.store["ats_rejection_reasons"].need(call.json["rejection_reason_id"], "rejection_reason_id")
    now = iso(rows.owner.now())
    rows.patch(row, outcome="DECLINED", rejection_reason_name=reason["name"], rejected_at=now)
    if note := call.json.get("note"):
        call.store["ats_notes"].add({**_owner(rows, row), "content_html": note, "title": "Rejected"})
    return {}


def add_application_note(call: Call) -> Row:
    """Write a note on an application."""
    call.store["ats_notes"].add({**_owner(*_in_path(call)), "content_html": call.json["content"], "is_private": False})
    return {}


def add_application_result_link(call: Call) -> Row:
    """Write a link to a result; tools show it as they like, here as a note."""
    text = f'<a href="{call.json["url"]}">{call.json["label"]}</a>'
    call.store["ats_notes"].add({**_owner(*_in_path(call)), "title": call.json["label"], "content_html": text})
    return {}


def _attach(call: Call, owner: Row, file: Row) -> None:
    """Keep a file of which only the name and the kind are shown."""
    name = file["name"]
    location = {"type": "s3", "bucket": "your-bucket", "key": f"kombo/{name}"}
    kinds = {"type": file["type"], "content_type": file.get("content_type", "application/octet-stream")}
    url = file.get("data_url", f"https://files.sandbox.example/{name}")
    call.store[ATTACHMENTS].add({**owner, **kinds, "file_name": name, "content_ref": location, "data_url": url})


def add_application_attachment(call: Call) -> Row:
    """File something with an application or a candidate."""
    _attach(call, _owner(*_in_path(call)), call.json["attachment"])
    return {}


def get_application_attachments(call: Call) -> Row:
    """The files of an application or a candidate."""
    rows, row = _in_path(call)
    files, key = call.store[ATTACHMENTS], f"{rows.table.label[:-1].lower()}_id"
    found = [file for file in files.where(key, row["id"]) if not files.is_deleted(file)]
    return {"results": [files.show(file, call.operation.answer) for file in found]}


def create_interview(call: Call) -> Row:
    """Arrange an interview."""
    _, application = _in_path(call)
    call.store["ats_interviews"].add({"application_id": application["id"], "canceled": False, **_interview(call)})
    return {}


def update_interview(call: Call) -> Row:
    """Arrange an interview anew; all of it is given."""
    _, application = _in_path(call)
    rows = call.store["ats_interviews"]
    row = rows.need(call.json["interview_id"], "interview_id")
    if row["application_id"] != application["id"]:
        raise invalid("interview_id names no interview of this application.")
    rows.patch(row, **_interview(call))
    return {}


def _interview(call: Call) -> Row:
    users, body = call.store["ats_users"], call.json
    ids = [users.need(each, "interviewer_user_ids")["id"] for each in body["interviewer_user_ids"]]
    users.need(body["organizer_user_id"], "organizer_user_id")
    place, virtual = body["location"], body["location"]["type"] == "VIRTUAL"
    return {
        "title": body["title"],
        "starting_at": records.spelled_out(body["start_time"]),
        "ending_at": records.spelled_out(body["end_time"]),
        "user_ids": ids,
        "location": None if virtual else {"raw": place.get("address")},
        "video_conferencing_url": "https://meet.sandbox.example/room" if virtual else None,
    }


def add_candidate_tag(call: Call) -> Row:
    """Tag a candidate; a tag that nobody had is made."""
    rows, row = _in_path(call)
    tags, name = call.store["ats_tags"], call.json["tag"]["name"]
    tag = next(iter(tags.where("name", name)), None) or tags.add({"name": name})
    if tag["id"] not in row["tag_ids"]:
        rows.patch(row, tag_ids=[*row["tag_ids"], tag["id"]])
    return {}


def remove_candidate_tag(call: Call) -> Row:
    """Take a tag from a candidate, who need not have it."""
    rows, row = _in_path(call)
    gone = {tag["id"] for tag in call.store["ats_tags"].where("name", call.json["tag"]["name"])}
    if gone.intersection(row["tag_ids"]):
        rows.patch(row, tag_ids=[each for each in row["tag_ids"] if each not in gone])
    return {}


def create_application(call: Call) -> Success:
    """Apply for the job of the path."""
    application, warnings = _apply(call, call.path["job_id"], call.json.get("stage_id"), status=404)
    rows, candidates = call.store[APPLICATIONS], call.store[CANDIDATES]
    shown = rows.show(application)
    candidate = candidates.need(application["candidate_id"], "candidate")
    shown["candidate"] = candidates.show(candidate, records.inner(models.Application, "candidate"))
    return Success(data={k: v for k, v in shown.items() if k not in {"interviews", "offers"}}, beside=warnings)


def create_candidate(call: Call) -> Success:
    """Apply for the job of the body."""
    wanted = call.json["application"]
    application, warnings = _apply(call, wanted["job_id"], wanted.get("stage_id"), status=400)
    rows = call.store[CANDIDATES]
    return Success(data=rows.show(rows.need(application["candidate_id"], "candidate")), beside=warnings)


def _apply(call: Call, job_id: str, stage_id: str | None, *, status: int) -> tuple[Row, dict[str, Any]]:
    """The new application, and the warnings for the answer."""
    store, body = call.store, call.json
    job = store[JOBS].need(job_id, "job_id", status=status)
    if job["status"] in {"CLOSED", "ARCHIVED"}:
        raise Problem("ATS.JOB_CLOSED", "The job takes no more applications.")
    if stage_id is not None and stage_id not in job["stage_ids"]:
        raise invalid("stage_id names no stage of the job.")
    if "sourced_by" in body:
        store["ats_users"].need(body["sourced_by"]["user_id"], "sourced_by.user_id")
    address = body["candidate"]["email_address"]
    candidate = _with_email(store[CANDIDATES], address)
    if candidate is None:
        candidate = store[CANDIDATES].add(new_candidate(body))
    for other in store[APPLICATIONS].where("candidate_id", candidate["id"]):
        if other["job_id"] == job["id"]:
            raise Problem("ATS.APPLICATION_ALREADY_EXISTS", "The candidate has applied for this job before.")
    questions = {question["id"]: question for question in job["screening_questions"]}
    answers = body.get("screening_question_answers", [])
    known = [
        _answered(questions[each["question_id"]], each["answer"])
        for each in answers
        if each["question_id"] in questions
    ]
    application = store[APPLICATIONS].add(
        {
            "candidate_id": candidate["id"],
            "job_id": job["id"],
            "current_stage_id": stage_id or job["stage_ids"][0],
            "outcome": "PENDING",
            "screening_question_answers": [each for each in known if each is not None],
        }
    )
    for file in body.get("attachments", []):
        _attach(call, {"candidate_id": candidate["id"], "application_id": application["id"]}, file)
    lost = len(answers) - len(known)
    warnings = [{"message": f"{lost} answers to questions that the job does not ask were left out."}] if lost else []
    return application, {"warnings": warnings}


def _with_email(rows: Rows, address: str) -> Row | None:
    wanted = address.casefold()
    for row in rows.walk():
        if any((each["email_address"] or "").casefold() == wanted for each in row["email_addresses"]):
            return row
    return None


def new_candidate(body: Row) -> Row:
    """What a body tells of a candidate, in the form of a record."""
    given, source = body["candidate"], body.get("source", {})
    emails = [{"email_address": given["email_address"], "type": None}, *given.get("additional_email_addresses", [])]
    first = [{"phone_number": given["phone_number"], "type": None}] if "phone_number" in given else []
    links = [{"link": each["url"], "type": None, "username": None} for each in given.get("social_links", [])]
    return {
        **{key: given.get(key) for key in ("first_name", "last_name", "company", "title")},
        "email_addresses": emails,
        "phone_numbers": [*first, *given.get("additional_phone_numbers", [])],
        "social_media": links,
        "location": given.get("location"),
        "source": source.get("name") or source.get("unified_key"),
        "confidential": False,
    }


def _listed(value: Any) -> list[Any]:
    return value if is_list(value) else []


def _answered(question: Row, answer: Any) -> Row | None:
    """An answer as an application shows it; None for a file, which it does not show."""
    form = question["format"] or {"type": "UNKNOWN"}
    kind, names = form["type"], {each["id"]: each["name"] for each in _listed(form.get("options"))}
    if kind not in _ANSWERS:
        return None
    key, wanted = _ANSWERS[kind]
    if not isinstance(answer, wanted) or (kind == "DATE" and parse_moment(answer) is None):
        raise invalid(f"screening_question_answers: the answer to a question of type {kind} is of another kind.")
    if kind == "DATE":
        answer = records.spelled_out(answer)
    elif kind == "SINGLE_SELECT":
        answer = names.get(answer)
    elif kind == "MULTI_SELECT":
        answer = [names.get(each, each) if isinstance(each, str) else each for each in answer]
    asked = {"remote_id": question["remote_id"], "title": question["title"], "type": kind}
    return {"answer": {key: answer}, "question": asked}


def get_create_candidate_restrictions(call: Call) -> Row:
    """What may be attached: any CV up to 10 MB, no cover letter."""
    creates = "create" in call.operation.name
    amounts = {"min_amount": 0, "max_amount": 1} if creates else {}
    size, kinds = {"max_file_size_bytes": 10_000_000}, {"accepted_mime_types": ["application/pdf"]}
    allowed = {"is_supported": True, **amounts, **size, **kinds}
    types = {"CV": allowed, "COVER_LETTER": {"is_supported": False}, "OTHER": {**allowed, "accepted_mime_types": None}}
    return {"attachment_restrictions": ({"total_size_bytes": 20_000_000} if creates else {}) | {"types": types}}


def import_tracked_application(call: Call) -> Row:
    """Track an application that was made elsewhere."""
    ids = {tool: given for tool, given in call.json.items() if tool != "tracked_at"}
    moment = call.json["tracked_at"]
    tracked_at = None if moment is None else records.spelled_out(moment)
    return {"id": records.some_id(digest(ids)), "tracked_at": tracked_at, "imported_id": ids}


add_candidate_attachment = add_application_attachment
add_candidate_result_link = add_application_result_link
get_candidate_attachments = get_application_attachments
get_create_application_restrictions = get_create_candidate_restrictions
get_add_application_attachment_restrictions = get_create_candidate_restrictions
get_add_candidate_attachment_restrictions = get_create_candidate_restrictions
OPERATIONS: Final = (*listed(TABLES.values()), *served(op, globals()))
