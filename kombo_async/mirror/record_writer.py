"""Stores records in a transaction of a lease, and passes what changed to `on_change`. It contains no SQL."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256

from msgspec import Raw

from ..engine.rows import RawRecord, decode_raw_rows
from . import json_checks
from .protocols import Lease, Row, SourcePage, StoredRecord, Transaction, UnreadableRow
from .results import Change, ChangeKind, OnChange
from .state import RETENTION, Counts, Refresh

log = logging.getLogger("kombo_async.mirror")

_SLOW_CALLBACK = 1.0
"""Seconds of `on_change` after which a warning is logged: meanwhile, a SQLite file takes no other changes."""
YIELD_EVERY = 50
"""Records of 5 KB that are handled in about a millisecond. After them, other tasks of the event loop run, so that a web
application in the same process answers in time."""


class RecordWriter:
    """The writes of one transaction."""

    def __init__(self, tx: Transaction, lease: Lease, counts: Counts, on_change: OnChange | None) -> None:
        self._tx = tx
        self._lease = lease
        self._counts = counts
        self._on_change = on_change
        self._rows: dict[str, Row] = {}
        self._kinds: list[tuple[str, ChangeKind]] = []
        self._unchanged: list[str] = []
        self._before: dict[str, bytes] = {}

    async def store_page(self, page: SourcePage, refresh: Refresh) -> None:
        """Store a page that *refresh* has read."""
        tx, state = self._tx, self._tx.state
        unreadable = [_unreadable_row(row.id, row.raw, "; ".join(row.problems)) for row in page.unreadable]
        # Of records with the same id, the last one of a page counts.
        records: dict[str, RawRecord] = {}
        for record in page.records:
            if (problem := json_checks.id_problem(record.id)) is None:
                records[record.id] = record
            else:
                unreadable.append(_unreadable_row(None, bytes(record.raw), problem))
        stored = await tx.stored(records) if records else {}
        now = tx.now if page.served_at is None else page.served_at
        living: list[str] = []
        tombstones: dict[str, bytes] = {}
        differing: list[tuple[RawRecord, StoredRecord, bytes]] = []
        for number, (record_id, record) in enumerate(records.items(), 1):
            if number % YIELD_EVERY == 0:
                await asyncio.sleep(0)
            digest = _digest(record.raw)
            known = stored.get(record_id)
            if known is not None and known.digest == digest:
                self._unchanged.append(record_id)
                if known.remote_deleted_at is None:
                    living.append(record_id)
                continue
            problem = json_checks.storage_problem(raw := bytes(record.raw))
            if problem is not None:
                unreadable.append(_unreadable_row(record_id, raw, problem))
            elif known is not None:
                differing.append((record, known, digest))
            elif (deleted_at := _deleted_at(record, raw, now)) is None:
                living.append(record_id)
                self._put(_row(record, digest, raw), "created")
            else:
                self._put(self._tombstone(record, deleted_at, raw, digest, now))
                self._unchanged.append(record_id)
        if differing:
            self._before = await tx.contents(record.id for record, _, _ in differing)
            for number, (record, known, digest) in enumerate(differing, 1):
                if number % YIELD_EVERY == 0:
                    await asyncio.sleep(0)
                self._store_differing(record, known, digest, now, living=living, tombstones=tombstones)
        refused = await self._write()
        unreadable += [_unreadable_row(each, bytes(records[each].raw), reason) for each, reason in refused.items()]
        living += [row.id for row in unreadable if row.id is not None]
        await self._note(refresh, list(dict.fromkeys(living)), tombstones)
        if unreadable:
            await tx.keep_unreadable(refresh.number, unreadable)
            # A refresh may read the same record twice.
            self._counts.unreadable = await tx.count_unreadable(refresh.number)
            state.unreadable = await tx.count_unreadable()
        elif state.unreadable and await tx.drop_unreadable(list(records)):
            state.unreadable = await tx.count_unreadable()
        await self._report_changes()

    async def delete(self, gone: Sequence[tuple[str, bytes | None]]) -> None:
        """Mark living records as deleted, with Kombo's JSON where it did so itself."""
        self._before = await self._tx.contents([record_id for record_id, _ in gone])
        now = self._tx.now
        for record_id, tombstone in gone:
            raw = tombstone
            if raw is None:
                moment = datetime.fromtimestamp(now, UTC)
                raw = json_checks.with_deletion(self._before[record_id], iso(moment))
            (record,), _ = decode_raw_rows([(raw, "$")], check_encoding=False)
            deleted_at = record.remote_deleted_at or datetime.fromtimestamp(now, UTC)
            row = self._tombstone(record, deleted_at, raw, _digest(raw), now)
            self._put(row, "deleted", *(() if row.digest else ("erased",)))
        await self._write()
        await self._report_changes()

    async def erase(self, records: Sequence[tuple[str, datetime]]) -> None:
        """Empty deleted records."""
        if self._on_change is not None:
            self._before = await self._tx.contents([record_id for record_id, _ in records])
        for record_id, deleted_at in records:
            self._put(_emptied_row(record_id, deleted_at), "erased")
        await self._write()
        await self._report_changes()

    def _store_differing(
        self,
        record: RawRecord,
        known: StoredRecord,
        digest: bytes,
        now: float,
        *,
        living: list[str],
        tombstones: dict[str, bytes],
    ) -> None:
        """Store a record that is stored with another digest."""
        raw = bytes(record.raw)
        if _deleted_at(record, raw, now) is None:
            living.append(record.id)
            row = _row(record, digest, raw)
            if known.remote_deleted_at is not None:
                self._put(row, "restored")
            elif json_checks.is_same(self._before[record.id], raw):
                self._unchanged.append(record.id)
                self._put(row)
            else:
                self._put(row, "updated")
        elif known.remote_deleted_at is None:
            tombstones[record.id] = raw
        elif known.digest:
            row = self._tombstone(record, record.remote_deleted_at or known.remote_deleted_at, raw, digest, now)
            if row.digest:
                self._unchanged.append(record.id)
                self._put(row)
            else:
                self._put(row, "erased")
        else:
            self._unchanged.append(record.id)

    def _tombstone(self, record: RawRecord, deleted_at: datetime, raw: bytes, digest: bytes, now: float) -> Row:
        """Return the row of a deleted record, emptied if it is time for that."""
        erase_at = deleted_at.timestamp() + RETENTION
        if erase_at <= now or json_checks.is_emptied(raw):
            return _emptied_row(record.id, deleted_at)
        state = self._tx.state
        state.erase_at = erase_at if state.erase_at is None else min(erase_at, state.erase_at)
        return Row(record.id, record.remote_id, record.changed_at, deleted_at, digest, raw)

    def _put(self, row: Row, *kinds: ChangeKind) -> None:
        self._rows[row.id] = row
        for kind in kinds:
            self._kinds.append((row.id, kind))

    async def _write(self) -> dict[str, str]:
        """Write the rows; return the reason by id of each that the database refused."""
        refused = await self._tx.write(list(self._rows.values())) if self._rows else {}
        if refused:
            self._kinds = [(record_id, kind) for record_id, kind in self._kinds if record_id not in refused]
            self._unchanged = [record_id for record_id in self._unchanged if record_id not in refused]
        for kind, count in Counter(kind for _, kind in self._kinds).items():
            setattr(self._counts, kind, getattr(self._counts, kind) + count)
        self._counts.unchanged += len(self._unchanged)
        return refused

    async def _note(self, refresh: Refresh, living: list[str], tombstones: dict[str, bytes]) -> None:
        """Note which records exist, and which ones to delete when it is known how many they are."""
        tx, state = self._tx, self._tx.state
        full = state.full if refresh.kind == "incremental" else None
        for each in (refresh, full):
            if each is None or not living:
                continue
            if each.tracks_seen:
                await tx.note_seen(each.number, living)
            elif each.marked_deleted:
                await tx.forget(each.number, living)
        if tombstones:
            refresh.marked_deleted += len(tombstones)
            await tx.note_deleted(refresh.number, tombstones)
        if living and state.withheld_number is not None and await tx.forget(state.withheld_number, living):
            state.withheld = await tx.count_notes(state.withheld_number)

    async def _report_changes(self) -> None:
        if self._on_change is None or not self._kinds:
            return
        changes = list(self._changes())
        started = time.monotonic()
        await self._on_change(self._tx.connection, changes)
        seconds = time.monotonic() - started
        if seconds > _SLOW_CALLBACK:
            log.warning("on_change held a transaction of %s for %.1f s", self._lease.model, seconds)

    def _changes(self) -> Iterable[Change]:
        for record_id, kind in self._kinds:
            yield Change(
                kind=kind,
                integration_id=self._lease.integration_id,
                model=self._lease.model,
                id=record_id,
                before=self._before.get(record_id),
                after=self._rows[record_id].data,
            )


def iso(moment: datetime) -> str:
    """Return a time in UTC as Kombo writes it, in milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def _digest(raw: bytes | Raw) -> bytes:
    """Return the digest by which records are compared with stored ones: half of a SHA-256, the fastest secure hash."""
    return sha256(raw).digest()[:16]


def _row(record: RawRecord, digest: bytes, raw: bytes) -> Row:
    return Row(record.id, record.remote_id, record.changed_at, record.remote_deleted_at, digest, raw)


def _deleted_at(record: RawRecord, raw: bytes, now: float) -> datetime | None:
    """Return since when a record is deleted; None if it is not.

    When Kombo anonymises a deleted record, its `remote_deleted_at` may be null, too.
    """
    if record.remote_deleted_at is None and record.remote_id is None and json_checks.is_emptied(raw):
        return datetime.fromtimestamp(now, UTC)
    return record.remote_deleted_at


def _emptied_row(record_id: str, deleted_at: datetime) -> Row:
    return Row(record_id, None, None, deleted_at, b"", json_checks.emptied(record_id, iso(deleted_at)))


def _unreadable_row(record_id: str | None, raw: bytes, reason: str) -> UnreadableRow:
    if not record_id or json_checks.id_problem(record_id) is not None:
        return UnreadableRow(f"?{_digest(raw).hex()}", None, raw, reason)
    return UnreadableRow(record_id, record_id, raw, reason)
