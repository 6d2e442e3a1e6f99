"""Wrong arguments, databases that are not ours, and databases that fail in the middle of a refresh."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from kombo_async import KomboClient
from kombo_async.errors import IntegrationNotFoundError
from kombo_async.mirror import Mirror, Schedule, database
from kombo_async.mirror.schema import UnknownDatabaseError
from kombo_async.models.hris import Skill

from ..support import postgresql
from .harness import MODEL, Harness

small_pages = pytest.mark.usefixtures("small_pages")


# Arguments.


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("mysql://ada:secret@host/people", ValueError, "no database is known by mysql://: use sqlite:///people.db or"),
        ("postgresql://ada:secret@host:port/people", ValueError, "cannot be read, after postgresql://"),
        ("postgresql://ada:secret@[::1/people", ValueError, "cannot be read, after postgresql://"),
        ("sqlite://", ValueError, "is a file"),
        ("sqlite:///:memory:", ValueError, "is a file"),
        ("sqlite:///people.db?mode=ro", ValueError, "is a file"),
        ("", ValueError, "empty"),
        (Path("people.db"), TypeError, "str"),
    ],
)
def test_unknown_database_is_refused_without_its_password(url: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        Mirror(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("missing", "url", "line"),
    [
        ("sqlalchemy", "people.db", "pip install 'kombo_async[mirror]'"),
        ("aiosqlite", "people.db", "pip install 'kombo_async[mirror]'"),
        ("psycopg", "postgresql://host/people", "pip install 'kombo_async[postgresql]'"),
    ],
)
def test_missing_driver_is_named_with_the_line_that_installs_it(
    missing: str, url: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ImportError) as caught:
        Mirror(url)
    assert line in str(caught.value)


def test_password_is_not_in_the_repr() -> None:
    assert "secret" not in repr(Mirror("postgresql://ada:secret@host/people"))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"schedule": 3}, TypeError),
        ({"on_change": 3}, TypeError),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Mirror("people.db", **options)


@pytest.mark.parametrize(
    ("options", "error"),
    [({"incremental": 3}, TypeError), ({"full": -Schedule().full}, ValueError), ({"overlap": 1.5}, TypeError)],
)
def test_wrong_schedules_are_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Schedule(**options)


async def test_wrong_models_and_integrations_store_nothing(harness: Harness) -> None:
    mirror, known = harness.mirror, harness.integration_id
    with pytest.raises(ValueError, match="did you mean hris_employees"):
        await mirror.add(known, ["hris_employes"])
    with pytest.raises(ValueError, match="not a model of HRIS tools"):
        await mirror.add(known, ["hris_locations", "ats_jobs"])
    with pytest.raises(TypeError, match="list of names"):
        await mirror.add(known, "hris_locations")
    with pytest.raises(IntegrationNotFoundError):
        await mirror.add("personio:unknown")
    assert await mirror.status() == ()
    with pytest.raises(ValueError, match="not in the mirror: 'personio:unknown'"):
        [each async for each in mirror.refresh("personio:unknown")]
    await mirror.add(known, ["hris_locations"])
    with pytest.raises(ValueError, match="not in the mirror: hris_teams of 'personio:"):
        [each async for each in mirror.refresh(known, models=["hris_locations", "hris_teams"])]
    with pytest.raises(ValueError, match="no mirrored model"):
        [each async for each in mirror.refresh(models=["hris_employes"])]
    with pytest.raises(ValueError, match="Skill is not the class"):
        [each async for each in mirror.iter_records(Skill)]
    with pytest.raises(ValueError, match="at least 1"):
        await mirror.run(concurrency=0)
    await mirror.remove("personio:unknown")


async def test_what_asks_kombo_needs_a_client_and_the_rest_does_not(harness: Harness) -> None:
    await harness.fill(3)
    async with Mirror(harness.url) as mirror:
        assert [row.records for row in await mirror.status()] == [3]
        assert await mirror.request_refresh(harness.integration_id) == (MODEL,)
        with pytest.raises(RuntimeError, match="needs a client"):
            [each async for each in mirror.refresh()]
        with pytest.raises(RuntimeError, match="needs a client"):
            await mirror.add(harness.integration_id)
        await mirror.remove(harness.integration_id)
        assert await mirror.status() == ()


async def test_mirror_that_is_not_open_says_so(client: KomboClient, tmp_path: Path) -> None:
    mirror = Mirror(f"sqlite:///{tmp_path / 'people.db'}", client)
    with pytest.raises(RuntimeError, match="open the mirror first"):
        await mirror.status()
    async with mirror:
        with pytest.raises(RuntimeError, match="open already"):
            await mirror.__aenter__()
    with pytest.raises(RuntimeError, match="open the mirror first"):
        mirror.connection()


# Databases that are not ours.


async def test_sqlite_file_of_something_else_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(UnknownDatabaseError, match="choose another"):
        async with Mirror(str(path)):
            pytest.fail("it was opened")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["notes.db"]  # noqa: ASYNC240


async def test_file_that_is_no_database_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("a diary, which nobody wants to lose\n" * 100)
    before = path.read_bytes()
    with pytest.raises(UnknownDatabaseError, match="not a SQLite database"):
        async with Mirror(str(path)):
            pytest.fail("it was opened")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("where", "message"), [("missing/people.db", "No such file or directory"), (".", "is a folder")]
)
async def test_file_that_cannot_be_created_is_refused(tmp_path: Path, where: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        async with Mirror(str(tmp_path / where)):
            pytest.fail("it was opened")


async def test_postgresql_schema_of_something_else_is_refused_and_not_changed() -> None:
    import psycopg

    url = postgresql.create_database(f"other_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA kombo")
        connection.execute("CREATE TABLE kombo.notes (text text)")
        with pytest.raises(UnknownDatabaseError, match="choose another"):
            async with Mirror(url):
                pytest.fail("it was opened")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'kombo'").fetchall()
    assert tables == [("notes",)]


async def test_database_of_a_later_version_is_refused_only_if_it_is_not_compatible(harness: Harness) -> None:
    await harness.fill(3)
    await harness.execute("UPDATE kombo.mirror_schema SET version = 99")
    try:
        await harness.reopen()
        await harness.refresh(full=True)
        assert await harness.query("SELECT version FROM kombo.mirror_schema") == [(99,)]
        await harness.execute("UPDATE kombo.mirror_schema SET compatible_from = 98")
        with pytest.raises(UnknownDatabaseError, match=r"version 99.*upgrade"):
            async with Mirror(harness.url):
                pytest.fail("it was opened")
    finally:
        await harness.execute("UPDATE kombo.mirror_schema SET version = 1, compatible_from = 1")


async def test_sqlite_files_are_readable_by_their_owner_alone(tmp_path: Path, client: KomboClient) -> None:
    async with Mirror(str(tmp_path / "people.db"), client) as mirror:
        await mirror.request_refresh("personio:unknown")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}  # noqa: ASYNC240
    assert modes == {"people.db": 0o600, "people.db-wal": 0o600, "people.db-shm": 0o600}


async def test_connection_is_read_only_unless_asked_otherwise(harness: Harness) -> None:
    await harness.fill(3)
    async with harness.mirror.connection() as connection:
        with pytest.raises(DBAPIError, match=r"read-?only"):
            await connection.exec_driver_sql(f"DELETE FROM {harness.prefix}hris_locations_records")
    assert len(await harness.stored()) == 3


async def test_mirror_opens_while_another_process_writes(harness: Harness) -> None:
    await harness.fill(3)
    async with harness.mirror.connection(read_only=False) as connection:
        await connection.exec_driver_sql(f"DELETE FROM {harness.prefix}hris_locations_records")
        async with asyncio.timeout(10), Mirror(harness.url) as other:
            assert len(await other.status()) == 1


# Databases that fail.

Break = Callable[[Harness, Any], Any]


async def fill_the_disk(harness: Harness, connection: Any) -> None:
    if harness.is_sqlite:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    else:
        await connection.exec_driver_sql("DO $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$")


async def end_the_connection(harness: Harness, connection: Any) -> None:
    if harness.is_sqlite:
        raw = await connection.get_raw_connection()
        await raw.driver_connection.close()
    else:
        await connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")


@small_pages
@pytest.mark.parametrize("fail", [fill_the_disk, end_the_connection])
async def test_page_is_undone_when_the_database_fails_and_the_refresh_is_continued(
    harness: Harness, fail: Break
) -> None:
    calls = 0

    async def on_change(connection: Any, changes: Sequence[Any]) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            await fail(harness, connection)

    await harness.reopen(on_change=on_change)
    for record in harness.sandbox.records(MODEL, include_deleted=True):
        harness.sandbox.remove(MODEL, record["id"])
    for number in range(40):
        harness.put(number, name="x" * 3000)
    await harness.mirror.add(harness.integration_id, [MODEL])
    [result] = await harness.results()
    assert isinstance(result.error, DBAPIError)
    await harness.reopen()
    stored = len(await harness.stored())
    assert stored in {10, 15}
    assert (await harness.status()).unreadable == 0
    harness.requests()
    result = await harness.refresh()
    assert (result.created, result.unreadable) == (40, 0)
    assert all("cursor" in each for each in harness.requests())
    await harness.assert_equal()


async def test_failure_of_the_database_is_in_the_status_when_it_is_back(harness: Harness) -> None:
    await harness.fill(3)

    async def on_change(connection: Any, changes: Sequence[Any]) -> None:
        await fill_the_disk(harness, connection)
        if harness.is_sqlite:
            await connection.exec_driver_sql("CREATE TABLE filler AS SELECT randomblob(1000000) AS data")

    await harness.reopen(on_change=on_change)
    harness.put(1, name="Changed")
    [result] = await harness.results()
    assert isinstance(result.error, DBAPIError)
    status = await harness.status()
    reason = "OperationalError: database or disk is full" if harness.is_sqlite else "DiskFull: no space left"
    assert (status.failures, status.last_error) == (1, reason)


async def test_lock_that_times_out_fails_the_page_alone(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    if not harness.is_sqlite:
        pytest.skip("in PostgreSQL, other transactions lock no rows of a refresh")
    await harness.fill(3)
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    await harness.reopen()
    harness.put(1, name="Changed")
    blocker = sqlite3.connect(harness.url.removeprefix("sqlite:///"), isolation_level=None)
    with closing(blocker):
        harness.after_page(1, lambda: blocker.execute("BEGIN EXCLUSIVE"))
        [result] = await harness.results()
        assert isinstance(result.error, DBAPIError)
        blocker.execute("ROLLBACK")
    # The lease could not be released either. It is not renewed with others of the process, and expires.
    await harness.mirror.add(harness.integration_id, ["hris_teams"])
    assert await harness.mirror._store.leases.acquire(1, ["hris_teams"])
    lease = f"SELECT lease_until FROM mirror_leases WHERE model = '{MODEL}'"
    until = await harness.query(lease)
    assert until[0][0] > 0
    await harness.mirror._store.leases.renew()
    assert await harness.query(lease) == until
    await harness.advance_database_clock(timedelta(seconds=16))
    result = await harness.refresh()
    assert (result.updated, result.error) == (1, None)
    await harness.assert_equal()
