"""`kombo-async webhook`: a delivery is checked, and deliveries are taken as they come."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from kombo_async.cli import main
from kombo_async.sandbox import SandboxThread
from kombo_async.webhooks import SIGNATURE_HEADER, sign

from ..support.command_line import (
    environment,
    examples,
    help_of,
    joined,
    on_a_terminal,
    run,
    run_command,
    run_on_terminal,
)
from ..support.forked import command_for_shells

SECRET = "sandbox-webhook-secret"
BODY = '{"id":"1","type":"no-type-of-today","data":{"a":"é"}}'
VERIFY = ("webhook", "verify")


def test_verify_prints_the_event_of_a_right_signature() -> None:
    done = run_command(*VERIFY, "--signature", sign(BODY.encode(), SECRET), stdin=BODY, KOMBO_WEBHOOK_SECRET=SECRET)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(BODY)
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("signature", "body", "message"),
    [
        (sign(BODY.encode(), "another secret"), BODY, ["the signature matches none of the secrets"]),
        (sign(BODY.encode(), SECRET), BODY + "\n", ["the signature matches none", "The body ends with a newline"]),
        ("", BODY, ["the delivery has no signature"]),
        (sign(b"no JSON", SECRET), "no JSON", ["the delivery could not be read as an event", "A newer version"]),
        (sign(b"", SECRET), "", ["the delivery could not be read as an event", "A newer version"]),
    ],
    ids=["secret", "newline", "none", "text", "nothing"],
)
def test_verify_reports_a_wrong_signature_with_exit_code_1(signature: str, body: str, message: list[str]) -> None:
    done = run_command(*VERIFY, f"--signature={signature}", stdin=body, KOMBO_WEBHOOK_SECRET=SECRET)
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert len(lines) == len(message)
    assert lines[0].startswith(f"kombo-async webhook verify: {message[0]}")
    assert all(line.startswith(words) for line, words in zip(lines[1:], message[1:], strict=True))


def test_secret_option_warns_and_the_secret_is_never_printed() -> None:
    done = run_command(
        *VERIFY, "--signature", sign(BODY.encode(), "new"), "--secret=old-one", "--secret", "new", stdin=BODY
    )
    assert done.returncode == 0
    assert re.fullmatch(r"A secret on the command line can be seen .+ KOMBO_WEBHOOK_SECRET\.\n", done.stderr)
    done = run_command(*VERIFY, "--secret", "my-own-secret")
    assert done.returncode == 2
    done = run_command(*VERIFY, "--secret", "my-own-secret", "my-own-secret")
    assert (done.returncode, done.stdout) == (2, "")
    assert "my-own-secret" not in done.stderr
    done = run_command(*VERIFY, "--signature", "x", stdin=BODY)
    assert done.returncode == 2
    assert "KOMBO_WEBHOOK_SECRET" in done.stderr.splitlines()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="examples are lines of a shell")
def test_example_of_verify_runs_unchanged() -> None:
    script = examples(help_of("webhook verify"))
    done = run("bash", "-euo", "pipefail", "-c", script, PATH=f"{Path(command_for_shells()).parent}:/usr/bin:/bin")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["type"] == "ping"


def listening(process: subprocess.Popen[str]) -> str:
    """Its address, once it takes deliveries."""
    for line in process.stderr:
        found = re.fullmatch(r"Waiting for webhooks at (http://\S+) until Ctrl-C\.\n", line)
        if found:
            return found[1]
    raise AssertionError("it does not listen")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_listen_prints_events_until_ctrl_c(start) -> None:
    process: subprocess.Popen[str] = start(
        *("webhook", "listen", "--port", "0", "--verbose"), env=environment(KOMBO_WEBHOOK_SECRET=SECRET)
    )
    url = listening(process)
    with SandboxThread() as sandbox:
        sandbox.send_webhooks_to(f"{url}/any/path")
        for kind in ("data-changed", "sync-finished", "type-of-tomorrow"):
            (delivery,) = sandbox.send_webhook(kind)
            event = json.loads(process.stdout.readline())
            assert (delivery.status, event["type"], event["id"]) == (200, kind, delivery.event_id)
    for method, status in (("POST", 401), ("GET", 405)):
        request = urllib.request.Request(url, BODY.encode(), {SIGNATURE_HEADER: "x"}, method=method)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()
        assert refused.value.code == status
    process.send_signal(signal.SIGINT)
    out, message = process.communicate()
    assert (process.returncode, out) == (0, "")
    lines = message.splitlines()
    assert [line for line in lines if "sent" in line] == [
        *["127.0.0.1 sent POST /any/path: 200"] * 3,
        "127.0.0.1 sent POST /: 401",
        "127.0.0.1 sent GET /: 405",
    ]
    assert any(line.startswith("refused a webhook: the signature matches none") for line in lines)
    assert lines[-1] == "Stopped: 3 events, 1 refused."
    assert "Traceback" not in message


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM on Windows")
def test_listen_ends_at_a_closed_pipe_and_at_sigterm(start) -> None:
    *_, line = joined(examples(help_of("webhook listen"))).splitlines()
    _, *example = shlex.split(line.replace("8643", "0"))
    settled = environment(KOMBO_WEBHOOK_SECRET=SECRET)
    unread, listener = (start(*example, env=settled) for _ in range(2))
    with SandboxThread() as sandbox:
        sandbox.send_webhooks_to(listening(unread))
        unread.stdout.close()
        sandbox.send_webhook("data-changed")
        assert unread.wait() == 1
        rest = unread.stderr.read()
    listening(listener)
    listener.send_signal(signal.SIGTERM)
    assert listener.communicate() == ("", "Stopped: 0 events.\n")
    assert listener.returncode == 0
    assert "Traceback" not in rest


def test_used_port_of_listen_is_reported_in_one_line(monkeypatch, capsys) -> None:
    monkeypatch.setenv("KOMBO_WEBHOOK_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["webhook", "listen", "--port", str(port)]) == 2
    first = capsys.readouterr().err.splitlines()[0]
    reason = "the port is taken; choose another with --port, or --port 0 for any that is free"
    assert first == f"kombo-async webhook listen: cannot listen on 127.0.0.1:{port}: {reason}"
    assert main(["webhook", "listen", "--host", "256.0.0.1"]) == 2
    assert "cannot listen on 256.0.0.1:8643: " in capsys.readouterr().err


@on_a_terminal
def test_event_on_a_terminal_is_indented() -> None:
    signature = sign(BODY.encode(), SECRET)
    script = f"printf %s {shlex.quote(BODY)} | {command_for_shells()} webhook verify --signature {signature}"
    code, written = run_on_terminal("bash", "-c", script, KOMBO_WEBHOOK_SECRET=SECRET)
    assert code == 0
    assert json.loads(written) == json.loads(BODY)
    assert written.count("\n") == 7
