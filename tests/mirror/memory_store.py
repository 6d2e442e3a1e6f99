"""A store in memory, with leases and transactions as the databases have them, and with processes that freeze."""

import asyncio
import copy
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from kombo_async.mirror.protocols import Lease, LeaseLost, Row, StoredRecord, UnreadableRow
from kombo_async.mirror.state import ModelState, Refresh, Tally

LEASE = 15.0


@dataclass
class Content:
    """All that a transaction can change."""

    records: dict[str, Row] = field(default_factory=dict)
    notes: dict[int, dict[str, bytes | None]] = field(default_factory=dict)
    unreadable: dict[str, tuple[int, UnreadableRow]] = field(default_factory=dict)
    state: bytes = msgspec.json.encode(ModelState())
    effects: dict[str, str] = field(default_factory=dict)
    """What `on_change` has written: by id, the last kind of change."""


class MemoryStore:
    """One model of one integration."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.content = Content()
        self.fence = 0
        self.lease_until = 0.0
        self.numbers = 0
        self.request: int | None = None
        self.frozen: dict[int, asyncio.Event] = {}
        """By fence, what a process waits for that was stopped."""

    @property
    def state(self) -> ModelState:
        return msgspec.json.decode(self.content.state, type=ModelState)

    def ask(self) -> None:
        self.numbers += 1
        self.request = self.numbers

    def acquire(self, *, regardless: bool = False) -> Lease | None:
        state, now = self.state, self.clock()
        requested = self.request or 0
        due = state.due(now)[0] <= now or (self.request is not None and requested > state.attempted_seq)
        if self.lease_until > now or not (due or regardless):
            return None
        self.numbers += 1
        self.fence, self.lease_until = self.numbers, now + LEASE
        return Lease("personio:1", "hris_locations", fence=self.fence, state=state, requested_seq=requested, offset=0.0)

    async def breathe(self, lease: Lease) -> None:
        """Take time; without end while the process is stopped."""
        await asyncio.sleep(0.01)
        if (event := self.frozen.get(lease.fence)) is not None:
            await event.wait()

    async def requested_seq(self, lease: Lease) -> int:
        await self.breathe(lease)
        return self.request or 0

    async def finish(self, lease: Lease) -> None:
        await self.breathe(lease)
        if lease.fence != self.fence:
            return
        self.content.state = msgspec.json.encode(lease.state)
        self.lease_until = 0.0
        if self.request is not None and self.request <= lease.state.completed_seq:
            self.request = None

    @asynccontextmanager
    async def transaction(self, lease: Lease) -> AsyncIterator["MemoryTransaction"]:
        await self.breathe(lease)
        if lease.fence != self.fence:
            raise LeaseLost
        tx = MemoryTransaction(self, copy.deepcopy(self.content), lease)
        yield tx
        await asyncio.sleep(0)
        if lease.fence != self.fence:
            raise LeaseLost
        tx.connection.state = msgspec.json.encode(tx.state)
        self.content, self.lease_until, lease.state = tx.connection, self.clock() + LEASE, tx.state


class MemoryTransaction:
    def __init__(self, store: MemoryStore, content: Content, lease: Lease) -> None:
        self._store = store
        self.connection = content
        self.now = store.clock()
        self.state: ModelState = msgspec.json.decode(msgspec.json.encode(lease.state), type=ModelState)

    async def new_number(self) -> int:
        self._store.numbers += 1
        return self._store.numbers

    async def has_records(self) -> bool:
        return bool(self.connection.records)

    async def stored(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        rows = self.connection.records
        return {each: StoredRecord(rows[each].digest, rows[each].remote_deleted_at) for each in ids if each in rows}

    async def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        return {each: self.connection.records[each].data for each in ids}

    async def write(self, rows: Sequence[Row]) -> dict[str, str]:
        refused = {row.id: "refused" for row in rows if b"REFUSED" in row.data}
        self.connection.records.update({row.id: row for row in rows if row.id not in refused})
        return refused

    def _notes(self, number: int) -> dict[str, bytes | None]:
        return self.connection.notes.setdefault(number, {})

    async def note_seen(self, number: int, ids: Sequence[str]) -> None:
        self._notes(number).update(dict.fromkeys(ids))

    async def note_deleted(self, number: int, tombstones: Mapping[str, bytes]) -> None:
        self._notes(number).update(tombstones)

    async def one_seen(self, number: int) -> str | None:
        return next((each for each, tombstone in self._notes(number).items() if tombstone is None), None)

    async def forget(self, number: int, ids: Sequence[str]) -> int:
        notes = self._notes(number)
        return sum(notes.pop(each, 0) != 0 for each in ids)

    async def count_notes(self, number: int) -> int:
        return len(self._notes(number))

    async def drop_notes(self, number: int, limit: int) -> int:
        dropped = list(self._notes(number))[:limit]
        for each in dropped:
            del self._notes(number)[each]
        if not self._notes(number):
            del self.connection.notes[number]
        return len(dropped)

    async def copy_notes(self, number: int, to: int) -> None:
        self._notes(to).update(self._notes(number))

    def _living(self) -> list[str]:
        return sorted(each for each, row in self.connection.records.items() if row.remote_deleted_at is None)

    def _gone(self, refresh: Refresh) -> dict[str, tuple[bytes | None, bool, bool]]:
        """By id: the tombstone, whether it is missing, and whether it was withheld before."""
        notes, withheld = self._notes(refresh.number), self._notes(self.state.withheld_number or -1)
        confirms = (self.state.withheld_number or 0) < refresh.number
        return {
            each: (notes.get(each), each not in notes, confirms and each in withheld)
            for each in self._living()
            if notes.get(each) is not None or (refresh.tracks_seen and each not in notes)
        }

    async def tally(self, refresh: Refresh) -> Tally:
        gone = self._gone(refresh)
        confirmed = sum(withheld for _, _, withheld in gone.values())
        return Tally(len(self._living()), len(gone) - confirmed, confirmed)

    async def gone(
        self, refresh: Refresh, *, limit: int, withheld: bool = False, missing_only: bool = False
    ) -> list[tuple[str, bytes | None]]:
        new, confirmed = refresh.deletes_new != withheld, refresh.deletes_confirmed != withheld
        found = [
            (each, tombstone)
            for each, (tombstone, missing, was_withheld) in self._gone(refresh).items()
            if each > refresh.position and (confirmed if was_withheld else new) and (missing or not missing_only)
        ]
        return found[:limit]

    async def next_to_erase(self, before: float, limit: int) -> list[tuple[str, datetime]]:
        return [
            (each, row.remote_deleted_at)
            for each, row in self.connection.records.items()
            if row.remote_deleted_at is not None and row.digest and row.remote_deleted_at.timestamp() <= before
        ][:limit]

    async def first_to_erase(self) -> float | None:
        times = (row.remote_deleted_at for row in self.connection.records.values() if row.digest)
        return min((each.timestamp() for each in times if each is not None), default=None)

    async def keep_unreadable(self, number: int, rows: Sequence[UnreadableRow]) -> None:
        self.connection.unreadable.update({row.key: (number, row) for row in rows})

    async def drop_unreadable(self, ids: Sequence[str]) -> int:
        unreadable = self.connection.unreadable
        return sum(unreadable.pop(each, None) is not None for each in ids)

    async def drop_unreadable_before(self, number: int) -> None:
        kept = {key: value for key, value in self.connection.unreadable.items() if value[0] >= number}
        self.connection.unreadable = kept

    async def count_unreadable(self, since: int = 0) -> int:
        return sum(number >= since for number, _ in self.connection.unreadable.values())
