"""Leases of processes that are gone, and what an open transaction of a page holds up."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from attrs import define

from kombo_async.mirror import Mirror
from kombo_async.mirror.holder import Holder

from .harness import MODEL, Harness

ME = Holder.current()


@define
class Other:
    """A process that has ended, and was waited for."""

    pid: int


@pytest.fixture
def gone() -> Other:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return Other(process.pid)


def changed(**fields: Any) -> Holder:
    names = ("host", "pid", "boot", "namespace", "started", "nonce")
    return Holder(**{name: getattr(ME, name) for name in names} | fields)


pytestmark = pytest.mark.skipif(not ME.boot, reason="this system does not tell when a process began")


def test_holder_is_read_as_it_was_written() -> None:
    assert Holder.parse(str(ME)) == ME
    assert Holder.parse("of/a/later/version") is None
    assert ME.name.endswith(f":{os.getpid()}")


def test_only_a_process_of_this_machine_that_has_ended_is_gone(gone: Other) -> None:
    assert not ME.is_gone(ME)
    assert changed(pid=gone.pid).is_gone(ME)
    # Another process has its number now.
    assert changed(started="1").is_gone(ME)
    for unknown in ({"boot": "another"}, {"namespace": "another"}, {"boot": ""}, {"namespace": ""}):
        assert not changed(pid=gone.pid, **unknown).is_gone(ME)


async def test_lease_of_a_process_that_is_gone_is_taken_at_once(harness: Harness, gone: Other) -> None:
    await harness.fill(3)
    holder = {"holder": str(changed(pid=gone.pid)), "model": MODEL}
    await harness.execute(
        "UPDATE kombo.mirror_leases SET holder = :holder, lease_until = 1e12 WHERE model = :model", holder
    )
    await harness.reopen()
    harness.put(1, name="Changed")
    result = await asyncio.wait_for(harness.refresh(), 10)
    assert (result.updated, result.error) == (1, None)


async def test_webhook_is_not_held_up_by_the_transaction_of_a_page(harness: Harness) -> None:
    if harness.is_sqlite:
        pytest.skip("a SQLite file has one writer")
    await harness.fill(3)
    requested: list[Sequence[str]] = []

    async def on_change(connection: Any, changes: Sequence[Any]) -> None:
        async with Mirror(harness.url) as other:
            requested.append(await asyncio.wait_for(other.request_refresh(harness.integration_id), 10))

    await harness.reopen(on_change=on_change)
    harness.put(1, name="Changed")
    results = await harness.results()
    assert requested == [(MODEL,)]
    # It is about what the page did not show.
    assert [(result.kind, result.error) for result in results] == [("incremental", None)]
    assert [result.kind for result in await harness.refresh_due()] == ["incremental"]


async def test_transaction_of_a_stopped_process_is_ended_by_postgresql(harness: Harness) -> None:
    if harness.is_sqlite:
        pytest.skip("a setting of PostgreSQL")
    assert await harness.query("SHOW idle_in_transaction_session_timeout") == [("15s",)]
