"""Recruiting systems: jobs, candidates, applications and their stages, notes, interviews and attachments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...models import ats as models
from ...operations import ats as op
from ..api_errors import ErrorResponse, invalid_input
from ..data import records
from ..data.ats_tables import APPLICATIONS, ATTACHMENTS, CANDIDATES, JOBS, TABLES
from ..data.deterministic import digest, iso
from ..data.records import Row
from ..data.tables import Rows
from ..json_values import is_list, parse_moment
from .endpoints import Request, Success, endpoints_of
from .list_handlers import list_endpoints

_ANSWERS: Mapping[str, tuple[str, Any]] = {
    "TEXT": ("content", str),
    "SINGLE_SELECT": ("choice", str),
    "MULTI_SELECT": ("choices", list),
    "BOOLEAN": ("checked", bool),
    "NUMBER": ("number", int | float),
    "DATE": ("date", str),
    "UNKNOWN": ("raw", object),
}
"""The key of an answer and its type, by the type of the question."""


def _in_path(request: Request) -> tuple[Rows, Row]:
    """Return the application or the candidate of the path."""
    [(name, record_id)] = request.path.items()
    rows = request.store[f"ats_{name.removesuffix('_id')}s"]
    return rows, rows.require(record_id, name, status=404)


def _owner(rows: Rows, row: Row) -> Row:
    """Return the foreign keys of a note or an attachment."""
    if rows.table.name == CANDIDATES:
        return {"candidate_id": row["id"], "application_id": None}
    return {"candidate_id": row["candidate_id"], "application_id": row["id"]}


def move_application_to_stage(request: Request) -> Row:
    """Move an application to another stage of its job."""
    rows, row = _in_path(request)
    stage_id = request.json["stage_id"]
    job = request.store[JOBS].find(row["job_id"])
    if job is None or stage_id not in job["stage_ids"]:
        raise invalid_input("stage_id is not the id of a stage of the application's job.")
    rows.update(row, current_stage_id=stage_id)
    return {}


def reject_application(request: Request) -> Row:
    """Reject an application."""
    rows, row = _in_path(request)
    reason = request.store["ats_rejection_reasons"].require(request.json["rejection_reason_id"], "rejection_reason_id")
    now = iso(rows.owner.clock())
    rows.update(row, outcome="DECLINED", rejection_reason_name=reason["name"], rejected_at=now)
    if note := request.json.get("note"):
        request.store["ats_notes"].add({**_owner(rows, row), "content_html": note, "title": "Rejected"})
    return {}


def add_application_note(request: Request) -> Row:
    """Add a note to an application."""
    request.store["ats_notes"].add(
        {**_owner(*_in_path(request)), "content_html": request.json["content"], "is_private": False}
    )
    return {}


def add_application_result_link(request: Request) -> Row:
    """Add a link to a result, which the sandbox stores as a note."""
    text = f'<a href="{request.json["url"]}">{request.json["label"]}</a>'
    request.store["ats_notes"].add({**_owner(*_in_path(request)), "title": request.json["label"], "content_html": text})
    return {}


def _attach(request: Request, owner: Row, file: Row) -> None:
    """Add an attachment; its content is not stored."""
    name = file["name"]
    location = {"type": "s3", "bucket": "your-bucket", "key": f"kombo/{name}"}
    types = {"type": file["type"], "content_type": file.get("content_type", "application/octet-stream")}
    url = file.get("data_url", f"https://files.sandbox.example/{name}")
    request.store[ATTACHMENTS].add({**owner, **types, "file_name": name, "content_ref": location, "data_url": url})


def add_application_attachment(request: Request) -> Row:
    """Add an attachment to an application or a candidate."""
    _attach(request, _owner(*_in_path(request)), request.json["attachment"])
    return {}


def get_application_attachments(request: Request) -> Row:
    """Return the attachments of an application or a candidate."""
    rows, row = _in_path(request)
    files, key = request.store[ATTACHMENTS], f"{rows.table.label[:-1].lower()}_id"
    found = [file for file in files.where(key, row["id"]) if not files.is_deleted(file)]
    return {"results": [files.render(file, request.operation.response_type) for file in found]}


def create_interview(request: Request) -> Row:
    """Create an interview."""
    _, application = _in_path(request)
    request.store["ats_interviews"].add({"application_id": application["id"], "canceled": False, **_interview(request)})
    return {}


def update_interview(request: Request) -> Row:
    """Replace the properties of an interview."""
    _, application = _in_path(request)
    rows = request.store["ats_interviews"]
    row = rows.require(request.json["interview_id"], "interview_id")
    if row["application_id"] != application["id"]:
        raise invalid_input("interview_id is not the id of an interview of this application.")
    rows.update(row, **_interview(request))
    return {}


def _interview(request: Request) -> Row:
    users, body = request.store["ats_users"], request.json
    ids = [users.require(each, "interviewer_user_ids")["id"] for each in body["interviewer_user_ids"]]
    users.require(body["organizer_user_id"], "organizer_user_id")
    place, virtual = body["location"], body["location"]["type"] == "VIRTUAL"
    return {
        "title": body["title"],
        "starting_at": records.to_timestamp(body["start_time"]),
        "ending_at": records.to_timestamp(body["end_time"]),
        "user_ids": ids,
        "location": None if virtual else {"raw": place.get("address")},
        "video_conferencing_url": "https://meet.sandbox.example/room" if virtual else None,
    }


def add_candidate_tag(request: Request) -> Row:
    """Add a tag to a candidate; a new tag is created."""
    rows, row = _in_path(request)
    tags, name = request.store["ats_tags"], request.json["tag"]["name"]
    tag = next(iter(tags.where("name", name)), None) or tags.add({"name": name})
    if tag["id"] not in row["tag_ids"]:
        rows.update(row, tag_ids=[*row["tag_ids"], tag["id"]])
    return {}


def remove_candidate_tag(request: Request) -> Row:
    """Remove a tag from a candidate, if it is there."""
    rows, row = _in_path(request)
    gone = {tag["id"] for tag in request.store["ats_tags"].where("name", request.json["tag"]["name"])}
    if gone.intersection(row["tag_ids"]):
        rows.update(row, tag_ids=[each for each in row["tag_ids"] if each not in gone])
    return {}


def create_application(request: Request) -> Success:
    """Create an application for the job in the path."""
    application, warnings = _apply(request, request.path["job_id"], request.json.get("stage_id"), status=404)
    rows, candidates = request.store[APPLICATIONS], request.store[CANDIDATES]
    shown = rows.render(application)
    candidate = candidates.require(application["candidate_id"], "candidate")
    shown["candidate"] = candidates.render(candidate, records.item_type(models.Application, "candidate"))
    return Success(data={k: v for k, v in shown.items() if k not in {"interviews", "offers"}}, extra=warnings)


def create_candidate(request: Request) -> Success:
    """Create a candidate with an application for the job in the body."""
    wanted = request.json["application"]
    application, warnings = _apply(request, wanted["job_id"], wanted.get("stage_id"), status=400)
    rows = request.store[CANDIDATES]
    return Success(data=rows.render(rows.require(application["candidate_id"], "candidate")), extra=warnings)


def _apply(request: Request, job_id: str, stage_id: str | None, *, status: int) -> tuple[Row, dict[str, Any]]:
    """Return the new application, and the warnings of the response."""
    store, body = request.store, request.json
    job = store[JOBS].require(job_id, "job_id", status=status)
    if job["status"] in {"CLOSED", "ARCHIVED"}:
        raise ErrorResponse("ATS.JOB_CLOSED", "The job takes no more applications.")
    if stage_id is not None and stage_id not in job["stage_ids"]:
        raise invalid_input("stage_id is not the id of a stage of the job.")
    if "sourced_by" in body:
        store["ats_users"].require(body["sourced_by"]["user_id"], "sourced_by.user_id")
    candidates, address = store[CANDIDATES], body["candidate"]["email_address"].casefold()
    found = (
        row
        for row in candidates.scan()
        if any((each["email_address"] or "").casefold() == address for each in row["email_addresses"])
    )
    candidate = next(found, None) or candidates.add(new_candidate(body))
    for other in store[APPLICATIONS].where("candidate_id", candidate["id"]):
        if other["job_id"] == job["id"]:
            raise ErrorResponse("ATS.APPLICATION_ALREADY_EXISTS", "The candidate has applied for this job before.")
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
        _attach(request, {"candidate_id": candidate["id"], "application_id": application["id"]}, file)
    lost = len(answers) - len(known)
    warnings = [{"message": f"{lost} answers to questions that the job does not ask were left out."}] if lost else []
    return application, {"warnings": warnings}


def new_candidate(body: Row) -> Row:
    """Return the candidate of a body as the values of a record."""
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


def _answered(question: Row, answer: Any) -> Row | None:
    """Return an answer as applications contain it; None for a file, which they do not."""
    form = question["format"] or {"type": "UNKNOWN"}
    type_, options = form["type"], form.get("options")
    names = {each["id"]: each["name"] for each in options} if is_list(options) else {}
    if type_ not in _ANSWERS:
        return None
    key, wanted = _ANSWERS[type_]
    if not isinstance(answer, wanted) or (type_ == "DATE" and parse_moment(answer) is None):
        raise invalid_input(f"screening_question_answers: the answer to a question of type {type_} has another type.")
    if type_ == "DATE":
        answer = records.to_timestamp(answer)
    elif type_ == "SINGLE_SELECT":
        answer = names.get(answer)
    elif type_ == "MULTI_SELECT":
        answer = [names.get(each, each) if isinstance(each, str) else each for each in answer]
    asked = {"remote_id": question["remote_id"], "title": question["title"], "type": type_}
    return {"answer": {key: answer}, "question": asked}


def get_create_candidate_restrictions(request: Request) -> Row:
    """Return the restrictions of attachments: a CV of at most 10 MB, no cover letter."""
    creates = "create" in request.operation.name
    amounts = {"min_amount": 0, "max_amount": 1} if creates else {}
    size, types = {"max_file_size_bytes": 10_000_000}, {"accepted_mime_types": ["application/pdf"]}
    allowed = {"is_supported": True, **amounts, **size, **types}
    by_type = {
        "CV": allowed,
        "COVER_LETTER": {"is_supported": False},
        "OTHER": {**allowed, "accepted_mime_types": None},
    }
    return {"attachment_restrictions": ({"total_size_bytes": 20_000_000} if creates else {}) | {"types": by_type}}


def import_tracked_application(request: Request) -> Row:
    """Return the ids of an application that was made elsewhere; nothing is stored."""
    ids = {tool: given for tool, given in request.json.items() if tool != "tracked_at"}
    moment = request.json["tracked_at"]
    tracked_at = None if moment is None else records.to_timestamp(moment)
    return {"id": records.id_from(digest(ids)), "tracked_at": tracked_at, "imported_id": ids}


add_candidate_attachment = add_application_attachment
add_candidate_result_link = add_application_result_link
get_candidate_attachments = get_application_attachments
get_create_application_restrictions = get_create_candidate_restrictions
get_add_application_attachment_restrictions = get_create_candidate_restrictions
get_add_candidate_attachment_restrictions = get_create_candidate_restrictions
OPERATIONS = (*list_endpoints(TABLES.values()), *endpoints_of(op, globals()))
