"""One worker: takes jobs from the queue, acquires their leases, and refreshes."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ..mirror.leases import RELEASE_SECONDS, RENEW_SECONDS
from ..mirror.protocols import Lease, RecordSource
from ..mirror.refresher import SLICE, Refresher
from ..mirror.results import COUNTS, OnChange, RefreshResult, log_result
from ..mirror.schedule import Schedule
from ..mirror.state import Counts
from ..mirror.store import SqlStore
from . import planner
from .queue import DUE, Key, Queue, is_queue_error
from .registry import Registry

log = logging.getLogger("kombo_async.fleet")

_GRACE = 20.0
"""Seconds that pages under way have to end after `stop`; then they are cancelled, and nothing is lost."""
_AT_ONCE = 100
"""Leases that one transaction acquires."""
_LONGEST_WAIT = 5.0
"""Seconds between two attempts to reach a database that is away."""
_STEADY = 30.0
"""Seconds of work after which a failure of the queue counts as the first one."""
_GATHER = 0.005
"""Seconds in which the jobs that are taken together ask for their leases, to be acquired by one statement."""


class Totals(Counts):
    """What a worker did since it began."""

    withheld_deletions: int = 0
    """As in `RefreshResult`."""
    refreshes: int = 0
    """Refreshes that were completed."""
    failures: int = 0
    """Refreshes that failed."""

    @property
    def records(self) -> int:
        """How many records were written."""
        return self.created + self.updated + self.deleted + self.restored + self.erased

    def add(self, result: RefreshResult) -> None:
        """Count one result."""
        if result.error is None:
            self.refreshes += 1
        else:
            self.failures += 1
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(result, name))


DATABASE_ERRORS = (SQLAlchemyError, OSError)
"""What the mirror's connections raise while the database is away."""


class Worker:
    """Does jobs until it is stopped, whatever happens to the database meanwhile."""

    def __init__(
        self,
        store: SqlStore,
        queue: Queue,
        source: RecordSource,
        *,
        schedule: Schedule,
        on_change: OnChange | None,
        on_result: Callable[[RefreshResult], None],
        concurrency: int,
    ) -> None:
        self.seen_at = time.monotonic()
        """When it last reached its database, by `time.monotonic()`."""
        self.totals = Totals()
        """What it did so far."""
        self.concurrency = concurrency
        """How many refreshes run at once."""
        self._registry = Registry(store.database, str(store.leases.holder))
        self._store = store
        self._queue = queue
        self._source = source
        self._schedule = schedule
        self._on_change = on_change
        self._on_result = on_result
        self._rng = random.Random()
        self._running: set[Refresher] = set()
        self._wanted: list[tuple[Key, asyncio.Future[Lease | None]]] = []
        self._acquiring: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def running(self) -> int:
        """How many refreshes are under way."""
        return len(self._running)

    def stop(self) -> None:
        """Take no more jobs, let the pages that are under way end, and release all leases."""
        self._stopping.set()
        for refresher in self._running:
            refresher.stop()

    async def run(self) -> None:
        """Work until `stop`, or until it is cancelled."""
        await self._beat()
        try:
            await self._run()
        finally:
            with suppress(Exception):
                await asyncio.wait_for(self._registry.leave(), RELEASE_SECONDS)

    async def _run(self) -> None:
        async with self._in_background(self._renew(), self._plan()):
            failures, creating = 0, SuppressDatabaseErrors("create the queue")
            while not self._stopping.is_set():
                began = time.monotonic()
                try:
                    await self._take_jobs()
                except Exception as error:
                    if not is_queue_error(error):
                        raise
                    # procrastinate's worker ends even when one statement fails: begin again with another one.
                    failures = failures + 1 if time.monotonic() - began < _STEADY else 1
                    level = logging.WARNING if failures == 1 else logging.DEBUG
                    log.log(level, "the queue is away: %s", _reason(error), extra={"event": "queue_away"})
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopping.wait(), min(0.5 * 2.0**failures, _LONGEST_WAIT))
                    with creating:
                        await self._queue.create()

    async def _take_jobs(self) -> None:
        worker: Any = self._queue.worker(self._refresh, concurrency=self.concurrency, grace=_GRACE)
        stopping = asyncio.create_task(self._stopping.wait())
        stopping.add_done_callback(lambda task: None if task.cancelled() else worker.stop())
        try:
            await worker.run()
        finally:
            stopping.cancel()

    @asynccontextmanager
    async def _in_background(self, *loops: Any) -> AsyncGenerator[None]:
        tasks = [asyncio.ensure_future(loop) for loop in loops]
        for task in tasks:
            # Without one of them, leases would expire or nothing would be planned.
            task.add_done_callback(self._background_ended)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

    def _background_ended(self, _: asyncio.Future[Any]) -> None:
        self.stop()

    # Loops in the background of the jobs. Each survives a database that is away.

    async def _renew(self) -> None:
        renewing = SuppressDatabaseErrors("renew leases")
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with renewing:
                await self._store.leases.renew()
                await self._beat()

    async def _beat(self) -> None:
        await self._registry.beat(
            concurrency=self.concurrency,
            running=self.running,
            refreshes=self.totals.refreshes,
            failures=self.totals.failures,
            records=self.totals.records,
        )
        self.seen_at = time.monotonic()

    async def _plan(self) -> None:
        planning = SuppressDatabaseErrors("plan")
        while True:
            seconds = planner.INTERVAL
            with planning:
                seconds = await planner.claim(self._queue)
                if not seconds:
                    await self._store.leases.release_dead()
                    if planned := await planner.plan(self._queue):
                        log.debug("planned %d jobs", planned, extra={"event": "planned", "jobs": planned})
                    seconds = planner.INTERVAL
            # With a little jitter, so that not all workers ask at once: the work of a dead one waits for the next plan.
            await asyncio.sleep(seconds * self._rng.uniform(1.0, 1.1))

    # One job.

    async def _refresh(self, integration_id: str, model: str) -> None:
        if self._stopping.is_set():
            return
        lease = await self._acquire((integration_id, model))
        if lease is None:
            # Nothing is due any more, or another process refreshes it.
            return
        refresher = Refresher(
            lease, self._store, self._source, schedule=self._schedule, on_change=self._on_change, rng=self._rng
        )
        self._running.add(refresher)
        try:
            if self._stopping.is_set():
                refresher.stop()
            results = await refresher.work(seconds=SLICE)
        except asyncio.CancelledError:
            with suppress(Exception):
                await asyncio.wait_for(self._store.leases.finish(lease), RELEASE_SECONDS)
            raise
        finally:
            self._running.discard(refresher)
        await self._end(lease, results)

    async def _end(self, lease: Lease, results: list[RefreshResult]) -> None:
        failed = any(result.error is not None for result in results)
        try:
            await self._store.leases.end(lease, results)
            if not failed and lease.state.due(time.monotonic() + lease.offset)[0] <= time.monotonic() + lease.offset:
                # A full refresh that was interrupted continues behind the other jobs.
                await self._queue.enqueue([lease.key], DUE)
        except Exception as error:  # noqa: BLE001 - the lease expires, and its work is continued where it was
            log.warning(
                "cannot store the end of the refresh of %s of %s: %s",
                lease.model,
                lease.integration_id,
                _reason(error),
                extra={"event": "end_not_stored", "integration_id": lease.integration_id, "model": lease.model},
            )
        for result in results:
            self.totals.add(result)
            self._on_result(result)
            log_result(log, result, lease.state)

    async def _acquire(self, key: Key) -> Lease | None:
        """Acquire a lease, together with others that are asked for meanwhile; None if there is nothing to do."""
        acquired: asyncio.Future[Lease | None] = asyncio.get_running_loop().create_future()
        self._wanted.append((key, acquired))
        if self._acquiring is None or self._acquiring.done():
            self._acquiring = asyncio.create_task(self._acquire_all())
        return await acquired

    async def _acquire_all(self) -> None:
        while self._wanted:
            await asyncio.sleep(_GATHER)
            batch, self._wanted = self._wanted[:_AT_ONCE], self._wanted[_AT_ONCE:]
            try:
                found = await self._store.leases.acquire_named([key for key, _ in batch], only_due=True)
                leases = {lease.key: lease for lease in found}
            except DATABASE_ERRORS as error:
                log.warning("cannot acquire leases: %s", _reason(error), extra={"event": "no_leases"})
                leases = {}
            for key, acquired in batch:
                # The same key twice: the second one finds nothing to do.
                lease = leases.pop(key, None)
                if not acquired.done():
                    acquired.set_result(lease)
                elif lease is not None:
                    await self._store.leases.finish(lease)


class SuppressDatabaseErrors:
    """A context manager for a block that is run again and again: an error of the database ends only the block. The
    first one in a row is logged as a warning, and then that the block works again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._fails = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if error is None:
            if self._fails:
                log.info("can %s again", self._what, extra={"event": "database_back"})
            self._fails = False
            return False
        if not (isinstance(error, DATABASE_ERRORS) or is_queue_error(error)):
            return False
        level = logging.DEBUG if self._fails else logging.WARNING
        log.log(level, "cannot %s: %s", self._what, _reason(error), extra={"event": "database_away"})
        self._fails = True
        return True


def _reason(error: BaseException) -> str:
    """Return what failed, without the statement and its values."""
    cause = getattr(error, "orig", None) or error.__cause__ or error
    return f"{type(cause).__name__}: {str(cause).partition(chr(10))[0]}"[:300]
