"""How local copies go wrong, and the rule against it: two processes that write to one model (rule 9)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection

import pytest

from kombo_async.mirror import RefreshResult, runner
from kombo_async.mirror.leases import Leases
from kombo_async.mirror.protocols import Lease, LeaseLost

from .harness import MODEL, Harness

small_pages = pytest.mark.usefixtures("small_pages")


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

    def start_and_stop(self: runner.Runner, lease: Lease, waiting: deque[Lease]) -> None:
        start(self, lease, waiting)
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

    async def count(self: runner.Runner, waiting: deque[Lease]) -> None:
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
