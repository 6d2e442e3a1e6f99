"""Send one request, return one response."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable
from ssl import SSLContext

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientSession, hdrs
from yarl import URL

from ...config import Timeouts
from ...errors import KomboConnectionError, KomboTimeoutError
from ...redaction import Hidden
from ..deadlines import PendingRequest, Watchdog
from ..ndjson import NDJSONBody
from ..proxy import Proxy
from ..request import Request
from ..response import Response
from .connector import USER_AGENT, Connector, ProxyHeaders, given_session_timeout, own_session_timeout
from .network_errors import ResponseTooLargeError, network_error, visible_cause
from .payloads import JSONPayload, NDJSONPayload

_YIELD_EVERY = 1 << 21
"""Bytes of a body after which other tasks run: decompressed data may be there without any wait for the network."""

_FREED_BLOCK = 4 << 20
"""Bytes of the block that `_receive_on_heap` frees."""

_SESSION_CLOSED = "the aiohttp session given to this client was closed by its owner; keep it open as long as the client"
_OTHER_LOOP = (
    "the aiohttp session given to this client belongs to another event loop; "
    "make a client for each loop with a session of that loop, or give none"
)


class Transport:
    """How a client reaches the network: by the caller's session, or by one of its own for each event loop."""

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
        self.given_session = session
        self.proxy_url = None if proxy is None else proxy.url
        self.middlewares = () if proxy is None else (ProxyHeaders(proxy),)
        self.ssl = ssl
        self.max_response_bytes = max_response_bytes
        self.authorization = f"Bearer {api_key.value}"
        self.closed = False

    async def authorize(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Set the API key on a request of the caller's session. It is a middleware because aiohttp raises if the header
        is set already, and a netrc file or the session's `auth` provides another one."""
        request.headers[hdrs.AUTHORIZATION] = self.authorization
        return await handler(request)

    def for_running_loop(self) -> LoopTransport:
        """Return the part that belongs to the running event loop."""
        return LoopTransport(self)


class LoopTransport:
    """What a client has on the network in one event loop: the pending requests, and a session of its own, which is
    closed when the loop ends at the latest."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._watchdog = Watchdog(self._loop)
        self._session_owner: AsyncGenerator[ClientSession] | None = None
        self._session: ClientSession | None = None
        _receive_on_heap()

    async def send(self, request: Request, timeouts: Timeouts, now: float, deadline: float) -> Response:
        """Send *request* once. Raise `KomboConnectionError` or `KomboTimeoutError`, whose `may_have_run` says whether
        the server may have all of a request that changes something."""
        session, timeout, headers, middlewares = (
            self._session,
            own_session_timeout(timeouts.connect),
            request.headers,
            None,
        )
        operation = request.operation
        idle = math.inf if operation.may_take_minutes else timeouts.idle
        if self._transport.given_session is not None:
            session, timeout = (
                self._check_session(self._transport.given_session),
                given_session_timeout(timeouts.connect, idle),
            )
            headers, idle = {hdrs.USER_AGENT: USER_AGENT, **headers}, math.inf
            # The session's own middlewares have no public name; ours is the innermost.
            middlewares = (*getattr(session, "_middlewares", ()), self._transport.authorize)
        elif session is None or session.closed:
            self._session_owner = self._own_session()
            self._session = session = await anext(self._session_owner)
        body: NDJSONBody | None
        payload: JSONPayload | NDJSONPayload | None
        if isinstance(request.body, NDJSONBody):
            body, payload = request.body, NDJSONPayload(request.body)
        else:
            body, payload = None, None if request.body is None else JSONPayload(request.body)
        pending = self._watchdog.add(deadline, idle, payload, now)
        try:
            response = await session.request(
                operation.method,
                URL(request.url, encoded=True),
                data=payload,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                middlewares=middlewares,
            )
            pending.incoming = response.content
            content = response.content.read_nowait() if self._has_arrived(response) else await self._read(response)
            result = Response(response.status, response.headers, content)
            if response.connection is not None:
                # The server responded before it had read the request, or wants to change the protocol.
                response.close()
                if payload is not None:
                    payload.abort()
            return result  # noqa: TRY300
        except (aiohttp.ClientError, OSError, asyncio.CancelledError) as error:
            if payload is not None:
                payload.abort()
            # aiohttp's timeouts are OSErrors, and most of them ClientErrors too.
            expired = self._watchdog.expired(pending)
            if isinstance(error, asyncio.CancelledError) and not expired:
                raise
            if body is None or body.failure is None:
                may_have_run = operation.changes and payload is not None and payload.sent
                raise self._error(error, pending, operation.may_take_minutes, may_have_run) from visible_cause(error)
        finally:
            self._watchdog.remove(pending)
            if isinstance(payload, NDJSONPayload):
                await payload.close_source()
        # The request ended before its body did, so nothing ran. Raised outside the handler, the exception of the
        # caller's source keeps its own cause.
        assert body is not None
        assert body.failure is not None
        raise body.failure

    def _has_arrived(self, response: ClientResponse) -> bool:
        """Return whether the whole body is in memory and the connection in the pool again, as after most small
        responses, so that the four coroutines of aiohttp's `read` are not needed. Never with the caller's session,
        whose traces would miss the read."""
        content, transport = response.content, self._transport
        return (
            content.is_eof()
            and response.connection is None
            and content.total_bytes <= transport.max_response_bytes
            and transport.given_session is None
        )

    def _read(self, response: ClientResponse) -> Awaitable[bytes]:
        """Read the body up to the limit, which counts decompressed bytes: a kilobyte can become gigabytes."""
        limit = self._transport.max_response_bytes
        announced = None if hdrs.CONTENT_ENCODING in response.headers else response.content_length
        if announced is not None and announced <= limit:
            return response.read()
        return self._read_bounded(response, limit, announced or 0)

    async def _read_bounded(self, response: ClientResponse, limit: int, size: int) -> bytes:
        parts: list[bytes] = []
        received, yield_at = 0, _YIELD_EVERY
        try:
            while size <= limit and (part := await response.content.readany()):
                parts.append(part)
                received += len(part)
                size = received
                if received >= yield_at:
                    yield_at = received + _YIELD_EVERY
                    await asyncio.sleep(0)
            if size > limit:
                raise ResponseTooLargeError(limit)  # noqa: TRY301
        except BaseException:
            response.close()
            parts.clear()
            raise
        return b"".join(parts)

    def _check_session(self, session: ClientSession) -> ClientSession:
        if session.closed:
            raise RuntimeError(_SESSION_CLOSED)
        # The public property warns, and aiohttp's own error for the wrong loop does not name the mistake.
        if getattr(session, "_loop", None) not in {None, self._loop}:
            raise RuntimeError(_OTHER_LOOP)
        return session

    async def _own_session(self) -> AsyncGenerator[ClientSession]:
        # asyncio.run closes all asynchronous generators of its loop at the end, so that a client that was not closed
        # causes no warning.
        transport = self._transport
        session = ClientSession(
            connector=Connector(self._watchdog, transport.ssl),
            # Kombo sets no cookies that matter.
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
        """Close our own session. The caller's stays open, and those of other loops are closed when these end."""
        self._watchdog.close()
        owner, self._session_owner = self._session_owner, None
        if owner is not None:
            await owner.aclose()

    def _error(
        self, error: BaseException, pending: PendingRequest, long: bool, may_have_run: bool
    ) -> KomboConnectionError | KomboTimeoutError:
        if self._transport.closed:
            return KomboConnectionError("the client was closed during the call", may_have_run=may_have_run)
        return network_error(error, pending, long, may_have_run)


def _receive_on_heap() -> None:
    """Free a large block, after which glibc takes smaller ones from its heap (`M_MMAP_THRESHOLD` in mallopt(3)).

    asyncio receives into a new block of 256 KiB each time, and the body of a large page is as large. Otherwise glibc
    maps such blocks, and the operating system clears their memory, again and again: 1.3 times the CPU time for pages
    of 2,000 records (`python -m benchmarks.mechanisms`), and 1.2 times for small calls, unless something else has freed
    such a block before, such as the import of a large module. Other allocators take no notice.
    """
    bytes(_FREED_BLOCK)
