"""How local copies go wrong, and the rule against each: what counts as a deletion (rules 3, 4, 5, 13 and 14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kombo_async.mirror import mirror as mirror_module
from kombo_async.sandbox import Fault

from .harness import MODEL, PATH, Harness

UNSTABLE = pytest.mark.parametrize("sandbox", [{"unstable_pages": True}], indirect=True)
small_pages = pytest.mark.usefixtures("small_pages")


# Rule 3: deletions that are missed, or reported twice.


@small_pages
async def test_rule_3_every_list_request_includes_deleted_records(harness: Harness) -> None:
    await harness.fill(12)
    harness.vanish(3)
    await harness.refresh()
    await harness.refresh(full=True)
    requests = harness.requests()
    assert any("ids" in each for each in requests)
    assert any("updated_after" in each for each in requests)
    assert all(each["include_deleted"] == "true" for each in requests)


@pytest.mark.parametrize("full", [False, True])
async def test_rule_3_deletion_is_marked_and_reported_once(harness: Harness, full: bool) -> None:
    await harness.fill(12)
    harness.delete(3)
    result = await harness.refresh(full=full)
    assert (result.kind, result.deleted) == ("full" if full else "incremental", 1)
    assert harness.changed() == [("deleted", "id0003")]
    [deleted] = (await harness.stored(deleted=True)).values()
    [shown] = [each for each in harness.sandbox.records(MODEL, include_deleted=True) if each["id"] == "id0003"]
    assert deleted == shown
    await harness.assert_equal()
    for again in (False, True):
        result = await harness.refresh(full=again)
        assert (result.deleted, harness.changed()) == (0, [])
    assert "id0003" in await harness.stored(deleted=True)


async def test_rule_3_record_that_was_deleted_before_the_first_refresh_is_stored_as_deleted(harness: Harness) -> None:
    harness.put(90)
    harness.delete(90)
    await harness.mirror.add(harness.integration_id, [MODEL])
    await harness.refresh()
    assert "id0090" not in {record_id for _, record_id in harness.changed()}
    assert "id0090" in await harness.stored(deleted=True)


async def test_rule_3_restored_record_is_reported_as_restored(harness: Harness) -> None:
    await harness.fill(12)
    harness.delete(3)
    await harness.refresh()
    harness.sandbox.change(MODEL, "id0003", remote_deleted_at=None)
    result = await harness.refresh()
    assert (result.restored, harness.changed()) == (1, [("restored", "id0003")])
    await harness.assert_equal()


# Rule 4: deletions that are invented, because pages shift while they are read.


@UNSTABLE
@small_pages
async def test_rule_4_record_that_shifting_pages_hide_is_not_deleted(harness: Harness) -> None:
    await harness.fill(20)
    harness.requests()
    harness.after_page(1, lambda: harness.vanish(2))
    result = await harness.refresh(full=True)
    # It saw id0002 before that was removed, and not id0005, which had moved to the first page.
    assert (result.deleted, result.withheld_deletions, harness.changed()) == (0, 0, [])
    asked = {each for query in harness.requests() if "ids" in query for each in query["ids"].split(",")}
    assert "id0005" in asked
    result = await harness.refresh(full=True)
    assert (result.deleted, harness.changed()) == (1, [("deleted", "id0002")])
    await harness.assert_equal()


@small_pages
async def test_rule_4_record_that_shows_again_by_its_id_is_stored_as_it_is(harness: Harness) -> None:
    await harness.fill(12)
    harness.vanish(0)
    # It comes back with other content after its page was read.
    harness.after_page(1, lambda: harness.put(0, name="Back"))
    result = await harness.refresh(full=True)
    assert (result.deleted, harness.changed()) == (0, [("updated", "id0000")])
    await harness.assert_equal()


@small_pages
async def test_rule_4_resumed_full_refresh_keeps_the_ids_that_it_has_seen(harness: Harness) -> None:
    await harness.fill(20)
    harness.vanish(1)
    harness.sandbox.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path=PATH, times=None, after=2)
    [result] = await harness.results(full=True)
    assert result.error is not None
    harness.sandbox.faults.clear()
    harness.requests()
    await harness.reopen()
    result = await harness.refresh(full=True)
    assert (result.deleted, harness.changed()) == (1, [("deleted", "id0001")])
    assert all("cursor" in each or "ids" in each for each in harness.requests())
    await harness.assert_equal()


@small_pages
async def test_rule_4_full_refresh_that_starts_over_judges_by_its_last_attempt_alone(harness: Harness) -> None:
    await harness.fill(20)
    harness.vanish(1)

    def expire() -> None:
        harness.sandbox.expire_cursors()
        harness.put(1)
        harness.vanish(19)

    harness.after_page(2, expire)
    result = await harness.refresh(full=True)
    # Put again, it carries another `changed_at`.
    assert (result.deleted, harness.changed()) == (1, [("updated", "id0001"), ("deleted", "id0019")])
    await harness.assert_equal()


@small_pages
@pytest.mark.parametrize("answer", ["empty", "unfiltered"])
async def test_rule_4_nothing_is_deleted_where_the_filter_by_ids_does_not_work(harness: Harness, answer: str) -> None:
    await harness.fill(10)
    harness.vanish(4)
    results = [] if answer == "empty" else [each for each in harness.shown().values() if each["id"] > "id0005"]
    payload = {"status": "success", "data": {"next": None, "results": results}}
    # After two pages of five.
    harness.sandbox.faults.add(Fault.json(payload), path=PATH, after=2)
    result = await harness.refresh(full=True)
    assert (result.deleted, harness.changed()) == (0, [])
    assert (await harness.refresh(full=True)).deleted == 1


@small_pages
async def test_rule_4_record_whose_id_cannot_be_asked_for_is_not_deleted(harness: Harness) -> None:
    await harness.fill(10)
    for record_id in ("a,b", "c"):
        harness.sandbox.put(MODEL, {"id": record_id, "name": "Odd"})
    await harness.refresh()
    harness.sandbox.remove(MODEL, "a,b")
    harness.sandbox.remove(MODEL, "c")
    result = await harness.refresh(full=True)
    assert (result.deleted, harness.changed()) == (1, [("deleted", "c")])
    assert "a,b" in await harness.stored()


# Rule 5: mass deletions after an odd answer.

STATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "setup pending": ({"setup_status": "FINAL_SYNC_PENDING"}, {"setup_status": "COMPLETED"}),
    "credentials invalid": ({"status": "INVALID"}, {"status": "ACTIVE"}),
    "inactive": ({"status": "INACTIVE"}, {"status": "ACTIVE"}),
    "data expired": ({"data_expired_at": datetime(2026, 11, 20, tzinfo=UTC)}, {"data_expired_at": None}),
    "model disabled": ({"disabled_models": {MODEL}}, {"disabled_models": set()}),
}


@small_pages
@pytest.mark.parametrize("state", STATES)
async def test_rule_5_nothing_is_deleted_while_the_integration_is_not_in_order(harness: Harness, state: str) -> None:
    await harness.fill(10)
    harness.vanish(4)
    wrong, right = STATES[state]

    def change() -> None:
        harness.sandbox.set_integration_state(harness.integration_id, **wrong)

    harness.after_page(2, change)
    [result] = await harness.results(full=True)
    assert (result.error, result.deleted, result.withheld_deletions) == (None, 0, 1)
    assert (await harness.status()).withheld_deletions == 1
    assert len(await harness.stored()) == 10

    harness.sandbox.set_integration_state(harness.integration_id, **right)
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (1, 0)
    assert (await harness.status()).withheld_deletions == 0
    await harness.assert_equal()


async def test_rule_5_nothing_is_deleted_if_data_was_expired_before_the_first_page(harness: Harness) -> None:
    await harness.fill(10)
    harness.vanish(4)
    wrong, right = STATES["data expired"]
    harness.sandbox.set_integration_state(harness.integration_id, **wrong)
    harness.after_page(1, lambda: harness.sandbox.set_integration_state(harness.integration_id, **right))
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (0, 1)


@pytest.mark.parametrize("full", [False, True])
async def test_rule_5_model_that_is_switched_off_deletes_nothing(harness: Harness, full: bool) -> None:
    await harness.fill(12)
    harness.sandbox.switch_model(MODEL, on=False)
    result = await harness.refresh(full=full)
    assert (result.deleted, result.withheld_deletions, harness.changed()) == (0, 12, [])
    assert (await harness.status()).withheld_deletions == 12
    assert len(await harness.stored()) == 12
    harness.sandbox.switch_model(MODEL, on=True)
    result = await harness.refresh(full=full)
    assert (result.withheld_deletions, harness.changed()) == (0, [])
    assert (await harness.status()).withheld_deletions == 0
    await harness.assert_equal()


async def test_rule_5_empty_full_refresh_never_deletes_unless_it_is_forced(harness: Harness) -> None:
    await harness.fill(12)
    harness.vanish(*range(12))
    for _ in range(3):
        result = await harness.refresh(full=True)
        assert (result.deleted, result.withheld_deletions, harness.changed()) == (0, 12, [])
        assert len(await harness.stored()) == 12
    result = await harness.refresh(force=True)
    assert (result.kind, result.deleted, result.withheld_deletions) == ("full", 12, 0)
    assert not await harness.stored()


@small_pages
@pytest.mark.parametrize(("count", "gone", "withheld"), [(30, 6, 0), (30, 7, 7), (12, 5, 0), (12, 6, 6), (3, 2, 0)])
async def test_rule_5_more_than_a_fifth_is_withheld_until_the_next_full_refresh_misses_the_same(
    harness: Harness, count: int, gone: int, withheld: int
) -> None:
    await harness.fill(count)
    harness.vanish(*range(1, gone + 1))
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (gone - withheld, withheld)
    assert (await harness.status()).withheld_deletions == withheld
    # An incremental refresh confirms nothing.
    await harness.refresh()
    assert (await harness.status()).withheld_deletions == withheld
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (withheld, 0)
    await harness.assert_equal()


async def test_rule_5_all_of_few_records_are_withheld(harness: Harness) -> None:
    await harness.fill(2)
    harness.vanish(0, 1)
    harness.put(7)
    result = await harness.refresh(full=True)
    assert (result.created, result.deleted, result.withheld_deletions) == (1, 2, 0)
    harness.vanish(7)
    harness.put(8)
    harness.delete(8)
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (0, 1)


async def test_rule_5_withheld_deletions_are_applied_by_force(harness: Harness) -> None:
    await harness.fill(12)
    harness.vanish(*range(8))
    assert (await harness.refresh(full=True)).withheld_deletions == 8
    result = await harness.refresh(force=True)
    assert (result.deleted, result.withheld_deletions) == (8, 0)
    await harness.assert_equal()


async def test_rule_5_withheld_record_that_shows_again_is_not_deleted(harness: Harness) -> None:
    await harness.fill(12)
    harness.vanish(*range(8))
    await harness.refresh(full=True)
    harness.put(0, name="Office 0")
    await harness.refresh()
    assert (await harness.status()).withheld_deletions == 7
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (7, 0)
    assert "id0000" not in {record_id for kind, record_id in harness.changed() if kind == "deleted"}
    await harness.assert_equal()


async def test_rule_5_records_that_are_missing_for_the_first_time_confirm_nothing(harness: Harness) -> None:
    await harness.fill(20)
    harness.vanish(*range(6))
    assert (await harness.refresh(full=True)).withheld_deletions == 6
    harness.vanish(*range(6, 14))
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (6, 8)
    result = await harness.refresh(full=True)
    assert (result.deleted, result.withheld_deletions) == (8, 0)
    await harness.assert_equal()


# Rule 13: personal data that is kept after Kombo erased it.


@pytest.mark.parametrize("full", [False, True])
async def test_rule_13_emptied_record_is_emptied_and_stays_deleted(harness: Harness, full: bool) -> None:
    await harness.fill(12)
    harness.delete(3)
    await harness.refresh()
    [before] = (await harness.stored(deleted=True)).values()
    harness.sandbox.anonymise(MODEL, "id0003", touch=True)
    result = await harness.refresh(full=full)
    assert (result.erased, harness.changed()) == (1, [("erased", "id0003")])
    [after] = (await harness.stored(deleted=True)).values()
    assert after == {"id": "id0003", "remote_deleted_at": before["remote_deleted_at"]}
    assert await harness.query(
        "SELECT remote_id, changed_at FROM kombo.hris_locations_records WHERE id = 'id0003'"
    ) == [(None, None)]


async def test_rule_13_record_is_emptied_two_weeks_after_its_deletion_without_a_request(harness: Harness) -> None:
    await harness.fill(12)
    harness.delete(3)
    await harness.refresh()
    harness.requests()
    await harness.advance_database_clock(timedelta(days=13, hours=23))
    await harness.mirror.request_refresh(harness.integration_id)
    await harness.refresh_due()
    assert (await harness.stored(deleted=True))["id0003"]["name"] == "Office 3"
    await harness.advance_database_clock(timedelta(days=14, minutes=1))
    await harness.refresh_due()
    assert harness.changed() == [("erased", "id0003")]
    [after] = (await harness.stored(deleted=True)).values()
    assert after.keys() == {"id", "remote_deleted_at"}
    # Kombo still shows its content.
    await harness.refresh(full=True)
    assert harness.changed() == []
    [after] = (await harness.stored(deleted=True)).values()
    assert after.keys() == {"id", "remote_deleted_at"}


async def test_rule_13_removal_erases_all_of_an_integration(harness: Harness) -> None:
    await harness.fill(4)
    harness.put(5, raw=b'{"id": "id0005", "name": "\\u0000"}')
    await harness.refresh()
    await harness.refresh(full=True)
    other = harness.sandbox.integration_ids[1]
    await harness.mirror.add(other, [MODEL])
    await harness.refresh_due()
    harness.changes.clear()
    await harness.mirror.remove(harness.integration_id)
    assert sorted(harness.changed()) == [("erased", f"id{number:04}") for number in range(4)]
    assert all(change.after is None and change.record().id == change.id for change in harness.changes)
    for table in ("hris_locations_records", "mirror_leases", "mirror_requests", "mirror_unreadable"):
        rows = await harness.query(f"SELECT DISTINCT integration_id FROM kombo.{table}")
        assert [row[0] for row in rows] in ([], [other]), table
    assert [each.integration_id for each in await harness.mirror.status()] == [other]
    assert await harness.query("SELECT count(*) FROM kombo.mirror_seen") == [(0,)]


async def test_rule_13_interrupted_removal_is_continued(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_module, "_BATCH", 3)
    await harness.fill(8)
    calls = 0

    async def fail(connection: object, changes: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("of the callback")

    await harness.reopen(on_change=fail)
    with pytest.raises(RuntimeError, match="of the callback"):
        await harness.mirror.remove(harness.integration_id)
    assert len(await harness.stored()) == 5
    assert await harness.mirror.status() == ()
    await harness.reopen()
    await harness.refresh_due()
    assert sorted(harness.changed()) == [("erased", f"id{number:04}") for number in range(3, 8)]
    assert not await harness.stored()


@pytest.mark.parametrize("erase", [False, True])
async def test_rule_13_deleted_integration_is_erased_only_if_asked_for(harness: Harness, erase: bool) -> None:
    await harness.fill(4)
    await harness.reopen(erase_deleted_integrations=erase)
    await harness.notify(
        "integration-deleted",
        id=harness.integration_id,
        tool="personio",
        category="HRIS",
        end_user={"creator_email": None, "organization_name": "Acme", "origin_id": None},
        deleted_at="2026-11-20T08:00:00.000Z",
    )
    assert len(await harness.stored()) == (0 if erase else 4)


# Rule 14: timesheets that leave a rolling window.


async def test_rule_14_timesheet_that_is_not_shown_any_more_is_kept(harness: Harness) -> None:
    model = "hris_timesheets"
    await harness.fill(12, model)
    harness.sandbox.remove(model, "id0003")
    harness.sandbox.delete(model, "id0004")
    result = await harness.refresh(model=model, full=True)
    assert (result.deleted, result.withheld_deletions, harness.changed()) == (1, 0, [("deleted", "id0004")])
    assert "id0003" in await harness.stored(model)
