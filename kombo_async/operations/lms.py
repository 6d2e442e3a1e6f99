"""The filters and operations of the learning family."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ..engine.operation import SAFE, Operation, action, synced
from ..engine.query import ModelFilters
from ..models import lms as models
from ..models.base import SequenceNotStr, Timestamp, frozen


class LmsUserFilters(ModelFilters, total=False):
    """The filters of `iter_users`; several must all match, of several values in one any may."""

    work_emails: SequenceNotStr[str]
    """Only people with one of these work addresses, upper and lower case being equal."""


class CourseProgressionFilters(ModelFilters, total=False):
    """The filters of `iter_course_progressions`; several must all match, of several values in one any may."""

    user_ids: SequenceNotStr[str]
    """Only the progress of these learners, by Kombo id."""
    course_ids: SequenceNotStr[str]
    """Only progress in revisions of these courses, by the Kombo id of the course, not of the revision."""


class _Enrolment(TypedDict):
    user_id: str
    course_revision_id: str


class _Completion(TypedDict, total=False):
    completed_at: Timestamp | None
    score: int | None


class _Courses(TypedDict):
    items: Sequence[models.CourseUpsert]


@frozen(kw_only=True)
class _Started:
    task_id: str


ITER_USERS = synced("iter_users", "/lms/users", models.LmsUser, LmsUserFilters)
ITER_COURSE_PROGRESSIONS = synced(
    "iter_course_progressions", "/lms/course-progressions", models.CourseProgression, CourseProgressionFilters
)
CREATE_COURSE_PROGRESSION = action(
    "create_course_progression", "POST", "/lms/course-progressions", models.CourseProgression, _Enrolment
)
COMPLETE_COURSE_PROGRESSION = action(
    "complete_course_progression",
    "POST",
    "/lms/course-progressions/{course_progression_id}/complete",
    models.CourseProgression,
    _Completion,
)
ITER_COURSES = synced("iter_courses", "/lms/courses", models.Course, ModelFilters)
CREATE_COURSES = action("create_courses", "POST", "/lms/courses/bulk", _Started, _Courses)
GET_COURSES_TASK = Operation(
    "get_courses_task", "GET", "/lms/courses/bulk/{task_id}", models.CoursesTaskState, SAFE, integration=True
)
DEACTIVATE_COURSE = action("deactivate_course", "POST", "/lms/courses/{course_id}/deactivate", models.Course)
ITER_SKILLS = synced("iter_skills", "/lms/skills", models.LmsSkill, ModelFilters)
