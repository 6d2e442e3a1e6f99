"""Every row of the table, for each kind of call, where the fault strikes once and where it lasts."""

from __future__ import annotations

import asyncio
import copy
import math
import pickle
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from typing import Any

import attrs
import pytest

from kombo_async import KomboClient, Limits, RetryPolicy, Timeouts, errors
from kombo_async.sandbox import Sandbox

from .strikes import Bed, bed_for
from .table import RAISES, RECOVERS, ROWS, UNKNOWN, Row, Then, markdown

ATTEMPTS = 4
PATIENT = RetryPolicy(attempts=ATTEMPTS, first_wait=0.01, longest_wait=0.02)
HANG = 30
"""Seconds after which something hangs."""

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
quick_rows = pytest.mark.parametrize("row", [row for row in ROWS if row.wait < 0.3], ids=lambda row: row.name)
"""The others wait as long here, and all together at the end."""
lasting_rows = pytest.mark.parametrize("row", [row for row in ROWS if row.lasts], ids=lambda row: row.name)


@pytest.fixture
async def bed(row: Row) -> AsyncIterator[Bed]:
    # What a limit teaches a client would slow down what comes after it.
    async with bed_for(row.strike, retry=PATIENT, timeouts=row.timeouts, limits=Limits.off()) as bed:
        yield bed
        assert not bed.elsewhere.requests


async def field_ids(sandbox: Sandbox) -> list[str]:
    """Return what a list that nothing befalls gives."""
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
        ids = [field.id for field in await client.iter_integration_fields(sandbox.integration_id).collect()]
    sandbox.requests.clear()
    return ids


def read(bed: Bed, row: Row) -> Awaitable[Any]:
    return bed.client.get_integration()


def act(bed: Bed, row: Row) -> Awaitable[Any]:
    data = {"note": "x" * (1 << 23 if row.large else 1)}
    return bed.client.send_passthrough_request("personio", "personnel", "POST", "/company/time-offs", data=data)


def check(error: errors.KomboError, row: Row, *, retried: bool, changes: bool) -> None:
    """Look whether an error says all that it should."""
    text = str(error)
    assert row.words in text
    if row.large and error.method == "PATCH":
        # So small a request may have been written before the reset arrived: asyncio and uvloop differ.
        assert isinstance(error.may_have_run, bool)
    else:
        assert error.may_have_run is (changes and row.may_have_run)
    assert error.attempts == (ATTEMPTS if retried else 1)
    assert (f"after {ATTEMPTS} attempts" in text) is retried
    assert f"{error.method} {error.path}" in text
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(twin), str(twin), vars(twin)) == (type(error), text, vars(error))


def waited(bed: Bed, method: str) -> float:
    """Return the shortest time between two requests of this kind."""
    times = [request.time for request in bed.sandbox.requests if request.method == method]
    return min(later - earlier for earlier, later in pairwise(times))


async def expect(
    bed: Bed, row: Row, then: Then, call: Callable[[Bed, Row], Awaitable[Any]], method: str, *, lasts: bool
) -> None:
    """Strike one call, once or for ever, and see that *then* is what becomes of it."""
    changes = method != "GET"
    async with asyncio.timeout(HANG), row.strike.on(bed, method, after=0, times=math.inf if lasts else 1):
        bed.sandbox.requests.clear()
        if then is RECOVERS and not lasts:
            assert await call(bed, row)
            assert not row.wait or waited(bed, method) >= row.wait
        elif then is UNKNOWN:
            with pytest.raises(errors.OutcomeUnknownError, match="look before you repeat it") as raised:
                await call(bed, row)
            check(raised.value, row, retried=False, changes=changes)
            assert type(raised.value.__cause__) is row.error
        else:
            with pytest.raises(row.error) as raised_as_it_is:
                await call(bed, row)
            assert type(raised_as_it_is.value) is row.error
            check(raised_as_it_is.value, row, retried=then is RECOVERS, changes=changes)
    # Whatever happened: no other request was made of it, and the client goes on to work.
    assert {request.method for request in bed.sandbox.requests} <= {method}
    async with asyncio.timeout(HANG):
        assert (await bed.client.check_api_key()).environment_id


@rows
async def test_a_read(bed: Bed, row: Row) -> None:
    await expect(bed, row, row.read, read, "GET", lasts=False)


@lasting_rows
async def test_a_read_when_it_lasts(bed: Bed, row: Row) -> None:
    await expect(bed, row, row.read, read, "GET", lasts=True)


@rows
async def test_an_action(bed: Bed, row: Row) -> None:
    await expect(bed, row, row.action, act, "POST", lasts=False)
    assert bed.sandbox.executions["send_passthrough_request"] == (1 if row.action is RECOVERS else int(row.ran))


@lasting_rows
async def test_an_action_when_it_lasts(bed: Bed, row: Row) -> None:
    await expect(bed, row, row.action, act, "POST", lasts=True)
    assert bed.sandbox.executions["send_passthrough_request"] == int(row.ran)


@quick_rows
async def test_a_setting(bed: Bed, row: Row) -> None:
    await setting(bed, row, lasts=False)


@lasting_rows
async def test_a_setting_when_it_lasts(bed: Bed, row: Row) -> None:
    await setting(bed, row, lasts=True)


async def setting(bed: Bed, row: Row, *, lasts: bool) -> None:
    field = (await field_ids(bed.sandbox))[0]

    def write(bed: Bed, row: Row) -> Awaitable[Any]:
        return bed.client.update_integration_field(field, enable_passthrough=True)

    await expect(bed, row, row.read, write, "PATCH", lasts=lasts)
    if row.read is RECOVERS and not lasts:
        # Twice the same, where the first one ran too.
        assert 1 <= bed.sandbox.executions["update_integration_field"] <= 1 + row.ran
        fields = await bed.client.iter_integration_fields().collect()
        assert next(one for one in fields if one.id == field).is_passthrough_enabled


@quick_rows
async def test_a_list(bed: Bed, row: Row) -> None:
    await three_pages(bed, row, lasts=False)


@lasting_rows
async def test_a_list_when_it_lasts(bed: Bed, row: Row) -> None:
    await three_pages(bed, row, lasts=True)


async def three_pages(bed: Bed, row: Row, *, lasts: bool) -> None:
    """Strike the second page of three; what is missing after an error comes from its cursor on."""
    whole = await field_ids(bed.sandbox)
    seen: list[str] = []
    error: errors.KomboError | None = None
    async with asyncio.timeout(HANG), row.strike.on(bed, "GET", after=1, times=math.inf if lasts else 1):
        try:
            async for field in bed.client.iter_integration_fields(page_size=2):
                seen.append(field.id)  # noqa: PERF401 - some are seen before it raises
        except errors.KomboError as raised:
            error = raised
    assert (error is None) is (row.read is RECOVERS and not lasts)
    if error is not None:
        assert type(error) is row.error
        check(error, row, retried=row.read is RECOVERS, changes=False)
        assert seen == whole[:2]
        assert error.cursor is not None
        rest = bed.client.iter_integration_fields(page_size=2, cursor=error.cursor)
        seen += [field.id async for field in rest]
    assert seen == whole


def unhurried(timeouts: Timeouts) -> Timeouts:
    """Return time-outs that a fault still exceeds, and a good answer does not, however busy the event loop is."""
    names = ("idle", "read_deadline", "action_deadline")
    return attrs.evolve(timeouts, **{name: max(getattr(timeouts, name) or 0, 3) for name in names})


async def test_all_at_once_with_limits_that_are_learned() -> None:
    """What a client learns from a fault for the next request costs time, so here all rows wait together."""

    async def one(row: Row) -> None:
        try:
            async with bed_for(row.strike, retry=PATIENT, timeouts=unhurried(row.timeouts), limits=Limits()) as bed:
                await three_pages(bed, row, lasts=False)
                await expect(bed, row, row.action, act, "POST", lasts=False)
        except BaseException as error:
            error.add_note(f"row: {row.name}")
            raise

    # After a refusal for hours, such a client sends nothing for two minutes: see tests/unit/test_pauses.py.
    await asyncio.gather(*(one(row) for row in ROWS if not row.name.endswith(("10 hours", "a date too far"))))


def test_the_table_can_be_read() -> None:
    lines = markdown().splitlines()
    assert len(lines) == 2 + len(ROWS)
    assert {line.count("|") for line in lines} == {7}
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert {row.read for row in ROWS} == {RECOVERS, RAISES}
