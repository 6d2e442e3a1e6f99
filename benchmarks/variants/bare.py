"""The lower bound: aiohttp and msgspec with the same classes, without retries, limits and errors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import date
from typing import Any, Generic, Self, TypeVar

import aiohttp
import msgspec

from kombo_async.models.general import IntegrationField
from kombo_async.models.hris import Absence, Employee

from . import API_KEY, Kind, Tally

T = TypeVar("T")


class _Page(msgspec.Struct, Generic[T]):
    results: tuple[T, ...]
    next: str | None


class _Answer(msgspec.Struct, Generic[T]):
    data: T


class Client:
    """One session and one decoder for each type of response."""

    def __init__(self, base_url: str, integration_id: str) -> None:
        self._base_url = base_url
        self._integration_id = integration_id
        self._headers = {"X-Integration-Id": integration_id}
        self._decode_fields = msgspec.json.Decoder(_Answer[_Page[IntegrationField]]).decode
        self._decode_employees = msgspec.json.Decoder(_Answer[_Page[Employee]]).decode
        self._decode_absence = msgspec.json.Decoder(_Answer[Absence]).decode

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
                page = self._decode_fields(await response.read()).data
            for field in page.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
            if page.next is None:
                return tally
            query["cursor"] = page.next

    async def employees(self, page_size: int) -> Tally:
        tally = Tally()
        url = f"{self._base_url}/hris/employees"
        query = {"page_size": str(page_size)}
        while True:
            async with self._session.get(url, params=query, headers=self._headers) as response:
                page = self._decode_employees(await response.read()).data
            for employee in page.results:
                tally.items += 1
                tally.seen += len(employee.employments)
            if page.next is None:
                return tally
            query["cursor"] = page.next

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        url = f"{self._base_url}/integrations/{integration_id}/integration-fields"
        for _ in range(calls):
            async with self._session.get(url, params={"page_size": "1"}) as response:
                page = self._decode_fields(await response.read()).data
            for field in page.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
        return tally

    async def actions(self, count: int) -> Tally:
        tally = Tally()
        url = f"{self._base_url}/hris/absences"
        headers = {**self._headers, "Content-Type": "application/json"}
        for _ in range(count):
            body = msgspec.json.encode(
                {
                    "employee_id": "E00000000000000000000001",
                    "absence_type_id": "5fQ8TyvUbGz3mKxW2nRpLsD0",
                    "start_date": date(2027, 7, 5),
                    "end_date": date(2027, 7, 9),
                    "employee_note": "Außer Haus",
                }
            )
            async with self._session.post(url, data=body, headers=headers) as response:
                absence = self._decode_absence(await response.read()).data
            tally.items += 1
            tally.seen += absence.status == "REQUESTED"
        return tally

    async def pages(self, kind: Kind, page_size: int) -> AsyncGenerator[Sequence[Any]]:
        decode: Any = self._decode_fields if kind == "fields" else self._decode_employees
        path = f"/integrations/{self._integration_id}/integration-fields" if kind == "fields" else "/hris/employees"
        query = {"page_size": str(page_size)}
        while True:
            async with self._session.get(self._base_url + path, params=query, headers=self._headers) as response:
                page = decode(await response.read()).data
            yield page.results
            if page.next is None:
                return
            query["cursor"] = page.next
