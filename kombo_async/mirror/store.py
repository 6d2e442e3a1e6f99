"""Integrations, requests and records, in SQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from sqlalchemy import (
    ColumnElement,
    Float,
    Text,
    and_,
    case,
    cast,
    delete,
    func,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError

from .database import Database, create_file
from .holder import Holder
from .leases import Leases
from .protocols import Lease
from .refresh_requests import RefreshRequests
from .schema import Tables, UnknownDatabaseError, is_current, prepare
from .state import ModelState
from .transaction import SqlTransaction, decode_state, encode_state, transaction

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.ext.asyncio import AsyncConnection


class StoredModel(Struct, frozen=True):
    """One model of one integration, as it is in the database."""

    integration_id: str
    """The integration."""
    model: str
    """The name of the model."""
    state: ModelState
    """What is stored besides its records."""
    due_at: float
    """When it is due without a request."""
    holder: str | None
    """The process that refreshes it now, as `host:pid`."""
    is_requested: bool
    """Whether there is a request that no refresh has satisfied."""
    now: float
    """The time of the database."""


class SqlStore:
    """The store of a mirror: what `Refresher` needs, and all that is about several models."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._tables = Tables.of(is_sqlite=database.is_sqlite)
        self._now: ColumnElement[float] = literal_column(database.clock, Float)
        self.leases = Leases(database, self._tables, self._now)
        self.requests = RefreshRequests(database, self._tables, self._now)

    async def open(self) -> None:
        """Create or upgrade the tables."""
        if self.database.is_sqlite:
            create_file(self.database.url)
        try:
            # Before the writer, which changes the mode of a SQLite file.
            async with self.database.connect(read_only=True) as connection:
                if await connection.run_sync(is_current, self.database, self._tables):
                    return
        except DBAPIError as error:
            if (problem := self.database.problem_of(error)) is None:
                raise
            raise UnknownDatabaseError(problem) from None
        async with self.database.transaction() as connection:
            await connection.run_sync(prepare, self.database, self._tables)

    # What Refresher needs.

    def transaction(self, lease: Lease) -> AbstractAsyncContextManager[SqlTransaction]:
        """Begin a transaction that commits only while the lease is held; otherwise raise `LeaseLost`."""
        return transaction(self.database, lease)

    async def requested_seq(self, lease: Lease) -> int:
        """Return the last request for a refresh, by a read that waits for no writer."""
        requests = self._tables.requests.c
        query = select(requests.requested_seq).where(
            requests.integration_id == lease.integration_id, requests.model == lease.model
        )
        rows = await self._read(query)
        return rows[0][0] if rows else 0

    # Integrations.

    async def add(self, integration_id: str, category: str, models: Collection[str]) -> None:
        """Add an integration, or further models to it. All of them are due at once."""
        insert, tables = self.database.insert, self._tables
        async with self.database.transaction() as connection:
            await connection.execute(
                insert(tables.integrations)
                .values(integration_id=integration_id, category=category, added_at=self._now)
                .on_conflict_do_nothing()
            )
            for model in sorted(models):
                await connection.execute(
                    insert(tables.leases)
                    .values(
                        integration_id=integration_id,
                        model=model,
                        fence=0,
                        lease_until=0.0,
                        due_at=self._now,
                        priority=2,
                        attempted_seq=0,
                        state=encode_state(ModelState()),
                    )
                    .on_conflict_do_nothing()
                )

    async def is_in_mirror(self, integration_id: str) -> bool:
        """Return whether an integration was added and not removed."""
        integrations = self._tables.integrations.c
        query = select(integrations.integration_id).where(
            integrations.integration_id == integration_id, integrations.removed_at.is_(None)
        )
        return bool(await self._read(query))

    async def models_of(self, integration_id: str) -> tuple[str, ...]:
        """Return the mirrored models of an integration."""
        leases = self._tables.leases.c
        query = select(leases.model).where(leases.integration_id == integration_id).order_by(leases.model)
        return tuple(row[0] for row in await self._read(query))

    async def begin_removal(self, integration_id: str) -> None:
        """Note that an integration is being removed. Whoever refreshes it loses the lease."""
        tables = self._tables
        async with self.database.transaction() as connection:
            await connection.execute(
                update(tables.integrations)
                .where(
                    tables.integrations.c.integration_id == integration_id,
                    tables.integrations.c.removed_at.is_(None),
                )
                .values(removed_at=self._now)
            )
            for table in (tables.leases, tables.requests):
                await connection.execute(delete(table).where(table.c.integration_id == integration_id))

    async def removals(self) -> list[str]:
        """Return the integrations whose removal has begun."""
        integrations = self._tables.integrations.c
        query = select(integrations.integration_id).where(integrations.removed_at.is_not(None))
        return [row[0] for row in await self._read(query)]

    async def take_records(
        self, connection: AsyncConnection, integration_id: str, model: str, limit: int
    ) -> list[tuple[str, bytes]]:
        """Delete records, and return them."""
        table = self._tables.records[model]
        chosen = select(table.c.id).where(table.c.integration_id == integration_id).order_by(table.c.id).limit(limit)
        statement = (
            delete(table)
            .where(table.c.integration_id == integration_id, table.c.id.in_(chosen))
            .returning(table.c.id, cast(table.c.data, Text))
        )
        return [(row[0], row[1].encode()) for row in (await connection.execute(statement)).all()]

    async def end_removal(self, integration_id: str) -> None:
        """Forget an integration without records."""
        async with self.database.transaction() as connection:
            for table in (self._tables.unreadable, self._tables.integrations):
                await connection.execute(delete(table).where(table.c.integration_id == integration_id))

    # What users ask.

    async def models(self) -> list[StoredModel]:
        """Return all models of all integrations."""
        leases, requests = self._tables.leases, self._tables.requests
        both = and_(requests.c.integration_id == leases.c.integration_id, requests.c.model == leases.c.model)
        query = (
            select(
                leases.c.integration_id,
                leases.c.model,
                leases.c.state,
                leases.c.due_at,
                case((leases.c.lease_until > self._now, leases.c.holder)),
                requests.c.requested_seq,
                self._now,
            )
            .select_from(leases.outerjoin(requests, both))
            .order_by(leases.c.integration_id, leases.c.model)
        )
        return [
            StoredModel(
                integration_id=row[0],
                model=row[1],
                state=decode_state(row[2]),
                due_at=row[3],
                holder=None if (holder := Holder.parse(row[4] or "")) is None else holder.name,
                is_requested=row[5] is not None,
                now=row[6],
            )
            for row in await self._read(query)
        ]

    async def counts(self, model: str) -> dict[str, tuple[int, int]]:
        """Return how many living and how many deleted records each integration has."""
        table = self._tables.records[model].c
        # count() leaves out what is null.
        query = select(table.integration_id, func.count(), func.count(table.remote_deleted_at)).group_by(
            table.integration_id
        )
        return {row[0]: (row[1] - row[2], row[2]) for row in await self._read(query)}

    async def records(
        self, model: str, integration_id: str | None, *, include_deleted: bool, batch: int
    ) -> AsyncIterator[tuple[str, str, bytes]]:
        """Iterate over integration, id and JSON of all records, in batches between which no transaction is open."""
        table = self._tables.records[model].c
        query = select(table.integration_id, table.id, cast(table.data, Text)).limit(batch)
        query = query.order_by(table.integration_id, table.id)
        if integration_id is not None:
            query = query.where(table.integration_id == integration_id)
        if not include_deleted:
            query = query.where(table.remote_deleted_at.is_(None))
        after = ("", "")
        while True:
            rows = await self._read(query.where(tuple_(table.integration_id, table.id) > tuple_(*after)))
            for row in rows:
                yield row[0], row[1], row[2].encode()
            if len(rows) < batch:
                return
            after = (rows[-1][0], rows[-1][1])

    async def _read(self, query: Executable) -> Sequence[Any]:
        async with self.database.connect(read_only=True) as connection:
            return (await connection.execute(query)).all()
