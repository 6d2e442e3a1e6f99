"""Running the installed command as its users do: as a process, with a bounded wait for everything."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kombo_async.sandbox import SandboxThread

if sys.platform != "win32":
    import fcntl
    import pty
    import struct
    import termios

COMMAND = str(Path(sys.executable).with_name("kombo-async"))
"""The entry point that installing the package made."""

Start = Callable[..., "subprocess.Popen[str]"]


def environment(**changes: str) -> dict[str, str]:
    """The environment of a plain terminal of 80 columns, whatever the tests themselves run in."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "KOMBO_API_KEY", "KOMBO_BASE_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "COLUMNS": "80", "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **changes}


def run(*command: str, stdin: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, env=environment(**changes), input=stdin, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


on_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")


def run_on_terminal(*command: str, **changes: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal, of as many COLUMNS as asked for; return its exit code and all it wrote."""
    ours, theirs = pty.openpty()
    kept = environment(**changes)
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(kept["COLUMNS"]), 0, 0))
        process = subprocess.Popen(command, env=kept, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    finally:
        os.close(theirs)
    written = b""
    try:
        while True:
            try:
                portion = os.read(ours, 65_536)
            except OSError:  # how Linux says that nobody writes any more
                break
            if not portion:
                break
            written += portion
        return process.wait(timeout=60), written.decode()
    finally:
        process.kill()
        os.close(ours)


KEY = "ks_dev_NotToBeSeen"
"""The key of the sandbox below, which no output may contain."""


@pytest.fixture(scope="module")
def local() -> Iterator[SandboxThread]:
    """A local Kombo for all tests of a module."""
    with SandboxThread(api_key=KEY) as sandbox:
        yield sandbox


def settings(sandbox: SandboxThread) -> dict[str, str]:
    """The environment in which a command talks to a sandbox."""
    return {"KOMBO_API_KEY": KEY, "KOMBO_BASE_URL": sandbox.base_url}


@pytest.fixture
def start() -> Iterator[Start]:
    """Start commands that go on; each is killed after a minute, and at the end of the test."""
    started: list[tuple[subprocess.Popen[str], threading.Timer]] = []

    def start(*command: str, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", "env": environment()}
        process = subprocess.Popen(command, **(pipes | options))
        timer = threading.Timer(60, process.kill)
        timer.start()
        started.append((process, timer))
        return process

    yield start
    for process, timer in started:
        timer.cancel()
        process.kill()
        process.communicate()


@pytest.fixture
def once(monkeypatch) -> None:
    """Let commands in this process try everything only once."""
    from functools import partial

    from kombo_async import KomboClient, RetryPolicy
    from kombo_async.cli import runner

    monkeypatch.setattr(runner, "KomboClient", partial(KomboClient, retry=RetryPolicy(attempts=1)))
