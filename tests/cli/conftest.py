"""Fixtures of the command-line tests."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App
from cyclopts.argument import ArgumentCollection

from kombo_async import KomboClient, RetryPolicy
from kombo_async.cli import runner
from kombo_async.sandbox import SandboxThread

from ..support.command_line import KEY, Start, environment, settings
from ..support.forked import start_command


@pytest.fixture(scope="package", autouse=True)
def arguments_built_once() -> Iterator[None]:
    """Let cyclopts build the arguments of a command from its signature once: it takes longer than most commands.

    Each command line that this process parses gets a copy of them. A forked process builds its own.
    """
    assemble, built = App.assemble_argument_collection, {}

    def copy_arguments(self: App, **_: Any) -> ArgumentCollection:
        if self.default_command not in built:
            built[self.default_command] = assemble(self, parse_docstring=True)
        copies = {id(argument): copy(argument) for argument in built[self.default_command]}
        for argument in copies.values():
            argument.tokens = []
            argument.children = ArgumentCollection(copies[id(child)] for child in argument.children)
        return ArgumentCollection(copies.values())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(App, "assemble_argument_collection", copy_arguments)
        yield


@pytest.fixture(scope="module")
def local() -> Iterator[SandboxThread]:
    """Run a sandbox for all tests of a module."""
    with SandboxThread(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts the command with arguments, in a forked process; with *program*, in one of those.

    It is killed after a minute, and at the end of the test.
    """
    with ExitStack() as started:

        def start(*arguments: str, program: Sequence[str] = (), **options: Any) -> Any:
            options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": environment()} | options
            if program:
                process = subprocess.Popen([*program, *arguments], encoding="utf-8", **options)
            else:
                process = start_command(*arguments, **options)
            timer = threading.Timer(60, process.kill)
            timer.start()
            started.enter_context(process)
            started.callback(process.kill)
            started.callback(timer.cancel)
            return process

        yield start


@pytest.fixture
def once(monkeypatch) -> None:
    """Let commands in this process retry nothing."""
    monkeypatch.setattr(runner, "KomboClient", partial(KomboClient, retry=RetryPolicy(attempts=1)))


@pytest.fixture
def here(local: SandboxThread, once: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SandboxThread:
    """Let commands in this process use the sandbox of the module, without retries, in an empty folder."""
    for name, value in settings(local).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    local.faults.clear()
    return local
