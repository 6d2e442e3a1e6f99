"""Integrations, fields, syncs, links and tools."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ..support.sandbox_api import Api, Open


async def test_integration_has_details(api: Api) -> None:
    data = (await api.get(api.integration_path)).data
    assert (data["id"], data["status"], data["setup_status"]) == (api.integration_id, "ACTIVE", "COMPLETED")
    assert (data["tool"]["id"], data["tool"]["label"], data["category"]) == ("personio", "Personio", "HRIS")
    assert {action["id"] for action in data["write_actions"]} >= {"hris_create_absence"}
    assert all(
        set(field) == {"id", "is_available", "coverage_status"} for a in data["write_actions"] for field in a["fields"]
    )


async def test_availability_depends_on_coverage_and_settings(api: Api) -> None:
    models = (await api.get(api.integration_path)).data["read_models"]
    for model in models:
        assert model["is_available"] == _available(model)
        for field in model["fields"]:
            assert field["is_available"] == (_available(field) and model["is_available"])
    assert {model["is_available"] for model in models} == {True, False}
    seen = {(field["coverage_status"], field["scope_config_setting"]) for model in models for field in model["fields"]}
    assert len(seen) > 4


def _available(thing: dict[str, Any]) -> bool:
    enabled = thing["scope_config_setting"] != "DISABLED"
    return thing["coverage_status"] == "SUPPORTED" and enabled and not thing["opted_out_by_customer"]


async def test_unavailable_fields_are_null(api: Api) -> None:
    models = {model["id"]: model for model in (await api.get(api.integration_path)).data["read_models"]}
    hidden = {field["id"] for field in models["hris_employees"]["fields"] if not field["is_available"]}
    assert hidden == {"avatar", "ethnicity", "ssn"}
    for employee in await api.employees(include_deleted="true"):
        assert {employee[key] for key in hidden} == {None}


async def test_each_field_is_on_one_page(open_api: Open) -> None:
    async with open_api(fields=4321) as api:
        fields = await api.all(f"{api.integration_path}/integration-fields", page_size=2000)
        assert len(api.sandbox.requests) == 3
        again = await api.all(f"{api.integration_path}/integration-fields", page_size=777)
    assert fields == again
    assert len({field["id"] for field in fields}) == 4321
    share = Counter(field["model"] for field in fields)["hris_employees"] / 4321
    assert 0.57 < share < 0.63
    assert {field["type"] for field in fields} == {"DEFAULT", "CUSTOM"}
    assert None in {field["label"] for field in fields}
    assert {field["is_writable"] for field in fields} == {False}
    kinds = Counter((field["model"], field["key"]) for field in fields)
    doubles = {pair for pair, count in kinds.items() if count > 1}
    assert len(doubles) == 432
    for field in fields:
        if (field["model"], field["key"]) in doubles:
            kinds[field["model"], field["key"], field["type"]] += 1
    assert {count for key, count in kinds.items() if len(key) == 3} == {1}


async def test_page_of_fields_has_both_cursors(api: Api) -> None:
    data = (await api.get(f"{api.integration_path}/integration-fields", page_size=1)).data
    assert data["next"] == data["next_cursor"] is not None


async def test_passthrough_of_a_field_is_switched_on_synced_and_off(api: Api) -> None:
    fields = await api.all(f"{api.integration_path}/integration-fields", page_size=2000)
    chosen = [field for field in fields if field["model"] == "hris_employees"][:8]
    before = await api.employees()
    for field in chosen:
        got = await api(
            "PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json={"enable_passthrough": True}
        )
        assert got.data == {**field, "is_passthrough_enabled": True}
    assert await api.employees() == before, "nothing shows before a sync"
    await api.sync()

    after = await api.employees()
    for old, new in zip(before, after, strict=True):
        carried = new["integration_fields"]
        assert [item["id"] for item in carried] == [field["id"] for field in chosen]
        for item, field in zip(carried, chosen, strict=True):
            assert item == {key: field[key] for key in ("id", "key", "type", "label")} | {"value": item["value"]}
        assert new["changed_at"] > old["changed_at"]
    kinds = {type(item["value"]) for employee in after for item in employee["integration_fields"]}
    assert {str, dict} < kinds
    assert kinds & {int, float}
    assert await api.employees() == after, "values stay what they are"

    for field in chosen:
        await api(
            "PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json={"enable_passthrough": False}
        )
    await api.sync()
    assert not any(employee["integration_fields"] for employee in await api.employees())
    assert api.sandbox.executions == {"update_integration_field": 16, "trigger_sync": 2}


async def test_field_of_employments_is_rendered_in_employments(api: Api) -> None:
    fields = await api.all(f"{api.integration_path}/integration-fields", page_size=2000)
    field = next(field for field in fields if field["model"] == "hris_employments")
    await api("PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json={"enable_passthrough": True})
    await api.sync()
    for employee in await api.employees():
        assert employee["integration_fields"] == []
        assert {item["id"] for job in employee["employments"] for item in job["integration_fields"]} == {field["id"]}


async def test_enable_passthrough_null_changes_nothing(api: Api) -> None:
    field = (await api.get(f"{api.integration_path}/integration-fields", page_size=1)).results[0]
    path = f"{api.integration_path}/integration-fields/{field['id']}"
    for given, expected in ((None, False), (True, True), (None, True), (False, False)):
        got = await api("PATCH", path, json={"enable_passthrough": given})
        assert got.data["is_passthrough_enabled"] is expected


@pytest.mark.parametrize("body", [{}, {"enable_passthrough": "true"}, {"enable_passthrough": 1}])
async def test_invalid_update_of_a_field_is_refused(api: Api, body: dict[str, Any]) -> None:
    field = (await api.get(f"{api.integration_path}/integration-fields", page_size=1)).results[0]
    got = await api("PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json=body)
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert "enable_passthrough" in got.message
    assert not api.sandbox.executions


@pytest.mark.parametrize("field_id", ["x", "1" * 24, "0OIl" * 6, "ü" * 24])
async def test_unknown_field_is_not_found(api: Api, field_id: str) -> None:
    got = await api("PATCH", f"{api.integration_path}/integration-fields/{field_id}", json={"enable_passthrough": True})
    assert (got.status, got.code) == (404, "PLATFORM.INPUT_INVALID")


async def test_second_sync_is_not_started_while_one_runs(open_api: Open) -> None:
    async with open_api(sync_seconds=30) as api:
        first = (await api("POST", "/force-sync")).data
        second = (await api("POST", "/force-sync", json={"type": "DELTA"})).data
        assert first == {"already_queued": False, "sync_id": first["sync_id"], "type": "FULL"}
        assert second == {**first, "already_queued": True}
        assert api.sandbox.executions == {"trigger_sync": 1}
        wrong = await api("POST", "/force-sync", json={"type": "HALF"})
        assert wrong.code == "PLATFORM.INPUT_INVALID"


async def test_sync_starts_after_the_previous_one_ended(api: Api) -> None:
    ids = []
    for kind in ("FULL", "DELTA"):
        data = (await api("POST", "/force-sync", json={"type": kind})).data
        assert (data["already_queued"], data["type"]) == (False, kind)
        ids.append(data["sync_id"])
        await api.sandbox.sync_finished()
    assert ids[0] != ids[1]


async def test_mapped_custom_field_is_filled_by_a_sync(api: Api) -> None:
    customs = await api.all(f"{api.integration_path}/custom-fields", page_size=5)
    assert len(customs) == 12
    first = customs[0]
    assert first["integration_field"] is not None
    before = await api.employees()
    assert all(first["key"] in employee["custom_fields"] for employee in before)

    path = f"{api.integration_path}/custom-fields/{first['id']}"
    got = await api("PUT", path, json={"integration_field_id": None})
    assert got.data == {**first, "integration_field": None}
    assert await api.employees() == before, "nothing shows before a sync"
    await api.sync()
    assert not any(first["key"] in employee["custom_fields"] for employee in await api.employees())

    await api("PUT", path, json={"integration_field_id": first["integration_field"]["id"]})
    await api.sync()
    after = await api.employees()
    assert [employee["custom_fields"] for employee in after] == [employee["custom_fields"] for employee in before]


async def test_invalid_mapping_is_refused(api: Api) -> None:
    customs = await api.all(f"{api.integration_path}/custom-fields")
    fields = await api.all(f"{api.integration_path}/integration-fields", page_size=2000)
    path = f"{api.integration_path}/custom-fields/{customs[0]['id']}"
    other = next(field["id"] for field in fields if field["model"] == "hris_teams")
    for body in ({}, {"integration_field_id": 1}, {"integration_field_id": "x"}, {"integration_field_id": other}):
        got = await api("PUT", path, json=body)
        assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
        assert "integration_field_id" in got.message
    assert (
        await api("PUT", f"{api.integration_path}/custom-fields/x", json={"integration_field_id": None})
    ).status == 404


async def test_integration_is_switched_off_and_on(open_api: Open) -> None:
    async with open_api(sync_seconds=30) as api:
        await api("POST", "/force-sync")
        assert (await api("PUT", f"{api.integration_path}/enabled", json={"value": False})).data == {}
        assert (await api.get(api.integration_path)).data["status"] == "INACTIVE"
        off = await api.get("/hris/employees")
        assert (off.status, off.code) == (409, "INTEGRATION.INACTIVE")
        assert (await api("PUT", f"{api.integration_path}/enabled", json={"value": True})).data == {}
        assert (await api.get("/hris/employees")).status == 200
        assert (await api("POST", "/force-sync")).data["already_queued"] is False, "switching off ended the sync"
        wrong = await api("PUT", f"{api.integration_path}/enabled", json={"value": "yes"})
        assert "value" in wrong.message


async def test_deleted_integration_is_not_found(open_api: Open) -> None:
    async with open_api(integrations=3) as api:
        first, *others = api.sandbox.integration_ids
        assert (await api("DELETE", f"/integrations/{first}", json={})).data == {}
        assert list(api.sandbox.integration_ids) == others
        for method, path in (
            ("GET", api.integration_path),
            ("DELETE", api.integration_path),
            ("GET", "/hris/employees"),
        ):
            assert (await api(method, path)).code == "PLATFORM.INTEGRATION_NOT_FOUND"
        assert api.sandbox.executions == {"delete_integration": 1}


async def test_links_contain_purpose_and_language(api: Api) -> None:
    plain = await api("POST", f"{api.integration_path}/relink", json={})
    assert plain.data["link"].startswith("https://")
    full = {"language": "fr", "scope_config_id": None, "link_type": "MAGIC_LINK"}
    assert (await api("POST", f"{api.integration_path}/relink", json=full)).data["link"] != plain.data["link"]
    assert (await api("POST", f"{api.integration_path}/setup-link", json={"link_type": "EMBEDDED"})).data["link"]
    for path, body, key in (
        ("relink", {"language": "es-AR"}, "language"),
        ("relink", {"link_type": None}, "link_type"),
        ("relink", {"scope_config_id": 1}, "scope_config_id"),
        ("setup-link", {}, "link_type"),
        ("setup-link", {"link_type": "embedded"}, "link_type"),
    ):
        got = await api("POST", f"{api.integration_path}/{path}", json=body)
        assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
        assert key in got.message


@pytest.mark.parametrize("category", ["hris", "ats", "assessment", "lms"])
async def test_tools_of_a_category_have_coverage(api: Api, category: str) -> None:
    tools = (await api.get(f"/tools/{category}")).data["tools"]
    assert tools
    assert all(tool["coverage"]["read_models"] for tool in tools)


@pytest.mark.parametrize("category", ["HRIS", "payroll"])
async def test_unknown_category_of_tools_is_refused(api: Api, category: str) -> None:
    assert (await api.get(f"/tools/{category}")).code == "PLATFORM.INPUT_INVALID"
