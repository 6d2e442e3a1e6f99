"""Single reads with `priority="interactive"` beside 40 syncs on one rate limit, in a row of the table."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from attrs import frozen

from kombo_async import KomboClient, Priority

from .limits import INTEGRATION, serving
from .report import Line, RowSummary, Verdict
from .runner import Sample, Samples, python
from .variants import OURS

_SYNCS = 40
_USED = 0.8
"""Part of the tenth that is kept which the interactive calls use."""
_WARM_UP = 2
"""Windows before reads count: room is kept once there are interactive calls, and those of the first window wait."""
_ALONE, _BULK = "bulk alone", "same priority"


async def _read(client: KomboClient, warm_up: float, seconds: float, pause: float, latencies: list[float]) -> None:
    """Read one thing at a random moment of each *pause*; after *warm_up*, add the seconds that each took."""

    async def one() -> None:
        began = time.perf_counter()
        await client.check_api_key()
        if began >= counts_from:
            latencies.append(time.perf_counter() - began)

    counts_from = time.perf_counter() + warm_up
    ends_at = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        while time.perf_counter() < ends_at:
            at = random.random() * pause
            await asyncio.sleep(at)
            group.create_task(one())
            await asyncio.sleep(pause - at)


async def _load(base_url: str, limit: int, window: float, seconds: float, priority: Priority | None) -> Sample:
    latencies: list[float] = []
    bulk = 0

    async def sync(client: KomboClient) -> None:
        nonlocal bulk
        while True:
            await client.check_api_key()
            bulk += 1

    async with KomboClient("key", base_url=base_url) as client:
        syncs = [
            asyncio.create_task(sync(client.for_integration(f"{INTEGRATION}{number}"))) for number in range(_SYNCS)
        ]
        if priority is None:
            await asyncio.sleep(seconds)
        else:
            pause = window / (_USED * limit / 10)
            await _read(client.with_options(priority=priority), _WARM_UP * window, seconds, pause, latencies)
        for task in syncs:
            task.cancel()
        await asyncio.gather(*syncs, return_exceptions=True)
    return {"bulk": bulk, "latencies": latencies}


@frozen(kw_only=True)
class InteractiveBesideBulk:
    """How long single reads wait beside bulk work, and what it costs the bulk work."""

    name: str
    title: str
    limit: int
    """Requests of a rate window."""
    window: float
    """Seconds of a rate window."""
    windows: int
    """How many of them a run takes."""
    upper_bound: float
    """Milliseconds that 99 of 100 reads take at most."""
    max_lost: float
    """The part of the bulk throughput that may be lost."""
    contenders: Sequence[str] = (OURS, _BULK, _ALONE)
    rounds: Mapping[str, int] = {OURS: 3, _BULK: 1, _ALONE: 3}

    def sample(self, contender: str, base_url: str) -> Sample:  # noqa: ARG002
        """Run a server with a limit, and a client in a process of its own."""
        priority = {OURS: "interactive", _BULK: "bulk", _ALONE: "none"}[contender]
        # The bulk of a window is sent at its start: the run ends just before the next one.
        seconds = (self.windows - 0.05) * self.window
        with serving("window", {"limit": self.limit, "seconds": self.window}) as (server_url, refused):
            arguments = map(str, (server_url, self.limit, self.window, seconds, priority))
            sample: Sample = json.loads(python("-m", "benchmarks.interactive", *arguments).stdout)
            return {**sample, "refused": refused()}

    def summary(self, samples: Samples) -> RowSummary:
        """Summarise the samples."""
        alone = median(sample["bulk"] for sample in samples[_ALONE])
        lines: list[Line] = []
        for who in (OURS, _BULK):
            latencies = [latency for sample in samples[who] for latency in sample["latencies"]]
            p99 = quantiles(latencies, n=100)[98] * 1e3
            lost = 1 - median(sample["bulk"] for sample in samples[who]) / alone
            refused = sum(sample["refused"] for sample in samples[who])
            verdicts = [
                Verdict(value=p99, limit=self.upper_bound, unit="ms, p99"),
                Verdict(value=max(lost, 0.0), limit=self.max_lost, unit="of the bulk throughput lost"),
            ]
            windows = (self.windows - _WARM_UP) * len(samples[who])
            each = f"{len(latencies)} reads in {windows} windows, {refused} requests refused"
            lines.append(
                Line(
                    who=who,
                    figure=f"p99 {p99:.3g} ms, bulk × {1 - lost:.2f}",
                    each=each,
                    rounds=len(samples[who]),
                    verdicts=verdicts if who == OURS else [],
                )
            )
        return RowSummary(name=self.name, title=self.title, lines=lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interactive")
    parser.add_argument("base_url")
    parser.add_argument("limit", type=int)
    parser.add_argument("window", type=float)
    parser.add_argument("seconds", type=float)
    parser.add_argument("priority", choices=["interactive", "bulk", "none"])
    given = parser.parse_args()
    chosen = None if given.priority == "none" else given.priority
    print(json.dumps(asyncio.run(_load(given.base_url, given.limit, given.window, given.seconds, chosen))))
