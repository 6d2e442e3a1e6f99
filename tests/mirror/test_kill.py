"""A process that is killed at any moment: the next one continues, and the mirror equals that of an undisturbed run."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy

from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.soak import rounds

pytestmark = pytest.mark.soak

MODEL = "hris_locations"
KILLED = -signal.SIGKILL
RECORDS = 25


class Processes:
    """Runs refreshes, one process after the other."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, "-m", "tests.mirror.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def run(self, **command: Any) -> dict[str, Any]:
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        print(json.dumps(command), file=self.server.stdin, flush=True)
        result: dict[str, Any] = json.loads(self.server.stdout.readline())
        return result

    def close(self) -> None:
        self.server.communicate()


class World:
    """A source that changes, and a mirror of it in a database."""

    def __init__(self, url: str, sandbox: SandboxThread, processes: Processes) -> None:
        self.url = url
        self.sandbox = sandbox
        self.processes = processes
        self.rng = random.Random()
        self.is_sqlite = url.startswith("sqlite")
        self.engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        self.prefix = "" if self.is_sqlite else "kombo."

    def prepare(self) -> None:
        for record in self.sandbox.records(MODEL, include_deleted=True):
            self.sandbox.remove(MODEL, record["id"])
        for number in range(RECORDS):
            self.put(number)
        with self.engine.begin() as connection:
            connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {self.prefix}effects"))
            columns = "id text, kind text, before text, after text" + ("" if self.is_sqlite else ", rowid bigserial")
            connection.execute(sqlalchemy.text(f"CREATE TABLE {self.prefix}effects ({columns})"))

    def put(self, number: int) -> None:
        self.sandbox.put(MODEL, {"id": f"id{number:04}", "name": f"Office {self.rng.random()}"})

    def change_source(self) -> None:
        """Change, add, delete and remove a few records."""
        living = [each["id"] for each in self.sandbox.records(MODEL)]
        for number in self.rng.sample(range(RECORDS), 8):
            self.put(number)
        self.put(RECORDS + self.rng.randrange(1000))
        self.sandbox.delete(MODEL, living[self.rng.randrange(len(living) // 2)])
        self.sandbox.remove(MODEL, living[self.rng.randrange(len(living) // 2, len(living))])

    def refresh(self, **command: Any) -> dict[str, Any]:
        """Run a process that refreshes, and return how it ended."""
        sandbox = self.sandbox
        return self.processes.run(
            url=self.url,
            base_url=sandbox.base_url,
            api_key=sandbox.api_key,
            integration_id=sandbox.integration_id,
            **command,
        )

    def finish(self) -> None:
        """Let processes run undisturbed: one completes what was killed, one may withhold deletions, one applies."""
        for _ in range(3):
            assert self.refresh(full=True)["code"] == 0

    def rows(self, query: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sqlalchemy.text(query.replace("kombo.", self.prefix))))

    def check(self) -> None:
        stored = {
            row[0]: msgspec.json.decode(row[1])
            for row in self.rows(
                f"SELECT id, CAST(data AS text) FROM kombo.{MODEL}_records WHERE remote_deleted_at IS NULL"
            )
        }
        assert stored == {each["id"]: each for each in self.sandbox.records(MODEL)}
        # Each effect begins where the one before of its record ended: none is missing, and none is there twice.
        last: dict[str, tuple[str, str | None]] = {}
        for record_id, kind, before, after in self.rows(
            "SELECT id, kind, before, after FROM kombo.effects ORDER BY rowid"
        ):
            last_kind, last_after = last.get(record_id, (None, None))
            if kind == "restored":
                # While it was deleted, its content may have changed without an effect.
                assert last_kind in {"deleted", None}, record_id
            else:
                assert last_after == before, record_id
            last[record_id] = (kind, after)
        living = {each for each, (kind, _) in last.items() if kind != "deleted"}
        assert living == set(stored)
        if self.is_sqlite:
            assert self.rows("PRAGMA integrity_check") == [("ok",)]
        assert self.rows("SELECT count(*) FROM kombo.mirror_requests") == [(0,)]


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    processes.close()


@pytest.fixture
def world(database_url: str, processes: Processes) -> Iterator[World]:
    with SandboxThread(SandboxConfig(fields=5, employees=8)) as sandbox:
        world = World(database_url, sandbox, processes)
        world.prepare()
        yield world
        world.engine.dispose()


@pytest.fixture
def added(world: World, database_url: str) -> None:
    """The integration is in the mirror, and nothing of it was read."""
    import asyncio

    from kombo_async import KomboClient
    from kombo_async.mirror import Mirror

    async def add() -> None:
        sandbox = world.sandbox
        async with (
            KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client,
            Mirror(database_url, client) as mirror,
        ):
            await mirror.add(sandbox.integration_id, [MODEL])

    asyncio.run(add())


@pytest.mark.usefixtures("added")
def test_process_that_is_killed_at_a_random_moment_is_continued_by_the_next(world: World) -> None:
    longest = world.refresh(full=True)["seconds"]
    kills = 0
    for number in range(rounds(5)):
        world.change_source()
        kills += world.refresh(full=number % 3 > 0, seconds=world.rng.uniform(0, longest * 1.1))["code"] == KILLED
    assert kills > rounds(5) / 4
    world.finish()
    world.check()


@pytest.mark.usefixtures("added")
def test_process_that_is_killed_at_a_commit_is_continued_by_the_next(world: World) -> None:
    # The first commit is that of the lease.
    for number in range(rounds(7)):
        world.change_source()
        commit = 1 + number if number < 20 else world.rng.randrange(1, 30)
        world.refresh(full=number % 3 > 0, commit=commit, after=bool(world.rng.randrange(2)))
    world.finish()
    world.check()
