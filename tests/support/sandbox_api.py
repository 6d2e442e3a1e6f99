"""A plain HTTP client for the sandbox: the library's own client is tested elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import attrs
import msgspec
from yarl import URL

from kombo_async.sandbox import Sandbox


@attrs.frozen
class ApiResponse:
    """A response whose body was read."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def data(self) -> Any:
        assert self.status == 200, self.json
        return self.json["data"]

    @property
    def results(self) -> list[dict[str, Any]]:
        return self.data["results"]

    @property
    def code(self) -> str | None:
        assert self.json["status"] == "error", self.json
        return self.json["error"]["code"]

    @property
    def message(self) -> str:
        return self.json["error"]["message"]


class Api:
    """Sends requests to one sandbox, by default for its first integration."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.integration_id = sandbox.integration_id

    def response(self, method: str, path: str, *, raw: bool = False, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.sandbox.api_key}", "X-Integration-Id": self.integration_id}
        headers |= more.pop("headers", {})
        given = {name: value for name, value in headers.items() if value is not None}
        url = self.sandbox.base_url + path
        return self.session.request(method, URL(url, encoded=True) if raw else url, headers=given, **more)

    async def __call__(self, method: str, path: str, **more: Any) -> ApiResponse:
        async with self.response(method, path, **more) as response:
            return ApiResponse(response.status, response.headers.copy(), await response.json(loads=msgspec.json.decode))

    async def get(self, path: str, **params: Any) -> ApiResponse:
        return await self("GET", path, params=params)

    async def employees(self, **params: Any) -> list[dict[str, Any]]:
        """Return all employees."""
        return await self.all("/hris/employees", **{"page_size": 250, **params})

    async def all(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return all records of a list."""
        page = await self.get(path, **params)
        records = list(page.results)
        while page.data["next"]:
            page = await self.get(path, **params, cursor=page.data["next"])
            records += page.results
        return records

    async def first(self, path: str, **filters: Any) -> dict[str, Any]:
        """Return the first record of a list."""
        return (await self.get(path, **filters)).results[0]

    async def one(self, path: str, record_id: str) -> dict[str, Any]:
        """Return the record with an id, also if it is deleted."""
        return await self.first(path, ids=record_id, include_deleted="true")

    @property
    def integration_path(self) -> str:
        """Return the path of the integration."""
        return f"/integrations/{self.integration_id}"

    async def sync(self) -> None:
        await self("POST", "/force-sync", json={})
        await self.sandbox.sync_finished(self.integration_id)

    async def passthrough(
        self, path: str, method: str = "GET", *, api: str = "personio/personnel", **more: Any
    ) -> ApiResponse:
        return await self("POST", f"/passthrough/{api}", json={"method": method, "path": path, **more})


Open = Callable[..., AbstractAsyncContextManager[Api]]
"""Runs a sandbox with a configuration, and gives an `Api` for it."""
