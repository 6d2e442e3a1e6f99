"""`SharedLimits`: the limits of one key, shared by any number of processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..engine.permits import PermitSource, RateGrant, RateReport, SlotGrant
from ..mirror.database import parse_url
from ..mirror.holder import Holder
from . import schema

if TYPE_CHECKING:
    import psycopg

_FORGOTTEN = 86_400.0
"""Seconds without use after which the limits of a key are forgotten."""


class SharedLimits:
    """One rate limit for an API key, and one set of action slots for each integration, over all processes.

    `KomboClient(limits=Limits(shared=SharedLimits("postgresql://…")))`, in each process. A client takes a handful of
    permits at a time, so that the round trip to the database does not matter; those of a process that was killed come
    back by themselves: of the rate limit at the end of its window, slots after ten seconds. While the database is away,
    each client keeps its own limits, and says so once in the log `kombo_async`. A digest of the key and the address of
    Kombo names the shared limits; the key itself is stored nowhere.

    It needs `pip install 'kombo_async[fleet]'`.
    """

    def __init__(self, url: str) -> None:
        """Nothing is opened before the first call. It takes one connection for each client and event loop."""
        schema.connection_string(url)
        # Now, and not in the event loop: it takes a while.
        import_module("psycopg")
        self._url = url

    def __repr__(self) -> str:
        url = parse_url(self._url).set(drivername="postgresql")
        return f"SharedLimits({url.render_as_string()!r})"

    def open(self, limits_name: str) -> PostgresPermits:
        """Return a connection for the limits of that name; for clients."""
        return PostgresPermits(self._url, limits_name)


class PostgresPermits(PermitSource):
    """The permits of one client in one event loop."""

    def __init__(self, url: str, limits_name: str) -> None:
        self._url = url
        self._limits_name = limits_name
        self._holder = str(Holder.current())
        # Reports about different limits may coincide, also while the connection is being made.
        self._lock = asyncio.Lock()
        self._owner: AsyncGenerator[psycopg.AsyncConnection[Any]] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def take_permits(self, report: RateReport) -> RateGrant:
        seen = report.observed
        row = await self._call(
            "SELECT * FROM kombo_fleet.take_permits_v1"
            "(%s, %s, %s::int, %s::int, %s::bigint, %s::int, %s::float8, %s::float8, %s::float8, %s::float8, "
            "%s::float8, %s)",
            self._limits_name,
            self._holder,
            report.wanted,
            report.unused,
            report.window,
            report.on_wire,
            *(
                (None,) * 5
                if seen is None
                else (seen.quota, seen.remaining, seen.reset, seen.sent_ago, seen.received_ago)
            ),
            report.unlimited,
        )
        return RateGrant(row[0], row[1], row[2])

    async def take_slots(self, integration_id: str, in_use: int, wanted: int, limit: float) -> SlotGrant:
        row = await self._call(
            "SELECT * FROM kombo_fleet.take_slots_v1(%s, %s, %s::int, %s::int, %s::float8)",
            f"{self._limits_name} {integration_id}",
            self._holder,
            in_use,
            wanted,
            limit,
        )
        return SlotGrant(row[0], row[1])

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.execute("DELETE FROM kombo_fleet.permits WHERE holder = %s", (self._holder,))
        await self._disconnect()

    async def _call(self, statement: str, *parameters: Any) -> Any:
        async with self._lock:
            try:
                if self._connection is None or self._connection.closed:
                    await self._disconnect()
                    self._owner = self._own_connection()
                    self._connection = await anext(self._owner)
                cursor = await self._connection.execute(statement.encode(), parameters)
                return await cursor.fetchone()
            except BaseException:
                # Also after a cancellation: what the connection would answer next is unknown.
                await self._disconnect()
                raise

    async def _own_connection(self) -> AsyncGenerator[psycopg.AsyncConnection[Any]]:
        # asyncio.run closes all asynchronous generators of its loop at the end, so that a client that was not closed
        # causes no warning.
        connection = await schema.connect(self._url)
        try:
            await schema.create_tables(connection)
            await connection.execute(
                "DELETE FROM kombo_fleet.limits WHERE used_at < extract(epoch FROM clock_timestamp()) - %s",
                (_FORGOTTEN,),
            )
            yield connection
        finally:
            await connection.close()

    async def _disconnect(self) -> None:
        owner, self._owner, self._connection = self._owner, None, None
        if owner is not None:
            await owner.aclose()
