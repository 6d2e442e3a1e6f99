"""Requests as clients send them: read, and logged, in a bounded amount of memory."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict, deque
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
_KEPT_RESPONSE = 64 * 1024
_KEPT_RESPONSES = 8 * MIB
_MAX_KEPT_RESPONSES = 2_000
"""Bytes that are kept of one body, of one response and of all responses; and how many responses are kept."""
_READ_TIMEOUT = 60.0
"""Seconds that a client may take to send a body."""
_ENTRY_BYTES = 1_500
_PAIR_BYTES = 250
"""Memory of a logged request, and of each of its headers and query parameters, in addition to their texts."""


@attrs.define(eq=False, on_setattr=attrs.setters.frozen)
class ReceivedRequest:
    """A request as it arrived, before anything was checked; and what became of it."""

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
    number: int = attrs.field(default=0, on_setattr=attrs.setters.NO_OP)
    """Its number among all requests since the start."""
    received_at: float = attrs.field(default=0.0, on_setattr=attrs.setters.NO_OP)
    """The same moment by the clock of the sandbox, in seconds since 1970."""
    status: int | None = attrs.field(default=None, on_setattr=attrs.setters.NO_OP)
    """The HTTP status that it was answered with. None while it is in progress, and if the connection broke before the
    response began."""
    milliseconds: float | None = attrs.field(default=None, on_setattr=attrs.setters.NO_OP)
    """How long the sandbox took; None while it is in progress."""
    fault: str | None = attrs.field(default=None, on_setattr=attrs.setters.NO_OP)
    """The name of the fault that was applied to it, such as `rate_limited`."""
    code: str | None = attrs.field(default=None, on_setattr=attrs.setters.NO_OP)
    """The code of the error that it was answered with, such as `PLATFORM.INPUT_INVALID`."""

    def memory(self) -> int:
        """Return about how much memory it takes, in bytes."""
        pairs = [*self.query, *self.headers.items()]
        texts = sum(len(name) + len(value) for name, value in pairs)
        return _ENTRY_BYTES + _PAIR_BYTES * len(pairs) + texts + len(self.path) + len(self.body)


@attrs.frozen
class SentResponse:
    """The beginning of a response that was sent."""

    headers: Mapping[str, str]
    """Its headers."""
    body: bytes
    """Its body, uncompressed, cut after 64 KiB in the log."""
    size: int
    """The size of the whole body."""


class RequestLog:
    """The latest requests, bounded by number and by memory."""

    def __init__(self, max_requests: int, max_bytes: int) -> None:
        self.requests: deque[ReceivedRequest] = deque(maxlen=max_requests)
        self._max_bytes = max_bytes
        self._added = 0
        self._sent: OrderedDict[int, SentResponse] = OrderedDict()
        self._sent_bytes = 0
        self._bytes = 0
        """An upper bound of the memory in use: what the deque dropped, or a user removed from it, is subtracted at the
        next count."""

    def add(self, received: ReceivedRequest) -> ReceivedRequest:
        """Log a request, drop the oldest ones beyond the memory limit, and return the entry of the log."""
        if len(received.body) > _KEPT_BODY:
            received = attrs.evolve(received, body=received.body[:_KEPT_BODY])
        self._added += 1
        received.number = self._added
        self.requests.append(received)
        self._bytes += received.memory()
        if self._bytes > self._max_bytes:
            self._bytes = sum(each.memory() for each in self.requests)
            # Below the limit, so that not every following request counts all of them again.
            while self.requests and self._bytes > self._max_bytes * 3 // 4:
                self._bytes -= self.requests.popleft().memory()
        return received

    def find(self, number: int) -> ReceivedRequest | None:
        """Return the request with this number, or None if it is no longer in the log."""
        return next((each for each in reversed(self.requests) if each.number == number), None)

    def keep_response(self, number: int, sent: SentResponse) -> None:
        """Remember the response to a request until newer ones need its memory."""
        sent = attrs.evolve(sent, body=sent.body[:_KEPT_RESPONSE])
        self._sent[number] = sent
        self._sent_bytes += len(sent.body)
        while self._sent_bytes > _KEPT_RESPONSES or len(self._sent) > _MAX_KEPT_RESPONSES:
            self._sent_bytes -= len(self._sent.popitem(last=False)[1].body)

    def response_to(self, number: int) -> SentResponse | None:
        """Return the response to a request, if it is still remembered."""
        return self._sent.get(number)

    def clear(self) -> None:
        """Forget all requests and responses. Numbers are not reused."""
        self.requests.clear()
        self._sent.clear()
        self._bytes = self._sent_bytes = 0


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
        """Read the body to its end and return it, or nothing without `keep`; raise the error of one that is too large,
        slow or damaged."""
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
