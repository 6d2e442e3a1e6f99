"""Reading answers: straight, a second time, and refusing what has no one meaning."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Literal

import attrs
import msgspec
import pytest

from kombo_async.engine import codec, pages
from kombo_async.engine.codec import ErrorEnvelope
from kombo_async.engine.pages import DecodedPage
from kombo_async.engine.rows import Undecodable
from kombo_async.models.base import NullableList, OpenEnum, Timestamp, null_to_empty
from kombo_async.models.general import IntegrationField, Link, PassthroughResponse, SyncTrigger, SyncType
from kombo_async.models.hris import Employee, EmploymentStatus, Gender, PayPeriod

from ..support.for_each import for_each
from ..support.response_bodies import employee, field, page_of


class Colour(OpenEnum):
    """For the table below."""

    RED = "RED"


@attrs.frozen(kw_only=True)
class Part:
    """Only optional fields."""

    name: str | None = None


@attrs.frozen(kw_only=True)
class Row:
    """One field of every kind that models have."""

    text: str = "-"
    whole: int = 0
    number: float = 0.0
    truth: bool = False
    time: Timestamp | None = None
    day: date | None = None
    hour: time | None = None
    count: int | None = None
    share: float | None = None
    amount: int | float | None = None
    colour: Colour | None = None
    many: tuple[str, ...] = ("-",)
    lists: NullableList[int] = ()
    part: Part | None = None
    parts: tuple[Part, ...] = ()
    free: dict[str, Any] = attrs.field(factory=dict)
    headers: dict[str, str | tuple[str, ...]] = attrs.field(factory=dict)
    anything: Any = None

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "lists")


ON_TIME = datetime(2026, 1, 31, 8, 15, tzinfo=UTC)

TAKEN = [
    # As it should be.
    ("text", "a", "a"),
    ("text", "", ""),
    ("number", 5, 5.0),
    ("whole", 5, 5),
    ("time", "2026-01-31T08:15:00Z", ON_TIME),
    ("colour", "BLUE", Colour("BLUE")),
    ("anything", {"a": [None]}, {"a": [None]}),
    # By the table of the second reading.
    ("text", 17, "17"),
    ("text", -1, "-1"),
    ("text", 0, "0"),
    ("whole", "17", 17),
    ("whole", "-17", -17),
    ("whole", "007", 7),
    ("whole", 7.0, 7),
    ("number", "17", 17.0),
    ("number", "-1.5", -1.5),
    ("number", "+0.25", 0.25),
    ("time", "2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ("time", "2026-01-31T08:15:00", ON_TIME),
    ("time", "2026-01-31 08:15", ON_TIME),
    ("time", "2026-01-31T08:15:00.000", ON_TIME),
    ("time", "2026-01-31T10:15:00+02:00", ON_TIME),
    ("time", "", None),
    ("day", "", None),
    ("hour", "", None),
    ("count", "", None),
    ("count", "7", 7),
    ("share", "", None),
    ("amount", "", None),
    ("amount", 1.5, 1.5),
    ("many", None, ()),
    ("many", ["a", 5], ("a", "5")),
    ("lists", None, ()),
    ("lists", ["5"], (5,)),
    ("parts", None, ()),
    ("parts", [{}, {"name": 5}], (Part(), Part(name="5"))),
    ("part", {"name": 7, "new": True}, Part(name="7")),
    ("headers", {"a": "b", "c": ["d", 5]}, {"a": "b", "c": ("d", "5")}),
]

REFUSED = [
    ("text", None, "text"),
    ("text", True, "text"),
    ("text", 1.5, "text"),
    ("text", ["a"], "text"),
    ("text", {}, "text"),
    ("whole", None, "a whole number"),
    ("whole", 1.5, "a whole number"),
    ("whole", "1.5", "a whole number"),
    ("whole", "", "a whole number"),
    ("whole", " 1", "a whole number"),
    ("whole", "1_000", "a whole number"),
    ("whole", "٣x", "a whole number"),
    ("whole", True, "a whole number"),
    ("number", None, "a number"),
    ("number", True, "a number"),
    ("number", "nan", "a number"),
    ("number", "inf", "a number"),
    ("number", "1e5", "a number"),
    ("number", "1,5", "a number"),
    ("number", 10**400, "a number"),
    ("truth", None, "true or false"),
    ("truth", "true", "true or false"),
    ("truth", "false", "true or false"),
    ("truth", 0, "true or false"),
    ("truth", 1, "true or false"),
    ("time", " ", "a time"),
    ("day", " ", "a date"),
    ("count", " ", "a whole number"),
    ("time", "31.01.2026", "a time"),
    ("time", "2026-13-01", "a time"),
    ("time", "2026-02-30T00:00:00Z", "a time"),
    ("time", "20260131", "a time"),
    ("time", "2026-W05-6", "a time"),
    ("time", 1_700_000_000, "a time"),
    ("colour", 5, "text"),
    ("colour", True, "text"),
    ("colour", ["RED"], "text"),
    ("many", "abc", "a list"),
    ("many", {"a": 1}, "a list"),
    ("many", 5, "a list"),
    ("many", [None], "text"),
    ("lists", "12", "a list"),
    ("lists", [1.5], "a whole number"),
    ("part", [], "an object"),
    ("part", "", "an object"),
    ("part", 0, "an object"),
    ("part", False, "an object"),
    ("parts", {}, "a list"),
    ("parts", [[]], "an object"),
    ("parts", [None], "an object"),
    ("free", None, "an object"),
    ("free", [], "an object"),
    ("free", "", "an object"),
    ("headers", {"a": None}, "text"),
    ("headers", {"a": [None]}, "text"),
    ("headers", {"a": {}}, "text"),
]


def read(kind: type[Any], *records: object) -> Any:
    """The only record of a page with these, or all of them."""
    results = pages.decode_page(page_of(*records), kind).results
    return results[0] if len(records) == 1 else results


def refusal(body: bytes, kind: type[Any]) -> Undecodable:
    with pytest.raises(Undecodable) as raised:
        pages.decode_page(body, kind)
    return raised.value


class TestValuesOfOneField:
    @for_each(("name", "raw", "value"), TAKEN)
    def test_value_is_decoded_or_converted(self, name: str, raw: object, value: object) -> None:
        got = getattr(read(Row, {name: raw}), name)
        assert got == value
        assert type(got) is type(value)

    @for_each(("name", "raw", "value"), TAKEN)
    def test_value_is_the_same_in_a_row_with_conversions(self, name: str, raw: object, value: object) -> None:
        # A whole row is read again, and what was right about it stays as it was.
        row = read(Row, {"text": 5, "number": "1", name: raw})
        got = getattr(row, name)
        assert got == value
        assert type(got) is type(value)

    @for_each(("name", "raw", "wanted"), REFUSED)
    def test_value_without_a_conversion_is_refused(self, name: str, raw: object, wanted: str) -> None:
        problems = refusal(page_of({name: raw}), Row).problems
        assert problems.startswith(f"expected {wanted} @ $.data.results[0].{name}")

    @pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-3, minutes=-30))])
    def test_datetime_keeps_its_zone(self, zone: timezone) -> None:
        moment = datetime(2026, 1, 31, 8, 15, 0, 123_000, tzinfo=zone)
        for row in ({"time": moment.isoformat()}, {"time": moment.isoformat(), "text": 5}):
            assert read(Row, row).time == moment

    def test_enums_of_a_converted_row_are_enums(self) -> None:
        got = read(Employee, employee(remote_id=32, employment_status="SABBATICAL"))
        assert got.remote_id == "32"
        assert got.gender is Gender.MALE
        assert got.employments[0].pay_period is PayPeriod.YEAR
        assert (got.employment_status, type(got.employment_status)) == ("SABBATICAL", EmploymentStatus)
        assert not got.employment_status.is_known


class TestPages:
    def test_page_is_decoded_strictly(self) -> None:
        body = page_of(field(0), field(1, new_in_2031={"x": 1}), next="c2")
        page = pages.decode_page(body, IntegrationField)
        assert page == DecodedPage((read(IntegrationField, field(0)), read(IntegrationField, field(1))), "c2")

    def test_empty_page_may_have_a_next_cursor(self) -> None:
        assert pages.decode_page(page_of(next="c2"), IntegrationField) == DecodedPage((), "c2")

    def test_rows_with_conversions_keep_their_position(self) -> None:
        rows = [field(number, label=number if number % 7 == 0 else None) for number in range(50)]
        got = read(IntegrationField, *rows)
        assert [row.id for row in got] == [f"f{number}" for number in range(50)]
        assert [row.label for row in got[:8]] == ["0", *[None] * 6, "7"]

    def test_error_names_the_path_of_a_refused_value(self) -> None:
        rows = [field(number) for number in range(2000)]
        rows[1733]["is_passthrough_enabled"] = "MARKED"
        refused = refusal(page_of(*rows, next="after"), IntegrationField)
        assert refused.problems == "expected true or false @ $.data.results[1733].is_passthrough_enabled (id f1733)"
        assert refused.next_cursor == "after"

    def test_error_names_a_missing_field(self) -> None:
        row = field(0)
        del row["is_passthrough_enabled"]
        assert refusal(page_of(row), IntegrationField).problems == (
            "required field missing @ $.data.results[0].is_passthrough_enabled (id f0)"
        )

    def test_error_names_the_paths_of_several_values(self) -> None:
        broken = employee(first_name=True, groups=[{"id": "g"}, {"id": None}], employments=[{"pay_rate": "much"}])
        problems = refusal(page_of(employee(), broken), Employee).problems.split("; ")
        assert sorted(
            problem.partition(" @ ")[2].removesuffix(" (id 26vafvWSRmbhNcxJYqjCzuJg)") for problem in problems
        ) == [
            "$.data.results[1].employments[0].id",
            "$.data.results[1].employments[0].pay_rate",
            "$.data.results[1].first_name",
            "$.data.results[1].groups[1].id",
        ]

    def test_error_counts_further_values(self) -> None:
        problems = refusal(page_of(*[field(number, label=True) for number in range(2000)]), IntegrationField).problems
        assert problems.count("$.data.results[") == 5
        assert problems.endswith("; and 1995 more")

    @pytest.mark.parametrize("row", [None, 5, "abc", [], [field(0)], True])
    def test_row_that_is_not_an_object_is_refused(self, row: object) -> None:
        assert refusal(page_of(field(0), row), IntegrationField).problems == "expected an object @ $.data.results[1]"

    @for_each(
        ("body", "place"),
        [
            ([], "$"),
            ({}, "$"),
            ({"data": None}, "$.data"),
            ({"data": []}, "$.data"),
            ({"data": {}}, "$.data"),
            ({"data": {"results": None}}, "$.data.results"),
            ({"data": {"results": {}}}, "$.data.results"),
            ({"data": {"results": [], "next": 5}}, "$.data.next"),
            ({"data": {"results": []}, "status": 5}, "$.status"),
        ],
    )
    def test_error_names_the_path_of_another_envelope(self, body: object, place: str) -> None:
        assert refusal(json.dumps(body).encode(), IntegrationField).problems == f"unexpected value at {place}"

    @for_each(
        ("inside", "beside", "cursor"),
        [
            ({"next": "a"}, {}, "a"),
            ({"next": "a", "next_cursor": "b"}, {"next_cursor": "c"}, "a"),
            ({"next_cursor": "b"}, {"next_cursor": "c"}, "b"),
            ({"next": None, "next_cursor": "b"}, {}, "b"),
            ({"next": "", "next_cursor": "b"}, {}, "b"),
            ({}, {"next_cursor": "c"}, "c"),
            ({"next": None}, {"next_cursor": "c"}, "c"),
            ({}, {}, None),
            ({"next": None, "next_cursor": None}, {"next_cursor": None}, None),
            ({"next": ""}, {}, None),
            ({"next": " \t"}, {"next_cursor": "\n"}, None),
            ({"next": " a "}, {}, " a "),
        ],
    )
    def test_next_cursor_is_found_at_its_documented_places(
        self, inside: dict[str, Any], beside: dict[str, Any], cursor: str | None
    ) -> None:
        for rows in ([field(0)], [field(0, label=5)], []):
            body = json.dumps({"data": {"results": rows, **inside}, **beside}).encode()
            assert pages.decode_page(body, IntegrationField).next_cursor == cursor
        hopeless = json.dumps({"data": {"results": [None], **inside}, **beside}).encode()
        assert refusal(hopeless, IntegrationField).next_cursor == cursor

    @pytest.mark.parametrize(
        "body",
        [
            b'{"status":"error","error":{"message":"m"}}',
            b'{"status":"error","data":{"results":[]}}',
            b'{"status":"error"}',
            b'{"status":"error","data":{"results":[],"link":"https://link"}}',
        ],
    )
    def test_error_envelope_is_raised_despite_success_status(self, body: bytes) -> None:
        with pytest.raises(ErrorEnvelope):
            pages.decode_page(body, IntegrationField)
        with pytest.raises(ErrorEnvelope):
            codec.decode_value(body, Link)


class TestSingleValues:
    @pytest.mark.parametrize(
        ("beside", "messages"),
        [
            ({}, []),
            ({"warnings": []}, []),
            ({"warnings": None}, []),
            ({"warnings": [{"message": "a"}, {"message": "b", "new": 1}]}, ["a", "b"]),
        ],
    )
    @for_each("sync_id", ["s", 5])
    def test_value_has_the_warnings_of_its_envelope(
        self, beside: dict[str, Any], messages: list[str], sync_id: object
    ) -> None:
        data = {"already_queued": True, "sync_id": sync_id, "type": "FULL"}
        got, warnings = codec.decode_value(json.dumps({"data": data, **beside}).encode(), SyncTrigger)
        assert got == SyncTrigger(already_queued=True, sync_id=str(sync_id), type=SyncType.FULL)
        assert [warning.message for warning in warnings] == messages

    def test_value_of_a_reply_is_converted(self) -> None:
        data = {"url": "https://tool", "status": "200", "headers": {"a": "b", "set-cookie": ["c", "d"]}, "data": None}
        got, _ = codec.decode_value(json.dumps({"data": data}).encode(), PassthroughResponse)
        assert (got.status, got.headers) == (200, {"a": "b", "set-cookie": ("c", "d")})

    @pytest.mark.parametrize(
        ("kind", "data", "place"),
        [
            (Link, {"link": None}, "$.data.link"),
            (Link, {}, "$.data.link"),
            (Link, [], "$.data"),
            (str, None, "$.data"),
            (PassthroughResponse, {"url": "u", "status": 200, "headers": {"MARKED": {}}}, "$.data.headers[0]"),
        ],
    )
    def test_error_of_a_value_names_its_path(self, kind: type[Any], data: object, place: str) -> None:
        with pytest.raises(Undecodable) as raised:
            codec.decode_value(json.dumps({"data": data}).encode(), kind)
        assert raised.value.problems.endswith(f" @ {place}")
        assert "MARKED" not in raised.value.problems

    # What people may ask for with `request(into=…)`.
    @pytest.mark.parametrize(
        ("kind", "data", "value"),
        [
            (list[int], [1, 2], [1, 2]),
            (list[int], ["1"], [1]),
            (dict[str, int], {"a": "1"}, {"a": 1}),
            (Row | None, None, None),
            (Any, {"a": None}, {"a": None}),
            (Literal["a", "b"], "a", "a"),
            (set[int], [1], {1}),
        ],
    )
    def test_value_is_decoded_into_any_type(self, kind: Any, data: object, value: object) -> None:
        assert codec.decode_value(json.dumps({"data": data}).encode(), kind)[0] == value

    @for_each(
        ("kind", "data"),
        [
            (list[str], "MARKED"),
            (set[str], "MARKED"),
            (tuple[int, str], ["MARKED"]),
            (dict[str, str], [["MARKED", "b"]]),
            (dict[str, int], {"MARKED": "b"}),
            (Literal["a"], "MARKED"),
            (bool, "MARKED"),
            (bytes, 5),
            (int | list[str], "MARKED"),
            (frozenset[int], ["MARKED"]),
            (msgspec.defstruct("Struct", [("name", str)]), {"name": 5}),
        ],
    )
    def test_value_of_another_type_is_refused_without_a_guess(self, kind: Any, data: object) -> None:
        with pytest.raises(Undecodable, match=r"\$\.data") as raised:
            codec.decode_value(json.dumps({"data": data}).encode(), kind)
        assert "MARKED" not in str(raised.value)


@pytest.mark.parametrize(
    ("malformed", "read"),
    [
        (None, []),
        ([{"message": "a", "more": 1}, "b"], ["a", "b"]),
        ([{}, {"message": None}, None, 5, {"message": "c"}], ["c"]),
        ({"message": "a"}, []),
        ("a", []),
    ],
)
def test_odd_warnings_never_make_a_response_unreadable(malformed: object, read: list[str]) -> None:
    def body(data: object) -> bytes:
        return json.dumps({"status": None, "data": data, "warnings": malformed}).encode()

    link, beside_link = codec.decode_value(body({"link": "https://x"}), Link)
    listed, beside_listed = pages.decode_list(body({"links": [{"link": "https://x"}]}), Link, "links")

    assert (link,) == listed == (Link(link="https://x"),)
    for warnings in (beside_link, beside_listed, codec.decode_acknowledgement(body({}))):
        assert [warning.message for warning in warnings] == read


class TestAcknowledgements:
    @pytest.mark.parametrize("body", [b"", b"\n", b"{}", b'{"data": null}', b'{"status": "success", "data": [1]}'])
    def test_acknowledgement_needs_no_data(self, body: bytes) -> None:
        assert codec.decode_acknowledgement(body) == ()

    @pytest.mark.parametrize("body", [b'{"status": "error"}', b'{"error": {"message": "no"}}'])
    def test_acknowledgement_may_be_an_error_envelope(self, body: bytes) -> None:
        with pytest.raises(ErrorEnvelope):
            codec.decode_acknowledgement(body)

    @pytest.mark.parametrize("body", [b"<html>", b"OK", b"[]", b"null", b'{"status": 5}'])
    def test_acknowledgement_of_another_shape_is_refused(self, body: bytes) -> None:
        with pytest.raises(Undecodable):
            codec.decode_acknowledgement(body)


class TestEncode:
    def test_unset_is_omitted_and_none_is_null(self) -> None:
        body = {"a": None, "b": Colour.RED, "c": Part(name="x"), "d": (1, 2.5)}
        assert json.loads(codec.encode(body)) == {"a": None, "b": "RED", "c": {"name": "x"}, "d": [1, 2.5]}

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_number_that_json_cannot_represent_is_refused(self, value: float) -> None:
        with pytest.raises(ValueError, match=f"the body contains {value}, which"):
            codec.encode({"a": [{"b": value}]})
