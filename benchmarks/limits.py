"""`python -m benchmarks.limits`: total time over the optimum, and refused requests, on servers with limits.

Every run starts cold. The optimum is the time of a client that knows the limit and loses no time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from attrs import frozen

from kombo_async import KomboClient, Limits

from . import machine, report, results

LONGEST = 30.0
SLOTS = 30
SEMAPHORE = "Limits.off(), semaphore"
INTEGRATION = "personio:HWUTwvyx2wLoSUHphiWVrp28"


@frozen(kw_only=True)
class Scenario:
    """One line of the table."""

    name: str
    server: tuple[str, dict[str, Any]]
    calls: int
    """Calls of each process."""
    optimum: float
    formula: str
    slower: float
    refused: float
    """The fraction of all calls that may be refused."""
    action: bool = False
    processes: int = 1
    of_semaphore: float | None = None
    """In place of `slower`: the bound of the ratio to a semaphore of the right size in the same rounds. How long so
    short a run takes depends on the speed of the machine as much as on the limiter."""


SCENARIOS = [
    Scenario(name="fixed window, 60 in 2 s", server=("window", {"limit": 60, "seconds": 2.0}), calls=300,
             optimum=8.0, formula="(300 / 60 - 1) × 2 s", slower=1.15, refused=0.01),
    Scenario(name="the same, begun 0.7 s ago", server=("window", {"limit": 60, "seconds": 2.0, "begins": 0.7}),
             calls=300, optimum=7.3, formula="(300 / 60 - 1) × 2 s - 0.7 s", slower=1.15, refused=0.01),
    Scenario(name="bucket, 200/s, burst 200", server=("bucket", {"rate": 200, "burst": 200}), calls=2_000,
             optimum=9.0, formula="(2,000 - 200) / 200/s", slower=1.15, refused=0.01),
    Scenario(name="bucket, 50/s, burst 10", server=("bucket", {"rate": 50, "burst": 10}), calls=500,
             optimum=9.8, formula="(500 - 10) / 50/s", slower=1.15, refused=0.01),
    Scenario(name="the same, only Retry-After: 1",
             server=("bucket", {"rate": 50, "burst": 10, "headers": False, "retry_after": 1}),
             calls=500, optimum=9.8, formula="(500 - 10) / 50/s", slower=1.6, refused=20 / 500),
    Scenario(name="30 actions of 0.1 s at once", server=("slots", {"size": SLOTS}), calls=500, action=True,
             optimum=1.7, formula="17 waves × 0.1 s", slower=1.15, refused=0.0),
    Scenario(name="the same, no ratelimit-*", server=("slots", {"size": SLOTS, "rate_headers": False}), calls=400,
             action=True, optimum=1.4, formula="14 waves × 0.1 s", slower=1.15, refused=0.0,
             of_semaphore=1.15 / 1.07),
    Scenario(name="5 actions of 0.1 s at once", server=("slots", {"size": 5}), calls=100, action=True,
             optimum=2.0, formula="20 waves × 0.1 s", slower=1.15, refused=0.25),
    Scenario(name="30 at once, 3 processes", server=("slots", {"size": SLOTS}), calls=300, action=True, processes=3,
             optimum=3.0, formula="30 waves × 0.1 s", slower=1.8, refused=0.10),
    Scenario(name="60 in 2 s, 3 processes", server=("window", {"limit": 60, "seconds": 2.0}), calls=100, processes=3,
             optimum=8.0, formula="(300 / 60 - 1) × 2 s", slower=1.6, refused=0.15),
]  # fmt: skip


@contextmanager
def serving(kind: str, arguments: dict[str, Any]) -> Iterator[tuple[str, Callable[[], int]]]:
    """Start a server; give its address, and a function that stops it and returns how many requests it refused."""
    command = [sys.executable, "-m", "benchmarks.limit_servers", kind, json.dumps(arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        out = process.stdout
        try:
            yield f"http://127.0.0.1:{out.readline().strip()}/v1", lambda: int(process.communicate()[0])
        finally:
            process.kill()


async def _ours(stack: AsyncExitStack, base_url: str, *, action: bool, limits: Limits) -> Callable[[], Awaitable[Any]]:
    client = await stack.enter_async_context(
        KomboClient("key", base_url=base_url, integration_id=INTEGRATION, limits=limits)
    )
    if action:
        return lambda: client.send_passthrough_request("personio", "personnel", "POST", "/x")
    check: Callable[[], Awaitable[Any]] = client.check_api_key
    return check


async def _official(
    stack: AsyncExitStack, base_url: str, *, action: bool, patient: bool
) -> Callable[[], Awaitable[Any]]:
    from kombo import Kombo
    from kombo.utils import BackoffStrategy, RetryConfig

    retry = RetryConfig("backoff", BackoffStrategy(500, 60_000, 1.5, 3_600_000), retry_connection_errors=True)
    client: Any = Kombo(
        api_key="key", server_url=base_url, integration_id=INTEGRATION, retry_config=retry if patient else None
    )
    await stack.enter_async_context(client)
    if action:
        return lambda: client.general.send_passthrough_request_async(
            tool="personio", api="personnel", method="POST", path="/x"
        )
    check: Callable[[], Awaitable[Any]] = client.general.check_api_key_async
    return check


async def _semaphore(stack: AsyncExitStack, base_url: str, *, action: bool) -> Callable[[], Awaitable[Any]]:
    call = await _ours(stack, base_url, action=action, limits=Limits.off())
    semaphore = asyncio.Semaphore(SLOTS)

    async def limited() -> None:
        async with semaphore:
            await call()

    return limited


CLIENTS: dict[str, Callable[..., Awaitable[Callable[[], Awaitable[Any]]]]] = {
    "kombo_async": lambda *given, **options: _ours(*given, limits=Limits(), **options),
    SEMAPHORE: _semaphore,
    "Limits.off()": lambda *given, **options: _ours(*given, limits=Limits.off(), **options),
    "official": lambda *given, **options: _official(*given, patient=False, **options),
    "official, retries": lambda *given, **options: _official(*given, patient=True, **options),
}


async def _work(client: str, base_url: str, calls: int, action: bool) -> tuple[float, int]:
    """Make all calls at once; return the time they took and how many of them failed."""
    async with AsyncExitStack() as stack:
        call = await CLIENTS[client](stack, base_url, action=action)
        began = time.perf_counter()
        tasks = [asyncio.ensure_future(call()) for _ in range(calls)]
        done, late = await asyncio.wait(tasks, timeout=LONGEST)
        took = time.perf_counter() - began
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return took, len(late) + sum(task.exception() is not None for task in done)


def _process(arguments: tuple[str, str, int, bool, float, bool]) -> tuple[float, int]:
    *work, starts_at, alone = arguments
    if alone:
        machine.pin(machine.cores()[0])
    time.sleep(max(0.0, starts_at - time.time()))
    return asyncio.run(_work(*work))  # type: ignore[arg-type]


def measure(scenario: Scenario, client: str) -> tuple[float, int, int]:
    """Return the time of a run, and the numbers of refused requests and failed calls."""
    with serving(*scenario.server) as (base_url, refused):
        # The processes need time to start.
        alone = scenario.processes == 1
        given = (client, base_url, scenario.calls, scenario.action, time.time() + 2.0, alone)
        with multiprocessing.get_context("spawn").Pool(scenario.processes) as pool:
            running = pool.map_async(_process, [given] * scenario.processes, chunksize=1)
            try:
                results = running.get(2 * LONGEST)
            except multiprocessing.TimeoutError:
                # The official client takes minutes to cancel thousands of calls.
                return LONGEST, refused(), scenario.calls * scenario.processes
        return max(took for took, _ in results), refused(), sum(failed for _, failed in results)


def _rows(scenario: Scenario, rounds: int, *, alone: bool) -> Iterator[tuple[str, ...]]:
    """Measure a server with all clients; yield a line of the table for each of them."""
    repeated = ["kombo_async"] if scenario.of_semaphore is None else ["kombo_async", SEMAPHORE]
    runs: dict[str, list[tuple[float, int, int]]] = {client: [] for client in repeated}
    for _ in range(rounds):
        for client in repeated:
            runs[client].append(measure(scenario, client))
    if not alone:
        runs |= {client: [measure(scenario, client)] for client in CLIENTS if client not in (*repeated, SEMAPHORE)}
    for client, measured in runs.items():
        took, refused = statistics.median(run[0] for run in measured), statistics.median(run[1] for run in measured)
        name = bounds = verdict = ""
        if client == "kombo_async":
            name, slower, bound = scenario.name, took / scenario.optimum, f"≤ {scenario.slower}"
            if scenario.of_semaphore is not None:
                slower = statistics.median(a[0] / b[0] for a, b in zip(measured, runs[SEMAPHORE], strict=True))
                bound = f"{slower:.2f} ≤ {scenario.of_semaphore:.2f} of the semaphore"
            held = slower <= (scenario.of_semaphore or scenario.slower)
            held = held and refused / (scenario.calls * scenario.processes) <= scenario.refused
            bounds = f"{bound}, ≤ {scenario.refused:.0%} refused; {scenario.formula}"
            verdict = "yes" if held else "NO"
        failed = max(run[2] for run in measured)
        yield (
            *(name, client, f"{took:.2f}", f"{took / scenario.optimum:.2f}", f"{refused:.0f}", f"{failed}"),
            *(bounds, verdict),
        )


def cost(rounds: int) -> tuple[float, float]:
    """Return the microseconds of a call on a server without limits, and their difference to `Limits.off()`."""
    times: dict[str, list[float]] = {"kombo_async": [], "Limits.off()": []}
    with serving("free", {}) as (base_url, _):
        for _ in range(rounds):
            for client, taken in times.items():
                taken.append(asyncio.run(_thousand(client, base_url)) / 5_000 * 1e6)
    more = statistics.median(a - b for a, b in zip(*times.values(), strict=True))
    return statistics.median(times["kombo_async"]), more


async def _thousand(client: str, base_url: str) -> float:
    async with AsyncExitStack() as stack:
        call = await CLIENTS[client](stack, base_url, action=False)
        await call()

        async def five() -> None:
            for _ in range(5):
                await call()

        # The CPU time of the client alone: the server is another process.
        began = time.process_time()
        await asyncio.gather(*(five() for _ in range(1_000)))
        return time.process_time() - began


HEADS = ("server", "client", "seconds", "of the optimum", "refused", "failed", "bounds, and the optimum", "holds")
HEADERS = (
    "Headers: ratelimit-remaining = what is left, ratelimit-reset = whole seconds, rounded up, until the window ends "
    "or the bucket is full; on actions Concurrency-Limit and Concurrency-Remaining. A run is stopped after "
    f"{LONGEST:.0f} s."
)


def main() -> int:
    """Print the table; return 1 if a bound does not hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.limits", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs of ours; the median counts (3)")
    parser.add_argument("--alone", action="store_true", help="leave the other clients out")
    parser.add_argument("--only", default="", help="only the servers with this in their name")
    parser.add_argument("--write", action="store_true", help="also write the section into RESULTS.md")
    given = parser.parse_args()
    if given.write and given.only:
        parser.error("--write needs all rows")
    print("\n".join((*machine.description(), HEADERS, "")))
    line = "{:<32} {:<18} {:>8} {:>14} {:>8} {:>7}  {:<66} {}"
    print(line.format(*HEADS))
    rows: list[tuple[str, ...]] = []
    for scenario in (each for each in SCENARIOS if given.only in each.name):
        for row in _rows(scenario, given.rounds, alone=given.alone):
            rows.append(row)
            print(line.format(*row), flush=True)
    if not given.only:
        total, more = cost(rounds=max(given.rounds, 5))
        name = "none, 1,000 tasks × 5 calls"
        cells = (f"{total:.0f} µs a call", f"{more:+.1f} µs over Limits.off()", "0", "0", "≤ 20 µs")
        rows.append((name, "kombo_async", *cells, "yes" if more <= 20 else "NO"))
        print(line.format(*rows[-1]))
    if given.write:
        results.write_section("Limits", report.section(HEADS, rows, HEADERS))
    return int(any(row[-1] == "NO" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
