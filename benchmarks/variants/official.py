"""The official SDK, async, with its own paging."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import Any, Self

from kombo import Kombo

from . import API_KEY, Kind, Tally


class Client:
    """`kombo.Kombo` as in its README, except for the timeout."""

    def __init__(self, base_url: str, integration_id: str) -> None:
        # By default it fails after five seconds in its own queue, which 1,000 tasks exceed.
        # Its type annotations are wrong for a page and its `next`.
        self._client: Any = Kombo(
            api_key=API_KEY, server_url=base_url, integration_id=integration_id, timeout_ms=60_000
        )
        self._integration_id = integration_id

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.__aexit__(None, None, None)

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        page = await self._client.general.get_integration_fields_async(
            integration_id=integration_id, page_size=page_size
        )
        while page is not None:
            for field in page.result.data.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
            page = await page.next()
        return tally

    async def employees(self, page_size: int) -> Tally:
        tally = Tally()
        page = await self._client.hris.get_employees_async(page_size=page_size)
        while page is not None:
            for employee in page.result.data.results:
                tally.items += 1
                tally.seen += len(employee.employments)
            page = await page.next()
        return tally

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        for _ in range(calls):
            page = await self._client.general.get_integration_fields_async(integration_id=integration_id, page_size=1)
            for field in page.result.data.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
        return tally

    async def actions(self, count: int) -> Tally:
        tally = Tally()
        for _ in range(count):
            answer = await self._client.hris.create_absence_async(
                employee_id="E00000000000000000000001",
                absence_type_id="5fQ8TyvUbGz3mKxW2nRpLsD0",
                start_date=datetime(2027, 7, 5, tzinfo=UTC),
                end_date=datetime(2027, 7, 9, tzinfo=UTC),
                employee_note="Außer Haus",
            )
            tally.items += 1
            tally.seen += answer.data.status == "REQUESTED"
        return tally

    async def pages(self, kind: Kind, page_size: int) -> AsyncGenerator[Sequence[Any]]:
        page = await (
            self._client.general.get_integration_fields_async(integration_id=self._integration_id, page_size=page_size)
            if kind == "fields"
            else self._client.hris.get_employees_async(page_size=page_size)
        )
        while page is not None:
            yield page.result.data.results
            page = await page.next()
