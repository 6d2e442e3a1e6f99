"""What a mirror reports: results of refreshes, changes of records, and the state of its models."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from attrs import field, frozen

from .._help import complete_class
from ..engine.codec import decode_document
from ..engine.rows import Undecodable
from ..errors import APIError, DecodeError
from ..models.base import hidden
from .mirrored_models import MIRRORED
from .state import ModelState

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

ChangeKind: TypeAlias = Literal["created", "updated", "deleted", "restored", "erased"]

COUNTS = ("created", "updated", "deleted", "restored", "erased", "unchanged", "unreadable", "withheld_deletions")
"""The fields of `RefreshResult` that count records."""


@complete_class
@frozen(kw_only=True)
class Change:
    """One record whose stored copy changed."""

    kind: ChangeKind
    """`created`: it was not there. `updated`: its content differs. `deleted`: it is gone from the connected tool, and
    its copy stays with `remote_deleted_at` set. `restored`: it is back. `erased`: its content was erased, 14 days
    after the deletion or by `Mirror.remove`."""
    integration_id: str
    """The integration whose record it is."""
    model: str
    """The name of the model, such as `hris_employees`."""
    id: str
    """Kombo's id of the record, unique within the model and integration."""
    before: bytes | None = field(repr=hidden)
    """The stored JSON until now; None for a new record."""
    after: bytes | None = field(repr=hidden)
    """The stored JSON from now on; None after `Mirror.remove`."""

    def record(self) -> Any:
        """Return the record as an instance of its class, such as `Employee`: what it is now, or what it was before it
        was removed. Raise `DecodeError` if the class cannot hold it."""
        raw = self.after if self.after is not None else self.before
        assert raw is not None
        try:
            return decode_document(raw, MIRRORED[self.model].record_type)
        except Undecodable as undecodable:
            message = f"record {self.id} of {self.model}: {undecodable.problems}"
            raise DecodeError(message, integration_id=self.integration_id) from None


OnChange: TypeAlias = "Callable[[AsyncConnection, Sequence[Change]], Awaitable[None]]"
"""Awaited with the connection of the transaction that stores the changes, and these."""


@complete_class
@frozen(kw_only=True)
class RefreshResult:
    """What one refresh of one model of one integration did, in all its parts if it was interrupted."""

    integration_id: str
    """The integration."""
    model: str
    """The name of the model, such as `hris_employees`."""
    kind: Literal["full", "incremental"]
    """Whether everything was read, or what changed since the refresh before."""
    created: int = 0
    """Records that are new."""
    updated: int = 0
    """Records with other content."""
    deleted: int = 0
    """Records that are gone from the connected tool."""
    restored: int = 0
    """Records that are back."""
    erased: int = 0
    """Records whose content was erased, 14 days after their deletion, when Kombo anonymises them."""
    unchanged: int = 0
    """Records that were read and are stored as they are."""
    unreadable: int = 0
    """Records that could not be stored. They are in the table `mirror_unreadable`, and the last good copy stays."""
    withheld_deletions: int = 0
    """Deletions that were not applied, because the integration was not in order or they were improbably many. The next
    full refresh applies those of the latter kind, if it finds the same records gone; `force=True` does so at once."""
    seconds: float = 0.0
    """How long this process worked on it."""
    error: Exception | None = None
    """Why it is not complete. What was read before the error is stored, and the next refresh continues there."""

    def summary(self) -> str:
        """Return what it did in words, such as `3 created, 1 deleted`."""
        words = {"withheld_deletions": "deletions withheld"}
        counts = {words.get(name, name): getattr(self, name) for name in COUNTS if name != "unchanged"}
        return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing changed"


def log_result(log: logging.Logger, result: RefreshResult, state: ModelState) -> None:
    """Log how a refresh ended; *state* is that of its model afterwards."""
    failed = result.error is not None
    level = logging.WARNING if failed else logging.INFO
    if not log.isEnabledFor(level):
        return
    fields: dict[str, Any] = {
        "event": "refresh_failed" if failed else "refreshed",
        "integration_id": result.integration_id,
        "model": result.model,
        "kind": result.kind,
        "seconds": round(result.seconds, 3),
        # Not as fields of their own: a log record has a field `created` already.
        "records": {name: getattr(result, name) for name in COUNTS if getattr(result, name)},
    }
    of = f"of {result.model} of {result.integration_id}"
    if result.error is not None:
        error = type(result.error).__name__
        fields |= {"error": error, "failures": state.failures}
        # The message of a server may quote a record. The status, which is as secret as the records, has it.
        reason = f"{error}{result.error._where()}" if isinstance(result.error, APIError) else state.last_error or error  # noqa: SLF001
        log.log(level, "the refresh %s failed: %s", of, reason, extra=fields)
    else:
        log.log(level, "%s refresh %s: %s", result.kind, of, result.summary(), extra=fields)


@complete_class
@frozen(kw_only=True)
class ModelStatus:
    """How far one model of one integration is."""

    integration_id: str
    """The integration."""
    model: str
    """The name of the model, such as `hris_employees`."""
    records: int
    """Stored records that are not deleted."""
    deleted_records: int
    """Stored records that are."""
    refreshed_at: datetime | None
    """When the last refresh was completed; None before the first."""
    next_at: datetime
    """When the next refresh is due; in the past if it is overdue or requested."""
    refreshing: Literal["full", "incremental"] | None
    """The kind of refresh that has begun and is not complete."""
    holder: str | None
    """The process that works on it now, as `host:pid`."""
    failures: int
    """Refreshes that failed since the last one that did not."""
    last_error: str | None
    """Why the last refresh failed; None if it did not."""
    unreadable: int
    """Records in the table `mirror_unreadable`."""
    withheld_deletions: int
    """Deletions that were not applied, see `RefreshResult`."""
