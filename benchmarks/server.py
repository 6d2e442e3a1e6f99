"""A small HTTP/1.1 server on loopback that is never the bottleneck: its responses are prepared in advance.

It serves integration fields and employees under any integration id, and takes absences. An id that ends in a dash and
a number, such as `personio:bench-1000000`, has that many records. Below `/far/v1` every answer takes 30 ms longer than
below `/v1`. `python -m benchmarks.server` prints its port and runs until its standard input ends.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import sys
from collections.abc import Callable
from typing import Protocol
from urllib.parse import parse_qs, unquote

from .data import ABSENCE, employee_rows, field_rows
from .machine import pin

RECORDS = 100_000
"""The number of records of an integration whose id does not contain one."""
KEPT = 100_000
"""The longest list whose pages are kept; pages of longer ones are built for each request."""
FAR = 0.03
"""Seconds of latency of the distant server, unless `--far` is given."""

Rows = Callable[[int, int], str]
PREPARED: tuple[tuple[Rows, int, int], ...] = (
    (field_rows, 100_000, 2000),
    (field_rows, 100_000, 100),
    (field_rows, 50_000, 100),
    (field_rows, 5_000, 100),
    (field_rows, 1_000, 100),
    (field_rows, 500, 100),
    (employee_rows, 10_000, 200),
    (employee_rows, 400, 200),
)
"""What is prepared at the start: the type, the number, and the page size."""

_FIELDS = re.compile(r"/integrations/([^/]+)/integration-fields$")
_INTEGRATION = re.compile(rb"\r\nx-integration-id: ([^\r]*)", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_HEAD = (
    "HTTP/1.1 {status}\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    "ratelimit-limit: 1000000\r\n"
    "ratelimit-remaining: 999999\r\n"
    "ratelimit-reset: 60\r\n"
    "{more}"
    "Content-Length: {length}\r\n"
    "\r\n"
)


def http_response(status: str, body: str, more: str = "") -> bytes:
    """Return a whole response; *more* are further headers, each with its end of line."""
    content = body.encode()
    return _HEAD.format(status=status, length=len(content), more=more).encode() + content


_CREATED = http_response(
    "200 OK",
    f'{{"status":"success","data":{ABSENCE},"warnings":[]}}',
    "Concurrency-Limit: 30\r\nConcurrency-Remaining: 29\r\n",
)


def _cursor(offset: int) -> str:
    return base64.b64encode(json.dumps({"offset": offset}).encode()).decode()


class Responses(Protocol):
    """What a server responds."""

    def answer(self, target: bytes, head: bytes) -> bytes:
        """Return the whole response to a GET of *target*."""
        ...


class Pages:
    """All responses, each built once and kept."""

    def __init__(self) -> None:
        self._answers: dict[tuple[bytes, bytes], bytes] = {}
        self._pages: dict[tuple[Rows, int, int, int], bytes] = {}
        for rows, total, page_size in PREPARED:
            for offset in range(0, total, page_size):
                self._page(rows, total, offset, page_size)

    def answer(self, target: bytes, head: bytes) -> bytes:
        """Return the whole response to a GET of *target*."""
        # For employees only, the integration is in a header.
        header = _INTEGRATION.search(head) if b"/hris/" in target else None
        integration = header[1] if header else b""
        known = self._answers.get((target, integration))
        return known if known is not None else self._look_up(target, integration)

    def _look_up(self, target: bytes, integration: bytes) -> bytes:
        path, _, query = target.decode("ascii").partition("?")
        match = _FIELDS.search(path)
        if match is None and not path.endswith("/hris/employees"):
            return http_response("404 Not Found", '{"status":"error","error":{"code":null,"message":"no such path"}}')
        found = re.search(r"-(\d+)$", unquote(match[1]) if match else integration.decode("ascii"))
        total = int(found[1]) if found else RECORDS
        parameters = parse_qs(query)
        page_size = int(parameters.get("page_size", ["100"])[0])
        cursor = parameters.get("cursor", [""])[0]
        offset = json.loads(base64.b64decode(cursor))["offset"] if cursor else 0
        answer = self._page(field_rows if match else employee_rows, total, offset, page_size)
        if total <= KEPT:
            self._answers[target, integration] = answer
        return answer

    def _page(self, rows: Rows, total: int, offset: int, page_size: int) -> bytes:
        known = self._pages.get((rows, total, offset, page_size))
        if known is not None:
            return known
        stop = min(offset + page_size, total)
        follows = f'"{_cursor(stop)}"' if stop < total else "null"
        answer = http_response(
            "200 OK", f'{{"status":"success","data":{{"results":[{rows(offset, stop)}],"next":{follows}}}}}'
        )
        if total <= KEPT:
            self._pages[rows, total, offset, page_size] = answer
        return answer


class Connection(asyncio.Protocol):
    """A kept-alive connection."""

    def __init__(self, pages: Responses, far: float) -> None:
        self._pages = pages
        self._far = far
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head, stop = self._rest[:end], end + 4
            method, target, _ = head.split(b" ", 2)
            if method == b"POST":
                length = _LENGTH.search(head)
                assert length is not None
                stop += int(length[1])
                if len(self._rest) < stop:
                    return
                answer = _CREATED
            else:
                answer = self._pages.answer(target, head)
            self._rest = self._rest[stop:]
            if target.startswith(b"/far/"):
                asyncio.get_running_loop().call_later(self._far, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        assert self._transport is not None
        self._transport.write(answer)


async def _serve(pages: Responses, far: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(pages, far), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


def main(pages: Callable[[], Responses]) -> None:
    """Print the port and serve until standard input ends."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--cpu", type=int)
    arguments.add_argument("--far", type=float, default=FAR)
    given = arguments.parse_args()
    pin(given.cpu)
    asyncio.run(_serve(pages(), given.far))


if __name__ == "__main__":
    main(Pages)
