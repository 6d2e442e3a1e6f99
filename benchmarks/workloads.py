"""One piece of work in a process of its own: `python -m benchmarks.workloads NAME VARIANT …` prints what it took."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
from typing import Any

from .machine import peak_memory, pin
from .variants import Tally, Variant, load

INTEGRATION = "personio:HWUTwvyx2wLoSUHphiWVrp28"
SHORT = f"{INTEGRATION}-6000"
"""An integration with few fields, to warm up with: connection, decoder, and whatever a client does once."""


async def fields(client: Variant, *, pages: int, page_size: int, repeat: int) -> dict[str, Any]:
    """Time how long it takes to read all fields."""
    await client.fields(SHORT, 2000)
    return await _timed(lambda: client.fields(f"{INTEGRATION}-{pages * page_size}", page_size), repeat)


async def one_item_calls(client: Variant, *, calls: int, repeat: int) -> dict[str, Any]:
    """Time small calls, one after the other."""
    await client.one_item_calls(INTEGRATION, 20)
    return await _timed(lambda: client.one_item_calls(INTEGRATION, calls), repeat)


async def memory(client: Variant, *, pages: int, page_size: int) -> dict[str, Any]:
    """Measure by how much memory grows while a list is read, and that nothing is lost or doubled."""
    await client.one_item_calls(INTEGRATION, 20)
    gc.collect()
    before = peak_memory()
    tally = await client.ordered_fields(f"{INTEGRATION}-{pages * page_size}", page_size)
    assert tally.items == pages * page_size
    return {"growth": peak_memory() - before, "start": before}


async def _timed(work: Any, repeat: int) -> dict[str, Any]:
    walls: list[float] = []
    cpus: list[float] = []
    tally = Tally()
    for _ in range(repeat):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        tally = await work()
        cpus.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
    middle = sorted(range(repeat), key=walls.__getitem__)[repeat // 2]
    return {"wall": walls[middle], "cpu": cpus[middle], "items": tally.items, "enabled": tally.enabled}


WORKLOADS = {work.__name__: work for work in (fields, one_item_calls, memory)}


async def _run(name: str, variant: str, base_url: str, options: dict[str, int]) -> dict[str, Any]:
    async with load(variant)(base_url) as client:
        work: Any = WORKLOADS[name]
        outcome: dict[str, Any] = await work(client, **options)
        return outcome


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name", choices=WORKLOADS)
    arguments.add_argument("variant")
    arguments.add_argument("base_url")
    arguments.add_argument("options", type=json.loads)
    arguments.add_argument("--cpu", type=int)
    given = arguments.parse_args()
    pin(given.cpu)
    print(json.dumps(asyncio.run(_run(given.name, given.variant, given.base_url, given.options))))
