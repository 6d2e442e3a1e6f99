"""Runs commands and programs in forked processes: `python -m tests.support.fork_server SOCKET PACKAGE…`.

A fork takes milliseconds, where a new Python takes a second to import the packages. All else is as in a process of its
own: descriptors, terminal, signals, environment, and the end of the interpreter, but a command leaves its memory to the
system. The server ends when its standard input does.
"""

from __future__ import annotations

import ast
import atexit
import gc
import os
import select
import socket
import sys
import threading
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, NoReturn

NOT_PRELOADED = {"kombo_async.cli.__main__", "kombo_async.cli.parquet", "kombo_async.sandbox.pytest_plugin"}
"""The first is run by its import; pyarrow, which the second imports, starts threads; the third imports pytest."""


def preload(names: list[str]) -> None:
    """Import modules, and the modules of packages."""
    for name in names:
        for module in walk_packages(getattr(import_module(name), "__path__", ()), f"{name}."):
            if module.name not in NOT_PRELOADED:
                import_module(module.name)
    if "kombo_async.cli" in names:
        from kombo_async.cli.app import app

        # Makes the commands of each family of lists.
        read = app["read"]
        for family in read:
            read[family]
    gc.collect()
    gc.freeze()


def serve(path: str) -> tuple[dict[str, Any], list[int]]:
    """Fork a process for each request; return in the forked process, with the request and the descriptors in it."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(100)
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            with connection:
                if os.fork() == 0:
                    return fork_command(connection)
            reap()
    reap()
    sys.exit()


def reap() -> None:
    """Forget the children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def fork_command(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork the process of a command, and return in it; its parent sends its id and its exit code to the connection."""
    message, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, 3)
    while not message.endswith(b"\n"):
        message += connection.recv(1 << 16)
    child = os.fork()
    if child == 0:
        return ast.literal_eval(message.decode()), descriptors
    for descriptor in descriptors:
        os.close(descriptor)
    try:
        connection.sendall(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    finally:
        os._exit(0)


def become(
    command: list[str], folder: str, environment: dict[str, str], standard: list[int], passed: list[int]
) -> None:
    """Let this process look like a new one; *passed* become the *standard* descriptors, and the others are closed."""
    for number in range(3):
        os.close(number)
    for number, descriptor in zip(standard, passed, strict=True):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = standard_stream(number) if number in standard else None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def standard_stream(number: int) -> TextIOWrapper:
    """Make a standard stream as Python does when it starts."""
    return TextIOWrapper(
        open(number, "wb" if number else "rb", closefd=False),
        os.environ.get("PYTHONIOENCODING", "utf-8"),
        "backslashreplace" if number == 2 else "strict",
        newline="\n" if number else None,
        line_buffering=number == 2 or os.isatty(number),
    )


def end(code: int) -> NoReturn:
    """End this process as Python does, without freeing all objects, which would copy the memory of the server.

    Objects that leaked are freed, as they may warn, and a stream that cannot be flushed raises.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    os._exit(code)


def main() -> None:
    preload(sys.argv[2:])
    request, passed = serve(sys.argv[1])
    become(**request, passed=passed)
    path = sys.argv[0]
    if path == "kombo-async":
        from kombo_async.cli import main as run

        end(run())
    module = sys.modules["__main__"] = ModuleType("__main__")
    module.__file__ = path
    exec(compile(Path(path).read_bytes(), path, "exec"), vars(module))


if __name__ == "__main__":
    main()
