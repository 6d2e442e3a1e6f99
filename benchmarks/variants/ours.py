"""This library, through its public face and with its defaults."""

from __future__ import annotations

from typing import Self

from kombo_async import KomboClient

from ..data import field_id
from . import API_KEY, Tally


class Client:
    """`KomboClient` as its README shows it."""

    def __init__(self, base_url: str) -> None:
        self._client = KomboClient(API_KEY, base_url=base_url)

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        async for field in self._client.iter_integration_fields(integration_id, page_size=page_size):
            tally.items += 1
            tally.enabled += field.is_passthrough_enabled
        return tally

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        for _ in range(calls):
            page = await self._client.iter_integration_fields(integration_id, page_size=1).first_page()
            for field in page.results:
                tally.items += 1
                tally.enabled += field.is_passthrough_enabled
        return tally

    async def ordered_fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        async for field in self._client.iter_integration_fields(integration_id, page_size=page_size):
            assert field.id == field_id(tally.items)
            tally.items += 1
        return tally
