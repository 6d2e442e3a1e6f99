"""`python -m benchmarks.mechanisms`: what each mechanism of the engine saves, with it and without it.

The docstrings of the mechanisms quote this table. Each one is switched off in turn, in this process, in rounds; the
median of the ratios counts. CPU time is that of the client: the server is another process.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from statistics import median
from typing import Any
from unittest.mock import patch

from attrs import frozen

from kombo_async import KomboClient, Limits, RetryPolicy
from kombo_async.engine import call, codec, pages
from kombo_async.engine.deadlines import PendingRequest, Watchdog
from kombo_async.engine.limiter import limiter, rate_limit
from kombo_async.engine.limiter.page_limit import PageLimit
from kombo_async.engine.transport import transport
from kombo_async.models.hris import Employee, NewAbsence

from . import machine, report, results
from .data import employee_rows
from .limits import INTEGRATION, SCENARIOS, serving
from .runner import python, server

LATENCY = 1.0
"""Seconds of latency of the distant server, for the page limit."""


class TimersOfRequests(Watchdog):
    """Two timers for each request, of its deadline and of its idle timeout, as aiohttp sets them."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._timers: dict[int, tuple[asyncio.TimerHandle, ...]] = {}

    def add(self, deadline: float, idle_timeout: float, outgoing: Any, now: float) -> PendingRequest:
        task = asyncio.current_task(self._loop)
        assert task is not None
        request = PendingRequest(task, task.cancelling(), deadline, idle_timeout, now, outgoing)
        ends = (deadline, now + min(idle_timeout, 3_600.0))
        self._timers[id(request)] = tuple(self._loop.call_at(end, task.cancel) for end in ends)
        self._requests.add(request)
        return request

    def remove(self, request: PendingRequest) -> None:
        for timer in self._timers.pop(id(request)):
            timer.cancel()
        super().remove(request)


Work = Callable[[KomboClient], Awaitable[object]]


@frozen(kw_only=True)
class Mechanism:
    """One mechanism, and the work that it is measured with."""

    name: str
    work: Work
    off: Callable[[], AbstractContextManager[Any]]
    rounds: int = 9
    metric: str = "CPU"
    """`CPU` or `wall` seconds."""
    server: tuple[str, dict[str, Any]] | None = None
    """The server of `benchmarks.limit_servers`, if it is not that of pages."""
    far: bool = False


async def one_item_calls(client: KomboClient) -> None:
    for _ in range(300):
        await client.iter_integration_fields(page_size=100).first_page()


async def large_pages(client: KomboClient) -> None:
    view = client.for_integration(f"{INTEGRATION}-100000")
    async for _ in view.iter_integration_fields(page_size=2_000).pages():
        pass


async def actions(client: KomboClient) -> None:
    absence = NewAbsence(employee_id="e", absence_type_id="t", start_date=date(2026, 1, 1), end_date=date(2026, 1, 2),
                         employee_note="x")  # fmt: skip
    for _ in range(300):
        await client.hris.create_absence(absence)


async def _lists(client: KomboClient, count: int, size: int, total: int) -> None:
    async def read(number: int) -> None:
        view = client.for_integration(f"{INTEGRATION}{number}-{total}")
        async for _ in view.iter_integration_fields(page_size=size).pages():
            pass

    await asyncio.gather(*map(read, range(count)))


async def many_lists(client: KomboClient) -> None:
    await _lists(client, 50, 100, 5_000)


async def far_lists(client: KomboClient) -> None:
    await _lists(client, 50, 2_000, 16_000)


async def decoding(_: KomboClient) -> None:
    body = f'{{"status":"success","data":{{"results":[{employee_rows(0, 200)}],"next":null}}}}'.encode()
    heap = [[number] for number in range(300_000)]
    kept = [pages.decode_page(body, Employee) for _ in range(40)]
    del heap, kept


async def bucket(client: KomboClient) -> None:
    await asyncio.gather(*(client.check_api_key() for _ in range(500)))


def _without_adaptive_rate(self: rate_limit.RateLimit, limits: Limits) -> None:
    _init(self, limits)
    self._adaptive_rate = None


_init = rate_limit.RateLimit.__init__
_ONLY_RETRY_AFTER = next(each for each in SCENARIOS if "only Retry-After" in each.name)

MECHANISMS = [
    Mechanism(name="one timer: one-item calls", work=one_item_calls,
              off=lambda: patch.object(transport, "Watchdog", TimersOfRequests)),
    Mechanism(name="one timer: actions", work=actions,
              off=lambda: patch.object(transport, "Watchdog", TimersOfRequests)),
    Mechanism(name="no check of flat bodies: actions", work=actions,
              off=lambda: patch.object(codec, "_is_flat", lambda *_: False)),
    Mechanism(name="receive on heap: 50 pages × 2,000", work=large_pages,
              off=lambda: patch.object(transport, "_FREED_BLOCK", 0)),
    Mechanism(name="read ahead only when idle: 50 lists", work=many_lists,
              off=lambda: patch.object(call.CallExecutor, "is_busy", lambda _: False)),
    Mechanism(name="no garbage collection: pages that are kept", work=decoding,
              off=lambda: patch.object(pages, "_LARGE", 1 << 60)),
    Mechanism(name="page limit adapts: 50 lists, 1 s away", work=far_lists, metric="wall", rounds=1, far=True,
              off=lambda: patch.object(limiter, "PageLimit", lambda _: PageLimit(16))),
    Mechanism(name="adaptive rate: only Retry-After", work=bucket, metric="wall", rounds=1,
              server=_ONLY_RETRY_AFTER.server,
              off=lambda: patch.object(rate_limit.RateLimit, "__init__", _without_adaptive_rate)),
]  # fmt: skip


def _measure(number: int, active: bool, base_url: str) -> float:
    """Return the seconds of the work in a process of its own: the allocator remembers what a process did before."""
    return float(python("-m", "benchmarks.mechanisms", "--measure", str(number), str(int(active)), base_url).stdout)


def _measure_here(mechanism: Mechanism, active: bool, base_url: str) -> float:
    """Return the seconds of the work."""

    async def run() -> float:
        # Calls that are refused are repeated until they succeed, however often.
        retry = RetryPolicy(attempts=1_000)
        async with KomboClient("key", base_url=base_url, integration_id=f"{INTEGRATION}-100", retry=retry) as client:
            if mechanism.metric != "wall":
                await mechanism.work(client)
            gc.collect()
            now = time.process_time if mechanism.metric == "CPU" else time.perf_counter
            before = now()
            await mechanism.work(client)
            return now() - before

    with nullcontext() if active else mechanism.off():
        return asyncio.run(run())


@contextmanager
def _served(mechanism: Mechanism, base_url: str) -> Iterator[str]:
    if mechanism.server is None:
        yield base_url.replace("/v1", "/far/v1") if mechanism.far else base_url
        return
    with serving(*mechanism.server) as (own_url, _):
        yield own_url


HEADS = ("mechanism: work", "metric", "with", "without", "without / with")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mechanisms", description=__doc__)
    parser.add_argument("--only", default="", help="only the mechanisms with this in their name")
    parser.add_argument("--write", action="store_true", help="also write the section into RESULTS.md")
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        number, active, base_url = given.measure
        machine.pin(machine.cores()[0])
        print(_measure_here(MECHANISMS[int(number)], active == "1", base_url))
        return
    if given.write and given.only:
        parser.error("--write needs all rows")
    print("\n".join(machine.description()))
    line, rows = "{:<40} {:<7} {:>10} {:>10}  {}", list[tuple[str, ...]]()
    print(line.format(*HEADS))
    with server("benchmarks.server", "--far", str(LATENCY)) as base_url:
        for number, mechanism in enumerate(MECHANISMS):
            if given.only not in mechanism.name:
                continue
            taken: dict[bool, list[float]] = {True: [], False: []}
            for _ in range(mechanism.rounds):
                for active in (True, False):
                    with _served(mechanism, base_url) as url:
                        taken[active].append(_measure(number, active, url))
            ratio = median(off / on for on, off in zip(taken[True], taken[False], strict=True))
            cells = [f"{median(values):,.3f}" for values in taken.values()]
            rows.append((mechanism.name, mechanism.metric, *cells, f"{ratio:.2f}"))
            print(line.format(*rows[-1]), flush=True)
    if given.write:
        results.write_section("Mechanisms", report.section((*HEADS, ""), [(*row, "") for row in rows]))


if __name__ == "__main__":
    main()
