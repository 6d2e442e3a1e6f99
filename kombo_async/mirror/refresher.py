"""Refreshes one model of one integration: reads, decides, and stores. It contains no SQL and no HTTP."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from msgspec.structs import asdict

from ..errors import InputInvalidError, PaginationError
from ..redaction import clear_frames
from .deletions import BATCH, Deletions, current_refresh
from .mirrored_models import MIRRORED
from .protocols import Lease, LeaseLost, RecordSource, SourcePage, Store, Transaction
from .record_writer import RecordWriter
from .results import OnChange, RefreshResult
from .schedule import Schedule
from .state import (
    RETENTION,
    Counts,
    ModelState,
    Phase,
    Refresh,
    RefreshKind,
    complete,
    fail,
    is_loop,
    start_over,
)

PAGE_SIZE = 250
"""Records a page, the most that Kombo allows."""
SLICE = 10.0
"""Seconds after which a full refresh is interrupted, so that other models are refreshed too."""
_RESTARTS = 3
"""How many refreshes in a row may begin again because their cursor is refused, before that counts as a failure."""
_LOOK = 1.0
"""Seconds after which a full refresh looks for new requests."""


class Refresher:
    """Does what is due under one lease."""

    def __init__(
        self,
        lease: Lease,
        store: Store,
        source: RecordSource,
        *,
        schedule: Schedule,
        on_change: OnChange | None = None,
        rng: random.Random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lease = lease
        self._store = store
        self._source = source
        self._schedule = schedule
        self._on_change = on_change
        self._rng = rng
        self._monotonic = monotonic
        self._results: list[RefreshResult] = []
        self._began: dict[RefreshKind, float] = {}
        self._looked_at = monotonic()
        self._stopping = False
        # The next page of a full refresh, which is read while the one before is stored.
        self._ahead: asyncio.Task[SourcePage] | None = None

    async def work(self, *, seconds: float, full: bool = False, force: bool = False) -> list[RefreshResult]:
        """Refresh until nothing is due; return what was completed, or failed.

        A full refresh that has not ended after *seconds* is left as it is, so that other models are refreshed too.
        *full* and *force* are what a user asked for. The lease is not released here. Without a page to store, the end
        of an incremental refresh is stored only with that release.
        """
        lease = self._lease
        # An erasure is counted in the result of the next refresh, so a failure of it is one of that refresh.
        kind: RefreshKind = "incremental"
        ends_at = self._monotonic() + seconds
        if full and lease.state.full is None:
            lease.state.full_due_at = 0.0
        if force and lease.state.full is not None:
            lease.state.full.force = True
        try:
            while not self._stopping:
                work = lease.state.next_work(self._now(), lease.requested_seq)
                if self._ahead is not None:
                    # A page was read ahead: an incremental refresh must not store anything newer before that page.
                    work = "full"
                if work is None:
                    break
                if work == "erase":
                    await self._erase()
                    continue
                kind = work
                self._began.setdefault(kind, self._monotonic())
                if work == "full" and await self._is_over(ends_at):
                    break
                committed = len(self._results)
                try:
                    await self._step(work, force=force)
                except BaseException:
                    # The transaction that completed it was undone.
                    del self._results[committed:]
                    raise
        except LeaseLost:
            pass
        except (Exception, asyncio.CancelledError) as caught:  # noqa: BLE001 - one integration must not stop the others
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # A driver may raise an error of its own for a statement that is cancelled.
                raise asyncio.CancelledError from None
            error = caught if isinstance(caught, Exception) else RuntimeError("on_change awaited what was cancelled")
            clear_frames(error)
            fail(lease.state, error, lease.requested_seq, self._now(), self._rng)
            self._results.append(self._result(kind, Counts(), 0, error))
            # The traceback refers to this frame, which must not refer back to the error.
            del error
        finally:
            if self._ahead is not None:
                await self._stop_reading(self._ahead)
        return self._results

    def stop(self) -> None:
        """End after the page that is being read or stored: another process may continue there."""
        self._stopping = True

    async def _stop_reading(self, ahead: asyncio.Task[SourcePage]) -> None:
        self._ahead = None
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)

    def _now(self) -> float:
        """Return the time of the database, estimated without asking it."""
        return self._monotonic() + self._lease.offset

    async def _is_over(self, ends_at: float) -> bool:
        """Return whether to leave the rest of a full refresh for later; look for requests that arrived meanwhile."""
        if self._ahead is not None:
            return False
        now = self._monotonic()
        if now - self._looked_at >= _LOOK:
            await self._look_for_requests()
        return now >= ends_at and self._lease.state.full is not None

    async def _look_for_requests(self) -> None:
        lease = self._lease
        self._looked_at = self._monotonic()
        lease.requested_seq = max(lease.requested_seq, await self._store.requested_seq(lease))

    async def _step(self, kind: RefreshKind, *, force: bool) -> None:
        refresh = self._lease.state.refresh(kind)
        if refresh is None:
            await self._first_page(kind, force=force)
        elif refresh.phase is Phase.READ:
            await self._next_page(refresh)
        else:
            await self._deletions().step(refresh)

    def _deletions(self) -> Deletions:
        # Not kept, as both would refer to each other: thousands of cycles are much work for the garbage collector.
        return Deletions(self._lease, self._store, self._source, on_change=self._on_change, complete=self._complete_in)

    async def _first_page(self, kind: RefreshKind, *, force: bool) -> None:
        lease, model = self._lease, MIRRORED[self._lease.model]
        # Requests that arrive from now on may be about something that the page does not show, so that it does not
        # satisfy them. If the last look was less than a second ago, those since then are treated alike.
        if self._monotonic() - self._looked_at >= _LOOK:
            await self._look_for_requests()
        requested_seq, may_delete, updated_after = lease.requested_seq, True, None
        if kind == "full":
            may_delete = model.rolling_window or await self._deletions().is_in_order()
        else:
            assert lease.state.watermark is not None
            updated_after = lease.state.watermark - self._schedule.overlap.total_seconds()
        page = await self._source.fetch_page(*lease.key, updated_after=updated_after, page_size=PAGE_SIZE, cursor=None)
        refresh = Refresh(
            kind=kind,
            number=0,
            requested_seq=requested_seq,
            served_at=None,
            started_at=self._now(),
            updated_after=updated_after,
            page_size=PAGE_SIZE,
            may_delete=may_delete,
            force=force and kind == "full",
        )
        if kind == "incremental" and page.next_cursor is None and not page.records and not page.unreadable:
            self._set_served_at(refresh, page, refresh.started_at)
            self._complete(lease.state, refresh, refresh.started_at)
            return
        async with self._store.transaction(lease) as tx:
            refresh.number, refresh.started_at = await tx.new_number(), tx.now
            self._set_served_at(refresh, page, tx.now)
            refresh.tracks_seen = kind == "full" and not model.rolling_window and await tx.has_records()
            tx.state.set_refresh(kind, refresh)
            await self._store_page(tx, refresh, page)

    def _set_served_at(self, refresh: Refresh, page: SourcePage, now: float) -> None:
        if page.served_at is not None:
            # A server whose clock is ahead must not make the next refresh skip what changes until then.
            refresh.served_at = min(page.served_at, now)

    async def _next_page(self, refresh: Refresh) -> None:
        lease, kind = self._lease, refresh.kind
        ahead, self._ahead = self._ahead, None
        try:
            page = await (ahead or self._fetch(refresh, refresh.cursor))
        except InputInvalidError:
            if refresh.cursor is None or lease.state.restarts >= _RESTARTS:
                raise
            # Kombo does not say how long it accepts a cursor.
            await self._start_over(kind)
            return
        if kind == "full" and page.next_cursor is not None and not self._wants_changes():
            self._ahead = asyncio.create_task(self._fetch(refresh, page.next_cursor))
        try:
            async with self._store.transaction(lease) as tx:
                current = current_refresh(tx, kind)
                current.pages += 1
                await self._store_page(tx, current, page)
        except PaginationError:
            await self._start_over(kind)
            raise

    def _wants_changes(self) -> bool:
        """Return whether an incremental refresh is due before the next page of a full one."""
        return self._lease.state.next_work(self._now(), self._lease.requested_seq) != "full"

    async def _fetch(self, refresh: Refresh, cursor: str | None) -> SourcePage:
        return await self._source.fetch_page(
            *self._lease.key, updated_after=refresh.updated_after, page_size=refresh.page_size, cursor=cursor
        )

    async def _store_page(self, tx: Transaction, refresh: Refresh, page: SourcePage) -> None:
        if page.records or page.unreadable:
            refresh.is_empty = False
            await RecordWriter(tx, self._lease, refresh.counts, self._on_change).store_page(page, refresh)
        if page.next_cursor is not None:
            if is_loop(refresh, page.next_cursor):
                raise PaginationError(
                    "the list gave a cursor for the second time; following it would never end",
                    integration_id=self._lease.integration_id,
                )
            refresh.cursor = page.next_cursor
            return
        refresh.cursor, refresh.phase = None, Phase.JUDGE
        confirms = refresh.kind == "full" and tx.state.withheld_number is not None
        if not refresh.has_notes and not confirms and not tx.state.stale:
            await self._complete_in(tx, refresh)

    async def _start_over(self, kind: RefreshKind) -> None:
        async with self._store.transaction(self._lease) as tx:
            start_over(tx.state, current_refresh(tx, kind))

    async def _complete_in(self, tx: Transaction, refresh: Refresh) -> None:
        """Complete *refresh* in a transaction."""
        if refresh.kind == "full" and tx.state.unreadable:
            await tx.drop_unreadable_before(refresh.number)
            tx.state.unreadable = await tx.count_unreadable()
        self._complete(tx.state, refresh, tx.now)

    def _complete(self, state: ModelState, refresh: Refresh, now: float) -> None:
        counts = refresh.counts
        counts.erased += state.erased
        complete(state, refresh, now, self._schedule, self._rng)
        self._results.append(self._result(refresh.kind, counts, refresh.withheld, None))
        self._began.pop(refresh.kind, None)

    def _result(self, kind: RefreshKind, counts: Counts, withheld: int, error: Exception | None) -> RefreshResult:
        return RefreshResult(
            integration_id=self._lease.integration_id,
            model=self._lease.model,
            kind=kind,
            **asdict(counts),
            withheld_deletions=withheld,
            seconds=self._monotonic() - self._began.get(kind, self._monotonic()),
            error=error,
        )

    async def _erase(self) -> None:
        """Empty the copies of records that were deleted long ago."""
        async with self._store.transaction(self._lease) as tx:
            counts, state = Counts(), tx.state
            records = await tx.next_to_erase(tx.now - RETENTION, BATCH)
            if records:
                await RecordWriter(tx, self._lease, counts, self._on_change).erase(records)
                state.erased += counts.erased
            first = await tx.first_to_erase()
            # At least a second later, as two clocks are compared.
            state.erase_at = None if first is None else max(first + RETENTION, tx.now + (0 if records else 1))
