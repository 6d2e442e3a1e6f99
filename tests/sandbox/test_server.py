"""The server: start, stop and restart, in a loop and in a thread, without leftovers."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

import kombo_async.sandbox
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig, SandboxThread, build_app

from ..support.sandbox_api import Api
from ..support.waiting import until


async def test_restart_keeps_port_and_data() -> None:
    sandbox = Sandbox()
    with pytest.raises(RuntimeError, match="port"):
        _ = sandbox.base_url
    async with aiohttp.ClientSession() as session:
        await sandbox.start()
        url = sandbox.base_url
        api = Api(sandbox, session)
        assert (await api("PUT", f"{api.integration_path}/enabled", json={"value": False})).status == 200
        await sandbox.stop()
        with pytest.raises(aiohttp.ClientConnectorError):
            await api.get("/check-api-key")
        await sandbox.start()
        assert sandbox.base_url == url
        assert (await api.get(api.integration_path)).data["status"] == "INACTIVE"
        await sandbox.stop()
        await sandbox.stop()


async def test_stop_aborts_responses_at_once() -> None:
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks()
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        api = Api(sandbox, session)
        late = sandbox.faults.add(Fault.delayed(60))
        drip = sandbox.faults.add(Fault.drip(5))
        waiting = [asyncio.create_task(api.get("/check-api-key")) for _ in range(2)]
        await until(lambda: late.applied and drip.applied)
        began = loop.time()
        await sandbox.stop()
        assert loop.time() - began < 1
        results = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(result, aiohttp.ClientError) for result in results)
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize("iterations", range(6))
async def test_connections_accepted_just_before_stop_are_closed(iterations: int) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    host, port = urlsplit(sandbox.base_url).hostname, urlsplit(sandbox.base_url).port
    connections = [socket.create_connection((host, port), timeout=20) for _ in range(5)]
    for _ in range(iterations):
        await asyncio.sleep(0)
    await sandbox.stop()
    gc.collect()  # a transport that was forgotten gives a ResourceWarning here, which is an error
    for connection in connections:
        with connection, suppress(ConnectionResetError):
            assert connection.recv(1) == b""


async def test_second_start_and_used_port_are_errors() -> None:
    async with Sandbox() as sandbox:
        with pytest.raises(RuntimeError, match="running"):
            await sandbox.start()
        port = int(sandbox.base_url.removesuffix("/v1").rpartition(":")[2])
        with pytest.raises(OSError):
            await Sandbox(port=port).start()
        with pytest.raises(OSError):
            SandboxThread(port=port).start()


@pytest.mark.parametrize(
    "arguments", [{"api_key": ""}, {"api_key": "a b"}, {"api_key": "ü"}, {"port": -1}, {"port": 65_536}]
)
def test_invalid_arguments_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        Sandbox(**arguments)


def _get(sandbox: SandboxThread, path: str) -> Any:
    request = urllib.request.Request(sandbox.base_url + path, headers={"Authorization": f"Bearer {sandbox.api_key}"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def test_sandbox_runs_in_a_thread() -> None:
    before = threading.active_count()
    sandbox = SandboxThread(SandboxConfig(integrations=2), api_key="ks_dev_other")
    with sandbox:
        assert _get(sandbox, f"/integrations/{sandbox.integration_id}")["status"] == "success"
        sandbox.faults.add(Fault.html_502())
        with pytest.raises(urllib.error.HTTPError, match="502") as caught:
            _get(sandbox, "/check-api-key")
        caught.value.close()
        assert [request.method for request in list(sandbox.requests)] == ["GET", "GET"]
        assert len(sandbox.integration_ids) == 2 + 3
        sandbox.sync_finished()
        with pytest.raises(RuntimeError, match="running"):
            sandbox.start()
        url = sandbox.base_url
    sandbox.stop()
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="not running"):
        sandbox.sync_finished()
    with sandbox:
        assert sandbox.base_url == url
        assert _get(sandbox, "/check-api-key")["status"] == "success"
    assert sandbox.api_key not in repr(sandbox)


async def test_app_runs_in_another_server() -> None:
    headers = {"Authorization": "Bearer ks_dev_mine"}
    async with (
        TestServer(build_app(api_key="ks_dev_mine")) as server,
        aiohttp.ClientSession(headers=headers) as session,
        session.get(server.make_url("/v1/check-api-key")) as got,
    ):
        assert got.status == 200


async def test_bug_is_answered_with_an_error_and_logged(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("kombo_async.sandbox.data.integrations.Integration.details", lambda self: 1 / 0)
    got = await api.get(api.integration_path)
    assert (got.status, got.code) == (500, "PLATFORM.UNKNOWN_ERROR")
    assert "ZeroDivisionError" in caplog.text
    assert api.sandbox.api_key not in caplog.text
    assert capsys.readouterr() == ("", "")


async def test_bytes_that_are_not_http_print_nothing(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    host, port = api.sandbox.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    for sent in (
        b"garbage\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
        b"POST /v1/force-sync HTTP/1.1\r\nContent-Length: 50\r\n\r\n{",
    ):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    assert (await api.get("/check-api-key")).status == 200
    assert capsys.readouterr() == ("", "")


async def test_environment_without_integrations() -> None:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        api = Api(sandbox, session)
        for integration_id in sandbox.integration_ids:
            await api("DELETE", f"/integrations/{integration_id}", json={})
        assert sandbox.integration_ids == ()
        with pytest.raises(RuntimeError, match="deleted"):
            _ = sandbox.integration_id


def test_names_are_imported_lazily() -> None:
    code = "import sys, kombo_async.sandbox as s; print({'aiohttp', 'attrs', 'msgspec'} & set(sys.modules), dir(s))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.startswith("set()")
    assert "SandboxThread" in shown
    for name in kombo_async.sandbox.__all__:
        assert getattr(kombo_async.sandbox, name).__name__ == name
    with pytest.raises(AttributeError, match="Nope"):
        _ = kombo_async.sandbox.Nope
