"""Actions change the data: `changed_at` moves, and all lists show it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ..support.sandbox_api import Api, Open
from ..support.waiting import until

EMAIL = "mila.horak@brightwater.example"
APPLICANT = {"first_name": "Ilse", "last_name": "Novak", "email_address": "ilse@example.com"}


@pytest.fixture
async def api(open_api: Open) -> Any:
    async with open_api(employees=100, fields=20, sync_seconds=0) as api:
        yield api


async def test_employee_is_created_and_changed(api: Api) -> None:
    entity = await api.first("/hris/legal-entities")
    body = {"first_name": "Mila", "last_name": "Horak", "work_email": EMAIL, "start_date": "2035-03-01"}
    created = await api("POST", "/hris/employees", json={**body, "legal_entity_id": entity["id"]})
    assert created.json["warnings"] == []
    assert created.data["start_date"] == "2035-03-01T00:00:00.000Z"
    person = await api.first("/hris/employees", work_emails=EMAIL.upper())
    assert (person["id"], person["employment_status"]) == (created.data["id"], "PENDING")
    assert person["legal_entity"]["name"] == entity["name"]
    for again in (EMAIL, EMAIL.upper()):
        got = await api("POST", "/hris/employees", json={**body, "work_email": again})
        assert got.code == "HRIS.EMPLOYEE_ALREADY_EXISTS"
    taken = (await api.employees())[3]["work_email"]
    assert (await api("POST", "/hris/employees", json={**body, "work_email": taken})).code == got.code

    boss = await api.first("/hris/employees")
    before = {p["id"]: p for p in await api.employees() if p["manager_id"] == boss["id"]}
    assert before
    path = f"/hris/employees/remote:{boss['remote_id']}"
    changed = (await api("PATCH", path, json={"work_email": "boss@brightwater.example"})).data
    assert changed["changed_at"] > boss["changed_at"]
    for report in await api.employees(ids=",".join(before)):
        assert report["manager"]["work_email"] == "boss@brightwater.example"
        assert report["changed_at"] == before[report["id"]]["changed_at"], "only the manager changed"
    recent = {p["id"] for p in await api.employees(updated_after="2026-11-02")}
    assert recent == {boss["id"], created.data["id"], *before}


async def test_employee_is_created_from_a_form(api: Api) -> None:
    form = (await api.get("/hris/employees/form")).data["properties"]
    assert {field["type"] for field in form.values()} == {
        "text", "date", "number", "checkbox", "multi_select", "object", "file",
    }  # fmt: skip
    filled = {"properties": {"firstName": "Mila", "workEmail": EMAIL}}
    created = (await api("POST", "/hris/employees/form", json=filled)).data
    assert (await api.one("/hris/employees", created["id"]))["work_email"] == EMAIL
    for wrong in ({}, {"firstName": "Mila", "shoeSize": 38}):
        assert (await api("POST", "/hris/employees/form", json={"properties": wrong})).code == "REMOTE.INPUT_INVALID"
    entities = await api.all("/hris/staffing-entities", statuses="CLOSED,FILLED")
    got = await api("POST", "/hris/employees/form", json={**filled, "staffing_entity_id": entities[0]["id"]})
    assert got.code == "HRIS.STAFFING_ENTITY_CLOSED"


async def test_absence_is_created_and_deleted(api: Api) -> None:
    person, kind = await api.first("/hris/employees"), await api.first("/hris/absence-types")
    body = {
        "employee_id": f"remote:{person['remote_id']}",
        "absence_type_id": kind["id"],
        "start_date": "2026-12-24T00:00:00Z",
        "end_date": "2026-12-31",
        "employee_note": None,
    }
    created = (await api("POST", "/hris/absences", json=body)).data
    assert "type" not in created
    [seen] = await api.all("/hris/absences", employee_id=person["id"], date_from="2026-12-25", date_until="2026-12-26")
    assert created.items() <= seen.items()
    assert (seen["type"]["name"], seen["start_date"], seen["status"]) == (kind["name"], "2026-12-24", "REQUESTED")
    gone = await api("DELETE", f"/hris/absences/{created['id']}", json={})
    assert gone.data["remote_deleted_at"]
    assert await api.all("/hris/absences", ids=created["id"]) == []
    deleted = await api.all("/hris/absences", updated_after=created["changed_at"], include_deleted="true")
    assert [absence["id"] for absence in deleted] == [created["id"]]
    again = await api("DELETE", f"/hris/absences/{created['id']}", json={})
    assert (again.status, again.code) == (404, "PLATFORM.INPUT_INVALID")
    parental = (await api.all("/hris/absence-types"))[3]
    halved = {**body, "absence_type_id": parental["id"], "start_half_day": True}
    assert (await api("POST", "/hris/absences", json=halved)).code == "REMOTE.INPUT_INVALID"


async def test_skill_is_created_changed_and_assigned(api: Api) -> None:
    person = await api.first("/hris/employees")
    skill = (await api("POST", "/hris/skills", json={"name": "Arc welding", "levels": ["Good", "Better"]})).json
    assert set(skill) == {"status", "data"}
    skill_id = skill["data"]["id"]
    body = {"employee_id": person["id"], "skill_id": skill_id}
    assignment = (await api("POST", "/hris/employee-skill-assignments", json=body)).data
    assert assignment == {**body, "id": assignment["id"], "current_level": None}
    path = f"/hris/employee-skill-assignments/{assignment['id']}"
    assert (await api("PATCH", path, json={"current_level": "Better"})).data["current_level"] == "Better"
    found = (await api.get("/hris/employee-skill-assignments", skill_ids=skill_id)).results
    assert [each["current_level"] for each in found] == ["Better"]
    await api("DELETE", path, json={})
    assert (await api.get("/hris/employee-skill-assignments", skill_ids=skill_id)).results == []
    assert (await api("PATCH", f"/hris/skills/{skill_id}", json={"name": "Welding"})).data["name"] == "Welding"
    assert (await api.get("/hris/skills", name_contains="weld")).data["next"] is None
    assert (await api("DELETE", f"/hris/skills/{skill_id}", json={})).status == 200
    assert (await api.get("/hris/skills", name_contains="weld")).results == []


async def test_provisioning_diff_compares_users_with_active_employees(api: Api) -> None:
    person = await api.first("/hris/employees", employment_statuses="ACTIVE")
    users = [{"origin_id": "1", "email": person["work_email"].upper()}, {"origin_id": "2", "email": "old@x.example"}]
    body = {"provisioned_users": users, "options": {"employee_fields": ["id", "groups"]}}
    diff = (await api("POST", "/hris/provisioning-groups/default/diff", json=body)).data["users"]
    assert [user["employee"]["id"] for user in diff["already_provisioned"]] == [person["id"]]
    assert [user["origin_id"] for user in diff["to_deprovision"]] == ["2"]
    assert {frozenset(user["employee"]) for user in diff["to_provision"]} == {frozenset({"id", "groups"})}
    assert not api.sandbox.executions
    assert (await api("POST", "/hris/provisioning-groups/other/diff", json=body)).status == 404


async def test_packages_are_replaced_as_a_whole_and_orders_get_results(api: Api) -> None:
    api.integration_id = api.sandbox.integration_id_of("ASSESSMENT")
    one_package = {"id": "typing", "type": "SKILLS_TEST", "name": "Typing", "description": "Speed"}
    for packages in ([one_package], [], [{**one_package, "name": "Typing 2"}]):
        assert (await api("PUT", "/assessment/packages", json={"packages": packages})).data == {}
        seen = (await api.get("/assessment/packages")).data["packages"]
        assert [(each["id"], each["name"]) for each in seen] == [(each["id"], each["name"]) for each in packages]
    orders = await api.all("/assessment/orders", statuses="OPEN")
    result = {"status": "COMPLETED", "result_url": "https://r.example/1", "completed_at": "2026-11-03"}
    assert (await api("PUT", f"/assessment/orders/{orders[0]['id']}/result", json=result)).data == {}
    assert [order["id"] for order in await api.all("/assessment/orders/open")] == [order["id"] for order in orders[1:]]
    assert (await api.one("/assessment/orders", orders[0]["id"]))["status"] == "COMPLETED"


async def test_courses_are_created_by_a_task(api: Api) -> None:
    api.integration_id = api.sandbox.integration_id_of("LMS")

    def items(*titles: str) -> dict[str, Any]:
        courses = [{"type": "EXTERNAL", "title": title, "course_url": "https://l.example/1"} for title in titles]
        return {"items": [{"origin_id": f"o{n}", "course": course} for n, course in enumerate(courses)]}

    async def done(body: dict[str, Any]) -> dict[str, Any]:
        path = f"/lms/courses/bulk/{(await api('POST', '/lms/courses/bulk', json=body)).data['task_id']}"
        assert (await api.get(path)).data["status"] == "PENDING"
        return (await api.get(path)).data

    task = await done(items("Ladders", "To fail in style"))
    assert [result["status"] for result in task["data"]] == ["SUCCEEDED", "FAILED"]
    course = await api.one("/lms/courses", task["data"][0]["data"]["id"])
    assert (course["origin_id"], course["revisions"][0]["title"]) == ("o0", "Ladders")
    again = await done(items("Ladders, revised"))
    assert again["data"][0]["data"]["id"] == course["id"]
    assert (await done(items("fail everything")))["status"] == "FAILED"
    assert (await api.get("/lms/courses/bulk/unknown")).code == "PLATFORM.INPUT_INVALID"

    user, revision = await api.first("/lms/users"), course["revisions"][0]
    enrolment = {"user_id": f"remote:{user['remote_id']}", "course_revision_id": revision["id"]}
    progress = (await api("POST", "/lms/course-progressions", json=enrolment)).data
    assert (progress["status"], progress["course_revision"]["title"]) == ("ENROLLED", "Ladders, revised")
    path = f"/lms/course-progressions/{progress['id']}/complete"
    completed = (await api("POST", path, json={"completed_at": "2026-11-20", "score": 90})).data
    assert (completed["status"], completed["completed_at"]) == ("COMPLETED", "2026-11-20T00:00:00.000Z")
    assert [p["id"] for p in await api.all("/lms/course-progressions", course_ids=course["id"])] == [progress["id"]]
    off = (await api("POST", f"/lms/courses/{course['id']}/deactivate", json={})).data
    assert off["revisions"][0]["status"] == "INACTIVE"


async def test_posting_is_parsed_and_applied_to(api: Api) -> None:
    site = (await api("POST", "/ai-apply/career-sites", json={"label": "Tannenhof"})).data
    body = {"url": "https://jobs.example/1", "career_site_id": site["id"], "job_code": "J-1"}
    posting = (await api("POST", "/ai-apply/postings", json=body)).data
    assert (posting["availability"], posting["career_site"]) == ("PENDING", site)
    [ready] = await api.all("/ai-apply/postings", career_site_ids=site["id"], job_codes="J-1")
    assert (ready["id"], ready["availability"]) == (posting["id"], "APPLYABLE")
    form = (await api("POST", f"/ai-apply/postings/{posting['id']}/inquire", json={})).data
    answers = [{"question_id": "name", "answer": "Mara"}, {"question_id": "cv", "answer": _file()}]
    apply = {"submission_token": form["submission_token"], "candidate_email": "m@x.example"}
    incomplete = await api("POST", "/ai-apply/apply", json={**apply, "screening_question_answers": answers[:1]})
    assert "cv" in incomplete.message
    statuses = []
    for _ in range(2):
        queued = (await api("POST", "/ai-apply/apply", json={**apply, "screening_question_answers": answers})).data
        assert queued["status"] == "PENDING"
        statuses += [each["status"] for each in await api.all("/ai-apply/applications", ids=queued["id"])]
    assert statuses == ["SUBMITTED", "DUPLICATE"]
    [job] = await api.all("/ai-apply/unified-api/jobs", page_size=5, career_site_ids=site["id"])
    assert (job["id"], job["job_code"]) == (posting["id"], "J-1")
    made = await api("POST", f"/ai-apply/unified-api/jobs/{job['id']}/applications", json={"candidate": APPLICANT})
    assert made.data["candidate"]["first_name"] == "Ilse"
    assert "warnings" not in made.json


def _file() -> dict[str, str]:
    return {"name": "cv.pdf", "content_type": "application/pdf", "data": "JVBERg=="}


async def test_import_replaces_all_postings_of_a_job_feed(api: Api) -> None:
    feed = (await api("POST", "/ai-apply/job-feeds", json={"label": "All"})).data
    path = f"/ai-apply/job-feeds/{feed['id']}/bulk-import"

    async def imported(*numbers: int, more: bytes = b"") -> Any:
        lines = [{"url": f"https://j.example/{n}", "career_site_label": "Feed", "job_code": f"F{n}"} for n in numbers]
        body = b"\n".join(json.dumps(line).encode() for line in lines) + more
        return await api("POST", path, data=body, headers={"Content-Type": "application/x-ndjson"})

    assert (await imported(1, 2)).data == {"created": 2, "processed": 2, "archived": 0}
    assert (await imported(2, 3)).data == {"created": 1, "processed": 2, "archived": 1}
    seen = {p["job_code"]: p["archived_reason"] for p in await api.all("/ai-apply/postings", job_codes="F1,F2,F3")}
    assert seen == {"F1": "REMOVED_FROM_JOB_FEED", "F2": None, "F3": None}
    for broken in (b'\n{"url": "https://jobs.example/9"}', b'\n{"url": "https://jo', b"\n[]"):
        assert (await imported(9, more=broken)).code == "PLATFORM.INPUT_INVALID"
    assert await api.all("/ai-apply/postings", job_codes="F9") == []
    assert (await imported(1)).data == {"created": 0, "processed": 1, "archived": 2}
    [back] = await api.all("/ai-apply/postings", job_codes="F1")
    assert (back["availability"], back["archived_at"]) == ("APPLYABLE", None)


async def test_token_of_connection_link_gives_its_integration(api: Api) -> None:
    body = {"end_user_email": "it@t.example", "end_user_organization_name": "T", "integration_category": "LMS"}
    link = (await api("POST", "/connect/create-link", json=body)).data["link"]
    token = link.rpartition("/")[2]
    found = (await api.get(f"/connect/integration-by-token/{token}")).data
    assert found["id"] == api.sandbox.integration_id_of("LMS")
    assert (await api("POST", "/connect/activate-integration", json={"token": token})).data == found
    assert (await api.get("/connect/integration-by-token/unknown")).status == 404


async def test_datev_operations_are_answered(api: Api) -> None:
    person = await api.first("/hris/employees")
    await api("POST", "/custom/datev/push-data/general", json={})
    await api("POST", "/custom/datev/push-data/payroll", json={"payroll_month": "2026-03-01"})
    pushes = (await api.get("/custom/datev/data-pushes")).data["data_pushes"]
    assert [push["type"] for push in pushes] == ["GENERAL", "PAYROLL"]
    path = f"/custom/datev/employees/{person['id']}/eau-requests"
    eau_id = (await api("POST", path, json={"start_work_incapacity": "2026-03-09"})).data["eau_id"]
    report = (await api.get(f"/custom/datev/eau-requests/{eau_id}")).data["raw"]
    assert report["start_work_incapacity"] == "2026-03-09"
    nobody = path.replace(person["id"], "nobody")
    assert (await api("POST", nobody, json={"start_work_incapacity": "2026-03-09"})).status == 404
    assert (await api.get("/custom/datev/available-documents")).code == "PLATFORM.INPUT_INVALID"


@pytest.mark.parametrize(
    ("method", "path", "body", "place"),
    [
        ("POST", "/hris/employees", {"first_name": "Mila"}, "last_name"),
        ("POST", "/hris/employees", {"first_name": "Mila", "last_name": 7}, "last_name"),
        ("POST", "/hris/employees", {"first_name": "M", "last_name": "H", "gender": "TALL"}, "gender"),
        ("POST", "/hris/employees", {"first_name": "M", "last_name": "H", "date_of_birth": "soon"}, "date_of_birth"),
        ("POST", "/hris/employees", {"first_name": "M", "last_name": "H", "legal_entity_id": "x"}, "legal_entity_id"),
        ("POST", "/ai-apply/postings", {"url": "https://a.example", "career_site_id": "x"}, "career_site_id"),
        ("POST", "/ai-apply/apply", {"submission_token": "x"}, "candidate_email"),
        ("POST", "/connect/create-link", {"end_user_email": "a@b.example"}, "end_user_organization_name"),
        ("PUT", "/custom/datev/employees/remote:1/prepare-payroll", {"payroll_run": {}}, "payroll_run"),
    ],
)
async def test_invalid_body_is_refused_with_the_path_of_its_error(
    api: Api, method: str, path: str, body: dict[str, Any], place: str
) -> None:
    got = await api(method, path, json=body)
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert place in got.message
    assert not api.sandbox.executions


async def test_change_listener_gets_the_changed_models(api: Api) -> None:
    heard: list[tuple[str, frozenset[str]]] = []
    environment = api.sandbox._app.environment
    environment.listeners.append(lambda integration, models: heard.append((integration.id, models)))
    await api("POST", "/hris/skills", json={"name": "Welding"})
    await api.employees()
    assert heard == [(api.integration_id, frozenset({"hris_skills"}))]
    field = (await api.get(f"{api.integration_path}/integration-fields")).results[0]
    await api("PATCH", f"{api.integration_path}/integration-fields/{field['id']}", json={"enable_passthrough": True})
    await api.sync()
    await api.employees()
    await until(lambda: len(heard) == 2)
    assert field["model"] in heard[1][1]
