"""Workers as processes of their own: they are killed, stopped, terminated and cut off, and nothing is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from kombo_async.cli import main
from kombo_async.sandbox import SandboxConfig, SandboxThread
from kombo_async.webhooks import SIGNATURE_HEADER, sign

from ..fleet.conftest import MODEL, database_url, template
from ..support import postgresql
from ..support.command_line import KEY, environment
from ..support.tcp_proxy import TcpProxy

__all__ = ["database_url", "template"]

ROOT = Path(__file__).parents[2]
INTEGRATIONS = 12


class World:
    """A source, and the processes that mirror it."""

    def __init__(self, sandbox: SandboxThread, url: str) -> None:
        self.sandbox = sandbox
        self.url = url
        self.rng = random.Random(1)
        self.processes: list[subprocess.Popen[str]] = []
        self.ids = sandbox.integration_ids[:INTEGRATIONS]
        self.connection = psycopg.connect(url, autocommit=True)

    def start(self, module: str, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a process, which is killed in the end."""
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment(KOMBO_API_KEY=self.sandbox.api_key, KOMBO_BASE_URL=self.sandbox.base_url, **more),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def worker(self, url: str | None = None) -> subprocess.Popen[str]:
        """Start a worker whose leases last two seconds."""
        return self.start("tests.integration.short_leases", "mirror", "worker", url or self.url, "--concurrency", "4")

    def query(self, statement: str) -> list[Any]:
        return self.connection.execute(statement.encode()).fetchall()

    def execute(self, statement: str) -> None:
        self.connection.execute(statement.encode())

    def change(self, number: int) -> None:
        """Change a record at the source, and request what a webhook would."""
        integration_id = self.ids[number % len(self.ids)]
        record = {"id": f"id{self.rng.randrange(20):03}", "name": f"Office {self.rng.random()}"}
        self.sandbox.put(MODEL, record, integration_id=integration_id)
        self.execute(
            "INSERT INTO kombo.mirror_requests SELECT integration_id, model, nextval('kombo.mirror_sequence') "
            f"FROM kombo.mirror_leases WHERE integration_id = '{integration_id}' "
            "ON CONFLICT (integration_id, model) DO UPDATE SET requested_seq = excluded.requested_seq"
        )

    def is_equal(self) -> bool:
        rows = self.query(
            f"SELECT integration_id, id, data::text FROM kombo.{MODEL}_records WHERE remote_deleted_at IS NULL"
        )
        stored = {(row[0], row[1]): msgspec.json.decode(row[2]) for row in rows}
        shown = {
            (integration_id, record["id"]): record
            for integration_id in self.ids
            for record in self.sandbox.records(MODEL, integration_id=integration_id)
        }
        return stored == shown

    def is_quiet(self) -> bool:
        [[waiting]] = self.query(
            "SELECT (SELECT count(*) FROM kombo.mirror_requests) + count(*) FROM kombo.mirror_leases "
            "WHERE state::jsonb ->> 'watermark' IS NULL"
        )
        return waiting == 0 and self.is_equal()

    def eventually(self, holds: Callable[[], Any], seconds: float = 60.0) -> float:
        """Wait until something holds; return the seconds that it took."""
        began = time.monotonic()
        while not holds():
            for process in self.processes:
                assert process.poll() in {None, 0, -signal.SIGKILL}, process.communicate()
            assert time.monotonic() - began < seconds, "the condition never held"
            time.sleep(0.2)
        return time.monotonic() - began

    def effects_are_whole(self) -> None:
        """Each change was stored exactly once: the versions of a record differ each from the one before."""
        rows = self.query(
            "SELECT kombo.fleet_effects.key, old = new FROM kombo.fleet_effects WHERE old IS NOT DISTINCT FROM new"
        )
        assert rows == []
        # What one transaction wrote is what the next one found.
        assert (
            self.query(
                "SELECT key FROM (SELECT key, old, lag(new) OVER (PARTITION BY key ORDER BY number) AS before "
                "FROM kombo.fleet_effects) AS effects WHERE before IS NOT NULL AND before IS DISTINCT FROM old"
            )
            == []
        )

    def watch(self) -> None:
        """Let the database note each change of a record."""
        self.execute("CREATE TABLE kombo.fleet_effects (number bigserial, key text, old jsonb, new jsonb)")
        self.execute(
            "CREATE FUNCTION kombo.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO kombo.fleet_effects (key, old, new) VALUES (NEW.integration_id || ' ' || NEW.id, "
            "CASE WHEN TG_OP = 'UPDATE' THEN OLD.data END, NEW.data); RETURN NEW; END $$"
        )
        self.execute(
            f"CREATE TRIGGER note AFTER INSERT OR UPDATE ON kombo.{MODEL}_records "
            "FOR EACH ROW EXECUTE FUNCTION kombo.note()"
        )


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with SandboxThread(SandboxConfig(fields=5, employees=5, integrations=INTEGRATIONS), api_key=KEY) as sandbox:
        world = World(sandbox, database_url)
        add_integrations(world)
        world.watch()
        yield world
        world.connection.close()
        for process in world.processes:
            process.kill()
            process.communicate()


def add_integrations(world: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOMBO_API_KEY", world.sandbox.api_key)
        patch.setenv("KOMBO_BASE_URL", world.sandbox.base_url)
        assert main(["mirror", "add", world.url, *world.ids, "--models", MODEL, "--quiet"]) == 0


def test_stopped_killed_and_terminated_workers_lose_nothing(world: World) -> None:
    first, second = world.worker(), world.worker()
    world.eventually(world.is_quiet)

    # SIGSTOP: the other takes its leases over when these expire, and it writes nothing when it continues.
    for number in range(20):
        world.change(number)
    second.send_signal(signal.SIGSTOP)
    for number in range(20):
        world.change(number)
    assert world.eventually(world.is_quiet) < 20
    second.send_signal(signal.SIGCONT)
    for number in range(12):
        world.change(number)
    world.eventually(world.is_quiet)

    # SIGKILL: on the same machine, what it held is taken over at once.
    for number in range(30):
        world.change(number)
        if number == 10:
            first.kill()
    assert world.eventually(world.is_quiet) < 20

    # SIGTERM: it ends, and holds nothing.
    second.terminate()
    output, errors = second.communicate(timeout=30)
    assert (second.returncode, errors) == (0, "Refreshing what is due until Ctrl-C.\nStopped.\n")
    events = [json.loads(line) for line in output.splitlines()]
    assert {each["event"] for each in events} <= {"refreshed", "end_not_stored", "database_away"}
    assert any(each["event"] == "refreshed" and each["model"] == MODEL for each in events)
    assert world.query("SELECT holder FROM kombo.mirror_leases WHERE holder IS NOT NULL") == []
    assert len(world.query("SELECT holder FROM kombo_fleet.workers")) == 1
    world.effects_are_whole()


@contextmanager
def away(world: World) -> Iterator[None]:
    """Let the database refuse all connections for a while, as when the server is restarted."""
    name = psycopg.conninfo.conninfo_to_dict(world.url)["dbname"]
    with psycopg.connect(postgresql.server_url(), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def test_workers_go_on_by_themselves_when_the_database_or_the_network_was_away(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    with TcpProxy(world.url) as proxy:
        cut_off = world.worker(proxy.url)
        near = world.worker()
        world.eventually(world.is_quiet)
        for number in range(20):
            world.change(number)
        proxy.stall()
        for number in range(20):
            world.change(number)
        assert world.eventually(world.is_quiet) < 30
        proxy.resume()
        world.connection.close()
        with away(world):
            time.sleep(1)
        world.connection = psycopg.connect(world.url, autocommit=True)
        for number in range(24):
            world.change(number)
        world.eventually(world.is_quiet)
        check_webhooks_and_status(world, capfd)
        near.terminate()
        assert near.wait(30) == 0
        # The other one alone.
        for number in range(12):
            world.change(number)
        world.eventually(world.is_quiet)
        cut_off.terminate()
        assert cut_off.wait(30) == 0
        _, errors = cut_off.communicate()
        assert "Traceback" not in errors
    world.effects_are_whole()


def check_webhooks_and_status(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    secret = "sandbox-webhook-secret"
    receiver = world.start("kombo_async", "mirror", "webhooks", world.url, "--port", "0", KOMBO_WEBHOOK_SECRET=secret)
    assert receiver.stderr is not None
    address = receiver.stderr.readline().split()[4]
    record = {"id": "new", "name": "New"}
    world.sandbox.put(MODEL, record, integration_id=world.ids[0])
    data = {
        "integration_id": world.ids[0],
        "integration_tool": "personio",
        "integration_category": "HRIS",
        "changed_models": [{"name": MODEL}],
    }
    body = msgspec.json.encode({"id": "event", "type": "data-changed", "data": data})
    for _ in range(2):
        request = urllib.request.Request(address, body, {SIGNATURE_HEADER: sign(body, secret)})
        with urllib.request.urlopen(request) as response:
            assert response.status == 200
    world.eventually(world.is_equal)
    assert main(["mirror", "status", world.url, "--json"]) == 0
    *models, summary = map(json.loads, capfd.readouterr().out.splitlines())
    assert [row["refreshed_at"] for row in models] == sorted(row["refreshed_at"] for row in models)
    fleet = summary["fleet"]
    assert [(each["is_alive"], each["concurrency"]) for each in fleet["workers"]] == [(True, 4)] * 2
    assert (fleet["models"], fleet["requested"], fleet["due"], fleet["failures"]) == (INTEGRATIONS, 0, 0, {})
