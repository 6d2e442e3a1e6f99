"""Workers of a fleet in this process: what they do, in which order, and what is logged when something is wrong."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from kombo_async import KomboClient
from kombo_async.fleet import Fleet, planner, queue, worker
from kombo_async.fleet import fleet as fleet_module
from kombo_async.mirror import Change, leases
from kombo_async.mirror.database import LEASE_SECONDS
from kombo_async.mirror.refresh_requests import RefreshRequests
from kombo_async.mirror.source import KomboSource
from kombo_async.sandbox import Sandbox
from kombo_async.webhooks import Event

from .conftest import MODEL
from .harness import eventually, jobs, refreshed, rows, working

Changed = Callable[..., Event]


async def test_worker_refreshes_what_is_due_and_leaves_no_job(fleet: Fleet, sandbox: Sandbox) -> None:
    async with working(fleet):
        await eventually(lambda: refreshed(fleet))
        status = await fleet.status()
        assert [(each.is_alive, each.concurrency) for each in status.workers] == [(True, 8)]
    for integration_id in sandbox.integration_ids[:4]:
        stored = await rows(fleet, f"SELECT count(*) FROM kombo.{MODEL} WHERE integration_id = '{integration_id}'")
        assert stored == [(len(sandbox.records(MODEL, integration_id=integration_id)),)]
    status = await fleet.status()
    assert (status.workers, status.models, status.due, status.running, status.never_refreshed) == ((), 4, 0, 0, 0)
    assert await rows(fleet, f"SELECT count(*) FROM {queue.schema_name()}.procrastinate_jobs") == [(0,)]


async def test_job_of_a_webhook_goes_before_due_ones_that_wait_already(
    fleet: Fleet, sandbox: Sandbox, changed: Changed
) -> None:
    assert await fleet.enqueue_due() == 4
    assert await fleet.enqueue_due() == 0
    urgent = sandbox.integration_ids[3]
    assert await fleet.handle_event(changed(urgent)) == (MODEL,)
    await eventually(lambda: five_jobs(fleet))
    assert (await jobs(fleet))[0] == ("requested", urgent)


async def five_jobs(fleet: Fleet) -> bool:
    return len(await jobs(fleet)) == 5


async def test_burst_of_webhooks_is_a_few_refreshes(fleet: Fleet, sandbox: Sandbox, changed: Changed) -> None:
    async with working(fleet):
        await eventually(lambda: refreshed(fleet))
        sandbox.requests.clear()
        events = [changed(integration_id) for _ in range(25) for integration_id in sandbox.integration_ids[:4]]
        await asyncio.gather(*map(fleet.handle_event, events), *map(fleet.handle_event, events))
        await eventually(lambda: nothing_requested(fleet))
    assert 4 <= len(sandbox.requests) <= 4 * 4


async def test_webhooks_that_arrive_together_share_transactions_and_count_once(
    fleet: Fleet, sandbox: Sandbox, changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, sizes = RefreshRequests._store, list[int]()

    async def counted(self: RefreshRequests, batch: Any) -> Any:
        sizes.append(len(batch))
        return await store(self, batch)

    monkeypatch.setattr(RefreshRequests, "_store", counted)
    ids = [*sandbox.integration_ids[:4], "personio:notMirrored"]
    events = [changed(integration_id, f"{integration_id} {number}") for number in range(20) for integration_id in ids]
    answers = await asyncio.gather(*map(fleet.handle_event, [*events, *events]))
    # The same id a second time, and an integration that is not in the mirror, request nothing.
    expected = [() if event.integration_id == ids[4] else (MODEL,) for event in events]
    assert answers == [*expected, *[()] * len(events)]
    assert sum(sizes) == 2 * len(events)
    assert len(sizes) <= 4
    assert len(await rows(fleet, "SELECT * FROM kombo.mirror_requests")) == 4
    assert len(await rows(fleet, "SELECT * FROM kombo.mirror_events")) == 4 * 20


async def test_what_a_burst_requests_again_is_left_to_the_next_plan(
    fleet: Fleet, sandbox: Sandbox, changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def receive() -> list[Any]:
        await fleet.handle_event(changed(sandbox.integration_id))
        assert fleet._inserting is not None
        await fleet._inserting
        return await jobs(fleet)

    async with fleet.mirror.connection(read_only=False) as connection:
        await connection.execute(text("UPDATE kombo.mirror_leases SET due_at = due_at + 1000"))
        await connection.commit()
    requested = [("requested", sandbox.integration_id)]
    assert await receive() == requested
    manager = fleet._queue.worker(_never, concurrency=1, grace=1.0).app.job_manager
    assert await manager.fetch_job(None, 0)
    assert await receive() == []
    assert await fleet.enqueue_due() == 1
    assert await jobs(fleet) == requested
    manager = fleet._queue.worker(_never, concurrency=1, grace=1.0).app.job_manager
    assert await manager.fetch_job(None, 0)
    monkeypatch.setattr(fleet_module, "_BURST", 0.0)
    assert await receive() == requested


async def test_failure_to_store_webhooks_reaches_each_of_them(fleet: Fleet, sandbox: Sandbox, changed: Changed) -> None:
    events = [changed(sandbox.integration_id) for _ in range(5)]
    async with fleet.mirror.connection(read_only=False) as connection:
        await connection.execute(text("ALTER TABLE kombo.mirror_requests RENAME TO elsewhere"))
        await connection.commit()
        answers = await asyncio.gather(*map(fleet.handle_event, events), return_exceptions=True)
        assert [type(each).__name__ for each in answers] == ["ProgrammingError"] * 5
        await connection.execute(text("ALTER TABLE kombo.elsewhere RENAME TO mirror_requests"))
        await connection.commit()
    # Nothing of them was stored, so that Kombo's next delivery counts.
    assert await asyncio.gather(*map(fleet.handle_event, events)) == [(MODEL,)] * 5


async def nothing_requested(fleet: Fleet) -> bool:
    return await rows(fleet, "SELECT count(*) FROM kombo.mirror_requests") == [(0,)]


async def test_request_whose_job_is_lost_is_planned(
    fleet: Fleet, sandbox: Sandbox, changed: Changed, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any) -> int:
        raise OSError("the queue is away")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(queue.Queue, "enqueue", broken)
        assert await fleet.handle_event(changed(sandbox.integration_id)) == (MODEL,)
        await eventually(lambda: _logged(caplog, "cannot wake workers up: OSError"))
    assert await fleet.enqueue_due() == 1 + 4
    assert ("requested", sandbox.integration_id) in await jobs(fleet)


async def _logged(caplog: pytest.LogCaptureFixture, message: str) -> bool:
    return message in caplog.messages


async def test_job_ends_at_once_where_another_process_holds_the_lease(fleet: Fleet, sandbox: Sandbox) -> None:
    async with Fleet(fleet.mirror._url.render_as_string(hide_password=False).replace("+psycopg", "")) as other:
        [lease] = await other._store.leases.acquire_named([(sandbox.integration_id, MODEL)], only_due=True)
        assert await other._store.leases.acquire_named([(sandbox.integration_id, MODEL)], only_due=True) == []
        async with working(fleet):
            await eventually(lambda: three_refreshed(fleet))
            assert [row.refreshed_at for row in await fleet.mirror.status() if row.holder] == [None]
            await other._store.leases.finish(lease)
            await eventually(lambda: refreshed(fleet))


async def three_refreshed(fleet: Fleet) -> bool:
    status = await fleet.status()
    return status.never_refreshed == 1 and not await jobs(fleet)


async def test_stopped_worker_finishes_its_page_and_gives_the_rest_back(
    fleet: Fleet, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kombo_async.mirror.refresher.PAGE_SIZE", 1)
    fetch, pages = KomboSource.fetch_page, 0

    async def fetch_page(*given: Any, **options: Any) -> Any:
        nonlocal pages
        pages += 1
        if pages == 2:
            fleet.stop()
        return await fetch(*given, **options)

    monkeypatch.setattr(KomboSource, "fetch_page", fetch_page)
    await fleet.work(concurrency=1)
    assert pages <= 3
    [begun] = [row for row in await fleet.mirror.status() if row.refreshing]
    assert (begun.refreshing, begun.holder, begun.failures) == ("full", None, 0)
    assert begun.records >= 1
    assert ("due", begun.integration_id) in await jobs(fleet)
    async with working(fleet):
        await eventually(lambda: refreshed(fleet))


async def test_one_worker_plans_for_the_whole_fleet(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "INTERVAL", 60.0)
    waits = [await planner.claim(fleet._queue) for _ in range(3)]
    assert waits[0] == 0
    assert all(planner.INTERVAL / 2 < wait <= planner.INTERVAL for wait in waits[1:])


async def test_failure_is_logged_with_fields_and_counted_by_its_class(
    fleet: Fleet, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    gone = sandbox.integration_ids[0]
    sandbox.remove_integration(gone)
    with caplog.at_level(logging.INFO, "kombo_async.fleet"):
        async with working(fleet):
            await eventually(lambda: one_failed(fleet))
    [failed] = [each for each in caplog.records if getattr(each, "event", None) == "refresh_failed"]
    assert (failed.integration_id, failed.model, failed.failures) == (gone, MODEL, 1)  # type: ignore[attr-defined]
    done = [each for each in caplog.records if getattr(each, "event", None) == "refreshed"]
    assert len(done) == 3
    assert all(each.records["created"] > 0 for each in done)  # type: ignore[attr-defined]


async def one_failed(fleet: Fleet) -> bool:
    status = await fleet.status()
    return bool(status.failures) and status.never_refreshed == 1


async def test_fleet_without_client_finds_the_queue_when_a_worker_has_made_it(
    empty_database_url: str,
    client: KomboClient,
    sandbox: Sandbox,
    changed: Changed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fleet_module, "_REOPEN", 0.0)
    async with Fleet(empty_database_url) as receiver:
        with pytest.raises(RuntimeError, match="no worker has run yet"):
            await receiver.enqueue_due()
        with pytest.raises(RuntimeError, match="needs a client"):
            await receiver.work()
        async with Fleet(empty_database_url, client) as fleet:
            await fleet.mirror.add(sandbox.integration_id, [MODEL])
            await receiver.handle_event(changed(sandbox.integration_id))
            await eventually(lambda: has_request(fleet))


async def has_request(fleet: Fleet) -> bool:
    return [kind for kind, _ in await jobs(fleet)] == ["requested"]


async def test_jobs_that_a_worker_has_taken_and_not_begun_are_planned_again(fleet: Fleet) -> None:
    assert await fleet.enqueue_due() == 4
    manager = fleet._queue.worker(_never, concurrency=3, grace=1.0).app.job_manager
    assert await manager.fetch_job(None, 0)
    # Three were taken by one statement, as the worker has room for three.
    assert len(await jobs(fleet)) == 1
    assert await fleet.enqueue_due() == 3


async def _never(*_: str) -> None:
    raise AssertionError


async def test_queue_that_is_dropped_is_created_again(fleet: Fleet, sandbox: Sandbox, changed: Changed) -> None:
    async with working(fleet):
        await eventually(lambda: refreshed(fleet))
        async with fleet.mirror.connection(read_only=False) as connection:
            await connection.execute(text(f"DROP SCHEMA {queue.schema_name()} CASCADE"))
            await connection.commit()
        sandbox.requests.clear()
        await fleet.handle_event(changed(sandbox.integration_id))
        await eventually(lambda: nothing_requested(fleet))
    assert len(sandbox.requests) >= 1


async def test_refresh_whose_connection_fails_is_continued_at_once_but_not_for_ever(
    fleet: Fleet, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_DISCONNECTS", 1)
    first, second = sandbox.integration_ids[:2]
    ended: list[str] = []

    async def cut_off(connection: Any, changes: Sequence[Change]) -> None:
        integration_id = changes[0].integration_id
        if integration_id == second or (integration_id == first and not ended.count(first)):
            ended.append(integration_id)
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    fleet._on_change = cut_off
    async with working(fleet):
        # Before its lease would have expired.
        await eventually(lambda: three_refreshed(fleet), LEASE_SECONDS - 3)
        await eventually(lambda: one_failed(fleet), LEASE_SECONDS - 3)
        assert (ended.count(first), ended.count(second)) == (1, 2)
        failures = {row.integration_id: row.failures for row in await fleet.mirror.status()}
    assert failures == dict.fromkeys(sandbox.integration_ids[:4], 0) | {second: 1}


async def test_wrong_use_is_refused_before_any_work(
    database_url: str, client: KomboClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="a fleet needs PostgreSQL"):
        Fleet("people.db", client)
    assert "secret" not in repr(Fleet("postgresql://me:secret@db.example/kombo", client))
    async with Fleet(database_url, client) as fleet:
        with pytest.raises(ValueError, match="at least 1"):
            await fleet.work(concurrency=0)
        with pytest.raises(TypeError, match="is a whole number"):
            await fleet.work(concurrency=1.5)  # type: ignore[arg-type]
        task = asyncio.create_task(fleet.work())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="works already"):
            await fleet.work()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    monkeypatch.setattr(queue, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install 'kombo_async\[fleet\]'"):
        Fleet(database_url, client)


def test_nothing_of_a_fleet_is_imported_without_one() -> None:
    code = (
        "import sys, asyncio\n"
        "from kombo_async import KomboClient, RetryPolicy\n"
        "from kombo_async.mirror import Mirror\n"
        "async def main():\n"
        "    client = KomboClient('key', base_url='http://127.0.0.1:9', retry=RetryPolicy(attempts=1))\n"
        "    async with client, Mirror('people.db', client) as mirror:\n"
        "        async for _ in mirror.refresh(): pass\n"
        "        try: await client.check_api_key()\n"
        "        except Exception: pass\n"
        "asyncio.run(main())\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'procrastinate', 'psycopg', 'psycopg_pool'}"
        " or 'fleet' in name or 'shared' in name])"
    )
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_background_loops_survive_only_errors_of_the_database_and_log_the_first_and_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    planning = worker.SuppressDatabaseErrors("plan")
    for _ in range(3):
        with planning:
            raise OSError("no route to host")
    for _ in range(2):
        with planning:
            pass
    assert caplog.messages == ["cannot plan: OSError: no route to host", "can plan again"]
    with pytest.raises(ZeroDivisionError), planning:
        raise ZeroDivisionError
