"""Lists that are returned whole, although their responses name a next page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kombo_async import InputInvalidError, KomboClient, PaginationError

PAGES = {
    None: b'{"data":{"results":[{"id":"a"},{"id":"b"}],"next":"n/1"}}',
    "n/1": b'{"data":{"results":[{"id":"c"}],"next":"n2"}}',
    "n2": b'{"data":{"results":[],"next":null}}',
}
PATHS = {"get_skills": "/hris/skills", "get_employee_skill_assignments": "/hris/employee-skill-assignments"}


def follows(cursor: str | None, _: int) -> bytes:
    return PAGES[cursor]


def ignores(_: str | None, number: int) -> bytes:
    return PAGES[None].replace(b"n/1", b"n/%d" % number)


def refuses(cursor: str | None, _: int) -> bytes:
    return PAGES[None] if cursor is None else b'{"status":"error","error":{"code":"PLATFORM.INPUT_INVALID"}}'


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize(
    ("answer", "error"), [(follows, None), (ignores, PaginationError), (refuses, InputInvalidError)]
)
async def test_undocumented_next_pages_are_read_or_an_error_is_raised(
    name: str, answer: Callable[[str | None, int], bytes], error: type[Exception] | None
) -> None:
    queries: list[dict[str, str]] = []

    async def handle(request: web.Request) -> web.Response:
        queries.append(dict(request.query))
        return web.Response(body=answer(request.query.get("cursor"), len(queries)), content_type="application/json")

    app = web.Application()
    app.router.add_get(f"/v1{PATHS[name]}", handle)
    for filters in ({}, {"ids": ["a"]}):
        queries.clear()
        async with TestServer(app) as server, KomboClient("key", base_url=str(server.make_url("/v1"))) as client:
            get = getattr(client.for_integration("personio:1").hris, name)
            if error is not None:
                with pytest.raises(error):
                    await get(**filters)
                continue
            assert [record.id for record in await get(**filters)] == ["a", "b", "c"]
        plain = {"ids": "a"} if filters else {}
        assert queries == [plain, {**plain, "cursor": "n/1"}, {**plain, "cursor": "n2"}]
