"""A sandbox and a client of it, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kombo_async import KomboClient, RetryPolicy
from kombo_async.sandbox import Sandbox, SandboxConfig

from ..support.loops import pytest_asyncio_loop_factories  # noqa: F401

QUICK = RetryPolicy(first_wait=0.001, longest_wait=0.002)
"""Tries as often as by default, without the waiting."""


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Three integrations: Personio, Workday, BambooHR."""
    async with Sandbox(SandboxConfig(fields=25, employees=12, integrations=3, sync_seconds=0.5)) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[KomboClient]:
    """A client for the first integration."""
    async with KomboClient(
        sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id, retry=QUICK
    ) as client:
        yield client
