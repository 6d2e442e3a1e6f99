"""Fault injectors: the sandbox, a proxy that breaks connections, a resolver, and restarts of the server."""

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

from .flaky_proxy import BreakPoint, FlakyProxy

HOST = "kombo.test"
"""A host name that only `FlakyResolver` resolves."""


class FlakyResolver(AbstractResolver):
    """Resolves one name; for some requests it fails, or returns a closed port."""

    def __init__(self) -> None:
        self.failure: Literal["unknown", "refused"] = "unknown"
        self.after: float = math.inf
        self.times: float = 0

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        assert host == HOST
        self.after -= 1
        if self.after < 0 and self.times > 0:
            self.times -= 1
            if self.failure == "unknown":
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
class Harness:
    """A client, a sandbox, and everything between them that can fail."""

    sandbox: Sandbox
    proxy: FlakyProxy
    resolver: FlakyResolver
    other_host: Sandbox
    """Must receive no request."""
    client: KomboClient


class FaultInjector(Protocol):
    """Injects one kind of fault into requests."""

    def base_url(self, harness: Harness) -> str:
        """Return the address that the client must use."""
        ...

    def on(self, harness: Harness, method: str, *, after: int, times: float) -> AbstractAsyncContextManager[None]:
        """Inject the fault into *times* requests after the first *after*, until the context ends."""
        ...


class _WithoutProxy:
    def base_url(self, harness: Harness) -> str:
        return harness.sandbox.base_url


@attrs.frozen
class SandboxFault(_WithoutProxy):
    """The sandbox injects the faults, one after the other."""

    make: Callable[[Harness], Fault | list[Fault]]

    @asynccontextmanager
    async def on(self, harness: Harness, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        made = self.make(harness)
        for fault in [made] if isinstance(made, Fault) else made:
            harness.sandbox.faults.add(
                fault, method=method, after=after, times=int(times) if times < math.inf else None
            )
        yield
        harness.sandbox.faults.clear()


@attrs.frozen
class ConnectionCut:
    """The proxy breaks the connection."""

    point: BreakPoint

    def base_url(self, harness: Harness) -> str:
        return f"http://127.0.0.1:{harness.proxy.port}/v1"

    @asynccontextmanager
    async def on(self, harness: Harness, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        if self.point in {BreakPoint.IDLE, BreakPoint.REUSED} and not after:
            # The connection must have served a request before.
            harness.proxy.break_at(self.point, times=0 if self.point is BreakPoint.REUSED else 1)
            await harness.client.check_api_key()
            await asyncio.sleep(0.05)
            if self.point is BreakPoint.REUSED:
                harness.proxy.break_at(self.point, times=times)
        else:
            harness.proxy.break_at(self.point, after=after, times=times)
        yield
        harness.proxy.break_at(None)


@attrs.frozen
class Unreachable:
    """The host cannot be resolved, or refuses connections."""

    failure: Literal["unknown", "refused"]

    def base_url(self, harness: Harness) -> str:
        return harness.sandbox.base_url.replace("127.0.0.1", HOST)

    @asynccontextmanager
    async def on(self, harness: Harness, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        harness.resolver.failure, harness.resolver.after, harness.resolver.times = self.failure, after, times
        yield
        harness.resolver.times = 0


@attrs.frozen
class Restart(_WithoutProxy):
    """The server restarts."""

    during_call: bool
    """Whether during the call, or before it."""

    @asynccontextmanager
    async def on(self, harness: Harness, method: str, *, after: int, times: float) -> AsyncIterator[None]:
        async def restart() -> None:
            await harness.sandbox.stop()
            await harness.sandbox.start()

        if not self.during_call:
            await asyncio.gather(*(harness.client.check_api_key() for _ in range(3)))
            await restart()
            await asyncio.sleep(0.05)
            yield
            return
        slow = harness.sandbox.faults.add(Fault.delayed(60), method=method, after=after)

        async def restart_during_call() -> None:
            while not slow.applied:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            await asyncio.sleep(0.02)
            await restart()

        restarting = asyncio.create_task(restart_during_call())
        yield
        await restarting


@asynccontextmanager
async def running_harness(
    injector: FaultInjector, other_host: Sandbox, *, retry: RetryPolicy, timeouts: Timeouts, limits: Limits
) -> AsyncIterator[Harness]:
    """Run a harness; its client has a session of its own unless the injector needs the resolver."""
    async with AsyncExitStack() as stack:
        config = SandboxConfig(fields=5, employees=5, sync_seconds=0.02, window_seconds=1)
        sandbox = await stack.enter_async_context(Sandbox(config))
        proxy = await stack.enter_async_context(
            FlakyProxy(int(sandbox.base_url.rpartition(":")[2].removesuffix("/v1")))
        )
        resolver = FlakyResolver()
        options: dict[str, Any] = {"retry": retry, "timeouts": timeouts, "limits": limits}
        options["integration_id"] = sandbox.integration_id
        if isinstance(injector, Unreachable):
            # Each request resolves the name again.
            connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
            options["session"] = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        harness = Harness(sandbox, proxy, resolver, other_host, KomboClient(sandbox.api_key))
        client = KomboClient(sandbox.api_key, base_url=injector.base_url(harness), **options)
        yield attrs.evolve(harness, client=await stack.enter_async_context(client))
