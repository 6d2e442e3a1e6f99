"""Employees: consistency of their records, and filters."""

from __future__ import annotations

import json
import statistics
from typing import Any

import pytest

from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.sandbox_api import Api, Open

CROWD = 300
"""Employees: more than one page."""


async def test_employees_are_consistent_with_related_records(open_api: Open) -> None:
    async with open_api(employees=600) as api:
        everybody = await api.employees(include_deleted="true")
    by_id = {employee["id"]: employee for employee in everybody}
    assert len(by_id) == 600
    shared: dict[tuple[str, str], Any] = {}
    for employee in everybody:
        if manager := employee["manager"]:
            assert employee["manager_id"] == manager["id"]
            assert manager.items() <= by_id[manager["id"]].items()
            assert by_id[manager["id"]]["remote_deleted_at"] is None
        for nested in (*employee["employments"], *employee["time_off_balances"]):
            assert nested["employee_id"] == employee["id"]
        for key in ("legal_entity", "work_location"):
            if employee[key]:
                assert employee[f"{key}_id"] == employee[key]["id"]
                assert shared.setdefault((key, employee[key]["id"]), employee[key]) == employee[key]
        for group in employee["groups"]:
            assert shared.setdefault(("group", group["id"]), group) == group
        assert employee["teams"] == [group for group in employee["groups"] if group["type"] == "TEAM"]
        assert (employee["termination_date"] is not None) == (employee["employment_status"] == "INACTIVE")
    assert {e["employment_status"] for e in everybody} == {"ACTIVE", "PENDING", "INACTIVE", "LEAVE", None}
    assert any(e["remote_deleted_at"] and e["first_name"] for e in everybody)
    assert any(e["remote_deleted_at"] and e["first_name"] is None for e in everybody), "some are anonymised"
    sizes = [(len(json.dumps(employee)), employee["first_name"]) for employee in everybody]
    assert all(800 < size < 8_000 for size, _ in sizes)
    assert 2_000 < statistics.mean(size for size, name in sizes if name) < 5_000


async def test_equal_seeds_generate_equal_employees(open_api: Open) -> None:
    people = []
    for seed in (1, 1, 2):
        async with open_api(seed=seed) as api:
            people.append(await api.employees())
    assert people[0] == people[1] != people[2]


@pytest.fixture(scope="module")
def present() -> list[dict[str, Any]]:
    """The present employees of a sandbox of this size, as their list shows them."""
    return SandboxThread(SandboxConfig(employees=CROWD)).records("hris_employees")


@pytest.fixture
async def crowd(open_api: Open, present: list[dict[str, Any]]) -> Any:
    async with open_api(employees=CROWD) as api:
        yield api, present


async def test_deleted_employees_are_listed_with_include_deleted_only(crowd: Any) -> None:
    api, present = crowd
    everybody = await api.employees(include_deleted="true")
    assert [e for e in everybody if e["remote_deleted_at"] is None] == present
    assert 0 < len(everybody) - len(present) < 40
    assert await api.employees(include_deleted="false") == present


async def test_employees_are_filtered_by_ids(crowd: Any) -> None:
    api, present = crowd
    wanted = [present[7], present[3], present[200]]
    expected = sorted(wanted, key=present.index)
    assert await api.employees(ids=",".join([*(e["id"] for e in wanted), "unknown"])) == expected
    assert await api.employees(remote_ids=",".join([*(e["remote_id"] for e in wanted), "0", "x", "010001"])) == expected
    assert await api.employees(ids=present[7]["id"], remote_ids=present[3]["remote_id"]) == []
    deleted = next(e for e in await api.employees(include_deleted="true") if e["remote_deleted_at"])
    assert await api.employees(ids=deleted["id"]) == []
    assert await api.employees(ids=deleted["id"], include_deleted="true") == [deleted]


async def test_employees_are_filtered_by_status(crowd: Any) -> None:
    api, present = crowd
    both = [e for e in present if e["employment_status"] in {"LEAVE", "PENDING"}]
    assert both
    assert await api.employees(employment_statuses="LEAVE,PENDING") == both
    assert await api.employees(employment_status="LEAVE") == [e for e in both if e["employment_status"] == "LEAVE"]


async def test_employees_are_filtered_by_related_records(crowd: Any) -> None:
    api, present = crowd
    groups = [present[0]["groups"][0]["id"], present[9]["groups"][-1]["id"]]
    expected = [e for e in present if {g["id"] for g in e["groups"]} & set(groups)]
    assert await api.employees(group_ids=",".join(groups)) == expected
    entity = present[4]["legal_entity_id"]
    assert await api.employees(legal_entity_ids=entity) == [e for e in present if e["legal_entity_id"] == entity]
    place = next(e["work_location_id"] for e in present if e["work_location_id"])
    assert await api.employees(work_location_ids=place) == [e for e in present if e["work_location_id"] == place]
    assert await api.employees(work_location_ids="unknown") == []


@pytest.mark.parametrize("kind", ["work_email", "personal_email"])
async def test_employees_are_filtered_by_email_in_any_case(crowd: Any, kind: str) -> None:
    api, present = crowd
    found = [e for e in present if e[kind]][:2]
    emails = ",".join([found[0][kind].upper(), found[1][kind]])
    assert await api.employees(**{f"{kind}s": emails}) == found


async def test_employees_are_filtered_by_a_custom_field(crowd: Any) -> None:
    api, present = crowd
    key, value = "shirt_size", present[0]["custom_fields"]["shirt_size"]
    expected = [e for e in present if e["custom_fields"][key] == value]
    assert 0 < len(expected) < len(present)
    assert await api.employees(custom_fields=json.dumps({key: value})) == expected
    number = present[0]["custom_fields"]["pension_rate"]
    assert present[0] in await api.employees(custom_fields=json.dumps({"pension_rate": number}))
    assert await api.employees(custom_fields=json.dumps({key: None})) == []


async def test_several_filters_must_all_match(crowd: Any) -> None:
    api, present = crowd
    entity = present[4]["legal_entity_id"]
    expected = [e for e in present if e["legal_entity_id"] == entity and e["employment_status"] == "ACTIVE"]
    assert await api.employees(legal_entity_ids=entity, employment_statuses="ACTIVE", page_size=3) == expected


async def test_updated_after_matches_changes_of_nested_records(crowd: Any) -> None:
    api, _ = crowd
    everybody = await api.employees(include_deleted="true")
    by_id = {e["id"]: e for e in everybody}
    since = "2026-06-01T00:00:00.000Z"

    def touched(employee: dict[str, Any]) -> bool:
        nested = [*employee["employments"], *employee["time_off_balances"]]
        times = [employee["changed_at"], *(record["changed_at"] for record in nested)]
        if employee["work_location"]:
            times.append(employee["work_location"]["changed_at"])
        if employee["manager"]:
            times.append(by_id[employee["manager_id"]]["changed_at"])
        return max(times) >= since

    got = await api.employees(updated_after=since, include_deleted="true")
    ids = {e["id"] for e in got}
    assert {e["id"] for e in everybody if touched(e)} <= ids
    assert 0 < len(ids) < len(everybody)
    assert any(e["changed_at"] < since for e in got), "a watermark from changed_at would skip these"
    assert await api.employees(updated_after="2030-01-01") == []


async def test_updated_after_matches_fields_that_a_sync_changed(crowd: Any) -> None:
    api, present = crowd
    since = "2026-11-02"
    assert await api.employees(updated_after=since) == []
    fields = (await api.get(f"{api.integration_path}/integration-fields")).results
    field = next(field for field in fields if field["model"] == "hris_employees")
    await api("PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json={"enable_passthrough": True})
    await api.sync()
    assert len(await api.employees(updated_after=since)) == len(present)


@pytest.mark.parametrize("moment", ["2026-06-01", "2026-06-01Z", "2026-06-01T00:00:00", "2026-06-01T00:00:00.5Z"])
async def test_time_filter_accepts_a_date(api: Api, moment: str) -> None:
    assert (await api.get("/hris/employees", updated_after=moment)).status == 200


async def test_filter_that_the_tool_does_not_support_gives_an_empty_list(open_api: Open) -> None:
    async with open_api(integrations=2) as api:
        api.integration_id = api.sandbox.integration_ids[1]
        everybody = await api.employees()
        assert everybody
        assert await api.employees(personal_emails="x@y.z") == []
        assert await api.employees(personal_emails="x@y.z", ignore_unsupported_filters="true") == everybody


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("updated_after", "2026-06-01T00:00:00+00:00"),
        ("updated_after", "2026-06-31"),
        ("updated_after", "2026-06-01 00:00:00"),
        ("updated_after", "1700000000"),
        ("updated_after", "２０２６-06-01"),
        ("include_deleted", "True"),
        ("include_deleted", "1"),
        ("include_deleted", ""),
        ("ignore_unsupported_filters", "yes"),
        ("ids", ""),
        ("ids", "a,,b"),
        ("employment_statuses", "ACTIVE,RETIRED"),
        ("employment_status", "ACTIVE,LEAVE"),
        ("custom_fields", "shirt_size"),
        ("custom_fields", "{}"),
        ("custom_fields", '{"a": 1, "b": 2}'),
        ("custom_fields", '{"a": [1]}'),
        ("custom_fields", "[1]"),
        ("page_size", "0"),
        ("page_size", "251"),
        ("page_size", "-1"),
        ("page_size", "10.0"),
        ("page_size", "ten"),
        ("page_size", "9" * 5000),
        ("cursor", "nonsense"),
        ("cursor", ""),
    ],
)
async def test_invalid_filter_is_refused_by_name(api: Api, name: str, value: str) -> None:
    got = await api.get("/hris/employees", **{name: value})
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert name in got.message


async def test_repeated_filter_is_refused(api: Api) -> None:
    got = await api("GET", "/hris/employees?ids=a&ids=b")
    assert got.code == "PLATFORM.INPUT_INVALID"
    assert "ids" in got.message


async def test_changes_among_a_million_employees_are_found_without_a_scan(open_api: Open) -> None:
    now = "2026-11-02T00:00:00.000Z"
    async with open_api(employees=1_000_000) as api:
        rows = api.sandbox._app.environment.integration(api.integration_id).store["hris_employees"]
        assert rows.rows_touched_since("2026-11-01T00:00:00.000Z") is None
        assert await api.employees(updated_after=now) == []
        boss, *_, lost = (await api.get("/hris/employees", page_size=250)).results
        got = await api("PATCH", f"/hris/employees/{boss['id']}", json={"work_email": "ada@brightwater.example"})
        assert got.data["work_email"] == "ada@brightwater.example"
        found = await api.employees(updated_after=now)
        assert [person["id"] for person in found if person["manager_id"] != boss["id"]] == [boss["id"]]
        assert 1 < len(found) <= 9
        assert [person["id"] for person in await api.employees(updated_after=now, ids=boss["id"])] == [boss["id"]]
        before = rows.rows_touched_since(now)
        api.sandbox.delete("hris_employees", lost["id"])
        number = rows.number_of(lost["id"])
        reports = {
            report for report in range(8 * number, 8 * number + 20) if rows.row(report)["manager_id"] == lost["id"]
        }
        assert {number, *reports} <= rows.rows_touched_since(now) - before
        assert len(reports) >= 6
        # A location is related to many employees, so any of them may be touched.
        api.sandbox.delete("hris_locations", boss["work_location_id"])
        assert rows.rows_touched_since(now) is None
