"""Pages and the cursors that lead from one to the next."""

from __future__ import annotations

import pytest

from kombo_async.sandbox import Drift

from .conftest import Api, Open


@pytest.mark.parametrize(("path", "largest"), [("integration-fields", 2000), ("custom-fields", 250)])
async def test_page_sizes(api: Api, path: str, largest: int) -> None:
    assert (await api.get(f"{api.here}/{path}", page_size=largest)).status == 200
    for size in (0, largest + 1):
        got = await api.get(f"{api.here}/{path}", page_size=size)
        assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert len((await api.get(f"{api.here}/integration-fields")).results) == 100


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
async def test_the_last_page_says_so(open_api: Open, count: int, pages: int) -> None:
    async with open_api(fields=count, employees=0) as api:
        assert len(await api.all(f"{api.here}/integration-fields", page_size=10)) == count
        assert len(api.sandbox.requests) == pages
        assert await api.employees() == []


async def test_the_page_size_may_change_on_the_way(api: Api) -> None:
    whole = (await api.get("/hris/employees", page_size=30)).results
    first = await api.get("/hris/employees", page_size=10)
    rest = await api.get("/hris/employees", page_size=20, cursor=first.data["next"])
    assert first.results + rest.results == whole


async def test_a_cursor_fits_only_its_list(open_api: Open) -> None:
    async with open_api(integrations=2, employees=400) as api:
        path = "/hris/employees"
        cursor = (await api.get(path, page_size=1, employment_statuses="ACTIVE,LEAVE")).data["next"]
        same = {"employment_statuses": "ACTIVE,LEAVE", "cursor": cursor}
        assert (await api.get(path, **same)).status == 200
        assert (await api.get(path, **same, include_deleted="false")).status == 200, "the default, spelled out"
        for changed in (
            {"cursor": cursor},
            {**same, "employment_statuses": "ACTIVE"},
            {**same, "include_deleted": "true"},
            {**same, "updated_after": "2026-01-01"},
            {**same, "cursor": cursor[:-2]},
            {**same, "cursor": cursor[1:]},
            {**same, "cursor": f"{cursor}="},
            {**same, "cursor": "ü"},
        ):
            got = await api.get(path, **changed)
            assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID"), changed
            assert "cursor" in got.message
        field_cursor = (await api.get(f"{api.here}/integration-fields")).data["next"]
        assert (await api.get(f"{api.here}/custom-fields", cursor=field_cursor)).status == 400
        api.integration_id = api.sandbox.integration_ids[1]
        assert (await api.get(path, **same)).status == 400


async def test_strange_cursors_lead_through_too(open_api: Open) -> None:
    async with open_api(fields=250, drift=Drift.STRANGE_CURSORS) as api:
        path = f"{api.here}/integration-fields"
        cursor = (await api.get(path, page_size=100)).data["next"]
        assert set("/+=%&#? ü") < set(cursor)
        assert len(cursor) > 200
        assert len(await api.all(path, page_size=100)) == 250
        got = await api("GET", f"{path}?cursor={cursor.replace('#', '')}", raw=False)
        assert got.code == "PLATFORM.INPUT_INVALID", "a carelessly quoted cursor is noticed"


async def test_a_million_fields_take_no_more_memory_than_a_few(open_api: Open) -> None:
    async with open_api(fields=1_000_000, employees=1_000_000) as api:
        path = f"{api.here}/integration-fields"
        first = await api.get(path, page_size=2000)
        seen = {field["id"] for field in first.results}
        for _ in range(3):
            first = await api.get(path, page_size=2000, cursor=first.data["next"])
            seen |= {field["id"] for field in first.results}
        assert len(seen) == 8000
        last = first.results[-1]
        got = await api("PATCH", f"{path}/{last['id']}", json={"enable_passthrough": True})
        assert got.data["id"] == last["id"]
        assert len(await api.employees(remote_ids="1010000,1010001", include_deleted="true")) == 1
