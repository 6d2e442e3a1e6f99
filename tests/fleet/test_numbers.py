"""What can be seen of a worker: its health, its numbers, and its metrics."""

from __future__ import annotations

import logging
from typing import Any

import aiohttp
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from sqlalchemy import text

from kombo_async.events import Throttled
from kombo_async.fleet import Fleet, health
from kombo_async.fleet import fleet as fleet_module
from kombo_async.otel import OpenTelemetryMetrics
from kombo_async.sandbox import Sandbox

from .conftest import MODEL
from .harness import eventually, refreshed, working


async def test_worker_serves_its_health_and_its_numbers(
    fleet: Fleet, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "kombo_async.fleet")
    async with working(fleet, health_port=0), aiohttp.ClientSession() as session:
        await eventually(lambda: refreshed(fleet))
        [port] = [each.port for each in caplog.records if getattr(each, "event", "") == "health"]  # type: ignore[attr-defined]
        async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
            assert (response.status, (await response.json())["healthy"]) == (200, True)
        async with session.get(f"http://127.0.0.1:{port}/metrics") as response:
            lines = (await response.text()).splitlines()
        created = sum(len(sandbox.records(MODEL, integration_id=each)) for each in sandbox.integration_ids[:4])
        assert f'kombo_worker_records_total{{change="created"}} {created}' in lines
        assert {"kombo_fleet_workers 1", "kombo_fleet_models 4", "kombo_fleet_due 0"} <= {*lines}
        async with fleet.mirror.connection(read_only=False) as connection:
            await connection.execute(text("ALTER TABLE kombo.mirror_leases RENAME TO away"))
            await connection.commit()
            async with session.get(f"http://127.0.0.1:{port}/metrics") as response:
                text_alone = await response.text()
            await connection.execute(text("ALTER TABLE kombo.away RENAME TO mirror_leases"))
            await connection.commit()
        assert "kombo_worker_running 0" in text_alone
        assert "kombo_fleet_" not in text_alone
        monkeypatch.setattr(health, "_UNHEALTHY", -1.0)
        async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
            assert response.status == 503


async def test_metrics_are_those_of_refreshes_refusals_and_the_fleet(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_module, "_OBSERVE", 0.05)
    reader = InMemoryMetricReader()
    metrics = OpenTelemetryMetrics(MeterProvider([reader]))
    event = Throttled(1, "iter_employees", None, 1, 0.1, "PLATFORM.RATE_LIMIT_EXCEEDED", 1.0)
    metrics(event)

    def values() -> dict[str, Any]:
        data = reader.get_metrics_data()
        found = [each for every in data.resource_metrics for scope in every.scope_metrics for each in scope.metrics]
        return {each.name: sum(point.value for point in each.data.data_points) for each in found}

    async with working(fleet, metrics=metrics):
        await eventually(lambda: refreshed(fleet))

        async def observed() -> bool:
            found = values()
            # The age is known once a count follows the first refresh.
            return (found.get("kombo.workers"), found.get("kombo.queue.depth")) == (
                1,
                0,
            ) and "kombo.mirror.age" in found

        await eventually(observed)
    found = values()
    assert (found["kombo.refreshes"], found["kombo.refusals"], found["kombo.mirror.unreadable"]) == (4, 1, 0)
    assert found["kombo.records"] > 4
    assert 0 <= found["kombo.mirror.age"] < 60
