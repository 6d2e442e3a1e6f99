"""One row that cannot be decoded: its neighbours, its bytes and the next cursor are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kombo_async.engine import codec, pages
from kombo_async.engine.pages import DecodedPage
from kombo_async.engine.rows import RawRecord, Undecodable
from kombo_async.models.hris import Employee

from ..support.response_bodies import employee, page_of

# By what is wrong with them. What is `raw_too` is no valid JSON, and so unreadable without a model as well.
ODD_ROWS: dict[str, tuple[bytes, bool]] = {
    "lone surrogate": (rb'{"id":"b","first_name":"Zo\ud83d"}', True),
    "invalid escape": (rb'{"id":"b","first_name":"\x"}', True),
    "deep nesting": (b'{"id":"b","remote_data":{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}}", True),
    "deep nesting under an unknown key": (b'{"id":"b","new":' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}", True),
    "NaN": (b'{"id":"b","custom_fields":{"x":NaN}}', True),
    "Infinity": (b'{"id":"b","weekly_hours":-Infinity}', True),
    "number out of range": (b'{"id":"b","custom_fields":{"x":1e999}}', False),
    "5,000 digits": (b'{"id":"b","custom_fields":{"x":' + b"9" * 5000 + b"}}", False),
    "raw control character": (b'{"id":"b","first_name":"a\x01"}', True),
    "byte of Latin-1": (b'{"id":"b","first_name":"J\xf6rg"}', True),
    "object for a text": (b'{"id":"b","first_name":{}}', False),
    "trailing comma": (b'{"id":"b",}', True),
    "two values": (b'{"id":"b"} {}', True),
    "closing brackets in excess": (b'{"id":"b"}}}', True),
}


def page(row: bytes, first_name: str = '"}],') -> bytes:
    rows = [json.dumps(employee(id="a")).encode(), row, json.dumps(employee(id="c", first_name=first_name)).encode()]
    return b'{"status":"success","data":{"results":[' + b" , ".join(rows) + b'],"next":"n2"}}\n'


@pytest.mark.parametrize("name", ODD_ROWS)
class TestOddRow:
    def test_odd_row_is_kept_without_loss_of_the_others(self, name: str) -> None:
        row, _ = ODD_ROWS[name]
        decoded = pages.decode_page(page(row), Employee, keep=True)

        assert [record.id for record in decoded.results] == ["a", "c"]
        assert decoded.next_cursor == "n2"
        (unreadable,) = decoded.unreadable
        assert (unreadable.id, unreadable.raw) == ("b", row)
        assert len(unreadable.problems) == 1
        assert "$.data.results[1]" in unreadable.problems[0]
        if name in {"number out of range", "5,000 digits"}:
            assert unreadable.problems == ("number out of range in $.data.results[1]",)

    def test_odd_row_is_refused_with_its_id_and_the_next_cursor(self, name: str) -> None:
        row, _ = ODD_ROWS[name]
        with pytest.raises(Undecodable, match=r"\$\.data\.results\[1\].* \(id b\)$") as raised:
            pages.decode_page(page(row), Employee)
        assert raised.value.next_cursor == "n2"

    def test_raw_record_needs_only_valid_json(self, name: str) -> None:
        row, is_malformed = ODD_ROWS[name]
        decoded = pages.decode_raw_page(page(row), keep=True)

        assert decoded.next_cursor == "n2"
        assert [record.id for record in decoded.results] == (["a", "c"] if is_malformed else ["a", "b", "c"])
        assert [(each.id, each.raw) for each in decoded.unreadable] == ([("b", row)] if is_malformed else [])


def test_error_of_a_list_without_cursor_names_the_odd_record() -> None:
    body = b'{"data":{"tools":[{"id":"a"},{"id":"b","first_name":"\\ud83d"}]},"warnings":[]}'
    with pytest.raises(Undecodable, match=r"^not valid JSON in \$\.data\.tools\[1\] \(id b\)$"):
        pages.decode_list(body, Employee, "tools")


class TestIdOfUnreadableRow:
    @pytest.mark.parametrize(
        ("row", "identifier"),
        [
            (b'{"x":NaN,"id":"b"}', "b"),
            (b'{"x":{"id":"inner"},"y":NaN,"id":5}', "5"),
            (b'{"x":NaN}', None),
            (b'{"id":NaN}', None),
            (b'{"id":true,"x":NaN}', None),
            (b'{"id":"\\ud800"}', None),
            (b"[NaN]", None),
            (b"NaN", None),
            (b"", None),
        ],
    )
    def test_id_is_found_at_the_top_level_of_an_unreadable_row(self, row: bytes, identifier: str | None) -> None:
        (unreadable,) = pages.decode_page(page(row), Employee, keep=True).unreadable
        assert (unreadable.id, unreadable.raw) == (identifier, row)

    @pytest.mark.parametrize("identifier", ["a\\nb", "x" * 65, "two words"])
    def test_id_is_shown_only_if_it_looks_like_an_id(self, identifier: str) -> None:
        with pytest.raises(Undecodable, match=r"results\[1\]$"):
            pages.decode_page(page(b'{"x":NaN,"id":"' + identifier.encode() + b'"}'), Employee)


def junk() -> st.SearchStrategy[bytes]:
    """Bytes in which strings end and brackets match."""
    pieces = st.binary(max_size=8).map(lambda raw: raw.translate(None, b'"{}[],'))
    texts = st.binary(max_size=8).map(lambda raw: b'"' + raw.translate(None, b'"\\') + b'"')
    leaves = pieces | texts | st.sampled_from([b"NaN", b"<html>", b"undefined", b'"\\ud800"', b'"\\""'])

    def nested(inner: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
        joined = st.lists(inner, max_size=3).map(b",".join)
        return joined.map(lambda raw: b"{" + raw + b"}") | joined.map(lambda raw: b"[" + raw + b"]")

    return st.recursive(leaves, nested, max_leaves=8)


@given(st.integers(0, 4), st.integers(0, 4), junk())
@example(0, 0, b"")
@example(1, 1, b'{"id":"b","x":"\\\\"}')
def test_other_rows_and_cursor_survive_any_bytes_in_a_row(before: int, after: int, row: bytes) -> None:
    rows = [json.dumps(employee(id=str(number))).encode() for number in range(before + after)]
    body = b'{"data":{"results":[' + b",".join([*rows[:before], row, *rows[before:]]) + b'],"next":"n2"}}'
    for decoded in (pages.decode_page(body, Employee, keep=True), pages.decode_raw_page(body, keep=True)):
        ids = [record.id for record in decoded.results]
        assert ids[:before] + ids[len(ids) - after :] == [str(number) for number in range(before + after)]
        assert decoded.next_cursor == "n2"
        assert len(ids) + len(decoded.unreadable) == len(rows) + (1 if row.strip() or rows else 0)


class TestMismatchedBracketsOrQuotes:
    @pytest.mark.parametrize(
        "row", [b'{"id":"b', b'{"id":"b","tags":[1', b"]", b'"', b"{", b"[[", b'{"id":"b","x":{"y":1]}']
    )
    def test_rows_after_a_mismatched_bracket_are_kept_as_one(self, row: bytes) -> None:
        body = page(row, "Jo")
        decoded = pages.decode_page(body, Employee, keep=True)

        assert [record.id for record in decoded.results] == ["a"]
        assert decoded.next_cursor == "n2"
        rest = decoded.unreadable[-1]
        assert rest.raw.startswith(row)
        assert rest.raw.endswith(json.dumps(employee(id="c", first_name="Jo")).encode())
        with pytest.raises(Undecodable) as raised:
            pages.decode_page(body, Employee)
        assert raised.value.next_cursor == "n2"

    @pytest.mark.parametrize("end", [b"", b"]", b"]}", b"]}}", b'],"next":"n2"', b'],"next":"n2"}'])
    def test_truncated_body_is_refused_even_if_unreadable_records_are_kept(self, end: bytes) -> None:
        body = page(b'{"id":"b', "Jo")
        body = body[: body.rindex(b"]")] + end
        with pytest.raises(Undecodable):
            pages.decode_page(body, Employee, keep=True)

    def test_scan_of_a_hostile_page_is_bounded(self) -> None:
        body = page(b"[[[[1]],[]]," * 2_000_000)
        decoded = pages.decode_page(body, Employee, keep=True)
        assert decoded.next_cursor == "n2"
        assert sum(len(each.raw) for each in decoded.unreadable) > 20_000_000


class TestOddEnvelope:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"data":{"results":null,"next":"n2"}}',
            b'{"data":{"next":"n2"}}',
            b'{"data":[],"next_cursor":"n2"}',
            b'{"data":{"results":[],"next":5,"next_cursor":"n2"}}',
            b'{"data":{"results":[],"next":"n2"},"status":[]}',
            b'{"data":{"results":[],"next":"n2","total":NaN}}',
            b'{"data":{"results":[{"id":"a"}],"next":"n2"',
            b'{"data":{"next":"n2","results":[{"id":"a"',
            b'{"data":{"results":<html>,"next" : "n2"}}',
            b'{"data":{"next":null,"results":[NaN]},"next_cursor":"n2"',
        ],
    )
    @pytest.mark.parametrize("keep", [False, True])
    def test_cursor_is_found_anywhere_in_an_odd_envelope(self, body: bytes, keep: bool) -> None:
        for decode in (lambda: pages.decode_page(body, Employee, keep=keep), lambda: pages.decode_raw_page(body)):
            with pytest.raises(Undecodable) as raised:
                decode()
            assert raised.value.next_cursor == "n2"

    def test_cursor_outside_data_is_read(self) -> None:
        body = b'{"next_cursor":"n3","data":{"next_cursor":"n2","next":null,"results":[NaN , {"id":"a"}]},"x":[{}]}'
        decoded = pages.decode_page(body, Employee, keep=True)
        assert ([record.id for record in decoded.results], decoded.next_cursor) == (["a"], "n2")


def test_error_response_with_odd_rows_is_an_error() -> None:
    with pytest.raises(codec.ErrorEnvelope):
        pages.decode_page(b'{"status":"error","data":{"results":[NaN],"next":null}}', Employee, keep=True)
    with pytest.raises(codec.ErrorEnvelope):
        pages.decode_page(b'{"data":{"results":[NaN],"next":null},"status":"error"}', Employee, keep=True)


class TestRawRecords:
    def test_raw_record_has_the_bytes_that_arrived(self) -> None:
        rows = [b'{"zz":1, "id":"a" ,"first_name":{}}', b'{"id":"b","new":[1.50,"\\u00f6"],"id":"c"}']
        body = b'{"data":{"results":[' + b" ,\n".join(rows) + b'],"next":"n2"}}'
        decoded = pages.decode_raw_page(body)
        assert [bytes(record.raw) for record in decoded.results] == rows
        assert [record.id for record in decoded.results] == ["a", "c"]

    def test_encoding_of_a_page_is_checked_in_portions_and_across_them(self) -> None:
        # Two of the three bytes of a character are before the end of a portion, or none is, or one.
        for name in ("€" * 20_000, "x" + "€" * 20_000, "xx" + "€" * 20_000):
            row = f'{{"id":"b","first_name":"{name}"}}'.encode()
            assert [record.id for record in pages.decode_raw_page(page(row)).results] == ["a", "b", "c"]
            cut = row.replace("€".encode(), b"\xe2\x82", 1)
            decoded = pages.decode_raw_page(page(cut), keep=True)
            assert [record.id for record in decoded.results] == ["a", "c"]
            assert [each.raw for each in decoded.unreadable] == [cut]

    @pytest.mark.parametrize(
        ("row", "record"),
        [
            ({"id": "a"}, RawRecord(id="a")),
            ({"id": 5, "remote_id": 32}, RawRecord(id="5", remote_id="32")),
            ({"id": "a", "remote_id": {}, "x": 10**400}, None),
            ({"id": "a", "changed_at": "2026-01-31"}, RawRecord(id="a", changed_at=datetime(2026, 1, 31, tzinfo=UTC))),
            ({"id": "a", "changed_at": "yesterday"}, RawRecord(id="a")),
            ({"id": "a", "changed_at": 5, "x": 10**400}, RawRecord(id="a")),
            (
                {"id": "a", "remote_deleted_at": "2026-01-31T08:15:00"},
                RawRecord(id="a", remote_deleted_at=datetime(2026, 1, 31, 8, 15, tzinfo=UTC)),
            ),
            ({"id": "a", "remote_deleted_at": "yesterday"}, None),
            ({"id": ""}, None),
            ({"id": None}, None),
            ({}, None),
            ([], None),
            (None, None),
        ],
    )
    def test_key_values_of_raw_records_are_converted_as_in_models(self, row: Any, record: RawRecord | None) -> None:
        decoded: DecodedPage[RawRecord] = pages.decode_raw_page(page_of(row), keep=True)
        assert len(decoded.unreadable) == (record is None)
        for got in decoded.results:
            assert record is not None
            names = ("id", "remote_id", "changed_at", "remote_deleted_at")
            assert [getattr(got, name) for name in names] == [getattr(record, name) for name in names]
            assert json.loads(bytes(got.raw)) == row
