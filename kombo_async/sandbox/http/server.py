"""A running sandbox: in this event loop, or on a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Final, Self

import attrs
from aiohttp import web

from ..config import SandboxConfig
from .app import HTTP_LOGGER, SandboxApp
from .faults import Faults
from .requests import ReceivedRequest
from .webhooks import Delivery

DEFAULT_KEY: Final = "ks_dev_sandbox"
"""The API key of a sandbox that was given none."""


class _Server:
    """What both kinds of sandbox are: an environment, a way to serve it, and a view of what happens to it."""

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        api_key: str = DEFAULT_KEY,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if not api_key or not api_key.isascii() or not api_key.isprintable() or " " in api_key:
            raise ValueError("api_key must be printable ASCII without spaces")
        if isinstance(port, bool) or not 0 <= port <= 65_535:
            raise ValueError(f"port must be from 0 to 65535, not {port!r}")
        self._app = SandboxApp(config or SandboxConfig(), api_key)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def config(self) -> SandboxConfig:
        """What the sandbox was made of."""
        return self._app.config

    @property
    def api_key(self) -> str:
        """The only key that it accepts."""
        return self._app.api_key

    @property
    def base_url(self) -> str:
        """Where clients find it: ``http://127.0.0.1:<port>/v1``. The port is known from the first start on."""
        if not self._port:
            raise RuntimeError("the sandbox has no port before it was started")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/v1"

    @property
    def integration_id(self) -> str:
        """The first integration there is: an HR system, unless all of those are deleted."""
        return self._app.environment.first_integration_id

    @property
    def integration_ids(self) -> tuple[str, ...]:
        """All integrations, HR systems first; those deleted through the API are gone."""
        return self._app.environment.integration_ids

    def integration_id_of(self, category: str) -> str:
        """The first integration with a tool of this category: ``HRIS``, ``ATS``, ``ASSESSMENT`` or ``LMS``."""
        return self._app.environment.integration_id_of(category)

    def set_integration_state(self, integration_id: str, **changes: Any) -> None:
        """Let an integration be refused with its ``INTEGRATION.…`` errors, until it is changed back.

        ``status`` (``ACTIVE``, ``INVALID``, ``INACTIVE``), ``setup_status`` (``COMPLETED``, ``INCOMPLETE``,
        ``FINAL_SYNC_PENDING``), ``qa_status`` (``PASSED``, ``PENDING``, ``FAILED``), and sets of names:
        ``disabled_models={"hris_absences"}``, ``disabled_actions={"hris_create_absence"}``,
        ``missing_permissions`` of both. What is not given stays as it is.
        """

        def change() -> None:
            integration = self._app.environment.integration(integration_id)
            integration.state = attrs.evolve(integration.state, **changes)
            self._app.webhooks.look(integration)

        self._in_loop(change)

    def delete_record(self, model: str, record_id: str, *, integration_id: str | None = None) -> None:
        """Let the tool lose a record of a model such as ``"hris_employees"``; only ``include_deleted`` still lists it.

        The integration is the first one unless told otherwise.
        """

        def delete() -> None:
            environment = self._app.environment
            integration = environment.integration(integration_id or self.integration_id)
            rows = integration.store[model]
            rows.remove(rows.need(record_id, "record_id"))
            environment.settle(integration)

        self._in_loop(delete)

    def _in_loop(self, change: Callable[[], None]) -> None:
        """Change something where nothing else looks at it meanwhile."""
        change()

    @property
    def faults(self) -> Faults:
        """The script of things to go wrong."""
        return self._app.faults

    @property
    def requests(self) -> deque[ReceivedRequest]:
        """The latest requests, oldest first: ``config.kept_requests`` of them at most, and ``config.kept_bytes``."""
        return self._app.log.requests

    @property
    def executions(self) -> Counter[str]:
        """How often each write took effect, by the name of its operation, answered or not."""
        return self._app.executions

    @property
    def deliveries(self) -> deque[Delivery]:
        """The latest webhooks that arrived or were given up, oldest first; ``config.kept_requests`` of them at most."""
        return self._app.webhooks.deliveries

    def send_webhooks_to(self, url: str, *, secret: str | None = None) -> None:
        """From now on, send webhooks to this address too, signed with ``config.webhook_secret`` unless told otherwise.

        ``data-changed`` after a sync or a request that changed something, ``integration-state-changed``,
        ``integration-deleted``. What is not taken is sent three times at most.
        """
        self._app.webhooks.add(url, self.config.webhook_secret if secret is None else secret)

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
            lingering_time=2.0,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._port = runner.addresses[0][1]
        self._runner = runner

    async def _close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        running = set(self._app.running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await runner.cleanup()
        # Connections end in callbacks of the loop; let them run, so that nothing is left behind.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _wait_for_sync(self, integration_id: str | None) -> None:
        integration = self._app.environment.integration(integration_id or self.integration_id)
        left = integration.seconds_to_sync()
        while left > 0:  # clocks differ in their last digits, so one sleep may end a moment early
            await asyncio.sleep(left)
            left = integration.seconds_to_sync()


class Sandbox(_Server):
    """A local Kombo in the running event loop, for ``async with`` or ``start`` and ``stop``.

    ``config`` says what it is made of, ``api_key`` is the one key it accepts, and with ``port`` 0 the system
    finds a free one. Stopping keeps the data and the port, so starting again is a restart as clients see it.
    """

    async def start(self) -> None:
        """Listen. With port 0 the system chooses one, which stays."""
        await self._open()

    async def stop(self) -> None:
        """Close all connections at once, in the middle of answers too. Stopping twice does nothing."""
        await self._close()

    async def sync_finished(self, integration_id: str | None = None) -> None:
        """Wait for the running sync of an integration, the first one unless told otherwise."""
        await self._wait_for_sync(integration_id)

    async def send_webhook(
        self, kind: str, /, *, integration_id: str | None = None, event_id: str | None = None, **data: Any
    ) -> tuple[Delivery, ...]:
        """Make up an event such as ``sync-finished``, send it to all who listen, and wait until they took it.

        It is about the first integration that it can be about, unless told otherwise. ``data`` are keys to set: objects
        are merged. An ``event_id`` from before lets it look like one that comes twice. A type that Kombo does not have
        is sent too, with the given keys alone.
        """
        return await self._app.webhooks.send(kind, integration_id, event_id, data)

    async def webhooks_delivered(self) -> None:
        """Wait until running syncs are over and all webhooks were taken or given up."""
        await self._app.webhooks.delivered()

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()


class SandboxThread(_Server):
    """A local Kombo on a thread of its own, for code that has no event loop, or not always the same.

    It takes what ``Sandbox`` takes, and works with ``with``.
    Everything it shows may be used from any thread. Copy ``requests`` (``list(sandbox.requests)``) before
    walking over it while requests may still come in.
    """

    _thread: threading.Thread | None = None
    _loop: asyncio.AbstractEventLoop
    _stopping: asyncio.Event

    def start(self) -> None:
        """Start the thread, and return once the sandbox listens."""
        if self._thread is not None:
            raise RuntimeError("the sandbox is running already")
        ready: Future[None] = Future()
        thread = threading.Thread(target=self._run, args=(ready,), name="kombo-sandbox", daemon=True)
        thread.start()
        try:
            ready.result()
        except BaseException:
            thread.join()
            raise
        self._thread = thread

    def stop(self) -> None:
        """Close all connections and end the thread. Stopping twice does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            thread.join()

    def sync_finished(self, integration_id: str | None = None) -> None:
        """Wait for the running sync of an integration, the first one unless told otherwise."""
        if self._thread is None:
            raise RuntimeError("the sandbox is not running")
        asyncio.run_coroutine_threadsafe(self._wait_for_sync(integration_id), self._loop).result()

    def send_webhook(
        self, kind: str, /, *, integration_id: str | None = None, event_id: str | None = None, **data: Any
    ) -> tuple[Delivery, ...]:
        """Do as ``Sandbox.send_webhook`` does. Whoever listens must not need this thread to answer."""
        if self._thread is None:
            raise RuntimeError("the sandbox is not running")
        sending = self._app.webhooks.send(kind, integration_id, event_id, data)
        return asyncio.run_coroutine_threadsafe(sending, self._loop).result()

    def webhooks_delivered(self) -> None:
        """Wait until running syncs are over and all webhooks were taken or given up."""
        if self._thread is None:
            raise RuntimeError("the sandbox is not running")
        asyncio.run_coroutine_threadsafe(self._app.webhooks.delivered(), self._loop).result()

    def _in_loop(self, change: Callable[[], None]) -> None:
        async def there() -> None:
            change()

        if self._thread is None:
            change()
        else:
            asyncio.run_coroutine_threadsafe(there(), self._loop).result()

    def _run(self, ready: Future[None]) -> None:
        asyncio.run(self._serve(ready))

    async def _serve(self, ready: Future[None]) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self._open()
        except BaseException as error:  # noqa: BLE001 - start() raises it where the sandbox was asked for
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            await self._stopping.wait()
        finally:
            await self._close()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()
