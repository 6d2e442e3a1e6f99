"""The server: in the running event loop, or in a thread with its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from aiohttp import web

from .config import SandboxConfig
from .controls import Controls
from .http.app import HTTP_LOGGER, SandboxApp
from .http.deliveries import Delivery

if TYPE_CHECKING:
    from .control.app import ControlApp
    from .control.guard import Access

T = TypeVar("T")

DEFAULT_KEY = "ks_dev_sandbox"


def _serve_control(app: SandboxApp, access: Access) -> None:
    """Serve the control API. It is imported with the first request to it, as most sandboxes get none."""
    control: ControlApp | None = None

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal control
        if control is None:
            from .control.app import ControlApp

            control = ControlApp(app, access)
        return await control.handle(request)

    if access != "off":
        app.control = handle


def build_app(
    config: SandboxConfig | None = None, *, api_key: str = DEFAULT_KEY, control: Access = "local"
) -> web.Application:
    """Return an aiohttp application that serves a sandbox, to run it in a server of your own."""
    app = SandboxApp(config or SandboxConfig(), api_key)
    _serve_control(app, control)
    return app.application()


class _Server(Controls):
    """The common part of both kinds of sandbox."""

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        api_key: str = DEFAULT_KEY,
        host: str = "127.0.0.1",
        port: int = 0,
        control: Access = "local",
    ) -> None:
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("api_key must be printable ASCII without spaces")
        if isinstance(port, bool) or not 0 <= port <= 65_535:
            raise ValueError(f"port must be from 0 to 65535, not {port!r}")
        if control not in (choices := ("local", "network", "off")):
            raise ValueError(f"control must be one of {', '.join(choices)}, not {control!r}")
        self._app = SandboxApp(config or SandboxConfig(), api_key)
        _serve_control(self._app, control)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    @property
    def base_url(self) -> str:
        """Return the base URL for clients: `http://127.0.0.1:<port>/v1`. The port is known once it was started."""
        if not self._port:
            raise RuntimeError("the sandbox has no port before it is started")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/v1"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._host}:{self._port or '?'}>"

    async def _open(self) -> None:
        if self._runner is not None:
            raise RuntimeError("the sandbox is running already")
        runner = web.AppRunner(
            self._app.application(),
            access_log=None,
            logger=HTTP_LOGGER,
            handle_signals=False,
            shutdown_timeout=0.01,
            # On a slow machine a large body takes seconds to read; without its rest, the client may lose the response.
            lingering_time=10.0,
        )
        await runner.setup()
        protocol_factory = runner.server
        assert protocol_factory is not None
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                protocol_factory, self._host, self._port, backlog=128
            )
        except BaseException:
            await runner.cleanup()
            raise
        self._port = self._listener.sockets[0].getsockname()[1]
        self._runner = runner

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        listener, self._listener = self._listener, None
        if runner is None or listener is None:
            return
        await _stop_accepting(listener)
        running = set(self._app.running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await runner.cleanup()
        # Transports are closed in callbacks of the loop; let them run.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _wait_for_sync(self, integration_id: str | None) -> None:
        await self._app.environment.integration(integration_id or self.integration_id).sync_ended()


async def _stop_accepting(listener: asyncio.Server) -> None:
    """Close a listener after the connections that it has accepted have reached their server.

    A selector event loop needs three more iterations for that. If the listener is closed in between, the loop forgets
    these connections without closing them.
    """
    loop = asyncio.get_running_loop()
    for listening in listener.sockets:
        with suppress(NotImplementedError):  # the proactor event loop of Windows has no readers
            loop.remove_reader(listening)
    for _ in range(3):
        await asyncio.sleep(0)
    listener.close()


class Sandbox(_Server):
    """A local Kombo in the running event loop, for `async with` or `start` and `stop`.

    `api_key` is the only key it accepts. With `port` 0 the system chooses a free one. Stopping keeps the data and the
    port, so `stop` and `start` are a restart. `control` says who may use the control API under `/_sandbox`: programs on
    this machine (`"local"`), any on the network (`"network"`), or none (`"off"`).
    """

    async def start(self) -> None:
        """Listen. A port that the system chose is kept for the next start."""
        await self._open()

    async def stop(self) -> None:
        """Close all connections at once, even in the middle of a response. Idempotent."""
        await self._close()

    async def sync_finished(self, integration_id: str | None = None) -> None:
        """Wait for the end of the running sync of an integration, by default the first one."""
        await self._wait_for_sync(integration_id)

    async def send_webhook(
        self, event_type: str, /, *, integration_id: str | None = None, event_id: str | None = None, **data: Any
    ) -> tuple[Delivery, ...]:
        """Send an event such as `sync-finished` with generated data to all receivers, and wait until it was delivered.

        By default it is about the first integration of a fitting category. `data` replaces keys of its data; objects
        are merged. Pass the `event_id` of an earlier event to send a duplicate. An event of an unknown type
        has the given keys only.
        """
        return await self._app.webhooks.send(event_type, integration_id, event_id, data)

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the bytes of a delivery to its URL again, with the same signature, and wait for the result."""
        return await self._app.webhooks.redeliver(delivery)

    async def webhooks_delivered(self) -> None:
        """Wait until running syncs have ended and all webhooks were delivered or given up."""
        await self._app.webhooks.wait_until_delivered()

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self.start()
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        await self.stop()


class SandboxThread(_Server):
    """A local Kombo in a thread, for code without an event loop or with several. Thread-safe.

    It has the arguments of `Sandbox`, for `with` or `start` and `stop`. Copy `requests` (`list(sandbox.requests)`) to
    iterate over it while requests may arrive.
    """

    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event

    def start(self) -> None:
        """Start the thread, and return once the server listens."""
        if self._thread is not None:
            raise RuntimeError("the sandbox is running already")
        ready: Future[None] = Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="kombo-sandbox", daemon=True)
        thread.start()
        try:
            ready.result()
        except BaseException:
            thread.join()
            raise
        self._thread = thread

    def stop(self) -> None:
        """Close all connections and end the thread. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            thread.join()

    def sync_finished(self, integration_id: str | None = None) -> None:
        """Wait for the end of the running sync of an integration, by default the first one."""
        self._await(lambda: self._wait_for_sync(integration_id))

    def send_webhook(
        self, event_type: str, /, *, integration_id: str | None = None, event_id: str | None = None, **data: Any
    ) -> tuple[Delivery, ...]:
        """Do the same as `Sandbox.send_webhook`. It blocks, so receivers must run in another thread."""
        return self._await(lambda: self._app.webhooks.send(event_type, integration_id, event_id, data))

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Do the same as `Sandbox.redeliver`. It blocks, so receivers must run in another thread."""
        return self._await(lambda: self._app.webhooks.redeliver(delivery))

    def webhooks_delivered(self) -> None:
        """Wait until running syncs have ended and all webhooks were delivered or given up."""
        self._await(self._app.webhooks.wait_until_delivered)

    def _await(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        if self._thread is None:
            raise RuntimeError("the sandbox is not running")
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()

    def _in_loop(self, call: Callable[[], T]) -> T:
        async def in_loop() -> T:
            return call()

        return call() if self._thread is None else self._await(in_loop)

    async def _serve(self, ready: Future[None]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self._open()
        except BaseException as error:  # noqa: BLE001 - start() raises it in the calling thread
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            await self._stopping.wait()
        finally:
            await self._close()

    def __enter__(self) -> Self:
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()
