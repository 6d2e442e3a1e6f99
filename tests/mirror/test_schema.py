"""Databases that another version of the library has made."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from kombo_async.mirror import Mirror
from kombo_async.mirror.schema import VERSION
from kombo_async.mirror.transaction import decode_state, encode_state

from ..support import postgresql
from .conftest import KINDS


async def columns(mirror: Mirror, table: str) -> list[str]:
    async with mirror.connection() as connection:
        return list((await connection.execute(text(f"SELECT * FROM {table}"))).keys())


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'people.db'}"
    return postgresql.create_database(f"schema_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")


async def test_database_of_the_previous_version_is_upgraded_and_keeps_all_it_has(empty_url: str) -> None:
    prefix = "" if empty_url.startswith("sqlite") else "kombo."
    older = [
        "DROP TABLE {}mirror_events",
        "DROP INDEX {}mirror_leases_held",
        "ALTER TABLE {}mirror_integrations DROP COLUMN removed_at",
        "DROP VIEW {}lms_skills",
        "DROP TABLE {}lms_skills_records",
        "DROP VIEW {}hris_locations",
        "CREATE VIEW {}hris_locations AS SELECT integration_id, id, remote_id, changed_at, remote_deleted_at, "
        + ("json_extract(data, '$.name')" if not prefix else "data ->> 'name'")
        + " AS name FROM {}hris_locations_records",
        # What users have built on it.
        "CREATE VIEW offices AS SELECT name FROM {}hris_locations",
        (
            "INSERT INTO {}hris_locations_records (integration_id, id, digest, data) "
            'VALUES (\'personio:1\', \'a\', \'\', \'{{"id": "a", "name": "Berlin", "type": "OFFICE"}}\')'
        ),
        "UPDATE {}mirror_schema SET version = 0",
    ]
    async with Mirror(empty_url) as mirror:
        newest = await columns(mirror, f"{prefix}hris_locations")
        async with mirror.connection(read_only=False) as connection:
            for statement in older:
                await connection.exec_driver_sql(statement.format(*[prefix] * statement.count("{}")))
            await connection.commit()
        assert await columns(mirror, f"{prefix}hris_locations") != newest

    for _ in range(2):
        async with Mirror(empty_url) as mirror:
            assert sorted(await columns(mirror, f"{prefix}hris_locations")) == sorted(newest)
            assert (await columns(mirror, f"{prefix}hris_locations"))[5] in {"name", newest[5]}
            assert "removed_at" in await columns(mirror, f"{prefix}mirror_integrations")
            for table in ("mirror_events", "lms_skills_records", "lms_skills"):
                assert await columns(mirror, prefix + table)

            async def query(statement: str, mirror: Mirror = mirror) -> Any:
                async with mirror.connection() as connection:
                    return (await connection.execute(text(statement))).all()

            assert await query(f"SELECT id, name, type FROM {prefix}hris_locations") == [("a", "Berlin", "OFFICE")]
            assert await query("SELECT name FROM offices") == [("Berlin",)]
            assert await query(f"SELECT version FROM {prefix}mirror_schema") == [(VERSION,)]
            assert await mirror.status() == ()


def test_refresh_that_0_1_0_has_begun_is_continued() -> None:
    begun = (
        '{"full": {"kind": "full", "number": 7, "requested_seq": 3, '
        '"started_at": 5.5, "begun_at": 6.5, "page_size": 250}}'
    )
    state = decode_state(begun)
    assert state.full is not None
    assert (state.full.served_at, state.full.started_at) == (5.5, 6.5)
    stored = json.loads(encode_state(state))["full"]
    assert (stored["started_at"], stored["begun_at"]) == (5.5, 6.5)
