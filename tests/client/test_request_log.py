"""The log of requests: a line for each, without values, and on stderr where KOMBO_LOG asks for it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from kombo_async import KomboClient, KomboError, Limits
from kombo_async.engine import request_log
from kombo_async.engine.operation import Operation
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig, SandboxThread
from tests.support.openapi.spec import operations

from ..support.for_each import for_each
from ..support.forked import run_program

LINE = re.compile(r"[A-Z]+ /[a-z/_{}…-]+ (\d{3}|\w+Error) in \d+ ms, attempt \d")
OPERATIONS: dict[str, Operation[Any]] = operations()


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The lines, without their milliseconds."""
    found: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(re.sub(r"\d+ ms", "N ms", record.getMessage()))

    collector = Collector()
    request_log.log.addHandler(collector)
    caplog.set_level(logging.INFO, "kombo_async")
    yield found
    request_log.log.removeHandler(collector)


async def test_each_request_is_logged_in_one_line_without_values(
    client: KomboClient, sandbox: Sandbox, lines: list[str]
) -> None:
    await client.get_integration()
    await client.hris.iter_employees(work_emails=["SECRET@x.example"], page_size=7).first_page()
    sandbox.faults.add(Fault.html_502(), times=2)
    await client.set_integration_enabled(True)
    sandbox.faults.add(Fault.drop(), times=1)
    with pytest.raises(KomboError):
        await client.send_passthrough_request("personio", "personnel", "POST", "/SECRET", data={"SECRET": 1})
    with pytest.raises(KomboError):
        await client.request("POST", "/hris/employees/SECRET/x-y/secret%20id/a1b2c3", json={"SECRET": 1})
    assert lines == [
        "GET /integrations/{integration_id} 200 in N ms, attempt 1",
        "GET /hris/employees 200 in N ms, attempt 1",
        "PUT /integrations/{integration_id}/enabled 502 in N ms, attempt 1",
        "PUT /integrations/{integration_id}/enabled 502 in N ms, attempt 2",
        "PUT /integrations/{integration_id}/enabled 200 in N ms, attempt 3",
        "POST /passthrough/{tool}/{api} KomboConnectionError in N ms, attempt 1",
        "POST /hris/employees/{…}/x-y/{…}/{…} 404 in N ms, attempt 1",
    ]


@for_each("name", OPERATIONS)
def test_path_templates_are_logged_unchanged(name: str) -> None:
    assert request_log._shape(OPERATIONS[name].path) == OPERATIONS[name].path


@pytest.mark.parametrize("fault", [None, Fault.drop()], ids=["responses", "lost connections"])
async def test_handler_of_the_log_that_raises_costs_no_permits(
    fault: Fault | None, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(record: logging.LogRecord) -> bool:
        raise ValueError("this filter is broken")

    caplog.set_level(logging.DEBUG, "kombo_async")
    limits = Limits(max_in_flight=1)
    async with asyncio.timeout(20), KomboClient(sandbox.api_key, base_url=sandbox.base_url, limits=limits) as client:
        if fault is not None:
            sandbox.faults.add(fault, times=3)
        request_log.log.addFilter(refuse)
        try:
            # All but one of them wait in the queue, which is logged too.
            results = await asyncio.gather(*(client.check_api_key() for _ in range(3)), return_exceptions=True)
        finally:
            request_log.log.removeFilter(refuse)
        assert {str(result) for result in results} == {"this filter is broken"}
        sandbox.faults.clear()
        async with asyncio.timeout(20):
            await client.check_api_key()


async def test_debug_log_says_why_a_call_waits(
    sandbox: Sandbox, lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "kombo_async")
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, limits=Limits(requests_per_second=50)) as client:
        sandbox.faults.add(Fault.rate_limited(0.1), times=1, after=1)
        # Both at once, so that the second one has to wait.
        await asyncio.gather(client.check_api_key(), client.check_api_key())
    assert [line for line in lines if "in N ms" not in line or "retries" in line] == [
        "GET /check-api-key waited N ms in the queue",
        "GET /check-api-key retries in N ms: attempt 1 ended with PLATFORM.RATE_LIMIT_EXCEEDED",
        "GET /check-api-key waited N ms in the queue",
    ]


PROGRAM = """
    import asyncio, logging, sys
    from kombo_async import KomboClient
    {setup}

    async def work():
        async with KomboClient() as client, KomboClient() as another:
            await client.check_api_key()
            await another.check_api_key()

    asyncio.run(work())
"""
ROOT = "logging.basicConfig(level=logging.DEBUG, format='root: %(name)s %(message)s')"


@pytest.mark.parametrize(
    ("level", "setup", "count"),
    [
        ("", "", 0),
        ("info", "", 2),
        ("DEBUG", "", 2),
        # The handlers of the program have it already.
        ("info", ROOT, 2),
        ("", ROOT, 2),
    ],
)
def test_kombo_log_writes_to_stderr(
    level: str, setup: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program.py"
    program.write_text(dedent(PROGRAM.format(setup=setup)))
    with SandboxThread(SandboxConfig(fields=1, employees=1)) as sandbox:
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        monkeypatch.setenv("KOMBO_LOG", level)
        ran = run_program(program, modules=["kombo_async.client"])
    assert ran.returncode == 0
    requests = [line for line in ran.stderr.splitlines() if LINE.search(line)]
    assert len(requests) == count
    assert all(("root: " in line) == bool(setup) and "kombo_async" in line for line in requests)
    assert sandbox.api_key not in ran.stderr
    assert ran.stdout == ""


def test_unknown_kombo_log_level_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOMBO_LOG", "verbose")
    with pytest.raises(ValueError, match="KOMBO_LOG is debug or info, not 'verbose'"):
        KomboClient("key")
