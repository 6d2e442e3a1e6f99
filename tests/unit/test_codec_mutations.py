"""Whatever becomes of an answer on its way: it means the same as before, or it is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kombo_async.engine import codec, pages
from kombo_async.engine.codec import ErrorEnvelope
from kombo_async.engine.rows import Undecodable
from kombo_async.models.hris import Employee

from ..support.for_each import for_each
from ..support.response_bodies import employee, field, means, page_of


def page(body: bytes) -> tuple[tuple[Employee, ...], str | None] | Undecodable | ErrorEnvelope:
    """What a page of employees is read as. Any other exception goes through."""
    try:
        decoded = pages.decode_page(body, Employee)
    except (Undecodable, ErrorEnvelope) as error:
        return error
    return decoded.results, decoded.next_cursor


def paths(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The way to every value in a tree."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(found for key, child in children for found in paths(child, (*path, key)))]


ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(
        ["", "true", "false", "null", "17", "-1.5", "2026-01-31", "2026-01-31T08:15:00", "MALE", "ACTIVE"]
    )
    | st.sampled_from([[], {}, [None], [[]], [{}], {"": None}, {"id": "x"}, [{"id": "x"}], 10**400, 2**63, 1e300])
)
MISSING = object()


def mutated(tree: Any, path: tuple[str | int, ...], value: object) -> Any:
    """A copy of the tree with another value at one place, or none at all."""
    if not path:
        return value
    copied = tree.copy()
    if len(path) == 1 and value is MISSING:
        del copied[path[0]]
    else:
        copied[path[0]] = mutated(tree[path[0]], path[1:], value)
    return copied


class TestMutations:
    PLACES = paths(employee())[1:]

    @given(st.lists(st.tuples(st.sampled_from(PLACES), ODD | st.just(MISSING)), min_size=1, max_size=3))
    @example([(("gender",), 5)])
    @example([(("remote_id",), 5), (("gender",), "NEW")])
    @example([(("employments", 0, "integration_fields"), "abc")])
    @example([(("employments", 0, "pay_rate"), "")])
    @example([(("date_of_birth",), "")])
    def test_mutated_record_keeps_its_meaning_or_is_refused(
        self, changes: list[tuple[tuple[str | int, ...], Any]]
    ) -> None:
        raw = employee()
        for path, value in changes:
            try:
                raw = mutated(raw, path, value)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue  # an earlier change took the place away
        body = page_of(raw, next="c2")
        got = page(body)
        if isinstance(got, tuple):
            (result,), next_cursor = got
            assert next_cursor == "c2"
            assert means(json.loads(body)["data"]["results"][0], result, Employee)
        else:
            assert isinstance(got, Undecodable)
            assert "$.data.results[0]" in got.problems
            assert got.next_cursor == "c2"

    @given(st.sampled_from(PLACES), st.text("MARKED", min_size=1).map("SECRET".__add__), st.data())
    def test_error_contains_no_value_and_no_key(
        self, path: tuple[str | int, ...], mark: str, data: st.DataObject
    ) -> None:
        odd = data.draw(st.sampled_from([mark, [mark], {mark: mark}, {"id": {mark: mark}}, [{"id": [mark]}], [[mark]]]))
        got = page(page_of(mutated(employee(), path, odd)))
        if not isinstance(got, tuple):
            assert "SECRET" not in str(got) + repr(got)

    @for_each("path", PLACES)
    def test_unknown_key_is_ignored_at_any_depth(self, path: tuple[str | int, ...]) -> None:
        plain = page(page_of(employee()))
        here: Any = employee()
        for key in path:
            here = here[key]
        if isinstance(here, dict) and not {"custom_fields", "value"} & set(path):
            assert page(page_of(mutated(employee(), path, here | {"x_new": {"y": [1]}}))) == plain
        else:
            assert page(page_of(employee(x_new=here))) == plain


WHOLE = page_of(employee(), field(0, type=None), employee(remote_id=5), next="c2")


class TestCorruptedBytes:
    def test_truncated_body_is_refused(self) -> None:
        assert isinstance(page(WHOLE), tuple)
        for end in range(len(WHOLE)):
            assert isinstance(page(WHOLE[:end]), Undecodable)
            with pytest.raises(Undecodable):
                codec.decode_value(WHOLE[:end], dict[str, Any])

    @given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
    def test_changed_byte_loses_no_record_silently(self, place: int, byte: int) -> None:
        body = bytearray(WHOLE)
        body[place] = byte
        got = page(bytes(body))
        # Inside a text one letter is as good as another, and nobody can tell.
        assert isinstance(got, Undecodable) or len(got[0]) == 3

    @given(st.binary())
    def test_random_bytes_are_refused(self, body: bytes) -> None:
        assert isinstance(page(body), Undecodable)

    @pytest.mark.parametrize("text", [b'"\xff"', b'"\xc3"', b'"\xed\xa0\x80"', b'"\\ud800"', b'"\\x"', b'"a\nb"'])
    def test_invalid_text_is_refused(self, text: bytes) -> None:
        row = b'{"id":"a","ssn":"SECRET","first_name":' + text + b"}"
        refused = page(b'{"data":{"results":[' + row + b"]}}")
        assert isinstance(refused, Undecodable)
        assert "SECRET" not in refused.problems

    @pytest.mark.parametrize("opening", [b'{"a":', b"["])
    @pytest.mark.parametrize("place", ["record", "page", "error"])
    def test_deep_nesting_is_refused(self, opening: bytes, place: str) -> None:
        closing = b"}" if opening.startswith(b"{") else b"]"
        deep = opening * 10_000 + b"1" + closing * 10_000
        if place == "record":
            assert isinstance(page(b'{"data":{"results":[{"id":"a","remote_data":{"x":' + deep + b"}}]}}"), Undecodable)
        elif place == "page":
            assert isinstance(page(deep), Undecodable)
        else:
            assert codec.decode_error(deep) == codec.ErrorBody()

    @pytest.mark.parametrize("digits", [19, 20, 40, 309, 400, 5000])
    def test_huge_number_is_decoded_or_refused(self, digits: int) -> None:
        number = b"9" * digits
        row = b'{"id":"a","weekly_hours":' + number + b"}"
        got = page(b'{"data":{"results":[' + row + b"]}}")
        if digits > 308:  # beyond what a float can hold
            assert isinstance(got, Undecodable)
            assert "999" not in got.problems
        else:
            assert isinstance(got, tuple)
            assert got[0][0].weekly_hours == float(number)
