"""The tables of learning systems."""

from __future__ import annotations

from ...models import lms as models
from ...operations import lms as op
from . import records
from .links import Link
from .records import Row
from .tables import NUMBER, Rows, Table, by_name, table

COURSES = "lms_courses"
REVISIONS = "lms_course_revisions"
PROGRESSIONS = "lms_course_progressions"


def _user(_: Rows, row: Row) -> None:
    row["work_email"] = records.email(row["first_name"], row["last_name"], row[NUMBER] + 1)


def _course(_: Rows, row: Row) -> None:
    row |= {"origin_id": None, "provider_id": row["provider"]["id"]}


def _revision(rows: Rows, row: Row) -> None:
    courses, skills = rows.store[COURSES], rows.store["lms_skills"]
    if courses.generated:
        row["course_id"] = courses.id_of(row[NUMBER] % courses.generated)
    taught = [skills.row((row[NUMBER] + step) % skills.generated) for step in range(row[NUMBER] % 3)]
    row["skill_assignments"] = [{"skill": skills.render(skill, models.LmsSkillSummary)} for skill in taught]


def _progression(_: Rows, row: Row) -> None:
    if row["status"] != "COMPLETED":
        row["completed_at"] = None


TABLES = by_name(
    table("lms_users", op.ITER_USERS, 1.0, complete=_user),
    table(
        COURSES,
        op.ITER_COURSES,
        0.2,
        links={"revisions": Link(REVISIONS, "course_id", reverse=True)},
        watched=("revisions",),
        complete=_course,
    ),
    Table(
        name=REVISIONS,
        model=models.CourseRevision,
        size=0.4,
        links={"course": Link(COURSES, "course_id")},
        complete=_revision,
    ),
    table("lms_skills", op.ITER_SKILLS, 8),
    table(
        PROGRESSIONS,
        op.ITER_COURSE_PROGRESSIONS,
        1.5,
        links={"user": Link("lms_users", "user_id"), "course_revision": Link(REVISIONS, "course_revision_id")},
        complete=_progression,
    ),
)
