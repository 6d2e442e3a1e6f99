"""The floor: aiohttp and msgspec into the same classes, in a loop written by hand, without any safety."""

from __future__ import annotations

from typing import Self

import aiohttp
import msgspec

from kombo_async.models.general import IntegrationField

from ..data import field_id
from . import API_KEY, Tally


class _Data(msgspec.Struct):
    results: tuple[IntegrationField, ...]
    next: str | None


class _Answer(msgspec.Struct):
    data: _Data


class Client:
    """One session and one decoder."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._decode = msgspec.json.Decoder(_Answer).decode

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"})
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        url = f"{self._base_url}/integrations/{integration_id}/integration-fields"
        query = {"page_size": str(page_size)}
        while True:
            async with self._session.get(url, params=query) as response:
                page = self._decode(await response.read()).data
            for field in page.results:
                tally.items += 1
                tally.enabled += field.is_passthrough_enabled
            if page.next is None:
                return tally
            query["cursor"] = page.next

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        url = f"{self._base_url}/integrations/{integration_id}/integration-fields"
        for _ in range(calls):
            async with self._session.get(url, params={"page_size": "1"}) as response:
                page = self._decode(await response.read()).data
            for field in page.results:
                tally.items += 1
                tally.enabled += field.is_passthrough_enabled
        return tally

    async def ordered_fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        url = f"{self._base_url}/integrations/{integration_id}/integration-fields"
        query = {"page_size": str(page_size)}
        while True:
            async with self._session.get(url, params=query) as response:
                page = self._decode(await response.read()).data
            for field in page.results:
                assert field.id == field_id(tally.items)
                tally.items += 1
            if page.next is None:
                return tally
            query["cursor"] = page.next
