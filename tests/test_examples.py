"""The examples run, against the sandbox."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest
from aiohttp import web

from kombo_async import KomboClient
from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread

EXAMPLES = Path(__file__).parents[1] / "examples"


def rows(path: Path) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute("SELECT integration_id, id FROM employees"))


def test_the_worker_keeps_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with SandboxThread(SandboxConfig(employees=300, integrations=2)) as sandbox:
        first, second = sandbox.integration_ids[:2]
        environment = {**os.environ, "KOMBO_API_KEY": sandbox.api_key, "KOMBO_BASE_URL": sandbox.base_url}

        def run(*integration_ids: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-W", "error", EXAMPLES / "sync_employees.py", path, *integration_ids]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

        async def there(integration_id: str) -> set[tuple[str, str]]:
            async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
                people = client.for_integration(integration_id).hris.iter_employees()
                return {(integration_id, person.id) async for person in people}

        finished = run(first, second)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert rows(path) == asyncio.run(there(first)) | asyncio.run(there(second))
        assert f"{first}: {len(asyncio.run(there(first)))} new or changed, 0 deleted" in finished.stdout

        lost = min(asyncio.run(there(first)))[1]
        sandbox.delete("hris_employees", lost, integration_id=first)
        finished = run(first, second)
        assert f"{first}: 0 new or changed, 1 deleted" in finished.stdout
        assert f"{second}: 0 new or changed, 0 deleted" in finished.stdout
        assert rows(path) == asyncio.run(there(first)) | asyncio.run(there(second))

        finished = run("personio:gone", second)
        assert finished.returncode == 1
        assert "personio:gone: " in finished.stdout
        assert f"{second}: 0 new or changed" in finished.stdout


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
