"""`Fleet`: workers on any number of machines that keep one mirror in step."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..config import check_count
from ..mirror import Mirror, OnChange, Schedule
from ..redaction import without_locals
from . import schema
from .queue import REQUESTED, Key, Queue, check_installed

if TYPE_CHECKING:
    import psycopg

    from ..client import KomboClient
    from ..mirror.store import SqlStore
    from ..models.webhooks import Event
    from ..otel import OpenTelemetryMetrics
    from .registry import FleetStatus
    from .worker import Worker

log = logging.getLogger("kombo_async.fleet")

_GATHER = 0.05
"""Seconds in which the requests of webhooks are gathered, to be inserted by one statement."""
_BURST = 2.0
"""Seconds after the job for the first event about a model, in which further ones are left to the planner: as long as
it takes until the next plan."""
_OBSERVE = 15.0
"""Seconds between two counts of the fleet for metrics."""
_REOPEN = 2.0
"""Seconds between two looks for the queue where no worker has created it yet."""


class Fleet:
    """Workers that keep a mirror in PostgreSQL in step, on any number of machines.

    `async with KomboClient() as client, Fleet("postgresql://…", client) as fleet: await fleet.work()`, in as many
    processes as you like. The leases of the mirror let one of them at a time refresh a model of an integration; the
    queue, in procrastinate, only wakes them up. So a worker that is killed, stopped or cut off loses nothing, and
    writes nothing that it may not.

    It needs `pip install 'kombo_async[fleet]'`.
    """

    def __init__(
        self,
        url: str,
        client: KomboClient | None = None,
        *,
        schedule: Schedule = Schedule(),
        on_change: OnChange | None = None,
        erase_deleted_integrations: bool = False,
        connections: int = 10,
    ) -> None:
        """Nothing is opened before `async with`. The options are those of `Mirror`, and:

        - `client`: without one, a fleet receives webhooks and says how it is. With one, entering it creates the queue.
        - `connections`: how many this process may have to the database, besides up to four of the queue. A page takes
          one only while it is stored, so it may be less than the concurrency of `work`.
        """
        check_installed()
        check_count("connections", connections)
        schema.connection_string(url)
        self.mirror = Mirror(
            url,
            client,
            schedule=schedule,
            on_change=on_change,
            erase_deleted_integrations=erase_deleted_integrations,
        )
        """The mirror: add integrations, and query it. It is open while the fleet is."""
        self.mirror._database_options = {"connections": connections}  # noqa: SLF001
        self._url = url
        self._client = client
        self._schedule = schedule
        self._on_change = on_change
        self._queue = Queue(url)
        self._worker: Worker | None = None
        self._waiting: set[Key] = set()
        self._inserted: dict[Key, float] = {}
        self._inserting: asyncio.Task[None] | None = None
        self._looked_at = float("-inf")

    def __repr__(self) -> str:
        return f"Fleet({self.mirror!r})"

    async def __aenter__(self) -> Self:
        await self.mirror.__aenter__()
        try:
            await self._open_queue(create=self._client is not None)
        except BaseException:
            await self._queue.close()
            await self.mirror.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        inserting, self._inserting = self._inserting, None
        if inserting is not None:
            with suppress(Exception):
                await asyncio.wait_for(inserting, 5 * _GATHER + 1)
        await self._queue.close()
        await self.mirror.__aexit__(kind, error, trace)

    @property
    def _store(self) -> SqlStore:
        return self.mirror._store  # noqa: SLF001 - a fleet is a mirror with several processes

    async def _open_queue(self, *, create: bool) -> bool:
        self._looked_at = asyncio.get_running_loop().time()
        connection: psycopg.AsyncConnection[object]
        async with await schema.connect(self._url) as connection:
            if create:
                await schema.create_tables(connection)
            return await self._queue.open(connection, create=create)

    @without_locals
    async def work(
        self,
        *,
        concurrency: int = 8,
        health_port: int | None = None,
        health_host: str = "127.0.0.1",
        metrics: OpenTelemetryMetrics | None = None,
    ) -> None:
        """Refresh what is due or requested, beside other workers, until `stop` or until it is cancelled.

        `concurrency` is how many models this worker refreshes at once, each with a page or two in memory. One process
        uses one core: start several for more. It continues after the database was away.

        With `health_port` it serves `/healthz`, which is 503 when it has not reached the database for half a minute,
        and `/metrics` in the text format of Prometheus. `metrics` gets each refresh, and every 15 seconds the numbers
        of the whole fleet.
        """
        from ..mirror.source import KomboSource
        from .worker import Worker

        check_count("concurrency", concurrency)
        if self._client is None:
            raise RuntimeError("this needs a client: Fleet(url, client)")
        if self._worker is not None:
            raise RuntimeError("this fleet works already: open another one, or raise concurrency")
        self._worker = Worker(
            self._store,
            self._queue,
            KomboSource(self._client),
            schedule=self._schedule,
            on_change=self._on_change,
            on_result=metrics.refreshed if metrics is not None else lambda _: None,
            concurrency=concurrency,
        )
        try:
            async with AsyncExitStack() as stack:
                if health_port is not None:
                    from .health import health_server

                    server = health_server(self._worker, self.status, health_host, health_port)
                    port = await stack.enter_async_context(server)
                    log.info("healthz and metrics at port %d", port, extra={"event": "health", "port": port})
                if metrics is not None:
                    observing = asyncio.create_task(self._observe(metrics))
                    stack.callback(observing.cancel)
                await self.mirror._continue_removals()  # noqa: SLF001
                await self._worker.run()
        finally:
            self._worker = None

    async def _observe(self, metrics: OpenTelemetryMetrics) -> None:
        while True:
            try:
                metrics.observe(await self.status())
            except Exception as error:  # noqa: BLE001 - numbers must not stop the work
                log.debug("cannot count the fleet: %s", type(error).__name__)
            await asyncio.sleep(_OBSERVE)

    def stop(self) -> None:
        """Let `work` end: it takes nothing more, finishes the pages that are under way, and leaves the rest to others.
        Pages that take longer than 20 seconds are cancelled, and read again by another worker."""
        if self._worker is not None:
            self._worker.stop()

    @without_locals
    async def enqueue_due(self) -> int:
        """Insert jobs for all that is requested or due now, and return how many. Workers do so every two seconds."""
        from .planner import plan

        if not self._queue.is_open:
            raise RuntimeError("no worker has run yet, so there is no queue: Fleet(url, client) creates it")
        return await plan(self._queue)

    @without_locals
    async def handle_event(self, event: Event) -> tuple[str, ...]:
        """Request what a webhook event says is out of date, and return the names of these models.

        As `Mirror.handle_event`, and workers learn of it at once. It returns when the request is stored; if the job
        for it is lost then, the next plan of a worker inserts another one.
        """
        names = await self.mirror.handle_event(event)
        if names and event.integration_id is not None:
            self._waiting.update((event.integration_id, name) for name in names)
            if self._inserting is None or self._inserting.done():
                self._inserting = asyncio.create_task(self._insert())
        return names

    @without_locals
    async def status(self) -> FleetStatus:
        """Return the numbers of the whole fleet: its workers, what waits, and what fails."""
        from .registry import Registry

        return await Registry(self._store.database, str(self._store.leases.holder)).status()

    async def _insert(self) -> None:
        """Insert the jobs of requests that are stored already. What fails is left to the planner."""
        while self._waiting:
            await asyncio.sleep(_GATHER)
            keys, self._waiting = self._waiting, set()
            try:
                if not self._queue.is_open:
                    if asyncio.get_running_loop().time() - self._looked_at < _REOPEN:
                        continue
                    if not await self._open_queue(create=False):
                        continue
                await self._queue.enqueue(self._first_of_burst(keys), REQUESTED)
            except Exception as error:  # noqa: BLE001 - the request is stored
                log.warning(
                    "cannot wake workers up: %s", type(error.__cause__ or error).__name__, extra={"event": "queue_away"}
                )

    def _first_of_burst(self, keys: set[Key]) -> set[Key]:
        """Return the keys that had no job lately. What a burst requests again is left to the next plan, so that twenty
        events about a model in a few seconds are not twenty refreshes."""
        now = asyncio.get_running_loop().time()
        self._inserted = {key: at for key, at in self._inserted.items() if now - at < _BURST}
        first = keys - self._inserted.keys()
        self._inserted.update(dict.fromkeys(first, now))
        return first
