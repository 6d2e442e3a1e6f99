"""The other synced models: consistency of their records, filters, and states of the integration."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from ..support.sandbox_api import Api, Open

MODELS = {
    "HRIS": [
        "absences", "absence-types", "employments", "groups", "teams", "legal-entities", "locations",
        "employee-document-categories", "time-off-balances", "timesheets", "performance-reviews",
        "performance-review-cycles", "staffing-entities", "pay-runs", "payslips",
    ],
    "ATS": [
        "applications", "candidates", "jobs", "application-stages", "tags", "users", "roles", "offers", "interviews",
        "rejection-reasons", "notes", "scorecards", "attachments",
    ],
    "LMS": ["users", "courses", "course-progressions", "skills"],
}  # fmt: skip
LISTS = [(category, f"/{category.lower()}/{name}") for category, names in MODELS.items() for name in names]
SINCE = "2026-06-01T00:00:00.000Z"


@pytest.fixture
async def api(open_api: Open) -> AsyncIterator[Api]:
    async with open_api(employees=50, fields=400) as api:
        yield api


@pytest.fixture
def of(api: Api) -> Callable[[str], Api]:
    """Return a function that selects the integration of a category."""

    def switch(category: str) -> Api:
        api.integration_id = api.sandbox.integration_id_of(category)
        return api

    return switch


@pytest.mark.parametrize(("category", "path"), LISTS)
async def test_common_filters_work_for_every_list(of: Callable[[str], Api], category: str, path: str) -> None:
    api = of(category)
    present = await api.all(path, page_size=250)
    everything = await api.all(path, page_size=250, include_deleted="true")
    assert present
    assert present == [record for record in everything if record["remote_deleted_at"] is None]
    assert len({record["id"] for record in everything}) == len(everything)
    some = [present[0], present[-1]]
    expected = some if len(present) > 1 else some[:1]
    assert await api.all(path, ids=",".join([*(record["id"] for record in some), "unknown"])) == expected
    assert await api.all(path, remote_ids=",".join(record["remote_id"] for record in some)) == expected
    assert await api.all(path, ids="unknown") == []
    assert await api.all(path, remote_ids="no such") == []
    recent = [record["id"] for record in await api.all(path, updated_after=SINCE)]
    assert {record["id"] for record in present if record["changed_at"] >= SINCE} <= set(recent)
    assert await api.all(path, updated_after="2030-01-01") == []
    assert await api.all(path, page_size=max(2, len(present) // 4)) == present


def _one(key: str) -> Callable[[dict[str, Any]], Any]:
    return lambda record: record[key]


def _in(key: str, inner: str = "id") -> Callable[[dict[str, Any]], Any]:
    return lambda record: (record[key] or {}).get(inner)


FILTERS: list[tuple[str, str, str, Callable[[dict[str, Any]], Any]]] = [
    ("HRIS", "/hris/groups", "types", _one("type")),
    ("HRIS", "/hris/absences", "type_ids", _one("type_id")),
    ("HRIS", "/hris/absences", "employee_id", _one("employee_id")),
    ("HRIS", "/hris/time-off-balances", "employee_id", _one("employee_id")),
    ("HRIS", "/hris/timesheets", "employee_id", _one("employee_id")),
    ("HRIS", "/hris/performance-reviews", "types", _one("type")),
    ("HRIS", "/hris/performance-reviews", "review_cycle_ids", _in("review_cycle")),
    ("HRIS", "/hris/performance-reviews", "reviewee_ids", _in("reviewee")),
    ("HRIS", "/hris/staffing-entities", "model_types", _one("model_type")),
    ("HRIS", "/hris/staffing-entities", "statuses", _one("status")),
    ("HRIS", "/hris/pay-runs", "legal_entity_ids", _one("legal_entity_id")),
    ("HRIS", "/hris/payslips", "employee_ids", _in("employee")),
    ("HRIS", "/hris/payslips", "payrun_ids", _in("pay_run")),
    ("HRIS", "/hris/payslips", "legal_entity_ids", _in("pay_run", "legal_entity_id")),
    ("ATS", "/ats/applications", "outcomes", _one("outcome")),
    ("ATS", "/ats/applications", "outcome", _one("outcome")),
    ("ATS", "/ats/applications", "job_ids", _one("job_id")),
    ("ATS", "/ats/applications", "job_remote_ids", _in("job", "remote_id")),
    ("ATS", "/ats/applications", "current_stage_ids", _one("current_stage_id")),
    ("ATS", "/ats/candidates", "first_name", _one("first_name")),
    ("ATS", "/ats/candidates", "last_name", _one("last_name")),
    ("ATS", "/ats/candidates", "email", lambda record: record["email_addresses"][0]["email_address"]),
    ("ATS", "/ats/jobs", "job_codes", _one("job_code")),
    ("ATS", "/ats/jobs", "post_url", _one("post_url")),
    ("ATS", "/ats/jobs", "statuses", _one("status")),
    ("ATS", "/ats/jobs", "status", _one("status")),
    ("ATS", "/ats/jobs", "employment_types", _one("employment_type")),
    ("ATS", "/ats/jobs", "visibilities", _one("visibility")),
    ("ATS", "/ats/users", "emails", _one("email")),
    ("ATS", "/ats/roles", "scopes", _one("scope")),
    ("ATS", "/ats/interviews", "job_ids", lambda record: record["application"]["job"]["id"]),
    ("ATS", "/ats/notes", "candidate_ids", _one("candidate_id")),
    ("ATS", "/ats/scorecards", "application_ids", _one("application_id")),
    ("LMS", "/lms/users", "work_emails", _one("work_email")),
    ("LMS", "/lms/course-progressions", "user_ids", _one("user_id")),
    ("LMS", "/lms/course-progressions", "course_ids", lambda record: record["course_revision"]["course"]["id"]),
    ("ASSESSMENT", "/assessment/orders", "statuses", _one("status")),
]


@pytest.mark.parametrize(("category", "path", "name", "value"), FILTERS)
async def test_every_filter_selects_matching_records(
    of: Callable[[str], Api], category: str, path: str, name: str, value: Any
) -> None:
    api = of(category)
    everything = await api.all(path, page_size=250)
    wanted = value(everything[0])
    expected = [record for record in everything if value(record) == wanted]
    assert 0 < len(expected) < len(everything)
    assert await api.all(path, page_size=250, **{name: wanted}) == expected
    if "id" in name:
        assert await api.all(path, **{name: "unknown"}) == []


@pytest.mark.parametrize(
    ("category", "path", "name", "passes"),
    [
        ("HRIS", "/hris/absences", "date_from", lambda r: r["end_date"] >= SINCE[:10]),
        ("HRIS", "/hris/absences", "time_until", lambda r: r["start_date"] <= SINCE[:10]),
        ("HRIS", "/hris/timesheets", "started_before", lambda r: r["started_at"] < "2026-10-01T08:00:00.000Z"),
        ("HRIS", "/hris/timesheets", "started_after", lambda r: r["started_at"] >= "2026-10-01T08:00:00.000Z"),
        ("HRIS", "/hris/timesheets", "ended_before", lambda r: r["ended_at"] <= "2026-10-01T08:00:00.000Z"),
        ("HRIS", "/hris/timesheets", "ended_after", lambda r: r["ended_at"] >= "2026-10-01T08:00:00.000Z"),
        ("ATS", "/ats/applications", "remote_created_after", lambda r: r["remote_created_at"] >= SINCE),
        ("ATS", "/ats/jobs", "remote_created_after", lambda r: r["remote_created_at"] >= SINCE),
    ],
)
async def test_filters_by_time_compare_as_documented(
    of: Callable[[str], Api], category: str, path: str, name: str, passes: Any
) -> None:
    api = of(category)
    limit = "2026-10-01T08:00:00.000Z" if "timesheets" in path else SINCE
    everything = await api.all(path, page_size=250)
    expected = [record for record in everything if passes(record)]
    assert 0 < len(expected) < len(everything)
    assert await api.all(path, page_size=250, **{name: limit}) == expected


async def test_groups_are_filtered_by_name_and_by_null_type(api: Api) -> None:
    groups = await api.all("/hris/groups", page_size=250)
    assert await api.all("/hris/groups", name_contains="SALES") == [g for g in groups if "Sales" in g["name"]]
    assert await api.all("/hris/groups", types="null") == [g for g in groups if g["type"] is None]
    assert (await api.get("/hris/groups", types="null,TEAM")).status == 200
    assert (await api.get("/hris/groups", types="COMPANY")).code == "PLATFORM.INPUT_INVALID"


async def test_nested_employees_equal_the_listed_ones(open_api: Open) -> None:
    async with open_api(employees=60) as api:
        people = {person["id"]: person for person in await api.employees(include_deleted="true")}
        for path, key in (("/hris/performance-reviews", "reviewee"), ("/hris/payslips", "employee")):
            for record in await api.all(path, page_size=250):
                assert record[key].items() <= people[record[key]["id"]].items()
        employments = await api.all("/hris/employments", page_size=7)
        nested = [job for person in people.values() for job in person["employments"]]
        assert employments == nested
        balances = await api.all("/hris/time-off-balances", page_size=250)
        assert {(b["id"], b["type"]["id"] == b["type_id"]) for b in balances} == {
            (b["id"], True) for person in people.values() for b in person["time_off_balances"]
        }
        groups = {group["id"]: group for group in await api.all("/hris/groups")}
        assert all(group.items() <= groups[group["id"]].items() for p in people.values() for group in p["groups"])


async def test_applications_and_candidates_contain_each_other(of: Callable[[str], Api]) -> None:
    api = of("ATS")
    applications = {a["id"]: a for a in await api.all("/ats/applications", page_size=250)}
    jobs = {job["id"]: job for job in await api.all("/ats/jobs", include_deleted="true", page_size=250)}
    for candidate in await api.all("/ats/candidates", page_size=250):
        for short in candidate["applications"]:
            whole = applications[short["id"]]
            assert short.items() <= whole.items()
            assert whole["candidate"].items() <= candidate.items()
            stages = {stage["id"] for stage in jobs[whole["job_id"]]["stages"]}
            assert whole["current_stage_id"] == whole["current_stage"]["id"] in stages
    for interview in await api.all("/ats/interviews", page_size=250):
        if application := applications.get(interview["application_id"]):
            assert interview["id"] in {each["id"] for each in application["interviews"]}


async def test_integration_fields_are_rendered_in_every_model(of: Callable[[str], Api]) -> None:
    api = of("ATS")
    fields = await api.all(f"{api.integration_path}/integration-fields", page_size=2000)
    field = next(field for field in fields if field["model"] == "ats_candidates")
    await api("PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json={"enable_passthrough": True})
    await api.sync()
    candidates = await api.all("/ats/candidates", updated_after="2026-11-02")
    assert candidates
    assert {each["id"] for candidate in candidates for each in candidate["integration_fields"]} == {field["id"]}


async def test_records_are_generated_when_they_are_first_read(open_api: Open) -> None:
    async with open_api(employees=1_000_000) as api:
        for path in ("/hris/absences", "/hris/employments", "/hris/payslips", "/hris/performance-reviews"):
            assert len((await api.get(path, page_size=20)).results) == 20
        api.integration_id = api.sandbox.integration_id_of("LMS")
        assert len((await api.get("/lms/courses", page_size=20)).results) == 20
        api.integration_id = api.sandbox.integration_id
        person = (await api.get("/hris/employees", page_size=1)).results[0]
        last = (await api.get("/hris/employees", remote_ids="1010000", include_deleted="true")).results[0]
        got = await api("PATCH", f"/hris/employees/{last['id']}", json={"work_email": "new@brightwater.example"})
        assert got.data["work_email"] == "new@brightwater.example"
        assert person["id"] != last["id"]


@pytest.mark.parametrize(
    ("path", "category"),
    [("/ats/jobs", "HRIS"), ("/hris/employees", "ATS"), ("/lms/users", "ASSESSMENT"), ("/assessment/orders", "LMS")],
)
async def test_model_of_another_category_is_not_available(of: Callable[[str], Api], path: str, category: str) -> None:
    assert (await of(category).get(path)).code == "INTEGRATION.MODEL_NOT_AVAILABLE"


READ, WRITE = ("GET", "/hris/absences"), ("DELETE", "/hris/absences/some-id")


@pytest.mark.parametrize(
    ("state", "request_", "code"),
    [
        ({"status": "INACTIVE"}, READ, "INTEGRATION.INACTIVE"),
        ({"status": "INVALID"}, READ, None),
        ({"status": "INVALID"}, WRITE, "INTEGRATION.AUTHENTICATION_INVALID"),
        ({"setup_status": "INCOMPLETE"}, READ, "INTEGRATION.SETUP_INCOMPLETE"),
        ({"setup_status": "FINAL_SYNC_PENDING"}, READ, "INTEGRATION.SETUP_SYNC_PENDING"),
        ({"qa_status": "FAILED"}, READ, "INTEGRATION.QA_FAILED"),
        ({"disabled_models": {"hris_absences"}}, READ, "INTEGRATION.MODEL_DISABLED"),
        ({"disabled_models": {"hris_timesheets"}}, READ, None),
        ({"disabled_actions": {"hris_delete_absence"}}, WRITE, "INTEGRATION.ACTION_DISABLED"),
        ({"disabled_actions": {"hris_create_absence"}}, READ, None),
        ({"missing_permissions": {"hris_delete_absence"}}, WRITE, "INTEGRATION.PERMISSION_MISSING"),
        ({"missing_permissions": {"hris_absences"}}, READ, "INTEGRATION.PERMISSION_MISSING"),
    ],
)
async def test_state_of_integration_decides_on_the_error(
    api: Api, state: dict[str, Any], request_: Any, code: str | None
) -> None:
    method, path = request_
    api.sandbox.set_integration_state(api.integration_id, **state)
    got = await api(method, path, json={})
    assert got.status == 200 if code is None else got.code == code
    details = (await api.get(api.integration_path)).data
    assert details["status"] == state.get("status", "ACTIVE")
    assert details["setup_status"] == state.get("setup_status", "COMPLETED")
    models = {model["id"]: model["is_available"] for model in details["read_models"]}
    assert models["hris_absences"] == ("hris_absences" not in state.get("disabled_models", ()))


async def test_action_of_another_category_is_not_available(of: Callable[[str], Api]) -> None:
    got = await of("ATS")("POST", "/hris/skills", json={"name": "Welding"})
    assert got.code == "INTEGRATION.ACTION_NOT_AVAILABLE"


def test_invalid_state_is_refused(api: Api) -> None:
    with pytest.raises(ValueError, match="status"):
        api.sandbox.set_integration_state(api.integration_id, status="GONE")
    with pytest.raises(TypeError, match="'mood'; its state has status, setup_status"):
        api.sandbox.set_integration_state(api.integration_id, mood="bad")
    with pytest.raises(TypeError, match="in a set or a list"):
        api.sandbox.set_integration_state(api.integration_id, disabled_models="hris_absences")


@pytest.mark.parametrize("name", ["employees", "employments", "time-off-balances", "absences", "teams"])
async def test_deleted_record_is_listed_with_include_deleted_only(api: Api, name: str) -> None:
    path, model = f"/hris/{name}", f"hris_{name.replace('-', '_')}"
    kept, *_, lost = (await api.get(path, page_size=5)).results
    api.sandbox.delete(model, lost["id"])
    left = {record["id"]: record for record in await api.all(path, page_size=250)}
    assert kept["id"] in left
    assert lost["id"] not in left
    everything = {record["id"]: record for record in await api.all(path, page_size=250, include_deleted="true")}
    assert everything[lost["id"]]["remote_deleted_at"] == everything[lost["id"]]["changed_at"]
    nested = [each["id"] for person in await api.employees() for each in person.get(name.replace("-", "_"), ())]
    assert lost["id"] not in nested
    changed = await api.all(path, updated_after="2026-11-02T00:00:00.000Z", include_deleted="true")
    assert lost["id"] in {record["id"] for record in changed}


async def test_integration_is_found_without_creating_the_others(open_api: Open) -> None:
    async with open_api(integrations=2_000) as api:
        environment = api.sandbox._app.environment
        assert api.sandbox.integration_id_of("LMS").startswith("360learning:")
        assert not environment._touched
        with pytest.raises(Exception, match="no 'CRM' integration; categories are HRIS"):
            api.sandbox.integration_id_of("CRM")
