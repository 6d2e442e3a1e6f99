"""The official SDK, async, with its own way of paging."""

from __future__ import annotations

from typing import Any, Self

from kombo import Kombo

from ..data import field_id
from . import API_KEY, Tally


class Client:
    """`kombo.Kombo` as its README shows it."""

    def __init__(self, base_url: str) -> None:
        # What the SDK says of its own types does not hold for a page and its `next`.
        self._client: Any = Kombo(api_key=API_KEY, server_url=base_url)

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
                tally.enabled += field.is_passthrough_enabled
            page = await page.next()
        return tally

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        for _ in range(calls):
            page = await self._client.general.get_integration_fields_async(integration_id=integration_id, page_size=1)
            for field in page.result.data.results:
                tally.items += 1
                tally.enabled += field.is_passthrough_enabled
        return tally

    async def ordered_fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        page = await self._client.general.get_integration_fields_async(
            integration_id=integration_id, page_size=page_size
        )
        while page is not None:
            for field in page.result.data.results:
                assert field.id == field_id(tally.items)
                tally.items += 1
            page = await page.next()
        return tally
