"""Request bodies for aiohttp, which know whether the server may have the whole body."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload

from ..ndjson import NDJSONBody, encode_lines

_CHUNK_SIZE = 1 << 16


class SentOncePayload(Payload):
    """A body that is written to one connection only, once."""

    _size: int | None = None
    sent = False
    """Whether all of it was handed to the transport. The server can have it, though it may still be in a buffer."""
    _writer: AbstractStreamWriter | None = None

    @property
    def _connection(self) -> asyncio.WriteTransport | None:
        """The connection that it is written to; None before, and when the connection is lost."""
        return getattr(self._writer, "transport", None)

    def abort(self) -> None:
        """Abort the connection if aiohttp has closed it, or asyncio because the server did, as it would still send what
        is in its buffer. An open one is back in the pool after a whole response, and may serve another request by
        now."""
        connection = self._connection
        if connection is not None and connection.is_closing():
            connection.abort()


class JSONPayload(SentOncePayload):
    """An encoded JSON body.

    aiohttp itself repeats a PUT or DELETE if a kept connection turns out to be closed. Writing the body a second time
    raises instead, so that only the retry policy decides.
    """

    def __init__(self, value: bytes) -> None:
        super().__init__(value, content_type="application/json")
        self._size = len(value)

    @property
    def consumed(self) -> bool:
        """Whether aiohttp must not write it again."""
        return self.sent

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the body as text."""
        return cast("bytes", self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the body to a connection."""
        if self.sent:
            raise aiohttp.ClientConnectionError("a request that changes something was about to be sent a second time")
        self._writer = writer
        connection = self._connection
        # In chunks, between which the writer waits while the buffer of the connection is full.
        view = memoryview(self._value)
        for start in range(0, len(view), _CHUNK_SIZE):
            if start + _CHUNK_SIZE >= len(view):
                # With the last chunk the server may get all of it, unless the connection is closed and ignores it.
                self.sent = connection is None or not connection.is_closing()
            await writer.write(view[start : start + _CHUNK_SIZE])


class NDJSONPayload(SentOncePayload):
    """A body of lines that are encoded while it is sent. An item that fails ends the request before its end."""

    def __init__(self, body: NDJSONBody) -> None:
        super().__init__(body, content_type="application/x-ndjson")
        self._body = body
        self._writing: asyncio.Task[None] | None = None
        self._closing_source = False

    @property
    def consumed(self) -> bool:
        """Whether aiohttp must not write it again."""
        return self._body.started

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002
        """Raise `TypeError`: the body is never there as a whole."""
        raise TypeError("a body of lines is made while it is sent")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the body to a connection, line by line."""
        self._body.started = True
        self._writer = writer
        # In a task of its own: aiohttp may cancel the one that writes several times, and so interrupt the cleanup of
        # the caller's generator.
        self._writing = asyncio.create_task(self._write(writer))
        await asyncio.shield(self._writing)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        chunks = encode_lines(self._body)
        try:
            async for chunk in chunks:
                await writer.write(chunk)
                # A source that never waits, on a fast connection, would block the event loop.
                await asyncio.sleep(0)
        finally:
            self._closing_source = True
            await chunks.aclose()
        if self._body.failure is not None:
            # A server that waits for the rest, with a response that it has begun, would keep the call waiting.
            if self._connection is not None:
                self._connection.abort()
            raise aiohttp.ClientConnectionError("what makes the lines has failed")
        self.sent = True

    async def close_source(self) -> None:
        """Return when no more lines are made and the caller's generator is closed."""
        if self._writing is None:
            return
        if not self._writing.done():
            if not self._closing_source:
                self._writing.cancel()
            try:
                await asyncio.wait([self._writing])
            except asyncio.CancelledError:
                self._writing.cancel()
                raise
        if not self._writing.cancelled():
            # Retrieved, so that asyncio does not log it: the call raises `failure`.
            self._writing.exception()
