"""A plain HTTP client for the control API of a sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import attrs
from yarl import URL

from kombo_async.sandbox import Sandbox, SandboxThread


@attrs.frozen
class ControlResponse:
    """A response whose body was read."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def results(self) -> list[dict[str, Any]]:
        assert self.status == 200, self.json
        return self.json["results"]

    @property
    def error(self) -> dict[str, Any]:
        assert self.status >= 400, self.json
        return self.json["error"]


class ControlClient:
    """Sends requests to the control API of one sandbox."""

    def __init__(self, sandbox: Sandbox | SandboxThread, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.root = f"{sandbox.base_url.removesuffix('/v1')}/_sandbox"

    async def __call__(self, method: str, path: str, **more: Any) -> ControlResponse:
        url = URL(self.root + path, encoded=True) if more.pop("raw", False) else self.root + path
        async with self.session.request(method, url, **more) as response:
            body = await response.read()
            return ControlResponse(response.status, response.headers.copy(), json.loads(body) if body else None)

    async def get(self, path: str, /, **params: Any) -> ControlResponse:
        return await self("GET", path, params=params)

    async def post(self, path: str, body: Any = None, /, **params: Any) -> ControlResponse:
        return await self("POST", path, json={} if body is None else body, params=params)
