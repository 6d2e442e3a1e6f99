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

COMMAND = str(Path(sys.executable).with_name("kombo-async"))
"""The entry point that installing the package made."""

Start = Callable[..., "subprocess.Popen[str]"]


def environment(**changes: str) -> dict[str, str]:
    """The environment of a plain terminal of 80 columns, whatever the tests themselves run in."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "KOMBO_API_KEY", "KOMBO_BASE_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "COLUMNS": "80", "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **changes}


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, env=environment(**changes), capture_output=True, encoding="utf-8", timeout=20, check=False
    )


@pytest.fixture
def start() -> Iterator[Start]:
    """Start commands that go on; each is killed after 20 seconds, and at the end of the test."""
    started: list[tuple[subprocess.Popen[str], threading.Timer]] = []

    def start(*command: str, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"} | options
        process = subprocess.Popen(command, env=environment(), **pipes)
        timer = threading.Timer(20, process.kill)
        timer.start()
        started.append((process, timer))
        return process

    yield start
    for process, timer in started:
        timer.cancel()
        process.kill()
        process.communicate()
