"""A view of typed columns over the JSON of each model's records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..columns import Column, ColumnType, columns_of
from .database import SCHEMA
from .mirrored_models import MIRRORED

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .database import Database

_REAL = ("integration_id", "id", "remote_id", "changed_at", "remote_deleted_at")
"""The columns of the table itself, which are faster to search than those that are read from JSON."""
_POSTGRESQL_TYPES: dict[ColumnType, tuple[str, str | None]] = {
    ColumnType.TEXT: ("text", None),
    ColumnType.BOOLEAN: ("boolean", "^(true|false)$"),
    ColumnType.INTEGER: ("bigint", "^-?[0-9]"),
    ColumnType.NUMBER: ("double precision", "^-?[0-9]"),
    ColumnType.TIMESTAMP: ("timestamptz", "^[0-9]"),
    ColumnType.DATE: ("date", "^[0-9]"),
    ColumnType.TIME: ("time", "^[0-9]"),
}
"""The type, and a pattern that its texts match, None for any: PostgreSQL also takes words, such as `yes`, `yesterday`
and `infinity`."""
_SAFE_CAST = """
CREATE OR REPLACE FUNCTION {schema}.pg_input_is_valid(value text, kind text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  EXECUTE format('SELECT %L::%s', value, kind);
  RETURN true;
EXCEPTION WHEN others THEN
  RETURN false;
END $$
"""
"""What PostgreSQL has from version 16 on."""
_HAS_SAFE_CAST = 160000


def view_statements(connection: Connection, database: Database) -> Iterator[str]:
    """Return the statements that make all views, or append the columns that are new."""
    if database.is_sqlite:
        for model in MIRRORED:
            yield f'DROP VIEW IF EXISTS "{model}"'
            yield _sqlite_view(model)
        return
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0)
    check = "pg_input_is_valid"
    if version < _HAS_SAFE_CAST:
        check = f"{SCHEMA}.{check}"
        yield _SAFE_CAST.format(schema=SCHEMA).replace("%", "%%")
    for model in MIRRORED:
        present = connection.exec_driver_sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 ORDER BY attnum",
            (f"{SCHEMA}.{model}",),
        ).scalars()
        yield _postgresql_view(model, list(present), check)


def _fields(model: str) -> dict[str, Column]:
    return {column.name: column for column in columns_of(MIRRORED[model].record_type) if column.name not in _REAL}


def _sqlite_view(model: str) -> str:
    columns = [*(f'"{name}"' for name in _REAL), *(_sqlite_column(each) for each in _fields(model).values())]
    return f'CREATE VIEW "{model}" AS SELECT {", ".join(columns)} FROM "{model}_records"'


def _sqlite_column(column: Column) -> str:
    value = f"json_extract(data, '$.{column.name}')"
    if column.type is ColumnType.TIMESTAMP:
        # Null where it is no time. SQLite also takes `now`, and numbers as Julian days.
        value = f"CASE WHEN {value} GLOB '[0-9][0-9][0-9][0-9]-*' THEN strftime('%Y-%m-%dT%H:%M:%fZ', {value}) END"
    return f'{value} AS "{column.name}"'


def _postgresql_view(model: str, present: list[str], check: str) -> str:
    """Return the view with its present columns in their order: PostgreSQL only appends, so that views and grants of
    users remain."""
    fields = _fields(model)
    names = [*_REAL, *(name for name in present if name in fields), *(name for name in fields if name not in present)]
    columns = [f'"{name}"' if name in _REAL else _postgresql_column(fields[name], check) for name in names]
    return f'CREATE OR REPLACE VIEW {SCHEMA}."{model}" AS SELECT {", ".join(columns)} FROM {SCHEMA}."{model}_records"'


def _postgresql_column(column: Column, check: str) -> str:
    name = column.name
    if column.type is ColumnType.JSON:
        # JSON null is no value.
        return f"NULLIF(data -> '{name}', 'null'::jsonb) AS \"{name}\""
    value, (kind, pattern) = f"data ->> '{name}'", _POSTGRESQL_TYPES[column.type]
    if pattern is not None:
        # A value of another type must not make every query of the view fail.
        accepted = f"{value} ~ '{pattern}' AND {check}({value}, '{kind}')"
        value = f"CASE WHEN {accepted} THEN ({value})::{kind} END"
    return f'{value} AS "{name}"'
