"""What is stored of one model of one integration besides its records, and what is to be done next. No I/O.

A refresh is a state machine. Each transition is stored in the transaction that it belongs to, so that any process can
continue where another one was killed:

    READ ──► JUDGE ──► CHECK ──► DELETE ──► WITHHOLD ──► CLEAN ──► complete
    pages    how many  ask for   what is    note what    drop the
    of the   deletions the ids   gone       must be      notes of
    list     are there that were            confirmed    this
                       missing              first        refresh

A refresh that found nothing deleted is complete after READ. Only a full refresh of a model that had records checks: it
alone can tell that a record is missing.
"""

from __future__ import annotations

import random
from enum import StrEnum
from typing import Literal, TypeAlias

from msgspec import Struct, field

from ..errors import KomboError
from .schedule import Schedule, backoff, with_jitter

RefreshKind: TypeAlias = Literal["full", "incremental"]
Work: TypeAlias = Literal["full", "incremental", "erase"]

FEW = 5
"""Deletions up to which their share of the living records means nothing."""
SHARE = 5
"""Deletions of more than one in this many living records are withheld."""
RETENTION = 14 * 86400.0
"""Seconds after which Kombo anonymises deleted records, and the mirror erases its copies of them."""
_NEVER = (1 << 63) - 1
"""A number that no request reaches, so that none ends the wait after a failure."""
_SQLITE_FAILURES = {"BUSY", "CANTOPEN", "CORRUPT", "FULL", "IOERR", "LOCKED", "NOMEM", "READONLY"}
"""Errors of SQLite about the file, by the second word of their names."""
_SERVER_FAILURES = ("08", "53", "55", "57", "58")
"""Classes of SQLSTATE: connections, resources such as the disk, locks, shutdowns, and errors of the system."""


class Phase(StrEnum):
    """Where a refresh is."""

    READ = "read"
    """Reads pages and stores them."""
    JUDGE = "judge"
    """Counts the deletions, and decides which ones are applied."""
    CHECK = "check"
    """Asks for missing records by their ids."""
    DELETE = "delete"
    """Marks records as deleted."""
    WITHHOLD = "withhold"
    """Notes the deletions that are not applied."""
    CLEAN = "clean"
    """Drops notes that are of no use any more."""


class Counts(Struct):
    """What a refresh did so far."""

    created: int = 0
    """As in `RefreshResult`."""
    updated: int = 0
    """As in `RefreshResult`."""
    deleted: int = 0
    """As in `RefreshResult`."""
    restored: int = 0
    """As in `RefreshResult`."""
    erased: int = 0
    """As in `RefreshResult`."""
    unchanged: int = 0
    """As in `RefreshResult`."""
    unreadable: int = 0
    """As in `RefreshResult`."""


class Refresh(Struct, kw_only=True):
    """A refresh that has stored its first page and is not complete."""

    kind: RefreshKind
    """Whether it reads everything, or changes."""
    number: int
    """Unique in the database; the notes in `mirror_seen` carry it."""
    requested_seq: int
    """The last request that this refresh satisfies: the latest one before its first page was asked for."""
    served_at: float | None = field(name="started_at")
    """The server's time at the first page, from where the next incremental refresh reads. None if it sent none. Stored
    under the name that it had in 0.1.0."""
    started_at: float = field(name="begun_at")
    """The time of the database at the first page. Stored under the name that it had in 0.1.0."""
    updated_after: float | None = None
    """The filter of all its pages; None in a full refresh."""
    page_size: int
    """Records a page: a cursor is only good for the size of its first page."""
    phase: Phase = Phase.READ
    """What its next transaction does."""
    cursor: str | None = None
    """The next page to read, in the phase READ."""
    pages: int = 1
    """Pages that were read."""
    checkpoint: str | None = None
    """An earlier cursor: to meet it again means that the list is a loop (Brent's algorithm)."""
    position: str = ""
    """The last id that was handled, in the phases after READ."""
    tracks_seen: bool = False
    """Whether it notes all ids that it reads, so that it can tell which ones are missing."""
    marked_deleted: int = 0
    """Living records that Kombo marks as deleted. They are noted, and deleted when their count is known."""
    may_delete: bool = True
    """Whether the integration was in order, each time that was asked."""
    force: bool = False
    """Whether to apply even deletions that would be withheld because there are so many."""
    is_empty: bool = True
    """Whether no record was read so far."""
    deletes_new: bool = False
    """Whether deletions that were not withheld before are applied."""
    deletes_confirmed: bool = False
    """Whether deletions that were withheld before this refresh began are applied."""
    withheld: int = 0
    """Deletions that were held back."""
    withheld_number: int | None = None
    """The number under which the ids of these are being noted."""
    counts: Counts = field(default_factory=Counts)
    """What it did so far."""

    @property
    def has_notes(self) -> bool:
        """Whether there may be notes of it in `mirror_seen`."""
        return self.tracks_seen or self.marked_deleted > 0


class ModelState(Struct, kw_only=True):
    """What is stored of one model of one integration besides its records."""

    watermark: float | None = None
    """The server's time up to which all changes were read; never moves back. None before the first full refresh."""
    completed_seq: int = 0
    """The last request that was satisfied."""
    attempted_seq: int = 0
    """Requests up to this one do not end the wait after a failure."""
    full: Refresh | None = None
    """The full refresh that is not complete."""
    incremental: Refresh | None = None
    """The incremental refresh that is not complete."""
    full_due_at: float = 0.0
    """When the next full refresh begins without a request."""
    incremental_due_at: float = 0.0
    """When the next incremental refresh begins without a request."""
    retry_at: float = 0.0
    """The end of the wait after a failure."""
    erase_at: float | None = None
    """When the first deleted record is to be emptied; None if there is none."""
    erased: int = 0
    """Records that were emptied since the last refresh was completed."""
    refreshed_at: float | None = None
    """When the last refresh was completed, by the clock of the database."""
    failures: int = 0
    """Failures in a row."""
    restarts: int = 0
    """Refreshes in a row that began again because their cursor was not accepted any more."""
    last_error: str | None = None
    """Why the last refresh failed; None if it did not."""
    unreadable: int = 0
    """Records in `mirror_unreadable`."""
    withheld: int = 0
    """Deletions that wait to be confirmed."""
    withheld_number: int | None = None
    """The number under which their ids are noted."""
    stale: list[int] = field(default_factory=list[int])
    """Numbers whose notes are of no use any more."""

    def refresh(self, kind: RefreshKind) -> Refresh | None:
        """Return the refresh of this kind that is not complete."""
        return self.full if kind == "full" else self.incremental

    def set_refresh(self, kind: RefreshKind, refresh: Refresh | None) -> None:
        """Replace the refresh of this kind."""
        if kind == "full":
            self.full = refresh
        else:
            self.incremental = refresh

    def due(self, now: float) -> tuple[float, int]:
        """Return when there is something to do without a request, and its priority; lower ones go first."""
        if self.incremental is not None:
            due_at, priority = now, 0
        elif self.full is not None:
            due_at, priority = now, 1
        elif self.watermark is None:
            due_at, priority = min(self.full_due_at, self.incremental_due_at), 2
        else:
            due_at, priority = self.full_due_at, 2
        if self.watermark is not None and self.incremental_due_at <= due_at:
            due_at, priority = self.incremental_due_at, 0
        due_at = max(due_at, self.retry_at)
        if self.erase_at is not None and self.erase_at < due_at:
            due_at, priority = self.erase_at, 0
        return due_at, priority

    def next_work(self, now: float, requested_seq: int) -> Work | None:
        """Return what to do at *now*, if anything, without regard to the wait after a failure."""
        if self.erase_at is not None and self.erase_at <= now:
            return "erase"
        if self.incremental is not None:
            return "incremental"
        wants_changes = requested_seq > self.completed_seq or self.incremental_due_at <= now
        if wants_changes and self.watermark is not None:
            return "incremental"
        if wants_changes or self.full is not None or self.full_due_at <= now:
            return "full"
        return None


class Tally(Struct, frozen=True):
    """What a refresh found to be deleted, before anything of it is applied."""

    living: int
    """Records of the model that are not deleted yet, `new` and `confirmed` ones included."""
    new: int
    """Records that are missing or marked as deleted, and whose deletion was not withheld before."""
    confirmed: int
    """Records that are missing or marked as deleted, and whose deletion was withheld before."""


def judge(refresh: Refresh, tally: Tally) -> None:
    """Decide which deletions *refresh* applies, and in which phase it continues."""
    # This many at once are more likely a wrong answer of the server than true.
    is_mass = tally.new >= tally.living > 0 or (tally.new > FEW and tally.new * SHARE > tally.living)
    if refresh.kind == "incremental":
        # What an incremental refresh repeats confirms nothing: its overlap shows the same change again.
        refresh.deletes_new, refresh.deletes_confirmed = not is_mass, False
    else:
        believed = refresh.may_delete and (refresh.force or not refresh.is_empty)
        refresh.deletes_new = believed and (refresh.force or not is_mass)
        refresh.deletes_confirmed = believed
    refresh.withheld = (0 if refresh.deletes_new else tally.new) + (0 if refresh.deletes_confirmed else tally.confirmed)
    refresh.position = ""
    if (refresh.deletes_new and tally.new) or (refresh.deletes_confirmed and tally.confirmed):
        refresh.phase = Phase.CHECK if refresh.tracks_seen else Phase.DELETE
    else:
        refresh.phase = Phase.WITHHOLD


def is_loop(refresh: Refresh, cursor: str) -> bool:
    """Note the cursor of the next page; return whether the list has come to an earlier page again.

    What is stored with each page must not grow, and a page that is read twice is stored once: so this may find a loop
    late, where a pager, which delivers pages, remembers all cursors.
    """
    if cursor in {refresh.cursor, refresh.checkpoint}:
        return True
    # At each power of two.
    if refresh.pages & (refresh.pages - 1) == 0:
        refresh.checkpoint = cursor
    return False


def complete(state: ModelState, refresh: Refresh, now: float, schedule: Schedule, rng: random.Random) -> None:
    """Note in *state* that *refresh* is complete."""
    if refresh.served_at is not None:
        state.watermark = max(refresh.served_at, state.watermark or refresh.served_at)
    state.completed_seq = max(state.completed_seq, refresh.requested_seq)
    # Counted from its beginning: what changed while it ran may be missing from the pages that were read before.
    incremental_due_at = refresh.started_at + with_jitter(schedule.incremental, rng)
    if refresh.kind == "full":
        state.full_due_at = now + with_jitter(schedule.full, rng)
        state.incremental_due_at = max(state.incremental_due_at, incremental_due_at)
    else:
        state.incremental_due_at = incremental_due_at
    state.set_refresh(refresh.kind, None)
    state.refreshed_at = now
    state.erased = state.failures = state.restarts = state.attempted_seq = 0
    state.retry_at, state.last_error = 0.0, None


def start_over(state: ModelState, refresh: Refresh) -> None:
    """Abandon *refresh*, so that the next one begins with the first page, under another number."""
    if refresh.has_notes:
        state.stale.append(refresh.number)
    state.set_refresh(refresh.kind, None)
    if refresh.kind == "full":
        state.full_due_at = 0.0
    else:
        state.incremental_due_at = 0.0
    state.restarts += 1


def fail(state: ModelState, error: BaseException, requested_seq: int, now: float, rng: random.Random) -> None:
    """Note in *state* that a refresh failed. What it has stored remains, and the next attempt continues there."""
    state.failures += 1
    wait = backoff(error, state.failures)
    state.retry_at = now + wait.seconds * rng.uniform(1.0, 1.1)
    state.attempted_seq = requested_seq if wait.ends_on_request else _NEVER
    state.last_error = describe(error)


def describe(error: BaseException) -> str:
    """Return a line for the status. Of errors of other libraries, which may quote a record, it has only the type,
    unless they say that the database cannot work."""
    # SQLAlchemy's errors contain those of the drivers.
    cause = getattr(error, "orig", None) or error
    text = type(cause).__name__
    if isinstance(error, KomboError) or _is_of_the_server(cause):
        text = f"{text}: {cause}".partition("\n")[0]
    return text[:500]


def _is_of_the_server(error: BaseException) -> bool:
    """Return whether an error of a driver is about the database as a whole, as a full disk is: it quotes no record."""
    sqlite: str = getattr(error, "sqlite_errorname", None) or ""
    if sqlite:
        return sqlite.split("_")[1] in _SQLITE_FAILURES
    state: str | None = getattr(error, "sqlstate", "")
    # Without one, the connection was lost.
    return type(error).__name__ == "OperationalError" if state is None else state.startswith(_SERVER_FAILURES)
