"""Servers with limits, each a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from aiohttp import web

from kombo_async.engine.response import Response
from tests.support.limited_servers import ACTIONS, RATE, Bucket, Slots, Window

from .machine import cores, pin

ANSWER = b'{"status":"success","data":{"environment_id":"e","url":"https://x","status":200,"headers":{}},"warnings":[]}'


class Free:
    """No limits and no headers."""

    async def serve(self, now: float) -> Response:  # noqa: ARG002
        return Response(200, {}, b"")


KINDS: dict[str, Any] = {"window": Window, "bucket": Bucket, "slots": Slots, "free": Free}


def serve(kind: str, arguments: dict[str, Any]) -> None:
    """Serve until standard input ends; print the port first, and the number of refused requests last."""
    server, code = KINDS[kind](**arguments), ACTIONS if kind == "slots" else RATE
    refused = 0

    async def handle(_: web.Request) -> web.Response:
        nonlocal refused
        response = await server.serve(time.monotonic())
        if response.status == 200:
            return web.Response(body=ANSWER, content_type="application/json", headers=response.headers)
        refused += 1
        error = {"code": code, "title": None, "message": "refused", "log_url": None}
        return web.json_response({"status": "error", "error": error}, status=429, headers=response.headers)

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
