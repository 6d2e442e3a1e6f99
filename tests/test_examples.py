"""The examples run, against the sandbox."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest
from aiohttp import web

from kombo_async.sandbox import Sandbox, SandboxConfig

EXAMPLES = Path(__file__).parents[1] / "examples"


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
