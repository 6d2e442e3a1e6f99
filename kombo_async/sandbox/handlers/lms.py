"""Learning systems: courses with their revisions, users and their progress."""

from __future__ import annotations

from ...operations import lms as op
from ..data import records
from ..data.deterministic import iso
from ..data.lms_tables import COURSES, PROGRESSIONS, REVISIONS, TABLES
from ..data.records import Row
from . import tasks
from .endpoints import Request, endpoints_of
from .list_handlers import list_endpoints


def create_course_progression(request: Request) -> Row:
    """Enrol a user."""
    store, body = request.store, request.json
    rows = store[PROGRESSIONS]
    values = {
        "user_id": store["lms_users"].require(body["user_id"], "user_id")["id"],
        "course_revision_id": store[REVISIONS].require(body["course_revision_id"], "course_revision_id")["id"],
        "status": "ENROLLED",
        "enrolled_at": iso(rows.owner.clock()),
    }
    return rows.render(rows.add(values))


def complete_course_progression(request: Request) -> Row:
    """Mark a course as completed by a user."""
    rows, moment = request.store[PROGRESSIONS], request.json.get("completed_at")
    row = rows.require(request.path["course_progression_id"], "course_progression_id", status=404)
    completed_at = iso(rows.owner.clock()) if moment is None else records.to_timestamp(moment)
    return rows.render(rows.update(row, status="COMPLETED", completed_at=completed_at))


def deactivate_course(request: Request) -> Row:
    """Deactivate all revisions of a course."""
    courses, revisions = request.store[COURSES], request.store[REVISIONS]
    row = courses.require(request.path["course_id"], "course_id", status=404)
    for revision in revisions.where("course_id", row["id"]):
        revisions.update(revision, status="INACTIVE")
    return courses.render(row)


create_courses = tasks.start


def get_courses_task(request: Request) -> Row:
    """Read the state of a task, which is processed afterwards."""
    return tasks.look(request, lambda item: str(item["course"]["title"]), lambda item: _upsert(request, item))


def _upsert(request: Request, item: Row) -> Row:
    """Create or change a course."""
    courses, revisions, course = request.store[COURSES], request.store[REVISIONS], item["course"]
    row = next(iter(courses.where("origin_id", item["origin_id"])), None)
    values = {
        "title": course["title"],
        "description": course.get("description"),
        "remote_url": course["course_url"],
        "status": "ACTIVE",
    }
    if row is None:
        row = courses.add({"origin_id": item["origin_id"]})
        revisions.add({**values, "course_id": row["id"]})
    else:
        for revision in revisions.where("course_id", row["id"]):
            revisions.update(revision, **values)
    return row


OPERATIONS = (*list_endpoints(TABLES.values()), *endpoints_of(op, globals()))
