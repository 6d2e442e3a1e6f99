"""A TCP line to a server, which breaks where it is told to."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from enum import Enum
from typing import Self


class Moment(Enum):
    """Where the line breaks."""

    ACCEPTED = "the connection is reset as soon as it is there"
    SENT = "the connection is reset when the request has arrived, and the server never sees it"
    IN_HEADERS = "the connection is reset in the middle of the headers of the answer"
    IN_BODY = "the connection is reset in the middle of the body of the answer"
    IDLE = "a kept connection is closed without a word after the answer"
    REUSED = "a kept connection is reset when the next request comes over it"


class Line:
    """Hands each request on to a server, and its answer back, over a connection of its own unless it is to be kept."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._break: Moment | None = None
        self._after = 0
        self._times: float = 0

    def break_at(self, moment: Moment | None, *, after: int = 0, times: float = 1) -> None:
        """Break there, *times* times, when *after* more requests went through."""
        self._break, self._after, self._times = moment, after, times

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None
        return self._server.sockets[0].getsockname()[1]

    async def __aenter__(self) -> Self:
        listener = socket.create_server(("127.0.0.1", 0))
        # So that a large request is not on its way as a whole before anybody has read of it.
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

    def _now(self, *moments: Moment) -> bool:
        """Whether it is time to break, at one of these moments."""
        return self._break in moments and not self._after and self._times > 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._pass_on(reader, writer)
        finally:
            writer.close()
            self._writers.discard(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._now(Moment.ACCEPTED):
            self._times -= 1
            _reset(writer)
            return
        served = 0
        while True:
            request = await _message(reader)
            if self._now(Moment.SENT) or (served and self._now(Moment.REUSED)):
                self._times -= 1
                _reset(writer)
                return
            answer = await self._ask(request)
            head = answer.index(b"\r\n\r\n")
            if self._now(Moment.IN_HEADERS, Moment.IN_BODY):
                self._times -= 1
                writer.write(answer[: head // 2 if self._break is Moment.IN_HEADERS else (head + len(answer)) // 2])
                await writer.drain()
                # A reset may overtake what was sent before it.
                await asyncio.sleep(0.01)
                _reset(writer)
                return
            keep = self._break is Moment.REUSED
            silent = self._now(Moment.IDLE)
            self._times -= silent
            if not keep and not silent:
                answer = answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
            writer.write(answer)
            self._after = max(self._after - 1, 0)
            served += 1
            if not keep:
                return

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._to, limit=1 << 26)
        try:
            writer.write(request)
            return await _message(reader)
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read a request or an answer that says how long it is."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection so that the other side is told of it as an error."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
