"""The server: in the running event loop, or in a thread with its own."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

import attrs
from aiohttp import web

from ..config import SandboxConfig
from ..data.clock import SandboxClock
from ..data.source import Source
from ..data.tools import CATEGORIES
from .app import HTTP_LOGGER, SandboxApp
from .faults import Faults
from .requests import ReceivedRequest
from .webhooks import Delivery

T = TypeVar("T")

DEFAULT_KEY = "ks_dev_sandbox"
"""The default API key."""


class _Server:
    """The common part of both kinds of sandbox."""

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
        self._source = Source(self._app.environment)
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    @property
    def config(self) -> SandboxConfig:
        """Return the configuration."""
        return self._app.config

    @property
    def api_key(self) -> str:
        """Return the only API key that is accepted."""
        return self._app.api_key

    @property
    def base_url(self) -> str:
        """Return the base URL for clients: `http://127.0.0.1:<port>/v1`. The port is known once it was started."""
        if not self._port:
            raise RuntimeError("the sandbox has no port before it is started")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}/v1"

    @property
    def integration_id(self) -> str:
        """Return the id of the first integration: an HR system, unless all of those are deleted."""
        return self._app.environment.first_integration_id

    @property
    def integration_ids(self) -> tuple[str, ...]:
        """Return the ids of all integrations, HR systems first, without deleted ones."""
        return self._app.environment.integration_ids

    def integration_id_of(self, category: str) -> str:
        """Return the id of the first integration of a category: `HRIS`, `ATS`, `ASSESSMENT` or `LMS`."""
        found = self._app.environment.integration_id_of(category)
        if found is None:
            raise ValueError(f"there is no {category!r} integration; categories are {', '.join(CATEGORIES)}")
        return found

    def set_integration_state(self, integration_id: str, **changes: Any) -> None:
        """Change the state of an integration, so that operations fail with `INTEGRATION.…` errors.

        `status` (`ACTIVE`, `INVALID`, `INACTIVE`), `setup_status` (`COMPLETED`, `INCOMPLETE`,
        `FINAL_SYNC_PENDING`), `qa_status` (`PASSED`, `PENDING`, `FAILED`), and sets of names:
        `disabled_models={"hris_absences"}`, `disabled_actions={"hris_create_absence"}`,
        `missing_permissions` of both. `data_expired_at` is a datetime or None. What is left out stays unchanged.
        """

        def change() -> None:
            integration = self._source.integration(integration_id)
            integration.state = attrs.evolve(integration.state, **changes)
            self._app.webhooks.notify_state_change(integration)

        self._in_loop(change)

    # Changes at the source. `integration_id` is the first integration that has the model by default. Unknown ids and
    # names are a `ValueError` that lists the nearest ones, or the first few.

    def put(
        self, model: str, record: Mapping[str, Any], /, *, integration_id: str | None = None, raw: bytes | None = None
    ) -> dict[str, Any]:
        """Add a record of a model such as `"hris_employees"`, or replace the one with its id, and return it.

        Only `"id"` is required; fields that are left out are null or empty. Values of any type and unknown keys are
        accepted, and sent as they are; `msgspec.Raw` holds a value that is not valid JSON. Foreign keys, such as
        `manager_id` or `group_ids`, relate records. `raw` is sent in lists in place of the record until it is changed.
        """
        return self._in_loop(lambda: self._source.put(model, record, integration_id, raw))

    def change(
        self, model: str, record_id: str, /, *, integration_id: str | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Change fields of a record, with the values that `put` takes, and return it. `changed_at` moves.

        `remote_deleted_at=None` restores a deleted record.
        """
        return self._in_loop(lambda: self._source.change(model, record_id, integration_id, changes))

    def delete(self, model: str, record_id: str, /, *, integration_id: str | None = None) -> dict[str, Any]:
        """Delete a record in the tool: from now on `remote_deleted_at` is set, and only `include_deleted` lists it."""
        return self._in_loop(lambda: self._source.delete(model, record_id, integration_id))

    def anonymise(
        self, model: str, record_id: str, /, *, integration_id: str | None = None, touch: bool = False
    ) -> dict[str, Any]:
        """Empty a record as Kombo does 14 days after its deletion: all fields but the id are null or empty lists.

        Whether `updated_after` matches such a record is not documented; with `touch` it does.
        """
        return self._in_loop(lambda: self._source.anonymise(model, record_id, integration_id, touch=touch))

    def remove(self, model: str, record_id: str, /, *, integration_id: str | None = None) -> None:
        """Remove a record without a trace: not even `include_deleted` lists it."""
        self._in_loop(lambda: self._source.remove(model, record_id, integration_id))

    def records(
        self, model: str, /, *, integration_id: str | None = None, include_deleted: bool = False
    ) -> list[dict[str, Any]]:
        """Return all records of a model, as lists have them."""
        return self._in_loop(lambda: self._source.records(model, integration_id, include_deleted=include_deleted))

    def switch_model(self, model: str, /, *, on: bool, integration_id: str | None = None) -> None:
        """Switch a model off or on in the scope config of an integration, with a sync at once.

        While it is off, all its records count as deleted since then, but reading it is no error: for that, set
        `disabled_models` by `set_integration_state`.
        """
        self._in_loop(lambda: self._source.switch_model(model, integration_id, on=on))

    def expire_cursors(self) -> None:
        """Refuse all cursors that were sent until now."""
        self._app.environment.cursor_generation += 1

    @property
    def clock(self) -> SandboxClock:
        """Return the clock, which can be advanced and skewed."""
        return self._app.environment.clock

    def _in_loop(self, call: Callable[[], T]) -> T:
        """Call a function in the thread of the server, and return its result."""
        return call()

    @property
    def faults(self) -> Faults:
        """Return the faults to inject."""
        return self._app.faults

    @property
    def requests(self) -> deque[ReceivedRequest]:
        """Return the latest requests, oldest first, within `config.kept_requests` and `config.kept_bytes`."""
        return self._app.log.requests

    @property
    def executions(self) -> Counter[str]:
        """Return how often each write was executed, by the name of its operation, even if it was not answered."""
        return self._app.executions

    @property
    def deliveries(self) -> deque[Delivery]:
        """Return the latest webhooks that were delivered or given up, oldest first; at most `config.kept_requests`."""
        return self._app.webhooks.deliveries

    def send_webhooks_to(self, url: str, *, secret: str | None = None) -> None:
        """Send webhooks to this URL, too, signed with `config.webhook_secret` by default.

        `data-changed` after a sync or a request that changed something, `integration-state-changed`,
        `integration-deleted`. A webhook that is not answered with success is sent three times at most.
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
        # Transports are closed in callbacks of the loop; let them run.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _wait_for_sync(self, integration_id: str | None) -> None:
        integration = self._app.environment.integration(integration_id or self.integration_id)
        left = integration.seconds_to_sync()
        while left > 0:  # sleep and clock differ slightly, so a sleep may end early
            await asyncio.sleep(left)
            left = integration.seconds_to_sync()


class Sandbox(_Server):
    """A local Kombo in the running event loop, for `async with` or `start` and `stop`.

    `api_key` is the only key it accepts. With `port` 0 the system chooses a free one. Stopping keeps the data and the
    port, so `stop` and `start` are a restart.
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
        self, kind: str, /, *, integration_id: str | None = None, event_id: str | None = None, **data: Any
    ) -> tuple[Delivery, ...]:
        """Send an event such as `sync-finished` with generated data to all receivers, and wait until it was delivered.

        By default it is about the first integration of a fitting category. `data` replaces keys of its data; objects
        are merged. Pass the `event_id` of an earlier event to send a duplicate. An event of an unknown type
        has the given keys only.
        """
        return await self._app.webhooks.send(kind, integration_id, event_id, data)

    async def webhooks_delivered(self) -> None:
        """Wait until running syncs have ended and all webhooks were delivered or given up."""
        await self._app.webhooks.wait_until_delivered()

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
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
        thread = threading.Thread(target=self._run, args=(ready,), name="kombo-sandbox", daemon=True)
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
        self, kind: str, /, *, integration_id: str | None = None, event_id: str | None = None, **data: Any
    ) -> tuple[Delivery, ...]:
        """Do the same as `Sandbox.send_webhook`. It blocks, so receivers must run in another thread."""
        return self._await(lambda: self._app.webhooks.send(kind, integration_id, event_id, data))

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

    def _run(self, ready: Future[None]) -> None:
        asyncio.run(self._serve(ready))

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
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server."""
        self.stop()
