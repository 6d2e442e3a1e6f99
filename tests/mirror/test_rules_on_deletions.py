"""How local copies go wrong, and the rule against each: what counts as a deletion (rules 3, 4, 5 and 14)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

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
async def test_rule_5_nothing_is_deleted_while_the_integration_is_not_in_order(harness: Harness) -> None:
    # Two pages each time; a third one would be refused.
    await harness.fill(11)
    for number, (state, (wrong, right)) in enumerate(STATES.items()):
        stored = await harness.stored()
        harness.vanish(number)

        def change(wrong: dict[str, Any] = wrong) -> None:
            harness.sandbox.set_integration_state(harness.integration_id, **wrong)

        harness.after_page(2, change)
        [result] = await harness.results(full=True)
        assert (result.error, result.deleted, result.withheld_deletions) == (None, 0, 1), state
        assert (await harness.status()).withheld_deletions == 1
        assert await harness.stored() == stored

        harness.sandbox.set_integration_state(harness.integration_id, **right)
        result = await harness.refresh(full=True)
        assert (result.deleted, result.withheld_deletions) == (1, 0), state
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


@pytest.mark.parametrize(("count", "gone", "withheld"), [(30, 6, 0), (30, 7, 7), (12, 5, 0), (12, 6, 6), (3, 2, 0)])
async def test_rule_5_more_than_a_fifth_is_withheld_until_the_next_full_refresh_misses_the_same(
    harness: Harness, count: int, gone: int, withheld: int, request: pytest.FixtureRequest
) -> None:
    if count < 30:
        request.getfixturevalue("small_pages")
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


# Rule 14: timesheets that leave a rolling window.


async def test_rule_14_timesheet_that_is_not_shown_any_more_is_kept(harness: Harness) -> None:
    model = "hris_timesheets"
    await harness.fill(12, model)
    harness.sandbox.remove(model, "id0003")
    harness.sandbox.delete(model, "id0004")
    result = await harness.refresh(model=model, full=True)
    assert (result.deleted, result.withheld_deletions, harness.changed()) == (1, 0, [("deleted", "id0004")])
    assert "id0003" in await harness.stored(model)
