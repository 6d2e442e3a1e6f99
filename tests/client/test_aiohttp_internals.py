"""What the transport uses of aiohttp beside its public API. A release of aiohttp that changes it fails here first."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractStreamWriter

from kombo_async import KomboClient
from kombo_async.engine.transport.connector import Connector, PooledConnection
from kombo_async.engine.transport.payloads import JSONPayload
from kombo_async.sandbox import Sandbox


async def test_connector_makes_connections_and_asks_them_before_reuse(
    client: KomboClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    asked: list[Any] = []
    create, is_connected = Connector._create_connection, PooledConnection.is_connected

    async def create_connection(self: Connector, *arguments: Any) -> Any:
        made.append(await create(self, *arguments))
        return made[-1]

    def record_question(self: PooledConnection) -> bool:
        asked.append(self)
        return is_connected(self)

    monkeypatch.setattr(Connector, "_create_connection", create_connection)
    monkeypatch.setattr(PooledConnection, "is_connected", record_question)
    for _ in range(3):
        await client.check_api_key()
    assert len(made) == 1
    assert asked == [*made, *made]


async def test_writer_of_a_body_has_the_transport(client: KomboClient, monkeypatch: pytest.MonkeyPatch) -> None:
    transports: list[Any] = []
    write = JSONPayload.write

    async def write_body(self: JSONPayload, writer: AbstractStreamWriter) -> None:
        await write(self, writer)
        transports.append(self._connection)

    monkeypatch.setattr(JSONPayload, "write", write_body)
    await client.trigger_sync()
    assert [transport.get_extra_info("peername") is not None for transport in transports] == [True]


async def test_session_keeps_its_middlewares_and_its_loop(sandbox: Sandbox) -> None:
    called: list[str] = []

    async def middleware(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        called.append(request.url.path)
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=[middleware]) as session:
        assert list(session._middlewares) == [middleware]
        assert session._loop is not None
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, session=session) as client:
            await client.check_api_key()
    assert called == ["/v1/check-api-key"]
