"""What goes out and what an answer means, without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from kombo_async import errors
from kombo_async.engine import codec, pages, wire
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.wire import Answer, Request
from kombo_async.errors import APIError, DecodeError, KomboConnectionError, KomboTimeoutError
from kombo_async.redaction import Hidden

READ = Operation(name="get_thing", method="GET", path="/things/{thing_id}", response_type=dict, effect=Effect.SAFE)
SETTING = Operation(
    name="set_thing", method="PUT", path="/things/{thing_id}", response_type=dict, effect=Effect.IDEMPOTENT
)
ACTION = Operation(
    name="do_thing", method="POST", path="/things", response_type=dict, effect=Effect.NON_IDEMPOTENT, action=True
)

RATE, RESET = "PLATFORM.RATE_LIMIT_EXCEEDED", "ratelimit-reset"


def answer(body: object = b"", status: int = 400, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, CIMultiDict(headers or {}), body if isinstance(body, bytes) else json.dumps(body).encode())


def told(code: str | None, status: int = 400) -> Answer:
    return answer(
        {"status": "error", "error": {"code": code, "title": None, "message": "No.", "log_url": None}}, status
    )


def raised_by(operation: Operation, got: Answer) -> APIError:
    with pytest.raises(APIError) as raised:
        wire.outcome(operation, got, lambda got: codec.decode_value(got.body, dict[str, Any]))
    return raised.value


class TestPath:
    @given(st.text())
    @example("personio:8d1h")
    @example("a/b")
    @example("%2F..%2e")
    @example("?x=1#y")
    @example(" Jürgen ")
    @example("{thing_id}")
    @example("...")
    @example("\x80")
    @example("\ud800")
    def test_an_id_is_refused_or_one_segment_that_reads_back_equal(self, value: str) -> None:
        try:
            path = wire.path_of(READ, {"thing_id": value})
        except ValueError:
            return
        assert path.isascii()
        assert urlsplit(f"https://host/v1{path}").path == f"/v1{path}"
        _, things, segment = path.split("/")
        assert (things, unquote(segment)) == ("things", value)
        assert segment not in {".", ".."}

    def test_ids_do_not_meet(self) -> None:
        both = Operation(name="x", method="GET", path="/{a}/x/{b}", response_type=dict, effect=Effect.SAFE)
        assert wire.path_of(both, {"a": "{b}", "b": "{a}"}) == "/%7Bb%7D/x/%7Ba%7D"

    @pytest.mark.parametrize(
        ("value", "kind", "words"),
        [
            ("", ValueError, "thing_id is empty"),
            ("  ", ValueError, "thing_id is empty"),
            (".", ValueError, "no id: '.'"),
            ("..", ValueError, "no id: '..'"),
            ("a\nb", ValueError, "control character"),
            ("\0", ValueError, "control character"),
            ("a\x7f", ValueError, "control character"),
            ("\udcff", ValueError, "surrogate"),
            (None, TypeError, "thing_id is a str, not NoneType"),
            (7, TypeError, "thing_id is a str, not int"),
            (b"a", TypeError, "thing_id is a str, not bytes"),
        ],
    )
    def test_what_is_no_id_is_refused(self, value: object, kind: type[Exception], words: str) -> None:
        with pytest.raises(kind, match=words):
            wire.path_of(READ, {"thing_id": value})

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_a_cursor_reads_back_equal(self, cursor: str) -> None:
        request = Request(READ, "https://host/v1/things?page_size=5", {}, None, None).at(cursor)
        _, value = urlsplit(request.url).query.split("&cursor=")
        assert unquote(value) == cursor
        assert urlsplit(request.url).query.startswith("page_size=5&")


class TestKey:
    @pytest.mark.parametrize("key", [None, "", " ", "\n"])
    def test_none_or_a_blank_one_names_the_two_ways_to_give_it(self, key: str | None) -> None:
        with pytest.raises(ValueError, match=r"api_key.*KOMBO_API_KEY"):
            wire.checked_key(Hidden(key))

    @pytest.mark.parametrize(
        "key", ["ks_prod_a\n", "ks prod", "ks_\x00", "ks_prod_ü", "\ufeffks_prod", "ks\r\nX-Evil: 1"]
    )
    def test_one_that_cannot_stand_in_a_header_is_refused_and_not_shown(self, key: str) -> None:
        with pytest.raises(ValueError, match=r"api_key.*KOMBO_API_KEY") as raised:
            wire.checked_key(Hidden(key))
        assert key.split(maxsplit=1)[0] not in str(raised.value)

    def test_another_type_is_refused(self) -> None:
        with pytest.raises(TypeError, match="not bytes"):
            wire.checked_key(Hidden(b"ks_prod_a"))  # type: ignore[arg-type]

    def test_a_good_one_stays_as_it_is(self) -> None:
        assert wire.checked_key(Hidden("ks_prod_aB3-_.~+/=")).value == "ks_prod_aB3-_.~+/="


def http_date(**ahead: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(**ahead), usegmt=True)


class TestRetryAfter:
    @pytest.mark.parametrize(
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
            # Only for the code that it is about: every answer of Kombo's carries it.
            ({RESET: "9"}, RATE, 9),
            ({RESET: "9"}, "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", None),
            ({RESET: "9"}, "PLATFORM.UNKNOWN_ERROR", None),
            ({RESET: "9"}, None, None),
            ({RESET: "0.25"}, RATE, 0.25),
            ({RESET: "-3"}, RATE, 0),
            ({RESET: "nan"}, RATE, None),
            ({RESET: http_date(hours=1)}, RATE, None),
            # Both: what is meant for this request wins, where it makes sense.
            ({"Retry-After": "2", RESET: "9"}, RATE, 2),
            ({"Retry-After": "20", RESET: "9"}, RATE, 20),
            ({"Retry-After": "nan", RESET: "9"}, RATE, 9),
            ({"Retry-After": "garbage", RESET: "9"}, RATE, 9),
            ({"Retry-After": "garbage", RESET: "garbage"}, RATE, None),
            # A date is compared with the server's own clock, where the answer tells it.
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 30),
            ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT", "Date": "garbage"}, None, 0),
            # The time of the reset, instead of the seconds until then.
            ({RESET: "1445412510", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, RATE, 30),
            ({RESET: "1445412510500", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, RATE, 30.5),
            ({"Retry-After": "1445412510", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, None, 30),
        ],
    )
    def test_seconds(self, headers: dict[str, str], code: str | None, seconds: float | None) -> None:
        assert wire.retry_after(CIMultiDict(headers), code) == seconds

    def test_a_date_to_come_is_as_far_as_it_is(self) -> None:
        wait = wire.retry_after(CIMultiDict({"Retry-After": http_date(hours=1)}), None)
        assert wait is not None
        # The clock may only have gone on; by how much is not ours to say.
        assert 0 < wait <= 3600

    def test_a_date_in_another_zone_is_a_moment_too(self) -> None:
        later = datetime.now(UTC) + timedelta(hours=30)
        told = format_datetime(later).replace("+0000", "-0100")
        wait = wire.retry_after(CIMultiDict({"Retry-After": told}), None)
        assert wait is not None
        assert 30 * 3600 < wait <= 31 * 3600

    @given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,12} \d\d:\d\d:\d\d [+-]?\w{1,6}"))
    def test_whatever_stands_there_is_a_wait_or_nothing(self, text: str) -> None:
        for name in ("Retry-After", RESET):
            wait = wire.retry_after(CIMultiDict({name: text}), RATE)
            assert wait is None or 0 <= wait < float("inf")


HTML = b"<html><body><h1>502 Bad Gateway</h1>Jane Doe</body></html>"

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["error", "code", "message", "status", "x"]), inner)
    ),
)


class TestErrorBodies:
    def test_kombos_own(self) -> None:
        body = {
            "status": "error",
            "error": {"code": RATE, "title": "Limit", "message": "Too many.", "log_url": "https://log"},
        }
        error = wire.error_from(answer(body, 429, {"ratelimit-reset": "4", "Content-Type": "text/html"}))

        assert type(error) is errors.RateLimitExceededError
        assert (error.code, error.title, error.message, error.log_url) == (RATE, "Limit", "Too many.", "https://log")
        assert (error.status, error.retry_after) == (429, 4.0)

    @pytest.mark.parametrize(
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
            # One odd part does not take the others away.
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
            (b"", APIError, None, "an empty answer"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("status", [400, 503])
    def test_any_body(self, body: object, kind: type[APIError], code: str | None, message: str, status: int) -> None:
        error = wire.error_from(answer(body, status, {"Content-Type": "text/html; charset=utf-8"}))

        assert type(error) is kind
        assert (error.code, error.status) == (code, status)
        assert re.search(message, error.message)
        assert "Jane Doe" not in str(error)

    @given(st.binary() | ANY_JSON)
    def test_nothing_breaks_it(self, body: Any) -> None:
        error = wire.error_from(answer(body, 500))
        assert isinstance(error, APIError)
        assert error.message
        assert error.code is None or isinstance(error.code, str)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect(self, status: int) -> None:
        error = raised_by(READ, answer(b"", status, {"Location": "https://evil.example/?key=SECRET"}))
        assert type(error) is APIError
        assert str(error) == f"HTTP {status}: a redirect, which is never followed; check base_url"

    def test_an_answer_of_no_type(self) -> None:
        assert "3 bytes of an unnamed type" in str(wire.error_from(answer(b"abc", 500)))

    @pytest.mark.parametrize("status", [200, 201, 299])
    def test_a_success_that_says_it_is_an_error(self, status: int) -> None:
        error = raised_by(READ, told("INTEGRATION.INACTIVE", status))
        assert type(error) is errors.IntegrationInactiveError
        assert (error.status, error.message) == (status, "No.")


class TestOutcome:
    def test_a_success_is_read(self) -> None:
        assert wire.outcome(ACTION, answer({"data": 1}, 201), lambda got: json.loads(got.body)["data"]) == 1

    def test_an_unreadable_success_names_the_operation_and_the_place(self) -> None:
        body = {"data": {"results": [{"id": None}], "next": "c2"}}
        with pytest.raises(DecodeError) as raised:
            wire.outcome(READ, answer(body, 200), lambda got: pages.decode_page(got.body, dict[str, str]))
        assert raised.value.next_cursor == "c2"
        assert not raised.value.may_have_run
        assert str(raised.value).startswith("get_thing: Kombo's answer does not have the documented shape: ")
        assert "$.data.results[0]" in str(raised.value)

    @pytest.mark.parametrize(
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
        ],
    )
    def test_whether_it_may_have_run(self, code: str | None, status: int, after_a_change: bool) -> None:
        assert raised_by(ACTION, told(code, status)).may_have_run is after_a_change
        assert raised_by(SETTING, told(code, status)).may_have_run is after_a_change
        assert raised_by(READ, told(code, status)).may_have_run is False

    @pytest.mark.parametrize(("operation", "ran"), [(READ, False), (SETTING, True), (ACTION, True)])
    def test_an_unreadable_success_may_have_run(self, operation: Operation, ran: bool) -> None:
        with pytest.raises(DecodeError) as raised:
            wire.outcome(operation, answer(b"<html>", 200), lambda got: codec.decode_value(got.body, dict[str, Any]))
        assert raised.value.may_have_run is ran

    @pytest.mark.parametrize(
        ("error", "unclear"),
        [
            (APIError(code="PLATFORM.UNKNOWN_ERROR", status=400), True),
            (APIError(status=500), True),
            (APIError(status=499), False),
            (APIError(code="PLATFORM.TASK_TIMED_OUT", status=504), False),
            (APIError(code="X.NEW", status=500), False),
            (KomboConnectionError(may_have_run=True), True),
            (KomboConnectionError(), False),
            (KomboTimeoutError(may_have_run=True), True),
            (KomboTimeoutError(), False),
            (DecodeError(may_have_run=True), False),
        ],
    )
    def test_what_is_unclear(self, error: errors.KomboError, unclear: bool) -> None:
        assert wire.is_unclear(error) is unclear

    def test_an_unknown_outcome_keeps_what_kombo_said(self) -> None:
        error = wire.outcome_unknown(
            ACTION, APIError("Oops.", code="PLATFORM.UNKNOWN_ERROR", status=500, log_url="https://l")
        )
        assert (error.code, error.status, error.log_url) == ("PLATFORM.UNKNOWN_ERROR", 500, "https://l")
        assert str(error) == "do_thing may have been carried out; look before you repeat it: Oops. https://l"

    def test_an_unknown_outcome_after_a_lost_connection_has_no_code(self) -> None:
        error = wire.outcome_unknown(ACTION, KomboConnectionError("lost"))
        assert (error.code, error.status, error.log_url) == (None, None, None)
        assert "lost" in str(error)

    def test_an_error_is_told_its_place(self) -> None:
        request = Request(ACTION, "https://host/v1/things", {}, None, "personio:8d1h")
        error = wire.place(APIError("No.", status=500), request, 3, may_have_run=True)
        assert (error.method, error.path, error.integration_id) == ("POST", "/things", "personio:8d1h")
        assert (error.attempts, error.may_have_run) == (3, True)


class TestFreeOperation:
    @pytest.mark.parametrize(
        ("method", "effect", "slot"),
        [
            ("GET", Effect.SAFE, False),
            ("POST", Effect.NON_IDEMPOTENT, True),
            ("PUT", Effect.NON_IDEMPOTENT, True),
            ("PATCH", Effect.NON_IDEMPOTENT, True),
            ("DELETE", Effect.NON_IDEMPOTENT, True),
        ],
    )
    def test_whatever_is_no_get_is_taken_for_an_action(self, method: str, effect: Effect, slot: bool) -> None:
        operation = wire.free_operation(method, "/x", integration=True, answer=dict)
        assert (operation.effect, operation.action, operation.integration) == (effect, slot, True)
        without = wire.free_operation(method, "/x", integration=False, answer=dict)
        assert (without.effect, without.action, without.integration) == (effect, False, False)

    @pytest.mark.parametrize(
        ("path", "sent"),
        [
            ("/hris/employees", "/hris/employees"),
            ("/integrations/personio:8d1h", "/integrations/personio:8d1h"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a b/ü", "/a%20b/%C3%BC"),
            ("/x/", "/x/"),
            ("/{placeholder}", "/%7Bplaceholder%7D"),
        ],
    )
    def test_a_path_is_left_as_it_is_quoted(self, path: str, sent: str) -> None:
        operation = wire.free_operation("GET", path, integration=False, answer=dict)
        assert wire.path_of(operation, {}) == sent

    @pytest.mark.parametrize("method", ["get", "HEAD", "OPTIONS", "", "GET\r\n", None])
    def test_a_method_that_is_none(self, method: Any) -> None:
        with pytest.raises(ValueError, match="method is one of GET, POST, PUT, PATCH, DELETE"):
            wire.free_operation(method, "/x", integration=False, answer=dict)

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "x",
            "https://evil.example/x",
            "//evil.example/x",
            "/x?a=1",
            "/x#y",
            "/a/../b",
            "/./b",
            "/..",
            "/x\n",
            "/\udcff",
        ],
    )
    def test_a_path_that_is_none(self, path: str) -> None:
        with pytest.raises(ValueError, match="path"):
            wire.free_operation("GET", path, integration=False, answer=dict)

    def test_a_path_of_another_type(self) -> None:
        with pytest.raises(TypeError, match="path is a str, not NoneType"):
            wire.free_operation("GET", None, integration=False, answer=dict)  # type: ignore[arg-type]
