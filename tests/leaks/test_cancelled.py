"""Thousands of calls that are cancelled at random moments leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from kombo_async import KomboClient, KomboError, Limits, RetryPolicy, Timeouts

from .conftest import Remote

CALLS = 3_000
"""On each event loop."""
COUNTED = 2_000
"""In how many of them the blocks of memory are counted, in two halves."""
AT_ONCE = 50
POOL = 20

Call = Callable[[KomboClient, Remote], Awaitable[Any]]


def read(client: KomboClient, remote: Remote) -> Awaitable[Any]:
    return client.check_api_key()


def pages(client: KomboClient, remote: Remote) -> Awaitable[Any]:
    return client.iter_integration_fields(page_size=1).collect()


def setting(client: KomboClient, remote: Remote) -> Awaitable[Any]:
    return client.set_integration_enabled(value=True)


def action(client: KomboClient, remote: Remote) -> Awaitable[Any]:
    personio = client.for_integration(remote.integration_ids[0])
    return personio.send_passthrough_request("personio", "personnel", "POST", "/echo", data=[1])


KINDS: list[Call] = [read, read, pages, setting, action]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=POOL)) as session:
        yield session


@pytest.fixture
async def client(faulty_remote: Remote, session: aiohttp.ClientSession) -> AsyncIterator[KomboClient]:
    async with KomboClient(
        faulty_remote.api_key,
        base_url=faulty_remote.base_url,
        session=session,
        retry=RetryPolicy(first_wait=0.001, longest_wait=0.002),
        timeouts=Timeouts(read_deadline=20, action_deadline=20),
        limits=Limits(max_in_flight=AT_ONCE // 2, actions_per_integration=2),
    ) as client:
        yield client


async def storm(client: KomboClient, remote: Remote, calls: int, chance: random.Random) -> int:
    """Make calls, *AT_ONCE* at a time, and cancel nine in ten of them; return how many ended by themselves."""
    ended = 0

    async def worker() -> None:
        nonlocal ended
        for _ in range(calls // AT_ONCE):
            view = client.for_integration(chance.choice(remote.integration_ids))
            task = asyncio.ensure_future(chance.choice(KINDS)(view, remote))
            for _ in range(chance.choice((0, 1, 2, 3, 5, 8, 13, 21))):
                await asyncio.sleep(0)
            if chance.random() < 0.4:
                await asyncio.sleep(chance.uniform(0, 0.05))
            if chance.random() < 0.9:
                task.cancel()
            with suppress(asyncio.CancelledError, KomboError):
                await task
                ended += 1

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return ended


async def test_cancelled_calls_leave_no_tasks_or_connections(
    client: KomboClient, faulty_remote: Remote, session: aiohttp.ClientSession
) -> None:
    chance, remote = random.Random(1), faulty_remote
    async with asyncio.timeout(120):
        ended = await storm(client, remote, CALLS - COUNTED, chance)
        assert (CALLS - COUNTED) // 20 < ended < (CALLS - COUNTED) * 19 // 20
        await storm(client, remote, COUNTED // 2, chance)
        gc.collect()
        before = sys.getallocatedblocks()
        await storm(client, remote, COUNTED // 2, chance)
        gc.collect()
        # Each object that is kept is a block or more; `tracemalloc` would count bytes, and take ten times as long.
        assert sys.getallocatedblocks() - before < COUNTED // 2

    async with asyncio.timeout(20):
        # A page whose reading ahead was cancelled last ends in another iteration of the event loop.
        while asyncio.all_tasks() != {asyncio.current_task()}:  # noqa: ASYNC110
            await asyncio.sleep(0)
    connector = session.connector
    assert connector is not None
    # Connections of cancelled requests are closed, the others are in the pool.
    assert not connector._acquired
    assert sum(map(len, connector._conns.values())) <= POOL
    async with asyncio.timeout(20):
        # A permit that was not given back would make some of these wait forever.
        views = [client.for_integration(one) for one in remote.integration_ids]
        await asyncio.gather(*(kind(view, remote) for kind in KINDS for view in views for _ in range(3)))
    for state in client._executor._states._values.values():
        assert not state.calls._tasks
