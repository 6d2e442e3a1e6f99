"""Lists in which a record cannot be read: what is delivered, and what can be kept."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kombo_async import DecodeError, KomboClient, Unreadable
from kombo_async.operations import hris as operations

PAGES = {
    None: b'{"data":{"results":[{"id":"a"}],"next":"n1"}}',
    "n1": rb'{"data":{"results":[{"id":"b","zz":1},{"id":"c","first_name":"Zo\ud83d"},{"id":"d"}],"next":"n2"}}',
    "n2": b'{"data":{"results":[{"zz":[1.50],"id":"e","first_name":{}}],"next":null}}',
}
RAW_OF_C = rb'{"id":"c","first_name":"Zo\ud83d"}'


@pytest.fixture
async def client() -> AsyncIterator[KomboClient]:
    async def employees(request: web.Request) -> web.Response:
        return web.Response(body=PAGES[request.query.get("cursor")], content_type="application/json")

    app = web.Application()
    app.router.add_get("/v1/hris/employees", employees)
    async with TestServer(app) as server, KomboClient("key", base_url=str(server.make_url("/v1"))) as client:
        yield client.for_integration("personio:1")


async def test_error_names_the_record_and_both_cursors(client: KomboClient) -> None:
    ids: list[str] = []
    with pytest.raises(DecodeError, match=r"\$\.data\.results\[1\] \(id c\) \(GET /hris/employees") as raised:
        async for employee in client.hris.iter_employees():
            ids.append(employee.id)  # noqa: PERF401
    assert ids == ["a"]
    assert (raised.value.cursor, raised.value.next_cursor) == ("n1", "n2")
    assert "Zo" not in str(raised.value)


async def test_pages_keep_unreadable_records_and_the_others(client: KomboClient) -> None:
    pages = [page async for page in client.hris.iter_employees().pages(unreadable="keep")]
    assert [[record.id for record in page.results] for page in pages] == [["a"], ["b", "d"], []]
    assert [page.next_cursor for page in pages] == ["n1", "n2", None]
    assert [[record.id for record in page.unreadable] for page in pages] == [[], ["c"], ["e"]]
    (unreadable,) = pages[1].unreadable
    assert unreadable == Unreadable(id="c", raw=RAW_OF_C, problems=("not valid JSON in $.data.results[1]",))
    assert "Zo" not in repr(pages[1])
    assert pages[2].unreadable[0].problems == ("expected text @ $.data.results[0].first_name",)


async def test_first_page_keeps_unreadable_records(client: KomboClient) -> None:
    pager = client.hris.iter_employees(cursor="n1")
    assert [record.raw for record in (await pager.first_page(unreadable="keep")).unreadable] == [RAW_OF_C]
    with pytest.raises(DecodeError):
        await pager.first_page()


async def test_raw_records_keep_unknown_keys_and_their_order(client: KomboClient) -> None:
    pager = client.hris._iterate_raw(operations.ITER_EMPLOYEES, {"page_size": 7})
    pages = [page async for page in pager.pages(unreadable="keep")]
    assert [[bytes(record.raw) for record in page.results] for page in pages] == [
        [b'{"id":"a"}'],
        [b'{"id":"b","zz":1}', b'{"id":"d"}'],
        [b'{"zz":[1.50],"id":"e","first_name":{}}'],
    ]
    assert [[record.raw for record in page.unreadable] for page in pages] == [[], [RAW_OF_C], []]
    with pytest.raises(DecodeError, match=r"\(id c\)"):
        await pager.collect()


@pytest.mark.parametrize("value", ["skip", None, True])
async def test_invalid_value_of_unreadable_is_refused(client: KomboClient, value: object) -> None:
    pager = client.hris.iter_employees()
    with pytest.raises(ValueError, match='"raise" or "keep"'):
        pager.pages(unreadable=value)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='"raise" or "keep"'):
        await pager.first_page(unreadable=value)  # type: ignore[arg-type]
