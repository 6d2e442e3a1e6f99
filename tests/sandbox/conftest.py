"""Fixtures that run a sandbox with a plain HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from kombo_async.sandbox import Sandbox, SandboxConfig

from ..support.sandbox_api import Api, Open


@asynccontextmanager
async def _open(**config: Any) -> AsyncIterator[Api]:
    async with (
        Sandbox(SandboxConfig(**{"sync_seconds": 0.02, **config})) as sandbox,
        aiohttp.ClientSession() as session,
    ):
        yield Api(sandbox, session)


@pytest.fixture
def open_api() -> Open:
    """Return a context manager that runs a sandbox with a configuration."""
    return _open


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    """Run a sandbox with the default configuration."""
    async with _open() as api:
        yield api
