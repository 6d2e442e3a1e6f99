"""Responses that deviate from the description of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from kombo_async.sandbox import Drift

from ..support.sandbox_api import Open


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _objects(child)


async def test_fields_lack_is_writable(open_api: Open) -> None:
    async with open_api(drift=Drift.NO_IS_WRITABLE) as api:
        fields = (await api.get(f"{api.integration_path}/integration-fields")).results
        assert not any("is_writable" in field for field in fields)
        path = f"{api.integration_path}/integration-fields/{fields[0]['id']}"
        assert "is_writable" not in (await api("PATCH", path, json={"enable_passthrough": True})).data


async def test_cursor_is_outside_of_data(open_api: Open) -> None:
    async with open_api(fields=150, drift=Drift.TOP_LEVEL_CURSOR) as api:
        first = await api.get(f"{api.integration_path}/integration-fields")
        assert set(first.data) == {"results"}
        last = await api.get(f"{api.integration_path}/integration-fields", cursor=first.json["next_cursor"])
        assert (len(last.results), last.json["next_cursor"]) == (50, None)


async def test_last_page_has_an_empty_cursor(open_api: Open) -> None:
    async with open_api(fields=10, drift=Drift.BLANK_NEXT) as api:
        data = (await api.get(f"{api.integration_path}/integration-fields")).data
        assert (data["next"], data["next_cursor"]) == ("", "")


async def test_integration_has_the_keys_of_older_documents(open_api: Open) -> None:
    async with open_api(drift=Drift.OLD_INTEGRATION) as api:
        data = (await api.get(api.integration_path)).data
        assert data.keys().isdisjoint({"data_expired_at", "write_actions"})
        assert data["read_models"]


async def test_errors_have_no_code_or_no_key_but_message(open_api: Open) -> None:
    async with open_api(drift=Drift.MESSAGE_ONLY_ERRORS) as api:
        got = await api.get("/nope")
        assert (got.status, set(got.json["error"])) == (503, {"message"})
    async with open_api(drift=Drift.NULL_CODES) as api:
        got = await api.get("/nope")
        assert (got.status, got.code) == (404, None)


async def test_enums_have_unknown_values(open_api: Open) -> None:
    async with open_api(drift=Drift.UNKNOWN_ENUMS) as api:
        data = (await api.get(api.integration_path)).data
        assert (data["status"], data["category"]) == ("HIBERNATING", "PAYROLL")
        assert {model["coverage_status"] for model in data["read_models"]} == {"PARTLY"}
        employees = await api.employees()
        assert {e["employment_status"] for e in employees} == {"SABBATICAL"}
        assert {group["type"] for e in employees for group in e["groups"]} == {"COMPUTED", None}


async def test_objects_have_unknown_keys(open_api: Open) -> None:
    async with open_api(drift=Drift.EXTRA_KEYS) as api:
        for path in (api.integration_path, "/hris/employees", "/nope"):
            got = await api.get(path)
            assert len([found for found in _objects(got.json) if any(key.startswith("x_") for key in found)]) > 0
        employee = (await api.employees())[0]
        assert "x_new_in_2031" in employee["employments"][0]
        assert not any(key.startswith("x_") for key in employee["custom_fields"])
        got = await api.passthrough("/echo")
        assert "x_new_in_2031" in got.data
        assert "x_new_in_2031" not in got.data["data"]


async def test_records_are_anonymised_and_lists_are_null(open_api: Open) -> None:
    async with open_api(drift=Drift.ANONYMISED) as api:
        for employee in await api.employees():
            assert {key for key, value in employee.items() if value not in (None, [])} == {"id"}
    async with open_api(drift=Drift.ANONYMISED | Drift.NULL_LISTS) as api:
        for employee in await api.employees():
            assert {key for key, value in employee.items() if value is not None} == {"id"}


async def test_optional_keys_are_missing(open_api: Open) -> None:
    async with open_api(drift=Drift.MISSING_KEYS, fields=5) as api:
        assert "next_cursor" not in (await api.get(f"{api.integration_path}/integration-fields")).data
        for employee in await api.employees():
            assert {"id", "remote_id", "changed_at", "employments"} <= set(employee)
            assert employee.keys().isdisjoint({"work_email", "home_address", "teams", "integration_fields"})


async def test_drift_does_not_change_stored_records(open_api: Open) -> None:
    async with open_api() as api:
        expected = json.dumps(await api.employees())
    everything = Drift(sum(flag.value for flag in Drift if flag not in Drift.TOP_LEVEL_CURSOR | Drift.BLANK_NEXT))
    async with open_api(drift=everything) as api:
        await api.employees()
    async with open_api() as api:
        assert json.dumps(await api.employees()) == expected
