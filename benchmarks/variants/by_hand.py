"""A typical hand-written client: httpx and pydantic, without retries, limits and errors."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Self, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
import httpx
from pydantic import AwareDatetime, BaseModel, create_model

from kombo_async.models.general import IntegrationField
from kombo_async.models.hris import Absence, Employee

from . import API_KEY, Kind, Tally

T = TypeVar("T")


class _Page(BaseModel, Generic[T]):
    results: list[T]
    next: str | None


class _Answer(BaseModel, Generic[T]):
    data: T


class _NewAbsence(BaseModel):
    employee_id: str
    absence_type_id: str
    start_date: date
    end_date: date
    employee_note: str | None


@cache
def _model(kind: type) -> Any:
    """Return the pydantic model with the same fields as one of our classes, as if written by hand."""
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, Any] = {
        field.name: (_hint(hints[field.name]), ... if field.default is attrs.NOTHING else field.default)
        for field in attrs.fields(kind)
    }
    return create_model(kind.__name__, **fields)


def _hint(hint: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return Union[tuple(_hint(each) for each in arguments)]  # noqa: UP007 - of a list of types
    if origin is tuple:
        item = _hint(arguments[0])
        return list[item]  # type: ignore[valid-type]
    if origin is Annotated and arguments[0] is datetime:
        return AwareDatetime
    return _model(hint) if hint is not NoneType and attrs.has(hint) else hint


class Client:
    """One `httpx.AsyncClient`."""

    def __init__(self, base_url: str, integration_id: str) -> None:
        self._integration_id = integration_id
        # By default httpx fails after five seconds in its own queue.
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {API_KEY}", "X-Integration-Id": integration_id},
            timeout=60.0,
        )
        page: Any = _Page
        answer: Any = _Answer
        self._read_fields = answer[page[_model(IntegrationField)]].model_validate_json
        self._read_employees = answer[page[_model(Employee)]].model_validate_json
        self._read_absence = answer[_model(Absence)].model_validate_json

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def fields(self, integration_id: str, page_size: int) -> Tally:
        tally = Tally()
        path = f"/integrations/{integration_id}/integration-fields"
        query = {"page_size": str(page_size)}
        while True:
            page = self._read_fields((await self._client.get(path, params=query)).content).data
            for field in page.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
            if page.next is None:
                return tally
            query["cursor"] = page.next

    async def employees(self, page_size: int) -> Tally:
        tally = Tally()
        query = {"page_size": str(page_size)}
        while True:
            page = self._read_employees((await self._client.get("/hris/employees", params=query)).content).data
            for employee in page.results:
                tally.items += 1
                tally.seen += len(employee.employments)
            if page.next is None:
                return tally
            query["cursor"] = page.next

    async def one_item_calls(self, integration_id: str, calls: int) -> Tally:
        tally = Tally()
        path = f"/integrations/{integration_id}/integration-fields"
        for _ in range(calls):
            page = self._read_fields((await self._client.get(path, params={"page_size": "1"})).content).data
            for field in page.results:
                tally.items += 1
                tally.seen += field.is_passthrough_enabled
        return tally

    async def actions(self, count: int) -> Tally:
        tally = Tally()
        headers = {"Content-Type": "application/json"}
        for _ in range(count):
            absence = _NewAbsence(
                employee_id="E00000000000000000000001",
                absence_type_id="5fQ8TyvUbGz3mKxW2nRpLsD0",
                start_date=date(2027, 7, 5),
                end_date=date(2027, 7, 9),
                employee_note="Außer Haus",
            )
            answer = await self._client.post("/hris/absences", content=absence.model_dump_json(), headers=headers)
            tally.items += 1
            tally.seen += self._read_absence(answer.content).data.status == "REQUESTED"
        return tally

    async def pages(self, kind: Kind, page_size: int) -> AsyncGenerator[Sequence[Any]]:
        read: Any = self._read_fields if kind == "fields" else self._read_employees
        path = f"/integrations/{self._integration_id}/integration-fields" if kind == "fields" else "/hris/employees"
        query = {"page_size": str(page_size)}
        while True:
            page = read((await self._client.get(path, params=query)).content).data
            yield page.results
            if page.next is None:
                return
            query["cursor"] = page.next
