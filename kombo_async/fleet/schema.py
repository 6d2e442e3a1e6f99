"""The tables of a fleet, in PostgreSQL schemas of their own.

`kombo_fleet` has what this library stores: the workers, the time of the next plan, and shared limits. The queue is a
schema of procrastinate alone. Its name has the version of procrastinate's tables, so nothing has to be migrated:
workers with another version use another queue beside it, and all of them the same leases. A queue may be dropped at any
time, as it only wakes workers up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..mirror.database import TCP_OPTIONS, parse_url
from .permits_sql import PERMITS

if TYPE_CHECKING:
    import psycopg

VERSION = 1
"""The version of the tables in `kombo_fleet`."""
_LOCK = 0x6B6F6D626F66
"""The key of the advisory lock under which tables are made: `kombof` in ASCII."""
_CONNECT: dict[str, Any] = {**TCP_OPTIONS, "connect_timeout": 5}

TABLES = """
CREATE SCHEMA IF NOT EXISTS kombo_fleet;
CREATE TABLE IF NOT EXISTS kombo_fleet.version (version integer NOT NULL);
CREATE TABLE IF NOT EXISTS kombo_fleet.plan (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    next_at float8 NOT NULL
);
INSERT INTO kombo_fleet.plan (next_at) VALUES (0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS kombo_fleet.workers (
    holder text PRIMARY KEY,
    version text NOT NULL,
    started_at float8 NOT NULL,
    seen_at float8 NOT NULL,
    concurrency integer NOT NULL,
    running integer NOT NULL,
    refreshes bigint NOT NULL,
    failures bigint NOT NULL,
    records bigint NOT NULL
);
"""


def connection_string(url: str) -> str:
    """Return the address of a PostgreSQL database as its client library takes it; raise a `ValueError` for another."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(
            "a fleet needs PostgreSQL: postgresql://user@host/name. One process with SQLite needs no fleet"
        )
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def connect_options(url: str) -> dict[str, Any]:
    """Return the options of a connection that the address does not set."""
    given = parse_url(url).query
    return {name: value for name, value in _CONNECT.items() if name not in given}


async def connect(url: str) -> psycopg.AsyncConnection[Any]:
    """Open a connection in which each statement is a transaction of its own."""
    import psycopg

    return await psycopg.AsyncConnection.connect(connection_string(url), autocommit=True, **connect_options(url))


async def create_tables(connection: psycopg.AsyncConnection[Any]) -> None:
    """Create or upgrade what is in `kombo_fleet`."""
    if await _version(connection) >= VERSION:
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        # Another process may have created them before this one had the lock.
        if await _version(connection) < VERSION:
            await connection.execute((TABLES + PERMITS).encode())
            await connection.execute("INSERT INTO kombo_fleet.version VALUES (%s)", (VERSION,))


async def _version(connection: psycopg.AsyncConnection[Any]) -> int:
    """Return the version of the tables; 0 if there are none."""
    if not await exists(connection, "kombo_fleet.version"):
        return 0
    row = await (await connection.execute("SELECT max(version) FROM kombo_fleet.version")).fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


async def create_queue(connection: psycopg.AsyncConnection[Any], schema: str, statements: str) -> None:
    """Create the tables of procrastinate in *schema*, once."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if not await exists(connection, f"{schema}.procrastinate_jobs"):
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
            await connection.execute(f"SET LOCAL search_path TO {schema}".encode())
            await connection.execute(statements.encode())


async def exists(connection: psycopg.AsyncConnection[Any], table: str) -> bool:
    """Return whether there is a table of this name."""
    row = await (await connection.execute("SELECT to_regclass(%s)", (table,))).fetchone()
    return row is not None and row[0] is not None
