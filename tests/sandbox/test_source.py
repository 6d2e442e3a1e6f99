"""A source that changes: records are put, changed, deleted, anonymised, removed; and what lists show of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, get_type_hints

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kombo_async import KomboClient
from kombo_async.models.webhooks import Event
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig, SandboxThread
from kombo_async.sandbox.http.app import TABLES
from kombo_async.webhooks import DataChangedEvent, aiohttp_handler

from ..support.sandbox_api import Api, Open

SYNCED = {
    name: (category, operation.path)
    for category, tables in TABLES.items()
    for name, table in tables.items()
    for operation in table.lists[:1]
    if operation.filters is not None and "updated_after" in get_type_hints(operation.filters)
}
"""The category and the list of each model whose list has `updated_after`."""
Listed = Callable[..., Awaitable[dict[str, dict[str, Any]]]]


@pytest.fixture(scope="module")
def shared() -> Iterator[SandboxThread]:
    with SandboxThread(SandboxConfig(fields=10, employees=40)) as sandbox:
        yield sandbox


@pytest.fixture
async def listed(shared: SandboxThread) -> AsyncIterator[Listed]:
    """Return a function that returns all records of a list, by id."""
    async with KomboClient(shared.api_key, base_url=shared.base_url) as client:

        async def listed(model: str, **filters: str) -> dict[str, dict[str, Any]]:
            category, path = SYNCED[model]
            found: dict[str, dict[str, Any]] = {}
            params: dict[str, str] = {"page_size": "250", **filters}
            while True:
                integration_id = shared.integration_id_of(category)
                reply = await client.request("GET", path, params=params, integration_id=integration_id)
                found |= {record["id"]: record for record in reply.data["results"]}
                if reply.data["next"] is None:
                    return found
                params["cursor"] = reply.data["next"]

        yield listed


@pytest.mark.parametrize("model", SYNCED)
async def test_record_of_each_model_lives_and_is_deleted(shared: SandboxThread, listed: Listed, model: str) -> None:
    before = await listed(model)
    start = shared.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert await listed(model, updated_after=start, include_deleted="true") == {}

    put = shared.put(model, {"id": "one", "remote_id": "r-1"})
    assert (await listed(model))["one"] == put
    assert set(put) == set(next(iter(before.values())))
    assert put["changed_at"] >= start
    assert (await listed(model)).keys() == before.keys() | {"one"}
    assert (await listed(model, updated_after=start)).keys() >= {"one"}
    for filters in ({"ids": "one,unknown"}, {"remote_ids": "r-1"}):
        assert list(await listed(model, **filters)) == ["one"]

    shared.clock.advance(timedelta(seconds=1))
    changed = shared.change(model, "one", remote_id="r-2")
    assert (changed["remote_id"], changed["changed_at"] > put["changed_at"]) == ("r-2", True)
    assert list(await listed(model, updated_after=changed["changed_at"])) == ["one"]

    deleted = shared.delete(model, "one")
    assert deleted["remote_deleted_at"] == deleted["changed_at"] >= changed["changed_at"]
    assert (await listed(model)).keys() == before.keys()
    assert (await listed(model, updated_after=start, include_deleted="true"))["one"] == deleted
    assert await listed(model, ids="one") == {}
    assert list(await listed(model, ids="one", include_deleted="true")) == ["one"]

    anonymised = shared.anonymise(model, "one")
    assert {key for key, value in anonymised.items() if value} == {"id"}
    assert await listed(model, ids="one") == {}
    assert (await listed(model, ids="one", include_deleted="true"))["one"] == anonymised

    shared.remove(model, "one")
    assert await listed(model, ids="one", include_deleted="true") == {}
    assert (await listed(model)).keys() == before.keys()

    restored = shared.put(model, {"id": "one"})
    assert restored["remote_deleted_at"] is None
    shared.remove(model, "one")


@pytest.mark.parametrize("model", ["hris_employees", "hris_employments", "hris_absences", "hris_locations"])
async def test_generated_record_is_changed_and_replaced(shared: SandboxThread, listed: Listed, model: str) -> None:
    record_id, before = next(iter((await listed(model)).items()))
    changed = shared.change(model, record_id, remote_id="changed")
    times = {key: changed[key] for key in ("changed_at", "remote_updated_at") if key in changed}
    assert changed == before | {"remote_id": "changed"} | times
    assert (await listed(model, remote_ids="changed"))[record_id] == changed
    replaced = shared.put(model, {"id": record_id})
    assert replaced["remote_id"] != "changed"
    assert (await listed(model))[record_id] == replaced
    shared.remove(model, record_id)
    assert record_id not in await listed(model, include_deleted="true")


async def test_relations_of_put_records_are_rendered_and_touch_each_other(open_api: Open) -> None:
    async with open_api(employees=20) as api:
        sandbox = api.sandbox
        sandbox.put("hris_teams", {"id": "team", "name": "Tooling", "type": "TEAM"})
        sandbox.put("hris_employees", {"id": "boss", "first_name": "Ada"})
        sandbox.put("hris_employees", {"id": "ann", "manager_id": "boss", "group_ids": ["team"]})
        sandbox.put("hris_employments", {"id": "job", "employee_id": "ann", "job_title": "Engineer"})
        [ann] = await api.employees(ids="ann")
        assert (ann["manager"]["first_name"], ann["groups"][0]["name"]) == ("Ada", "Tooling")
        assert [job["job_title"] for job in ann["employments"]] == ["Engineer"]
        assert "group_ids" not in ann

        sandbox.clock.advance(timedelta(hours=1))
        later = sandbox.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert await api.employees(updated_after=later) == []
        sandbox.change("hris_employments", "job", job_title="Architect")
        [touched] = await api.employees(updated_after=later)
        assert touched["id"] == "ann"
        assert touched["changed_at"] == ann["changed_at"]
        sandbox.change("hris_employees", "boss", first_name="Eve")
        assert {each["id"] for each in await api.employees(updated_after=later)} == {"ann", "boss"}

        sandbox.change("hris_employments", "job", employee_id="boss")
        people = {each["id"]: each for each in await api.employees(ids="ann,boss")}
        assert [len(people[each]["employments"]) for each in ("ann", "boss")] == [0, 1]
        sandbox.remove("hris_employments", "job")
        sandbox.remove("hris_employees", "boss")
        [ann] = await api.employees(ids="ann")
        assert (ann["manager"], ann["manager_id"], ann["employments"]) == (None, "boss", [])


async def test_odd_values_are_sent_as_they_are(api: Api) -> None:
    odd = {
        "first_name": 5, "work_email": ["x"], "employment_status": {"a": 1}, "custom_fields": [1], "groups": "none",
        "unknown_key": {"nested": [None]}, "start_date": "yesterday", "changed_at": 7, "manager_id": 3,
    }  # fmt: skip
    put = api.sandbox.put("hris_employees", {"id": "odd", **odd})
    assert {key: put[key] for key in odd} == odd
    assert await api.employees(ids="odd") == [put]
    # Filters and actions do not stumble over it.
    for name, value in {
        "work_emails": "x",
        "employment_statuses": "ACTIVE",
        "custom_fields": '{"a": 1}',
        "group_ids": "x",
        "updated_after": "2026-01-01",
    }.items():
        assert (await api.get("/hris/employees", **{name: value})).status == 200
    new = {"first_name": "A", "last_name": "B", "work_email": "a@b.example"}
    assert (await api("POST", "/hris/employees", json=new)).status == 200
    changed = api.sandbox.change("hris_employees", "odd", first_name="Ann", changed_at="2020-01-01T00:00:00.000Z")
    assert (changed["first_name"], changed["changed_at"]) == ("Ann", "2020-01-01T00:00:00.000Z")
    [found] = await api.employees(ids="odd", updated_after="2026-11-01")
    assert found == changed


@pytest.mark.parametrize(
    "raw", [b'{"id": "x", "first_name": "\\ud800"}', b"[1]", b"null", b'{"first_name": "no id"}', b'{"id": NaN}']
)
async def test_raw_record_is_sent_in_place_of_the_record_until_it_is_changed(api: Api, raw: bytes) -> None:
    api.sandbox.put("hris_employees", {"id": "x"}, raw=raw)
    async with api.response("GET", "/hris/employees?ids=x") as response:
        assert raw in await response.read()
    api.sandbox.change("hris_employees", "x", first_name="Ann")
    assert [each["first_name"] for each in await api.employees(ids="x")] == ["Ann"]


async def test_raw_value_is_sent_as_it_is(api: Api) -> None:
    api.sandbox.put("hris_employees", {"id": "x", "first_name": msgspec.Raw(b'"\\ud800"')})
    async with api.response("GET", "/hris/employees?ids=x") as response:
        assert b'"first_name":"\\ud800"' in await response.read()


async def test_model_that_is_switched_off_shows_its_records_as_deleted(api: Api) -> None:
    sandbox, path = api.sandbox, "/hris/absences"
    before = await api.all(path, include_deleted="true")
    alive = {each["id"] for each in before if each["remote_deleted_at"] is None}
    start = sandbox.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    sandbox.switch_model("hris_absences", on=False)
    assert await api.all(path) == []
    off = await api.all(path, include_deleted="true", updated_after=start)
    assert {each["id"] for each in off} == {each["id"] for each in before}
    assert all(each["remote_deleted_at"] for each in off)
    models = {each["id"]: each for each in (await api.get(api.integration_path)).data["read_models"]}
    assert (models["hris_absences"]["is_available"], models["hris_employees"]["is_available"]) == (False, True)

    sandbox.switch_model("hris_absences", on=True)
    on = await api.all(path, include_deleted="true", updated_after=start)
    assert {each["id"] for each in on if each["remote_deleted_at"] is None} == alive
    with pytest.raises(ValueError, match="no scope config"):
        sandbox.switch_model("ai_apply_postings", on=False)


async def test_expiry_of_data_is_shown_until_it_is_cleared(api: Api) -> None:
    moment = datetime(2026, 11, 20, 8, tzinfo=UTC)
    api.sandbox.set_integration_state(api.integration_id, data_expired_at=moment)
    assert (await api.get(api.integration_path)).data["data_expired_at"] == "2026-11-20T08:00:00.000Z"
    with pytest.raises(TypeError, match="time zone"):
        api.sandbox.set_integration_state(api.integration_id, data_expired_at=datetime(2026, 11, 20))  # noqa: DTZ001
    api.sandbox.set_integration_state(api.integration_id, data_expired_at=None)
    assert (await api.get(api.integration_path)).data["data_expired_at"] is None


async def test_expired_cursors_are_refused(api: Api) -> None:
    cursor = (await api.get("/hris/employees", page_size=10)).data["next"]
    assert (await api.get("/hris/employees", cursor=cursor)).status == 200
    api.sandbox.expire_cursors()
    got = await api.get("/hris/employees", cursor=cursor)
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert (await api.get("/hris/employees", page_size=10)).data["next"] not in {None, cursor}


@pytest.mark.parametrize("unstable", [False, True])
async def test_removed_record_shifts_unstable_pages_only(open_api: Open, unstable: bool) -> None:
    async with open_api(employees=30, unstable_pages=unstable) as api:
        everything = [each["id"] for each in await api.employees()]
        first = await api.get("/hris/employees", page_size=10)
        api.sandbox.delete("hris_employees", first.results[3]["id"])
        second = await api.get("/hris/employees", page_size=10, cursor=first.data["next"])
        shift = 1 if unstable else 0
        assert [each["id"] for each in second.results] == everything[10 + shift : 20 + shift]
        assert len(everything) > 20


async def test_clock_drives_dates_changes_and_syncs(open_api: Open) -> None:
    async with open_api(sync_seconds=3_600) as api:
        clock = api.sandbox.clock
        await api("POST", "/force-sync", json={})
        clock.advance(timedelta(days=400))
        got = await api.get("/check-api-key")
        date = parsedate_to_datetime(got.headers["Date"])
        assert timedelta(0) <= clock.now() - date < timedelta(seconds=30)
        assert date - datetime.now(UTC) > timedelta(days=399)
        await asyncio.wait_for(api.sandbox.sync_finished(), 10)
        changed = api.sandbox.put("hris_employees", {"id": "x"})["changed_at"]
        assert datetime.fromisoformat(changed) >= date
        clock.offset = timedelta(hours=-3)
        got = await api.get("/check-api-key")
        skew = datetime.now(UTC) - parsedate_to_datetime(got.headers["Date"])
        assert timedelta(hours=3) <= skew < timedelta(hours=3, minutes=1)
        for wrong in (3, "1h"):
            with pytest.raises(TypeError, match="timedelta"):
                clock.advance(wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="9999"):
            clock.offset = timedelta(days=5_000_000)


async def test_fault_replaces_and_removes_the_date(api: Api) -> None:
    for dates in ("Sun, 01 Nov 2026 08:00:00 GMT", None):
        api.sandbox.faults.add(Fault(executes=True, headers={"Date": dates}))
        got = await api.get("/check-api-key")
        assert (got.status, got.headers.get("Date")) == (200, dates)


async def test_changes_are_announced_by_an_explicit_webhook() -> None:
    arrived: list[Event] = []

    async def keep(event: Event) -> None:
        arrived.append(event)

    app = web.Application()
    app.router.add_post("/hook", aiohttp_handler(keep, "mine"))
    async with TestServer(app) as server, Sandbox() as sandbox, aiohttp.ClientSession() as session:
        sandbox.send_webhooks_to(str(server.make_url("/hook")), secret="mine")
        second = sandbox.integration_id_of("ATS")
        sandbox.put("ats_jobs", {"id": "job"})
        sandbox.change("ats_jobs", "job", name="Chef")
        sandbox.put("ats_tags", {"id": "tag"})
        api = Api(sandbox, session)
        api.integration_id = second
        assert len((await api.get("/ats/jobs", ids="job")).results) == 1
        assert arrived == []
        await sandbox.send_webhook("data-changed")
        await sandbox.send_webhook("data-changed", changed_models=[{"name": "hris_join_employees_teams"}])
        sandbox.delete("hris_employees", sandbox.records("hris_employees")[0]["id"])
        await sandbox.send_webhook("data-changed", integration_id=sandbox.integration_id)
    assert all(isinstance(event, DataChangedEvent) for event in arrived)
    announced = [
        (event.integration_id, [model.name for model in event.data.changed_models])
        for event in arrived
        if isinstance(event, DataChangedEvent)
    ]
    assert announced == [
        (second, ["ats_jobs", "ats_tags"]),
        (sandbox.integration_id, ["hris_join_employees_teams"]),
        (sandbox.integration_id, ["hris_employees"]),
    ]


async def test_records_equal_what_the_list_shows(api: Api) -> None:
    assert api.sandbox.records("hris_employees") == await api.employees()
    everything = api.sandbox.records("hris_employees", include_deleted=True)
    assert everything == await api.employees(include_deleted="true")
    assert len(everything) > len(api.sandbox.records("hris_employees"))


def test_returned_record_belongs_to_the_caller() -> None:
    """Sandboxes with the same seed share what they generate, so they must not share it with their callers."""
    one, other = (SandboxThread(SandboxConfig(employees=3)) for _ in range(2))
    for model, key in (("hris_employees", "home_address"), ("ats_candidates", "email_addresses")):
        before = other.records(model)[0]
        changes = {"hris_employees": {"job_title": "Cook"}, "ats_candidates": {"title": "Cook"}}[model]
        for record in (one.records(model)[0], one.change(model, before["id"], **changes)):
            record[key].clear()
        assert before[key]
        assert one.records(model)[0][key] == other.records(model)[0][key] == before[key]
        new = SandboxThread(SandboxConfig(employees=3))
        assert new.records(model)[0] == before


def test_wrong_names_list_the_choices(shared: SandboxThread) -> None:
    first = shared.records("hris_skills")[0]["id"]
    calls: list[tuple[Any, str]] = [
        (lambda: shared.put("hris_employes", {"id": "x"}), "no model 'hris_employes'; did you mean hris_employees"),
        (lambda: shared.put("payroll", {"id": "x"}), "no model 'payroll'; there are ai_apply_applications, .*, …"),
        (
            lambda: shared.put("ats_jobs", {"id": "x"}, integration_id=shared.integration_id),
            "no model 'ats_jobs' of integration personio:.*; there are hris_employees, ",
        ),
        (
            lambda: shared.put("hris_teams", {"id": "x"}, integration_id=f"{shared.integration_id}x"),
            f"did you mean {shared.integration_id}",
        ),
        (lambda: shared.delete("hris_skills", f"{first}x"), f"did you mean {first}"),
        (lambda: shared.change("hris_employees", "nobody", first_name="A"), "no record of hris_employees 'nobody'"),
        (lambda: shared.remove("hris_employees", "nobody"), "no record of hris_employees"),
        (lambda: shared.anonymise("hris_employees", "nobody"), "no record of hris_employees"),
        (lambda: shared.put("hris_employees", {}), 'needs an "id"'),
        (lambda: shared.put("hris_employees", {"id": 5}), 'needs an "id"'),
        (lambda: shared.change("hris_skills", first, id="other"), "cannot be changed"),
        (lambda: shared.put("hris_employees", {"id": "x", "first_name": "\ud800"}), "msgspec.Raw"),
        (lambda: shared.put("hris_employees", {"id": "x", "first_name": object()}), "msgspec.Raw"),
        (lambda: shared.set_integration_state("personio:x", status="INVALID"), "no integration 'personio:x'"),
        (lambda: shared.integration_id_of("CRM"), "categories are HRIS"),
    ]
    for call, message in calls:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match="bytes"):
        shared.put("hris_employees", {"id": "x"}, raw="{}")  # type: ignore[arg-type]


async def test_wrong_types_and_values_are_refused_before_anything_changes(api: Api) -> None:
    sandbox: Any = api.sandbox
    with pytest.raises(TypeError, match="a record must be a dict, not list"):
        sandbox.put("hris_employees", [("id", "a")])
    with pytest.raises(TypeError, match="observer must be a function"):
        sandbox.observe("print")
    with pytest.raises(ValueError, match=r"^status must be one of ACTIVE, INVALID, INACTIVE, not 'ON'$"):
        sandbox.set_integration_state(api.integration_id, status="ON")
    with pytest.raises(ValueError, match="name a host"):
        sandbox.send_webhooks_to("http://127.0.0.1:1/\r\nX: a")
    assert sandbox.webhook_urls == ()
