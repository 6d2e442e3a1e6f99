"""A worker beside a test, and what can be asked of its fleet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from kombo_async.fleet import Fleet, queue


async def eventually(holds: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - the database sets no event
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(fleet: Fleet, **options: Any) -> AsyncIterator[None]:
    """A worker beside the test, which ends regularly."""
    task = asyncio.create_task(fleet.work(**options))
    try:
        yield
    finally:
        fleet.stop()
        await task


async def refreshed(fleet: Fleet) -> bool:
    return all(row.refreshed_at is not None for row in await fleet.mirror.status())


async def jobs(fleet: Fleet) -> list[Any]:
    """The waiting jobs in the order in which workers take them: kind and integration."""
    statement = (
        f"SELECT split_part(queueing_lock, ' ', 1), args ->> 'integration_id' FROM {queue.schema_name()}."
        "procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id"
    )
    return [tuple(row) for row in await rows(fleet, statement)]


async def rows(fleet: Fleet, statement: str) -> list[Any]:
    async with fleet.mirror.connection() as connection:
        return list((await connection.execute(text(statement))).all())
