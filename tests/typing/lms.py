"""Checked by mypy and pyright, never run: what the learning family gives and takes, and what it refuses.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from datetime import UTC, date, datetime
from typing import Any, Literal, assert_type

from kombo_async import UNSET, KomboClient, Page, Pager, Reply
from kombo_async.families.lms import CoursesTask
from kombo_async.models.common import IntegrationFieldValue
from kombo_async.models.lms import (
    CompletedCoursesTask,
    Course,
    CourseProgression,
    CourseProgressionStatus,
    CourseProvider,
    CourseResult,
    CourseRevision,
    CourseRevisionStatus,
    CourseRevisionSummary,
    CourseSkillAssignment,
    CoursesTaskState,
    CourseUpsert,
    ExternalCourse,
    FailedCourse,
    FailedCoursesTask,
    LmsSkill,
    LmsUser,
    LmsUserStatus,
    LmsUserSummary,
    PendingCoursesTask,
    SucceededCourse,
    TaskError,
    UnknownCourseResult,
    UnknownCoursesTask,
    UpsertedCourse,
)


async def lists(client: KomboClient) -> None:
    assert_type(client.lms.iter_users(work_emails=["ada@example.com"], include_deleted=True), Pager[LmsUser])
    async for user in client.lms.iter_users():
        assert_type(user, LmsUser)
        assert_type(user.status, LmsUserStatus | None)
        assert_type(user.integration_fields, tuple[IntegrationFieldValue, ...])
    progress = client.lms.iter_course_progressions(user_ids=["u"], course_ids=("c",), updated_after=datetime.now(UTC))
    assert_type(progress, Pager[CourseProgression])
    assert_type(await progress.first_page(), Page[CourseProgression])
    assert_type(client.lms.iter_course_progressions(), Pager[CourseProgression])
    async for progression in client.lms.iter_course_progressions():
        assert_type(progression, CourseProgression)
        assert_type(progression.status, CourseProgressionStatus | None)
        assert_type(progression.user, LmsUserSummary | None)
        assert_type(progression.course_revision, CourseRevisionSummary | None)
    assert_type(client.lms.iter_courses(remote_ids=["7"], page_size=10, integration_id=None), Pager[Course])
    async for course in client.lms.iter_courses():
        assert_type(course, Course)
        assert_type(course.provider, CourseProvider | None)
        assert_type(course.revisions, tuple[CourseRevision, ...])
        for revision in course.revisions:
            assert_type(revision.status, CourseRevisionStatus | None)
            assert_type(revision.skill_assignments, tuple[CourseSkillAssignment, ...])
    assert_type(client.lms.iter_skills(ids=["s"]), Pager[LmsSkill])
    async for skill in client.lms.iter_skills():
        assert_type(skill, LmsSkill)
        assert_type(skill.name, str | None)
    client.lms.iter_users(emails=["ada@example.com"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.lms.iter_users(work_emails="ada@example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.lms.iter_users(work_emails=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.lms.iter_users(work_emails=[7])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.lms.iter_course_progressions(user_id="u")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.lms.iter_course_progressions(course_ids=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.lms.iter_courses(updated_after="yesterday")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.lms.iter_courses(name_contains="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def progress(client: KomboClient) -> None:
    assert_type(await client.lms.create_course_progression("u", "r"), Reply[CourseProgression])
    assert_type(await client.lms.complete_course_progression("p"), Reply[CourseProgression])
    assert_type(
        await client.lms.complete_course_progression("p", completed_at=date(2026, 1, 1), score=100),
        Reply[CourseProgression],
    )
    assert_type(
        await client.lms.complete_course_progression("p", completed_at=datetime.now(UTC), score=UNSET),
        Reply[CourseProgression],
    )
    await client.lms.complete_course_progression("p", completed_at=None, score=None, integration_id="docebo:1")
    assert_type(await client.lms.deactivate_course("c"), Reply[Course])
    await client.lms.create_course_progression("u")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.create_course_progression("u", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.lms.create_course_progression("u", "r", "docebo:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.create_course_progression(user_id="u", course_id="c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.complete_course_progression()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.complete_course_progression("p", date(2026, 1, 1))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.complete_course_progression("p", completed_at="2026-01-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.lms.complete_course_progression("p", score=99.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.lms.deactivate_course()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.deactivate_course("c", "docebo:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def courses(client: KomboClient) -> None:
    course = CourseUpsert(
        origin_id="7",
        course=ExternalCourse(
            title="Async Python",
            course_url="https://example.com/courses/7",
            description=None,
            thumbnail_url=UNSET,
            duration=90,
            languages=["en", "de"],
        ),
    )
    reply = await client.lms.create_courses([course])
    assert_type(await client.lms.create_courses((course,), integration_id=None), Reply[CoursesTask])
    assert_type(reply.data.task_id, str)
    done = await reply.data.wait(timeout=60)
    assert_type(done, CompletedCoursesTask)
    assert_type(done.data, tuple[CourseResult, ...])
    assert_type(done.succeeded, tuple[SucceededCourse, ...])
    assert_type(done.failed, tuple[FailedCourse, ...])
    assert_type(await CoursesTask(client.lms, "t").wait(), CompletedCoursesTask)
    assert_type(await client.lms.get_courses_task("t"), CoursesTaskState)
    match await client.lms.get_courses_task(reply.data.task_id, integration_id="docebo:1"):
        case PendingCoursesTask(created_at=since):
            assert_type(since, datetime)
        case CompletedCoursesTask(data=data):
            assert_type(data, tuple[CourseResult, ...])
        case FailedCoursesTask(error=error):
            assert_type(error, TaskError)
        case UnknownCoursesTask(raw=raw):
            assert_type(raw, Any)
        case other:
            assert_type(other, CoursesTaskState)
            print(other.task_id)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
    await client.lms.create_courses()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.create_courses(course)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.lms.create_courses([course.course])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.lms.create_courses([{"origin_id": "7"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.lms.create_courses([course], "docebo:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.get_courses_task()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.lms.get_courses_task(reply.data)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.lms.get_courses_task("t", "docebo:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await reply.data.wait(60)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await reply.wait()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    CoursesTask(client, "t")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    CourseUpsert(course=course.course)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    CourseUpsert(origin_id="7", course={"title": "Async Python"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ExternalCourse(title="Async Python")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    ExternalCourse(title="Async Python", course_url="u", languages="en")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ExternalCourse(title=None, course_url="u")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ExternalCourse(title="Async Python", course_url="u", duration="90")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ExternalCourse(title="Async Python", course_url="u", type="INTERNAL")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def course_result(given: CourseResult) -> None:
    match given:
        case SucceededCourse(origin_id=origin, data=data):
            assert_type(given.status, Literal["SUCCEEDED"])
            assert_type(origin, str)
            assert_type(data, UpsertedCourse)
        case FailedCourse(error=error):
            assert_type(error.message, str)
            assert_type(error.code, str | None)
        case UnknownCourseResult(raw=raw):
            assert_type(raw, Any)
        case _:
            assert_type(given, CourseResult)
