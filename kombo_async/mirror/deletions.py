"""The phases of a refresh after its pages: which records are gone, and what is done with them. No SQL, no HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from ..errors import PaginationError
from ..models.general import IntegrationStatus, SetupStatus
from .protocols import Lease, RecordSource, SourcePage, Store, Transaction
from .record_writer import RecordWriter
from .results import OnChange
from .state import Phase, Refresh, RefreshKind, judge

IDS = 100
"""Ids in one request: its address stays below 4 KB."""
BATCH = 250
"""Records in one transaction that has no page."""
NOTES = 5000
"""Notes that are dropped in one transaction."""


class Deletions:
    """Applies, or withholds, the deletions that the refreshes of one lease have found."""

    def __init__(
        self,
        lease: Lease,
        store: Store,
        source: RecordSource,
        *,
        on_change: OnChange | None,
        complete: Callable[[Transaction, Refresh], Awaitable[None]],
    ) -> None:
        self._lease = lease
        self._store = store
        self._source = source
        self._on_change = on_change
        self._complete = complete

    async def step(self, refresh: Refresh) -> None:
        """Do one transaction of the phase that *refresh* is in; the last one completes it."""
        match refresh.phase:
            case Phase.JUDGE:
                await self._judge(refresh)
            case Phase.CHECK:
                await self._check(refresh)
            case Phase.DELETE:
                await self._delete(refresh.kind)
            case Phase.WITHHOLD:
                await self._withhold(refresh.kind)
            case _:
                await self._clean(refresh.kind)

    async def is_in_order(self) -> bool:
        """Return whether the absence of a record is reason to believe that it is gone."""
        integration = await self._source.fetch_integration(self._lease.integration_id)
        return (
            integration.status == IntegrationStatus.ACTIVE
            and integration.setup_status == SetupStatus.COMPLETED
            and integration.data_expired_at is None
            and any(
                each.id == self._lease.model and each.is_available and not each.opted_out_by_customer
                for each in integration.read_models
            )
        )

    async def _judge(self, refresh: Refresh, *, checked: bool = False) -> None:
        """Count the deletions, and decide which ones are applied; *checked* ones are deleted next."""
        in_order = not refresh.tracks_seen or not refresh.may_delete or await self.is_in_order()
        async with self._store.transaction(self._lease) as tx:
            current = current_refresh(tx, refresh.kind)
            current.may_delete = current.may_delete and in_order
            judge(current, await tx.tally(current))
            if checked and current.phase is Phase.CHECK:
                current.phase = Phase.DELETE

    async def _check(self, refresh: Refresh) -> None:
        """Ask for records that are missing. Those that do not come are deleted in the next phase."""
        lease = self._lease
        async with self._store.transaction(lease) as tx:
            missing = [record_id for record_id, _ in await tx.gone(refresh, limit=IDS, missing_only=True)]
            witness = await tx.one_seen(refresh.number)
        if not missing:
            await self._judge(refresh, checked=True)
            return
        # A comma separates the ids of a filter and cannot be quoted: such a record cannot be asked for.
        wanted = [record_id for record_id in missing if "," not in record_id]
        if witness is not None and "," not in witness:
            wanted.append(witness)
        pages = [page async for page in self._records(wanted)] if wanted else []
        found = {record.id for page in pages for record in page.records}
        found.update(row.id for page in pages for row in page.unreadable if row.id is not None)
        # A record without a readable id may be any of them. And if the witness does not come, which exists, the filter
        # does not work, and the absence of the others says nothing.
        is_doubtful = any(row.id is None for page in pages for row in page.unreadable) or (
            witness in wanted and witness not in found
        )
        spared = missing if is_doubtful else [record_id for record_id in missing if record_id not in wanted]
        async with self._store.transaction(lease) as tx:
            current = current_refresh(tx, refresh.kind)
            for page in pages:
                await RecordWriter(tx, lease, current.counts, self._on_change).store_page(page, current)
            if spared:
                await tx.note_seen(current.number, spared)
            current.position = missing[-1]

    async def _records(self, ids: Sequence[str]) -> AsyncIterator[SourcePage]:
        """Iterate over the pages of the records with these ids."""
        cursor: str | None = None
        for _ in ids:
            page = await self._source.fetch_records(*self._lease.key, ids, cursor)
            yield page
            if page.next_cursor is None:
                return
            cursor = page.next_cursor
        raise PaginationError("a list of records by their ids has no end", integration_id=self._lease.integration_id)

    async def _delete(self, kind: RefreshKind) -> None:
        async with self._store.transaction(self._lease) as tx:
            refresh = current_refresh(tx, kind)
            gone = await tx.gone(refresh, limit=BATCH)
            if gone:
                await RecordWriter(tx, self._lease, refresh.counts, self._on_change).delete(gone)
                refresh.position = gone[-1][0]
            else:
                refresh.phase, refresh.position = Phase.WITHHOLD, ""

    async def _withhold(self, kind: RefreshKind) -> None:
        """Note what is withheld, in place of what was withheld before."""
        async with self._store.transaction(self._lease) as tx:
            refresh, state = current_refresh(tx, kind), tx.state
            # An empty list, or one of an integration that is not in order, confirms nothing and is not to be confirmed.
            if kind == "full" and (refresh.is_empty or not refresh.may_delete):
                state.withheld = refresh.withheld
                refresh.phase = Phase.CLEAN
                return
            # A full refresh replaces what was withheld before it began, an incremental one adds to all.
            keeps = state.withheld_number is not None and (
                kind == "incremental" or state.withheld_number > refresh.number
            )
            if refresh.withheld and refresh.withheld_number is None:
                refresh.withheld_number = await tx.new_number()
                if keeps:
                    assert state.withheld_number is not None
                    await tx.copy_notes(state.withheld_number, to=refresh.withheld_number)
            if refresh.withheld_number is not None:
                held = await tx.gone(refresh, limit=BATCH, withheld=True)
                if held:
                    await tx.note_seen(refresh.withheld_number, [record_id for record_id, _ in held])
                    refresh.position = held[-1][0]
                    return
            if refresh.withheld_number is not None or not keeps:
                if state.withheld_number is not None:
                    state.stale.append(state.withheld_number)
                number = state.withheld_number = refresh.withheld_number
                state.withheld = 0 if number is None else await tx.count_notes(number)
            refresh.phase = Phase.CLEAN

    async def _clean(self, kind: RefreshKind) -> None:
        async with self._store.transaction(self._lease) as tx:
            refresh, state = current_refresh(tx, kind), tx.state
            numbers = [*state.stale, *([refresh.number] if refresh.has_notes else [])]
            for number in numbers:
                if await tx.drop_notes(number, NOTES) == NOTES:
                    return
                if number in state.stale:
                    state.stale.remove(number)
            await self._complete(tx, refresh)


def current_refresh(tx: Transaction, kind: RefreshKind) -> Refresh:
    """Return the refresh of this kind as it is in a transaction, to be changed there."""
    refresh = tx.state.refresh(kind)
    assert refresh is not None
    return refresh
