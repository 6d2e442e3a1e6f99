"""Inserts jobs for what is requested or due. Any worker plans, one of them every two seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..mirror.database import Database
from .queue import DUE, REQUESTED, Key, Queue

INTERVAL = 2.0
"""Seconds between two plans of the whole fleet."""
_AT_ONCE = 10_000
"""Models that one statement finds."""

_CLAIM = (
    "UPDATE kombo_fleet.plan SET next_at = extract(epoch FROM clock_timestamp()) + %s "
    "WHERE next_at <= extract(epoch FROM clock_timestamp()) RETURNING next_at"
)
_WITHOUT_JOB = (
    "lease.lease_until <= extract(epoch FROM clock_timestamp()) AND NOT EXISTS ("
    "SELECT 1 FROM {queue}.procrastinate_jobs job WHERE job.status = 'todo' "
    "AND job.queueing_lock = %s || ' ' || lease.integration_id || ' ' || lease.model)"
)
_REQUESTED = (
    "SELECT lease.integration_id, lease.model FROM kombo.mirror_requests request JOIN kombo.mirror_leases lease "
    "USING (integration_id, model) WHERE request.requested_seq > lease.attempted_seq AND {without_job} "
    "ORDER BY request.requested_seq LIMIT %s"
)
_DUE = (
    "SELECT lease.integration_id, lease.model FROM kombo.mirror_leases lease "
    "WHERE lease.due_at <= extract(epoch FROM clock_timestamp()) AND {without_job} "
    "ORDER BY lease.priority, lease.due_at LIMIT %s"
)


class Planner:
    """Finds what is requested or due and has no job that waits."""

    def __init__(self, database: Database, queue: Queue) -> None:
        self._database = database
        self._queue = queue

    async def claim(self) -> bool:
        """Return whether it is this process that plans now."""
        async with self._database.transaction() as connection:
            return (await connection.exec_driver_sql(_CLAIM, (INTERVAL,))).first() is not None

    async def plan(self) -> int:
        """Insert jobs for all that is requested or due; return how many."""
        inserted = 0
        for kind, statement in ((REQUESTED, _REQUESTED), (DUE, _DUE)):
            while True:
                keys = await self._find(statement, kind)
                added = await self._queue.enqueue(keys, kind)
                inserted += added
                if len(keys) < _AT_ONCE or not added:
                    break
        return inserted

    async def _find(self, statement: str, kind: str) -> list[Key]:
        query = statement.format(without_job=_WITHOUT_JOB.format(queue=self._queue.schema))
        async with self._database.connect(read_only=True) as connection:
            rows: Sequence[Any] = (await connection.exec_driver_sql(query, (kind, _AT_ONCE))).all()
        return [(row[0], row[1]) for row in rows]
