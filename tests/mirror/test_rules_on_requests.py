"""How local copies go wrong, and the rule against each: webhooks, intervals and failures (rules 10, 12 and 17)."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kombo_async import errors
from kombo_async.mirror import mirrored_models
from kombo_async.mirror.schedule import backoff, with_jitter
from kombo_async.sandbox import Fault
from kombo_async.webhooks import aiohttp_handler

from .harness import MODEL, PATH, Harness

small_pages = pytest.mark.usefixtures("small_pages")


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


async def test_rule_10_requests_that_wait_are_stored_after_others_have_failed(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await harness.fill(3)
    requests = harness.mirror._store.requests
    store, began, fails = requests._store, asyncio.Event(), asyncio.Event()

    async def store_or_fail(batch: Any) -> Any:
        if not began.is_set():
            began.set()
            await fails.wait()
            raise OSError("the database is away")
        return await store(batch)

    monkeypatch.setattr(requests, "_store", store_or_fail)
    first = asyncio.create_task(harness.notify_changed(MODEL, event_id="one"))
    await began.wait()
    second = asyncio.create_task(harness.notify_changed(MODEL, event_id="two"))
    while not requests._waiting:  # noqa: ASYNC110
        await asyncio.sleep(0)
    fails.set()
    with pytest.raises(OSError, match="away"):
        await first
    assert await asyncio.wait_for(second, 20) == (MODEL,)


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


async def test_rule_12_message_of_a_server_is_in_the_status_but_in_no_log(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    await harness.mirror.add(harness.integration_id, [MODEL])
    message = "ada@example.org is nobody here"
    harness.sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID", message))
    with caplog.at_level("INFO"):
        [result] = await harness.refresh_due()
    assert message in str(result.error)
    [status] = await harness.mirror.status()
    assert status.last_error is not None
    assert message in status.last_error
    [line] = [each.getMessage() for each in caplog.records if each.levelname == "WARNING"]
    assert line.startswith(f"the refresh of {MODEL} of {harness.integration_id} failed: InputInvalidError (GET ")
    assert message not in caplog.text


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
