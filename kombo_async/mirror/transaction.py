"""A transaction of a lease, in SQL. Statements go to the driver as they are: half of the time of a page is theirs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.exc import DataError, DBAPIError

from .database import LEASE_SECONDS, Database
from .protocols import Lease, LeaseLost, Row, StoredRecord, Transaction, UnreadableRow
from .state import ModelState, Refresh, Tally

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_encode = msgspec.json.Encoder().encode
decode_state = msgspec.json.Decoder(ModelState).decode
"""Returns a stored state."""
_REFUSALS = ("22", "54")
"""Classes of SQLSTATE by which PostgreSQL refuses a value: data exceptions, and limits that a value exceeds. All others
are failures of the statement or of the server, such as a full disk."""


def encode_state(state: ModelState) -> str:
    """Return a state as it is stored."""
    return _encode(state).decode()


@asynccontextmanager
async def transaction(database: Database, lease: Lease) -> AsyncGenerator[SqlTransaction]:
    """Begin a transaction that commits only while the lease is held. Its first statement renews the lease, and so does
    its last one, with the state: on PostgreSQL no other process can take the lease in between."""
    clock, leases = database.clock, f"{database.prefix}mirror_leases"
    key = (*lease.key, lease.fence)
    async with database.transaction() as connection:
        renewed = await connection.exec_driver_sql(
            database.sql(
                f"UPDATE {leases} SET lease_until = {clock} + {LEASE_SECONDS} "
                f"WHERE integration_id = ? AND model = ? AND fence = ? RETURNING {clock}"
            ),
            key,
        )
        row = renewed.first()
        if row is None:
            raise LeaseLost
        tx = SqlTransaction(database, connection, lease, float(row[0]))
        yield tx
        state = tx.state
        due_at, priority = state.due(tx.now)
        await connection.exec_driver_sql(
            database.sql(
                f"UPDATE {leases} SET lease_until = {clock} + {LEASE_SECONDS}, due_at = ?, priority = ?, "
                "attempted_seq = ?, state = ? WHERE integration_id = ? AND model = ? AND fence = ?"
            ),
            (due_at, priority, state.attempted_seq, encode_state(state), *key),
        )
    lease.state = state


class SqlTransaction(Transaction):
    """The statements of one transaction. `Transaction` says what each method does."""

    def __init__(self, database: Database, connection: AsyncConnection, lease: Lease, now: float) -> None:
        self.connection = connection
        self.now = now
        self.state = decode_state(encode_state(lease.state))
        self._database = database
        self._integration_id, self._model = lease.key
        self._records = database.table(lease.model)
        self._seen = f"{database.prefix}mirror_seen"
        self._unreadable = f"{database.prefix}mirror_unreadable"

    async def _all(self, statement: str, *parameters: Any) -> Sequence[Any]:
        return (await self.connection.exec_driver_sql(self._database.sql(statement), parameters)).all()

    async def _do(self, statement: str, *parameters: Any) -> int:
        return (await self.connection.exec_driver_sql(self._database.sql(statement), parameters)).rowcount

    async def _count(self, statement: str, *parameters: Any) -> int:
        return int((await self._all(statement, *parameters))[0][0])

    async def new_number(self) -> int:
        return await new_numbers(self._database, self.connection, 1)

    async def has_records(self) -> bool:
        return bool(
            await self._all(f"SELECT 1 FROM {self._records} WHERE integration_id = ? LIMIT 1", self._integration_id)
        )

    async def _select(self, columns: str, ids: Iterable[str]) -> Sequence[Any]:
        return await self._all(
            f"SELECT {columns} FROM {self._records} WHERE integration_id = ? AND id {self._database.one_of}",
            self._integration_id,
            self._database.list_parameter(list(ids)),
        )

    async def stored(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        time_of = self._database.time_of
        rows = await self._select("id, digest, remote_deleted_at", ids)
        return {each: StoredRecord(bytes(digest), time_of(deleted_at)) for each, digest, deleted_at in rows}

    async def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        return {each: data.encode() for each, data in await self._select("id, CAST(data AS text)", ids)}

    async def write(self, rows: Sequence[Row]) -> dict[str, str]:
        time_parameter, integration_id = self._database.time_parameter, self._integration_id
        is_sqlite = self._database.is_sqlite
        parameters = [
            (
                integration_id,
                row.id,
                row.remote_id,
                time_parameter(row.changed_at),
                time_parameter(row.remote_deleted_at),
                row.digest,
                # SQLite takes bytes as text without decoding and encoding them.
                row.data if is_sqlite else row.data.decode(),
            )
            for row in rows
        ]
        data = "CAST(? AS TEXT)" if is_sqlite else "?::jsonb"
        statement = self._database.sql(
            f"INSERT INTO {self._records} "
            "(integration_id, id, remote_id, changed_at, remote_deleted_at, digest, data) "
            f"VALUES (?, ?, ?, ?, ?, ?, {data}) ON CONFLICT (integration_id, id) DO UPDATE SET "
            "remote_id = excluded.remote_id, changed_at = excluded.changed_at, "
            "remote_deleted_at = excluded.remote_deleted_at, digest = excluded.digest, data = excluded.data"
        )
        if is_sqlite:
            await self.connection.exec_driver_sql(statement, parameters)
            return {}
        try:
            async with self.connection.begin_nested():
                await self.connection.exec_driver_sql(statement, parameters)
        except DBAPIError as error:
            if not _is_refusal(error):
                raise
            if len(rows) == 1:
                # The message of the database may quote the record.
                return {rows[0].id: f"refused by the database: {type(error.orig).__name__}"}
            refused: dict[str, str] = {}
            for row in rows:
                refused |= await self.write([row])
            return refused
        return {}

    async def note_seen(self, number: int, ids: Sequence[str]) -> None:
        if self._database.is_sqlite:
            source = "SELECT ?, value, NULL FROM json_each(?) WHERE true"
            same = ""
        else:
            source = "SELECT ?::bigint, unnest(?::text[]), NULL::bytea"
            # The row that is there already has the name of the table without its schema.
            same = " WHERE mirror_seen.tombstone IS NOT NULL"
        await self._do(
            f"INSERT INTO {self._seen} (number, id, tombstone) {source} "
            f"ON CONFLICT (number, id) DO UPDATE SET tombstone = NULL{same}",
            number,
            self._database.list_parameter(ids),
        )

    async def note_deleted(self, number: int, tombstones: Mapping[str, bytes]) -> None:
        await self.connection.exec_driver_sql(
            self._database.sql(
                f"INSERT INTO {self._seen} (number, id, tombstone) VALUES (?, ?, ?) "
                "ON CONFLICT (number, id) DO UPDATE SET tombstone = excluded.tombstone"
            ),
            [(number, each, raw) for each, raw in tombstones.items()],
        )

    async def one_seen(self, number: int) -> str | None:
        rows = await self._all(f"SELECT id FROM {self._seen} WHERE number = ? AND tombstone IS NULL LIMIT 1", number)
        return rows[0][0] if rows else None

    async def forget(self, number: int, ids: Sequence[str]) -> int:
        return await self._do(
            f"DELETE FROM {self._seen} WHERE number = ? AND id {self._database.one_of}",
            number,
            self._database.list_parameter(ids),
        )

    async def count_notes(self, number: int) -> int:
        return await self._count(f"SELECT count(*) FROM {self._seen} WHERE number = ?", number)

    async def drop_notes(self, number: int, limit: int) -> int:
        return await self._do(
            f"DELETE FROM {self._seen} WHERE number = ? AND id IN "
            f"(SELECT id FROM {self._seen} WHERE number = ? ORDER BY id LIMIT ?)",
            number,
            number,
            limit,
        )

    async def copy_notes(self, number: int, to: int) -> None:
        await self._do(
            f"INSERT INTO {self._seen} (number, id) SELECT ?, id FROM {self._seen} WHERE number = ? "
            "ON CONFLICT DO NOTHING",
            to,
            number,
        )

    def _from_gone(self, refresh: Refresh) -> tuple[str, tuple[Any, ...]]:
        """Return the tables and conditions for the living records that *refresh* found to be deleted."""
        join = "LEFT JOIN" if refresh.tracks_seen else "JOIN"
        missing = "s.id IS NULL OR " if refresh.tracks_seen else ""
        tables = f"{self._records} r {join} {self._seen} s ON s.number = ? AND s.id = r.id"
        condition = f"r.remote_deleted_at IS NULL AND ({missing}s.tombstone IS NOT NULL)"
        return f"FROM {tables} WHERE r.integration_id = ? AND {condition}", (refresh.number, self._integration_id)

    def _was_withheld(self, refresh: Refresh) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for a record that was withheld before *refresh* began."""
        number = self.state.withheld_number
        if number is None or number > refresh.number:
            return "(1 = 0)", ()
        return f"EXISTS (SELECT 1 FROM {self._seen} w WHERE w.number = ? AND w.id = r.id)", (number,)

    async def tally(self, refresh: Refresh) -> Tally:
        living = await self._count(
            f"SELECT count(*) FROM {self._records} WHERE integration_id = ? AND remote_deleted_at IS NULL",
            self._integration_id,
        )
        gone, parameters = self._from_gone(refresh)
        total = await self._count(f"SELECT count(*) {gone}", *parameters)
        if not total:
            return Tally(living, 0, 0)
        withheld, numbers = self._was_withheld(refresh)
        confirmed = await self._count(f"SELECT count(*) {gone} AND {withheld}", *parameters, *numbers)
        return Tally(living, total - confirmed, confirmed)

    async def gone(
        self, refresh: Refresh, *, limit: int, withheld: bool = False, missing_only: bool = False
    ) -> list[tuple[str, bytes | None]]:
        new, confirmed = refresh.deletes_new != withheld, refresh.deletes_confirmed != withheld
        if not new and not confirmed:
            return []
        gone, parameters = self._from_gone(refresh)
        if missing_only:
            gone += " AND s.id IS NULL"
        if not (new and confirmed):
            condition, numbers = self._was_withheld(refresh)
            gone += f" AND {'NOT ' if new else ''}{condition}"
            parameters += numbers
        rows = await self._all(
            f"SELECT r.id, s.tombstone {gone} AND r.id > ? ORDER BY r.id LIMIT ?", *parameters, refresh.position, limit
        )
        return [(each, None if tombstone is None else bytes(tombstone)) for each, tombstone in rows]

    def _not_erased(self) -> str:
        empty = "x''" if self._database.is_sqlite else "''::bytea"
        return f"FROM {self._records} WHERE integration_id = ? AND remote_deleted_at IS NOT NULL AND digest <> {empty}"

    async def next_to_erase(self, before: float, limit: int) -> list[tuple[str, datetime]]:
        moment = self._database.time_parameter(datetime.fromtimestamp(before, UTC))
        rows = await self._all(
            f"SELECT id, remote_deleted_at {self._not_erased()} AND remote_deleted_at <= ? "
            "ORDER BY remote_deleted_at LIMIT ?",
            self._integration_id,
            moment,
            limit,
        )
        times = ((each, self._database.time_of(deleted_at)) for each, deleted_at in rows)
        return [(each, deleted_at) for each, deleted_at in times if deleted_at is not None]

    async def first_to_erase(self) -> float | None:
        found = (await self._all(f"SELECT min(remote_deleted_at) {self._not_erased()}", self._integration_id))[0][0]
        moment = self._database.time_of(found)
        return None if moment is None else moment.timestamp()

    async def keep_unreadable(self, number: int, rows: Sequence[UnreadableRow]) -> None:
        await self.connection.exec_driver_sql(
            self._database.sql(
                f"INSERT INTO {self._unreadable} (integration_id, model, key, id, raw, reason, number, read_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (integration_id, model, key) DO UPDATE SET "
                "id = excluded.id, raw = excluded.raw, reason = excluded.reason, number = excluded.number, "
                "read_at = excluded.read_at"
            ),
            [
                (self._integration_id, self._model, row.key, row.id, row.raw, row.reason, number, self.now)
                for row in {row.key: row for row in rows}.values()
            ],
        )

    async def drop_unreadable(self, ids: Sequence[str]) -> int:
        return await self._do(
            f"DELETE FROM {self._unreadable} WHERE integration_id = ? AND model = ? AND key {self._database.one_of}",
            self._integration_id,
            self._model,
            self._database.list_parameter(ids),
        )

    async def drop_unreadable_before(self, number: int) -> None:
        await self._do(
            f"DELETE FROM {self._unreadable} WHERE integration_id = ? AND model = ? AND number < ?",
            self._integration_id,
            self._model,
            number,
        )

    async def count_unreadable(self, since: int = 0) -> int:
        return await self._count(
            f"SELECT count(*) FROM {self._unreadable} WHERE integration_id = ? AND model = ? AND number >= ?",
            self._integration_id,
            self._model,
            since,
        )


async def new_numbers(database: Database, connection: AsyncConnection, count: int) -> int:
    """Take the next *count* numbers of the one sequence of the database; return the last."""
    if database.is_sqlite:
        statement = "UPDATE mirror_sequence SET value = value + ? RETURNING value"
    else:
        statement = f"SELECT max(nextval('{database.prefix}mirror_sequence')) FROM generate_series(1, ?)"
    return int((await connection.exec_driver_sql(database.sql(statement), (count,))).scalar_one())


def _is_refusal(error: DBAPIError) -> bool:
    """Return whether PostgreSQL, or its driver, refused a value."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, DataError)
    return state.startswith(_REFUSALS)
