"""Leases in SQL: which process refreshes which model, and what it stores when it ends.

An incremental refresh that finds nothing takes as long as two requests, so leases are acquired and released in batches,
by statements as text, as SQLAlchemy takes longer to build one than the database to execute it. In PostgreSQL each is a
single statement, and a transaction of its own. SQLAlchemy builds those that run every few seconds at most.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, select, tuple_, update

from .database import LEASE_SECONDS, Database, is_disconnect
from .holder import Holder
from .protocols import Lease
from .results import RefreshResult
from .schema import Tables
from .transaction import decode_state, encode_state, new_numbers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

RENEW_SECONDS = 5.0
"""Seconds between two renewals: a third of the life of a lease."""
RELEASE_SECONDS = 5.0
"""Seconds for the release of a lease whose work is cancelled."""
_LOOK_FOR_DEAD = 2.0
"""Seconds between two looks for leases of processes that are gone."""
_DISCONNECTS = 3
"""Failed connections in a row that are not counted as failures of a refresh."""
_GATHER = 0.1
"""Seconds for which an ended refresh waits for others that end, to be stored with them, while there are any."""
_BATCH = 256
"""Ended refreshes that are enough for a batch."""


class _EndedLease(Struct, frozen=True):
    """What is stored when a lease is released: nothing, if another process has taken it meanwhile."""

    integration_id: str
    model: str
    fence: int
    due_at: float
    priority: int
    attempted_seq: int
    completed_seq: int
    """Requests up to this one are satisfied."""
    state: str


class Leases:
    """Acquires, renews and releases the leases of one process."""

    def __init__(self, database: Database, tables: Tables, now: ColumnElement[float]) -> None:
        self.database = database
        self.holder = Holder.current()
        self._tables = tables
        self._now = now
        self._leases = f"{database.prefix}mirror_leases"
        self._requests = f"{database.prefix}mirror_requests"
        # As a subquery it is evaluated once, and an index on a time can be used.
        self._clock = f"(SELECT {database.clock})"
        self._held: dict[tuple[str, str], Lease] = {}
        self._abandoned: set[int] = set()
        """The numbers of leases that are to be released as soon as the database is back."""
        self._disconnects = Counter[tuple[str, str]]()
        """How often in a row the connection failed in a refresh of a model."""
        self._finishing: list[tuple[Lease, asyncio.Future[None]]] = []
        self._finisher: asyncio.Task[None] | None = None
        self._is_batch = asyncio.Event()
        self._looked_at = float("-inf")

    async def acquire(self, limit: int, models: Collection[str] | None = None) -> list[Lease]:
        """Take the leases of up to *limit* models that are requested or due and that no process holds."""
        if limit <= 0:
            return []
        await self.release_dead()
        among, names = "", list[Any]()
        if models is not None:
            among, names = f" AND l.model {self.database.one_of}", [self.database.list_parameter(list(models))]
        requested = f"r.requested_seq > l.attempted_seq{among} ORDER BY r.requested_seq LIMIT ?"
        due = f"l.due_at <= {self._clock}{among} ORDER BY l.priority, l.due_at LIMIT ?"
        async with self.database.single_statements() as connection:
            taken = await self._take(connection, requested, *names, limit)
            if len(taken) < limit:
                taken += await self._take(connection, due, *names, limit - len(taken))
        return self._hold(taken)

    async def acquire_named(self, keys: Collection[tuple[str, str]], *, only_due: bool = False) -> list[Lease]:
        """Take the leases of these models, due or not, as far as no process holds them; with *only_due*, of those that
        are requested or due."""
        if not keys:
            return []
        await self.release_dead()
        named = f"(l.integration_id, l.model) {self.database.one_of_pairs}"
        if only_due:
            named += f" AND (r.requested_seq > l.attempted_seq OR l.due_at <= {self._clock})"
        columns = [self.database.list_parameter(column) for column in zip(*keys, strict=True)]
        async with self.database.single_statements() as connection:
            taken = await self._take(connection, f"{named} ORDER BY l.integration_id, l.model", *columns)
        return self._hold(taken)

    def _hold(self, taken: list[Lease]) -> list[Lease]:
        self._held.update({lease.key: lease for lease in taken})
        return taken

    async def _take(self, connection: AsyncConnection, condition: str, *parameters: Any) -> list[Lease]:
        """Take the free leases that meet a condition, in the order that follows it."""
        candidates = (
            f"SELECT l.integration_id, l.model, r.requested_seq FROM {self._leases} l LEFT JOIN {self._requests} r "
            f"ON r.integration_id = l.integration_id AND r.model = l.model "
            f"WHERE l.lease_until <= {self._clock} AND {condition}"
        )
        take = self._take_in_sqlite if self.database.is_sqlite else self._take_in_postgresql
        rows = await take(connection, candidates, parameters)
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
            for integration_id, model, requested_seq, state, fence, now in rows
        ]

    async def _take_in_postgresql(
        self, connection: AsyncConnection, candidates: str, parameters: Sequence[Any]
    ) -> Sequence[Any]:
        clock, prefix = self.database.clock, self.database.prefix
        # What another process is just taking is left to it. A fence is larger than that of every earlier lease.
        statement = (
            f"WITH free AS ({candidates} FOR UPDATE OF l SKIP LOCKED) "
            f"UPDATE {self._leases} l SET fence = nextval('{prefix}mirror_sequence'), "
            f"lease_until = {clock} + {LEASE_SECONDS}, holder = ? "
            "FROM free WHERE l.integration_id = free.integration_id AND l.model = free.model "
            f"RETURNING l.integration_id, l.model, free.requested_seq, l.state, l.fence, {clock}"
        )
        found = await connection.exec_driver_sql(self.database.sql(statement), (*parameters, str(self.holder)))
        return found.all()

    async def _take_in_sqlite(
        self, connection: AsyncConnection, candidates: str, parameters: Sequence[Any]
    ) -> Sequence[Any]:
        # Only those that are chosen are read with their state: to sort it with all that is due takes most of the time.
        chosen = (
            f"SELECT c.integration_id, c.model, c.requested_seq, l.state, {self._clock} FROM ({candidates}) c "
            "CROSS JOIN mirror_leases l ON l.integration_id = c.integration_id AND l.model = c.model"
        )
        rows: Sequence[Any] = (await connection.exec_driver_sql(chosen, tuple(parameters))).all()
        if not rows:
            return []
        last = await new_numbers(self.database, connection, len(rows))
        fences, holder = range(last - len(rows) + 1, last + 1), str(self.holder)
        await connection.exec_driver_sql(
            f"UPDATE mirror_leases SET fence = ?, lease_until = {self.database.clock} + {LEASE_SECONDS}, holder = ? "
            "WHERE integration_id = ? AND model = ?",
            [(fence, holder, row[0], row[1]) for row, fence in zip(rows, fences, strict=True)],
        )
        return [(*row[:4], fence, row[4]) for row, fence in zip(rows, fences, strict=True)]

    async def release_dead(self) -> None:
        """Release what processes of this machine held that are gone."""
        if time.monotonic() - self._looked_at < _LOOK_FOR_DEAD:
            return
        self._looked_at = time.monotonic()
        leases = self._tables.leases
        query = select(leases.c.holder).where(leases.c.holder.is_not(None)).distinct()
        async with self.database.connect(read_only=True) as connection:
            held = (await connection.execute(query)).scalars().all()
        dead = [text for text in held if (holder := Holder.parse(text)) is not None and holder.is_gone(self.holder)]
        if dead:
            async with self.database.transaction() as connection:
                await connection.execute(
                    update(leases).where(leases.c.holder.in_(dead)).values(lease_until=0.0, holder=None)
                )

    async def renew(self) -> None:
        """Renew the leases that wait for the network; those in a transaction renew themselves.

        One that was acquired or released without success is not among them: it expires.
        """
        await self._release_abandoned()
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

    def finish(self, lease: Lease) -> asyncio.Future[None]:
        """Store the state and release the lease, together with others that end at the same time."""
        self._held.pop(lease.key, None)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._finishing.append((lease, done))
        if not self._held or len(self._finishing) >= _BATCH:
            self._is_batch.set()
        if self._finisher is None or self._finisher.done():
            self._finisher = asyncio.create_task(self._finish_all())
        return done

    def end(self, lease: Lease, results: Iterable[RefreshResult]) -> asyncio.Future[None]:
        """Finish the lease of a refresh with these *results*.

        If the connection to the database failed, only the lease is released, and the refresh is continued where its
        last page was stored. Otherwise the model would wait as after a failure of Kombo, for a minute or more, when the
        database has long been back. If it fails again and again, the refresh itself may be the reason.
        """
        failed = any(result.error is not None and is_disconnect(result.error) for result in results)
        if failed and self._disconnects[lease.key] < _DISCONNECTS:
            self._disconnects[lease.key] += 1
            self._held.pop(lease.key, None)
            self._abandoned.add(lease.fence)
            return asyncio.ensure_future(self._release_abandoned())
        if self._disconnects:
            del self._disconnects[lease.key]
        return self.finish(lease)

    async def _release_abandoned(self) -> None:
        fences, leases = list(self._abandoned), self._tables.leases
        if not fences:
            return
        mine = (leases.c.holder == str(self.holder)) & leases.c.fence.in_(fences)
        async with self.database.transaction() as connection:
            await connection.execute(update(leases).where(mine).values(lease_until=0.0, holder=None))
        self._abandoned.difference_update(fences)

    async def _finish_all(self) -> None:
        while self._finishing:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GATHER):
                    await self._is_batch.wait()
            self._is_batch.clear()
            # In the order of their keys, as all transactions that lock several rows.
            batch = sorted(self._finishing, key=lambda each: each[0].key)
            self._finishing.clear()
            failure: Exception | None = None
            try:
                await self._finish_batch([lease for lease, _ in batch])
            except Exception as error:  # noqa: BLE001 - each of them gets it
                failure = error
            for _, done in batch:
                if done.done():
                    # Its task was cancelled.
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)

    async def _finish_batch(self, batch: Sequence[Lease]) -> None:
        rows: list[_EndedLease] = []
        for lease in batch:
            due_at, priority = lease.state.due(time.monotonic() + lease.offset)
            rows.append(
                _EndedLease(
                    integration_id=lease.integration_id,
                    model=lease.model,
                    fence=lease.fence,
                    due_at=due_at,
                    priority=priority,
                    attempted_seq=lease.state.attempted_seq,
                    completed_seq=lease.state.completed_seq,
                    state=encode_state(lease.state),
                )
            )
        has_requests = any(lease.requested_seq for lease in batch)
        finish = self._finish_in_sqlite if self.database.is_sqlite else self._finish_in_postgresql
        async with self.database.single_statements() as connection:
            await finish(connection, rows, has_requests=has_requests)

    async def _finish_in_postgresql(
        self, connection: AsyncConnection, rows: Sequence[_EndedLease], *, has_requests: bool
    ) -> None:
        given = (
            "json_to_recordset(?::json) AS u (integration_id text, model text, fence bigint, due_at float8, "
            "priority int, attempted_seq bigint, completed_seq bigint, state text)"
        )
        parameters = (msgspec.json.encode(rows).decode(),)
        # Rows are locked in the order of their keys, as an UPDATE or a DELETE alone would not.
        update_leases = (
            f"WITH held AS (SELECT u.* FROM {given} JOIN {self._leases} l USING (integration_id, model, fence) "
            "ORDER BY l.integration_id, l.model FOR UPDATE OF l) "
            f"UPDATE {self._leases} l SET lease_until = 0, holder = NULL, due_at = held.due_at, "
            "priority = held.priority, attempted_seq = held.attempted_seq, state = held.state "
            "FROM held WHERE l.integration_id = held.integration_id AND l.model = held.model"
        )
        await connection.exec_driver_sql(self.database.sql(update_leases), parameters)
        if has_requests:
            satisfied = (
                f"SELECT r.integration_id, r.model FROM {given} "
                f"JOIN {self._leases} USING (integration_id, model, fence) "
                f"JOIN {self._requests} r USING (integration_id, model) "
                "WHERE r.requested_seq <= u.completed_seq ORDER BY r.integration_id, r.model FOR UPDATE OF r"
            )
            drop = f"DELETE FROM {self._requests} WHERE (integration_id, model) IN ({satisfied})"
            await connection.exec_driver_sql(self.database.sql(drop), parameters)

    async def _finish_in_sqlite(
        self, connection: AsyncConnection, rows: Sequence[_EndedLease], *, has_requests: bool
    ) -> None:
        await connection.exec_driver_sql(
            "UPDATE mirror_leases SET lease_until = 0, holder = NULL, due_at = ?, priority = ?, attempted_seq = ?, "
            "state = ? WHERE integration_id = ? AND model = ? AND fence = ?",
            [
                (row.due_at, row.priority, row.attempted_seq, row.state, row.integration_id, row.model, row.fence)
                for row in rows
            ],
        )
        if has_requests:
            await connection.exec_driver_sql(
                "DELETE FROM mirror_requests WHERE integration_id = ? AND model = ? AND requested_seq <= ? "
                "AND (integration_id, model, ?) IN (SELECT integration_id, model, fence FROM mirror_leases)",
                [(row.integration_id, row.model, row.completed_seq, row.fence) for row in rows],
            )
