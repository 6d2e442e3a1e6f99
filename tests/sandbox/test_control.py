"""The control API: integrations, records, faults, requests, clock and reset, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from kombo_async.sandbox import Fault

from ..support.control_api import ControlClient
from ..support.sandbox_api import Api, Open


@pytest.fixture
async def control(api: Api) -> AsyncIterator[ControlClient]:
    """Use the control API of the sandbox of `api`."""
    return ControlClient(api.sandbox, api.session)


async def test_status_counts_what_there_is(api: Api, control: ControlClient) -> None:
    await api.get("/check-api-key")
    api.sandbox.faults.add(Fault.empty())
    api.sandbox.send_webhooks_to("http://127.0.0.1:9/")
    status = (await control.get("/status")).json
    assert status["base_url"] == api.sandbox.base_url
    assert status["api_key"] == api.sandbox.api_key
    counted = {name: status[name] for name in ("integrations", "requests", "deliveries", "faults", "webhooks")}
    assert counted == {"integrations": 4, "requests": 1, "deliveries": 0, "faults": 1, "webhooks": 1}


async def test_control_requests_are_neither_logged_nor_limited_nor_faulty(open_api: Open) -> None:
    async with open_api(requests_per_window=1, latency=30) as api:
        control = ControlClient(api.sandbox, api.session)
        api.sandbox.faults.add(Fault.empty(), times=None)
        for _ in range(3):
            assert (await control.get("/status")).status == 200
        assert not api.sandbox.requests


async def test_integrations_are_listed_in_pages(open_api: Open) -> None:
    async with open_api(integrations=3) as api:
        control = ControlClient(api.sandbox, api.session)
        first = await control.get("/integrations", limit=4)
        second = await control.get("/integrations", limit=4, cursor=first.json["next"])
        assert [each["id"] for each in first.results + second.results] == list(api.sandbox.integration_ids)
        assert (first.json["total"], second.json["next"]) == (6, None)


async def test_tool_is_connected_and_removed(api: Api, control: ControlClient) -> None:
    added = await control.post("/integrations", {"tool": "bamboohr"})
    assert added.status == 201
    integration_id = added.json["id"]
    assert api.sandbox.integration_ids[-1] == integration_id
    api.integration_id = integration_id
    assert (await api.get("/hris/employees")).status == 200
    assert (await control("DELETE", f"/integrations/{integration_id}")).status == 204
    assert (await api.get("/hris/employees")).code == "PLATFORM.INTEGRATION_NOT_FOUND"
    gone = await control.get(f"/integrations/{integration_id}")
    assert (gone.status, gone.error["path"]) == (404, "path.integration_id")
    assert gone.error["choices"] == list(api.sandbox.integration_ids)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "INACTIVE"}, "INTEGRATION.INACTIVE"),
        ({"setup_status": "FINAL_SYNC_PENDING"}, "INTEGRATION.SETUP_SYNC_PENDING"),
        ({"qa_status": "FAILED"}, "INTEGRATION.QA_FAILED"),
        ({"disabled_models": ["hris_employees"]}, "INTEGRATION.MODEL_DISABLED"),
        ({"missing_permissions": ["hris_employees"]}, "INTEGRATION.PERMISSION_MISSING"),
    ],
)
async def test_state_of_an_integration_makes_operations_fail(
    api: Api, control: ControlClient, changes: dict[str, Any], code: str
) -> None:
    changed = await control("PATCH", f"/integrations/{api.integration_id}", json=changes)
    assert changed.status == 200, changed.json
    assert (await api.get("/hris/employees")).code == code
    shown = (await control.get(f"/integrations/{api.integration_id}")).json
    if "disabled_models" in changes:
        assert [model["name"] for model in shown["models"] if model["disabled"]] == ["hris_employees"]
    if "status" in changes:
        assert shown["status"] == "INACTIVE"
    usual = {"status": "ACTIVE", "setup_status": "COMPLETED", "qa_status": "PASSED"}
    restored = {name: usual.get(name, []) for name in changes}
    assert (await control("PATCH", f"/integrations/{api.integration_id}", json=restored)).status == 200
    assert (await api.get("/hris/employees")).status == 200


async def test_model_is_switched_off_in_the_scope_config(api: Api, control: ControlClient) -> None:
    path = f"/integrations/{api.integration_id}/models/hris_absences"
    switched = await control("PUT", path, json={"on": False})
    assert [model["name"] for model in switched.json["models"] if model["switched_off"]] == ["hris_absences"]
    assert (await api.get("/hris/absences")).results == []
    await control("PUT", path, json={"on": True})
    assert (await api.get("/hris/absences")).results
    wrong = await control("PUT", f"/integrations/{api.integration_id}/models/nope", json={"on": True})
    assert (wrong.status, wrong.error["path"]) == (404, "path.model")
    assert "hris_absences" in wrong.error["choices"]


async def test_sync_runs_and_is_listed_while_it_runs(open_api: Open) -> None:
    async with open_api(sync_seconds=60) as api:
        control = ControlClient(api.sandbox, api.session)
        assert (await control.get("/syncs")).results == []
        path = f"/integrations/{api.integration_id}/syncs"
        sync, again = await control.post(path), await control.post(path, {"type": "DELTA"})
        assert (sync.status, sync.json["already_running"], again.json["already_running"]) == (201, False, True)
        assert [each["id"] for each in (await control.get("/syncs")).results] == [sync.json["id"]]
        assert (await control.get(f"/integrations/{api.integration_id}")).json["sync"]["id"] == sync.json["id"]
        await control.post("/clock/advance", {"seconds": 61})
        assert (await control.get("/syncs")).results == []


async def test_record_is_put_changed_deleted_anonymised_and_removed(api: Api, control: ControlClient) -> None:
    path = "/records/hris_employees/ada"
    put = await control("PUT", path, json={"first_name": "Ada", "their_key": [1]})
    assert (put.status, put.json["first_name"], put.json["their_key"]) == (200, "Ada", [1])
    changed = await control("PATCH", path, json={"first_name": "Ada Maria"})
    assert changed.json["first_name"] == "Ada Maria"
    [shown] = await api.employees(ids="ada")
    assert shown == (await control.get(path)).json
    deleted = await control("DELETE", path)
    assert deleted.json["remote_deleted_at"] == deleted.json["changed_at"]
    assert await api.employees(ids="ada") == []
    anonymised = await control.post(f"{path}/anonymise", {"touch": True})
    assert (anonymised.json["first_name"], anonymised.json["id"]) == (None, "ada")
    assert (await control.post(f"{path}/remove")).status == 204
    missing = await control.get(path)
    assert (missing.status, missing.error["path"]) == (404, "path.record_id")


async def test_records_are_those_of_the_api_page_by_page(api: Api, control: ControlClient) -> None:
    records, cursor = list[dict[str, Any]](), {}
    while True:
        page = await control.get("/records/hris_employees", limit=50, include_deleted="true", **cursor)
        records += page.results
        if page.json["next"] is None:
            break
        cursor = {"cursor": page.json["next"]}
    assert records == await api.employees(include_deleted="true")
    assert page.json["total"] == len(records) == api.sandbox.config.employees
    live = await control.get("/records/hris_employees", limit=1000)
    assert live.results == await api.employees()


async def test_records_are_searched_in_any_case(api: Api, control: ControlClient) -> None:
    await control("PUT", "/records/hris_employees/x", json={"job_title": "Zeppelin Pilot"})
    found = await control.get("/records/hris_employees", search="zeppelin p")
    assert [record["id"] for record in found.results] == ["x"]


async def test_record_of_another_integration_and_of_the_environment(open_api: Open) -> None:
    async with open_api(integrations=2) as api:
        control = ControlClient(api.sandbox, api.session)
        second = api.sandbox.integration_ids[1]
        await control("PUT", "/records/hris_teams/t", params={"integration_id": second}, json={"name": "Red"})
        assert (await control.get("/records/hris_teams/t", integration_id=second)).json["name"] == "Red"
        assert (await control.get("/records/hris_teams/t")).status == 404
        assert (await control.get("/records/ai_apply_career_sites")).results
        wrong = await control.get("/records/hris_teams/t", integration_id="personio:nope")
        assert (wrong.status, wrong.error["path"]) == (404, "query.integration_id")


async def test_record_with_invalid_json_is_readable(api: Api, control: ControlClient) -> None:
    import msgspec

    api.sandbox.put("hris_employees", {"id": "odd", "first_name": msgspec.Raw(b"{oops")}, raw=b"{]")
    assert (await control.get("/records/hris_employees/odd")).json["first_name"] == "{oops"
    assert (await control.get("/records/hris_employees", search="{oops")).results[0]["id"] == "odd"


FAULTS: list[tuple[dict[str, Any], int, str]] = [
    ({"kind": "error", "code": "REMOTE.SERVICE_UNAVAILABLE"}, 503, "error"),
    ({"kind": "error", "code": None, "status": 502}, 502, "error"),
    ({"kind": "rate_limited", "retry_after": 7}, 429, "rate_limited"),
    ({"kind": "concurrency_limited"}, 429, "concurrency_limited"),
    ({"kind": "html_502"}, 502, "html_502"),
    ({"kind": "text", "text": "down"}, 503, "text"),
    ({"kind": "empty", "status": 504}, 504, "empty"),
    ({"kind": "message_only"}, 503, "message_only"),
    ({"kind": "json", "payload": [1], "headers": {"X-Odd": "1"}}, 200, "json"),
    ({"kind": "raw", "body": "{", "content_type": "text/csv"}, 200, "raw"),
    ({"kind": "redirect", "location": "/elsewhere"}, 307, "redirect"),
    ({"kind": "delayed", "seconds": 0.01}, 200, "delayed"),
    ({"kind": "drip", "seconds": 0, "size": 1000}, 200, "drip"),
]


@pytest.mark.parametrize(("fault", "status", "name"), FAULTS)
async def test_fault_of_each_kind_is_applied_once(
    api: Api, control: ControlClient, fault: dict[str, Any], status: int, name: str
) -> None:
    added = await control.post("/faults", {"fault": fault, "path": "/check-api-key", "method": "GET"})
    assert (added.status, added.json["left"], added.json["fault"]["kind"]) == (201, 1, name)
    assert (await control.get("/faults")).results == [added.json]
    async with api.response("GET", "/check-api-key", allow_redirects=False) as response:
        assert response.status == status
        if name == "rate_limited":
            assert response.headers["Retry-After"] == "7"
        if name == "json":
            assert response.headers["X-Odd"] == "1"
    assert (await api.get("/check-api-key")).status == 200
    assert (await control.get("/faults")).results == []
    faulty, whole = (await control.get("/requests")).results[::-1]
    assert (faulty["fault"], faulty["status"]) == (name, status)
    assert (whole["fault"], whole["status"]) == (None, 200)


@pytest.mark.parametrize(
    ("path", "method", "expected"),
    [
        ("/hris/employees", "GET", ["iter_employees"]),
        ("/integrations/personio:x", "DELETE", ["delete_integration"]),
        ("/integrations/*/integration-fields", None, ["iter_integration_fields"]),
        ("/hris/employee", None, []),
        ("/hris/absences", "PUT", []),
    ],
)
async def test_fault_says_which_operations_it_may_be_applied_to(
    control: ControlClient, path: str, method: str | None, expected: list[str]
) -> None:
    added = await control.post("/faults", {"fault": {"kind": "empty"}, "path": path, "method": method})
    assert added.json["operations"] == expected


async def test_faults_are_removed_one_by_one_and_all_at_once(api: Api, control: ControlClient) -> None:
    api.sandbox.faults.add(Fault.html_502(), times=None)
    first = (await control.get("/faults")).results[0]
    assert (first["fault"], first["left"]) == ({"kind": "html_502"}, None)
    second = (await control.post("/faults", {"fault": {"kind": "empty"}, "times": None, "after": 3})).json
    assert (await control("DELETE", f"/faults/{first['id']}")).status == 204
    assert (await control.get("/faults")).results == [second]
    gone = await control("DELETE", f"/faults/{first['id']}")
    assert (gone.status, gone.error["choices"]) == (404, [second["id"]])
    assert (await control("DELETE", "/faults")).status == 204
    assert (await control.get("/faults")).results == []
    assert (await api.get("/check-api-key")).status == 200


async def test_requests_are_listed_newest_first_and_filtered(api: Api, control: ControlClient) -> None:
    await api.get("/check-api-key")
    await api.get(api.integration_path)
    await api("POST", "/force-sync", json={"type": "NOPE"})
    listed = (await control.get("/requests")).results
    assert [each["operation"] for each in listed] == ["trigger_sync", "get_integration", "check_api_key"]
    assert [each["status"] for each in listed] == [400, 200, 200]
    assert (listed[0]["code"], listed[0]["integration_id"]) == ("PLATFORM.INPUT_INVALID", api.integration_id)
    assert all(each["milliseconds"] > 0 for each in listed)
    for filters, expected in (
        ({"status": "4xx"}, [listed[0]]),
        ({"status": "200"}, listed[1:]),
        ({"method": "post"}, [listed[0]]),
        ({"path": "integrations"}, [listed[1]]),
        ({"faults_only": "true"}, []),
    ):
        assert (await control.get("/requests", **filters)).results == expected, filters
    page = await control.get("/requests", limit=2)
    rest = await control.get("/requests", limit=2, cursor=page.json["next"])
    assert page.results + rest.results == listed
    assert (await control("DELETE", "/requests")).status == 204
    assert (await control.get("/requests")).results == []
    await api.get("/check-api-key")
    assert int((await control.get("/requests")).results[0]["id"]) == int(listed[0]["id"]) + 1


async def test_request_shows_what_was_sent_and_answered_without_the_key(api: Api, control: ControlClient) -> None:
    await api("POST", "/force-sync", json={"type": "DELTA", "x": "ü"})
    [listed] = (await control.get("/requests")).results
    shown = (await control.get(f"/requests/{listed['id']}")).json
    assert {name: shown[name] for name in listed} == listed
    assert '"type": "DELTA"' in shown["body"]["text"]
    assert '"sync_id"' in shown["response_body"]["text"]
    assert ["Authorization", "***"] in shown["headers"]
    assert api.sandbox.api_key not in str(shown)
    unknown = await control.get("/requests/99")
    assert (unknown.status, unknown.error["choices"]) == (404, [listed["id"]])


async def test_large_bodies_are_cut_and_say_so(api: Api, control: ControlClient) -> None:
    await api.get(f"{api.integration_path}/integration-fields", page_size=2000)
    await api("POST", "/force-sync", json={"type": "x" * 100_000})
    large, page = [(await control.get(f"/requests/{each}")).json for each in (2, 1)]
    assert (len(large["body"]["text"]), large["body"]["truncated"]) == (64 * 1024, True)
    assert large["body"]["size"] > 100_000
    assert (len(page["response_body"]["text"]), page["response_body"]["truncated"]) == (64 * 1024, True)
    assert page["response_body"]["size"] > 200_000


async def test_dropped_connection_has_no_status(api: Api, control: ControlClient) -> None:
    import aiohttp

    api.sandbox.faults.add(Fault.drop("after_execution"), method="POST")
    with pytest.raises(aiohttp.ClientError):
        await api("POST", f"{api.integration_path}/relink", json={})
    [entry] = api.sandbox.requests
    assert (entry.status, entry.fault) == (None, "drop")
    [listed] = (await control.get("/requests")).results
    assert (listed["status"], listed["fault"]) == (None, "drop")
    assert (await control.get(f"/requests/{listed['id']}")).json["response_body"] is None


async def test_clock_is_advanced(api: Api, control: ControlClient) -> None:
    before = api.sandbox.clock.now()
    advanced = await control.post("/clock/advance", {"seconds": 7_200})
    assert advanced.status == 200
    assert api.sandbox.clock.now() - before >= timedelta(hours=2)
    assert (await control.get("/clock")).json["offset_seconds"] == api.sandbox.clock.offset.total_seconds()


async def test_reset_undoes_everything_and_takes_a_seed(api: Api, control: ControlClient) -> None:
    before = await api.employees()
    first_id = api.integration_id
    await control("PUT", "/records/hris_employees/ada", json={"first_name": "Ada"})
    await control.post("/faults", {"fault": {"kind": "empty"}, "times": None})
    await control.post("/webhooks", {"url": "http://127.0.0.1:9/"})
    await control.post("/integrations", {"tool": "lever"})
    await control("DELETE", f"/integrations/{first_id}")
    await control.post("/clock/advance", {"seconds": 86_400})
    status = (await control.post("/reset")).json
    counted = {name: status[name] for name in ("integrations", "requests", "deliveries", "faults", "webhooks")}
    assert counted == {"integrations": 4, "requests": 0, "deliveries": 0, "faults": 0, "webhooks": 0}
    assert status["clock_offset_seconds"] < 60
    assert await api.employees() == before
    other = (await control.post("/reset", {"seed": 2})).json
    assert other["seed"] == api.sandbox.config.seed == 2
    assert api.sandbox.integration_id != first_id
    api.integration_id = api.sandbox.integration_id
    assert {each["id"] for each in await api.employees()}.isdisjoint(each["id"] for each in before)
