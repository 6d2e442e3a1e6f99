"""This library, by its public API and with its defaults."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import date
from typing import Any, Self

from kombo_async import KomboClient
from kombo_async.models.hris import NewAbsence
from kombo_async.paging import Pager

from . import API_KEY, Kind, Tally


class Client:
    """`KomboClient` as in its README."""

    def __init__(self, base_url: str, integration_id: str, **options: Any) -> None:
        self._client = KomboClient(API_KEY, base_url=base_url, integration_id=integration_id, **options)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        async for field in self._client.iter_integration_fields(integration_id, page_size=page_size):
            tally.items += 1
            tally.seen += field.is_passthrough_enabled
        return tally

    async def employees(self, page_size: int) -> Tally:
        tally = Tally()
        async for employee in self._client.hris.iter_employees(page_size=page_size):
            tally.items += 1
            tally.seen += len(employee.employments)
        return tally

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        for _ in range(calls):
            page = await self._client.iter_integration_fields(integration_id, page_size=1).first_page()
            for field in page.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
        return tally

    async def actions(self, count: int) -> Tally:
        tally = Tally()
        for _ in range(count):
            reply = await self._client.hris.create_absence(
                NewAbsence(
                    employee_id="E00000000000000000000001",
                    absence_type_id="5fQ8TyvUbGz3mKxW2nRpLsD0",
                    start_date=date(2027, 7, 5),
                    end_date=date(2027, 7, 9),
                    employee_note="Außer Haus",
                )
            )
            tally.items += 1
            tally.seen += reply.data.status == "REQUESTED"
        return tally

    async def pages(self, kind: Kind, page_size: int) -> AsyncGenerator[Sequence[Any]]:
        pager: Pager[Any] = (
            self._client.iter_integration_fields(page_size=page_size)
            if kind == "fields"
            else self._client.hris.iter_employees(page_size=page_size)
        )
        async for page in pager.pages():
            yield page.results
