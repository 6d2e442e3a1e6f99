"""Pages and cursors."""

from __future__ import annotations

import pytest

from kombo_async.sandbox import Drift

from ..support.sandbox_api import Api, Open


@pytest.mark.parametrize(("path", "largest"), [("integration-fields", 2000), ("custom-fields", 250)])
async def test_page_size_is_checked(api: Api, path: str, largest: int) -> None:
    assert (await api.get(f"{api.integration_path}/{path}", page_size=largest)).status == 200
    for size in (0, largest + 1):
        got = await api.get(f"{api.integration_path}/{path}", page_size=size)
        assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert len((await api.get(f"{api.integration_path}/integration-fields")).results) == 100


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (9, 1), (10, 1), (11, 2), (20, 2), (21, 3)])
async def test_last_page_has_no_cursor(open_api: Open, count: int, pages: int) -> None:
    async with open_api(fields=count, employees=0) as api:
        assert len(await api.all(f"{api.integration_path}/integration-fields", page_size=10)) == count
        assert len(api.sandbox.requests) == pages
        assert await api.employees() == []


async def test_page_size_may_change_between_pages(api: Api) -> None:
    whole = (await api.get("/hris/employees", page_size=30)).results
    first = await api.get("/hris/employees", page_size=10)
    rest = await api.get("/hris/employees", page_size=20, cursor=first.data["next"])
    assert first.results + rest.results == whole


async def test_cursor_is_accepted_by_its_own_list_only(open_api: Open) -> None:
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
        field_cursor = (await api.get(f"{api.integration_path}/integration-fields")).data["next"]
        assert (await api.get(f"{api.integration_path}/custom-fields", cursor=field_cursor)).status == 400
        api.integration_id = api.sandbox.integration_ids[1]
        assert (await api.get(path, **same)).status == 400


async def test_strange_cursors_are_accepted(open_api: Open) -> None:
    async with open_api(fields=250, drift=Drift.STRANGE_CURSORS) as api:
        path = f"{api.integration_path}/integration-fields"
        cursor = (await api.get(path, page_size=100)).data["next"]
        assert set("/+=%&#? ü") < set(cursor)
        assert len(cursor) > 200
        assert len(await api.all(path, page_size=100)) == 250
        got = await api("GET", f"{path}?cursor={cursor.replace('#', '')}", raw=False)
        assert got.code == "PLATFORM.INPUT_INVALID", "a carelessly quoted cursor is noticed"


async def test_memory_does_not_depend_on_the_number_of_fields(open_api: Open) -> None:
    async with open_api(fields=1_000_000, employees=1_000_000) as api:
        path = f"{api.integration_path}/integration-fields"
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
