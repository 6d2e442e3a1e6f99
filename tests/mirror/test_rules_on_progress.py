"""How local copies go wrong, and the rule against each: watermarks, cursors and checkpoints (rules 1, 2, 6 to 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kombo_async import errors
from kombo_async.mirror import Schedule
from kombo_async.mirror.state import ModelState
from kombo_async.sandbox import Fault

from .harness import MODEL, PATH, Harness

small_pages = pytest.mark.usefixtures("small_pages")
OVERLAP = Schedule().overlap


def updated_after(harness: Harness) -> list[datetime]:
    """The different values of this filter in the requests since the last call."""
    found = {each["updated_after"] for each in harness.requests() if "updated_after" in each}
    return [datetime.fromisoformat(each) for each in found]


# Rule 1: the watermark.


@small_pages
async def test_rule_1_watermark_is_the_servers_time_of_the_first_page_less_the_overlap(harness: Harness) -> None:
    clock = harness.sandbox.clock
    clock.offset = timedelta(hours=-30)
    await harness.fill(12)
    first = clock.now()
    # Later pages of the refresh do not count.
    harness.after_page(1, lambda: clock.advance(timedelta(hours=5)))
    await harness.refresh(full=True)
    harness.requests()
    await harness.refresh()
    [moment] = updated_after(harness)
    assert abs(moment - (first - OVERLAP)) < timedelta(seconds=30)


async def test_rule_1_watermark_never_moves_back(harness: Harness) -> None:
    await harness.fill(3)
    before = harness.sandbox.clock.now() - OVERLAP
    harness.sandbox.clock.offset = timedelta(days=-3)
    await harness.refresh(full=True)
    await harness.refresh()
    harness.requests()
    await harness.refresh()
    [moment] = updated_after(harness)
    assert abs(moment - before) < timedelta(seconds=30)


@small_pages
async def test_rule_1_watermark_is_not_advanced_without_a_date(harness: Harness) -> None:
    clock = harness.sandbox.clock
    clock.offset = timedelta(hours=-9)
    await harness.fill(3)
    first = clock.now()
    clock.offset = timedelta(hours=-2)
    for full in (True, False):
        harness.sandbox.faults.add(Fault(executes=True, headers={"Date": None}), path=PATH)
        await harness.refresh(full=full)
    harness.requests()
    await harness.refresh()
    [moment] = updated_after(harness)
    assert abs(moment - (first - OVERLAP)) < timedelta(seconds=30)


async def test_rule_1_clock_of_the_server_that_is_ahead_hides_no_change(harness: Harness) -> None:
    clock = harness.sandbox.clock
    clock.advance(timedelta(hours=20))
    await harness.fill(3)
    clock.offset = timedelta(0)
    harness.put(1, name="Changed")
    assert (await harness.refresh()).updated == 1
    await harness.assert_equal()


@small_pages
async def test_rule_1_resumed_refresh_keeps_its_filters_and_its_watermark(harness: Harness) -> None:
    clock = harness.sandbox.clock
    clock.offset = timedelta(hours=-30)
    await harness.fill(3)
    clock.offset = timedelta(hours=-20)
    for number in range(20):
        harness.put(number, name="Changed")
    first = clock.now()
    harness.sandbox.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path=PATH, times=None, after=2)
    [result] = await harness.results()
    assert result.error is not None
    harness.sandbox.faults.clear()
    clock.offset = timedelta(hours=-10)
    await harness.reopen()
    await harness.refresh()
    filters = {(each["updated_after"], each["page_size"]) for each in harness.requests() if "updated_after" in each}
    assert len(filters) == 1
    await harness.refresh()
    [moment] = updated_after(harness)
    assert abs(moment - (first - OVERLAP)) < timedelta(seconds=30)
    await harness.assert_equal()


# Rule 2: changes that leave `changed_at` as it is.


async def test_rule_2_nested_change_arrives_although_changed_at_is_old(harness: Harness) -> None:
    sandbox, model = harness.sandbox, "hris_employees"
    sandbox.put("hris_employments", {"id": "job", "employee_id": "id0001", "job_title": "Engineer"})
    await harness.fill(3, model)
    before = harness.shown(model)["id0001"]
    sandbox.change("hris_employments", "job", job_title="Architect")
    result = await harness.refresh(model=model)
    assert harness.changed() == [("updated", "id0001")]
    after = (await harness.stored(model))["id0001"]
    assert after["changed_at"] == before["changed_at"]
    assert after["employments"][0]["job_title"] == "Architect"
    assert result.updated == 1


async def test_rule_2_watermark_does_not_follow_changed_at(harness: Harness) -> None:
    await harness.fill(3)
    harness.put(7, changed_at="2099-01-01T00:00:00.000Z")
    await harness.refresh()
    harness.requests()
    await harness.refresh()
    [moment] = updated_after(harness)
    assert moment < datetime.now(UTC)


# Rule 6: what changes during a full refresh.


@small_pages
async def test_rule_6_change_of_a_page_that_was_read_arrives_with_the_next_incremental_refresh(
    harness: Harness,
) -> None:
    await harness.fill(20)
    harness.after_page(3, lambda: harness.put(0, name="Changed"))
    await harness.refresh(full=True)
    assert harness.changed() == []
    await harness.refresh()
    assert harness.changed() == [("updated", "id0000")]
    await harness.assert_equal()


# Rule 7: a saved cursor that is no longer accepted.


@small_pages
@pytest.mark.parametrize("full", [False, True])
async def test_rule_7_refused_cursor_starts_over(harness: Harness, full: bool) -> None:
    await harness.fill(20)
    for number in range(20):
        harness.put(number, name="Changed")
    harness.after_page(2, harness.sandbox.expire_cursors)
    harness.requests()
    result = await harness.refresh(full=full)
    assert result.kind == ("full" if full else "incremental")
    assert sum("cursor" not in each for each in harness.requests()) >= 2
    await harness.assert_equal()
    assert await harness.query("SELECT count(*) FROM kombo.mirror_seen") == [(0,)]


@small_pages
async def test_rule_7_cursors_that_are_always_refused_are_an_error_and_not_an_endless_loop(harness: Harness) -> None:
    await harness.fill(20)
    refused = Fault.error("PLATFORM.INPUT_INVALID")
    for number in range(20):
        harness.sandbox.faults.add(refused, path=PATH, after=1 + number)
    [result] = await harness.results(full=True)
    assert isinstance(result.error, errors.InputInvalidError)
    harness.sandbox.faults.clear()
    await harness.refresh(full=True)
    await harness.assert_equal()


@small_pages
async def test_rule_7_list_that_gives_a_cursor_twice_is_an_error(harness: Harness) -> None:
    await harness.fill(20)
    payload = {"status": "success", "data": {"next": "again", "results": []}}
    harness.sandbox.faults.add(Fault.json(payload), path=PATH, times=None, after=1)
    [result] = await harness.results(full=True)
    assert isinstance(result.error, errors.PaginationError)
    assert len(await harness.stored()) == 20


# Rule 8: data and checkpoint are one transaction.


@small_pages
async def test_rule_8_failure_of_on_change_undoes_its_page_and_the_refresh_is_continued_there(harness: Harness) -> None:
    if not harness.is_sqlite:
        await harness.execute("DROP TABLE IF EXISTS kombo.effects")
    await harness.execute(
        "CREATE TABLE kombo.effects (id text)" if not harness.is_sqlite else "CREATE TABLE effects (id text)"
    )
    calls = 0

    async def count(connection: Any, changes: Sequence[Any]) -> None:
        nonlocal calls
        calls += 1
        for change in changes:
            await connection.exec_driver_sql(f"INSERT INTO {harness.prefix}effects VALUES ('{change.id}')")
        if calls == 3:
            raise RuntimeError("of the callback")

    try:
        await harness.reopen(on_change=count)
        for record in harness.sandbox.records(MODEL, include_deleted=True):
            harness.sandbox.remove(MODEL, record["id"])
        for number in range(20):
            harness.put(number)
        await harness.mirror.add(harness.integration_id, [MODEL])
        [result] = await harness.results()
        assert isinstance(result.error, RuntimeError)
        assert len(await harness.stored()) == 10
        assert (await harness.status()).failures == 1
        harness.requests()
        result = await harness.refresh()
        assert result.created == 20
        assert all("cursor" in each for each in harness.requests())
        effects = await harness.query("SELECT id FROM kombo.effects ORDER BY id")
        assert [row[0] for row in effects] == sorted(harness.shown())
    finally:
        await harness.execute("DROP TABLE kombo.effects")


def test_new_model_is_due_for_a_full_refresh() -> None:
    assert ModelState().next_work(0.0, 0) == "full"
