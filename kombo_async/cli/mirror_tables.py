"""The tables of `kombo-async mirror`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from ..errors import KomboError
from ..mirror import ModelStatus, RefreshResult
from ..mirror.state import describe
from .console import Column, Output
from .error_messages import summary

if TYPE_CHECKING:
    from ..fleet import FleetStatus, WorkerStatus


def result_columns() -> list[Column[RefreshResult]]:
    """Return the columns of a table of refreshes."""
    return [
        Column("Integration", lambda each: each.integration_id),
        Column("Model", lambda each: each.model),
        Column("Kind", lambda each: each.kind, extra=True),
        Column("Changes", _changes),
        Column("Unchanged", lambda each: _count(each.unchanged), extra=True),
        Column("Problems", _problems),
    ]


def status_columns() -> list[Column[ModelStatus]]:
    """Return the columns of a table of the state of models."""
    return [
        Column("Integration", lambda each: each.integration_id),
        Column("Model", lambda each: each.model),
        Column("Records", lambda each: f"{each.records:,}"),
        Column("Deleted", lambda each: _count(each.deleted_records), extra=True),
        Column("Refreshed", lambda each: "never" if each.refreshed_at is None else f"{_ago(each.refreshed_at)} ago"),
        Column("Next", lambda each: "now" if each.next_at <= datetime.now(UTC) else f"in {_until(each.next_at)}"),
        Column("Problems", _status_problems),
    ]


def as_json(result: RefreshResult) -> dict[str, Any]:
    """Return a result as JSON, with its error as text."""
    return attrs.asdict(result) | {"error": None if result.error is None else error_text(result.error)}


def error_text(error: Exception) -> str:
    """Return an error in one line, without values of records."""
    return summary(error) if isinstance(error, KomboError) else describe(error)


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def show_fleet(out: Output, status: FleetStatus) -> None:
    """Write a fleet in numbers; nothing where no worker has run."""
    if not status.workers:
        return
    if out.json:
        out.result({"fleet": attrs.asdict(status)})
        return
    alive = sum(worker.is_alive for worker in status.workers)
    oldest = "" if status.oldest_seconds is None else f"refreshed {_duration(status.oldest_seconds)} ago"
    out.key_values(
        [
            (
                "Workers",
                f"{alive} alive" + (f", {len(status.workers) - alive} gone" if alive < len(status.workers) else ""),
            ),
            *((f"  {each.name}", _worker(each)) for each in status.workers),
            ("Running", f"{status.running:,} refreshes"),
            ("Backlog", f"{status.requested:,} requested, {status.due:,} due"),
            ("Oldest copy", oldest + (f", {status.never_refreshed:,} never" if status.never_refreshed else "")),
            ("Failing", ", ".join(f"{count:,} {name}" for name, count in status.failures.items())),
        ]
    )


def _worker(worker: WorkerStatus) -> str:
    state = (
        f"{worker.running} of {worker.concurrency} busy" if worker.is_alive else f"not seen for {_ago(worker.seen_at)}"
    )
    failures = f", {worker.failures:,} failures" if worker.failures else ""
    return f"{state}; {worker.refreshes:,} refreshes{failures}, {worker.records:,} records"


def _changes(result: RefreshResult) -> str:
    names = ("created", "updated", "deleted", "restored", "erased")
    counts = [(getattr(result, name), name) for name in names]
    found = ", ".join(f"{count:,} {name}" for count, name in counts if count)
    return found or ("none" if result.error is None else "")


def _problems(result: RefreshResult) -> str:
    parts = [
        f"{result.unreadable:,} unreadable" if result.unreadable else "",
        f"{result.withheld_deletions:,} deletions withheld" if result.withheld_deletions else "",
        "" if result.error is None else error_text(result.error),
    ]
    return ", ".join(filter(None, parts))


def _status_problems(row: ModelStatus) -> str:
    failures = f"{row.failures} {'failure' if row.failures == 1 else 'failures'}"
    parts = [
        f"{row.refreshing} refresh under way" if row.refreshing else "",
        f"by {row.holder}" if row.holder else "",
        f"{row.unreadable:,} unreadable" if row.unreadable else "",
        f"{row.withheld_deletions:,} deletions withheld" if row.withheld_deletions else "",
        f"{failures}: {row.last_error}" if row.failures else "",
    ]
    return ", ".join(filter(None, parts))


def _ago(moment: datetime) -> str:
    return _duration((datetime.now(UTC) - moment).total_seconds())


def _until(moment: datetime) -> str:
    return _duration((moment - datetime.now(UTC)).total_seconds())


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
