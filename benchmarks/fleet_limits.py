"""Limits that several processes share: total time over the optimum, and refused requests."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

from attrs import frozen

from kombo_async import KomboClient, Limits
from kombo_async.fleet import SharedLimits

from .fleet_processes import Row
from .limits import INTEGRATION, serving


@frozen(kw_only=True)
class Shared:
    """One line of the table."""

    name: str
    server: tuple[str, dict[str, Any]]
    calls: int
    """Calls of each process."""
    optimum: float
    slower: float
    refused: float
    action: bool = False


SCENARIOS = [
    Shared(name="300 requests in 10 s, 3 processes, 1,200 requests", server=("window", {"limit": 300, "seconds": 10.0}),
           calls=400, optimum=30.0, slower=1.08, refused=0.01),
    Shared(name="30 action slots, 3 processes, 900 actions", server=("slots", {"size": 30}), calls=300, optimum=3.0,
           slower=1.15, refused=0.01, action=True),
]  # fmt: skip
QUICK = [
    Shared(name="60 requests in 2 s, 3 processes, 240 requests", server=("window", {"limit": 60, "seconds": 2.0}),
           calls=80, optimum=6.0, slower=1.15, refused=0.02),
    SCENARIOS[1],
]  # fmt: skip


async def _work(base_url: str, url: str | None, calls: int, action: bool, starts_at: float) -> tuple[float, int]:
    limits = Limits(shared=None if url is None else SharedLimits(url))
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            KomboClient("key", base_url=base_url, integration_id=INTEGRATION, limits=limits)
        )
        await asyncio.sleep(max(0.0, starts_at - time.time()))

        async def call() -> None:
            if action:
                await client.send_passthrough_request("personio", "personnel", "POST", "/x")
            else:
                await client.check_api_key()

        began = time.perf_counter()
        results = await asyncio.gather(*(call() for _ in range(calls)), return_exceptions=True)
        return time.perf_counter() - began, sum(isinstance(each, BaseException) for each in results)


def _process(arguments: tuple[Any, ...]) -> tuple[float, int]:
    return asyncio.run(_work(*arguments))


def measure(scenario: Shared, url: str | None, processes: int = 3) -> tuple[float, int, int]:
    """Return the seconds of the slowest process, and the numbers of refused requests and of failed calls."""
    os.environ.pop("KOMBO_API_KEY", None)
    with serving(*scenario.server) as (base_url, refused):
        given = (base_url, url, scenario.calls, scenario.action, time.time() + 4.0)
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            results = pool.map_async(_process, [given] * processes, chunksize=1).get(120)
        return max(seconds for seconds, _ in results), refused(), sum(failed for _, failed in results)


def measure_all(url: str, *, quick: bool) -> Iterator[Row]:
    """Measure each scenario, with limits of each process alone and with shared ones."""
    for scenario in QUICK if quick else SCENARIOS:
        (seconds, refused, failed), alone = measure(scenario, url), measure(scenario, None)
        calls, ratio = 3 * scenario.calls, seconds / scenario.optimum
        yield Row(
            title=scenario.name,
            found=f"× {ratio:.3f} of the optimum, {refused / calls:.1%} refused, {failed} failed; each its own limits: "
            f"× {alone[0] / scenario.optimum:.3f}, {alone[1] / calls:.1%}",
            bound=f"≤ {scenario.slower:g}, ≤ {scenario.refused:.0%}, 0",
            holds=ratio <= scenario.slower and refused <= scenario.refused * calls and not failed,
        )
