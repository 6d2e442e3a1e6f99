"""A small HTTP proxy: it forwards plain requests, makes tunnels, and records both."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Listens on the loopback. *hosts* says where names are that no resolver knows."""

    def __init__(
        self, *, hosts: Mapping[str, tuple[str, int]] | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.hosts = dict(hosts or {})
        self.refusals: list[bytes] = []
        """The responses to the next requests, in place of forwarding them."""
        self._tls = tls
        self.asked: list[str] = []
        """The first line of each request."""
        self.tunnel_heads: list[str] = []
        """The requests for tunnels, whole: of the rest, the proxy sees nothing."""
        self.authorizations: list[str] = []
        """How clients introduced themselves to the proxy."""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._start, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request, and then be a tunnel until one side hangs up."""
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                line = head.split(b"\r\n", 1)[0].decode()
                self.asked.append(line)
                if line.startswith("CONNECT "):
                    self.tunnel_heads.append(head.decode())
                self.authorizations += re.findall(r"(?im)^proxy-authorization: *(\S+ \S+)", head.decode())
                method, target, version = line.split(" ")
                url = urlsplit(f"//{target}" if method == "CONNECT" else target)
                if self.refusals:
                    writer.write(self.refusals.pop(0))
                    return
                host, port = self.hosts.get(url.hostname or "", (url.hostname, url.port))
                there, back = await asyncio.open_connection(host, port)
                if method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                else:
                    path = f"{method} {url.path}{'?' if url.query else ''}{url.query} {version}".encode()
                    back.write(head.replace(line.encode(), path, 1).replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                await asyncio.gather(_pump(reader, back), _pump(there, writer))
            finally:
                writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
