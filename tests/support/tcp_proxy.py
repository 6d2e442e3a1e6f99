"""A TCP proxy in front of PostgreSQL, in a thread, which can stop to forward: a network that is cut."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Self

from sqlalchemy import make_url


class TcpProxy:
    """Forwards connections to a server on a Unix socket."""

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        host = self._target.query.get("host") or self._target.host
        self._socket = f"{host}/.s.PGSQL.5432"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def url(self) -> str:
        """The address of the database behind the proxy."""
        port = self._server.sockets[0].getsockname()[1]
        found = self._target.set(host="127.0.0.1", port=port, query={})
        return found.render_as_string(hide_password=False)

    def stall(self) -> None:
        """Forward nothing from now on, in either direction; new connections are accepted and get no answer."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def resume(self) -> None:
        """End all connections of before, and forward new ones."""

        def resume() -> None:
            for task in self._tasks:
                task.cancel()
            self._flowing.set()

        self._loop.call_soon_threadsafe(resume)

    def __enter__(self) -> Self:
        self._thread.start()
        start = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(start, self._loop).result()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._flowing.wait()
            with suppress(OSError):
                to_reader, to_writer = await asyncio.open_unix_connection(self._socket)
                try:
                    await asyncio.gather(self._forward(reader, to_writer), self._forward(to_reader, writer))
                finally:
                    to_writer.close()
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
        writer.close()
