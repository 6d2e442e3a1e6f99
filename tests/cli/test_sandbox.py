"""`kombo-async sandbox`: it starts, serves a client, and ends on SIGTERM."""

from __future__ import annotations

import asyncio
import inspect
import re
import shlex
import signal
import socket
import subprocess
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kombo_async import AuthenticationInvalidError, KomboClient
from kombo_async.cli.commands.sandbox import serve
from kombo_async.sandbox import SandboxConfig
from kombo_async.webhooks import Event, aiohttp_handler

from ..support.command_line import Start, environment, run_command
from ..support.forked import run_program


def introduction(process: subprocess.Popen[str]) -> str:
    """All that the command says before it waits."""
    lines: list[str] = []
    for line in process.stdout:
        if lines and "print(" in lines[-1]:
            break  # at the empty line that ends it
        lines.append(line)
    return "".join(lines)


async def test_client_can_use_the_sandbox_until_ctrl_c(start: Start) -> None:
    options = "--port 0 --key ks_dev_mine --fields 30 --employees 7 --integrations 2 --seed 5"
    process = start("sandbox", *options.split())
    output = introduction(process)
    url = re.search(r"^A local Kombo listens at (http://127\.0\.0\.1:\d+/v1) until Ctrl-C\.$", output, re.MULTILINE)[1]
    first, second, *others = re.findall(r"^  .{12}  (\w+:\w{24})$", output, re.MULTILINE)
    assert [other.partition(":")[0] for other in others] == ["greenhouse", "smartrecruiters", "360learning"]
    assert "ks_dev_mine" in output
    assert "30 integration fields, 7 employees" in output
    async with KomboClient("ks_dev_mine", base_url=url) as client:
        for integration_id in (first, second):
            kombo = client.for_integration(integration_id)
            assert (await kombo.get_integration()).id == integration_id
            assert len(await kombo.iter_integration_fields().collect()) == 30
            assert len(await kombo.hris.iter_employees(include_deleted=True).collect()) == 7
    async with KomboClient("ks_dev_other", base_url=url) as client:
        with pytest.raises(AuthenticationInvalidError):
            await client.check_api_key()
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate()
    assert (process.returncode, rest, errors) == (0, "Stopped.\n", "")


def test_printed_instructions_of_the_sandbox_run_unchanged(start: Start, tmp_path: Path) -> None:
    process = start("sandbox", "--port", "0", "--key", "it's")
    output = introduction(process)
    _, *settings = shlex.split(re.search(r"^  (export .+)$", output, re.MULTILINE)[1])
    code = output.partition("In Python, with those two set:\n")[2]
    program = tmp_path / "program.py"
    program.write_text("import asyncio\nasync def main():\n" + code + "asyncio.run(main())\n")
    done = run_program(program, env=environment(**dict(setting.split("=", 1) for setting in settings)))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("IntegrationField(") == 3
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0


async def test_sandbox_ends_cleanly_during_a_response(start: Start) -> None:
    process = start("sandbox", "--port", "0", "--latency", "15")
    url = re.search(r"http://\S+", introduction(process))[0]
    host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /v1/check-api-key HTTP/1.1\r\nHost: x\r\n\r\n")
    await writer.drain()
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    _, errors = process.communicate()
    assert (process.returncode, errors) == (0, "")


async def test_sandbox_command_sends_webhooks(start: Start) -> None:
    arrived: asyncio.Queue[Event] = asyncio.Queue()
    app = web.Application()
    app.router.add_post("/hook", aiohttp_handler(arrived.put, "mine"))
    async with TestServer(app) as server:
        options = ("--port", "0", "--webhook-url", str(server.make_url("/hook")), "--webhook-secret", "mine")
        output = introduction(start("sandbox", *options))
        url = re.search(r"http://\S+", output)[0]
        async with KomboClient("ks_dev_sandbox", base_url=url) as client:
            integration_id = re.search(r"personio:\w{24}", output)[0]
            await client.set_integration_enabled(False, integration_id=integration_id)
        event = await asyncio.wait_for(arrived.get(), 60)
    assert (event.type, event.integration_id) == ("integration-state-changed", integration_id)


def test_invalid_webhook_url_is_reported_in_one_line() -> None:
    done = run_command("sandbox", "--webhook-url", "localhost:8080")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kombo-async sandbox: the address for webhooks must begin with http://")


def test_used_port_of_the_sandbox_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_command("sandbox", "--port", str(port))
    output = f"cannot listen on 127.0.0.1:{port}: the port is taken; choose another with --port, or --port 0 for any"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"kombo-async sandbox: {output} that is free\n"


def test_unknown_host_of_the_sandbox_is_reported_in_one_line() -> None:
    done = run_command("sandbox", "--host", "256.0.0.1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("kombo-async sandbox: cannot listen on 256.0.0.1:8642: ")


def test_options_of_the_sandbox_equal_those_of_its_config() -> None:
    parameters = inspect.signature(serve).parameters
    config = inspect.signature(SandboxConfig).parameters
    shared = {name: parameter.default for name, parameter in parameters.items() if name in config}
    assert len(shared) >= 10
    assert all(config[name].default == default for name, default in shared.items())
