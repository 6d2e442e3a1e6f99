"""The HTTP server of a worker: `/healthz` for supervisors, `/metrics` for Prometheus."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from aiohttp import web

from ..mirror.results import COUNTS
from .registry import FleetStatus
from .worker import DATABASE_ERRORS, Worker

_UNHEALTHY = 30.0
"""Seconds without the database after which a worker is not healthy: two leases."""


@asynccontextmanager
async def health_server(
    worker: Worker, status: Callable[[], Awaitable[FleetStatus]], host: str, port: int
) -> AsyncGenerator[int]:
    """Serve while the block runs; give the port."""

    async def healthz(_: web.Request) -> web.Response:
        silent = time.monotonic() - worker.seen_at
        healthy = silent < _UNHEALTHY
        found = {"healthy": healthy, "running": worker.running, "database_seconds_ago": round(silent, 1)}
        return web.json_response(found, status=200 if healthy else 503)

    async def metrics(_: web.Request) -> web.Response:
        try:
            fleet = await status()
        except DATABASE_ERRORS:
            # The numbers of this process do not need the database.
            fleet = None
        text = "".join(f"{line}\n" for line in metric_lines(worker, fleet))
        return web.Response(text=text, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def metric_lines(worker: Worker, status: FleetStatus | None) -> Iterator[str]:
    """Return the numbers of a worker, and of its fleet if they are known, in the text format of Prometheus."""
    totals = worker.totals
    yield "# TYPE kombo_worker_refreshes_total counter"
    yield f'kombo_worker_refreshes_total{{result="complete"}} {totals.refreshes}'
    yield f'kombo_worker_refreshes_total{{result="failed"}} {totals.failures}'
    yield "# TYPE kombo_worker_records_total counter"
    for name in COUNTS:
        yield f'kombo_worker_records_total{{change="{name}"}} {getattr(totals, name)}'
    yield "# TYPE kombo_worker_running gauge"
    yield f"kombo_worker_running {worker.running}"
    if status is None:
        return
    gauges = {
        "workers": sum(each.is_alive for each in status.workers),
        "models": status.models,
        "running": status.running,
        "requested": status.requested,
        "due": status.due,
        "oldest_seconds": status.oldest_seconds or 0.0,
        "never_refreshed": status.never_refreshed,
        "unreadable": status.unreadable,
        "withheld_deletions": status.withheld_deletions,
    }
    for name, value in gauges.items():
        yield f"# TYPE kombo_fleet_{name} gauge"
        yield f"kombo_fleet_{name} {value}"
    yield "# TYPE kombo_fleet_failing gauge"
    for name, count in status.failures.items():
        yield f'kombo_fleet_failing{{error="{name}"}} {count}'
