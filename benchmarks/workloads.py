"""The workloads, each run in a process of its own: `python -m benchmarks.workloads NAME VARIANT …` prints its times."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import time
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from attrs import frozen

from .data import field_id
from .heartbeat import CountingLoop, Heartbeat
from .machine import memory_now, peak_memory, pin
from .variants import API_KEY, Kind, Tally, Variant, load

INTEGRATION = "personio:HWUTwvyx2wLoSUHphiWVrp28"
SHORT = f"{INTEGRATION}-6000"
"""An integration with few fields, to warm up connection and decoder."""


@frozen
class ClientFactory:
    """Creates clients of one variant."""

    variant: Callable[..., Variant]
    base_url: str

    def __call__(self, *, records: int | None = None, far: bool = False, **options: Any) -> Variant:
        """Return a client for an integration with *records* records, 30 ms away if *far*."""
        integration_id = INTEGRATION if records is None else f"{INTEGRATION}-{records}"
        base_url = self.base_url.replace("/v1", "/far/v1") if far else self.base_url
        return self.variant(base_url, integration_id, **options)


# Workloads that are timed.


async def fields(make: ClientFactory, *, repeat: int = 1, **size: int) -> dict[str, Any]:
    """Read fields."""
    async with make() as client:
        await client.fields(SHORT, 2000)
        return await _timed(lambda: _fields(client, **size), repeat)


async def flat(make: ClientFactory, *, sizes: Mapping[str, Mapping[str, int]], repetitions: int) -> dict[str, Any]:
    """Read lists of fields of several sizes, each once per repetition: in one process, as the differences are small."""
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in sizes}
    async with make() as client:
        await client.fields(SHORT, 2000)
        for _ in range(repetitions):
            for name in random.sample(list(sizes), len(sizes)):
                taken[name].append(await _timed(lambda size=sizes[name]: _fields(client, **size), 1))  # type: ignore[misc]
    return taken


async def _fields(client: Variant, *, pages: int, page_size: int, integrations: int = 1, times: int = 1) -> Tally:
    """Read all fields of *integrations* integrations at once, *times* times; always of new ones, as repeated URLs would
    be found in caches."""
    tally, records = Tally(), pages * page_size
    for start in range(0, integrations * times, integrations):
        ids = [f"{INTEGRATION}{start + number}-{records}" for number in range(integrations)]
        if integrations == 1:
            _add(tally, [await client.fields(ids[0], page_size)])
        else:
            _add(tally, await asyncio.gather(*(client.fields(each, page_size) for each in ids)))
    return tally


async def loops(make: ClientFactory, *, pages: int, page_size: int) -> dict[str, Any]:
    """Iterate over items in memory, in several ways."""
    from kombo_async.paging import Page, Pager

    async def fetch(cursor: str | None, _: bool) -> Page[int]:
        number = int(cursor or 0) + 1
        return Page(tuple(range(page_size)), cursor, str(number) if number < pages else None)

    pager = Pager(fetch, cursor=None, read_ahead=False, is_busy=lambda: True)

    async def generator() -> AsyncGenerator[int]:
        async for page in pager.pages():
            for item in page.results:
                yield item

    async def by_page() -> int:
        seen = 0
        async for page in pager.pages():
            for item in page.results:
                seen += item
        return seen

    async def by_item(items: AsyncIterable[int]) -> int:
        seen = 0
        async for item in items:
            seen += item
        return seen

    ways: dict[str, Callable[[], Awaitable[int]]] = {
        "async for item in pager": lambda: by_item(pager),
        "async for item in an async generator": lambda: by_item(generator()),
        "async for page in pager.pages(), for item in page.results": by_page,
    }
    taken: dict[str, float] = {}
    for name, way in ways.items():
        began = time.process_time()
        await way()
        taken[name] = (time.process_time() - began) / pages / page_size
    return taken


async def employees(make: ClientFactory, *, pages: int, page_size: int, repeat: int) -> dict[str, Any]:
    """Read all employees."""
    async with make(records=pages * page_size) as client:
        await _warm_up(client, "employees", page_size)
        return await _timed(lambda: client.employees(page_size), repeat)


async def one_item_calls(make: ClientFactory, *, calls: int, tasks: int = 1, repeat: int = 1) -> dict[str, Any]:
    """Make small calls one after the other, in *tasks* tasks at once."""
    async with make() as client:
        await client.one_item_calls(INTEGRATION, 20)

        async def work() -> Tally:
            if tasks == 1:
                return await client.one_item_calls(INTEGRATION, calls)
            together = await asyncio.gather(*(client.one_item_calls(INTEGRATION, calls) for _ in range(tasks)))
            return _add(Tally(), together)

        return await _timed(work, repeat)


async def actions(make: ClientFactory, *, count: int, repeat: int) -> dict[str, Any]:
    """Make changes one after the other."""
    async with make() as client:
        await client.actions(20)
        return await _timed(lambda: client.actions(count), repeat)


async def by_page(
    make: ClientFactory, *, pages: int, page_size: int, far: bool = False, work_ms: int = 0, repeat: int = 1
) -> dict[str, Any]:
    """Read fields page by page: from a distant server if *far*, with *work_ms* of waiting for each page, as for a
    database."""
    async with make(records=pages * page_size, far=far) as client:
        await _warm_up(client, "fields", page_size)

        async def work() -> Tally:
            tally = Tally()
            async for page in client.pages("fields", page_size):
                for field in page:
                    tally.items += 1
                    tally.seen += field.is_passthrough_enabled
                if work_ms:
                    await asyncio.sleep(work_ms / 1e3)
            return tally

        return await _timed(work, repeat)


async def construction(make: ClientFactory, *, count: int) -> dict[str, Any]:
    """Create clients, which send nothing yet."""
    kept = [make()]

    async def work() -> Tally:
        kept.extend(make() for _ in range(count))
        return Tally(count)

    return await _timed(work, 1)


# Workloads that measure more than time.


async def memory(make: ClientFactory, *, pages: int, page_size: int) -> dict[str, Any]:
    """Measure the growth of memory during a list, and check that no item is lost or duplicated."""
    async with make(records=pages * page_size) as client:
        await client.one_item_calls(INTEGRATION, 20)
        gc.collect()
        before, number = peak_memory(), 0
        async for page in client.pages("fields", page_size):
            for field in page:
                assert field.id == field_id(number)
                number += 1
        assert number == pages * page_size
        return {"growth": peak_memory() - before, "start": before}


async def stall(make: ClientFactory, *, kind: Kind, pages: int, page_size: int) -> dict[str, Any]:
    """Measure the longest stall for each page that is read."""
    async with make(records=pages * page_size) as client:
        await _warm_up(client, kind, page_size)
        gc.collect()
        heart = Heartbeat()
        heart.start()
        # An iteration ends after its page was read, so its stall belongs to the page before.
        stalls = [heart.longest() async for _ in client.pages(kind, page_size)]
        heart.stop()
        return {"stalls": stalls[1:]}


async def crowd(make: ClientFactory, *, integrations: int, pages: int, page_size: int) -> dict[str, Any]:
    """Read employees of many integrations at once, and count the pages decoded in each loop iteration."""
    from kombo_async import KomboClient
    from kombo_async.events import CallEvent, PageFetched

    loop, heart = asyncio.get_running_loop(), Heartbeat()
    assert isinstance(loop, CountingLoop)

    def observe(event: CallEvent) -> None:
        if isinstance(event, PageFetched):
            loop.note()
            heart.mark()

    async with KomboClient(API_KEY, base_url=make.base_url, observers=[observe]) as client:

        async def read(number: int) -> int:
            view, count = client.for_integration(f"personio:{number}-{pages * page_size}"), 0
            async for employee in view.hris.iter_employees(page_size=page_size):
                count += len(employee.employments) > 0
            return count

        assert await read(0) == pages * page_size
        gc.collect()
        loop.in_iteration.clear()
        heart.marked.clear()
        heart.start()
        before, began = peak_memory(), time.perf_counter()
        counts = await asyncio.gather(*map(read, range(integrations)))
        wall = time.perf_counter() - began
        heart.stop()
        assert sum(counts) == integrations * pages * page_size
        growth = peak_memory() - before
        return {"stalls": heart.marked, "in_iteration": max(loop.in_iteration.values()), "wall": wall, "growth": growth}


async def options(
    make: ClientFactory, *, pairs: int, calls: int = 0, pages: int = 0, page_size: int = 0
) -> dict[str, Any]:
    """Do the same work with and without limiter and observers: in one process, as the difference is small."""
    from collections import Counter

    from kombo_async import Limits
    from kombo_async.events import CallEvent, CallFinished

    counts: Counter[str] = Counter()
    durations: list[float] = []

    def count(event: CallEvent) -> None:
        counts[type(event).__name__] += 1

    def measure(event: CallEvent) -> None:
        if isinstance(event, CallFinished):
            durations.append(event.elapsed)

    taken: dict[str, list[dict[str, Any]]] = {"on": [], "off": []}
    async with make(observers=[count, measure]) as on, make(limits=Limits.off()) as off:

        def work(client: Variant) -> Awaitable[Tally]:
            if calls:
                return client.one_item_calls(INTEGRATION, calls)
            return client.fields(f"{INTEGRATION}-{pages * page_size}", page_size)

        for client in (on, off):
            await work(client)
        for _ in range(pairs):
            for name, client in random.sample([("on", on), ("off", off)], 2):
                taken[name].append(await _timed(lambda client=client: work(client), 1))  # type: ignore[misc]
    assert counts["CallFinished"] == len(durations)
    return {key: [a[key] / b[key] for a, b in zip(taken["on"], taken["off"], strict=True)] for key in ("wall", "cpu")}


async def views(make: ClientFactory, *, count: int) -> dict[str, Any]:
    """Measure time and memory of views of one client, each of which makes a call."""
    from kombo_async import KomboClient

    async with KomboClient(API_KEY, base_url=make.base_url) as client:
        await client.iter_integration_fields(INTEGRATION, page_size=1).first_page()
        ids = [f"personio:HWUTwvyx2wLoSUHph{n:07d}" for n in range(count)]
        gc.collect()
        start, began = memory_now(), time.perf_counter()
        kept = [client.for_integration(each) for each in ids]
        wall = time.perf_counter() - began
        made = memory_now() - start
        for view in kept:
            await view.iter_integration_fields(page_size=1).first_page()
        gc.collect()
        return {"wall": wall, "items": count, "made": made, "used": memory_now() - start}


def _add(tally: Tally, tallies: list[Tally]) -> Tally:
    for each in tallies:
        tally.items += each.items
        tally.seen += each.seen
    return tally


async def _warm_up(client: Variant, kind: Kind, page_size: int) -> None:
    async with aclosing(client.pages(kind, page_size)) as pages:
        async for _ in pages:
            break


async def _timed(work: Callable[[], Awaitable[Tally]], repeat: int) -> dict[str, Any]:
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
    return {"wall": walls[middle], "cpu": cpus[middle], "items": tally.items, "seen": tally.seen}


WORKLOADS: Mapping[str, Callable[..., Awaitable[dict[str, Any]]]] = {
    work.__name__: work
    for work in (
        fields,
        flat,
        loops,
        employees,
        one_item_calls,
        actions,
        by_page,
        construction,
        memory,
        stall,
        crowd,
        options,
        views,
    )
}


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("name", choices=WORKLOADS)
    arguments.add_argument("variant")
    arguments.add_argument("base_url")
    arguments.add_argument("options", type=json.loads)
    arguments.add_argument("--cpu", type=int)
    given = arguments.parse_args()
    pin(given.cpu)
    with asyncio.Runner(loop_factory=CountingLoop if given.name == "crowd" else None) as runner:
        made = ClientFactory(load(given.variant), given.base_url)
        print(json.dumps(runner.run(WORKLOADS[given.name](made, **given.options))))  # type: ignore[arg-type]
