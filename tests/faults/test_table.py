"""Each row of the table of faults, for each kind of call; the fault is injected once, or into every request."""

from __future__ import annotations

import asyncio
import copy
import math
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from kombo_async import KomboClient, Limits, RetryPolicy, errors
from kombo_async.sandbox import Sandbox

from ..support.fault_injectors import Harness, running_harness
from .table import LONG_TIMEOUTS, RAISES, RECOVERS, ROWS, UNKNOWN, Expected, Row, markdown

ATTEMPTS = 4
PATIENT = RetryPolicy(attempts=ATTEMPTS, first_wait=0.01, longest_wait=0.02)
HANG_TIMEOUT = 30
"""Seconds after which a call counts as hanging."""


@pytest.fixture
async def other_host() -> AsyncIterator[Sandbox]:
    """Run the host that redirects lead to: no call may reach it."""
    async with Sandbox() as other_host:
        yield other_host
        assert not other_host.requests


async def field_ids(sandbox: Sandbox) -> list[str]:
    """Return the ids of all fields, read without faults."""
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
        ids = [field.id for field in await client.iter_integration_fields(sandbox.integration_id).collect()]
    sandbox.requests.clear()
    return ids


def read(harness: Harness, row: Row) -> Awaitable[Any]:
    return harness.client.get_integration()


def act(harness: Harness, row: Row) -> Awaitable[Any]:
    data = {"note": "x" * (1 << 23 if row.large else 1)}
    return harness.client.send_passthrough_request("personio", "personnel", "POST", "/company/time-offs", data=data)


def check(error: errors.KomboError, row: Row, *, retried: bool, changes: bool) -> None:
    """Check everything that an error says."""
    text = str(error)
    assert row.words in text
    if row.large and error.method == "PATCH":
        # The small request may be sent before the reset arrives: asyncio and uvloop differ.
        assert isinstance(error.may_have_run, bool)
    else:
        assert error.may_have_run is (changes and row.may_have_run)
    assert error.attempts == (ATTEMPTS if retried else 1)
    assert (f"after {ATTEMPTS} attempts" in text) is retried
    assert f"{error.method} {error.path}" in text
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(twin), str(twin), vars(twin)) == (type(error), text, vars(error))


def waited(harness: Harness, method: str) -> float:
    """Return the shortest time between two requests with this method."""
    times = [request.time for request in harness.sandbox.requests if request.method == method]
    return min(later - earlier for earlier, later in pairwise(times))


async def expect(
    harness: Harness,
    row: Row,
    expected: Expected,
    call: Callable[[Harness, Row], Awaitable[Any]],
    method: str,
    *,
    lasts: bool,
) -> None:
    """Make a call with the fault injected once or into every request, and check that *expected* is its result."""
    changes = method != "GET"
    async with asyncio.timeout(HANG_TIMEOUT), row.injector.on(harness, method, after=0, times=math.inf if lasts else 1):
        harness.sandbox.requests.clear()
        if expected is RECOVERS and not lasts:
            assert await call(harness, row)
            assert not row.wait or waited(harness, method) >= row.wait
        elif expected is UNKNOWN:
            with pytest.raises(errors.OutcomeUnknownError, match="look before you repeat it") as raised:
                await call(harness, row)
            check(raised.value, row, retried=False, changes=changes)
            assert type(raised.value.__cause__) is row.error
        else:
            with pytest.raises(row.error) as raised_unchanged:
                await call(harness, row)
            assert type(raised_unchanged.value) is row.error
            check(raised_unchanged.value, row, retried=expected is RECOVERS, changes=changes)
    # In all cases: there was no request of another kind, and the client still works.
    assert {request.method for request in harness.sandbox.requests} <= {method}
    async with asyncio.timeout(HANG_TIMEOUT):
        assert (await harness.client.check_api_key()).environment_id


async def read_with_fault(harness: Harness, row: Row, *, lasts: bool) -> None:
    await expect(harness, row, row.read, read, "GET", lasts=lasts)


async def action_with_fault(harness: Harness, row: Row, *, lasts: bool) -> None:
    await expect(harness, row, row.action, act, "POST", lasts=lasts)
    once = row.action is RECOVERS and not lasts
    assert harness.sandbox.executions["send_passthrough_request"] == (1 if once else int(row.ran))


async def setting_with_fault(harness: Harness, row: Row, *, lasts: bool) -> None:
    field = (await field_ids(harness.sandbox))[0]

    def write(harness: Harness, row: Row) -> Awaitable[Any]:
        return harness.client.update_integration_field(field, enable_passthrough=True)

    await expect(harness, row, row.read, write, "PATCH", lasts=lasts)
    if row.read is RECOVERS and not lasts:
        # Twice if the first request took effect too.
        assert 1 <= harness.sandbox.executions["update_integration_field"] <= 1 + row.ran
        fields = await harness.client.iter_integration_fields().collect()
        assert next(one for one in fields if one.id == field).is_passthrough_enabled


async def list_with_fault(harness: Harness, row: Row, *, lasts: bool) -> None:
    """Inject the fault into the second page of three; after an error, its cursor leads to the missing records."""
    whole = await field_ids(harness.sandbox)
    seen: list[str] = []
    error: errors.KomboError | None = None
    async with asyncio.timeout(HANG_TIMEOUT), row.injector.on(harness, "GET", after=1, times=math.inf if lasts else 1):
        try:
            async for field in harness.client.iter_integration_fields(page_size=2):
                seen.append(field.id)  # noqa: PERF401 - the list must hold those before an error
        except errors.KomboError as raised:
            error = raised
    assert (error is None) is (row.read is RECOVERS and not lasts)
    if error is not None:
        assert type(error) is row.error
        check(error, row, retried=row.read is RECOVERS, changes=False)
        assert seen == whole[:2]
        assert error.cursor is not None
        rest = harness.client.iter_integration_fields(page_size=2, cursor=error.cursor)
        seen += [field.id async for field in rest]
    assert seen == whole


KINDS = (read_with_fault, action_with_fault, setting_with_fault, list_with_fault)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_each_kind_of_call_survives_one_fault_and_reports_one_that_lasts(row: Row, other_host: Sandbox) -> None:
    """Each kind of call has a client and a sandbox of its own, so that all wait at the same time."""

    async def one(kind: Callable[..., Awaitable[None]], *, lasts: bool) -> None:
        try:
            # A limit that the client has learned would slow down later calls.
            async with running_harness(
                row.injector, other_host, retry=PATIENT, timeouts=row.timeouts, limits=Limits.off()
            ) as harness:
                await kind(harness, row, lasts=lasts)
        except BaseException as error:
            error.add_note(f"{kind.__name__}, {'in every request' if lasts else 'once'}")
            raise

    async with asyncio.TaskGroup() as tasks:
        for kind in KINDS:
            for lasts in (False, True) if row.lasts else (False,):
                tasks.create_task(one(kind, lasts=lasts))


async def test_client_with_learned_limits_survives_every_fault(other_host: Sandbox) -> None:
    """A client with limits waits after a fault; to save time, all rows wait at the same time."""

    async def one(row: Row) -> None:
        try:
            async with running_harness(
                row.injector, other_host, retry=PATIENT, timeouts=row.timeouts, limits=Limits()
            ) as harness:
                await list_with_fault(harness, row, lasts=False)
                await expect(harness, row, row.action, act, "POST", lasts=False)
        except BaseException as error:
            error.add_note(f"row: {row.name}")
            raise

    # After a refusal for hours, such a client sends nothing for two minutes: see tests/unit/test_pauses.py.
    rows = [row for row in ROWS if not row.name.endswith(("10 hours", "a date tomorrow"))]
    # While many rows keep the event loop busy, a good response could exceed short timeouts: these rows run afterwards.
    for short_timeouts in (False, True):
        async with asyncio.TaskGroup() as tasks:
            for row in rows:
                if (row.timeouts != LONG_TIMEOUTS) is short_timeouts:
                    tasks.create_task(one(row))


def test_table_is_valid_markdown_with_unique_names() -> None:
    lines = markdown().splitlines()
    assert len(lines) == 2 + len(ROWS)
    assert {line.count("|") for line in lines} == {7}
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert {row.read for row in ROWS} == {RECOVERS, RAISES}
