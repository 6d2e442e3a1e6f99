"""`kombo_async.arrow`: the schema of each model, and tables of its records."""

from __future__ import annotations

import json as stdlib_json
import math
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from kombo_async import KomboClient, json
from kombo_async.mirror.mirrored_models import MIRRORED
from kombo_async.models.ats import Application
from kombo_async.models.common import Address, IntegrationFieldType, IntegrationFieldValue
from kombo_async.models.hris import (
    Absence,
    Employee,
    Employment,
    EmploymentStatus,
    GroupSummary,
)
from kombo_async.sandbox import Sandbox, SandboxConfig

from ..support.model_examples import full, minimal
from .test_models import decode

pa = pytest.importorskip("pyarrow")
arrow = import_module("kombo_async.arrow")

RECORDS = [each.record_type for each in MIRRORED.values()]


@pytest.mark.parametrize("nested", ["json", "struct"])
@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_table_holds_what_the_records_hold_under_a_schema_of_the_model(model: type[Any], nested: Any) -> None:
    records = [decode(model, minimal(model)), decode(model, full(model))]
    schema = arrow.schema(model, nested=nested)
    assert schema.names == [field.name for field in attrs.fields(model)]
    table = arrow.table(records, model, nested=nested)
    # With one record, with none, and with an empty column, it is the same.
    assert all(arrow.table(some, model, nested=nested).schema == schema for some in (records, records[:1], []))
    for record, row in zip(records, table.to_pylist(), strict=True):
        for name, value in json.to_dict(record).items():
            assert plain(row[name], value) == value, name


def plain(cell: Any, wanted: Any) -> Any:
    """Return a cell as it is in JSON."""
    if isinstance(wanted, dict | list) and isinstance(cell, str):
        parsed = stdlib_json.loads(cell)
        # Unlike dicts, texts differ if the order of keys does.
        assert stdlib_json.dumps(parsed) == stdlib_json.dumps(wanted)
        return parsed
    if isinstance(wanted, list):
        return [plain(each, other) for each, other in zip(cell, wanted, strict=True)]
    if isinstance(wanted, dict):
        return {name: plain(cell[name], value) for name, value in wanted.items()}
    if isinstance(wanted, str) and cell is not None and not isinstance(cell, str):
        return json.to_dict(cell)
    return cell


def test_types_follow_from_the_model() -> None:
    types = {field.name: str(field.type) for field in arrow.schema(Employee)}
    texts = ("first_name", "employment_status", "custom_fields", "employments")
    assert {types[name] for name in texts} == {"string"}
    assert [field.name for field in arrow.schema(Employee) if not field.nullable] == ["id"]
    assert types["start_date"] == types["changed_at"] == "timestamp[us, tz=UTC]"
    types = {field.name: str(field.type) for field in arrow.schema(Absence)}
    assert (types["start_date"], types["start_half_day"], types["amount"]) == ("date32[day]", "bool", "double")
    employments = arrow.schema(Employee, nested="struct").field("employments").type
    assert employments.value_type.field("changed_at").type == pa.timestamp("us", "UTC")
    # What may be anything stays JSON, also in a struct.
    assert arrow.schema(Employee, nested="struct").field("custom_fields").type == pa.string()
    assert arrow.schema(Application, nested="struct").field("screening_question_answers").type == pa.string()


def test_unknown_enum_value_and_order_of_keys_are_kept() -> None:
    work = Employment(id="w", job_title="Baker")
    record = Employee(id="a", employment_status=EmploymentStatus("RESTING"), employments=(work,))
    row = arrow.table([record], Employee, columns=["employments", "employment_status"]).to_pylist()[0]
    assert list(row) == ["employments", "employment_status"]
    assert row["employment_status"] == "RESTING"
    assert row["employments"] == json.encode([work]).decode()


@pytest.mark.parametrize("nested", ["json", "struct"])
def test_missing_values_are_null_wherever_they_are_in_a_long_list(nested: Any) -> None:
    field = IntegrationFieldValue(id="f", key="shirt", type=IntegrationFieldType.CUSTOM, value=[None, {"b": 1, "a": 2}])
    bare, full_of = Employment(id="e", pay_rate=1.5), Employment(id="e", integration_fields=(field, field))
    records = [
        Employee(
            id=str(number),
            home_address=Address(city=f"{number}\n") if number % 3 else None,
            groups=(GroupSummary(id="g"), GroupSummary(id=str(number))) if number % 5 else (),
            employments=(bare, full_of) if number % 7 else (bare,),
            custom_fields={"number": number} if number % 2 else None,
        )
        for number in range(1_234)
    ]
    columns = ["id", "home_address", "groups", "employments", "custom_fields"]
    table = arrow.table(records, Employee, columns=columns, nested=nested)
    table.validate(full=True)
    assert table.column("home_address").null_count == 412
    for record, row in zip(records, table.to_pylist(), strict=True):
        wanted = {name: value for name, value in json.to_dict(record).items() if name in columns}
        assert row.keys() == wanted.keys()
        assert {name: plain(row[name], value) for name, value in wanted.items()} == wanted


def test_times_of_other_zones_are_the_same_moment_in_utc() -> None:
    moment = datetime(2027, 3, 28, 2, 30, tzinfo=ZoneInfo("America/New_York"))
    record = Employee(id="a", start_date=moment, changed_at=datetime(1, 1, 1, tzinfo=UTC))
    row = arrow.table([record], Employee, columns=["start_date", "changed_at", "termination_date"]).to_pylist()[0]
    assert row == {"start_date": moment.astimezone(UTC), "changed_at": record.changed_at, "termination_date": None}


def test_long_lists_and_iterators_are_cut_into_batches() -> None:
    table = arrow.table((Employee(id=str(number)) for number in range(25_000)), Employee, columns=["id"])
    assert table.num_rows == 25_000
    assert table.column("id").num_chunks == 3
    assert table.column("id")[24_999].as_py() == "24999"


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        (["fist_name"], ValueError, r"no column 'fist_name'\. Did you mean first_name"),
        (["xyz"], ValueError, "Did you mean id, remote_id"),
        (["id", "id"], ValueError, "id is named twice"),
        ([], ValueError, "columns is empty"),
        ("id", TypeError, r"\['id'\]"),
        (iter(["id"]), TypeError, "list of the names of fields"),
        ([5], TypeError, "list of the names of fields"),
    ],
)
def test_wrong_columns_are_refused(columns: Any, error: type[Exception], words: str) -> None:
    for call in (
        lambda: arrow.schema(Employee, columns=columns),
        lambda: arrow.table([], Employee, columns=columns),
        lambda: arrow.record_batch([], Employee, columns=columns),
    ):
        with pytest.raises(error, match=words):
            call()


SELF_REFERRING: dict[str, Any] = {}
SELF_REFERRING["secret"] = SELF_REFERRING


@pytest.mark.parametrize(
    ("record", "column"),
    [
        (Employee(id=7), "id"),  # type: ignore[arg-type]
        (Employee(id=None), "id"),  # type: ignore[arg-type]
        (Employee(id="a", first_name="secret\ud800"), "first_name"),
        (Employee(id="a", custom_fields="secret\ud800"), "custom_fields"),
        (Employee(id="a", custom_fields=SELF_REFERRING), "custom_fields"),
        (Employee(id="a", start_date="secret"), "start_date"),  # type: ignore[arg-type]
        (Employee(id="a", start_date=datetime(2027, 7, 5)), "start_date"),  # noqa: DTZ001
        (Employee(id="a", home_address="secret"), "home_address"),  # type: ignore[arg-type]
        (Employee(id="a", groups=({"secret": 1},)), "groups"),  # type: ignore[arg-type]
        (Employee(id="a", weekly_hours="secret"), "weekly_hours"),  # type: ignore[arg-type]
        (Employee(id="a", weekly_hours={"secret": 1}), "weekly_hours"),  # type: ignore[arg-type]
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_value_that_does_not_fit_is_refused_by_its_column_and_not_shown(record: Employee, column: str) -> None:
    with pytest.raises(ValueError, match=f"the column {column} cannot hold") as raised:
        arrow.table([record], Employee)
    shown: BaseException | None = raised.value
    while shown is not None:
        assert "secret" not in str(shown)
        shown = shown.__cause__ or shown.__context__


def test_other_things_than_records_are_refused() -> None:
    with pytest.raises(TypeError, match="a record is of the type Absence, not Employee"):
        arrow.table([Absence(id="a")], Employee)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="model is a class such as Employee"):
        arrow.schema("Employee")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='nested is "json" or "struct"'):
        arrow.schema(Employee, nested="list")  # type: ignore[arg-type]


async def test_batches_of_a_list_join_over_integrations() -> None:
    async with Sandbox(SandboxConfig(employees=25, integrations=2)) as sandbox:
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
            found = [
                batch
                for integration_id in sandbox.integration_ids[:2]
                async for batch in arrow.batches(
                    client.for_integration(integration_id).hris.iter_employees(page_size=10), Employee
                )
            ]
            people = sum(
                [len(sandbox.records("hris_employees", integration_id=each)) for each in sandbox.integration_ids[:2]]
            )
    table = pa.Table.from_batches(found)
    assert table.num_rows == people
    assert max(batch.num_rows for batch in found) == 10
    assert all(isinstance(each, datetime) and each.tzinfo for each in table.column("changed_at").to_pylist())


def test_dates_and_fractions_are_exact() -> None:
    record = Absence(
        id="a", start_date=date(2027, 7, 5), amount=math.pi, changed_at=datetime(2027, 1, 2, 3, 4, 5, 6, UTC)
    )
    row = arrow.table([record], Absence).to_pylist()[0]
    assert (row["start_date"], row["amount"], row["changed_at"]) == (record.start_date, math.pi, record.changed_at)
