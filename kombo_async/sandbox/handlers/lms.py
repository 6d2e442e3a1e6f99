"""Learning systems: courses with their revisions, and who takes them."""

from __future__ import annotations

from typing import Final

from ...models import lms as models
from ...operations import lms as op
from ..data import records
from ..data.deterministic import iso
from ..data.records import Row
from ..data.tables import NUMBER, Link, Rows, Table, by_name, table
from . import tasks
from .endpoints import Call, served
from .list_handlers import listed

COURSES: Final = "lms_courses"
REVISIONS: Final = "lms_course_revisions"
PROGRESSIONS: Final = "lms_course_progressions"


def _user(_: Rows, row: Row) -> None:
    row["work_email"] = records.email(row["first_name"], row["last_name"], row[NUMBER] + 1)


def _course(_: Rows, row: Row) -> None:
    row |= {"origin_id": None, "provider_id": row["provider"]["id"]}


def _revision(rows: Rows, row: Row) -> None:
    courses, skills = rows.store[COURSES], rows.store["lms_skills"]
    if courses.made:
        row["course_id"] = courses.id_of(row[NUMBER] % courses.made)
    taught = [skills.row((row[NUMBER] + step) % skills.made) for step in range(row[NUMBER] % 3)]
    row["skill_assignments"] = [{"skill": skills.show(skill, models.LmsSkillSummary)} for skill in taught]


def _progression(_: Rows, row: Row) -> None:
    if row["status"] != "COMPLETED":
        row["completed_at"] = None


TABLES: Final = by_name(
    table("lms_users", op.ITER_USERS, 1.0, finish=_user),
    table(
        COURSES,
        op.ITER_COURSES,
        0.2,
        links={"revisions": Link(REVISIONS, "course_id", back=True)},
        watched=("revisions",),
        finish=_course,
    ),
    Table(
        name=REVISIONS,
        model=models.CourseRevision,
        size=0.4,
        links={"course": Link(COURSES, "course_id")},
        finish=_revision,
    ),
    table("lms_skills", op.ITER_SKILLS, 8),
    table(
        PROGRESSIONS,
        op.ITER_COURSE_PROGRESSIONS,
        1.5,
        links={"user": Link("lms_users", "user_id"), "course_revision": Link(REVISIONS, "course_revision_id")},
        finish=_progression,
    ),
)


def create_course_progression(call: Call) -> Row:
    """Enrol somebody."""
    store, body = call.store, call.json
    rows = store[PROGRESSIONS]
    values = {
        "user_id": store["lms_users"].need(body["user_id"], "user_id")["id"],
        "course_revision_id": store[REVISIONS].need(body["course_revision_id"], "course_revision_id")["id"],
        "status": "ENROLLED",
        "enrolled_at": iso(rows.owner.now()),
    }
    return rows.show(rows.add(values))


def complete_course_progression(call: Call) -> Row:
    """Say that somebody is through."""
    rows, moment = call.store[PROGRESSIONS], call.json.get("completed_at")
    row = rows.need(call.path["course_progression_id"], "course_progression_id", status=404)
    completed_at = iso(rows.owner.now()) if moment is None else records.spelled_out(moment)
    return rows.show(rows.patch(row, status="COMPLETED", completed_at=completed_at))


def deactivate_course(call: Call) -> Row:
    """Take a course off the shelf: none of its revisions is active any more."""
    courses, revisions = call.store[COURSES], call.store[REVISIONS]
    row = courses.need(call.path["course_id"], "course_id", status=404)
    for revision in revisions.where("course_id", row["id"]):
        revisions.patch(revision, status="INACTIVE")
    return courses.show(row)


create_courses = tasks.start


def get_courses_task(call: Call) -> Row:
    """Read the state of a task, which is processed afterwards."""
    return tasks.look(call, lambda item: str(item["course"]["title"]), lambda item: _upsert(call, item))


def _upsert(call: Call, item: Row) -> Row:
    """Make or change one course."""
    courses, revisions, course = call.store[COURSES], call.store[REVISIONS], item["course"]
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
            revisions.patch(revision, **values)
    return row


OPERATIONS: Final = (*listed(TABLES.values()), *served(op, globals()))
