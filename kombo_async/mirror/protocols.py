"""What the refresher needs: a source to read from, and a store to write to. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from msgspec import Struct

from ..engine.rows import RawRecord
from ..models.diagnostics import Unreadable
from ..models.general import Integration
from .state import ModelState, Refresh, Tally


class SourcePage(Struct, frozen=True):
    """One page of a list, its records undecoded but for their key values."""

    records: Sequence[RawRecord]
    """The records in their order."""
    unreadable: Sequence[Unreadable]
    """Records that are not JSON objects or have no usable id."""
    next_cursor: str | None
    """The cursor of the next page; None on the last one."""
    served_at: float | None
    """The server's time, from the header `Date`; None if it sent none."""


class RecordSource(Protocol):
    """Where records come from."""

    async def fetch_page(
        self, integration_id: str, model: str, *, updated_after: float | None, page_size: int, cursor: str | None
    ) -> SourcePage:
        """Return one page of a list, with the records that are marked as deleted."""
        ...

    async def fetch_records(
        self, integration_id: str, model: str, ids: Sequence[str], cursor: str | None = None
    ) -> SourcePage:
        """Return one page of the records with these ids, with those that are marked as deleted."""
        ...

    async def fetch_integration(self, integration_id: str) -> Integration:
        """Return the present state of an integration."""
        ...


class StoredRecord(Struct, frozen=True, gc=False):
    """What is known of a stored record without reading its content."""

    digest: bytes
    """Of the JSON as it arrived; empty for one that was emptied."""
    remote_deleted_at: datetime | None
    """When it was deleted; None for a living record."""


class Row(Struct, frozen=True, gc=False):
    """A record as it is to be stored."""

    id: str
    """The id within the model of the integration."""
    remote_id: str | None
    """The id in the connected tool."""
    changed_at: datetime | None
    """Kombo's `changed_at`."""
    remote_deleted_at: datetime | None
    """When it was deleted; None for a living record."""
    digest: bytes
    """Of the JSON as it arrived; empty for one that was emptied."""
    data: bytes
    """The JSON to store."""


class UnreadableRow(Struct, frozen=True):
    """A record that cannot be stored."""

    key: str
    """Its id; for one without, a digest of its bytes after a question mark."""
    id: str | None
    """Its id; None where it has none."""
    raw: bytes
    """The bytes that arrived."""
    reason: str
    """Why it cannot be stored, without values of it."""


class Lease:
    """The right to refresh one model of one integration. It ends when another process takes it."""

    def __init__(
        self, integration_id: str, model: str, *, fence: int, state: ModelState, requested_seq: int, offset: float
    ) -> None:
        self.integration_id = integration_id
        self.model = model
        self.key = (integration_id, model)
        """The integration and the model."""
        self.fence = fence
        """Larger than that of every earlier lease in the database: no transaction with an older one commits."""
        self.state = state
        self.requested_seq = requested_seq
        """The last request for a refresh that is known."""
        self.offset = offset
        """The time of the database less the monotonic time of this process."""


class LeaseLost(Exception):
    """Another process has taken the lease, or the model was removed: nothing was written."""


class Transaction(Protocol):
    """One transaction of a lease. `state` is stored with it, and the lease renewed; an exception undoes all of it."""

    state: ModelState
    """What is stored of the model when it commits; changed in place."""
    now: float
    """The time of the database."""
    connection: Any
    """What `on_change` is given."""

    async def new_number(self) -> int:
        """Return a number that nothing in this database had before."""
        ...

    async def has_records(self) -> bool:
        """Return whether any record is stored."""
        ...

    async def stored(self, ids: Iterable[str]) -> dict[str, StoredRecord]:
        """Return what is stored of these ids."""
        ...

    async def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Return the stored JSON of these ids."""
        ...

    async def write(self, rows: Sequence[Row]) -> dict[str, str]:
        """Insert or replace rows; return the reason by id of each that the database refuses."""
        ...

    async def note_seen(self, number: int, ids: Sequence[str]) -> None:
        """Note that these ids exist and are not deleted. It replaces an earlier note."""
        ...

    async def note_deleted(self, number: int, tombstones: Mapping[str, bytes]) -> None:
        """Note that Kombo marks these ids as deleted, with the JSON. It replaces an earlier note."""
        ...

    async def one_seen(self, number: int) -> str | None:
        """Return one of the ids that are noted to exist; None if there is none."""
        ...

    async def forget(self, number: int, ids: Sequence[str]) -> int:
        """Drop the notes on these ids; return how many there were."""
        ...

    async def count_notes(self, number: int) -> int:
        """Return how many ids are noted."""
        ...

    async def drop_notes(self, number: int, limit: int) -> int:
        """Drop up to *limit* notes; return how many there were."""
        ...

    async def copy_notes(self, number: int, to: int) -> None:
        """Note the ids of *number* under another number, too."""
        ...

    async def tally(self, refresh: Refresh) -> Tally:
        """Count the living records that *refresh* found to be deleted."""
        ...

    async def gone(
        self, refresh: Refresh, *, limit: int, withheld: bool = False, missing_only: bool = False
    ) -> list[tuple[str, bytes | None]]:
        """Return the next living records after `refresh.position` that *refresh* found to be deleted, by id, with
        Kombo's JSON where it marks them as deleted: those that it deletes, or the others, which are *withheld*."""
        ...

    async def next_to_erase(self, before: float, limit: int) -> list[tuple[str, datetime]]:
        """Return records, *limit* at most, that were deleted before the time *before* and still have their content."""
        ...

    async def first_to_erase(self) -> float | None:
        """Return the earliest deletion of a record that still has its content; None if there is none."""
        ...

    async def keep_unreadable(self, number: int, rows: Sequence[UnreadableRow]) -> None:
        """Keep records that cannot be stored, with the number of the refresh that read them."""
        ...

    async def drop_unreadable(self, ids: Sequence[str]) -> int:
        """Drop what is kept of these ids, as they could be stored since; return how many there were."""
        ...

    async def drop_unreadable_before(self, number: int) -> None:
        """Drop what refreshes before this number kept."""
        ...

    async def count_unreadable(self, since: int = 0) -> int:
        """Return how many records are kept that were read by refreshes from this number on."""
        ...


class Store(Protocol):
    """Where leases are used."""

    def transaction(self, lease: Lease) -> AbstractAsyncContextManager[Transaction]:
        """Begin a transaction that commits only while the lease is held; otherwise raise `LeaseLost`."""
        ...

    async def requested_seq(self, lease: Lease) -> int:
        """Return the last request for a refresh."""
        ...
