"""The pytest fixture of the package, in a pytest run of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_TESTS = """
import json
import threading
import urllib.request

import pytest

seen = []

class TestWithAConfig:
    @pytest.fixture
    def kombo_sandbox_config(self):
        from kombo_async.sandbox import SandboxConfig
        return SandboxConfig(integrations=3)

    def test_it(self, kombo_sandbox):
        assert len(kombo_sandbox.integration_ids) == 3 + 3

def call(sandbox):
    headers = {"Authorization": f"Bearer {sandbox.api_key}"}
    request = urllib.request.Request(f"{sandbox.base_url}/check-api-key", headers=headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)

def test_sync(kombo_sandbox):
    assert call(kombo_sandbox)["status"] == "success"
    seen.append(kombo_sandbox)

async def test_async(kombo_sandbox):
    assert call(kombo_sandbox)["status"] == "success"
    assert len(kombo_sandbox.requests) == 1
    assert kombo_sandbox is not seen[0]
    assert len([thread for thread in threading.enumerate() if thread.name == "kombo-sandbox"]) == 1

async def test_client_retries_within_milliseconds(kombo_client, kombo_sandbox):
    from kombo_async.sandbox import Fault
    kombo_sandbox.faults.add(Fault.rate_limited(retry_after=3_600), times=3)
    kombo_sandbox.faults.add(Fault.html_502())
    page = await kombo_client.hris.iter_employees().first_page()
    assert len(page.results) > 50
    assert [request.status for request in kombo_sandbox.requests] == [429, 429, 429, 502, 200]

def test_client_in_blocking_code(kombo_client):
    import asyncio
    assert asyncio.run(kombo_client.check_api_key()).environment_id
"""


def test_fixture_is_available_without_configuration(tmp_path: Path) -> None:
    file = tmp_path / "test_theirs.py"
    file.write_text(_TESTS)
    ini = tmp_path / "pytest.ini"
    ini.write_text("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-c", str(ini), str(file)]
    # The plugin is named, so that it does not matter whether the package is installed here or merely on the path.
    plugins = ["-p", "pytest_asyncio.plugin", "-p", "kombo_async.sandbox.pytest_plugin"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run([*command, *plugins], capture_output=True, text=True, check=False, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "5 passed" in run.stdout


def test_plugin_imports_nothing_of_the_sandbox() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import kombo_async.sandbox.pytest_plugin;"
        "new = set(sys.modules) - before; assert not {'aiohttp', 'attr', 'attrs', 'msgspec', 'asyncio'} & new, new;"
        "assert len([name for name in new if not name.startswith('kombo_async')]) < 5, new"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
