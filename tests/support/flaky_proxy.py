"""A TCP proxy in front of a server, which breaks connections at a chosen point."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from enum import Enum
from typing import Self


class BreakPoint(Enum):
    """When the proxy breaks a connection."""

    ACCEPTED = "the connection is reset as soon as it is accepted"
    SENT = "the connection is reset when the request has arrived, and the server never receives it"
    IN_HEADERS = "the connection is reset within the headers of the response"
    IN_BODY = "the connection is reset within the body of the response"
    IDLE = "a kept connection is closed silently after the response"
    REUSED = "a kept connection is reset when the next request arrives on it"


class FlakyProxy:
    """Forwards each request to a server, and the response back; closes connections unless a break needs a kept one."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._break: BreakPoint | None = None
        self._after = 0
        self._times: float = 0

    def break_at(self, point: BreakPoint | None, *, after: int = 0, times: float = 1) -> None:
        """Break *times* connections at this point, once *after* more requests have passed; None ends it."""
        self._break, self._after, self._times = point, after, times

    @property
    def port(self) -> int:
        """The port that the proxy listens on."""
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    async def __aenter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        # A small buffer: a large request is still being sent when the proxy reads its beginning.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
        self._server = await asyncio.start_server(self._serve, sock=listener, limit=1 << 26)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        while self._writers:  # noqa: ASYNC110
            await asyncio.sleep(0.001)

    def _is_due(self, *points: BreakPoint) -> bool:
        """Whether to break now, at one of these points."""
        return self._break in points and not self._after and self._times > 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._forward(reader, writer)
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_due(BreakPoint.ACCEPTED):
            self._times -= 1
            _reset(writer)
            return
        served = 0
        while True:
            request = await _message(reader)
            if self._is_due(BreakPoint.SENT) or (served and self._is_due(BreakPoint.REUSED)):
                self._times -= 1
                _reset(writer)
                return
            response = await self._request(request)
            head = response.index(b"\r\n\r\n")
            if self._is_due(BreakPoint.IN_HEADERS, BreakPoint.IN_BODY):
                self._times -= 1
                writer.write(
                    response[: head // 2 if self._break is BreakPoint.IN_HEADERS else (head + len(response)) // 2]
                )
                await writer.drain()
                # A reset may overtake the bytes that were sent before it.
                await asyncio.sleep(0.01)
                _reset(writer)
                return
            keep = self._break is BreakPoint.REUSED
            silent = self._is_due(BreakPoint.IDLE)
            self._times -= silent
            if not keep and not silent:
                response = response.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            writer.write(response)
            self._after = max(self._after - 1, 0)
            served += 1
            if not keep:
                return

    async def _request(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._server_port, limit=1 << 26)
        try:
            writer.write(request)
            return await _message(reader)
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read a request or a response with a content length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Reset the connection: the other side gets an error instead of an end of file."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
