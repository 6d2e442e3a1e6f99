"""How local copies go wrong, and the rule against each: watermarks, cursors, leases and requests (rules 1, 2, 6 to 10,
12 and 17)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kombo_async import errors
from kombo_async.mirror import RefreshResult, Schedule, mirrored_models, runner
from kombo_async.mirror.leases import Leases
from kombo_async.mirror.protocols import Lease, LeaseLost
from kombo_async.mirror.schedule import backoff, with_jitter
from kombo_async.mirror.state import ModelState
from kombo_async.sandbox import Fault
from kombo_async.webhooks import aiohttp_handler

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


# Rule 9: two refreshes at once.


async def take(harness: Harness) -> Lease:
    [lease] = await harness.mirror._store.leases.acquire_named([(harness.integration_id, MODEL)])
    return lease


async def test_rule_9_lease_that_is_held_is_not_given_to_another_process(harness: Harness) -> None:
    await harness.fill(3)
    await take(harness)
    async with harness.new_mirror() as other:
        assert await other._store.leases.acquire_named([(harness.integration_id, MODEL)]) == []
        await other.request_refresh(harness.integration_id)
        assert [each async for each in other.refresh()] == []
        [row] = await other.status()
        assert row.holder is not None


async def test_rule_9_leases_are_renewed_while_they_are_held(harness: Harness) -> None:
    await harness.fill(3)
    lease = await take(harness)
    await harness.execute("UPDATE kombo.mirror_leases SET lease_until = lease_until - 10")
    [(before,)] = await harness.query("SELECT lease_until FROM kombo.mirror_leases")
    await harness.mirror._store.leases.renew()
    [(after,)] = await harness.query("SELECT lease_until FROM kombo.mirror_leases")
    assert after - before > 9
    await harness.mirror._store.leases.finish(lease)
    await harness.mirror._store.leases.renew()
    assert await harness.query("SELECT lease_until, holder FROM kombo.mirror_leases") == [(0, None)]


async def test_rule_9_process_that_lost_its_lease_writes_nothing(harness: Harness) -> None:
    await harness.fill(3)
    await harness.mirror.request_refresh(harness.integration_id)
    lease = await take(harness)
    await harness.execute("UPDATE kombo.mirror_leases SET lease_until = 0")
    async with harness.new_mirror() as other:
        [later] = await other._store.leases.acquire_named([(harness.integration_id, MODEL)])
        assert later.fence > lease.fence
        with pytest.raises(LeaseLost):
            async with harness.mirror._store.transaction(lease):
                pytest.fail("the transaction has begun")
        # Neither does the end of its work release the lease of the other, replace its state, or drop the request.
        lease.state.failures, lease.state.completed_seq = 99, lease.requested_seq
        await harness.mirror._store.leases.finish(lease)
        assert await harness.query("SELECT requested_seq FROM kombo.mirror_requests") == [(lease.requested_seq,)]
        [row] = await other.status()
        assert (row.holder is not None, row.failures) == (True, 0)
        await other._store.leases.finish(later)


async def test_rule_9_lease_of_a_model_that_was_removed_and_added_again_is_lost(harness: Harness) -> None:
    await harness.fill(3)
    lease = await take(harness)
    await harness.mirror.remove(harness.integration_id)
    await harness.mirror.add(harness.integration_id, [MODEL])
    again = await take(harness)
    assert again.fence > lease.fence
    with pytest.raises(LeaseLost):
        async with harness.mirror._store.transaction(lease):
            pytest.fail("the transaction has begun")


@small_pages
async def test_rule_9_several_processes_refresh_each_model_once(harness: Harness) -> None:
    sandbox, models = harness.sandbox, [MODEL, "hris_teams"]
    for integration_id in sandbox.integration_ids[:3]:
        await harness.mirror.add(integration_id, models)

    async def refresh() -> list[RefreshResult]:
        async with harness.new_mirror() as mirror:
            return [result async for result in mirror.refresh()]

    results = [result for part in await asyncio.gather(refresh(), refresh(), refresh()) for result in part]
    assert all(result.error is None for result in results), results
    done = [(result.integration_id, result.model) for result in results]
    assert len(done) == len(set(done)) == 6
    first_pages = [each for each in harness.requests() if "cursor" not in each]
    assert len(first_pages) == 6


MANY = ["hris_absence_types", "hris_legal_entities", "hris_locations", "hris_teams"]


async def add_many(harness: Harness) -> set[tuple[str, str]]:
    """Add more models than are refreshed at once."""
    integrations = harness.sandbox.integration_ids[:3]
    for integration_id in integrations:
        await harness.mirror.add(integration_id, MANY)
    return {(integration_id, model) for integration_id in integrations for model in MANY}


async def test_rule_9_leases_are_released_when_refreshes_are_left(harness: Harness) -> None:
    keys = await add_many(harness)
    refreshing = harness.mirror.refresh()
    await anext(refreshing)
    await refreshing.aclose()
    assert [row.model for row in await harness.mirror.status() if row.holder is not None] == []
    assert all(result.error is None for result in await harness.refresh_due())
    rows = await harness.mirror.status()
    assert {(row.integration_id, row.model) for row in rows if row.refreshed_at is not None} == keys


async def test_rule_9_lease_of_a_refresh_that_has_not_begun_is_released(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_many(harness)
    start = runner.Runner._start

    class StoppedError(Exception):
        pass

    def start_and_stop(self: runner.Runner, leases: list[Lease], **options: bool) -> None:
        start(self, leases, **options)
        raise StoppedError

    monkeypatch.setattr(runner.Runner, "_start", start_and_stop)
    with pytest.raises(StoppedError):
        await harness.refresh_due()
    assert [row.model for row in await harness.mirror.status() if row.holder is not None] == []


async def test_rule_9_leases_that_wait_for_long_are_left_to_other_processes(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = await add_many(harness)
    released = 0
    acquire, finish = Leases.acquire, runner.Runner._release

    async def acquire_with_patience(self: Leases, limit: int, models: Collection[str] | None = None) -> list[Lease]:
        monkeypatch.setattr(runner, "_HOLD", 60.0 if limit == 1 else 0.0)
        return await acquire(self, limit, models)

    monkeypatch.setattr(Leases, "acquire", acquire_with_patience)
    monkeypatch.setattr("kombo_async.mirror.mirror._CONCURRENCY", 1)

    async def count(self: runner.Runner, waiting: list[Lease]) -> None:
        nonlocal released
        released += len(waiting)
        await finish(self, waiting)

    monkeypatch.setattr(runner.Runner, "_release", count)
    results = await harness.refresh_due()
    assert released
    assert sorted((result.integration_id, result.model) for result in results) == sorted(keys)
    assert all(result.error is None for result in results)


async def test_rule_9_named_refresh_waits_for_the_process_that_holds_the_lease(
    harness: Harness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_WAIT", 0.02)
    await harness.fill(3)
    lease = await take(harness)
    harness.put(1, name="Changed")
    async with harness.new_mirror() as other:

        async def refresh() -> list[RefreshResult]:
            return [result async for result in other.refresh(harness.integration_id)]

        with caplog.at_level("INFO", "kombo_async.mirror"):
            task = asyncio.create_task(refresh())
            while not any("waiting for hris_locations" in each.message for each in caplog.records):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not task.done()
        await harness.mirror._store.leases.finish(lease)
        [result] = await task
        assert (result.updated, result.error) == (1, None)


# Rule 10: webhooks that are lost, doubled, or late.


async def test_rule_10_event_requests_a_refresh_of_what_it_names(harness: Harness) -> None:
    await harness.fill(3)
    await harness.mirror.add(harness.integration_id, ["hris_teams"])
    await harness.refresh_due()
    harness.put(1, name="Changed")
    assert await harness.refresh_due() == []
    assert await harness.notify_changed(MODEL) == (MODEL,)
    assert (await harness.status()).next_at <= datetime.now(UTC) + timedelta(seconds=1)
    results = await harness.refresh_due()
    assert [(result.model, result.updated) for result in results] == [(MODEL, 1)]
    assert await harness.refresh_due() == []


async def test_rule_10_event_counts_once(harness: Harness) -> None:
    await harness.fill(3)
    assert await harness.notify_changed(MODEL, event_id="one") == (MODEL,)
    await harness.refresh_due()
    await harness.reopen()
    assert await harness.notify_changed(MODEL, event_id="one") == ()
    assert await harness.refresh_due() == []
    await harness.advance_database_clock(timedelta(days=1, minutes=1))
    assert await harness.notify_changed(MODEL, event_id="two") == (MODEL,)
    assert await harness.notify_changed(MODEL, event_id="one") == (MODEL,)


async def test_rule_10_request_that_arrives_during_a_refresh_causes_another_one(harness: Harness) -> None:
    await harness.fill(3)

    async def change() -> None:
        harness.put(2, name="Changed")
        await harness.notify_changed(MODEL)

    harness.after_page(1, change)
    await harness.mirror.request_refresh(harness.integration_id)
    results = await harness.refresh_due()
    assert [result.kind for result in results] == ["incremental", "incremental"]
    await harness.assert_equal()
    assert await harness.refresh_due() == []


@small_pages
async def test_rule_10_request_between_a_kill_and_the_resumption_causes_another_refresh(harness: Harness) -> None:
    await harness.fill(12)
    for number in range(12):
        harness.put(number, name="Changed")
    harness.sandbox.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path=PATH, times=None, after=1)
    await harness.results()
    harness.sandbox.faults.clear()
    harness.put(0, name="Changed again")
    await harness.notify_changed(MODEL)
    await harness.reopen()
    results = await harness.results()
    assert [result.kind for result in results] == ["incremental", "incremental"]
    await harness.assert_equal()


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("data-changed", {"changed_models": [{"name": "hris_something_new"}]}, "all"),
        ("data-changed", {"changed_models": []}, "all"),
        ("data-changed", {"changed_models": "odd"}, "all"),
        ("data-changed", {"changed_models": [{"name": "hris_skills"}]}, "none"),
        ("sync-finished", {}, "all"),
        ("integration-state-changed", {}, "all"),
        ("issue-status-changed", {}, "all"),
        ("integration-created", {}, "none"),
        ("something-new", {}, "none"),
    ],
)
async def test_rule_10_events_request_models(harness: Harness, kind: str, data: dict[str, Any], expected: str) -> None:
    models = ("hris_locations", "hris_teams")
    await harness.mirror.add(harness.integration_id, models)
    about = {"integration_id": harness.integration_id, "id": harness.integration_id, "integration_category": "HRIS"}
    requested = await harness.notify(kind, **about, integration_tool="personio", **data)
    assert requested == (models if expected == "all" else ())


async def test_rule_10_event_of_an_integration_that_is_not_mirrored_stores_nothing(harness: Harness) -> None:
    await harness.fill(3)
    assert await harness.notify("sync-finished", integration_id="personio:unknown") == ()
    assert await harness.mirror.request_refresh("personio:unknown") == ()
    assert await harness.query("SELECT count(*) FROM kombo.mirror_requests") == [(0,)]


async def test_rule_10_delivered_webhook_requests_a_refresh(harness: Harness) -> None:
    from aiohttp import web
    from aiohttp.test_utils import TestServer

    await harness.fill(3)
    app = web.Application()
    app.router.add_post("/", aiohttp_handler(harness.mirror.handle_event, "secret"))
    async with TestServer(app) as server:
        harness.sandbox.send_webhooks_to(str(server.make_url("/")), secret="secret")
        harness.delete(1)
        await harness.sandbox.send_webhook("data-changed", integration_id=harness.integration_id)
    [result] = await harness.refresh_due()
    assert (result.model, result.deleted) == (MODEL, 1)


async def test_rule_10_periodic_refreshes_need_no_webhook(harness: Harness) -> None:
    await harness.fill(3)
    assert await harness.refresh_due() == []
    await harness.advance_database_clock(timedelta(hours=3))
    assert [result.kind for result in await harness.refresh_due()] == ["incremental"]
    await harness.advance_database_clock(timedelta(days=7))
    assert [result.kind for result in await harness.refresh_due()] == ["incremental", "full"]


def test_rule_10_intervals_have_jitter_and_are_never_longer_than_said() -> None:
    rng = random.Random(1)
    seconds = [with_jitter(timedelta(hours=1), rng) for _ in range(1000)]
    assert 2700 <= min(seconds) < 2800
    assert 3500 < max(seconds) <= 3600


# Rule 12: one integration that fails, and the others.


@pytest.mark.parametrize(
    ("error", "minutes", "ends_on_request"),
    [
        ("IntegrationSetupSyncPendingError", [10, 10, 10], True),
        ("IntegrationInactiveError", [1440, 1440], True),
        ("IntegrationAuthenticationInvalidError", [1440, 1440], True),
        ("IntegrationNotFoundError", [1440, 1440], True),
        ("IntegrationModelDisabledError", [10080, 10080], True),
        ("IntegrationModelNotAvailableError", [10080, 10080], True),
        ("RateLimitExceededError", [1, 2, 4, 8, 16, 32, 60, 60], False),
        ("UnknownPlatformError", [1, 2, 4, 8, 16, 32, 60, 60], False),
    ],
)
def test_rule_12_wait_after_a_failure_follows_its_kind(error: str, minutes: list[float], ends_on_request: bool) -> None:
    raised = getattr(errors, error)("failed", code="", status=503)
    waits = [backoff(raised, failures + 1) for failures in range(len(minutes))]
    assert [wait.seconds / 60 for wait in waits] == minutes
    assert {wait.ends_on_request for wait in waits} == {ends_on_request}


async def test_rule_12_integration_that_fails_does_not_stop_the_others(harness: Harness) -> None:
    bad, good, also_good = harness.sandbox.integration_ids[:3]
    for integration_id in (bad, good, also_good):
        await harness.mirror.add(integration_id, [MODEL])
    harness.sandbox.set_integration_state(bad, status="INACTIVE")
    results = {result.integration_id: result for result in await harness.refresh_due()}
    assert isinstance(results[bad].error, errors.IntegrationInactiveError)
    assert results[good].error is results[also_good].error is None
    status = {row.integration_id: row for row in await harness.mirror.status()}
    assert (status[bad].failures, status[good].failures) == (1, 0)
    assert "IntegrationInactiveError" in (status[bad].last_error or "")
    # It is left alone for a day, or until its webhook.
    assert await harness.refresh_due() == []
    assert timedelta(hours=23) < status[bad].next_at - datetime.now(UTC) < timedelta(hours=27)
    harness.sandbox.set_integration_state(bad, status="ACTIVE")
    await harness.notify("integration-state-changed", integration_id=bad)
    [result] = await harness.refresh_due()
    assert (result.integration_id, result.error) == (bad, None)


async def test_rule_12_webhook_does_not_end_the_wait_after_an_outage(harness: Harness) -> None:
    await harness.fill(3)
    harness.sandbox.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path=PATH, times=None)
    await harness.results()
    harness.sandbox.faults.clear()
    await harness.notify_changed(MODEL)
    assert await harness.refresh_due() == []
    await harness.advance_database_clock(timedelta(minutes=2))
    assert [result.error for result in await harness.refresh_due()] == [None]


@small_pages
async def test_rule_12_incremental_refresh_runs_between_the_pages_of_a_full_one(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kombo_async.mirror import refresher

    monkeypatch.setattr(refresher, "_LOOK", 0.0)
    await harness.fill(20)

    async def change() -> None:
        # A record of the last page, and a new one.
        harness.put(19, name="Changed")
        harness.put(20)
        await harness.notify_changed(MODEL)

    harness.after_page(1, change)
    harness.requests()
    results = await harness.results(full=True)
    assert [(result.kind, result.error) for result in results] == [("incremental", None), ("full", None)]
    assert (results[0].created, results[0].updated) == (1, 1)
    kinds = ["incremental" if "updated_after" in each else "full" for each in harness.requests() if "ids" not in each]
    assert kinds[0] == kinds[-1] == "full"
    assert "incremental" in kinds
    # What it stored is noted as seen.
    assert results[1].deleted == 0
    await harness.assert_equal()


# Rule 17: names in webhooks that are no lists.


async def test_rule_17_join_models_request_the_lists_that_show_them(harness: Harness) -> None:
    await harness.mirror.add(harness.integration_id)
    assert await harness.notify_changed("hris_join_employees_teams", event_id="1") == ("hris_employees",)
    assert set(await harness.notify_changed("hris_employments", event_id="2")) == {"hris_employees", "hris_employments"}
    unknown = await harness.notify_changed("hris_unheard_of", event_id="3")
    assert set(unknown) == set(mirrored_models.models_of("hris")) & {row.model for row in await harness.mirror.status()}


def test_new_model_is_due_for_a_full_refresh() -> None:
    assert ModelState().next_work(0.0, 0) == "full"
