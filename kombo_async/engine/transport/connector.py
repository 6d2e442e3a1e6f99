"""Connections and their timeouts: which ones are reused, and what a proxy is sent."""

from __future__ import annotations

import math
import select
from functools import lru_cache, partial
from ssl import SSLContext
from typing import Any, cast

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, ClientTimeout, TCPConnector, hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader
from aiohttp.tracing import Trace
from multidict import CIMultiDict

from ..._version import __version__
from ..deadlines import Watchdog
from ..proxy import Proxy
from .network_errors import ResponseFloodError

_make_poll = getattr(select, "poll", None)
"""None on Windows."""
USER_AGENT = f"kombo_async/{__version__}"
_MAX_UNREAD_RESPONSES = 100
"""How many responses, interim ones (1xx) included, may wait to be read: a request has one final response, and its task
reads the others as soon as the event loop runs it."""


class PooledConnection(ResponseHandler):
    """A connection that the pool reuses only in a clean state, and that is aborted instead of closed."""

    _poll: select.poll | None = None

    def is_connected(self) -> bool:
        """Return whether the next request may use the connection, for which the pool asks while it is idle."""
        transport = self.transport
        # Data that arrived between two requests would be taken for the response to the next one.
        if transport is None or transport.is_closing() or self.should_close or transport.get_write_buffer_size():
            return False
        poll = self._poll
        if poll is None:
            if _make_poll is None:
                return True
            self._poll = poll = _make_poll()
            poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
        # The socket may have data, or its end, that a busy event loop has not read yet.
        return not poll.poll(0)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Queue a response that has arrived, or end the connection if it is one of too many.

        uvloop reads as long as a server sends, up to megabytes of tiny responses, before it runs anything else.
        """
        if len(self._buffer) < _MAX_UNREAD_RESPONSES:
            # Not by `super()`, which takes longer than the rest.
            ResponseHandler.feed_data(self, data, size)
        elif self.exception() is None:
            self.set_exception(ResponseFloodError(_MAX_UNREAD_RESPONSES))

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """End the connection with an error, such as data that is not HTTP, after which aiohttp closes it by itself."""
        transport = self.transport
        # One that closes with nothing left to send calls this itself: asyncio would end it for a second time.
        if transport is not None and not (transport.is_closing() and not transport.get_write_buffer_size()):
            transport.abort()
        if exc_cause is None:
            super().set_exception(exc)
        else:
            super().set_exception(exc, exc_cause)

    def close(self) -> None:
        """Close the connection, without sending the rest of a request that has ended, and without reading until the
        server closes it, too: with TLS, uvloop reads for up to 30 seconds what a server sends without end."""
        self.abort()


class Connector(TCPConnector):
    """Pools `PooledConnection`s, and tells the watchdog when one is being made."""

    def __init__(self, watchdog: Watchdog, ssl: SSLContext | None) -> None:
        # The limiter decides how many requests are under way.
        super().__init__(limit=0, ssl=True if ssl is None else ssl)  # pyright: ignore[reportUnknownMemberType]
        self._watchdog = watchdog
        self._factory = cast("partial[ResponseHandler]", partial(PooledConnection, loop=self._loop))

    async def _create_connection(self, req: ClientRequest, traces: list[Trace], timeout: ClientTimeout) -> Any:  # noqa: ASYNC109
        self._watchdog.connecting(done=False)
        try:
            return await super()._create_connection(req, traces, timeout)
        finally:
            self._watchdog.connecting(done=True)


class ProxyHeaders:
    """A middleware that sets the headers of the CONNECT request to the proxy.

    Otherwise aiohttp sends it all headers of the session, and with them our API key. The proxy's own credentials are
    set here because tracebacks show the locals of the frames to which they would be passed as arguments.
    """

    def __init__(self, proxy: Proxy) -> None:
        self._authorization = proxy.authorization

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        request.proxy_headers = CIMultiDict({hdrs.USER_AGENT: USER_AGENT})
        if self._authorization is not None:
            headers = request.proxy_headers if request.is_ssl() else request.headers
            headers[hdrs.PROXY_AUTHORIZATION] = self._authorization.value
        return await handler(request)


@lru_cache(64)
def own_session_timeout(connect: float) -> ClientTimeout:
    """Return the timeout for a request of our own session: the watchdog does the rest."""
    # aiohttp rounds timeouts beyond the threshold up to whole seconds.
    return ClientTimeout(total=None, connect=connect, sock_connect=connect, ceil_threshold=math.inf)


@lru_cache(64)
def given_session_timeout(connect: float, idle: float) -> ClientTimeout:
    """Return the timeout for a request of the caller's session. The watchdog does not see when that session makes a
    connection, so the idle timeout is aiohttp's."""
    sock_read = None if idle == math.inf else idle
    return ClientTimeout(total=None, sock_connect=connect, sock_read=sock_read, ceil_threshold=math.inf)
