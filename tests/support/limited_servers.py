"""Servers with limits, in any time, and calls to them by a limiter alone, in virtual time."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

from kombo_async.engine.limiter import Limiter, Refusal, Ticket
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.response import Response

from .virtual_time import precision

RATE, ACTIONS = "PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"


class Window:
    """A number of requests in each window of time, whose end is announced in whole seconds."""

    def __init__(self, limit: int, seconds: float, *, rounds: Callable[[float], int] = math.ceil, begins: float = 0.0):
        self.limit, self.seconds, self.rounds = limit, seconds, rounds
        self.begins = begins
        self.start: float | None = None
        self.used = 0
        self.refused = 0

    async def serve(self, now: float) -> Response:
        if self.start is None:
            self.start = now - self.begins
        elapsed = (now - self.start) // self.seconds
        if elapsed:
            self.start, self.used = self.start + elapsed * self.seconds, 0
        good = self.used < self.limit
        self.used += good
        self.refused += not good
        headers = {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.limit - self.used),
            "ratelimit-reset": str(self.rounds(self.start + self.seconds - now)),
        }
        return Response(200 if good else 429, headers, b"")


class Bucket:
    """A bucket of tokens that fills at a rate."""

    def __init__(self, rate: float, burst: int, *, headers: bool = True, retry_after: float | None = None):
        self.rate, self.burst, self.headers, self.retry_after = rate, burst, headers, retry_after
        self.level = float(burst)
        self.at: float | None = None
        self.refused = 0

    async def serve(self, now: float) -> Response:
        self.level = min(self.burst, self.level + (now - (self.at or now)) * self.rate)
        self.at = now
        good = self.level >= 1
        self.level -= good
        self.refused += not good
        headers = {}
        if self.headers:
            headers = {
                "ratelimit-limit": str(self.burst),
                "ratelimit-remaining": str(int(self.level)),
                "ratelimit-reset": str(math.ceil((self.burst - self.level) / self.rate)),
            }
        if not good and self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return Response(200 if good else 429, headers, b"")


class Slots:
    """So many actions at once, each of which takes a while."""

    def __init__(self, size: int, seconds: float = 0.1, *, rate_headers: bool = True):
        self.size, self.seconds = size, seconds
        self.rate_headers = {"ratelimit-remaining": "9000", "ratelimit-reset": "30"} if rate_headers else {}
        self.running = 0
        self.refused = 0

    async def serve(self, now: float) -> Response:
        if self.running >= self.size:
            self.refused += 1
            return Response(429, {"Concurrency-Limit": str(self.size), "Concurrency-Remaining": "0"}, b"")
        self.running += 1
        try:
            await asyncio.sleep(self.seconds)
            headers = {"Concurrency-Limit": str(self.size), "Concurrency-Remaining": str(self.size - self.running)}
        finally:
            self.running -= 1
        return Response(200, headers | self.rate_headers, b"")


def an_operation(kind: str) -> Operation[object]:
    """An operation as the limiter tells them apart: an `action`, a `page` of a list, a `long` one, or another read."""
    page_size = 250 if kind == "page" else None
    return Operation(
        kind, "GET", "/any", object, Effect.SAFE, action=kind == "action", long=kind == "long", page_size=page_size
    )


def begin(
    limiter: Limiter, integration_id: str | None, *, action: bool = False, page: bool = False, interactive: bool = False
) -> Ticket:
    operation = an_operation("action" if action else "page" if page else "read")
    ticket = limiter.ticket(operation, integration_id, interactive)
    limiter.begin(ticket)
    return ticket


def refusal_by(response: Response, *, action: bool) -> Refusal:
    seconds = response.headers.get("Retry-After") or (not action and response.headers.get("ratelimit-reset")) or None
    return Refusal(ACTIONS if action else RATE, 429, None if seconds is None else float(seconds), 0.5)


async def call(limiter: Limiter, server: Any, integration_id: str | None, *, action: bool, latency: float) -> int:
    """Make one call with its retries, as the engine does; return how often it was sent."""
    ticket = begin(limiter, integration_id, action=action)
    loop = asyncio.get_running_loop()
    sent = 0
    try:
        while True:
            if not limiter.try_acquire(ticket, loop.time()):
                await limiter.acquire(ticket)
            sent += 1
            await asyncio.sleep(latency / 2)
            response = await server.serve(loop.time())
            await asyncio.sleep(latency / 2)
            if response.status == 200:
                limiter.release(ticket, response)
                return sent
            before, refusal = loop.time(), refusal_by(response, action=action)
            delay = limiter.release(ticket, response, refusal)
            assert delay is not None
            assert delay.seconds >= (refusal.retry_after or 0.0)
            if not delay.queued:
                await asyncio.sleep(delay.seconds)
                assert loop.time() >= before + delay.seconds - precision()
    finally:
        limiter.end(ticket)


class Free:
    """No limits, no headers."""

    def __init__(self, seconds: float = 0.0):
        self.seconds = seconds
        self.order: list[Any] = []

    async def serve(self, now: float) -> Response:
        await asyncio.sleep(self.seconds)
        return Response(200, {}, b"")


def ok(**headers: str) -> Response:
    """Return a response without a body."""
    return Response(200, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


async def settle() -> None:
    """Let the tasks that can continue do so."""
    for _ in range(5):
        await asyncio.sleep(0)
