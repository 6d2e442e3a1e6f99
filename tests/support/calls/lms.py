"""Calls of the learning family."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from kombo_async.models import CourseUpsert, ExternalCourse

from . import Call

SYNCED: dict[str, Any] = {
    "page_size": 50,
    "cursor": None,
    "read_ahead": False,
    "updated_after": datetime(2026, 1, 31, 8, 30, tzinfo=UTC),
    "include_deleted": True,
    "ignore_unsupported_filters": True,
    "remote_ids": ["17", "a b/c"],
}

BARE = CourseUpsert(
    origin_id="forklift-basics",
    course=ExternalCourse(title="Forklift basics", course_url="https://learn.example.com/forklift"),
)
WHOLE = CourseUpsert(
    origin_id="ladder-safety",
    course=ExternalCourse(
        title="Ladders without falls",
        course_url="https://learn.example.com/ladders?from=lms",
        description="How to set one up, and when to leave it.",
        thumbnail_url="https://learn.example.com/ladders.png",
        duration=45,
        languages=["de-AT", "en"],
    ),
)

CALLS: list[Call] = [
    Call("lms.iter_users", lambda c, _: c.lms.iter_users()),
    Call(
        "lms.iter_users",
        lambda c, ids: c.lms.iter_users(
            ids=[ids.lms_user], work_emails=["mara.winkler@example.com", "IVO@example.com"], **SYNCED
        ),
    ),
    Call("lms.iter_course_progressions", lambda c, _: c.lms.iter_course_progressions()),
    Call(
        "lms.iter_course_progressions",
        lambda c, ids: c.lms.iter_course_progressions(
            ids=[ids.course_progression], user_ids=[ids.lms_user], course_ids=[ids.course], **SYNCED
        ),
    ),
    Call("lms.iter_courses", lambda c, _: c.lms.iter_courses()),
    Call("lms.iter_courses", lambda c, ids: c.lms.iter_courses(ids=[ids.course], **SYNCED)),
    Call("lms.iter_skills", lambda c, _: c.lms.iter_skills()),
    Call("lms.iter_skills", lambda c, ids: c.lms.iter_skills(ids=[ids.lms_skill], **SYNCED)),
    Call(
        "lms.create_course_progression",
        lambda c, ids: c.lms.create_course_progression(ids.lms_user, ids.course_revision),
    ),
    Call(
        "lms.complete_course_progression",
        lambda c, ids: c.lms.complete_course_progression(ids.course_progression),
    ),
    Call(
        "lms.complete_course_progression",
        lambda c, ids: c.lms.complete_course_progression(
            ids.course_progression, completed_at=date(2026, 3, 4), score=93
        ),
    ),
    Call(
        "lms.complete_course_progression",
        lambda c, ids: c.lms.complete_course_progression(ids.course_progression, completed_at=None, score=None),
    ),
    Call("lms.create_courses", lambda c, _: c.lms.create_courses([BARE])),
    Call("lms.create_courses", lambda c, _: c.lms.create_courses([BARE, WHOLE])),
    Call("lms.get_courses_task", lambda c, ids: c.lms.get_courses_task(ids.courses_task)),
    Call("lms.deactivate_course", lambda c, ids: c.lms.deactivate_course(ids.course)),
]
