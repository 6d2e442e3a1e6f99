"""Processes that are forked by `fork_server`, and the command in one of them."""

from __future__ import annotations

import atexit
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

COMMAND = str(Path(sys.executable).with_name("kombo-async"))
"""The entry point that installing the package made."""

FOR_SHELLS = """
# Without the modules socket and json, whose imports would take longer than all else.
import _socket, os, sys
standard = []
for number in range(3):
    try:
        os.fstat(number)
    except OSError:
        continue
    standard.append(number)
request = {
    "command": ["kombo-async", *sys.argv[1:]],
    "folder": os.getcwd(),
    "environment": dict(os.environ),
    "standard": standard,
}
connection = _socket.socket(_socket.AF_UNIX)
connection.connect(os.path.join(os.path.dirname(__file__), "socket"))
descriptors = b"".join(number.to_bytes(4, sys.byteorder) for number in standard)
connection.sendmsg([repr(request).encode() + b"\\n"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
answer = b""
while portion := connection.recv(100):
    answer += portion
code = int(answer.split()[1])
os._exit(code if code >= 0 else 128 - code)
"""


PRELOADED = (
    *(f"kombo_async.{package}" for package in ("cli", "client", "families", "mirror", "operations", "sandbox")),
    *("rich.live", "rich.markdown", "rich.progress", "rich.syntax", "rich.table", "rich._emoji_codes"),
    *("aiosqlite", "sqlalchemy.ext.asyncio", "sqlalchemy.dialects.sqlite"),
)
"""What commands import, or libraries for them."""


@cache
def _server(options: tuple[str, ...], modules: tuple[str, ...]) -> Path:
    """Start a server in a Python with *options*, and return the folder of its socket and of the command for shells."""
    folder = Path(tempfile.mkdtemp(prefix="kombo-fork-"))
    process = subprocess.Popen(
        [sys.executable, *options, "-m", "tests.support.fork_server", str(folder / "socket"), *modules],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def stop() -> None:
        process.communicate()
        shutil.rmtree(folder)

    atexit.register(stop)
    script, program = folder / "kombo-async", folder / "kombo-async.py"
    program.write_text(FOR_SHELLS)
    # Not in the first line of the program, which has to be short.
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -IS "$0.py" "$@"\n')
    script.chmod(0o700)
    return folder


def command_for_shells() -> str:
    """Return the path of a `kombo-async` that runs in a forked process, for scripts: signals do not reach it."""
    return str(_server((), PRELOADED) / "kombo-async") if hasattr(os, "fork") else COMMAND


class ForkedProcess:
    """A running process, with those members of `subprocess.Popen` that tests use; its streams are text.

    *command* is the path of a program in Python and its arguments, or `kombo-async` and its arguments.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        server: Path,
        env: Mapping[str, str],
        cwd: str | Path | None = None,
        stdin: int | IO[Any] | None = None,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
    ) -> None:
        self.stdin: IO[str] | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(server / "socket"))
        # Not buffered, so that `select` sees what was not read.
        self._answers = self._connection.makefile("rb", buffering=0)
        request = {
            "command": list(command),
            "folder": str(cwd or Path.cwd()),
            "environment": dict(env),
            "standard": [0, 1, 2],
        }
        with ExitStack() as passed:
            given = enumerate(zip(("stdin", "stdout", "stderr"), (stdin, stdout, stderr), strict=True))
            descriptors = [self._descriptor(number, name, stream, passed) for number, (name, stream) in given]
            socket.send_fds(self._connection, [repr(request).encode() + b"\n"], descriptors)
            self.pid = int(self._answers.readline())

    def _descriptor(self, number: int, name: str, stream: int | IO[Any] | None, passed: ExitStack) -> int:
        if stream is None:
            return number
        if not isinstance(stream, int):
            return stream.fileno()
        if stream != subprocess.PIPE:
            return stream
        read, write = os.pipe()
        ours, theirs = (write, read) if number == 0 else (read, write)
        setattr(self, name, open(ours, "w" if number == 0 else "r", encoding="utf-8"))  # noqa: PTH123, SIM115
        passed.callback(os.close, theirs)
        return theirs

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], 0)[0]:
            self.returncode = int(self._answers.readline())
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("kombo-async", timeout or 0.0)
            self.returncode = int(self._answers.readline())
        return self.returncode

    def communicate(self, stdin: str | None = None) -> tuple[str, str]:
        """Write *stdin*, read the other streams to their ends, and wait."""
        with ThreadPoolExecutor(2) as pool:
            out, err = (pool.submit(stream.read) if stream else None for stream in (self.stdout, self.stderr))
            if self.stdin is not None:
                with suppress(BrokenPipeError), self.stdin:
                    self.stdin.write(stdin or "")
            written = (out.result() if out else "", err.result() if err else "")
        self.wait()
        return written

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill it if it still runs."""
        self.kill()
        self.wait()
        for stream in (self.stdin, self.stdout, self.stderr, self._answers, self._connection):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()


def start_command(*arguments: str, **options: Any) -> Any:
    """Start the command in a process, with the options of `subprocess.Popen`: forked, if this system can."""
    if hasattr(os, "fork"):
        return ForkedProcess(["kombo-async", *arguments], server=_server((), PRELOADED), **options)
    return subprocess.Popen([COMMAND, *arguments], encoding="utf-8", **options)


def run_program(
    program: Path,
    *arguments: str,
    options: Sequence[str] = (),
    modules: Sequence[str] = PRELOADED,
    env: Mapping[str, str] = os.environ,
) -> subprocess.CompletedProcess[str]:
    """Run a program by a Python with *options*, which has imported *modules* before, if this system can fork."""
    command = [str(program), *arguments]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with ExitStack() as stack:
        if hasattr(os, "fork"):
            process: Any = ForkedProcess(command, server=_server(tuple(options), tuple(modules)), env=env, **pipes)
        else:
            process = subprocess.Popen([sys.executable, *options, *command], env=env, encoding="utf-8", **pipes)
        stack.enter_context(process)
        out, err = communicate(process)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def communicate(process: Any, stdin: str = "") -> tuple[str, str]:
    """Write to a process, and return what it wrote; it is killed after a minute."""
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        written: tuple[str, str] = process.communicate(stdin)
        return written
    finally:
        timer.cancel()
