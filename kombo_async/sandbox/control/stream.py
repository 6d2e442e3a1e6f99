"""Server-sent events: requests, deliveries and changes as they happen."""

from __future__ import annotations

import asyncio
from collections import deque

import msgspec
from aiohttp import web

from ..http.app import SandboxApp
from ..http.deliveries import Delivery
from ..http.feed import Change, SandboxEvent
from ..http.requests import ReceivedRequest
from .guard import HEADERS
from .rendering import delivery_info, request_info
from .schemas import ChangeInfo, LostInfo

_KEPT = 1_000
"""Events that a reader may have missed and still gets; also the longest queue of a slow reader."""
_HEARTBEAT = 15.0
"""Seconds between comments on a stream without events, so that lost connections are noticed."""


class EventStreams:
    """The latest events, and the connections that wait for more."""

    def __init__(self, app: SandboxApp) -> None:
        self._app = app
        # Numbers of requests in place of requests, whose bodies would stay in memory.
        self._latest: deque[tuple[int, int | Delivery | Change]] = deque(maxlen=_KEPT)
        self._published = 0
        self._waiting: set[asyncio.Event] = set()
        app.feed.observers.append(self._publish)

    def _publish(self, event: SandboxEvent) -> None:
        self._published += 1
        self._latest.append((self._published, event.number if isinstance(event, ReceivedRequest) else event))
        for waiting in self._waiting:
            waiting.set()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Send events until the client goes away or the sandbox stops."""
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        position = self._position(request.headers.get("Last-Event-ID", ""))
        waiting = asyncio.Event()
        self._waiting.add(waiting)
        try:
            await response.write(b": connected\n\n")
            while True:
                waiting.clear()
                # Bytes are made when the client takes them: a slow one costs no memory, and loses the oldest events.
                while position < self._published:
                    message, position = self._next(position)
                    await response.write(message)
                try:
                    await asyncio.wait_for(waiting.wait(), _HEARTBEAT)
                except TimeoutError:
                    await response.write(b": nothing new\n\n")
        except ConnectionError:
            return response
        finally:
            self._waiting.discard(waiting)

    def _position(self, last_id: str) -> int:
        known = last_id.isascii() and last_id.isdigit() and len(last_id) <= 15 and int(last_id) <= self._published
        return int(last_id) if known else self._published

    def _next(self, position: int) -> tuple[bytes, int]:
        """Return the event after a position as bytes, and its number."""
        first = self._latest[0][0]
        if position + 1 < first:
            return _message("lost", LostInfo(first - position - 1), first - 1), first - 1
        number, event = self._latest[position + 1 - first]
        if isinstance(event, Delivery):
            return _message("delivery", delivery_info(event), number), number
        if isinstance(event, Change):
            return _message("change", ChangeInfo(event.subject, event.integration_id, event.model), number), number
        request = self._app.log.find(event)
        if request is None:
            return _message("lost", LostInfo(1), number), number
        return _message("request", request_info(self._app, request), number), number


def _message(name: str, data: object, number: int) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, name.encode(), msgspec.json.encode(data))
