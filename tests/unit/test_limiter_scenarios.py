"""How close the limiter comes to what servers allow, and how often they refuse it, in virtual time."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define

from kombo_async.config import Limits
from kombo_async.engine.limiter import Limiter

from ..support.limited_servers import Bucket, Slots, Window, call
from ..support.virtual_time import run

pytestmark = pytest.mark.usefixtures("timers")


@define
class Scenario:
    server: Callable[[], Any]
    calls: int
    optimum: float
    slower: float
    refused: float
    action: bool = False
    clients: int = 1
    latency: float = 0.002


SCENARIOS = {
    "window": Scenario(lambda: Window(60, 2), 300, 8.0, 1.15, 0.01),
    "window of a minute": Scenario(lambda: Window(300, 60), 1_500, 240.0, 1.15, 0.01),
    "window that rounds down": Scenario(lambda: Window(60, 2, rounds=int), 300, 8.0, 1.15, 0.01),
    "in the middle of a window": Scenario(lambda: Window(60, 2, begins=0.7), 300, 7.3, 1.15, 0.01),
    "window far away": Scenario(lambda: Window(60, 2), 300, 8.0, 1.3, 0.01, latency=0.15),
    "bucket": Scenario(lambda: Bucket(200, 200), 2_000, 9.0, 1.15, 0.01),
    "small bucket": Scenario(lambda: Bucket(50, 10), 500, 9.8, 1.15, 0.01),
    "bucket that only refuses": Scenario(
        lambda: Bucket(50, 10, headers=False, retry_after=1), 500, 9.8, 1.6, (10 + 0.02 * 500) / 500
    ),
    "slots": Scenario(lambda: Slots(30), 500, 1.7, 1.15, 0.0, action=True),
    "few slots": Scenario(lambda: Slots(5), 100, 2.0, 1.15, 0.0, action=True),
    "slots without headers of a rate limit": Scenario(
        lambda: Slots(30, rate_headers=False), 400, 1.4, 1.15, 0.0, action=True
    ),
    "shared slots": Scenario(lambda: Slots(30), 300, 3.0, 1.8, 0.10, action=True, clients=3),
    "shared window": Scenario(lambda: Window(60, 2), 100, 8.0, 1.6, 0.15, clients=3),
    "shared window of a slow server": Scenario(lambda: Window(60, 2), 100, 8.0, 1.6, 0.15, clients=3, latency=0.01),
    "shared window far away": Scenario(lambda: Window(300, 60), 400, 180.0, 1.15, 0.15, clients=3, latency=0.05),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_takes_near_optimal_time_with_few_refusals(name: str) -> None:
    scenario = SCENARIOS[name]

    async def main(server: Any) -> float:
        loop = asyncio.get_running_loop()
        limiters = [Limiter(Limits()) for _ in range(scenario.clients)]
        began = loop.time()
        await asyncio.gather(
            *(
                call(limiter, server, "one", action=scenario.action, latency=scenario.latency * (1 + number / 10))
                for number, limiter in enumerate(limiters)
                for _ in range(scenario.calls)
            )
        )
        assert not any(limiter._concurrency_limits for limiter in limiters)
        return loop.time() - began

    # Waits after a refusal are random, and several clients are refused often.
    seeds = range(3 if scenario.clients > 1 else 1)
    took, refused = 0.0, 0
    for seed in seeds:
        random.seed(seed)
        server = scenario.server()
        took += run(main(server))
        refused += server.refused
    assert took / len(seeds) / scenario.optimum <= scenario.slower
    assert refused / len(seeds) / (scenario.calls * scenario.clients) <= scenario.refused
