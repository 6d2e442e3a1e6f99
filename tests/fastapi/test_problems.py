"""Errors of the library as problem details (RFC 9457)."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI

from kombo_async import KomboClient, RetryPolicy, Timeouts, errors
from kombo_async.fastapi import PROBLEM_RESPONSES, add_problem_handler, problem_response
from kombo_async.models.hris import NewAbsence
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

from ..support.loops import ASYNCIO_ONLY
from ..support.uvicorn_server import served

SECRET = "Ada Lovelace"
STATUSES = {
    "PLATFORM.RATE_LIMIT_EXCEEDED": 503,
    "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED": 503,
    "REMOTE.RATE_LIMIT_EXCEEDED": 503,
    "REMOTE.SERVICE_UNAVAILABLE": 503,
    "PLATFORM.TASK_TIMED_OUT": 504,
    "AI_APPLY.JOB_FEED_IMPORT_TIMED_OUT": 504,
    "PLATFORM.INTEGRATION_NOT_FOUND": 404,
    "PLATFORM.INPUT_INVALID": 422,
    "REMOTE.INPUT_INVALID": 422,
    "PLATFORM.AUTHENTICATION_INVALID": 500,
    "PLATFORM.IP_NOT_WHITELISTED": 500,
    "PLATFORM.UNKNOWN_ERROR": 502,
    "REMOTE.UNKNOWN_HTTP_ERROR": 502,
}
"""All other codes are 409."""


def made(code: str | None, **details: Any) -> errors.APIError:
    """Return an error with something of a person in everything that the server writes."""
    return errors.APIError.class_for(code)(
        SECRET, code=code, title=SECRET, log_url=f"https://x/{SECRET}", integration_id=SECRET, **details
    )


def body_of(error: errors.KomboError) -> dict[str, Any]:
    response = problem_response(error)
    text = bytes(response.body).decode()
    assert SECRET not in text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(text)
    assert problem["status"] == response.status_code
    return problem


@ASYNCIO_ONLY
@pytest.mark.parametrize("code", sorted(errors.APIError._codes))
async def test_each_code_has_a_status_and_says_nothing_of_the_request(code: str) -> None:
    error = made(code, status=429)
    problem = body_of(error)
    assert problem == {
        "type": "about:blank",
        "title": problem["title"],
        "status": STATUSES.get(code, 409),
        "detail": problem["detail"],
        "may_have_run": False,
        "code": code,
    }
    waits = isinstance(error, errors.RateLimitExceededError | errors.ConcurrencyLimitExceededError) or code.endswith(
        "RATE_LIMIT_EXCEEDED"
    )
    assert problem_response(error).headers.get("retry-after") == ("60" if waits else None)


def after_timeout() -> errors.OutcomeUnknownError:
    error = errors.OutcomeUnknownError(SECRET, may_have_run=True)
    error.code = SECRET
    error.__cause__ = errors.KomboTimeoutError(SECRET)
    return error


@ASYNCIO_ONLY
@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (errors.KomboTimeoutError(SECRET), 504, None),
        (errors.KomboConnectionError(SECRET), 502, None),
        (errors.DecodeError(SECRET), 502, None),
        (errors.PaginationError(SECRET), 502, None),
        (errors.WebhookSignatureError(SECRET), 401, None),
        (errors.OutcomeUnknownError(SECRET, may_have_run=True), 502, None),
        (after_timeout(), 504, None),
        (made(None, status=429), 503, None),
        (made(None, status=503, retry_after=2.5), 503, "3"),
        (made(None, status=500, retry_after=2.5), 502, None),
        (made(SECRET, status=429), 502, None),
        (made(f"ATS.{SECRET}", status=429), 409, None),
        (made(f"PLATFORM.{SECRET}", status=429), 502, None),
        (made("PLATFORM.RATE_LIMIT_EXCEEDED", retry_after=0.2), 503, "1"),
        (made("PLATFORM.RATE_LIMIT_EXCEEDED", retry_after=float("inf")), 503, "86400"),
        (made("REMOTE.SERVICE_UNAVAILABLE", retry_after=30.0), 503, "30"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
async def test_error_without_a_known_code_has_a_status_too(
    error: errors.KomboError, status: int, retry_after: str | None
) -> None:
    problem = body_of(error)
    assert (problem["status"], problem["may_have_run"]) == (status, error.may_have_run)
    assert problem_response(error).headers.get("retry-after") == retry_after
    assert problem.get("code") in {None, "PLATFORM.RATE_LIMIT_EXCEEDED", "REMOTE.SERVICE_UNAVAILABLE"}


async def test_app_answers_errors_of_the_library_and_logs_them(caplog: pytest.LogCaptureFixture) -> None:
    async with (
        Sandbox(SandboxConfig(employees=3)) as sandbox,
        KomboClient(
            sandbox.api_key,
            base_url=sandbox.base_url,
            integration_id=sandbox.integration_id,
            retry=RetryPolicy(attempts=1),
            timeouts=Timeouts(read_deadline=0.3),
        ) as client,
    ):
        app = FastAPI(responses=PROBLEM_RESPONSES)
        add_problem_handler(app)

        @app.get("/people")
        async def people() -> int:
            return len(await client.hris.iter_employees().collect())

        @app.post("/absence")
        async def absence() -> None:
            day = date(2027, 7, 5)
            await client.hris.create_absence(
                NewAbsence(
                    employee_id=SECRET, absence_type_id=SECRET, start_date=day, end_date=day, employee_note=SECRET
                )
            )

        @app.get("/misuse")
        async def misuse() -> None:
            raise ValueError(SECRET)

        async with served(app) as url, aiohttp.ClientSession() as session:

            async def answer(method: str, path: str) -> tuple[int, str | None, dict[str, Any]]:
                async with session.request(method, url + path) as response:
                    assert SECRET not in await response.text()
                    if response.status == 200:
                        return 200, None, {}
                    assert response.content_type == "application/problem+json"
                    return response.status, response.headers.get("Retry-After"), await response.json()

            sandbox.faults.add(Fault.rate_limited(retry_after=300), path="/hris/employees")
            status, retry_after, problem = await answer("GET", "/people")
            assert (status, problem["code"]) == (503, "PLATFORM.RATE_LIMIT_EXCEEDED")
            assert retry_after is not None
            assert 250 < int(retry_after) <= 300

            with caplog.at_level(logging.WARNING, "kombo_async"):
                caplog.clear()
                status, _, problem = await answer("POST", "/absence")
            assert status in {404, 409, 422, 503}
            assert problem["may_have_run"] is False
            (record,) = [each for each in caplog.records if each.name == "kombo_async"]
            assert record.getMessage().startswith(f"answered {status} for ")
            assert "POST /hris/absences" in record.getMessage()
            assert SECRET not in caplog.text

            async with session.get(url + "/misuse") as response:
                assert (response.status, response.content_type) == (500, "text/plain")
            responses = app.openapi()["paths"]["/people"]["get"]["responses"]
            assert list(responses["503"]["content"]) == ["application/problem+json"]
