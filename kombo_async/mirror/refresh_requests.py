"""Stores what webhooks and users request, in SQL: those that arrive while others are stored share a transaction.

A transaction of its own for each webhook takes a dozen statements, so that a burst of 10,000 would last for a minute,
and workers would refresh the same models again and again meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, select

from .database import Database
from .schema import Tables
from .transaction import new_numbers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_REMEMBERED = 86400.0
"""Seconds for which the ids of webhook events are remembered."""
_AT_ONCE = 200
"""Requests that one transaction stores."""

Choose = Callable[[Sequence[str]], Iterable[str]]
"""Which of the models of an integration that are in the mirror a request is for."""


class _Request(Struct, eq=False):
    integration_id: str
    choose: Choose
    event_id: str | None
    stored: asyncio.Future[tuple[str, ...]]


class RefreshRequests:
    """What is requested, and the ids of the events that requested it."""

    def __init__(self, database: Database, tables: Tables, now: ColumnElement[float]) -> None:
        self._database = database
        self._tables = tables
        self._now = now
        self._waiting: list[_Request] = []
        self._storing: asyncio.Task[None] | None = None

    async def add(self, integration_id: str, choose: Choose, *, event_id: str | None = None) -> tuple[str, ...]:
        """Request a refresh of models, and return their names when that is stored. An event that was received before
        requests nothing.

        It writes only rows that no page transaction locks: a webhook is never held up by a refresh.
        """
        request = _Request(integration_id, choose, event_id, asyncio.get_running_loop().create_future())
        self._waiting.append(request)
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_all())
        return await request.stored

    async def _store_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            try:
                stored = await self._store(batch)
            except Exception as error:  # noqa: BLE001 - each of them gets it
                for request in batch:
                    if not request.stored.done():
                        request.stored.set_exception(error)
                continue
            for request, models in zip(batch, stored, strict=True):
                if not request.stored.done():
                    request.stored.set_result(models)

    async def _store(self, batch: Sequence[_Request]) -> list[tuple[str, ...]]:
        """Store requests in one transaction; return the models of each."""
        database, requests = self._database, self._tables.requests
        integration_ids = sorted({request.integration_id for request in batch})
        async with database.transaction() as connection:
            if not database.is_sqlite:
                # So that the numbers of an integration are committed in their order.
                await connection.exec_driver_sql(
                    "SELECT pg_advisory_xact_lock(key) FROM "
                    "(SELECT DISTINCT hashtext(id) AS key FROM unnest(%s::text[]) AS id ORDER BY 1) AS keys",
                    (integration_ids,),
                )
            in_mirror = await self._models(connection, integration_ids)
            known = [request for request in batch if request.integration_id in in_mirror]
            new_events = await self._note_events(connection, known)
            stored: list[tuple[str, ...]] = []
            keys: set[tuple[str, str]] = set()
            for request in batch:
                offered = in_mirror.get(request.integration_id, [])
                if request.event_id is not None and request.event_id not in new_events:
                    offered = []
                new_events.discard(request.event_id)
                models = tuple(sorted(set(request.choose(offered)).intersection(offered)))
                stored.append(models)
                keys.update((request.integration_id, model) for model in models)
            if keys:
                seq = await new_numbers(database, connection, 1)
                statement = database.insert(requests)
                statement = statement.on_conflict_do_update(
                    index_elements=[requests.c.integration_id, requests.c.model],
                    set_={"requested_seq": statement.excluded.requested_seq},
                )
                # In the order of their keys, as all transactions that lock several rows.
                rows = [{"integration_id": key[0], "model": key[1], "requested_seq": seq} for key in sorted(keys)]
                await connection.execute(statement, rows)
        return stored

    async def _note_events(self, connection: AsyncConnection, batch: Sequence[_Request]) -> set[str | None]:
        """Remember the ids of events; return those that are new."""
        events = self._tables.events
        ids = sorted({request.event_id for request in batch if request.event_id})
        if not ids:
            return set()
        await connection.execute(delete(events).where(events.c.received_at < self._now - _REMEMBERED))
        insert = self._database.insert(events).values(received_at=self._now).on_conflict_do_nothing()
        found = await connection.execute(insert.returning(events.c.id), [{"id": each} for each in ids])
        return {row[0] for row in found}

    async def _models(self, connection: AsyncConnection, integration_ids: Sequence[str]) -> dict[str, list[str]]:
        leases = self._tables.leases.c
        query = select(leases.integration_id, leases.model).where(leases.integration_id.in_(integration_ids))
        found: dict[str, list[str]] = {}
        for integration_id, model in await connection.execute(query.order_by(leases.integration_id, leases.model)):
            found.setdefault(integration_id, []).append(model)
        return found
