"""Running the command in a process or on a terminal, with bounded waits, and reading its help.

`run_command` and `run_command_on_terminal` take the arguments of the command, and fork a cheap process for it. The
others take any program; `COMMAND` is the installed one, for tests of how a process starts.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from kombo_async.cli import main
from kombo_async.sandbox import SandboxThread

from .forked import communicate, start_command

if sys.platform != "win32":
    import fcntl
    import pty
    import struct
    import termios

Start = Callable[..., "subprocess.Popen[str]"]


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a plain terminal of 80 columns, without settings of this machine."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "KOMBO_API_KEY", "KOMBO_BASE_URL"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "COLUMNS": "80", "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **changes}


def run(*command: str, stdin: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command, and return its result."""
    return subprocess.run(
        command, env=environment(**changes), input=stdin, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def run_command(*arguments: str, stdin: str = "", **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the command, and return its result."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with start_command(*arguments, env=environment(**changes), **pipes) as process:
        out, err = communicate(process, stdin)
    return subprocess.CompletedProcess(["kombo-async", *arguments], process.returncode, out, err)


on_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")


def run_command_on_terminal(*arguments: str, **changes: str) -> tuple[int, str]:
    """Run the command on a pseudo-terminal, as `run_on_terminal` does."""
    return _on_terminal(lambda **options: start_command(*arguments, **options), environment(**changes))


def run_on_terminal(*command: str, **changes: str) -> tuple[int, str]:
    """Run a command on a pseudo-terminal of the width COLUMNS; return its exit code and its output."""
    return _on_terminal(lambda **options: subprocess.Popen(command, **options), environment(**changes))


def _on_terminal(start: Callable[..., Any], settled: dict[str, str]) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(settled["COLUMNS"]), 0, 0))
        process = start(env=settled, stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        os.close(theirs)
    written = b""
    try:
        with process:
            try:
                while portion := _read_terminal(ours):
                    written += portion
                return process.wait(timeout=60), written.decode()
            finally:
                process.kill()
    finally:
        os.close(ours)


def _read_terminal(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # Linux reports the end of a terminal so
        return b""


KEY = "ks_dev_NotToBeSeen"
"""The key of the sandbox, which no output may contain."""


def settings(sandbox: SandboxThread) -> dict[str, str]:
    """Return the environment variables with which a command uses a sandbox."""
    return {"KOMBO_API_KEY": KEY, "KOMBO_BASE_URL": sandbox.base_url}


@cache
def help_of(command: str) -> str:
    """Return the help of a command on 80 columns, with a key in the environment."""
    output = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(output):
        patch.setenv("KOMBO_API_KEY", KEY)
        patch.setenv("COLUMNS", "80")
        assert main([*command.split(), "--help"]) == 0
    return output.getvalue()


def examples(text: str) -> str:
    """Return the shell lines in the help of a command: those of its code blocks, which begin with one space."""
    description = text.partition("╭")[0]
    inline = re.findall(r"Example: (kombo-async .*?)\.?$", description, re.MULTILINE)
    return "\n".join([*inline, *(line[1:].rstrip() for line in description.splitlines() if re.match(" +[^ ]", line))])


def joined(script: str) -> str:
    """Return a script with its continued lines joined."""
    return re.sub(r"\\\n *", "", script)
