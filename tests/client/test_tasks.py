"""Courses are created by a task, which the client waits for."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import attrs
import pytest
from aiohttp import web
from attrs import define, field

from kombo_async import (
    APIError,
    InputInvalidError,
    KomboClient,
    KomboTimeoutError,
    LMSCourseUpdateNotSupportedError,
    RetryPolicy,
    TaskTimedOutError,
    UnknownPlatformError,
)
from kombo_async.families import tasks
from kombo_async.families.hris import SkillsTask
from kombo_async.families.lms import CoursesTask
from kombo_async.models import (
    CompletedCoursesTask,
    CourseUpsert,
    ExternalCourse,
    FailedCoursesTask,
    PendingCoursesTask,
    PendingSkillsTask,
    SingleSelectRatedProficiency,
    SkillRating,
    SkillUpsert,
    UnknownCourseResult,
    UnknownCoursesTask,
)
from kombo_async.sandbox import Sandbox, SandboxConfig

from .conftest import QUICK

COURSE = CourseUpsert(origin_id="a", course=ExternalCourse(title="A", course_url="https://learn.example.com/a"))
TASK = {"task_id": "t1", "created_at": "2026-03-04T05:06:07.000Z"}
ENDED = TASK | {"completed_at": "2026-03-04T05:07:00.000Z"}
PENDING = TASK | {"status": "PENDING", "completed_at": None}
DATA: list[dict[str, Any]] = [
    {"origin_id": "a", "status": "SUCCEEDED", "data": {"id": "c1"}},
    {
        "origin_id": "b",
        "status": "FAILED",
        "error": {
            "code": "LMS.COURSE_UPDATE_NOT_SUPPORTED",
            "title": None,
            "message": "it is already there",
            "log_url": "https://app.example.com/logs/1",
        },
    },
    {"origin_id": "c", "status": "POSTPONED"},
]
COMPLETED = ENDED | {"status": "COMPLETED", "data": DATA}


def failed(code: str | None) -> dict[str, Any]:
    error = {"code": code, "title": "A title", "message": "nothing went", "log_url": "https://app.example.com/logs/2"}
    return ENDED | {"status": "FAILED", "error": error}


@define
class Server:
    """Responds with the given states of the task in order; the last one is repeated."""

    states: list[dict[str, Any]] = field(factory=list)
    looks: list[str] = field(factory=list)

    async def create(self, request: web.Request) -> web.Response:
        assert [item["origin_id"] for item in (await request.json())["items"]] == ["a"]
        return web.json_response(
            {"status": "success", "data": {"task_id": "t1"}, "warnings": [{"message": "slow today"}]}
        )

    async def look(self, request: web.Request) -> web.Response:
        assert request.match_info["task_id"] == "t1"
        self.looks.append(request.headers["X-Integration-Id"])
        state = self.states[min(len(self.looks), len(self.states)) - 1]
        return web.json_response({"status": "success", "data": state})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def client(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KomboClient]:
    monkeypatch.setattr(tasks, "_FIRST_PAUSE", 0.001)
    application = web.Application()
    application.router.add_post("/v1/lms/courses/bulk", server.create)
    application.router.add_get("/v1/lms/courses/bulk/{task_id}", server.look)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    async with KomboClient("key", base_url=base_url, integration_id="workday:1", retry=QUICK) as client:
        yield client
    await runner.cleanup()


class TestWait:
    async def test_wait_returns_the_result_of_each_item(self, client: KomboClient, server: Server) -> None:
        server.states += [PENDING, PENDING, COMPLETED]
        reply = await client.lms.create_courses([COURSE])
        assert (reply.data.task_id, reply.warnings[0].message) == ("t1", "slow today")
        done = await reply.data.wait()
        assert len(server.looks) == 3
        assert [(item.origin_id, item.data.id) for item in done.succeeded] == [("a", "c1")]
        (bad,) = done.failed
        assert (bad.origin_id, bad.error.code) == ("b", "LMS.COURSE_UPDATE_NOT_SUPPORTED")
        assert done.data[2] == UnknownCourseResult(raw=DATA[2])

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("PLATFORM.INPUT_INVALID", InputInvalidError),
            ("PLATFORM.TASK_TIMED_OUT", TaskTimedOutError),
            ("LMS.COURSE_UPDATE_NOT_SUPPORTED", LMSCourseUpdateNotSupportedError),
            (None, APIError),
        ],
    )
    async def test_wait_raises_the_error_of_a_failed_task(
        self, client: KomboClient, server: Server, code: str | None, kind: type[APIError]
    ) -> None:
        server.states += [PENDING, failed(code)]
        task = (await client.lms.create_courses([COURSE])).data
        with pytest.raises(APIError, match="nothing went") as raised:
            await task.wait()
        error = raised.value
        assert type(error) is kind
        assert (error.code, error.title, error.log_url) == (code, "A title", "https://app.example.com/logs/2")
        assert not error.may_have_run
        assert (error.method, error.path, error.integration_id) == ("POST", "/lms/courses/bulk", "workday:1")
        assert str(pickle.loads(pickle.dumps(error))) == str(error)

    async def test_wait_times_out_and_can_be_called_again(self, client: KomboClient, server: Server) -> None:
        server.states += [PENDING]
        task = (await client.lms.create_courses([COURSE])).data
        with pytest.raises(KomboTimeoutError, match=r"after 0\.01 seconds, and continues.*get_courses_task") as raised:
            await task.wait(timeout=0.01)
        assert raised.value.may_have_run
        assert raised.value.integration_id == "workday:1"
        assert len(server.looks) >= 2
        server.states += [COMPLETED]
        assert isinstance(await task.wait(timeout=0), CompletedCoursesTask)

    async def test_wait_without_time_reads_the_state_once(self, client: KomboClient, server: Server) -> None:
        server.states += [PENDING]
        with pytest.raises(KomboTimeoutError):
            await CoursesTask(client.lms, "t1").wait(timeout=0)
        assert len(server.looks) == 1

    async def test_wait_continues_in_an_unknown_state(self, client: KomboClient, server: Server) -> None:
        server.states += [TASK | {"status": "QUEUED"}, COMPLETED]
        assert len((await CoursesTask(client.lms, "t1").wait()).data) == 3

    async def test_wait_can_be_cancelled(
        self, client: KomboClient, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tasks, "_FIRST_PAUSE", 3600.0)
        server.states += [PENDING]
        waiting = asyncio.create_task(CoursesTask(client.lms, "t1").wait(timeout=7200))
        while not server.looks:  # noqa: ASYNC110
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    @pytest.mark.parametrize("seconds", [-1, float("nan")])
    async def test_wait_refuses_an_invalid_timeout(self, client: KomboClient, server: Server, seconds: float) -> None:
        with pytest.raises(ValueError, match="timeout is a number of seconds from 0 on"):
            await CoursesTask(client.lms, "t1").wait(timeout=seconds)
        assert server.looks == []


def test_pauses_grow_from_one_to_thirty_seconds() -> None:
    pauses = list(islice(tasks._pauses(1.0), 12))
    assert pauses[:4] == [1.0, 1.5, 2.25, 3.375]
    assert pauses == sorted(pauses)
    assert pauses[-3:] == [30.0] * 3


async def test_immediate_retries_shorten_the_pauses_of_wait(server: Server, client: KomboClient) -> None:
    tasks._FIRST_PAUSE = 3600.0  # Put back by the fixture of the client.
    base_url = client._options.base_url
    async with KomboClient(
        "key", base_url=base_url, integration_id="workday:1", retry=RetryPolicy.immediate()
    ) as immediate:
        server.states += [PENDING, PENDING, COMPLETED]
        assert len((await asyncio.wait_for(CoursesTask(immediate.lms, "t1").wait(), 20)).data) == 3


async def test_skills_are_created_by_a_task_and_rated() -> None:
    async with (
        Sandbox(SandboxConfig(employees=3)) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id) as client,
    ):

        async def upsert(*names: str) -> SkillsTask:
            return (
                await client.hris.create_skills(
                    [SkillUpsert(origin_id=f"o{n}", name=name) for n, name in enumerate(names)]
                )
            ).data

        task = await upsert("Welding", "To fail in style")
        assert isinstance(await client.hris.get_skills_task(task.task_id), PendingSkillsTask)
        done = await task.wait()
        (welding,), (failed,) = done.succeeded, done.failed
        assert (failed.origin_id, failed.error.code) == ("o1", "REMOTE.INPUT_INVALID")
        assert [skill.name for skill in await client.hris.get_skills() if skill.id == welding.data.id] == ["Welding"]
        task = await upsert("Arc welding")
        await client.hris.get_skills_task(task.task_id)
        assert (await task.wait()).succeeded[0].data.id == welding.data.id
        task = await upsert("fail everything")
        await client.hris.get_skills_task(task.task_id)
        with pytest.raises(UnknownPlatformError) as raised:
            await task.wait()
        assert (raised.value.path, raised.value.integration_id) == ("/hris/skills/bulk", sandbox.integration_id)

        rated = await client.hris.iter_skill_proficiency_ratings().collect()
        assert isinstance(rated[0].proficiency, SingleSelectRatedProficiency)
        level = rated[0].proficiency.options[3].id
        (person,) = (await client.hris.iter_employees(page_size=1).first_page()).results
        rating = SkillRating(rating_source="EXTERNAL", proficiency=level)
        reply = await client.hris.set_skill_proficiency_rating(person.id, welding.data.id, rating=rating)
        assert isinstance(reply.data.proficiency, SingleSelectRatedProficiency)
        assert reply.data.proficiency.selected_option_id == level
        again = await client.hris.set_skill_proficiency_rating(person.id, welding.data.id)
        assert (again.data.id, again.data.proficiency) == (reply.data.id, None)
        with pytest.raises(InputInvalidError):
            await client.hris.set_skill_proficiency_rating(
                person.id, welding.data.id, rating=attrs.evolve(rating, proficiency=4)
            )


class TestHandle:
    async def test_handle_is_made_from_a_stored_id(self, client: KomboClient, server: Server) -> None:
        server.states += [COMPLETED]
        task = CoursesTask(client.lms, "t1", integration_id="workday:2")
        await task.wait()
        assert server.looks == ["workday:2"]
        assert task == CoursesTask(client.for_integration("sap:1").lms, "t1", integration_id="workday:2")
        assert repr(task) == "CoursesTask(task_id='t1', integration_id='workday:2')"

    async def test_handle_keeps_the_integration_of_the_call(self, client: KomboClient, server: Server) -> None:
        server.states += [COMPLETED]
        for integration_id, view in [("workday:2", client), ("workday:3", client.for_integration("workday:3"))]:
            given = integration_id if view is client else None
            task = (await view.lms.create_courses([COURSE], integration_id=given)).data
            assert task.integration_id == integration_id
            await task.wait()
        assert server.looks == ["workday:2", "workday:3"]


async def test_states_of_a_task_have_classes(client: KomboClient, server: Server) -> None:
    server.states += [PENDING, COMPLETED, failed("PLATFORM.INPUT_INVALID"), TASK | {"status": "QUEUED"}]
    kinds = [type(await client.lms.get_courses_task("t1")) for _ in server.states]
    assert kinds == [PendingCoursesTask, CompletedCoursesTask, FailedCoursesTask, UnknownCoursesTask]


async def test_score_is_from_0_to_100(client: KomboClient) -> None:
    for score in (-1, 101):
        with pytest.raises(ValueError, match="from 0 to 100"):
            await client.lms.complete_course_progression("p1", score=score)
    for wrong in (93.5, "93", True):
        with pytest.raises(TypeError, match="score"):
            await client.lms.complete_course_progression("p1", score=wrong)  # type: ignore[arg-type]
