"""The tables of a mirror, and their versions.

Versions only add: a process with an older version of this library keeps working while another one has a newer. The
database holds `version`, that of its tables, and `compatible_from`, the oldest version that may use them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    Table,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.schema import CreateSchema

from .database import SCHEMA
from .mirrored_models import MIRRORED

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .database import Database

VERSION = 1
"""The version of the tables that this library makes."""
COMPATIBLE_FROM = 1
"""The oldest version that may use them."""
_LOCK = 0x6B6F6D626F
"""The key of the advisory lock under which PostgreSQL tables are made: `kombo` in ASCII."""


class Tables:
    """The tables of one kind of database."""

    @classmethod
    @cache
    def of(cls, *, is_sqlite: bool) -> Tables:
        """Return the tables, which take 25 ms to describe and are the same in all databases of a kind."""
        return cls(is_sqlite=is_sqlite)

    def __init__(self, *, is_sqlite: bool) -> None:
        self.metadata = MetaData(schema=None if is_sqlite else SCHEMA)
        # Bytewise order is what keys need, and is faster than that of a language.
        key = Text() if is_sqlite else Text(collation="C")
        moment = Text() if is_sqlite else TIMESTAMP(timezone=True)
        self.schema = Table(
            "mirror_schema",
            self.metadata,
            Column("version", Integer, nullable=False),
            Column("compatible_from", Integer, nullable=False),
        )
        self.integrations = Table(
            "mirror_integrations",
            self.metadata,
            Column("integration_id", key, primary_key=True),
            Column("category", Text, nullable=False),
            Column("added_at", Double, nullable=False),
            Column("removed_at", Double),
        )
        self.requests = Table(
            "mirror_requests",
            self.metadata,
            Column("integration_id", key, primary_key=True),
            Column("model", key, primary_key=True),
            Column("requested_seq", BigInteger, nullable=False),
        )
        self.leases = Table(
            "mirror_leases",
            self.metadata,
            Column("integration_id", key, primary_key=True),
            Column("model", key, primary_key=True),
            Column("fence", BigInteger, nullable=False),
            Column("lease_until", Double, nullable=False),
            Column("holder", Text),
            Column("due_at", Double, nullable=False, index=True),
            Column("priority", Integer, nullable=False),
            Column("attempted_seq", BigInteger, nullable=False),
            Column("state", Text, nullable=False),
        )
        Index(
            "mirror_leases_held",
            self.leases.c.holder,
            sqlite_where=self.leases.c.holder.is_not(None),
            postgresql_where=self.leases.c.holder.is_not(None),
        )
        self.seen = Table(
            "mirror_seen",
            self.metadata,
            Column("number", BigInteger, primary_key=True),
            Column("id", key, primary_key=True),
            # What Kombo shows of a record that it marks as deleted.
            Column("tombstone", LargeBinary),
            sqlite_with_rowid=False,
        )
        self.unreadable = Table(
            "mirror_unreadable",
            self.metadata,
            Column("integration_id", key, primary_key=True),
            Column("model", key, primary_key=True),
            Column("key", key, primary_key=True),
            Column("id", Text),
            Column("raw", LargeBinary, nullable=False),
            Column("reason", Text, nullable=False),
            Column("number", BigInteger, nullable=False),
            Column("read_at", Double, nullable=False),
        )
        self.events = Table(
            "mirror_events",
            self.metadata,
            Column("id", Text, primary_key=True),
            Column("received_at", Double, nullable=False, index=True),
        )
        self.sequence = None if is_sqlite else Sequence("mirror_sequence", metadata=self.metadata, data_type=BigInteger)
        if is_sqlite:
            Table("mirror_sequence", self.metadata, Column("value", BigInteger, nullable=False))
        self.records = {model: self._records(model, key, moment, is_sqlite=is_sqlite) for model in MIRRORED}

    def _records(self, model: str, key: Any, moment: Any, *, is_sqlite: bool) -> Table:
        table = Table(
            f"{model}_records",
            self.metadata,
            Column("integration_id", key, primary_key=True),
            Column("id", key, primary_key=True),
            Column("remote_id", Text),
            Column("changed_at", moment),
            Column("remote_deleted_at", moment),
            Column("digest", LargeBinary, nullable=False),
            Column("data", Text() if is_sqlite else JSONB(), nullable=False),
        )
        condition = table.c.remote_deleted_at.is_not(None)
        Index(
            f"{model}_deleted",
            table.c.integration_id,
            table.c.remote_deleted_at,
            sqlite_where=condition,
            postgresql_where=condition,
        )
        return table


class UnknownDatabaseError(ValueError):
    """The database is not one of a mirror, or of a version that this library cannot use. Nothing was written."""


def is_current(connection: Connection, database: Database, tables: Tables) -> bool:
    """Return whether the tables are there and need no upgrade.

    Raise `UnknownDatabaseError` for a database that is neither empty nor one that this library can use.
    """
    # Not the names of all tables, for which SQLAlchemy compiles several queries each time a mirror is opened.
    found = connection.exec_driver_sql(
        "SELECT count(*) FROM sqlite_master WHERE name = 'mirror_schema'"
        if database.is_sqlite
        else f"SELECT to_regclass('{SCHEMA}.mirror_schema') IS NOT NULL"
    ).scalar()
    if found:
        return _compatible_version(connection, tables, {tables.schema.name}) >= VERSION
    if existing := _existing(connection, database):
        _compatible_version(connection, tables, existing)
    return False


def prepare(connection: Connection, database: Database, tables: Tables) -> None:
    """Create the tables, or upgrade those of an older version."""
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    existing = _existing(connection, database)
    if not existing:
        if not database.is_sqlite:
            connection.execute(CreateSchema(SCHEMA, if_not_exists=True))
        tables.metadata.create_all(connection, checkfirst=False)
        connection.execute(insert(tables.schema).values(version=VERSION, compatible_from=COMPATIBLE_FROM))
        if database.is_sqlite:
            connection.execute(text("INSERT INTO mirror_sequence (value) VALUES (0)"))
        _compress(connection, database, tables.records.values())
        _make_views(connection, database)
        return
    version = _compatible_version(connection, tables, existing)
    if version < VERSION:
        _upgrade(connection, database, tables, existing)


def _existing(connection: Connection, database: Database) -> set[str]:
    inspector = inspect(connection)
    if database.is_sqlite:
        return set(inspector.get_table_names()) | set(inspector.get_view_names())
    if SCHEMA not in inspector.get_schema_names():
        return set()
    return set(inspector.get_table_names(SCHEMA)) | set(inspector.get_view_names(SCHEMA))


def _compatible_version(connection: Connection, tables: Tables, existing: set[str]) -> int:
    if tables.schema.name not in existing:
        raise UnknownDatabaseError(
            "this database has tables and none of a mirror: choose another file, or another database"
        )
    found = connection.execute(select(tables.schema.c.version, tables.schema.c.compatible_from)).first()
    version, compatible_from = (0, 0) if found is None else (found[0], found[1])
    if compatible_from > VERSION:
        raise UnknownDatabaseError(
            f"this database has version {version}, of a later kombo_async: pip install --upgrade kombo_async"
        )
    return version


def _upgrade(connection: Connection, database: Database, tables: Tables, existing: set[str]) -> None:
    """Add what is missing: tables of new models, and new columns, which can be null."""
    inspector = inspect(connection)
    preparer = connection.dialect.identifier_preparer
    for table in tables.metadata.sorted_tables:
        if table.name not in existing:
            table.create(connection)
            continue
        present = {column["name"] for column in inspector.get_columns(table.name, table.schema)}
        for column in table.columns:
            if column.name not in present:
                kind = column.type.compile(connection.dialect)
                name = preparer.quote(column.name)
                connection.execute(text(f"ALTER TABLE {preparer.format_table(table)} ADD COLUMN {name} {kind}"))
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    _compress(connection, database, (table for table in tables.records.values() if table.name not in existing))
    _make_views(connection, database)
    connection.execute(update(tables.schema).values(version=VERSION, compatible_from=COMPATIBLE_FROM))


def _compress(connection: Connection, database: Database, records: Iterable[Table]) -> None:
    """Let PostgreSQL compress records by lz4, where it can: it is twice as fast."""
    if database.is_sqlite:
        return
    kinds = connection.execute(
        text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")
    ).scalar()
    if kinds and "lz4" in kinds:
        for table in records:
            connection.execute(text(f"ALTER TABLE {SCHEMA}.{table.name} ALTER COLUMN data SET COMPRESSION lz4"))


def _make_views(connection: Connection, database: Database) -> None:
    from .views import view_statements

    for statement in view_statements(connection, database):
        connection.exec_driver_sql(statement)
