"""A source with many integrations, and a database for its fleet."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from kombo_async import KomboClient, RetryPolicy
from kombo_async.fleet import Fleet, planner, queue
from kombo_async.sandbox import Sandbox, SandboxConfig
from kombo_async.webhooks import Event, parse

from ..support import postgresql

MODEL = "hris_locations"
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_databases = iter(range(1_000_000))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers plan, and look for jobs, ten times as often."""
    monkeypatch.setattr(planner, "INTERVAL", 0.2)
    monkeypatch.setattr(queue, "_POLL", 0.05)


@pytest.fixture(scope="session")
def template() -> str:
    """The name of a database with the tables of a fleet, to be copied: making them takes a while."""
    name = f"fleet_template_{_WORKER}"
    url = postgresql.create_database(name)

    async def create_tables() -> None:
        async with Fleet(url, KomboClient("key")):
            pass

    asyncio.run(create_tables())
    return name


@pytest.fixture
def database_url(template: str) -> str:
    """The address of a database with empty tables."""
    return postgresql.create_database(f"fleet_{_WORKER}_{next(_databases)}", template)


@pytest.fixture
def empty_database_url() -> str:
    """The address of a database without tables."""
    return postgresql.create_database(f"fleet_{_WORKER}_{next(_databases)}")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(SandboxConfig(fields=5, employees=5, integrations=4, sync_seconds=0.02)) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[KomboClient]:
    retry = RetryPolicy(first_wait=0.001, longest_wait=0.002)
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, retry=retry) as client:
        yield client


@pytest.fixture
async def fleet(database_url: str, client: KomboClient, sandbox: Sandbox) -> AsyncIterator[Fleet]:
    """A fleet whose mirror has one model of each integration, due for its first refresh."""
    async with Fleet(database_url, client) as fleet:
        for integration_id in sandbox.integration_ids[:4]:
            await fleet.mirror.add(integration_id, [MODEL])
        yield fleet


@pytest.fixture
def changed() -> Callable[..., Event]:
    """Makes webhook events that say that locations have changed."""
    numbers = iter(range(1_000_000))

    def make(integration_id: str, event_id: str | None = None) -> Event:
        data: dict[str, Any] = {
            "integration_id": integration_id,
            "integration_tool": "personio",
            "integration_category": "HRIS",
            "changed_models": [{"name": MODEL}],
        }
        event = {"id": event_id or f"event-{next(numbers)}", "type": "data-changed", "data": data}
        return parse(msgspec.json.encode(event))

    return make
