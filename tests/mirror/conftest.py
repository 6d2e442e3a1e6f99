"""A sandbox, a client of it, and a database of each kind."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kombo_async import KomboClient, RetryPolicy
from kombo_async.mirror import Mirror, deletions, refresher
from kombo_async.sandbox import Sandbox, SandboxConfig

from ..support import postgresql
from .harness import Harness

QUICK = RetryPolicy(first_wait=0.001, longest_wait=0.002)
"""Tries as often as by default, without the waiting."""
KINDS = ("sqlite", "postgresql")

_EMPTY = """
DO $$ DECLARE each text; BEGIN
  FOR each IN SELECT relname FROM pg_class WHERE relnamespace = 'kombo'::regnamespace AND relkind = 'r'
    AND relname <> 'mirror_schema' AND pg_relation_size(oid) > 0 LOOP
    EXECUTE format('DELETE FROM kombo.%I', each);
  END LOOP;
END $$
"""


@pytest.fixture
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """Three HR systems; parameters of the fixture change its configuration."""
    options = {"fields": 10, "employees": 12, "integrations": 3, "sync_seconds": 0.02}
    async with Sandbox(SandboxConfig(**options | getattr(request, "param", {}))) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[KomboClient]:
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, retry=QUICK) as client:
        yield client


async def _create_tables(url: str) -> None:
    async with Mirror(url):
        pass


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty mirror, to be copied: making its tables takes a while."""
    path = tmp_path_factory.mktemp("template") / "mirror.db"
    asyncio.run(_create_tables(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_url() -> str:
    url = postgresql.create_database(f"mirror_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    asyncio.run(_create_tables(url))
    return url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a mirror without records, in each kind of database."""
    if request.param == "sqlite":
        path = tmp_path / "people.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    import psycopg

    url = request.getfixturevalue("postgresql_url")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY)
    yield url


@pytest.fixture
async def mirror(database_url: str, client: KomboClient) -> AsyncIterator[Mirror]:
    async with Mirror(database_url, client) as mirror:
        yield mirror


@pytest.fixture
async def harness(
    sandbox: Sandbox, client: KomboClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Harness]:
    harness = Harness(sandbox, client, database_url, monkeypatch)
    await harness.mirror.__aenter__()
    yield harness
    await harness.mirror.__aexit__(None, None, None)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five records a page, and small transactions."""
    monkeypatch.setattr(refresher, "PAGE_SIZE", 5)
    monkeypatch.setattr(refresher, "BATCH", 3)
    monkeypatch.setattr(deletions, "BATCH", 3)
    monkeypatch.setattr(deletions, "IDS", 3)
    monkeypatch.setattr(deletions, "NOTES", 4)
