"""Runs refreshes, several at once."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import asynccontextmanager, suppress
from itertools import islice

from sqlalchemy.exc import SQLAlchemyError

from ..redaction import clear_frames
from .leases import RELEASE_SECONDS, RENEW_SECONDS
from .protocols import Lease, RecordSource
from .refresher import SLICE, Refresher
from .results import OnChange, RefreshResult, log_result
from .schedule import Schedule
from .state import RefreshKind
from .store import SqlStore

log = logging.getLogger("kombo_async.mirror")

_POLL = 2.0
"""Seconds between two looks for what is due, while nothing ends."""
_AT_ONCE = 512
"""The most leases that are acquired at once: incremental refreshes without changes take as long as acquiring."""
_HOLD = 1.0
"""Seconds for which leases wait for their refresh to begin, before they are released to other processes."""
_WAIT = 0.5
"""Seconds between two looks for a lease that another process holds."""


class Runner:
    """Acquires leases, and does what is due under them."""

    def __init__(
        self, store: SqlStore, source: RecordSource, *, schedule: Schedule, on_change: OnChange | None, concurrency: int
    ) -> None:
        self._store = store
        self._source = source
        self._schedule = schedule
        self._on_change = on_change
        self._concurrency = concurrency
        self._rng = random.Random()
        # Each works on one lease at a time.
        self._running: dict[asyncio.Task[None], Lease] = {}
        # Their work is done, and their state is being stored, several in one transaction.
        self._ending: dict[asyncio.Future[None], tuple[Lease, list[RefreshResult]]] = {}
        self._results: list[RefreshResult] = []
        self._failure: BaseException | None = None
        # At this number of waiting leases, more are acquired, so that no task waits for them. 0 if no more are due.
        self._low = 0
        self._any_ended = asyncio.Event()

    async def due(self, models: Collection[str] | None, *, forever: bool) -> AsyncGenerator[RefreshResult]:
        """Refresh what is due, until nothing is, or forever."""
        waiting: deque[Lease] = deque()
        at_once, acquired_at = 0, float("-inf")
        async with self._session(waiting):
            while True:
                is_late = time.monotonic() - acquired_at > _HOLD
                if waiting and is_late:
                    # Other processes may have time for them.
                    await self._release(waiting)
                free = self._concurrency - len(self._running)
                if (free and not waiting) or 0 < len(waiting) <= self._low:
                    # Four times as many as before, if those have begun at once: as in the slow start of TCP.
                    at_once = max(free, 0 if is_late else min(4 * at_once, _AT_ONCE))
                    self._low = 0
                    try:
                        acquired = await self._store.leases.acquire(at_once, models)
                        waiting += acquired
                        if len(acquired) == at_once:
                            self._low = at_once // 4
                    except (SQLAlchemyError, OSError):
                        if not forever:
                            raise
                        # The database is away: what runs finds out for itself.
                        log.warning("cannot look for what is due", exc_info=True)
                    acquired_at = time.monotonic()
                while waiting and len(self._running) < self._concurrency:
                    self._start(waiting.popleft(), waiting)
                if not self._running and not self._ending and not self._results and not forever:
                    return
                await self._any_end(at_most=_HOLD if waiting else _POLL)
                for result in self._take_results():
                    yield result

    async def named(self, keys: Iterable[tuple[str, str]], *, full: bool, force: bool) -> AsyncGenerator[RefreshResult]:
        """Refresh these models of integrations, due or not. Wait for those that another process refreshes."""
        wanted: dict[tuple[str, str], RefreshKind | None] = dict.fromkeys(keys)
        logged: set[tuple[str, str]] = set()
        async with self._session():
            while wanted or self._running or self._ending or self._results:
                running = {lease.key for lease in self._running.values()}
                running.update(lease.key for lease, _ in self._ending.values())
                idle = (key for key in wanted if key not in running)
                batch = list(islice(idle, self._concurrency - len(self._running)))
                # To the end of the queue, as those that another process holds must not block the rest.
                wanted |= {key: wanted.pop(key) for key in batch}
                for lease in await self._store.leases.acquire_named(batch):
                    state = lease.state
                    if wanted[lease.key] is None:
                        if full or state.watermark is None:
                            wanted[lease.key] = "full"
                        else:
                            wanted[lease.key], state.incremental_due_at = "incremental", 0.0
                    self._start(lease, full=full, force=force)
                if not self._running and not self._ending:
                    await self._forget_unknown(wanted)
                    await self._log_holders(wanted, logged)
                await self._any_end(at_most=_WAIT)
                for result in self._take_results():
                    key = (result.integration_id, result.model)
                    if result.error is not None or result.kind == wanted.get(key):
                        wanted.pop(key, None)
                    yield result

    @asynccontextmanager
    async def _session(self, waiting: deque[Lease] | None = None) -> AsyncGenerator[None]:
        """Keep the leases alive, and end all work in the end, also that for *waiting* leases."""
        heartbeat = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            tasks: list[asyncio.Task[None]] = [heartbeat, *self._running]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            released = deque([*self._running.values(), *(waiting or ())])
            self._running.clear()
            with suppress(Exception):
                await asyncio.wait_for(asyncio.gather(self._release(released), *self._ending), RELEASE_SECONDS)
            self._ending.clear()

    async def _release(self, leases: deque[Lease]) -> None:
        """Release leases as they were acquired."""
        released = [*leases]
        leases.clear()
        await asyncio.gather(*map(self._store.leases.finish, released))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self._store.leases.renew()
            except (SQLAlchemyError, OSError):
                log.warning("cannot renew leases", exc_info=True)

    async def _forget_unknown(self, wanted: dict[tuple[str, str], RefreshKind | None]) -> None:
        """Drop what was removed from the mirror meanwhile."""
        for integration_id in {key[0] for key in wanted}:
            known = await self._store.models_of(integration_id)
            for key in [key for key in wanted if key[0] == integration_id and key[1] not in known]:
                del wanted[key]

    async def _log_holders(self, wanted: Collection[tuple[str, str]], logged: set[tuple[str, str]]) -> None:
        if all(key in logged for key in wanted):
            return
        for row in await self._store.models():
            key = (row.integration_id, row.model)
            if key in wanted and key not in logged and row.holder is not None:
                log.info(
                    "waiting for %s of %s, which %s refreshes",
                    row.model,
                    row.integration_id,
                    row.holder,
                    extra={"event": "waiting"},
                )
        logged.update(wanted)

    def _start(
        self, lease: Lease, waiting: deque[Lease] | None = None, *, full: bool = False, force: bool = False
    ) -> None:
        task = asyncio.create_task(self._work(lease, waiting, full=full, force=force))
        task.add_done_callback(self._note_end)
        self._running[task] = lease

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            failure = task.exception()
            if failure is None:
                del self._running[task]
            else:
                self._failure = failure
        self._any_ended.set()

    async def _any_end(self, *, at_most: float) -> None:
        """Wait for results, or for room for other work."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._any_ended.wait()
        self._any_ended.clear()
        if self._failure is not None:
            raise self._failure

    def _take_results(self) -> list[RefreshResult]:
        results, self._results = self._results, []
        return results

    async def _work(self, lease: Lease, waiting: deque[Lease] | None, *, full: bool, force: bool) -> None:
        """Refresh what *lease* is for, and then what the *waiting* leases are for, until none is left."""
        task = asyncio.current_task()
        assert task is not None
        while True:
            refresher = Refresher(
                lease, self._store, self._source, schedule=self._schedule, on_change=self._on_change, rng=self._rng
            )
            results = await refresher.work(seconds=SLICE, full=full, force=force)
            stored = self._store.leases.end(lease, results)
            self._ending[stored] = lease, results
            stored.add_done_callback(self._note_stored)
            if not waiting:
                return
            self._running[task] = lease = waiting.popleft()
            if len(waiting) == self._low:
                self._any_ended.set()

    def _note_stored(self, stored: asyncio.Future[None]) -> None:
        """Keep the results of a refresh for the caller, now that its state is stored and its lease released."""
        self._any_ended.set()
        ended = self._ending.pop(stored, None)
        if ended is None or stored.cancelled():
            return
        lease, results = ended
        error = stored.exception()
        if isinstance(error, Exception) and not any(result.error is not None for result in results):
            clear_frames(error)
            # The lease ends by itself, and the refresh is continued where its last page was stored.
            results.append(
                RefreshResult(integration_id=lease.integration_id, model=lease.model, kind="incremental", error=error)
            )
        self._results += results
        for result in results:
            log_result(log, result, lease.state)
