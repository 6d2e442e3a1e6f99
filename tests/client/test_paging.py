"""Lists with a cursor: each record once, in order, whatever the pages and however the loop is left."""

import asyncio
import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kombo_async import KomboClient, KomboConnectionError, Page, Pager, PaginationError
from kombo_async.engine import codec, pages
from kombo_async.sandbox import Sandbox, SandboxConfig

from ..support.loops import ASYNCIO_ONLY


class Source:
    """A list of numbers in pages of given sizes, some of which fail a given number of times first."""

    def __init__(self, sizes: list[int], failures: dict[int, int] | None = None) -> None:
        self.failures = dict(failures or {})
        self.asked: list[str | None] = []
        self.running = 0
        self.pages: list[tuple[int, ...]] = []
        start = 0
        for size in sizes:
            self.pages.append(tuple(range(start, start + size)))
            start += size
        self.items = list(range(start))

    async def fetch(self, cursor: str | None, _: bool) -> Page[int]:
        self.asked.append(cursor)
        number = int(cursor or 0)
        self.running += 1
        try:
            await asyncio.sleep(0)
        finally:
            self.running -= 1
        if self.failures.get(number, 0):
            self.failures[number] -= 1
            raise KomboConnectionError("as planned")
        return Page(self.pages[number], cursor, str(number + 1) if number + 1 < len(self.pages) else None)

    def pager(self, *, cursor: str | None = None, read_ahead: bool = True) -> Pager[int]:
        return Pager(self.fetch, cursor=cursor, read_ahead=read_ahead, is_busy=lambda: False)


sizes = st.lists(st.integers(0, 4), min_size=1, max_size=8)


@given(sizes, st.booleans(), st.dictionaries(st.integers(0, 7), st.integers(1, 2)))
def test_resuming_at_error_cursors_delivers_each_item_once(
    sizes: list[int], read_ahead: bool, failures: dict[int, int]
) -> None:
    """A loop that continues from the cursor of each error sees what a loop without errors sees."""
    source = Source(sizes, failures)

    async def main() -> list[int]:
        seen: list[int] = []
        cursor = None
        for _ in range(40):
            try:
                async for item in source.pager(cursor=cursor, read_ahead=read_ahead):
                    seen.append(item)  # noqa: PERF401
            except KomboConnectionError as error:
                cursor = error.cursor
            else:
                return seen
        pytest.fail("never ended")

    assert asyncio.run(main()) == source.items


@given(sizes, st.booleans(), st.dictionaries(st.integers(0, 7), st.integers(1, 2)))
def test_iterator_continues_after_errors(sizes: list[int], read_ahead: bool, failures: dict[int, int]) -> None:
    """After an error the same iterator continues where it was; an error is never taken for the end."""
    source = Source(sizes, failures)

    async def main() -> list[int]:
        items = aiter(source.pager(read_ahead=read_ahead))
        seen: list[int] = []
        while True:
            try:
                seen.append(await anext(items))
            except KomboConnectionError:
                continue
            except StopAsyncIteration:
                return seen

    assert asyncio.run(main()) == source.items


@given(sizes, st.booleans(), st.lists(st.integers(0, 3), max_size=12))
def test_iterator_continues_after_cancelled_waits(sizes: list[int], read_ahead: bool, patience: list[int]) -> None:
    source = Source(sizes)

    async def main() -> list[int]:
        items = aiter(source.pager(read_ahead=read_ahead))
        seen: list[int] = []
        patient = list(patience)
        while True:
            waiting = asyncio.ensure_future(anext(items))
            if patient:
                for _ in range(patient.pop()):
                    await asyncio.sleep(0)
                waiting.cancel()
            try:
                seen.append(await waiting)
            except asyncio.CancelledError:
                continue
            except StopAsyncIteration:
                return seen

    assert asyncio.run(main()) == source.items


@given(sizes, st.integers(0, 12), st.booleans())
def test_leaving_a_loop_early_leaves_no_task(sizes: list[int], after: int, read_ahead: bool) -> None:
    source = Source(sizes)

    async def main() -> list[int]:
        seen: list[int] = []
        if after:
            async for item in source.pager(read_ahead=read_ahead):
                seen.append(item)
                await asyncio.sleep(0)
                if len(seen) == after:
                    break
        for _ in range(4):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert source.running == 0
        return seen

    assert asyncio.run(main()) == source.items[:after]


@pytest.mark.parametrize("leave", ["exception", "cancellation", "garbage"])
async def test_leaving_a_loop_by_error_leaves_no_task(leave: str) -> None:
    source = Source([2] * 6)

    async def work() -> None:
        async for item in source.pager():
            if item == 3:
                if leave == "exception":
                    raise LookupError
                await asyncio.Event().wait()

    if leave == "garbage":
        items = aiter(source.pager())
        assert [await anext(items) for _ in range(4)] == [0, 1, 2, 3]
        del items
        gc.collect()
    else:
        task = asyncio.create_task(work())
        while len(source.asked) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0)
        if leave == "cancellation":
            task.cancel()
        with pytest.raises((LookupError, asyncio.CancelledError)):
            await task
        del task
    for _ in range(5):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert source.running == 0


async def test_first_page_sends_one_request() -> None:
    source = Source([3, 3, 3])
    async for _ in source.pager():
        await asyncio.sleep(0)
        break
    page = await source.pager().first_page()
    assert page == Page((0, 1, 2), None, "1")
    await asyncio.sleep(0)
    assert source.asked == [None, None]


async def test_one_page_is_read_ahead_from_the_second_page_on() -> None:
    source = Source([1, 1, 1, 1])
    pages = aiter(source.pager().pages())
    await anext(pages)
    await asyncio.sleep(0)
    assert source.asked == [None]
    await anext(pages)
    await asyncio.sleep(0)
    assert source.asked == [None, "1", "2"]
    plain = aiter(source.pager(read_ahead=False).pages())
    await anext(plain)
    await anext(plain)
    await asyncio.sleep(0)
    assert source.asked[3:] == [None, "1"]


async def test_error_of_a_page_read_ahead_is_raised_in_order() -> None:
    source = Source([2, 2, 2], {2: 99})
    seen: list[int] = []
    with pytest.raises(KomboConnectionError) as caught:
        async for item in source.pager():
            seen.append(item)
            await asyncio.sleep(0)
    assert seen == [0, 1, 2, 3]
    assert caught.value.cursor == "2"


def test_unawaited_error_of_a_page_read_ahead_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    source = Source([1, 1, 1], {2: 99})

    async def main() -> object:
        items = aiter(source.pager())
        assert [await anext(items), await anext(items)] == [0, 1]
        for _ in range(4):
            await asyncio.sleep(0)
        assert source.asked == [None, "1", "2"]
        return items

    # The iterator outlives its event loop, in which the last page failed.
    items = asyncio.run(main())
    del items
    gc.collect()
    assert not caplog.records


@ASYNCIO_ONLY
async def test_cursors_of_a_long_list_take_few_bytes() -> None:
    pages = 5_000

    async def fetch(cursor: str | None, _: bool) -> Page[int]:
        await asyncio.sleep(0)
        number = int(cursor.rstrip("x")) if cursor else 0
        return Page((number,), cursor, f"{number + 1}" + 500 * "x" if number + 1 < pages else None)

    pager = Pager(fetch, cursor=None, read_ahead=False, is_busy=lambda: False)
    reader = pager.pages()
    await anext(reader)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        seen = 1 + sum([1 async for _ in reader])
        assert tracemalloc.get_traced_memory()[0] - before < 20 * pages
    finally:
        tracemalloc.stop()
    assert seen == pages


@pytest.mark.parametrize("loop_to", ["0", "1", "2"])
async def test_repeated_cursor_ends_with_pagination_error(loop_to: str) -> None:
    class Ring(Source):
        async def fetch(self, cursor: str | None, _: bool) -> Page[str]:
            number = int(cursor or 0)
            return Page((str(number),), cursor, str(number + 1) if number < 2 else loop_to)

    seen: list[str] = []
    with pytest.raises(PaginationError) as caught:
        async for item in Ring([]).pager(cursor="0"):
            seen.append(item)  # noqa: PERF401
    assert seen == ["0", "1", "2"]
    assert caught.value.cursor == loop_to


async def test_each_loop_reads_the_list_from_its_start() -> None:
    source = Source([2, 2])
    pager = source.pager()
    assert await pager.collect() == await pager.collect() == [0, 1, 2, 3]
    assert [page.results async for page in pager.pages()] == [(0, 1), (2, 3)]


@pytest.mark.parametrize(("limit", "items"), [(None, 5), (0, 0), (1, 1), (2, 2), (3, 3), (99, 5)])
async def test_collect_stops_at_its_limit(limit: int | None, items: int) -> None:
    source = Source([2, 2, 1])
    assert await source.pager().collect(limit) == list(range(items))
    assert len(source.asked) == {0: 0, 1: 1, 2: 1, 3: 2}.get(items, 3)


@pytest.mark.parametrize(("limit", "error"), [(-1, ValueError), ("3", TypeError), (True, TypeError)])
async def test_collect_refuses_invalid_limits(limit: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="limit"):
        await Source([1]).pager().collect(limit)  # type: ignore[arg-type]


async def test_two_tasks_on_one_iterator_are_refused() -> None:
    items = aiter(Source([1]).pager())
    first = asyncio.create_task(anext(items))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="iterator of its own"):
        await anext(items)
    assert await first == 0


def _body(where: str, cursor: str | None) -> bytes:
    data: dict[str, object] = {"results": []}
    envelope: dict[str, object] = {"status": "success", "data": data}
    (envelope if where == "top" else data)["next_cursor" if where in {"top", "old"} else "next"] = cursor
    return codec.encode(envelope)


@pytest.mark.parametrize("where", ["next", "old", "top"])
@pytest.mark.parametrize(("cursor", "meant"), [("abc", "abc"), (None, None), ("", None), ("  ", None)])
def test_next_cursor_is_found_under_each_key(where: str, cursor: str | None, meant: str | None) -> None:
    assert pages.decode_page(_body(where, cursor), dict).next_cursor == meant


@pytest.mark.parametrize("page_size", [None, 1, 7, 250])
async def test_filters_are_sent_with_every_page(page_size: int | None) -> None:
    async with (
        Sandbox(SandboxConfig(employees=20, fields=0)) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id) as client,
    ):
        everyone = await client.hris.iter_employees(include_deleted=True).collect()
        sandbox.requests.clear()
        options = {} if page_size is None else {"page_size": page_size}
        ids = [person.id for person in everyone]
        again = await client.hris.iter_employees(include_deleted=True, ids=ids, **options).collect()
        assert again == everyone
        for number, request in enumerate(sandbox.requests):
            query = dict(request.query)
            assert query["page_size"] == str(page_size or 250)
            assert (query["include_deleted"], query["ids"]) == ("true", ",".join(ids))
            assert ("cursor" in query) == (number > 0)
        assert len(sandbox.requests) == -(-len(everyone) // (page_size or 250))


async def test_list_continues_at_a_saved_cursor() -> None:
    async with (
        Sandbox(SandboxConfig(fields=50)) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id) as client,
    ):
        fields: Callable[..., Pager[object]] = client.iter_integration_fields
        pages = [page async for page in fields(page_size=9).pages()]
        rest = await fields(page_size=4, cursor=pages[2].cursor).collect()
        assert rest == [field for page in pages[2:] for field in page.results]
        assert [page.cursor for page in pages[1:]] == [page.next_cursor for page in pages[:-1]]


async def test_awaiting_a_pager_says_what_to_write_instead() -> None:
    source = Source([3])
    pager: Any = source.pager()
    with pytest.raises(TypeError, match=r"cannot be awaited: .*`async for.*\.collect\(\).*\.first_page\(\)"):
        await pager
    with pytest.raises(TypeError, match=r"cannot be awaited: .*`async for page in pager\.pages\(\)`"):
        await pager.pages()
    assert source.asked == []
