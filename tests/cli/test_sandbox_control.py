"""`kombo-async sandbox fault`, `record`, `event`, `sync`, `requests`, `reset` and `advance`, with a running sandbox."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kombo_async import webhooks
from kombo_async.cli import main
from kombo_async.cli.commands.sandbox import sandbox as commands_of_the_sandbox
from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.command_line import KEY, Start, examples, help_of, joined, on_a_terminal, run_command_on_terminal
from .test_help import commands
from .test_sandbox import introduction

COMMANDS = [" ".join(("sandbox", *command)) for command in sorted(set(commands(commands_of_the_sandbox)))]
NEED_A_RECEIVER = {"sandbox event send", "sandbox event redeliver"}

Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxThread]:
    """Run a sandbox that `KOMBO_BASE_URL` names."""
    with SandboxThread(SandboxConfig(employees=30, fields=5), api_key=KEY) as sandbox:
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        yield sandbox


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Told:
    """Return a function that runs a command in this process: its exit code, output and messages."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["sandbox", *arguments])
        return code, *capsys.readouterr()

    return run


def call(sandbox: SandboxThread, path: str = "/check-api-key") -> int:
    """Send a request to the API, and return its status."""
    headers = {"Authorization": f"Bearer {sandbox.api_key}", "X-Integration-Id": sandbox.integration_id}
    try:
        with urllib.request.urlopen(urllib.request.Request(sandbox.base_url + path, headers=headers)) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in NEED_A_RECEIVER])
def test_examples_run_unchanged(name: str, local: SandboxThread, capsys: pytest.CaptureFixture[str]) -> None:
    for line in joined(examples(help_of(name))).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "kombo-async"
        assert main(arguments) == 0, capsys.readouterr()


def test_fault_is_added_listed_and_removed(local: SandboxThread, command: Told) -> None:
    code, out, _ = command(
        "fault", "add", "rate_limited", "retry_after=9", "--path", "/check-api-key", "--method", "get"
    )
    assert (code, json.loads(out)["fault"]["retry_after"]) == (0, 9)
    assert json.loads(command("fault", "list")[1])["method"] == "GET"
    assert (call(local), call(local)) == (429, 200)
    assert command("fault", "add", "html_502", "--always")[0] == 0
    assert (call(local), call(local)) == (502, 502)
    assert command("fault", "remove", "2") == (0, "", "Removed fault 2.\n")
    assert call(local) == 200
    assert command("fault", "add", "text", "text=a=b", "status=500")[2] == ""
    assert "No operation" in command("fault", "add", "empty", "--path", "/hris/employee")[2]
    command("fault", "clear")
    assert local.faults.scripted == ()


def test_mistakes_are_reported_with_their_choices(local: SandboxThread, command: Told) -> None:
    for arguments, message in {
        ("fault", "add", "rate_limit"): "fault.kind: invalid value 'rate_limit': choose error, rate_limited,",
        ("fault", "add", "drop", "moment=now"): "fault.moment: invalid enum value 'now': choose",
        ("fault", "remove", "7"): "path.fault_id: there is no such fault",
        ("record", "list", "hris_employee"): "did you mean hris_employees",
        ("record", "show", "hris_employees", "x"): "there is no record of hris_employees 'x'; there are ",
        ("event", "send", "data-changed"): "there is no receiver",
        ("sync", "personio:x"): "there is no integration 'personio:x'; there are personio:",
        ("requests", "--status", "2"): "query.status: ",
    }.items():
        code, out, error = command(*arguments)
        assert (code, out) == (1, ""), arguments
        assert message in error
        assert error.count("\n") == 1
    assert command("record", "put", "hris_employees", "x", "--data", "[1]")[0] == 2
    assert command("record", "put", "hris_employees", "x", "a=1", "a=2")[0] == 2


def test_record_is_put_changed_listed_and_deleted(local: SandboxThread, command: Told) -> None:
    put = command(
        "record", "put", "hris_employees", "ada", "first_name=Ada", "weekly_hours=38.5", "--data", '{"ssn": "1"}'
    )
    shown = json.loads(put[1])
    assert (shown["first_name"], shown["weekly_hours"], shown["ssn"]) == ("Ada", 38.5, "1")
    assert json.loads(command("record", "change", "hris_employees", "ada", "last_name=42x")[1])["last_name"] == "42x"
    found = command("record", "list", "hris_employees", "--search", "42X")[1].splitlines()
    assert [json.loads(line)["id"] for line in found] == ["ada"]
    assert json.loads(command("record", "delete", "hris_employees", "ada")[1])["remote_deleted_at"]
    assert command("record", "list", "hris_employees", "--search", "42x")[1] == ""
    assert command("record", "remove", "hris_employees", "ada") == (0, "", "")
    assert len(command("record", "list", "hris_employees", "--include-deleted", "--limit", "7")[1].splitlines()) == 7


def test_event_is_sent_listed_and_redelivered(local: SandboxThread, command: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    local.send_webhooks_to(f"http://127.0.0.1:{port}/")
    changed = '[{"name": "hris_teams"}]'
    code, out, _ = command("event", "send", "data-changed", f"changed_models={changed}")
    delivery = json.loads(out)
    assert (code, delivery["arrived"], len(delivery["attempts"])) == (4, False, 3)
    event = webhooks.parse(delivery["body"].encode())
    assert isinstance(event, webhooks.DataChangedEvent)
    assert event.data.changed_models[0].name == "hris_teams"
    assert json.loads(command("event", "redeliver", "1")[1])["body"] == delivery["body"]
    assert [json.loads(line)["id"] for line in command("event", "list")[1].splitlines()] == ["2", "1"]


def test_requests_are_listed_shown_and_forgotten(local: SandboxThread, command: Told) -> None:
    call(local)
    call(local, "/nope")
    [line] = command("requests", "--status", "4xx")[1].splitlines()
    listed = json.loads(line)
    assert (listed["path"], listed["status"]) == ("/v1/nope", 404)
    details = json.loads(command("requests", listed["id"])[1])
    assert "There is nothing" in details["response_body"]["text"]
    assert KEY not in str(details)
    command("requests", "--clear")
    assert not local.requests


def test_commands_start_a_sync_advance_the_clock_and_reset_the_seed(local: SandboxThread, command: Told) -> None:
    assert json.loads(command("sync")[1])["integration_id"] == local.integration_id
    before = local.clock.offset
    command("advance", "3600")
    assert (local.clock.offset - before).total_seconds() > 3_500
    assert json.loads(command("reset", "--seed", "9")[1])["seed"] == local.config.seed == 9


def test_sandbox_that_does_not_run_is_reported(monkeypatch: pytest.MonkeyPatch, command: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    code, out, error = command("fault", "list", "--base-url", f"http://127.0.0.1:{port}/v1")
    assert (code, out) == (3, "")
    assert error.splitlines()[1].startswith("Start one with kombo-async sandbox")
    monkeypatch.setenv("KOMBO_BASE_URL", "https://api.kombo.dev/v1")
    code, _, error = command("fault", "list")
    assert (code, "is not the base URL of a sandbox" in error) == (2, True)
    with SandboxThread(control="off") as off:
        code, _, error = command("fault", "list", "--base-url", off.base_url)
        assert (code, "no sandbox with a control API" in error) == (3, True)


def test_following_prints_requests_until_it_is_ended(local: SandboxThread, start: Start) -> None:
    process = start("sandbox", "requests", "--follow", "--base-url", local.base_url)
    seen = list[dict[str, Any]]()
    while not seen:
        call(local)  # until the command watches
        if sys.platform == "win32" or _readable(process):
            seen.append(json.loads(process.stdout.readline()))
    assert (seen[0]["event"], seen[0]["operation"]) == ("request", "check_api_key")
    process.terminate()
    process.communicate()
    assert process.returncode == 130


def _readable(process: Any) -> bool:
    import select

    return bool(select.select([process.stdout], [], [], 0.05)[0])


@on_a_terminal
def test_tables_are_shown_on_a_terminal(local: SandboxThread) -> None:
    call(local, "/nope")
    code, shown = run_command_on_terminal("sandbox", "requests", KOMBO_BASE_URL=local.base_url)
    assert (code, "GET /v1/nope" in shown, "404" in shown) == (0, True, True)


@on_a_terminal
@pytest.mark.parametrize("quiet", [False, True])
def test_requests_and_webhooks_are_printed_on_a_terminal(quiet: bool, start: Start) -> None:
    ours, theirs = os.openpty()
    options = ("--port", "0", *(["--quiet"] if quiet else []))
    process = start("sandbox", *options, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = ""
    while "collect(limit=3))" not in shown:
        shown += os.read(ours, 65_536).decode()
    url = re.search(r"http://\S+/v1", shown)[0]
    request = urllib.request.Request(f"{url}/check-api-key?a=1", headers={"Authorization": "Bearer ks_dev_sandbox"})
    with urllib.request.urlopen(request):
        pass
    body = json.dumps({"url": f"{url}/nothing"}).encode()
    root = url.removesuffix("/v1") + "/_sandbox"
    with urllib.request.urlopen(urllib.request.Request(f"{root}/webhooks", body, {"Content-Type": "application/json"})):
        pass
    assert main(["sandbox", "event", "send", "sync-finished", "--base-url", url]) == 4
    process.send_signal(signal.SIGINT)
    while "Stopped." not in shown:
        shown += os.read(ours, 65_536).decode()
    assert process.wait(60) == 0
    os.close(ours)
    lines = re.sub("\x1b[^m]*m", "", shown).splitlines()
    printed = any(re.search(r"^\d\d:\d\d:\d\d  200 +\d+ ms  GET    /v1/check-api-key\?a=1$", line) for line in lines)
    lost = any("LOST: it was not answered with success, after 3 attempts" in line for line in lines)
    assert (printed, lost) == (not quiet, not quiet), shown


def test_lost_webhook_is_reported_elsewhere_too(start: Start) -> None:
    process = start("sandbox", "--port", "0", "--webhook-url", "http://127.0.0.1:9/")
    url = re.search(r"http://\S+", introduction(process))[0]
    assert main(["sandbox", "event", "send", "sync-finished", "--base-url", url]) == 4
    process.terminate()
    rest, errors = process.communicate()
    assert (process.returncode, rest) == (0, "Stopped.\n")
    assert re.match(
        r"\d\d:\d\d:\d\d  ---   webhook  sync-finished to http://127.0.0.1:9/  LOST: .+ after 3 attempts", errors
    )
