"""Inserts jobs for what is requested or due. Any worker plans, one of them every two seconds."""

from __future__ import annotations

from .queue import DUE, LOCK, REQUESTED, Queue

INTERVAL = 2.0
"""Seconds between two plans of the whole fleet."""
_AT_ONCE = 5_000
"""Jobs that one statement inserts: a webhook for one of them waits for its end."""

_NOW = "(SELECT extract(epoch FROM clock_timestamp()))"
_CLAIM = (
    f"WITH claimed AS (UPDATE kombo_fleet.plan SET next_at = {_NOW} + %(interval)s WHERE next_at <= {_NOW} RETURNING 1)"
    f" SELECT EXISTS (SELECT 1 FROM claimed) AS claimed, (next_at - {_NOW})::float8 AS seconds FROM kombo_fleet.plan"
)
_WITHOUT_JOB = (
    f"lease_until <= {_NOW} AND NOT EXISTS "
    f"(SELECT 1 FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = {LOCK})"
)
_STATEMENTS = {
    REQUESTED: "SELECT integration_id, model FROM kombo.mirror_requests JOIN kombo.mirror_leases "
    f"USING (integration_id, model) WHERE requested_seq > attempted_seq AND {_WITHOUT_JOB} "
    "ORDER BY requested_seq LIMIT %(limit)s",
    DUE: f"SELECT integration_id, model FROM kombo.mirror_leases WHERE due_at <= {_NOW} AND {_WITHOUT_JOB} "
    "ORDER BY kombo.mirror_leases.priority, due_at LIMIT %(limit)s",
}


async def claim(queue: Queue) -> float:
    """Return 0 if it is this process that plans now, else the seconds until the next plan."""
    [row] = await queue.rows(_CLAIM, interval=INTERVAL)
    # Another process may have planned after this statement began.
    return 0.0 if row["claimed"] else min(max(row["seconds"], 0.1), INTERVAL)


async def plan(queue: Queue) -> int:
    """Insert jobs for all that is requested or due and has none that waits; return how many."""
    planned = 0
    for kind, statement in _STATEMENTS.items():
        inserted = _AT_ONCE
        while inserted == _AT_ONCE:
            inserted = await queue.enqueue_found(statement, kind, limit=_AT_ONCE)
            planned += inserted
    return planned
