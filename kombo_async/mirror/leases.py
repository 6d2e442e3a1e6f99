"""Leases in SQL: which process refreshes which model, and what it stores when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, tuple_, update

from .database import LEASE_SECONDS, Database
from .holder import Holder
from .protocols import Lease
from .schema import Tables
from .transaction import decode_state, encode_state, new_numbers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_LOOK_FOR_DEAD = 2.0
"""Seconds between two looks for leases of processes that are gone."""


class Leases:
    """Acquires, renews and releases the leases of one process."""

    def __init__(self, database: Database, tables: Tables, now: ColumnElement[float]) -> None:
        self.database = database
        self.holder = Holder.current()
        self._tables = tables
        self._now = now
        self._held: dict[tuple[str, str], Lease] = {}
        self._finishing: list[tuple[Lease, asyncio.Future[None]]] = []
        self._finisher: asyncio.Task[None] | None = None
        self._looked_at = float("-inf")

    def _candidates(self) -> Any:
        leases, requests = self._tables.leases, self._tables.requests
        both = and_(requests.c.integration_id == leases.c.integration_id, requests.c.model == leases.c.model)
        return (
            select(leases.c.integration_id, leases.c.model, leases.c.state, requests.c.requested_seq, self._now)
            .select_from(leases.outerjoin(requests, both))
            .where(leases.c.lease_until <= self._now)
            # What another process is just taking is left to it. SQLite has one writer anyway.
            .with_for_update(of=leases, skip_locked=True)
        )

    async def acquire(self, limit: int, models: Collection[str] | None = None) -> list[Lease]:
        """Take the leases of up to *limit* models that are requested or due and that no process holds."""
        if limit <= 0:
            return []
        await self.release_dead()
        leases, requests = self._tables.leases.c, self._tables.requests.c
        free = self._candidates()
        if models is not None:
            free = free.where(leases.model.in_(models))
        requested = free.where(requests.requested_seq > leases.attempted_seq).order_by(requests.requested_seq)
        due = free.where(leases.due_at <= self._now).order_by(leases.priority, leases.due_at)
        async with self.database.transaction() as connection:
            taken = await self._take(connection, requested.limit(limit))
            if len(taken) < limit:
                taken += await self._take(connection, due.limit(limit - len(taken)))
        self._held.update({lease.key: lease for lease in taken})
        return taken

    async def acquire_named(self, integration_id: str, models: Collection[str]) -> list[Lease]:
        """Take the leases of these models, due or not, as far as no process holds them."""
        await self.release_dead()
        leases = self._tables.leases.c
        query = self._candidates().where(leases.integration_id == integration_id, leases.model.in_(models))
        async with self.database.transaction() as connection:
            taken = await self._take(connection, query.order_by(leases.model))
        self._held.update({lease.key: lease for lease in taken})
        return taken

    async def acquire_due(self, keys: Collection[tuple[str, str]]) -> list[Lease]:
        """Take the leases of those of these models that are requested or due and that no process holds."""
        await self.release_dead()
        leases, requests = self._tables.leases.c, self._tables.requests.c
        query = self._candidates().where(
            tuple_(leases.integration_id, leases.model).in_(keys),
            or_(requests.requested_seq > leases.attempted_seq, leases.due_at <= self._now),
        )
        async with self.database.transaction() as connection:
            taken = await self._take(connection, query.order_by(leases.integration_id, leases.model))
        self._held.update({lease.key: lease for lease in taken})
        return taken

    async def _take(self, connection: AsyncConnection, query: Any) -> list[Lease]:
        """Take the leases that a query finds."""
        rows: Sequence[Any] = (await connection.execute(query)).all()
        if not rows:
            return []
        # Larger than that of every earlier lease.
        last = await new_numbers(self.database, connection, len(rows))
        fences = range(last - len(rows) + 1, last + 1)
        leases = self._tables.leases
        await connection.execute(
            update(leases)
            .where(leases.c.integration_id == bindparam("of_integration"), leases.c.model == bindparam("of_model"))
            .values(fence=bindparam("of_fence"), lease_until=self._now + LEASE_SECONDS, holder=str(self.holder)),
            [
                {"of_integration": row[0], "of_model": row[1], "of_fence": fence}
                for row, fence in zip(rows, fences, strict=True)
            ],
        )
        monotonic = time.monotonic()
        return [
            Lease(
                integration_id,
                model,
                fence=fence,
                state=decode_state(state),
                requested_seq=requested_seq or 0,
                offset=now - monotonic,
            )
            for (integration_id, model, state, requested_seq, now), fence in zip(rows, fences, strict=True)
        ]

    async def release_dead(self) -> None:
        """Release what processes of this machine held that are gone."""
        if time.monotonic() - self._looked_at < _LOOK_FOR_DEAD:
            return
        self._looked_at = time.monotonic()
        leases = self._tables.leases
        held = await self._holders()
        holders = {row[0]: Holder.parse(row[0]) for row in held}
        dead = [text for text, holder in holders.items() if holder is not None and holder.is_gone(self.holder)]
        if dead:
            async with self.database.transaction() as connection:
                await connection.execute(
                    update(leases).where(leases.c.holder.in_(dead)).values(lease_until=0.0, holder=None)
                )

    async def renew(self) -> None:
        """Renew the leases that wait for the network; those in a transaction renew themselves.

        One that was acquired or released without success is not among them: it expires.
        """
        if not self._held:
            return
        leases = self._tables.leases
        fences = [lease.fence for lease in self._held.values()]
        mine = (
            select(leases.c.integration_id, leases.c.model)
            .where(leases.c.holder == str(self.holder), leases.c.fence.in_(fences))
            .with_for_update(skip_locked=True)
        )
        async with self.database.transaction() as connection:
            await connection.execute(
                update(leases)
                .where(tuple_(leases.c.integration_id, leases.c.model).in_(mine))
                .values(lease_until=self._now + LEASE_SECONDS)
            )

    async def finish(self, lease: Lease) -> None:
        """Store the state and release the lease, together with others that end at the same time."""
        self._held.pop(lease.key, None)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finishing.append((lease, done))
        if self._finisher is None or self._finisher.done():
            self._finisher = asyncio.create_task(self._finish_all())
        await asyncio.shield(done)

    async def _finish_all(self) -> None:
        while self._finishing:
            # In the order of their keys, as all transactions that lock several rows.
            batch = sorted(self._finishing, key=lambda each: each[0].key)
            self._finishing.clear()
            try:
                await self._finish_batch([lease for lease, _ in batch])
            except Exception as error:  # noqa: BLE001 - each of them is told
                for _, done in batch:
                    done.set_exception(error)
            else:
                for _, done in batch:
                    done.set_result(None)

    async def _finish_batch(self, batch: Sequence[Lease]) -> None:
        leases, requests = self._tables.leases, self._tables.requests
        rows: list[dict[str, Any]] = []
        for lease in batch:
            due_at, priority = lease.state.due(time.monotonic() + lease.offset)
            rows.append(
                {
                    "of_integration": lease.integration_id,
                    "of_model": lease.model,
                    "of_fence": lease.fence,
                    "due_at": due_at,
                    "priority": priority,
                    "attempted_seq": lease.state.attempted_seq,
                    "state": encode_state(lease.state),
                }
            )
        satisfied = [
            {"of_integration": lease.integration_id, "of_model": lease.model, "seq": lease.state.completed_seq}
            for lease in batch
            if lease.requested_seq
        ]
        async with self.database.transaction() as connection:
            await connection.execute(
                update(leases)
                .where(
                    leases.c.integration_id == bindparam("of_integration"),
                    leases.c.model == bindparam("of_model"),
                    leases.c.fence == bindparam("of_fence"),
                )
                .values(
                    lease_until=0.0,
                    holder=None,
                    due_at=bindparam("due_at"),
                    priority=bindparam("priority"),
                    attempted_seq=bindparam("attempted_seq"),
                    state=bindparam("state"),
                ),
                rows,
            )
            if satisfied:
                await connection.execute(
                    delete(requests).where(
                        requests.c.integration_id == bindparam("of_integration"),
                        requests.c.model == bindparam("of_model"),
                        requests.c.requested_seq <= bindparam("seq"),
                    ),
                    satisfied,
                )

    async def _holders(self) -> Sequence[Any]:
        holder = self._tables.leases.c.holder
        async with self.database.connect(read_only=True) as connection:
            return (await connection.execute(select(holder).where(holder.is_not(None)).distinct())).all()
