"""The examples run, against the sandbox."""

from __future__ import annotations

import importlib.util
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest
from aiohttp import web

from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread

EXAMPLES = Path(__file__).parents[1] / "examples"


def rows(path: Path, query: str) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute(query))


def test_worker_keeps_a_copy_and_welcomes_each_new_employee_once(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with SandboxThread(SandboxConfig(employees=30, integrations=2)) as sandbox:
        first, second = sandbox.integration_ids[:2]
        environment = {**os.environ, "KOMBO_API_KEY": sandbox.api_key, "KOMBO_BASE_URL": sandbox.base_url}

        def run(*integration_ids: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-W", "error", EXAMPLES / "sync_employees.py", path, *integration_ids]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

        def shown(integration_id: str) -> set[tuple[str, ...]]:
            records = sandbox.records("hris_employees", integration_id=integration_id)
            return {(integration_id, record["id"]) for record in records}

        living = "SELECT integration_id, id FROM hris_employees WHERE remote_deleted_at IS NULL"
        finished = run(first, second)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert rows(path, living) == shown(first) | shown(second)
        people = {record_id for _, record_id in shown(first) | shown(second)}
        assert finished.stdout.count("welcome, ") == len(people)

        finished = run(first, second)
        assert (finished.returncode, finished.stdout) == (0, "")
        sandbox.delete("hris_employees", min(shown(first))[1], integration_id=first)
        sandbox.put("hris_employees", {"id": "new"}, integration_id=first)
        with closing(sqlite3.connect(path)) as database, database:
            # Three hours later.
            later = "due_at = 0, state = json_set(state, '$.incremental_due_at', 0)"
            database.execute(f"UPDATE mirror_leases SET {later} WHERE integration_id = ?", [first])
        finished = run(first, second)
        assert re.fullmatch(rf"{first}: 1 created, (\d+ updated, )?1 deleted\nwelcome, new\n", finished.stdout)
        assert rows(path, living) == shown(first) | shown(second)
        assert rows(path, "SELECT count(*), count(sent_at) FROM welcome_mails") == {(len(people) + 1, len(people) + 1)}

        finished = run("personio:gone")
        assert finished.returncode == 1
        assert finished.stdout.startswith("personio:gone: PLATFORM.INTEGRATION_NOT_FOUND")


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_web_app_shows_fields_and_takes_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Sandbox(SandboxConfig(fields=300)) as sandbox:
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        monkeypatch.setenv("KOMBO_WEBHOOK_SECRET", "s3cret")
        runner = web.AppRunner(load("web_app").application())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with aiohttp.ClientSession() as session:
                async with session.get(f"{base}/integrations/{sandbox.integration_id}/fields") as answer:
                    assert len(await answer.json()) == 300
                async with session.get(f"{base}/integrations/personio:gone/fields") as answer:
                    assert answer.status == 404
                async with session.post(f"{base}/webhooks", data=b"{}") as answer:
                    assert answer.status == 401
                sandbox.send_webhooks_to(f"{base}/webhooks", secret="s3cret")
                await sandbox.send_webhook("data-changed", changed_models=[{"name": "hris_employees"}])
                await sandbox.send_webhook("sync-finished")
                async with session.get(f"{base}/stale") as answer:
                    assert await answer.json() == {f"{sandbox.integration_id} hris_employees": 1}
        finally:
            await runner.cleanup()
