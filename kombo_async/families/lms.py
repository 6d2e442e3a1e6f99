"""The learning family. See https://docs.kombo.dev/lms/introduction"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Unpack

from attrs import field, frozen
from msgspec import UNSET, UnsetType

from ..engine.query import ModelFilters
from ..models import lms as models
from ..models.base import utc_or_null
from ..operations import lms as op
from ..paging import Pager
from .family import Family, Reply, omit_unset
from .tasks import wait_for_task


class Lms(Family):
    """The operations of the learning family, as `client.lms`."""

    __slots__ = ()

    def iter_users(self, **filters: Unpack[op.LmsUserFilters]) -> Pager[models.LmsUser]:
        """Iterate over the learners, up to 250 a page.

        See https://docs.kombo.dev/lms/v1/get-users
        """
        return self._iterate(op.ITER_USERS, filters)

    def iter_course_progressions(
        self, **filters: Unpack[op.CourseProgressionFilters]
    ) -> Pager[models.CourseProgression]:
        """Iterate over the progress of learners in courses, up to 250 a page.

        See https://docs.kombo.dev/lms/v1/get-course-progressions
        """
        return self._iterate(op.ITER_COURSE_PROGRESSIONS, filters)

    async def create_course_progression(
        self, user_id: str, course_revision_id: str, *, integration_id: str | None = None
    ) -> Reply[models.CourseProgression]:
        """Enrol a person in a revision of a course: see `Course.revisions`.

        Both ids are Kombo's, or the tool's own after `remote:`. The scope config must allow "Create and manage course
        progressions".
        See https://docs.kombo.dev/lms/v1/post-course-progressions
        """
        body = omit_unset(user_id=user_id, course_revision_id=course_revision_id)
        return await self._action(op.CREATE_COURSE_PROGRESSION, integration_id, body=body)

    async def complete_course_progression(
        self,
        course_progression_id: str,
        *,
        completed_at: datetime | date | UnsetType | None = UNSET,
        score: int | UnsetType | None = UNSET,
        integration_id: str | None = None,
    ) -> Reply[models.CourseProgression]:
        """Report that a person has completed a course: today unless `completed_at` says when.

        The id is Kombo's, or the tool's own after `remote:`. `score` is from 0 to 100. The scope config must allow
        "Create and manage course progressions".
        See https://docs.kombo.dev/lms/v1/post-course-progressions-course-progression-id-complete
        """
        if isinstance(score, int) and not 0 <= score <= 100:
            raise ValueError(f"score is a whole number from 0 to 100, not {score}")
        body = omit_unset(completed_at=utc_or_null(completed_at), score=score)
        return await self._action(
            op.COMPLETE_COURSE_PROGRESSION, integration_id, body=body, course_progression_id=course_progression_id
        )

    def iter_courses(self, **filters: Unpack[ModelFilters]) -> Pager[models.Course]:
        """Iterate over the courses with their revisions, up to 250 a page.

        See https://docs.kombo.dev/lms/v1/get-courses
        """
        return self._iterate(op.ITER_COURSES, filters)

    async def create_courses(
        self, items: Sequence[models.CourseUpsert], *, integration_id: str | None = None
    ) -> Reply[CoursesTask]:
        """Create courses, or change those with the same `origin_id`. The reply has a task: `await` its `wait()`.

        Kombo processes the items afterwards, and each of them can fail by itself. The scope config must allow "Upsert
        courses".
        See https://docs.kombo.dev/lms/v1/post-courses-bulk
        """
        reply = await self._action(op.CREATE_COURSES, integration_id, body={"items": items})
        task = CoursesTask(self, reply.data.task_id, integration_id=integration_id or self._options.integration_id)
        return Reply(task, reply.warnings, reply.status, reply.headers)

    async def get_courses_task(self, task_id: str, *, integration_id: str | None = None) -> models.CoursesTaskState:
        """Get the state of a task of `create_courses`; `match` on its classes.

        Kombo does not say how long it keeps tasks. See https://docs.kombo.dev/lms/v1/get-courses-bulk-task-id
        """
        return await self._send(op.GET_COURSES_TASK, integration_id, task_id=task_id)

    async def deactivate_course(self, course_id: str, *, integration_id: str | None = None) -> Reply[models.Course]:
        """Close a course for new learners. The progress of the others remains.

        The id is Kombo's, or the tool's own after `remote:`. The scope config must allow "Upsert courses".
        See https://docs.kombo.dev/lms/v1/post-courses-course-id-deactivate
        """
        return await self._action(op.DEACTIVATE_COURSE, integration_id, course_id=course_id)

    def iter_skills(self, **filters: Unpack[ModelFilters]) -> Pager[models.LmsSkill]:
        """Iterate over the skills that courses teach, up to 250 a page.

        See https://docs.kombo.dev/lms/v1/get-skills
        """
        return self._iterate(op.ITER_SKILLS, filters)


@frozen
class CoursesTask:
    """A task of `create_courses`. For one whose id was stored: `CoursesTask(client.lms, task_id)`."""

    lms: Lms = field(repr=False, eq=False)
    """The family by which the state of the task is read."""
    task_id: str
    """The id to store, for another process that waits for the task."""
    integration_id: str | None = field(default=None, kw_only=True)
    """The integration of the task, if it is not that of `lms`."""

    async def wait(self, *, timeout: float = 600.0) -> models.CompletedCoursesTask:  # noqa: ASYNC109
        """Wait until all items were processed, and return the result of each: check its `failed`.

        The state is read at once, after a second, and then at growing intervals of up to 30 seconds. If the task failed
        as a whole, so that nothing was done, the error of its code is raised. After `timeout` seconds,
        `KomboTimeoutError` is raised, but the task continues: call this again, as after an error of a request.
        """
        return await wait_for_task(
            lambda: self.lms.get_courses_task(self.task_id, integration_id=self.integration_id),
            models.CompletedCoursesTask,
            task_id=self.task_id,
            get_name="get_courses_task",
            started_by=op.CREATE_COURSES,
            integration_id=self.integration_id,
            retry=self.lms._options.retry,  # noqa: SLF001
            timeout=timeout,
        )
