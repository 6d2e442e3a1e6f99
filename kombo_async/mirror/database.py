"""Connections to SQLite and PostgreSQL, and what the two say differently."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .record_writer import iso

if TYPE_CHECKING:
    from sqlalchemy import URL, Table
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

LEASE_SECONDS = 15.0
"""How long a lease lives without being renewed. Also how long a process that was stopped in a transaction blocks others
on PostgreSQL."""
_BUSY_SECONDS = 30.0
"""How long a SQLite transaction waits for that of another process."""
TCP_OPTIONS = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 15_000}
"""By these, PostgreSQL's client library notices within a lease that a server or the network to it is gone: seconds, and
for the last one milliseconds. Without them, a statement would wait for hours."""
_OLDEST_SQLITE = (3, 35, 0)
SCHEMA = "kombo"
"""The PostgreSQL schema of all tables and views."""


class Database:
    """The engines of one database, and the SQL in which the two kinds differ.

    Statements of the hot path are text with `?`, and go to the driver as they are.
    """

    def __init__(self, url: URL, connections: int = 100) -> None:
        """*connections* is the largest number of connections to PostgreSQL."""
        self.url = url
        self._connections = connections
        self.is_sqlite = url.get_backend_name() == "sqlite"
        # The time of the database, in seconds since 1970. In PostgreSQL now() would be the start of the transaction.
        self.clock = (
            "((julianday('now') - 2440587.5) * 86400.0)"
            if self.is_sqlite
            else "extract(epoch from clock_timestamp())::float8"
        )
        self.one_of = "IN (SELECT value FROM json_each(?))" if self.is_sqlite else "= ANY(?::text[])"
        # Of two columns, with a list of values for each.
        self.one_of_pairs = (
            "IN (SELECT a.value, b.value FROM json_each(?) a JOIN json_each(?) b ON b.key = a.key)"
            if self.is_sqlite
            else "IN (SELECT * FROM unnest(?::text[], ?::text[]))"
        )
        self.prefix = "" if self.is_sqlite else f"{SCHEMA}."
        self._writer, self._reader = self._engines()

    def sql(self, statement: str) -> str:
        """Return a statement in the parameter style of the driver."""
        return statement if self.is_sqlite else statement.replace("%", "%%").replace("?", "%s")

    def insert(self, table: Table) -> Any:
        """Return an INSERT that knows ON CONFLICT."""
        from sqlalchemy.dialects import postgresql, sqlite

        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def list_parameter(self, values: Sequence[str]) -> Any:
        """Return a list for `one_of`."""
        if not self.is_sqlite:
            return list(values)
        import msgspec

        return msgspec.json.encode(values).decode()

    def time_parameter(self, moment: datetime | None) -> Any:
        """Return a time for a column of times."""
        return iso(moment) if self.is_sqlite and moment is not None else moment

    def time_of(self, value: Any) -> datetime | None:
        """Return the time that a column of times holds."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value

    def table(self, model: str) -> str:
        """Return the name of the table of a model's records."""
        return f"{self.prefix}{model}_records"

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncConnection]:
        """Begin a transaction that writes. In SQLite, one at a time: it takes the lock of the file at once."""
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def single_statements(self) -> AsyncGenerator[AsyncConnection]:
        """Connect for statements that are transactions of their own in PostgreSQL, and one together in SQLite."""
        if self.is_sqlite:
            async with self.transaction() as connection:
                yield connection
            return
        async with self._writer.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    def connect(self, *, read_only: bool) -> AsyncConnection:
        """Return a connection that is not open yet."""
        return (self._reader if read_only else self._writer).connect()

    def problem_of(self, error: DBAPIError) -> str | None:
        """Return why a SQLite file cannot be opened; None for errors of another kind."""
        match getattr(error.orig, "sqlite_errorname", None):
            case "SQLITE_NOTADB":
                return f"{self.url.database} is not a SQLite database: choose another file"
            case "SQLITE_CANTOPEN" | "SQLITE_PERM" | "SQLITE_READONLY":
                return f"cannot open the database {self.url.database}: no permission"
            case _:
                return None

    async def close(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()

    def _engines(self) -> tuple[AsyncEngine, AsyncEngine]:
        from sqlalchemy import event
        from sqlalchemy.ext.asyncio import create_async_engine
        from sqlalchemy.pool import AsyncAdaptedQueuePool

        if not self.is_sqlite:
            engine = create_async_engine(
                self.url,
                pool_size=min(20, self._connections),
                max_overflow=max(0, self._connections - 20),
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={name: value for name, value in TCP_OPTIONS.items() if name not in self.url.query},
            )
            reader = engine.execution_options(postgresql_readonly=True)

            @event.listens_for(engine.sync_engine, "connect")
            def _(connection: Any, _: Any) -> None:
                connection.autocommit = True
                cursor = connection.cursor()
                cursor.execute(f"SET idle_in_transaction_session_timeout = {int(LEASE_SECONDS * 1000)}")
                cursor.close()
                connection.autocommit = False

            return engine, reader

        def engine_of(begin: str, *pragmas: str, size: int) -> AsyncEngine:
            engine = create_async_engine(
                self.url,
                poolclass=AsyncAdaptedQueuePool,
                pool_size=size,
                max_overflow=0,
                hide_parameters=True,
                # Those who wait for the one writer wait for as long as it takes.
                pool_timeout=None,
                connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None},
            )

            @event.listens_for(engine.sync_engine, "connect")
            def _(connection: Any, _: Any) -> None:
                cursor = connection.cursor()
                for pragma in pragmas:
                    cursor.execute(f"PRAGMA {pragma}")
                cursor.close()

            @event.listens_for(engine.sync_engine, "begin")
            def _(connection: Any) -> None:
                connection.exec_driver_sql(begin)

            return engine

        # With a plain BEGIN a transaction that reads first fails at once when another process writes meanwhile.
        writer = engine_of("BEGIN IMMEDIATE", "journal_mode = WAL", "synchronous = NORMAL", size=1)
        reader = engine_of("BEGIN", "query_only = ON", size=5)
        return writer, reader


def parse_url(text: str) -> URL:
    """Return the address of a database: `sqlite:///people.db`, `postgresql://…`, or the name of a file.

    Raise a `ValueError` for any other database, and an `ImportError` that names what to install. Neither shows a
    password.
    """
    if not isinstance(text, str):
        raise TypeError(f"the database is a str such as 'sqlite:///people.db', not {type(text).__name__}")
    if not text.strip():
        raise ValueError("the database is empty: pass the name of a file, sqlite:///people.db, or postgresql://…")
    if not _is_installed("sqlalchemy"):
        raise ImportError("a mirror needs SQLAlchemy: pip install 'kombo_async[mirror]'")
    from sqlalchemy import URL, make_url
    from sqlalchemy.exc import ArgumentError

    if "://" not in text:
        return _sqlite_url(URL.create("sqlite", database=text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(f"the address of the database cannot be read, after {text.partition('://')[0]}://") from None
    if "@" in (url.host or ""):
        raise ValueError("the password in the address of the database has an @ in it: write it as %40")
    match url.drivername:
        case "sqlite" | "sqlite+aiosqlite":
            return _sqlite_url(url)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            if not _is_installed("psycopg"):
                raise ImportError("PostgreSQL needs psycopg: pip install 'kombo_async[postgresql]'")
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(f"no database is known by {other}://: use sqlite:///people.db or postgresql://…")


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ValueError:
        return False


def _sqlite_url(url: URL) -> URL:
    if not _is_installed("aiosqlite"):
        raise ImportError("a mirror in SQLite needs aiosqlite: pip install 'kombo_async[mirror]'")
    # Pythons without it can use PostgreSQL.
    import sqlite3

    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        wanted = ".".join(map(str, _OLDEST_SQLITE))
        raise ImportError(f"a mirror needs SQLite {wanted} or newer; this Python has {sqlite3.sqlite_version}")
    if url.database in {None, "", ":memory:"} or url.query:
        raise ValueError("a mirror in SQLite is a file, as in sqlite:///people.db")
    return url.set(drivername="sqlite+aiosqlite")


def describe_failure(error: BaseException) -> str | None:
    """Return an error of a database in one line, without the statement; None for an error of another kind.

    The messages of both drivers have no password.
    """
    from sqlalchemy.exc import DBAPIError

    return str(error.orig).partition("\n")[0] if isinstance(error, DBAPIError) else None


def is_disconnect(error: BaseException | None) -> bool:
    """Return whether *error* says that the database is away, and nothing about a statement."""
    from sqlalchemy import exc

    if isinstance(error, exc.DBAPIError):
        # Without a statement, if no connection could be made, but also if a transaction was not committed: that has a
        # code, as that of a full disk.
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        return error.connection_invalidated or (error.statement is None and code is None)
    return isinstance(error, exc.TimeoutError)


def create_file(url: URL) -> None:
    """Create the file of a SQLite database that does not exist, readable by its owner alone."""
    assert url.database is not None
    path = Path(url.database)
    if path.is_dir():
        raise ValueError(f"cannot open the database {path}: it is a folder")
    try:
        # SQLite gives its two other files the permissions of this one.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise ValueError(f"cannot create the database {path}: {error.strerror}") from None
