"""What a response means, without a network: a value, or an error that says whether the request may have run."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from kombo_async import errors
from kombo_async.engine import codec, pages
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.request import Request
from kombo_async.engine.response import (
    Response,
    error_from,
    http_date,
    is_ambiguous,
    outcome_unknown_error,
    read_response,
    retry_after,
    with_request_context,
)
from kombo_async.errors import APIError, DecodeError, KomboConnectionError, KomboTimeoutError

from ..support.for_each import for_each

READ = Operation(name="get_thing", method="GET", path="/things/{thing_id}", response_type=dict, effect=Effect.SAFE)
SETTING = Operation(
    name="set_thing", method="PUT", path="/things/{thing_id}", response_type=dict, effect=Effect.IDEMPOTENT
)
ACTION = Operation(
    name="do_thing", method="POST", path="/things", response_type=dict, effect=Effect.NON_IDEMPOTENT, action=True
)

RATE, RESET = "PLATFORM.RATE_LIMIT_EXCEEDED", "ratelimit-reset"


def respond(body: object = b"", status: int = 400, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, CIMultiDict(headers or {}), body if isinstance(body, bytes) else json.dumps(body).encode())


def error_response(code: str | None, status: int = 400) -> Response:
    return respond(
        {"status": "error", "error": {"code": code, "title": None, "message": "No.", "log_url": None}}, status
    )


def raised_by(operation: Operation, response: Response) -> APIError:
    with pytest.raises(APIError) as raised:
        read_response(operation, response, lambda response: codec.decode_value(response.body, dict[str, Any]))
    return raised.value


def date_ahead(**ahead: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ahead), usegmt=True)


class TestRetryAfter:
    @for_each(
        ("headers", "code", "seconds"),
        [
            ({}, RATE, None),
            ({"Retry-After": "0"}, None, 0),
            ({"Retry-After": "7"}, None, 7),
            ({"retry-after": "7"}, "PLATFORM.UNKNOWN_ERROR", 7),
            ({"Retry-After": "1.5"}, None, 1.5),
            ({"Retry-After": "36000"}, None, 36_000),
            ({"Retry-After": "-5"}, None, 0),
            ({"Retry-After": "nan"}, None, None),
            ({"Retry-After": "inf"}, None, None),
            ({"Retry-After": "-inf"}, None, None),
            ({"Retry-After": "1e999"}, None, None),
            ({"Retry-After": ""}, None, None),
            ({"Retry-After": "soon"}, None, None),
            ({"Retry-After": "1, 2"}, None, None),
            ({"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}, None, None),
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 0),
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:00"}, None, 0),
            # Only with the code of the rate limit: every response of Kombo's has this header.
            ({RESET: "9"}, RATE, 9),
            ({RESET: "9"}, "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", None),
            ({RESET: "9"}, "PLATFORM.UNKNOWN_ERROR", None),
            ({RESET: "9"}, None, None),
            ({RESET: "0.25"}, RATE, 0.25),
            ({RESET: "-3"}, RATE, 0),
            ({RESET: "nan"}, RATE, None),
            ({RESET: date_ahead(hours=1)}, RATE, None),
            # With both, Retry-After takes precedence if it is valid.
            ({"Retry-After": "2", RESET: "9"}, RATE, 2),
            ({"Retry-After": "20", RESET: "9"}, RATE, 20),
            ({"Retry-After": "nan", RESET: "9"}, RATE, 9),
            ({"Retry-After": "garbage", RESET: "9"}, RATE, 9),
            ({"Retry-After": "garbage", RESET: "garbage"}, RATE, None),
            # A date is compared with the server's own clock, if the response has a Date.
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 30),
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "Date": "garbage"}, None, 0),
            # The time of the reset, instead of the seconds until then.
            ({RESET: "1445412510", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, RATE, 30),
            ({RESET: "1445412510500", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, RATE, 30.5),
            ({"Retry-After": "1445412510", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 30),
        ],
    )
    def test_retry_after_is_read_from_headers(
        self, headers: dict[str, str], code: str | None, seconds: float | None
    ) -> None:
        assert retry_after(CIMultiDict(headers), code) == seconds

    def test_future_date_is_converted_to_seconds(self) -> None:
        wait = retry_after(CIMultiDict({"Retry-After": date_ahead(hours=1)}), None)
        assert wait is not None
        # Less than an hour by the time that has passed since the date was made.
        assert 0 < wait <= 3600

    def test_date_in_another_zone_is_converted_to_seconds(self) -> None:
        later = datetime.now(UTC) + timedelta(hours=30)
        text = format_datetime(later).replace("+0000", "-0100")
        wait = retry_after(CIMultiDict({"Retry-After": text}), None)
        assert wait is not None
        assert 30 * 3600 < wait <= 31 * 3600

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("Wed, 21 Oct 2015 07:28:00 GMT", 1_445_412_480.0),
            # asctime, as RFC 9110 still allows, and a date that is explicitly of no zone.
            ("Wed Oct 21 07:28:00 2015", 1_445_412_480.0),
            ("Wed, 21 Oct 2015 07:28:00 -0000", 1_445_412_480.0),
            ("tomorrow", None),
            ("", None),
        ],
    )
    def test_date_without_a_zone_is_in_utc(
        self, text: str, moment: float | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TZ", "America/New_York")
        time.tzset()
        try:
            assert http_date(text) == moment
        finally:
            monkeypatch.undo()
            time.tzset()

    @given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,12} \d\d:\d\d:\d\d [+-]?\w{1,6}"))
    def test_any_text_is_a_finite_wait_or_none(self, text: str) -> None:
        for name in ("Retry-After", RESET):
            wait = retry_after(CIMultiDict({name: text}), RATE)
            assert wait is None or 0 <= wait < float("inf")


HTML = b"<html><body><h1>502 Bad Gateway</h1>Jane Doe</body></html>"

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["error", "code", "message", "status", "x"]), inner)
    ),
)


class TestErrorBodies:
    def test_error_body_of_kombo_is_read_whole(self) -> None:
        body = {
            "status": "error",
            "error": {"code": RATE, "title": "Limit", "message": "Too many.", "log_url": "https://log"},
        }
        error = error_from(respond(body, 429, {"ratelimit-reset": "4", "Content-Type": "text/html"}))

        assert type(error) is errors.RateLimitExceededError
        assert (error.code, error.title, error.message, error.log_url) == (RATE, "Limit", "Too many.", "https://log")
        assert (error.status, error.retry_after) == (429, 4.0)

    @for_each("status", [400, 503])
    @for_each(
        ("body", "kind", "code", "message"),
        [
            ({"error": {"code": "ATS.NEW", "message": "m"}}, errors.ATSError, "ATS.NEW", "m"),
            ({"error": {"code": "X.Y", "message": "m"}}, APIError, "X.Y", "m"),
            ({"error": {"code": None, "title": None, "message": "m", "log_url": None}}, APIError, None, "m"),
            ({"error": {"code": "", "message": "m"}}, APIError, None, "m"),
            ({"status": "error", "error": {"message": "m"}}, APIError, None, "m"),
            ({"error": {"code": "ATS.JOB_CLOSED"}}, errors.ATSJobClosedError, "ATS.JOB_CLOSED", "no message came"),
            ({"error": {"code": "HRIS.NEW", "title": "A title"}}, errors.HRISError, "HRIS.NEW", "A title"),
            ({"message": "m"}, APIError, None, "m"),
            ({"error": "Unauthorized", "message": "m"}, APIError, None, "m"),
            ({"error": "Unauthorized"}, APIError, None, "not Kombo's"),
            ({"error": {"message": "m", "extra": [1, {"x": None}]}, "more": 1}, APIError, None, "m"),
            # One invalid part does not cost the others.
            ({"error": {"code": "ATS.JOB_CLOSED", "message": "m", "title": 5, "log_url": []}},
             errors.ATSJobClosedError, "ATS.JOB_CLOSED", "m"),
            ({"error": {"code": 17, "message": "m"}}, APIError, None, "m"),
            ({"error": {"code": "ATS.JOB_CLOSED", "message": {"en": "m"}}},
             errors.ATSJobClosedError, "ATS.JOB_CLOSED", "no message came"),
            ({"error": None}, APIError, None, "not Kombo's"),
            ({"error": [{"message": "m"}]}, APIError, None, "not Kombo's"),
            ({}, APIError, None, "not Kombo's"),
            ([{"error": {"message": "m"}}], APIError, None, "not Kombo's"),
            (17, APIError, None, "not Kombo's"),
            ("message", APIError, None, "not Kombo's"),
            (None, APIError, None, "not Kombo's"),
            (HTML, APIError, None, f"not Kombo's .{len(HTML)} bytes of text/html"),
            (b"upstream connect error", APIError, None, "not Kombo's"),
            (b'{"error": {"message": "cut o', APIError, None, "not Kombo's"),
            (b'{"error": {"message": "\xff"}}', APIError, None, "not Kombo's"),
            (b'{"a":' * 100_000, APIError, None, "not Kombo's"),
            (b"\x1f\x8b\x08\x00", APIError, None, "not Kombo's"),
            (b"", APIError, None, "an empty response"),
        ],
    )  # fmt: skip
    def test_error_is_made_from_any_body(
        self, body: object, kind: type[APIError], code: str | None, message: str, status: int
    ) -> None:
        error = error_from(respond(body, status, {"Content-Type": "text/html; charset=utf-8"}))

        assert type(error) is kind
        assert (error.code, error.status) == (code, status)
        assert re.search(message, error.message)
        assert "Jane Doe" not in str(error)

    @given(st.binary() | ANY_JSON)
    def test_error_from_random_bodies_never_fails(self, body: Any) -> None:
        error = error_from(respond(body, 500))
        assert isinstance(error, APIError)
        assert error.message
        assert error.code is None or isinstance(error.code, str)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirect_is_an_error_that_names_base_url(self, status: int) -> None:
        error = raised_by(READ, respond(b"", status, {"Location": "https://evil.example/?key=SECRET"}))
        assert type(error) is APIError
        assert str(error) == f"HTTP {status}: a redirect, which is never followed; check base_url"

    def test_response_without_content_type_is_described(self) -> None:
        assert "3 bytes of an unnamed type" in str(error_from(respond(b"abc", 500)))

    @pytest.mark.parametrize("status", [200, 201, 299])
    def test_success_status_with_an_error_body_is_an_error(self, status: int) -> None:
        error = raised_by(READ, error_response("INTEGRATION.INACTIVE", status))
        assert type(error) is errors.IntegrationInactiveError
        assert (error.status, error.message) == (status, "No.")


class TestReadResponse:
    def test_success_is_decoded(self) -> None:
        assert read_response(ACTION, respond({"data": 1}, 201), lambda response: json.loads(response.body)["data"]) == 1

    def test_undecodable_page_names_the_operation_and_the_path(self) -> None:
        body = {"data": {"results": [{"id": None}], "next": "c2"}}
        with pytest.raises(DecodeError) as raised:
            read_response(READ, respond(body, 200), lambda response: pages.decode_page(response.body, dict[str, str]))
        assert raised.value.next_cursor == "c2"
        assert not raised.value.may_have_run
        assert str(raised.value).startswith("get_thing: Kombo's response does not have the documented shape: ")
        assert "$.data.results[0]" in str(raised.value)

    @for_each(
        ("code", "status", "after_a_change"),
        [
            ("PLATFORM.UNKNOWN_ERROR", 500, True),
            ("PLATFORM.UNKNOWN_ERROR", 400, True),
            ("PLATFORM.TASK_TIMED_OUT", 504, True),
            ("REMOTE.SERVICE_UNAVAILABLE", 503, True),
            ("REMOTE.UNKNOWN_HTTP_ERROR", 502, True),
            ("REMOTE.RATE_LIMIT_EXCEEDED", 503, False),
            ("REMOTE.INPUT_INVALID", 400, False),
            ("PLATFORM.RATE_LIMIT_EXCEEDED", 429, False),
            ("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", 429, False),
            ("PLATFORM.INPUT_INVALID", 500, False),
            ("INTEGRATION.SETUP_SYNC_PENDING", 503, False),
            ("HRIS.EMPLOYEE_ALREADY_EXISTS", 400, False),
            ("HRIS.NEW", 500, False),
            (None, 500, True),
            (None, 502, True),
            (None, 503, True),
            (None, 429, False),
            (None, 404, False),
            (None, 302, False),
            (None, 409, False),
            *((None, status, True) for status in (101, 303, 408, 499)),
        ],
    )
    def test_error_says_whether_the_request_may_have_run(
        self, code: str | None, status: int, after_a_change: bool
    ) -> None:
        assert raised_by(ACTION, error_response(code, status)).may_have_run is after_a_change
        assert raised_by(SETTING, error_response(code, status)).may_have_run is after_a_change
        assert raised_by(READ, error_response(code, status)).may_have_run is False

    @pytest.mark.parametrize(("operation", "ran"), [(READ, False), (SETTING, True), (ACTION, True)])
    def test_undecodable_success_of_a_change_may_have_run(self, operation: Operation, ran: bool) -> None:
        with pytest.raises(DecodeError) as raised:
            read_response(
                operation, respond(b"<html>", 200), lambda response: codec.decode_value(response.body, dict[str, Any])
            )
        assert raised.value.may_have_run is ran

    @for_each(
        ("error", "ambiguous"),
        [
            (APIError(code="PLATFORM.UNKNOWN_ERROR", status=400), True),
            (APIError(status=500), True),
            (APIError(status=499), True),
            (APIError(status=99), True),
            (APIError(status=0), True),
            (APIError(status=100), False),
            (APIError(code="PLATFORM.TASK_TIMED_OUT", status=504), False),
            (APIError(code="X.NEW", status=500), False),
            (KomboConnectionError(may_have_run=True), True),
            (KomboConnectionError(), False),
            (KomboTimeoutError(may_have_run=True), True),
            (KomboTimeoutError(), False),
            (DecodeError(may_have_run=True), False),
        ],
    )
    def test_which_errors_are_ambiguous(self, error: errors.KomboError, ambiguous: bool) -> None:
        assert is_ambiguous(error) is ambiguous

    def test_outcome_unknown_error_keeps_code_status_and_log_url(self) -> None:
        error = outcome_unknown_error(
            ACTION, APIError("Oops.", code="PLATFORM.UNKNOWN_ERROR", status=500, log_url="https://l")
        )
        assert (error.code, error.status, error.log_url) == ("PLATFORM.UNKNOWN_ERROR", 500, "https://l")
        assert str(error) == "do_thing may have been carried out; look before you repeat it: Oops. https://l"

    def test_outcome_unknown_error_after_a_lost_connection_has_no_code(self) -> None:
        error = outcome_unknown_error(ACTION, KomboConnectionError("lost"))
        assert (error.code, error.status, error.log_url) == (None, None, None)
        assert "lost" in str(error)

    def test_error_gets_the_context_of_its_request(self) -> None:
        request = Request(ACTION, "https://host/v1/things", {}, None, "personio:8d1h")
        error = with_request_context(APIError("No.", status=500), request, 3, may_have_run=True)
        assert (error.method, error.path, error.integration_id) == ("POST", "/things", "personio:8d1h")
        assert (error.attempts, error.may_have_run) == (3, True)
