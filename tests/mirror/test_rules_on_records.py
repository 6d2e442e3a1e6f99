"""How local copies go wrong, and the rule against each: what is stored of a record (rules 11, 15, 16 and 18)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Sequence

import msgspec
import pytest

from kombo_async.errors import DecodeError
from kombo_async.mirror import json_checks, record_writer
from kombo_async.mirror.protocols import Row, StoredRecord
from kombo_async.mirror.transaction import SqlTransaction
from kombo_async.models.common import Unreadable
from kombo_async.models.hris import Employee, Location

from .harness import MODEL, Harness

# Rule 11: an odd record stops the refresh, or vanishes.

WITH_ID = {
    "NUL": b'{"id": "id0002", "name": "before\\u0000after"}',
    "NUL in a key": b'{"id": "id0002", "na\\u0000me": "x"}',
    "half of a surrogate pair": b'{"id": "id0002", "name": "\\ud83d"}',
    "huge exponent": b'{"id": "id0002", "name": "x", "size": 1e400000}',
    "too many digits": b'{"id": "id0002", "name": "x", "size": ' + b"9" * 20_000 + b"}",
    "invalid JSON": b'{"id": "id0002", "name": nonsense}',
    "deep nesting": b'{"id": "id0002", "name": "x", "nested": ' + b"[" * 900 + b"]" * 900 + b"}",
}
WITHOUT_ID = {
    "no object": b"[1]",
    "null": b"null",
    "no id": b'{"name": "x"}',
    "id of another type": b'{"id": [2], "name": "x"}',
}
ODD_IDS = {
    "NUL in the id": b'{"id": "id\\u0000", "name": "x"}',
    "endless id": msgspec.json.encode({"id": "".join(f"{number:x}" for number in range(4_000)), "name": "x"}),
}


@pytest.mark.parametrize(
    ("full", "odd"),
    [
        *((full, odd) for full in (False, True) for odd in (WITH_ID, ODD_IDS)),
        (False, WITHOUT_ID),
        # Each of these alone has to keep a full refresh from deleting a record.
        *((True, {name: raw}) for name, raw in WITHOUT_ID.items()),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "full" if value else "incremental",
)
async def test_rule_11_records_that_cannot_be_stored_are_kept_aside(
    harness: Harness, full: bool, odd: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    await harness.fill(10)
    # A record with an odd id is another one.
    numbers = {name: number + (90 if name in ODD_IDS else 2) for number, name in enumerate(odd)}
    raws = {name: raw.replace(b'"id0002"', f'"id{numbers[name]:04}"'.encode()) for name, raw in odd.items()}
    for name, raw in raws.items():
        harness.put(numbers[name], raw=raw)
    harness.put(1, name="Changed")
    with caplog.at_level("WARNING"):
        result = await harness.refresh(full=full)
    assert (result.unreadable, result.deleted, result.withheld_deletions) == (len(odd), 0, 0)
    # The last good copies stay, and the refresh continues.
    assert harness.changed() == [("updated", "id0001")]
    stored = await harness.stored()
    assert [stored[f"id{number:04}"]["name"] for number in range(2, 10)] == [f"Office {each}" for each in range(2, 10)]
    assert (await harness.status()).unreadable == len(odd)
    kept = {
        bytes(raw): reason for raw, reason in await harness.query("SELECT raw, reason FROM kombo.mirror_unreadable")
    }
    assert {*kept} == {*raws.values()}
    assert all(kept.values())
    assert not any("x" in reason.split() for reason in kept.values())
    assert not caplog.records

    # They are read again, and kept once.
    await harness.refresh(full=full)
    assert (await harness.status()).unreadable == len(odd)
    assert len(await harness.stored()) == 10

    for number in numbers.values():
        harness.put(number, name="Changed")
    result = await harness.refresh(full=full or odd is not WITH_ID)
    assert (result.unreadable, result.updated + result.created) == (0, len(odd))
    assert (await harness.status()).unreadable == 0
    await harness.assert_equal()


async def test_rule_11_record_that_only_the_database_refuses_is_kept_aside(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    if harness.is_sqlite:
        pytest.skip("SQLite takes any text")
    await harness.fill(8)
    monkeypatch.setattr(json_checks, "storage_problem", lambda raw: None)
    harness.put(2, raw=WITH_ID["NUL"])
    harness.put(3, name="Changed")
    result = await harness.refresh()
    assert (result.unreadable, harness.changed()) == (1, [("updated", "id0003")])
    [(kept, reason)] = await harness.query("SELECT raw, reason FROM kombo.mirror_unreadable")
    assert bytes(kept) == WITH_ID["NUL"]
    assert reason == "refused by the database: UntranslatableCharacter"


async def test_rule_11_record_that_only_the_class_refuses_is_stored(harness: Harness) -> None:
    await harness.fill(4)
    harness.put(1, address="secret street")
    result = await harness.refresh()
    assert (result.unreadable, result.updated) == (0, 1)
    await harness.assert_equal()
    with pytest.raises(DecodeError, match="id0001") as caught:
        async for _ in harness.mirror.iter_records(Location):
            pass
    assert "secret" not in str(caught.value)
    assert caught.value.integration_id == harness.integration_id
    records = [each async for each in harness.mirror.iter_records(Location, unreadable="keep")]
    assert [type(each) for each in records] == [Location, Unreadable, Location, Location]
    [unreadable] = [each for each in records if isinstance(each, Unreadable)]
    assert (unreadable.id, msgspec.json.decode(unreadable.raw)["address"]) == ("id0001", "secret street")
    # A view shows what it can.
    assert await harness.query("SELECT name FROM kombo.hris_locations WHERE id = 'id0001'") == [("Office 1",)]


# Rule 15: a field that is new.


async def test_rule_15_unknown_fields_are_stored(harness: Harness) -> None:
    await harness.fill(3)
    harness.put(1, brand_new={"nested": [1, None, "ä"]})
    await harness.refresh()
    assert (await harness.stored())["id0001"]["brand_new"] == {"nested": [1, None, "ä"]}
    await harness.assert_equal()


FITTING: list[tuple[dict[str, object], tuple[object, ...]]] = [
    ({"first_name": "Ada", "start_date": "2024-02-29T00:00:00.000Z"}, ("Ada", "2024-02-29")),
    ({"first_name": None, "start_date": None}, (None, None)),
    ({"first_name": "Ada", "start_date": "yesterday"}, ("Ada", None)),
    ({"first_name": "Ada", "start_date": "now"}, ("Ada", None)),
    ({"start_date": {"odd": 1}}, (None, None)),
]


async def test_rule_15_views_have_typed_columns_and_null_where_a_value_does_not_fit(harness: Harness) -> None:
    await harness.fill(0, "hris_employees")
    for number, (fields, _) in enumerate(FITTING):
        harness.put(number, "hris_employees", **fields)
    await harness.refresh(model="hris_employees")
    rows = await harness.query("SELECT first_name, start_date, changed_at FROM kombo.hris_employees ORDER BY id")
    assert [(name, None if day is None else str(day)[:10]) for name, day, _ in rows] == [row for _, row in FITTING]
    assert all(changed_at is not None for _, _, changed_at in rows)
    assert await harness.query("SELECT id FROM kombo.hris_employees WHERE start_date > '2020-01-01'") == [("id0000",)]


# Rule 16: the same id twice.


async def test_rule_16_same_id_in_two_models_and_integrations_is_four_records(harness: Harness) -> None:
    models, integrations = (MODEL, "hris_teams"), harness.sandbox.integration_ids[:2]
    for integration_id, model in itertools.product(integrations, models):
        record = {"id": "same", "name": f"{model} of {integration_id}"}
        harness.sandbox.put(model, record, integration_id=integration_id)
    for integration_id in integrations:
        await harness.mirror.add(integration_id, models)
    await harness.refresh_due()
    found = {
        row
        for model in models
        for row in await harness.query(f"SELECT integration_id, name FROM kombo.{model} WHERE id = 'same'")
    }
    assert found == {(each, f"{model} of {each}") for each, model in itertools.product(integrations, models)}


async def test_rule_16_last_record_of_a_page_with_the_same_id_counts(harness: Harness) -> None:
    await harness.fill(4)
    harness.put(2, raw=b'{"id": "id0001", "name": "Last"}')
    result = await harness.refresh()
    assert (result.updated, harness.changed()) == (1, [("updated", "id0001")])
    assert (await harness.stored())["id0001"]["name"] == "Last"
    await harness.refresh(full=True)
    assert harness.changed() == [("deleted", "id0002")]


# Rule 18: ids of one integration that appear under another.


async def test_rule_18_records_belong_to_the_integration_that_they_were_read_from(harness: Harness) -> None:
    one, other = harness.sandbox.integration_ids[:2]
    await harness.fill(3)
    for record in harness.shown().values():
        harness.sandbox.put(MODEL, {**record, "name": "Elsewhere"}, integration_id=other)
    await harness.mirror.add(other, [MODEL])
    await harness.refresh_due()
    await harness.assert_equal_for(one)
    await harness.assert_equal_for(other)
    await harness.mirror.remove(one)
    await harness.assert_equal_for(other)
    assert {each.name async for each in harness.mirror.iter_records(Location, other)} >= {"Elsewhere"}
    assert [each async for each in harness.mirror.iter_records(Location, one)] == []


# What users read.


async def test_records_are_read_in_order_and_in_batches(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    from kombo_async.mirror import mirror as mirror_module

    monkeypatch.setattr(mirror_module, "_BATCH", 2)
    await harness.fill(5)
    harness.delete(3)
    await harness.refresh()
    ids = [each.id async for each in harness.mirror.iter_records(Location)]
    assert ids == ["id0000", "id0001", "id0002", "id0004"]
    ids = [each.id async for each in harness.mirror.iter_records(Location, include_deleted=True)]
    assert ids == ["id0000", "id0001", "id0002", "id0003", "id0004"]
    assert [each async for each in harness.mirror.iter_records(Employee)] == []


async def test_changes_have_the_record_before_and_after(harness: Harness) -> None:
    await harness.fill(3)
    harness.put(1, name="Changed")
    harness.put(5)
    harness.delete(2)
    await harness.refresh()
    by_id = {change.id: change for change in harness.changes}
    names = {
        record_id: [None if raw is None else msgspec.json.decode(raw)["name"] for raw in (change.before, change.after)]
        for record_id, change in by_id.items()
    }
    assert names == {
        "id0001": ["Office 1", "Changed"],
        "id0002": ["Office 2", "Office 2"],
        "id0005": [None, "Office 5"],
    }
    changed = by_id["id0001"].record()
    assert isinstance(changed, Location)
    assert changed.name == "Changed"
    assert "Office" not in repr(harness.changes)


async def test_other_tasks_run_while_the_records_of_a_page_are_compared(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.fill(0)
    for number in range(20):
        harness.put(number)
    monkeypatch.setattr(record_writer, "YIELD_EVERY", 2)
    iterations, noted = 0, list[int]()
    stored, write = SqlTransaction.stored, SqlTransaction.write

    async def count() -> None:
        nonlocal iterations
        while True:
            iterations += 1
            await asyncio.sleep(0)

    async def note_stored(self: SqlTransaction, ids: Iterable[str]) -> dict[str, StoredRecord]:
        found = await stored(self, ids)
        noted.append(iterations)
        return found

    async def note_write(self: SqlTransaction, rows: Sequence[Row]) -> dict[str, str]:
        noted.append(iterations)
        return await write(self, rows)

    monkeypatch.setattr(SqlTransaction, "stored", note_stored)
    monkeypatch.setattr(SqlTransaction, "write", note_write)
    counting = asyncio.create_task(count())
    await harness.refresh(full=True)
    counting.cancel()
    before, after = noted
    assert after - before >= 10
