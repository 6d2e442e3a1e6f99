"""Servers with limits, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from typing import Any, Protocol

from aiohttp import web

from .machine import cores, pin

ANSWER = b'{"status":"success","data":{"environment_id":"e","url":"https://x","status":200,"headers":{}},"warnings":[]}'


class Limit(Protocol):
    """Accepts or refuses requests."""

    async def take(self) -> tuple[str | None, dict[str, str]]:
        """Return the code of the refusal, if it is one, and the headers of the response."""
        ...


def _window_headers(limit: int, left: float, reset: float) -> dict[str, str]:
    return {
        "ratelimit-limit": str(limit),
        "ratelimit-remaining": str(int(left)),
        "ratelimit-reset": str(math.ceil(reset)),
    }


class Window:
    """A fixed window of requests, which starts with the first request."""

    def __init__(self, limit: int, seconds: float, begun: float = 0.0) -> None:
        self.limit, self.seconds, self.begun = limit, seconds, begun
        self.start: float | None = None
        self.used = 0

    async def take(self) -> tuple[str | None, dict[str, str]]:
        now = time.monotonic()
        if self.start is None:
            self.start = now - self.begun
        passed = (now - self.start) // self.seconds
        if passed:
            self.start, self.used = self.start + passed * self.seconds, 0
        good = self.used < self.limit
        self.used += good
        headers = _window_headers(self.limit, self.limit - self.used, self.start + self.seconds - now)
        return None if good else "PLATFORM.RATE_LIMIT_EXCEEDED", headers


class Bucket:
    """A token bucket."""

    def __init__(self, rate: float, burst: int, *, headers: bool = True) -> None:
        self.rate, self.burst, self.headers = rate, burst, headers
        self.level, self.at = float(burst), time.monotonic()

    async def take(self) -> tuple[str | None, dict[str, str]]:
        now = time.monotonic()
        self.level, self.at = min(self.burst, self.level + (now - self.at) * self.rate), now
        good = self.level >= 1
        self.level -= good
        if self.headers:
            headers = _window_headers(self.burst, self.level, (self.burst - self.level) / self.rate)
        else:
            headers = {} if good else {"Retry-After": "1"}
        return None if good else "PLATFORM.RATE_LIMIT_EXCEEDED", headers


class Slots:
    """A concurrency limit for actions of 100 ms; the rate limit is far away, or there is none."""

    def __init__(self, size: int, *, rate_headers: bool = True) -> None:
        self.size, self.running = size, 0
        self.headers = {"Concurrency-Limit": str(size)} | (_window_headers(100_000, 90_000, 60) if rate_headers else {})

    async def take(self) -> tuple[str | None, dict[str, str]]:
        headers = self.headers
        if self.running >= self.size:
            return "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", headers | {"Concurrency-Remaining": "0"}
        self.running += 1
        try:
            await asyncio.sleep(0.1)
            return None, headers | {"Concurrency-Remaining": str(self.size - self.running)}
        finally:
            self.running -= 1


class Free:
    """No limits and no headers."""

    async def take(self) -> tuple[str | None, dict[str, str]]:
        return None, {}


KINDS: dict[str, Any] = {"window": Window, "bucket": Bucket, "slots": Slots, "free": Free}


def serve(kind: str, arguments: dict[str, Any]) -> None:
    """Serve until standard input ends; print the port first, and the number of refused requests last."""
    limit: Limit = KINDS[kind](**arguments)
    refused = 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal refused
        code, headers = await limit.take()
        if code is None:
            return web.Response(body=ANSWER, content_type="application/json", headers=headers)
        refused += 1
        error = {"code": code, "title": None, "message": "refused", "log_url": None}
        return web.json_response({"status": "error", "error": error}, status=429, headers=headers)

    async def main() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=2048).start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await runner.cleanup()
        print(refused, flush=True)

    asyncio.run(main())


if __name__ == "__main__":
    pin(cores()[1])
    serve(sys.argv[1], json.loads(sys.argv[2]))
