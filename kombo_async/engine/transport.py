"""The network: send one request, bring back one answer. The only importer of aiohttp."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Generator, Iterable
from contextlib import aclosing
from functools import lru_cache
from ssl import SSLContext, SSLError
from typing import Any, cast

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientSession, ClientTimeout, TCPConnector, hdrs
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload
from aiohttp.tracing import Trace
from multidict import CIMultiDict
from yarl import URL

from .. import __version__
from ..config import Timeouts
from ..errors import KomboConnectionError, KomboTimeoutError
from ..redaction import Hidden, printable
from . import codec
from .patience import Patience, Wait
from .proxy import Proxy
from .wire import Answer, Lines, Request

USER_AGENT = f"kombo_async/{__version__}"

_PIECE = 1 << 16
_TURN = 1 << 21
"""Bytes of a body after which other tasks run: what is unpacked can come faster than anything has to be waited for."""

_FORBIDDEN_BY_PROXY = {400, 401, 403, 404, 405, 407}

_SESSION_CLOSED = "the aiohttp session given to this client was closed by its owner; keep it open as long as the client"
_OTHER_LOOP = (
    "the aiohttp session given to this client belongs to another event loop; "
    "make a client for each loop with a session of that loop, or give none"
)

_RAISE_LIMIT = "Ask for smaller pages, or raise Limits(max_response_bytes=…)."
_CHECK_NETWORK = (
    "Check the network, the proxy if there is one (HTTPS_PROXY, proxy=), and the address "
    "(base_url, KOMBO_BASE_URL, --base-url; region, --region)."
)


_MISCONFIGURED_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL", "UNKNOWN_PROTOCOL", "NO_PROTOCOLS_AVAILABLE"}
)
"""Why a handshake fails with a server that speaks no TLS, or no version of it that we do."""


class _TooLarge(aiohttp.ClientError):
    def __init__(self, limit: int) -> None:
        super().__init__(f"the response has more than {limit:,} bytes")


class Transport:
    """How a client reaches the network: by the caller's session, or by one of our own for each event loop."""

    def __init__(
        self,
        session: ClientSession | None,
        api_key: Hidden[str],
        *,
        max_response_bytes: int,
        proxy: Proxy | None = None,
        ssl: SSLContext | None = None,
    ) -> None:
        if session is not None and not isinstance(session, ClientSession):
            raise TypeError(f"session is an aiohttp.ClientSession, not {type(session).__name__}")
        self.given = session
        self.proxy_url = None if proxy is None else proxy.url
        self.middlewares = () if proxy is None else (_ProxyHeaders(proxy),)
        self.ssl = ssl
        self.max_response_bytes = max_response_bytes
        self.authorization = f"Bearer {api_key.value}"
        self.closed = False

    async def authorize(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Set our header on a request of the caller's session, after aiohttp has set the one that a netrc file or the
        session's `auth` asks for: with both from the start, it would raise."""
        request.headers[hdrs.AUTHORIZATION] = self.authorization
        return await handler(request)

    def network(self) -> Network:
        """Return what is needed in the running event loop."""
        return Network(self)


class Network:
    """What a client has on the network in one event loop: the requests, and a session of its own, which ends with the
    loop at the latest."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._patience = Patience(self._loop)
        self._owner: AsyncGenerator[ClientSession] | None = None
        self._own: ClientSession | None = None

    async def send(self, request: Request, timeouts: Timeouts, now: float, ends_at: float) -> Answer:
        """Send *request* once. Raise `KomboConnectionError` or `KomboTimeoutError`, whose `may_have_run` tells
        whether a change can have arrived."""
        session, timeout, headers, middlewares = self._own, _client_timeout(timeouts.connect), request.headers, None
        operation = request.operation
        idle = math.inf if operation.may_take_minutes else timeouts.idle
        if self._transport.given is not None:
            session, timeout = self._given(self._transport.given), _given_timeout(timeouts.connect, idle)
            headers, idle = {hdrs.USER_AGENT: USER_AGENT, **headers}, math.inf
            # Its own middlewares have no public name; ours is the innermost.
            middlewares = (*getattr(session, "_middlewares", ()), self._transport.authorize)
        elif session is None or session.closed:
            session = await self._open()
        lines: Lines | None
        body: _Body | _LinesBody | None
        if isinstance(request.body, Lines):
            lines, body = request.body, _LinesBody(request.body)
        else:
            lines, body = None, None if request.body is None else _Body(request.body)
        wait = self._patience.begin(ends_at, idle, body, now)
        try:
            response = await session.request(
                operation.method,
                URL(request.url, encoded=True),
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                middlewares=middlewares,
            )
            wait.incoming = response.content
            answer = Answer(response.status, response.headers, await self._read(response))
            if response.connection is not None:
                # The server answered before it had read the request, or wants to change the protocol.
                response.close()
                if body is not None:
                    body.abort()
            return answer  # noqa: TRY300
        except (aiohttp.ClientError, OSError, asyncio.CancelledError) as error:
            if body is not None:
                body.abort()
            # aiohttp's time-outs are OSErrors, and most of them ClientErrors too.
            ran_out = self._patience.has_run_out(wait)
            if isinstance(error, asyncio.CancelledError) and not ran_out:
                raise
            if lines is None or lines.failure is None:
                arrived = operation.changes and body is not None and body.sent
                raise self._broken(error, wait, operation.may_take_minutes, arrived) from _cause(error)
        finally:
            self._patience.end(wait)
            if isinstance(body, _LinesBody):
                await body.end()
        # The request was broken off, so that Kombo did nothing. Outside the handler, the exception keeps its own cause.
        assert lines is not None
        assert lines.failure is not None
        raise lines.failure

    def _read(self, response: ClientResponse) -> Awaitable[bytes]:
        """Read the body up to the limit, which counts what is unpacked: a kilobyte can become gigabytes."""
        limit = self._transport.max_response_bytes
        announced = None if hdrs.CONTENT_ENCODING in response.headers else response.content_length
        if announced is not None and announced <= limit:
            return response.read()
        return self._read_bounded(response, limit, announced or 0)

    async def _read_bounded(self, response: ClientResponse, limit: int, size: int) -> bytes:
        parts: list[bytes] = []
        received, yield_at = 0, _TURN
        try:
            while size <= limit and (part := await response.content.readany()):
                parts.append(part)
                received += len(part)
                size = received
                if received >= yield_at:
                    yield_at = received + _TURN
                    await asyncio.sleep(0)
            if size > limit:
                raise _TooLarge(limit)  # noqa: TRY301
        except BaseException:
            response.close()
            parts.clear()
            raise
        return b"".join(parts)

    def _given(self, session: ClientSession) -> ClientSession:
        if session.closed:
            raise RuntimeError(_SESSION_CLOSED)
        # Its public property warns. What aiohttp itself says of a wrong loop helps nobody.
        if getattr(session, "_loop", None) not in {None, self._loop}:
            raise RuntimeError(_OTHER_LOOP)
        return session

    async def _open(self) -> ClientSession:
        self._owner = self._owned()
        self._own = session = await anext(self._owner)
        return session

    async def _owned(self) -> AsyncGenerator[ClientSession]:
        # The loop knows its generators and closes them at the end of asyncio.run: a client that nobody closed
        # leaves no warning behind.
        transport = self._transport
        session = ClientSession(
            connector=_Connector(self._patience, transport.ssl),
            # Kombo sets none that matter.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={hdrs.AUTHORIZATION: transport.authorization, hdrs.USER_AGENT: USER_AGENT},
            proxy=transport.proxy_url,
            middlewares=transport.middlewares,
        )
        try:
            yield session
        finally:
            await session.close()

    async def close(self) -> None:
        """End our own session. The caller's stays open, and those in other loops end with them."""
        self._patience.close()
        owner, self._owner = self._owner, None
        if owner is not None:
            await owner.aclose()

    def _broken(
        self, error: BaseException, wait: Wait, long: bool, may_have_run: bool
    ) -> KomboConnectionError | KomboTimeoutError:
        if self._transport.closed:
            return KomboConnectionError("the client was closed during the call", may_have_run=may_have_run)
        if wait.ran_out is not None or isinstance(error, TimeoutError):
            return KomboTimeoutError(_which_timeout(error, wait, long), may_have_run=may_have_run)
        broken = KomboConnectionError(_words(error), may_have_run=may_have_run)
        broken.hint = _RAISE_LIMIT if isinstance(error, _TooLarge) else _CHECK_NETWORK
        broken.permanent = _is_permanent(error)
        return broken


@lru_cache(64)
def _client_timeout(connect: float) -> ClientTimeout:
    # The rest is for `Patience` to see to. Long time-outs would be rounded up to whole seconds.
    return ClientTimeout(total=None, connect=connect, sock_connect=connect, ceil_threshold=math.inf)


@lru_cache(64)
def _given_timeout(connect: float, idle: float) -> ClientTimeout:
    """For a session of which we do not see when it makes a connection, and so when silence begins."""
    sock_read = None if idle == math.inf else idle
    return ClientTimeout(total=None, sock_connect=connect, sock_read=sock_read, ceil_threshold=math.inf)


class _ProxyHeaders:
    """A middleware that decides what the proxy itself is told.

    aiohttp would send it all headers of the session in the CONNECT request, with our API key as its credentials. The
    real credentials, as arguments of a request, would be in the locals of frames that tracebacks show.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._authorization = proxy.authorization

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        request.proxy_headers = CIMultiDict({hdrs.USER_AGENT: USER_AGENT})
        if self._authorization is not None:
            headers = request.proxy_headers if request.is_ssl() else request.headers
            headers[hdrs.PROXY_AUTHORIZATION] = self._authorization
        return await handler(request)


class _Connector(TCPConnector):
    """Tells when a connection is made, a time in which nothing can arrive."""

    def __init__(self, patience: Patience, ssl: SSLContext | None) -> None:
        # The limiter decides how many requests are under way.
        super().__init__(limit=0, ssl=True if ssl is None else ssl)  # pyright: ignore[reportUnknownMemberType]
        self._patience = patience

    async def _get(self, key: Any, traces: list[Trace]) -> Any:
        while (connection := await super()._get(key, traces)) is not None:
            protocol, transport = connection.protocol, connection.transport
            # What arrived while nothing was asked would be taken for the response to the next request.
            if protocol and transport and not (protocol.should_close or transport.get_write_buffer_size()):
                return connection
            if transport is not None:
                transport.abort()
            connection.close()
        return None

    async def _create_connection(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Any:  # noqa: ASYNC109
        self._patience.connecting(done=False)
        try:
            return await super()._create_connection(req, traces, timeout)
        finally:
            self._patience.connecting(done=True)


class _SentBody(Payload):
    """A body that is sent once, and knows whether the server can have it whole."""

    _size: int | None = None
    sent = False
    """Whether all of it was handed to the transport: the server can have it, though it may still be in a buffer."""
    _connection: asyncio.WriteTransport | None = None

    def abort(self) -> None:
        """Abort the connection if aiohttp has closed it: it would still send what is in its buffer. One that is open
        went back to the pool with the whole response, and may serve another request by now."""
        if self._connection is not None and self._connection.is_closing():
            self._connection.abort()

    def _write_to(self, writer: AbstractStreamWriter) -> None:
        self._connection = getattr(writer, "transport", None)


class _Body(_SentBody):
    """A JSON body. aiohttp would send PUT and DELETE again by itself when a kept connection turns out to be dead, and
    nobody would know: it is sent once."""

    def __init__(self, value: bytes) -> None:
        super().__init__(value, content_type="application/json")
        self._size = len(value)

    @property
    def consumed(self) -> bool:
        return self.sent

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return cast("bytes", self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        if self.sent:
            raise aiohttp.ClientConnectionError("a request that changes something was about to be sent a second time")
        self._write_to(writer)
        connection = self._connection
        # In pieces, so that the writer can hold a large one back while the connection is slow.
        view = memoryview(self._value)
        for start in range(0, len(view), _PIECE):
            if start + _PIECE >= len(view):
                # From here on the server may get all of it. A connection that is closed takes nothing any more.
                self.sent = connection is None or not connection.is_closing()
            await writer.write(view[start : start + _PIECE])


class _LinesBody(_SentBody):
    """A body of lines that are made while it is sent. Where making one fails, the request breaks off before its end."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(lines, content_type="application/x-ndjson")
        self._lines = lines
        self._writing: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def consumed(self) -> bool:
        return self._lines.started

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:  # noqa: ARG002
        raise TypeError("a body of lines is made while it is sent")

    async def write(self, writer: AbstractStreamWriter) -> None:
        self._lines.started = True
        self._write_to(writer)
        # aiohttp cancels its own task as often as it likes, and would break off a generator that is cleaning up.
        self._writing = asyncio.create_task(self._write(writer))
        await asyncio.shield(self._writing)

    async def _write(self, writer: AbstractStreamWriter) -> None:
        pieces = _pieces(self._lines)
        try:
            async for piece in pieces:
                await writer.write(piece)
                # Lines that are made without waiting, on a fast connection, would keep the loop from all else.
                await asyncio.sleep(0)
        finally:
            self._closing = True
            await pieces.aclose()
        if self._lines.failure is not None:
            # Else the server could wait for the rest, and we for the rest of an answer that it has begun.
            if self._connection is not None:
                self._connection.abort()
            raise aiohttp.ClientConnectionError("what makes the lines has failed")
        self.sent = True

    async def end(self) -> None:
        """Return when nothing is made any more, and what made the lines is closed."""
        if self._writing is None:
            return
        if not self._writing.done():
            if not self._closing:
                self._writing.cancel()
            try:
                await asyncio.wait([self._writing])
            except asyncio.CancelledError:
                self._writing.cancel()
                raise
        if not self._writing.cancelled():
            # Looked at, so that asyncio does not warn of it: what the lines raised is told by the call.
            self._writing.exception()


async def _pieces(lines: Lines) -> AsyncGenerator[bytes]:
    """Yield the lines in pieces of some size, up to the first that fails, which is then the `failure` of *lines*."""
    size, number, piece = 0, 0, bytearray()
    try:
        async with aclosing(_each(lines.source)) as items:
            async for item in items:
                number += 1
                line = _line(item, lines.kind, f"line {number}")
                size += len(line) + 1
                if size > lines.most:
                    raise ValueError(f"line {number} goes beyond the {lines.most:,} bytes that Kombo takes")  # noqa: TRY301
                piece += line
                piece += b"\n"
                if len(piece) >= _PIECE:
                    yield bytes(piece)
                    piece.clear()
        if not number and lines.once:
            # The most likely reason, after which the request would mean something that nobody asked for.
            raise ValueError("the iterator has no items, or no more: pass [] if none are meant")  # noqa: TRY301
    except BaseException as error:
        # What is not for us to end it by is the caller's, also a cancellation in there, and goes back to the caller.
        task = asyncio.current_task()
        if isinstance(error, GeneratorExit) or (task is not None and task.cancelling()):
            raise
        lines.failure = error
        return
    if piece:
        yield bytes(piece)


def _line(item: object, kind: Any, place: str) -> bytes:
    try:
        return codec.encode(item, kind, place)
    except (TypeError, ValueError) as error:
        if place not in str(error):
            error.add_note(f"This is about {place}.")
        raise


async def _each(source: Iterable[object] | AsyncIterable[object]) -> AsyncGenerator[object]:
    """Yield from either kind; a generator is closed in the end, and not when somebody comes to collect it."""
    if isinstance(source, AsyncIterable):
        later = aiter(source)
        try:
            async for item in later:
                yield item
        finally:
            if isinstance(later, AsyncGenerator):
                await later.aclose()
    else:
        now = iter(source)
        try:
            for item in now:
                yield item
        finally:
            if isinstance(now, Generator):
                now.close()


def _which_timeout(error: BaseException, wait: Wait, long: bool) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection within Timeouts.connect"
    if wait.ran_out == "idle" or isinstance(error, aiohttp.SocketTimeoutError):
        return "nothing arrived within Timeouts.idle"
    return f"no answer within Timeouts.{'action_deadline' if long else 'read_deadline'}"


def _is_permanent(error: BaseException) -> bool:
    """Whether the same request would fail in the same way a second later."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return error.status in _FORBIDDEN_BY_PROXY
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ServerFingerprintMismatch | _TooLarge):
        return True
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(cause, SSLError) and cause.reason in _MISCONFIGURED_TLS


def _words(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"cannot trust the certificate of {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, _TooLarge):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refused the connection: HTTP {error.status} {printable(error.message, 200)}"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off or could not be unpacked"
    if isinstance(error, OSError) and error.errno is not None:
        return f"the connection broke: {os.strerror(error.errno)}"
    return f"the connection broke ({type(error).__name__})"


def _cause(error: BaseException) -> BaseException | None:
    """Return what tracebacks may show as the cause. aiohttp's own errors hold addresses with their query, headers with
    the key, and bytes of the answer."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    return None if isinstance(error, aiohttp.ClientError | asyncio.CancelledError) else error
