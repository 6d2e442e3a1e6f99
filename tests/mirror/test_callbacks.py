"""What becomes of a refresh whose `on_change` does not end as it should."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from .harness import Harness


async def test_on_change_that_awaits_a_cancelled_task_fails_this_refresh_alone(harness: Harness) -> None:
    await harness.fill(3)

    async def on_change(connection: Any, changes: Sequence[Any]) -> None:
        sleeping = asyncio.ensure_future(asyncio.sleep(60))
        sleeping.cancel()
        await sleeping

    await harness.reopen(on_change=on_change)
    harness.put(1, name="Changed")
    [result] = await asyncio.wait_for(harness.results(), 30)
    assert "cancelled" in str(result.error)
    row = await harness.status()
    assert (row.failures, row.holder) == (1, None)
    await harness.reopen()
    assert (await harness.refresh()).updated == 1
    await harness.assert_equal()


async def test_exception_of_on_change_that_ends_programs_reaches_the_caller(harness: Harness) -> None:
    await harness.fill(3)

    class EndedError(BaseException):
        pass

    async def on_change(connection: Any, changes: Sequence[Any]) -> None:
        raise EndedError

    await harness.reopen(on_change=on_change)
    harness.put(1, name="Changed")
    with pytest.raises(EndedError):
        await asyncio.wait_for(harness.results(), 30)
    assert (await harness.status()).holder is None
    await harness.reopen()
    assert (await harness.refresh()).updated == 1
