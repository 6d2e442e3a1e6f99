"""A sandbox in a process of its own: all tasks, connections and objects that are counted here are the client's."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import pytest

from ..support.loops import pytest_asyncio_loop_factories  # noqa: F401

PROGRAM = """
import json, sys
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

with SandboxThread(SandboxConfig(fields=4, employees=4, integrations=4, kept_requests=0)) as sandbox:
    faults = [Fault.drop("body"), Fault.html_502(), Fault.drop("after_execution")]
    for number, fault in enumerate(faults if "faulty" in sys.argv else []):
        sandbox.faults.add(fault, times=100, after=500 + 500 * number)
    ids = sandbox.integration_ids
    print(json.dumps({"api_key": sandbox.api_key, "base_url": sandbox.base_url, "integration_ids": ids}), flush=True)
    sys.stdin.read()
"""


@attrs.frozen
class Remote:
    """A sandbox elsewhere."""

    api_key: str
    base_url: str
    integration_ids: list[str]


@contextmanager
def _start(*arguments: str) -> Iterator[Remote]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Remote(**json.loads(process.stdout.readline()))
        process.communicate()
    assert process.returncode == 0


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    """One that works."""
    with _start() as remote:
        yield remote


@pytest.fixture
def faulty_remote() -> Iterator[Remote]:
    """One of which some answers are faulty, after the first five hundred."""
    with _start("faulty") as remote:
        yield remote
