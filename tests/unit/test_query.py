"""The keywords of lists: what is refused, and what goes out for the rest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kombo_async.engine import query
from kombo_async.engine.operation import Operation
from kombo_async.models.hris import EmploymentStatus
from kombo_async.operations.general import ITER_CUSTOM_FIELDS, ITER_INTEGRATION_FIELDS
from kombo_async.operations.hris import (
    GET_EMPLOYEE_SKILL_ASSIGNMENTS,
    GET_SKILLS,
    ITER_ABSENCES,
    ITER_EMPLOYEES,
    ITER_GROUPS,
    ITER_LOCATIONS,
    ITER_TIMESHEETS,
)

from ..support.for_each import for_each

KOMBO_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?)?Z?$", re.ASCII)

encodable = st.text(st.characters(exclude_categories=["Cs"]))


class Status(str, Enum):  # noqa: UP042 - what people still have
    ACTIVE = "ACTIVE"


class Size(StrEnum):
    LARGE = "L"


def sent(**keywords: Any) -> dict[str, str]:
    """What `iter_employees` sends for these keywords, but for the page size."""
    pairs = parse_qsl(query.list_query(ITER_EMPLOYEES, keywords).text, keep_blank_values=True, strict_parsing=True)
    assert pairs.pop(0) == ("page_size", "250")
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


class TestFilters:
    @for_each(
        ("name", "value", "text"),
        [
            ("include_deleted", True, "true"),
            ("include_deleted", False, "false"),
            ("ignore_unsupported_filters", True, "true"),
            ("ids", ["a"], "a"),
            ("ids", ["a", "b"], "a,b"),
            ("ids", ("a", "b"), "a,b"),
            ("ids", iter(["a", "b"]), "a,b"),
            ("ids", {"a": 1}.keys(), "a"),
            ("remote_ids", ["1 2", "3&4=5", "ü"], "1 2,3&4=5,ü"),
            ("group_ids", [" "], " "),
            ("employment_statuses", [EmploymentStatus.ACTIVE, "LEAVE"], "ACTIVE,LEAVE"),
            ("employment_statuses", [EmploymentStatus("SABBATICAL")], "SABBATICAL"),
            ("employment_statuses", [Status.ACTIVE], "ACTIVE"),
            ("work_emails", ["a+b@example.com"], "a+b@example.com"),
            ("custom_fields", {"shirt": "L"}, '{"shirt":"L"}'),
            ("custom_fields", {"shirt": Size.LARGE}, '{"shirt":"L"}'),
            ("custom_fields", {"shoe": 43.5}, '{"shoe":43.5}'),
            ("custom_fields", {"floor": -1}, '{"floor":-1}'),
            ("custom_fields", {"remote": True}, '{"remote":true}'),
            ("custom_fields", {"remote": None}, '{"remote":null}'),
            ("custom_fields", {"a,b": 'c"d'}, '{"a,b":"c\\"d"}'),
            ("custom_fields", MappingProxyType({"a": 1}), '{"a":1}'),
            ("updated_after", date(2026, 1, 31), "2026-01-31"),
            ("updated_after", datetime(2026, 1, 31, 8, 15, tzinfo=UTC), "2026-01-31T08:15:00.000Z"),
            ("updated_after", datetime(2026, 1, 31, 8, 15, 0, 7, tzinfo=UTC), "2026-01-31T08:15:00.000007Z"),
            (
                "updated_after",
                datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=2))),
                "2026-01-30T23:00:00.000Z",
            ),
            (
                "updated_after",
                datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("America/St_Johns")),
                "2026-07-01T14:30:00.000Z",
            ),
            (
                "updated_after",
                datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
                "2026-10-25T01:30:00.000Z",
            ),
        ],
    )
    def test_value_is_encoded(self, name: str, value: object, text: str) -> None:
        assert sent(**{name: value}) == {name: text}

    def test_none_for_updated_after_filters_nothing(self) -> None:
        # A first run has no last one: `updated_after=last_run` must need no `if`.
        assert sent(updated_after=None) == {}

    def test_filters_are_encoded_and_options_are_not(self) -> None:
        asked = query.list_query(
            ITER_EMPLOYEES,
            {
                "ids": ["a"],
                "include_deleted": True,
                "cursor": "c",
                "read_ahead": False,
                "integration_id": "p:1",
                "page_size": 9,
            },
        )
        assert asked.text == "page_size=9&ids=a&include_deleted=true"
        assert (asked.cursor, asked.read_ahead, asked.integration_id) == ("c", False, "p:1")

    def test_no_keywords_encode_to_the_page_size_alone(self) -> None:
        asked = query.list_query(ITER_INTEGRATION_FIELDS, {})
        assert (asked.text, asked.cursor, asked.read_ahead, asked.integration_id) == (
            "page_size=2000",
            None,
            True,
            None,
        )

    @pytest.mark.parametrize(
        ("name", "value", "kind", "words"),
        [
            ("ids", "abc", TypeError, r"iter_employees\(ids=…\) is a list of str, not str"),
            ("ids", b"abc", TypeError, "not bytes"),
            ("ids", {"a": 1}, TypeError, "not dict"),
            ("ids", 7, TypeError, "not int"),
            ("ids", None, TypeError, "not NoneType"),
            ("ids", [1], TypeError, "an item of .* is a str, not int"),
            ("ids", ["a", None], TypeError, "not NoneType"),
            ("ids", ["a", ""], ValueError, "an item of .* is empty"),
            ("ids", [], ValueError, "empty list"),
            ("ids", (), ValueError, "empty list"),
            ("ids", ["SECRET,b"], ValueError, "comma"),
            ("employment_statuses", EmploymentStatus.ACTIVE, TypeError, "a list of str, not EmploymentStatus"),
            ("include_deleted", "true", TypeError, "a bool, not str"),
            ("include_deleted", 1, TypeError, "a bool, not int"),
            ("include_deleted", None, TypeError, "a bool, not NoneType"),
            ("updated_after", datetime(2026, 1, 31), ValueError, "time zone"),  # noqa: DTZ001
            ("updated_after", datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), ValueError, "range of times"),
            ("updated_after", "2026-01-31", TypeError, "a datetime with a time zone, or a date, not str"),
            ("updated_after", 1_700_000_000, TypeError, "not int"),
            ("custom_fields", {}, ValueError, "exactly one key, not 0"),
            ("custom_fields", {"a": 1, "b": 2}, ValueError, "exactly one key, not 2"),
            ("custom_fields", [("a", 1)], TypeError, "a mapping of one key"),
            ("custom_fields", '{"a":1}', TypeError, "a mapping of one key"),
            ("custom_fields", {1: "a"}, TypeError, "one str key"),
            ("custom_fields", {"a": ["SECRET"]}, TypeError, "one str key"),
            ("custom_fields", {"a": {"b": "SECRET"}}, TypeError, "one str key"),
            ("cursor", "", ValueError, "cursor=…. is empty"),
            ("cursor", 5, TypeError, "cursor=…. is a str, not int"),
            ("read_ahead", 1, TypeError, "read_ahead=…. is a bool"),
            ("read_ahead", None, TypeError, "read_ahead=…. is a bool"),
        ],
    )
    def test_wrong_value_is_refused_before_any_request(
        self, name: str, value: object, kind: type[Exception], words: str
    ) -> None:
        with pytest.raises(kind, match=words) as raised:
            sent(**{name: value})
        assert name in str(raised.value)
        assert "SECRET" not in str(raised.value)

    @given(
        st.datetimes(
            min_value=datetime(2, 1, 1),  # noqa: DTZ001
            max_value=datetime(9998, 12, 31),  # noqa: DTZ001
            timezones=st.timezones()
            | st.just(UTC)
            | st.builds(timezone, st.integers(-1439, 1439).map(lambda m: timedelta(minutes=m))),
            allow_imaginary=False,
        )
    )
    @example(datetime(2026, 1, 1, 0, 0, 30, 999_999, tzinfo=timezone(timedelta(hours=5, seconds=17))))
    def test_datetime_in_any_zone_is_encoded_in_utc(self, moment: datetime) -> None:
        text = sent(updated_after=moment)["updated_after"]
        assert KOMBO_TIME.fullmatch(text)
        assert datetime.fromisoformat(text) == moment.astimezone(UTC)

    @given(st.dates())
    def test_date_is_encoded_without_a_time(self, day: date) -> None:
        text = sent(updated_after=day)["updated_after"]
        assert KOMBO_TIME.fullmatch(text)
        assert date.fromisoformat(text) == day

    @given(st.lists(encodable.filter(lambda text: text and "," not in text), min_size=1), encodable.filter(bool))
    def test_any_text_survives_encoding(self, texts: list[str], field: str) -> None:
        found = sent(ids=texts, custom_fields={field: texts[0]})
        assert found["ids"].split(",") == texts
        assert query.msgspec.json.decode(found["custom_fields"]) == {field: texts[0]}


class TestFiltersOfOtherLists:
    @pytest.mark.parametrize(
        ("operation", "keywords", "text"),
        [
            (ITER_LOCATIONS, {"name_contains": "Haus & Hof"}, "name_contains=Haus%20%26%20Hof"),
            (ITER_LOCATIONS, {"name_contains": "a,b"}, "name_contains=a%2Cb"),
            (ITER_LOCATIONS, {"name_contains": Size.LARGE}, "name_contains=L"),
            (ITER_ABSENCES, {"employee_id": "e1"}, "employee_id=e1"),
            (ITER_ABSENCES, {"date_from": date(2026, 1, 31)}, "date_from=2026-01-31"),
            (ITER_ABSENCES, {"date_from": None, "date_until": date(2026, 2, 1)}, "date_until=2026-02-01"),
            (ITER_TIMESHEETS, {"started_after": date(2026, 1, 31)}, "started_after=2026-01-31"),
            (
                ITER_TIMESHEETS,
                {"started_before": datetime(2026, 1, 31, 8, tzinfo=UTC), "ended_after": None},
                "started_before=2026-01-31T08%3A00%3A00.000Z",
            ),
            (ITER_GROUPS, {"types": ["TEAM"]}, "types=TEAM"),
            (ITER_GROUPS, {"types": [None]}, "types=null"),
            (ITER_GROUPS, {"types": ("TEAM", None, "COST_CENTER")}, "types=TEAM%2Cnull%2CCOST_CENTER"),
        ],
    )
    def test_value_is_encoded(self, operation: Operation, keywords: dict[str, Any], text: str) -> None:
        assert query.list_query(operation, keywords).text == "&".join(filter(None, ["page_size=250", text]))

    @for_each(
        ("operation", "name", "value", "kind", "words"),
        [
            (ITER_LOCATIONS, "name_contains", ["a"], TypeError, "a str, not list"),
            (ITER_LOCATIONS, "name_contains", None, TypeError, "a str, not NoneType"),
            (ITER_LOCATIONS, "name_contains", "", ValueError, "empty: leave it out"),
            (ITER_ABSENCES, "date_from", datetime(2026, 1, 31, tzinfo=UTC), TypeError, "without a time, not datetime"),
            (ITER_ABSENCES, "date_from", "2026-01-31", TypeError, "a date without a time, not str"),
            (ITER_TIMESHEETS, "ended_before", datetime(2026, 1, 31), ValueError, "time zone"),  # noqa: DTZ001
            (ITER_GROUPS, "types", None, TypeError, "a list of str, not NoneType"),
            (ITER_GROUPS, "types", [7], TypeError, "an item of .* is a str, not int"),
            (ITER_GROUPS, "types", [], ValueError, "empty list"),
        ],
    )
    def test_wrong_value_is_refused(
        self, operation: Operation, name: str, value: object, kind: type[Exception], words: str
    ) -> None:
        with pytest.raises(kind, match=words) as raised:
            query.list_query(operation, {name: value})
        assert f"{operation.name}({name}=…)" in str(raised.value)

    def test_list_without_a_cursor_has_filters_but_no_page_size(self) -> None:
        asked = query.list_query(GET_SKILLS, {"ids": ["a", "b"], "name_contains": "go", "integration_id": "p:1"})
        assert (asked.text, asked.integration_id) == ("ids=a%2Cb&name_contains=go", "p:1")
        assert query.list_query(GET_EMPLOYEE_SKILL_ASSIGNMENTS, {}).text == ""

    @pytest.mark.parametrize("name", ["cursor", "page_size", "read_ahead", "updated_after"])
    def test_list_without_a_cursor_refuses_paging_keywords(self, name: str) -> None:
        with pytest.raises(TypeError, match=rf"get_skills\(\) has no filter '{name}'"):
            query.list_query(GET_SKILLS, {name: None})


class TestUnknownNames:
    @pytest.mark.parametrize(
        ("given_name", "near"),
        [
            ("employment_status", "did you mean employment_statuses"),
            ("idz", "did you mean ids"),
            ("include_delete", "did you mean include_deleted"),
            ("updated_since", "did you mean updated_after"),
            ("pagesize", "did you mean page_size"),
            ("qqq", "it takes cursor, custom_fields, employment_statuses"),
        ],
    )
    def test_unknown_filter_names_similar_ones(self, given_name: str, near: str) -> None:
        with pytest.raises(TypeError, match=near) as raised:
            sent(**{given_name: ["SECRET"]})
        assert f"iter_employees() has no filter {given_name!r}" in str(raised.value)
        assert "SECRET" not in str(raised.value)

    def test_list_without_filters_refuses_all(self) -> None:
        with pytest.raises(TypeError, match="it takes cursor, integration_id, page_size, read_ahead"):
            query.list_query(ITER_INTEGRATION_FIELDS, {"updated_after": None})


class TestPageSize:
    @pytest.mark.parametrize(
        ("operation", "largest"), [(ITER_INTEGRATION_FIELDS, 2000), (ITER_CUSTOM_FIELDS, 250), (ITER_EMPLOYEES, 250)]
    )
    def test_page_size_is_from_one_to_the_maximum_of_the_list(self, operation: Operation, largest: int) -> None:
        for value, text in ((None, str(largest)), (1, "1"), (largest, str(largest))):
            assert query.list_query(operation, {"page_size": value}).text == f"page_size={text}"
        for value in (0, -1, largest + 1, 10**30):
            with pytest.raises(
                ValueError, match=rf"{operation.name}\(page_size=…\) is from 1 to {largest}, not {value}"
            ):
                query.list_query(operation, {"page_size": value})
        for value in ("10", True, False, 10.0, [10]):
            with pytest.raises(TypeError, match=rf"an int from 1 to {largest}, not {type(value).__name__}"):
                query.list_query(operation, {"page_size": value})


class TestEncodeParams:
    @pytest.mark.parametrize(
        ("params", "text"),
        [
            ({}, ""),
            ({"a": None}, ""),
            ({"a": True, "b": False}, "a=true&b=false"),
            ({"a": 1, "b": -2.5}, "a=1&b=-2.5"),
            ({"a": "x y&z"}, "a=x%20y%26z"),
            ({"a": ""}, "a="),
            ({"a": ["x", "y"]}, "a=x%2Cy"),
            ({"a": Status.ACTIVE, "b": EmploymentStatus.LEAVE, "c": [Status.ACTIVE]}, "a=ACTIVE&b=LEAVE&c=ACTIVE"),
            ({"a": date(2026, 1, 31)}, "a=2026-01-31"),
            ({"a": datetime(2026, 1, 31, tzinfo=UTC)}, "a=2026-01-31T00%3A00%3A00.000Z"),
            ({"ä/ö": "1"}, "%C3%A4%2F%C3%B6=1"),
        ],
    )
    def test_value_is_encoded(self, params: Mapping[str, object], text: str) -> None:
        assert query.encode_params(params) == text

    @pytest.mark.parametrize(
        ("value", "kind", "words"),
        [
            ({"b": 1}, TypeError, r"params\['a'\] is a list of str, not dict"),
            (b"x", TypeError, "not bytes"),
            (object(), TypeError, "not object"),
            (["x,y"], ValueError, "comma"),
            ([], ValueError, "empty list"),
            ([1], TypeError, "not int"),
            (datetime(2026, 1, 31), ValueError, "time zone"),  # noqa: DTZ001
        ],
    )
    def test_wrong_value_is_refused(self, value: object, kind: type[Exception], words: str) -> None:
        with pytest.raises(kind, match=words):
            query.encode_params({"a": value})

    @given(st.dictionaries(encodable, encodable))
    def test_any_text_survives_encoding(self, params: dict[str, str]) -> None:
        assert dict(parse_qsl(query.encode_params(params), keep_blank_values=True)) == params
