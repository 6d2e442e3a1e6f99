"""Requests as clients send them: read, and logged, in a bounded amount of memory."""

from __future__ import annotations

import asyncio
import hmac
from collections import deque
from collections.abc import Mapping

import attrs
from aiohttp import HttpVersion11, web
from multidict import CIMultiDictProxy

from ...redaction import hidden
from ..api_errors import ErrorResponse, invalid_input

MIB = 1024**2
_MAX_JSON = 20 * MIB
_MAX_LINES = 40 * MIB
"""Bytes of one body after decompression: Kombo documents 35 MB for bulk imports, and advises 10 MB of files in an
application. Decoded JSON may take twenty times as much; lines are decoded one by one."""
_MAX_BUFFERED = 4 * _MAX_LINES
"""Bytes of all bodies that are being read at the same time."""
_KEPT_BODY = MIB
_READ_TIMEOUT = 60.0
"""Seconds that a client may take to send a body."""
_ENTRY_BYTES = 1_500
_PAIR_BYTES = 250
"""Memory of a logged request, and of each of its headers and query parameters, in addition to their texts."""


@attrs.frozen(eq=False)
class ReceivedRequest:
    """A request as it arrived, before anything was checked."""

    method: str
    """In capitals."""
    path: str
    """As it was sent: percent-encoded, without the query."""
    query: list[tuple[str, str]]
    """Decoded names and values, in order."""
    headers: CIMultiDictProxy[str] = attrs.field(repr=hidden)
    """Names are case-insensitive. The API key is among the values, so `repr` leaves them out."""
    body: bytes = attrs.field(repr=hidden)
    """Decompressed. Empty if it was not read to its end (the key was wrong, it was too large or damaged, a fault broke
    the connection); `sandbox.requests` cuts it after 1 MiB."""
    time: float
    """When the headers had arrived, by `time.monotonic()`."""

    def memory(self) -> int:
        """Return about how much memory it takes, in bytes."""
        pairs = [*self.query, *self.headers.items()]
        texts = sum(len(name) + len(value) for name, value in pairs)
        return _ENTRY_BYTES + _PAIR_BYTES * len(pairs) + texts + len(self.path) + len(self.body)


class RequestLog:
    """The latest requests, bounded by number and by memory."""

    def __init__(self, max_requests: int, max_bytes: int) -> None:
        self.requests: deque[ReceivedRequest] = deque(maxlen=max_requests)
        self._max_bytes = max_bytes
        self._bytes = 0
        """An upper bound of the memory in use: requests that were dropped or cleared are subtracted later."""

    def add(self, received: ReceivedRequest) -> None:
        """Log a request, and drop the oldest ones beyond the memory limit."""
        if len(received.body) > _KEPT_BODY:
            received = attrs.evolve(received, body=received.body[:_KEPT_BODY])
        self.requests.append(received)
        self._bytes += received.memory()
        if self._bytes > self._max_bytes:
            self._bytes = sum(each.memory() for each in self.requests)
            # Below the limit, so that not every following request counts all of them again.
            while self.requests and self._bytes > self._max_bytes * 3 // 4:
                self._bytes -= self.requests.popleft().memory()


def has_key(headers: Mapping[str, str], api_key: str) -> bool:
    """Return whether the `Authorization` header carries the key."""
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    # aiohttp decodes bytes that are not UTF-8 to surrogates.
    sent = key.strip().encode("utf-8", "surrogateescape")
    return scheme.lower() == "bearer" and hmac.compare_digest(sent, api_key.encode())


def is_lines(headers: Mapping[str, str]) -> bool:
    """Return whether the body is NDJSON."""
    return headers.get("Content-Type", "").startswith("application/x-ndjson")


async def expect_continue(request: web.Request) -> None:
    """Answer `Expect: 100-continue`; ignore any other expectation, as RFC 9110 lets a server do."""
    expected = request.headers.get("Expect", "").lower() == "100-continue"
    if expected and request.version >= HttpVersion11 and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


class BodyReader:
    """Reads bodies with a limit for each of them, and one for all that are read at the same time."""

    def __init__(self) -> None:
        self._buffered = 0

    async def read(self, request: web.Request, *, keep: bool) -> bytes:
        """Return the body, or an empty one unless `keep`; raise the error of a too large, slow or damaged one."""
        body = bytearray()
        size, limit = 0, _MAX_LINES if is_lines(request.headers) else _MAX_JSON
        try:
            async with asyncio.timeout(_READ_TIMEOUT):
                while chunk := await request.content.readany():
                    size += len(chunk)
                    if size > limit:
                        raise invalid_input(f"The body is larger than {limit // MIB} MiB.", status=413)
                    if keep:
                        self._buffered += len(chunk)
                        body += chunk
                        if self._buffered > _MAX_BUFFERED:
                            raise ErrorResponse("PLATFORM.UNKNOWN_ERROR", "Too many large bodies at once.", status=503)
        except TimeoutError:
            raise invalid_input("The body did not arrive in time.", status=408) from None
        except web.RequestPayloadError:
            raise invalid_input("The body is not encoded as its headers say.") from None
        finally:
            self._buffered -= len(body)
        return bytes(body)
