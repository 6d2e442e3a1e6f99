"""Which events observers are called with, and what no event contains."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from kombo_async import KomboClient, Limits, RetryPolicy, errors
from kombo_async.events import (
    CallEvent,
    CallFinished,
    PageFetched,
    RequestSent,
    ResponseReceived,
    RetryScheduled,
    Throttled,
)
from kombo_async.models.common import File
from kombo_async.models.general import MultipartField
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

from .conftest import QUICK

KEY = "ks_dev_SECRET_key"


@pytest.fixture
def events() -> list[CallEvent]:
    return []


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(SandboxConfig(fields=25, employees=12), api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox, events: list[CallEvent]) -> AsyncIterator[KomboClient]:
    async with KomboClient(
        KEY,
        base_url=sandbox.base_url,
        integration_id=sandbox.integration_id,
        retry=QUICK,
        limits=Limits.off(),
        observers=[events.append],
    ) as client:
        yield client


def fields_of(events: list[CallEvent]) -> list[tuple[Any, ...]]:
    """The kind of each event, its attempt, and what only its kind has; but no times."""
    common = set(CallEvent.__struct_fields__) | {"wait"}
    return [
        (
            type(event),
            event.attempt,
            *(value for name, value in msgspec.structs.asdict(event).items() if name not in common),
        )
        for event in events
    ]


class TestObservers:
    async def test_observers_get_each_attempt_and_the_reason_of_a_retry(
        self, client: KomboClient, sandbox: Sandbox, events: list[CallEvent]
    ) -> None:
        sandbox.faults.add(Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", headers={"Retry-After": "0.01"}))
        sandbox.faults.add(Fault.concurrency_limited())
        sandbox.faults.add(Fault.html_502())
        sandbox.faults.add(Fault.drop("body"))
        await client.iter_integration_fields().collect()

        rate, slots = "PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"
        assert fields_of(events) == [
            (RequestSent, 1),
            (ResponseReceived, 1, 429, rate),
            (Throttled, 1, rate),
            (RequestSent, 2),
            (ResponseReceived, 2, 429, slots),
            (Throttled, 2, slots),
            (RequestSent, 3),
            (ResponseReceived, 3, 502, None),
            (RetryScheduled, 3, "APIError", None),
            (RequestSent, 4),
            (RetryScheduled, 4, "KomboConnectionError", None),
            (RequestSent, 5),
            (ResponseReceived, 5, 200, None),
            (PageFetched, 5, 25),
            (CallFinished, 5, None, None),
        ]
        assert len({event.call for event in events}) == 1
        assert {event.operation for event in events} == {"iter_integration_fields"}
        assert {event.integration_id for event in events} == {sandbox.integration_id}
        elapsed = [event.elapsed for event in events]
        assert elapsed == sorted(elapsed)
        assert elapsed[0] >= 0
        waits = [event.wait for event in events if isinstance(event, Throttled | RetryScheduled)]
        assert waits[0] >= 0.01
        assert all(wait >= 0 for wait in waits)

    async def test_observers_get_no_retry_event_without_a_retry(
        self, client: KomboClient, sandbox: Sandbox, events: list[CallEvent]
    ) -> None:
        sandbox.faults.add(Fault.rate_limited(36_000))
        with pytest.raises(errors.RateLimitExceededError):
            await client.check_api_key()
        code = "PLATFORM.RATE_LIMIT_EXCEEDED"
        assert fields_of(events) == [
            (RequestSent, 1),
            (ResponseReceived, 1, 429, code),
            (CallFinished, 1, "RateLimitExceededError", code),
        ]
        assert events[0].integration_id is None

        events.clear()
        sandbox.faults.add(Fault.html_502(), times=None)
        once = client.with_options(retry=RetryPolicy(attempts=1))
        with pytest.raises(errors.APIError):
            await once.check_api_key()
        assert fields_of(events) == [
            (RequestSent, 1),
            (ResponseReceived, 1, 502, None),
            (CallFinished, 1, "APIError", None),
        ]

    async def test_observers_get_every_page_also_of_views(
        self, client: KomboClient, sandbox: Sandbox, events: list[CallEvent]
    ) -> None:
        view = client.for_integration(sandbox.integration_id)
        await view.iter_integration_fields(page_size=10).collect()
        assert [event.records for event in events if isinstance(event, PageFetched)] == [10, 10, 5]
        assert all(event.attempt == 1 for event in events)

    async def test_observer_that_raises_is_logged_once_and_breaks_no_call(
        self, sandbox: Sandbox, events: list[CallEvent], caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(event: CallEvent) -> None:
            raise RuntimeError("SECRET of the application")

        async with KomboClient(KEY, base_url=sandbox.base_url, observers=[broken, events.append, broken]) as client:
            for _ in range(3):
                assert (await client.check_api_key()).environment_id
        assert [type(event) for event in events] == [RequestSent, ResponseReceived, CallFinished] * 3
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert [record.name for record in warnings] == ["kombo_async"] * 2
        assert ["RuntimeError" in record.getMessage() for record in warnings] == [True, True]
        assert "SECRET" not in caplog.text

    @pytest.mark.parametrize("ends_at", [RequestSent, ResponseReceived, CallFinished])
    async def test_call_finishes_once_though_an_observer_ends_the_program(
        self, sandbox: Sandbox, events: list[CallEvent], ends_at: type[CallEvent]
    ) -> None:
        def end(event: CallEvent) -> None:
            if isinstance(event, ends_at):
                raise SystemExit

        async with KomboClient(KEY, base_url=sandbox.base_url, observers=[events.append, end]) as client:
            with pytest.raises(SystemExit):
                await client.check_api_key()
        assert [type(event) for event in events].count(CallFinished) == 1
        assert isinstance(events[-1], CallFinished)


class TestSecrets:
    async def fail(self, client: KomboClient, sandbox: Sandbox, raised: list[Exception]) -> None:
        """Let everything go wrong that can, with something in it that nobody should read."""
        files = [MultipartField(name="cv", value=File(name="cv.pdf", data=b"SECRET"))]
        secret = {"id": "e1", "first_name": ["SECRET"], "SECRET": "SECRET", "employments": ["SECRET"]}
        faults = [
            Fault.html_502(),
            Fault.raw(b"<html>SECRET</html>", status=502, content_type="text/html"),
            Fault.raw(b"SECRET"),
            Fault.json({"status": "success", "data": {"results": [secret], "next": "SECRET"}}),
            Fault.json({"status": "success", "data": secret}),
            Fault.json({"data": {"results": ["SECRET"]}, "next_cursor": {"SECRET": 1}}),
            Fault.json({"SECRET": "SECRET"}, status=500),
            Fault.redirect("https://SECRET.example/?key=SECRET"),
            Fault.error("PLATFORM.UNKNOWN_ERROR"),
            Fault.error("PLATFORM.INPUT_INVALID"),
            Fault.error("REMOTE.SERVICE_UNAVAILABLE"),
            Fault.rate_limited(36_000),
            Fault.drop("before"),
            Fault.drop("body"),
            Fault.short_body(),
        ]
        for fault in faults:
            for call in (
                lambda: client.hris.iter_employees(work_emails=["SECRET@example.com"], cursor="SECRET").first_page(),
                lambda: client.request("GET", "/hris/employees", params={"work_emails": "SECRET@example.com"}),
                lambda: client.request("POST", "/hris/absences", json={"note": "SECRET"}),
                lambda: client.send_passthrough_request(
                    "personio", "personnel", "POST", "/x", headers={"X": "SECRET"}, multipart_form_data=files
                ),
                lambda: client.send_passthrough_request(
                    "personio", "personnel", "GET", "/SECRET", params={"q": "SECRET"}, data={"SECRET": "SECRET"}
                ),
            ):
                sandbox.faults.clear()
                sandbox.faults.add(fault, times=None)
                try:
                    await call()
                except errors.KomboError as error:
                    raised.append(error)

    async def test_secrets_are_in_no_log_error_or_event(
        self, client: KomboClient, sandbox: Sandbox, events: list[CallEvent], caplog: pytest.LogCaptureFixture
    ) -> None:
        raised: list[Exception] = []
        with caplog.at_level(logging.DEBUG):
            await self.fail(client, sandbox, raised)

        assert len(raised) >= 60
        assert {type(error) for error in raised} >= {
            errors.APIError,
            errors.DecodeError,
            errors.InputInvalidError,
            errors.KomboConnectionError,
            errors.OutcomeUnknownError,
            errors.RateLimitExceededError,
        }
        ours = [record for record in caplog.records if record.name == "kombo_async"]
        assert ours
        for text in [
            *[record.getMessage() for record in caplog.records],
            *[repr(record.args) for record in ours],
            *[f"{error} {error!r} {error.args}" for error in raised],
            *["".join(traceback.format_exception(error, chain=False)) for error in raised],
            *[repr(event) for event in events],
        ]:
            assert "SECRET" not in without_our_own_lines(text)
        for error in raised:
            assert KEY.encode() not in pickle.dumps(error)

    async def test_personal_data_are_not_in_the_log_of_a_successful_call(
        self, client: KomboClient, events: list[CallEvent], caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            people = await client.hris.iter_employees(work_emails=["SECRET@example.com"]).collect()
            people += await client.hris.iter_employees(include_deleted=False).collect()
        assert people
        said = caplog.text + repr(events)
        for person in people:
            for value in (person.id, person.work_email, person.last_name):
                assert value is None or value not in said
        assert "SECRET" not in said


def without_our_own_lines(text: str) -> str:
    """A traceback without the source of this file, which is full of it."""
    lines = text.splitlines()
    return "\n".join(line for line, before in zip(lines, ["", *lines], strict=False) if __file__ not in before)
