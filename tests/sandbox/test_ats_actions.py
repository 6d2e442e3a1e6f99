"""What actions of the recruiting family change in the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from ..support.sandbox_api import Api, Open

APPLICANT = {"first_name": "Ilse", "last_name": "Novak", "email_address": "ilse@example.com"}


@pytest.fixture
async def api(open_api: Open) -> Any:
    async with open_api(employees=100, fields=20, sync_seconds=0) as api:
        api.integration_id = api.sandbox.integration_id_of("ATS")
        yield api


async def test_application_is_created_moved_and_rejected(api: Api) -> None:
    job = await api.first("/ats/jobs", statuses="OPEN")
    body = {"candidate": APPLICANT, "source": {"name": "Green Jobs"}}
    created = (await api("POST", f"/ats/jobs/{job['id']}/applications", json=body)).data
    assert created["candidate"]["source"] == "Green Jobs"
    path = f"/ats/applications/{created['id']}"
    candidate = await api.first("/ats/candidates", email=APPLICANT["email_address"].upper())
    assert [application["id"] for application in candidate["applications"]] == [created["id"]]
    again = await api("POST", f"/ats/jobs/{job['id']}/applications", json=body)
    assert again.code == "ATS.APPLICATION_ALREADY_EXISTS"

    stage = job["stages"][2]
    assert (await api("PUT", f"{path}/stage", json={"stage_id": stage["id"]})).data == {}
    moved = await api.one("/ats/applications", created["id"])
    assert moved["current_stage"]["name"] == stage["name"]
    assert moved["changed_at"] > created["changed_at"]
    candidate = await api.one("/ats/candidates", candidate["id"])
    assert candidate["applications"][0]["current_stage"]["id"] == stage["id"]
    assert (await api("PUT", f"{path}/stage", json={"stage_id": "other"})).code == "PLATFORM.INPUT_INVALID"

    user = await api.first("/ats/users")
    interview = {
        "title": "First talk",
        "start_time": "2026-12-01T09:00:00.000Z",
        "end_time": "2026-12-01T10:00:00.000Z",
        "interviewer_user_ids": [user["id"]],
        "organizer_user_id": user["id"],
        "location": {"type": "VIRTUAL"},
    }
    assert (await api("POST", f"{path}/interviews", json=interview)).json == {"status": "success", "data": {}}
    arranged = await api.one("/ats/applications", created["id"])
    assert [each["title"] for each in arranged["interviews"]] == ["First talk"]
    assert arranged["changed_at"] == moved["changed_at"], "an interview is no property of the application"
    interview |= {"interview_id": arranged["interviews"][0]["id"], "title": "Later"}
    assert (await api("PATCH", f"{path}/interviews", json=interview)).status == 200
    assert (await api.one("/ats/interviews", interview["interview_id"]))["users"][0]["email"] == user["email"]

    reason = await api.first("/ats/rejection-reasons")
    rejection = {"rejection_reason_id": reason["id"], "note": "Alas"}
    assert (await api("POST", f"{path}/reject", json=rejection)).status == 200
    rejected = await api.one("/ats/applications", created["id"])
    assert (rejected["outcome"], rejected["rejection_reason_name"]) == ("DECLINED", reason["name"])
    note = await api("POST", f"{path}/notes", json={"content": "Bye", "content_type": "PLAIN_TEXT"})
    assert note.status == 200
    notes = await api.all("/ats/notes", application_ids=created["id"])
    assert [each["content_html"] for each in notes] == ["Alas", "Bye"]


async def test_created_interview_names_its_users_and_can_be_changed(api: Api) -> None:
    application, user = await api.first("/ats/applications"), await api.first("/ats/users")
    interview = {
        "title": "Talk",
        "start_time": "2026-12-01T09:00:00Z",
        "end_time": "2026-12-01T10:00:00Z",
        "interviewer_user_ids": [],
        "organizer_user_id": user["id"],
        "location": {"type": "PHYSICAL", "address": "Berlin"},
    }
    await api("POST", f"/ats/applications/{application['id']}/interviews", json=interview)
    touched = {
        path: [record["id"] for record in await api.all(f"/ats/{path}", updated_after="2026-11-02")]
        for path in ("applications", "candidates", "interviews", "jobs", "offers")
    }
    assert touched["applications"] == [application["id"]]
    assert len(touched["interviews"]) == 1
    assert (touched["candidates"], touched["jobs"], touched["offers"]) == ([], [], [])


async def test_tag_of_candidate_matches_updated_after_without_moving_changed_at(api: Api) -> None:
    candidate = await api.first("/ats/candidates")
    path, body = f"/ats/candidates/{candidate['id']}/tags", {"tag": {"name": "Green thumb"}}
    assert (await api("POST", path, json=body)).status == 200
    [tagged] = await api.all("/ats/candidates", updated_after="2026-11-02")
    assert [tag["name"] for tag in tagged["tags"]] == [*(tag["name"] for tag in candidate["tags"]), "Green thumb"]
    assert tagged["changed_at"] == candidate["changed_at"]
    assert {tag["name"] for tag in await api.all("/ats/tags")} >= {"Green thumb"}
    assert (await api("DELETE", path, json=body)).status == 200
    assert (await api.one("/ats/candidates", candidate["id"]))["tags"] == candidate["tags"]


async def test_candidate_is_created_with_attachments_and_answers(api: Api) -> None:
    jobs = await api.all("/ats/jobs", statuses="OPEN")
    asked = {q["format"]["type"]: (job, q) for job in jobs for q in job["screening_questions"] if q["format"]}
    job, question = asked["SINGLE_SELECT"]
    option = question["format"]["options"][0]
    answers = [
        {"question_id": question["id"], "answer": option["id"]},
        {"question_id": "another", "answer": True},
    ]
    body = {
        "candidate": APPLICANT,
        "application": {"job_id": job["id"]},
        "attachments": [{"name": "cv.pdf", "content_type": "application/pdf", "data": "JVBERg==", "type": "CV"}],
        "screening_question_answers": answers,
    }
    created = await api("POST", "/ats/candidates", json=body)
    assert len(created.json["warnings"]) == 1
    [application] = created.data["applications"]
    [answer] = (await api.one("/ats/applications", application["id"]))["screening_question_answers"]
    assert answer["answer"] == {"choice": option["name"]}
    for path in (f"/ats/candidates/{created.data['id']}", f"/ats/applications/{application['id']}"):
        [file] = (await api.get(f"{path}/attachments")).results
        assert (file["file_name"], file["type"]) == ("cv.pdf", "CV")
    stored = await api.all("/ats/attachments", candidate_ids=created.data["id"])
    assert stored[0]["content_ref"]["type"] == "s3"


async def test_application_for_closed_job_is_refused(api: Api) -> None:
    for status in ("CLOSED", "ARCHIVED"):
        job = await api.first("/ats/jobs", statuses=status)
        got = await api("POST", f"/ats/jobs/{job['id']}/applications", json={"candidate": APPLICANT})
        assert got.code == "ATS.JOB_CLOSED"
        body = {"candidate": APPLICANT, "application": {"job_id": job["id"]}}
        assert (await api("POST", "/ats/candidates", json=body)).code == "ATS.JOB_CLOSED"
