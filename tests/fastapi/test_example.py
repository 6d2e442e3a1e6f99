"""`examples/fastapi_app.py`, on the sandbox."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from kombo_async.sandbox import Sandbox, SandboxConfig

from ..support.uvicorn_server import served
from ..test_examples import load

SECRET = "s3cret"


async def test_the_fastapi_app_serves_people_absences_and_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(SandboxConfig(employees=60)) as sandbox:
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        monkeypatch.setenv("KOMBO_WEBHOOK_SECRET", SECRET)
        people = {record["id"] for record in sandbox.records("hris_employees")}
        types = [record["id"] for record in sandbox.records("hris_absence_types")]
        async with served(load("fastapi_app").app) as url, aiohttp.ClientSession() as session:
            base = f"{url}/integrations/{sandbox.integration_id}"

            async def call(method: str, path: str, **body: Any) -> tuple[int, Any]:
                async with session.request(method, path, **body) as response:
                    return response.status, await response.json()

            async with session.get(f"{base}/employees") as response:
                first = await response.json()
                cursor = response.headers["X-Next-Cursor"]
            status, rest = await call("GET", f"{base}/employees", params={"cursor": cursor})
            assert (status, {person["id"] for person in first + rest}) == (200, people)
            assert list(first[0])[:2] == ["id", "remote_id"]

            absence = {
                "employee_id": first[0]["id"],
                "absence_type_id": types[0],
                "start_date": "2027-07-05",
                "end_date": "2027-07-09",
                "employee_note": None,
            }
            status, made = await call("POST", f"{base}/absences", json=absence)
            assert (status, made["start_date"]) == (201, "2027-07-05")
            begin, end = "2027-07-01", "2027-07-31"
            status, found = await call("GET", f"{base}/absences", params={"begin": begin, "end": end})
            assert (status, made["id"] in {each["id"] for each in found}) == (200, True)
            status, refused = await call("POST", f"{base}/absences", json=absence | {"end_date": "never"})
            assert (status, refused["detail"][0]["loc"]) == (422, ["body", "end_date"])

            status, problem = await call("GET", f"{url}/integrations/personio:gone/employees")
            assert (status, problem["code"]) == (404, "PLATFORM.INTEGRATION_NOT_FOUND")
            assert "personio" not in str(problem)

            sandbox.send_webhooks_to(f"{url}/webhooks", secret=SECRET)
            await sandbox.send_webhook("data-changed", changed_models=[{"name": "hris_employees"}])
            assert await call("POST", f"{url}/webhooks", json={}) == (
                401,
                {"detail": "the signature is missing or wrong"},
            )
            assert await call("GET", f"{url}/stale") == (200, {f"{sandbox.integration_id} hris_employees": 1})
            async with session.get(f"{url}/docs") as response:
                assert response.status == 200
            status, description = await call("GET", f"{url}/openapi.json")
            assert {"Employee", "Absence", "NewAbsence"} <= description["components"]["schemas"].keys()
