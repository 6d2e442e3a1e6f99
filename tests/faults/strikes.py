"""How a fault is made: by the sandbox, by a line that breaks, by a resolver, by a restart."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Literal, Protocol

import aiohttp
import attrs
from aiohttp.abc import AbstractResolver, ResolveResult

from kombo_async import KomboClient, Limits, RetryPolicy, Timeouts
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

from .line import Line, Moment

HOST = "kombo.test"
"""A name that only our own resolver knows."""


class Names(AbstractResolver):
    """Knows one name, but not always, and not always the right port."""

    def __init__(self) -> None:
        self.trouble: Literal["unknown", "refused"] = "unknown"
        self.after: float = math.inf
        self.times: float = 0

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        assert host == HOST
        self.after -= 1
        if self.after < 0 and self.times > 0:
            self.times -= 1
            if self.trouble == "unknown":
                raise OSError(None, "no such name")
            port = _closed_port()
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


def _closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@attrs.frozen
class Bed:
    """A sandbox and what stands between it and a client."""

    sandbox: Sandbox
    line: Line
    names: Names
    elsewhere: Sandbox
    """Another host, at which nothing must arrive."""
    client: KomboClient


class Strike(Protocol):
    """One way to make something go wrong."""

    def base_url(self, bed: Bed) -> str:
        """Return where the client has to go to be struck."""
        ...

    def on(self, bed: Bed, method: str, *, after: int, times: float) -> AbstractAsyncContextManager[None]:
        """Strike *times* requests from the one after *after* on; at the end nothing more goes wrong."""
        ...


class _Direct:
    def base_url(self, bed: Bed) -> str:
        return bed.sandbox.base_url


@attrs.frozen
class Answer(_Direct):
    """The server does it: one fault of the sandbox after the other."""

    make: Callable[[Bed], Fault | list[Fault]]

    @asynccontextmanager
    async def on(self, bed: Bed, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        made = self.make(bed)
        for fault in [made] if isinstance(made, Fault) else made:
            bed.sandbox.faults.add(fault, method=method, after=after, times=int(times) if times < math.inf else None)
        yield
        bed.sandbox.faults.clear()


@attrs.frozen
class Cut:
    """The line does it."""

    moment: Moment

    def base_url(self, bed: Bed) -> str:
        return f"http://127.0.0.1:{bed.line.port}/v1"

    @asynccontextmanager
    async def on(self, bed: Bed, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        if self.moment in {Moment.IDLE, Moment.REUSED} and not after:
            # It is about a connection that has served before.
            bed.line.break_at(self.moment, times=0 if self.moment is Moment.REUSED else 1)
            await bed.client.check_api_key()
            await asyncio.sleep(0.05)
            if self.moment is Moment.REUSED:
                bed.line.break_at(self.moment, times=times)
        else:
            bed.line.break_at(self.moment, after=after, times=times)
        yield
        bed.line.break_at(None)


@attrs.frozen
class NoWay:
    """The way there does not exist."""

    trouble: Literal["unknown", "refused"]

    def base_url(self, bed: Bed) -> str:
        return bed.sandbox.base_url.replace("127.0.0.1", HOST)

    @asynccontextmanager
    async def on(self, bed: Bed, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        bed.names.trouble, bed.names.after, bed.names.times = self.trouble, after, times
        yield
        bed.names.times = 0


@attrs.frozen
class Restart(_Direct):
    """The server goes away and comes back."""

    amid: bool
    """Whether in the middle of the call, or before it."""

    @asynccontextmanager
    async def on(self, bed: Bed, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        async def restart() -> None:
            await bed.sandbox.stop()
            await bed.sandbox.start()

        if not self.amid:
            await asyncio.gather(*(bed.client.check_api_key() for _ in range(3)))
            await restart()
            await asyncio.sleep(0.05)
            yield
            return
        slow = bed.sandbox.faults.add(Fault.delayed(60), method=method, after=after)

        async def restart_amid() -> None:
            while not slow.applied:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            await restart()

        restarting = asyncio.create_task(restart_amid())
        yield
        await restarting


@asynccontextmanager
async def bed_for(strike: Strike, *, retry: RetryPolicy, timeouts: Timeouts, limits: Limits) -> AsyncIterator[Bed]:
    """Make everything that a strike needs, and a client with its own session, but where names are concerned."""
    async with AsyncExitStack() as stack:
        config = SandboxConfig(fields=5, employees=5, sync_seconds=0.02, window_seconds=1)
        sandbox = await stack.enter_async_context(Sandbox(config))
        elsewhere = await stack.enter_async_context(Sandbox(SandboxConfig(fields=5, employees=5)))
        line = await stack.enter_async_context(Line(int(sandbox.base_url.rpartition(":")[2].removesuffix("/v1"))))
        names = Names()
        options: dict[str, Any] = {"retry": retry, "timeouts": timeouts, "limits": limits}
        options["integration_id"] = sandbox.integration_id
        if isinstance(strike, NoWay):
            # Each request looks the name up again.
            connector = aiohttp.TCPConnector(resolver=names, use_dns_cache=False, force_close=True)
            options["session"] = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        bed = Bed(sandbox, line, names, elsewhere, KomboClient(sandbox.api_key))
        client = KomboClient(sandbox.api_key, base_url=strike.base_url(bed), **options)
        yield attrs.evolve(bed, client=await stack.enter_async_context(client))
