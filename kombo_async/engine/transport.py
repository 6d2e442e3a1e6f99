"""The network: send one request, bring back one answer. The only importer of aiohttp."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import cast
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp import ClientSession, ClientTimeout
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import Payload
from yarl import URL

from .. import __version__
from ..config import Timeouts
from ..errors import KomboConnectionError, KomboTimeoutError
from .wire import Answer, Request

USER_AGENT = f"kombo_async/{__version__}"

_PIECE = 1 << 16

_CLOSED = "this client was closed; make a new KomboClient"
_SESSION_CLOSED = "the aiohttp session given to this client was closed by its owner; keep it open as long as the client"


class Transport:
    """The sessions of a client: the caller's one, or one of our own for each event loop.

    An async generator owns a session of ours. The loop knows its generators and closes them when `asyncio.run`
    ends, so a client outlives loops without a warning, closed or not.
    """

    def __init__(self, session: ClientSession | None) -> None:
        self._given = session
        self._own: WeakKeyDictionary[asyncio.AbstractEventLoop, ClientSession] = WeakKeyDictionary()
        self._owners: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncGenerator[ClientSession]] = WeakKeyDictionary()
        self.closed = False

    async def session(self) -> ClientSession:
        """Return the session to use in the running loop."""
        if self.closed:
            raise RuntimeError(_CLOSED)
        if self._given is not None:
            if self._given.closed:
                raise RuntimeError(_SESSION_CLOSED)
            return self._given
        loop = asyncio.get_running_loop()
        session = self._own.get(loop)
        if session is None or session.closed:
            owner = _owned_session()
            session = await anext(owner)
            self._own[loop], self._owners[loop] = session, owner
        return session

    async def close(self) -> None:
        """End the session of the running loop; those of other loops end with them. The caller's stays open."""
        self.closed = True
        loop = asyncio.get_running_loop()
        self._own.pop(loop, None)
        owner = self._owners.pop(loop, None)
        if owner is not None:
            await owner.aclose()

    async def send(self, request: Request, timeouts: Timeouts, time_left: float) -> Answer:
        """Send *request* once. Raise `KomboConnectionError` or `KomboTimeoutError`, whose `may_have_run` tells
        whether a change can have arrived."""
        session = await self.session()
        operation = request.operation
        body = None if request.body is None else _Body(request.body, operation.repeatable)
        # aiohttp takes 0 for no limit at all.
        time_left = max(time_left, 0.001)
        timeout = ClientTimeout(
            total=time_left,
            connect=timeouts.connect if self._given is None else None,
            sock_connect=timeouts.connect,
            sock_read=None if operation.action else timeouts.idle,
            ceil_threshold=time_left,
        )
        try:
            async with session.request(
                operation.method,
                URL(request.url, encoded=True),
                data=body,
                headers=request.headers,
                timeout=timeout,
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
            ) as response:
                return Answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, OSError) as error:
            # aiohttp's time-outs are OSErrors, and most of them ClientErrors too.
            arrived = operation.changes and body is not None and body.sent
            if self.closed:
                raise KomboConnectionError("the client was closed during the call", may_have_run=arrived) from error
            if isinstance(error, TimeoutError):
                raise KomboTimeoutError(_which_timeout(error, operation.action), may_have_run=arrived) from error
            raise KomboConnectionError(_words(error), may_have_run=arrived) from error


async def _owned_session() -> AsyncGenerator[ClientSession]:
    session = ClientSession(
        # The limiter decides how many requests are under way, and Kombo sets no cookies that matter.
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    try:
        yield session
    finally:
        await session.close()


class _Body(Payload):
    """A JSON body that knows whether all of it was handed to the network, and goes there once unless it may be
    repeated: aiohttp sends PUT and DELETE again by itself when a kept connection turns out to be dead."""

    def __init__(self, value: bytes, repeatable: bool) -> None:
        super().__init__(value, content_type="application/json")
        self._size = len(value)
        self._repeatable = repeatable
        self.sent = False

    @property
    def consumed(self) -> bool:
        return self.sent and not self._repeatable

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return cast("bytes", self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        if self.consumed:
            raise aiohttp.ClientConnectionError("a request that may not be repeated was about to be sent again")
        # In pieces, so that the writer can hold a large one back while the connection is slow.
        view = memoryview(self._value)
        for start in range(0, len(view), _PIECE):
            await writer.write(view[start : start + _PIECE])
        self.sent = True


def _which_timeout(error: TimeoutError, action: bool) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection within Timeouts.connect"
    if isinstance(error, aiohttp.SocketTimeoutError):
        return "nothing arrived within Timeouts.idle"
    return f"no answer within Timeouts.{'action_deadline' if action else 'read_deadline'}"


def _words(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off or could not be unpacked"
    return f"the connection broke ({type(error).__name__})"
