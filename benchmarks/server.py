"""A small HTTP/1.1 server on loopback that is never the bottleneck: its answers are made before they are asked for.

It serves integration fields under any integration id; an id that ends in a dash and a number, such as
`personio:bench-1000000`, has that many of them. `python -m benchmarks.server` prints its port and runs until its
standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import sys
from urllib.parse import parse_qs, unquote

from .data import field_rows
from .machine import pin

FIELDS = 100_000
"""How many fields an integration has whose id does not say."""
PREPARED = ((100_000, 2000), (50_000, 100))
"""How many fields in pages of which size are made at the start."""
KEPT = 100_000
"""How long a list may be for its pages to be kept; those of longer ones are made anew each time."""

_LIST = re.compile(r"/integrations/([^/]+)/integration-fields$")
_HEAD = (
    "HTTP/1.1 {status}\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "ratelimit-limit: 1000000\r\n"
    "ratelimit-remaining: 999999\r\n"
    "ratelimit-reset: 60\r\n"
    "Content-Length: {length}\r\n"
    "\r\n"
)


def _http(status: str, body: str) -> bytes:
    content = body.encode()
    return _HEAD.format(status=status, length=len(content)).encode() + content


def _cursor(offset: int) -> str:
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()


class Pages:
    """All answers, each made once and kept."""

    def __init__(self) -> None:
        self._answers: dict[bytes, bytes] = {}
        self._pages: dict[tuple[int, int, int], bytes] = {}
        for total, page_size in PREPARED:
            for offset in range(0, total, page_size):
                self._page(total, offset, page_size)

    def answer(self, target: bytes) -> bytes:
        """Return the whole answer to a GET of *target*."""
        known = self._answers.get(target)
        return known if known is not None else self._look_up(target)

    def _look_up(self, target: bytes) -> bytes:
        path, _, query = target.decode("ascii").partition("?")
        match = _LIST.search(path)
        if match is None:
            return _http("404 Not Found", '{"status":"error","error":{"code":null,"message":"no such path"}}')
        told = re.search(r"-(\d+)$", unquote(match[1]))
        total = int(told[1]) if told else FIELDS
        parameters = parse_qs(query)
        page_size = int(parameters.get("page_size", ["100"])[0])
        cursor = parameters.get("cursor", [""])[0]
        offset = json.loads(base64.b64decode(cursor))["offset"] if cursor else 0
        answer = self._pages.get((total, offset, page_size)) or self._page(total, offset, page_size)
        if total <= KEPT:
            self._answers[target] = answer
        return answer

    def _page(self, total: int, offset: int, page_size: int) -> bytes:
        stop = min(offset + page_size, total)
        follows = f'"{_cursor(stop)}"' if stop < total else "null"
        rows = field_rows(offset, stop)
        answer = _http("200 OK", f'{{"status":"success","data":{{"results":[{rows}],"next":{follows}}}}}')
        if total <= KEPT:
            self._pages[total, offset, page_size] = answer
        return answer


class Connection(asyncio.Protocol):
    """One kept-alive connection. Requests have no body."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        *requests, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in requests:
            self._transport.write(self._pages.answer(request.split(b" ", 2)[1]))


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    pages = Pages()
    server = await loop.create_server(lambda: Connection(pages), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cpu", type=int)
    pin(arguments.parse_args().cpu)
    asyncio.run(_serve())
