"""What is sent, without a network: paths, ids, the key, and operations for any endpoint."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kombo_async.config import RetryPolicy, Timeouts
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.options import CallOptions
from kombo_async.engine.request import Request, adhoc_operation, build_request, fill_path, validate_api_key
from kombo_async.redaction import Hidden

from ..support.for_each import for_each

READ = Operation(name="get_thing", method="GET", path="/things/{thing_id}", response_type=dict, effect=Effect.SAFE)


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
    def test_id_is_refused_or_becomes_one_path_segment(self, value: str) -> None:
        try:
            path = fill_path(READ.path, {"thing_id": value})
        except ValueError:
            return
        assert path.isascii()
        assert urlsplit(f"https://host/v1{path}").path == f"/v1{path}"
        _, things, segment = path.split("/")
        assert (things, unquote(segment)) == ("things", value)
        assert segment not in {".", ".."}

    def test_placeholder_in_an_id_is_not_replaced(self) -> None:
        both = Operation(name="x", method="GET", path="/{a}/x/{b}", response_type=dict, effect=Effect.SAFE)
        assert fill_path(both.path, {"a": "{b}", "b": "{a}"}) == "/%7Bb%7D/x/%7Ba%7D"

    @for_each(
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
    def test_invalid_id_is_refused(self, value: object, kind: type[Exception], words: str) -> None:
        with pytest.raises(kind, match=words):
            fill_path(READ.path, {"thing_id": value})

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_cursor_is_quoted_into_the_query(self, cursor: str) -> None:
        request = Request(READ, "https://host/v1/things?page_size=5", {}, None, None).at(cursor)
        _, value = urlsplit(request.url).query.split("&cursor=")
        assert unquote(value) == cursor
        assert urlsplit(request.url).query.startswith("page_size=5&")


class TestAPIKey:
    @pytest.mark.parametrize("key", [None, "", " ", "\n"])
    def test_missing_or_blank_key_is_refused_with_the_ways_to_pass_one(self, key: str | None) -> None:
        with pytest.raises(ValueError, match=r"api_key.*KOMBO_API_KEY"):
            validate_api_key(Hidden(key))

    @pytest.mark.parametrize(
        "key", ["ks_prod_a\n", "ks prod", "ks_\x00", "ks_prod_ü", "\ufeffks_prod", "ks\r\nX-Evil: 1"]
    )
    def test_key_that_no_header_can_carry_is_refused_without_showing_it(self, key: str) -> None:
        with pytest.raises(ValueError, match=r"api_key.*KOMBO_API_KEY") as raised:
            validate_api_key(Hidden(key))
        assert key.split(maxsplit=1)[0] not in str(raised.value)

    def test_key_of_another_type_is_refused(self) -> None:
        with pytest.raises(TypeError, match="not bytes"):
            validate_api_key(Hidden(b"ks_prod_a"))  # type: ignore[arg-type]

    def test_valid_key_is_returned_unchanged(self) -> None:
        assert validate_api_key(Hidden("ks_prod_aB3-_.~+/=")).value == "ks_prod_aB3-_.~+/="


def options(integration_id: str | None) -> CallOptions:
    return CallOptions(
        base_url="https://host/v1", integration_id=integration_id, retry=RetryPolicy(), timeouts=Timeouts()
    )


class TestIntegration:
    IN_HEADER = Operation(
        name="get_x", method="GET", path="/x", response_type=dict, effect=Effect.SAFE, integration=True
    )
    IN_PATH = Operation(name="get_y", method="GET", path="/y/{integration_id}", response_type=dict, effect=Effect.SAFE)
    WITHOUT = Operation(name="get_z", method="GET", path="/z", response_type=dict, effect=Effect.SAFE)

    @pytest.mark.parametrize(
        ("operation", "expected"),
        [
            (IN_HEADER, ("https://host/v1/x", {"X-Integration-Id": "a:1"}, "a:1")),
            (IN_PATH, ("https://host/v1/y/a:1", {}, "a:1")),
            (WITHOUT, ("https://host/v1/z", {}, None)),
        ],
    )
    @for_each(("named", "default"), [("a:1", None), ("a:1", "b:2"), (None, "a:1")])
    def test_integration_of_the_call_or_else_of_the_client_is_sent(
        self, operation: Operation, expected: tuple[object, ...], named: str | None, default: str
    ) -> None:
        request = build_request(operation, options(default), named if expected[-1] else None)
        assert (request.url, request.headers, request.integration_id) == expected

    @pytest.mark.parametrize("operation", [IN_HEADER, IN_PATH])
    @for_each(
        ("named", "words"),
        [(None, "needs an integration: pass integration_id="), ("", "empty"), ("a\n", "control"), ("a ", "a space")],
    )
    def test_missing_or_invalid_integration_is_refused(
        self, operation: Operation, named: str | None, words: str
    ) -> None:
        with pytest.raises(ValueError, match=words):
            build_request(operation, options(None), named)


class TestAdhocOperation:
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
    def test_every_method_but_get_is_taken_for_a_non_idempotent_action(
        self, method: str, effect: Effect, slot: bool
    ) -> None:
        operation = adhoc_operation(method, "/x", integration=True, response_type=dict)
        assert (operation.effect, operation.action, operation.integration) == (effect, slot, True)
        without = adhoc_operation(method, "/x", integration=False, response_type=dict)
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
    def test_path_that_is_quoted_is_not_quoted_again(self, path: str, sent: str) -> None:
        operation = adhoc_operation("GET", path, integration=False, response_type=dict)
        assert operation.path == sent

    @pytest.mark.parametrize("method", ["get", "HEAD", "OPTIONS", "", "GET\r\n", None])
    def test_unknown_method_is_refused(self, method: Any) -> None:
        with pytest.raises(ValueError, match="method is one of GET, POST, PUT, PATCH, DELETE"):
            adhoc_operation(method, "/x", integration=False, response_type=dict)

    @for_each(
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
    def test_invalid_path_is_refused(self, path: str) -> None:
        with pytest.raises(ValueError, match="path"):
            adhoc_operation("GET", path, integration=False, response_type=dict)

    def test_path_of_another_type_is_refused(self) -> None:
        with pytest.raises(TypeError, match="path is a str, not NoneType"):
            adhoc_operation("GET", None, integration=False, response_type=dict)  # type: ignore[arg-type]
