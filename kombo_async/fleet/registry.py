"""The state of a fleet in numbers: its workers, what waits, and what fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from .._version import __version__
from ..mirror.database import LEASE_SECONDS, Database
from ..mirror.holder import Holder

_FORGOTTEN = 86_400.0
"""Seconds after which a worker that ended without notice is forgotten."""
_NOW = "extract(epoch FROM clock_timestamp())::float8"


@frozen(kw_only=True)
class WorkerStatus:
    """One worker."""

    name: str
    """The process, as `host:pid`."""
    version: str
    """Its version of this library."""
    is_alive: bool
    """Whether it was seen within the life of a lease, 15 seconds. Others take over the leases of one that was not."""
    started_at: datetime
    """When it began."""
    seen_at: datetime
    """When it was last seen; workers say so every five seconds."""
    concurrency: int
    """How many refreshes it does at once."""
    running: int
    """How many it does now."""
    refreshes: int
    """Refreshes that it completed."""
    failures: int
    """Refreshes that failed."""
    records: int
    """Records that it wrote."""


@frozen(kw_only=True)
class FleetStatus:
    """A fleet in numbers."""

    workers: tuple[WorkerStatus, ...]
    """The workers of the last day that did not end regularly, and those that are alive."""
    models: int
    """Models of integrations in the mirror."""
    requested: int
    """Of these, those that a webhook or a user has requested and that no worker refreshes yet."""
    due: int
    """Those that are due by their schedule and that no worker refreshes yet."""
    running: int
    """Those that a worker refreshes now."""
    oldest_seconds: float | None
    """How long ago the oldest copy was refreshed; None before the first refresh of any."""
    never_refreshed: int
    """Models without a complete refresh."""
    unreadable: int
    """Records in the table `mirror_unreadable`."""
    withheld_deletions: int
    """Deletions that wait to be confirmed."""
    failures: dict[str, int]
    """By the class of the last error, how many models fail."""


class Registry:
    """The workers of a database, and the one with *holder* in particular."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder

    async def beat(self, *, concurrency: int, running: int, refreshes: int, failures: int, records: int) -> None:
        """Note that this worker is alive, and what it did."""
        async with self._database.transaction() as connection:
            await connection.exec_driver_sql(
                "INSERT INTO kombo_fleet.workers "
                "(holder, version, started_at, seen_at, concurrency, running, refreshes, failures, records) "
                f"VALUES (%s, %s, {_NOW}, {_NOW}, %s, %s, %s, %s, %s) "
                "ON CONFLICT (holder) DO UPDATE SET seen_at = excluded.seen_at, running = excluded.running, "
                "refreshes = excluded.refreshes, failures = excluded.failures, records = excluded.records",
                (self._holder, __version__, concurrency, running, refreshes, failures, records),
            )

    async def leave(self) -> None:
        """Note that this worker ends, and forget those that ended long ago."""
        async with self._database.transaction() as connection:
            await connection.exec_driver_sql(
                f"DELETE FROM kombo_fleet.workers WHERE holder = %s OR seen_at < {_NOW} - %s",
                (self._holder, _FORGOTTEN),
            )

    async def workers(self) -> tuple[WorkerStatus, ...]:
        """Return the workers, the oldest first; none where no worker has run yet."""
        if (await self._rows("SELECT to_regclass('kombo_fleet.workers')"))[0][0] is None:
            return ()
        rows = await self._rows(
            f"SELECT holder, version, seen_at > {_NOW} - {LEASE_SECONDS}, started_at, seen_at, concurrency, running, "
            "refreshes, failures, records FROM kombo_fleet.workers ORDER BY started_at, holder"
        )
        return tuple(
            WorkerStatus(
                name=holder.name if (holder := Holder.parse(row[0])) else row[0],
                version=row[1],
                is_alive=row[2],
                started_at=_time(row[3]),
                seen_at=_time(row[4]),
                concurrency=row[5],
                running=row[6],
                refreshes=row[7],
                failures=row[8],
                records=row[9],
            )
            for row in rows
        )

    async def status(self) -> FleetStatus:
        """Return the numbers of the whole fleet, which the database counts."""
        [counts] = await self._rows(
            "SELECT count(*), "
            f"count(*) FILTER (WHERE lease_until <= {_NOW} AND requested_seq > attempted_seq), "
            f"count(*) FILTER (WHERE lease_until <= {_NOW} AND due_at <= {_NOW}), "
            f"count(*) FILTER (WHERE lease_until > {_NOW}), "
            f"{_NOW} - min((state::jsonb ->> 'refreshed_at')::float8), "
            "count(*) FILTER (WHERE state::jsonb ->> 'refreshed_at' IS NULL), "
            "coalesce(sum((state::jsonb ->> 'unreadable')::bigint), 0)::bigint, "
            "coalesce(sum((state::jsonb ->> 'withheld')::bigint), 0)::bigint "
            "FROM kombo.mirror_leases LEFT JOIN kombo.mirror_requests USING (integration_id, model)"
        )
        failures = await self._rows(
            "SELECT split_part(state::jsonb ->> 'last_error', ':', 1), count(*) FROM kombo.mirror_leases "
            "WHERE state::jsonb ->> 'last_error' IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        return FleetStatus(
            workers=await self.workers(),
            models=counts[0],
            requested=counts[1],
            due=counts[2],
            running=counts[3],
            oldest_seconds=counts[4],
            never_refreshed=counts[5],
            unreadable=counts[6],
            withheld_deletions=counts[7],
            failures={row[0]: row[1] for row in failures},
        )

    async def _rows(self, query: str) -> Sequence[Any]:
        async with self._database.connect(read_only=True) as connection:
            return (await connection.exec_driver_sql(query)).all()


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
