"""The tables of AI Apply, which belong to the environment."""

from __future__ import annotations

from collections.abc import Iterator

from ...operations import ai_apply as op
from . import records
from .deterministic import iso
from .links import Link
from .records import Row
from .tables import NUMBER, TOUCHED, Rows, Store, Table, by_name, table

SITES = "ai_apply_career_sites"
POSTINGS = "ai_apply_postings"
APPLICATIONS = "ai_apply_applications"
FEEDS = "ai_apply_job_feeds"


class PendingRows(Rows):
    """Records that Kombo processes in the background: done when they are read `sync_seconds` after their creation."""

    def row(self, number: int) -> Row:
        """Return the record, processed if it is time."""
        row, now = super().row(number), self.owner.clock()
        if row.get("due") is not None and row["created_at"] <= iso(now - self.owner.config.sync_seconds):
            self.update(row, **row["due"], due=None, updated_at=iso(now))
        return row


class UnifiedJobs(Rows):
    """The open postings as jobs of a recruiting system."""

    def __init__(self, table: Table, store: Store) -> None:
        super().__init__(table, store)
        self._postings = store[POSTINGS]

    def number_of(self, record_id: str) -> int | None:
        """Return the number of the posting."""
        number = self._postings.number_of(record_id)
        return number if number is not None and self.row(number)["status"] == "OPEN" else None

    def number_of_remote(self, remote_id: str) -> None:
        """Return None: there is no tool with ids of its own."""

    def row(self, number: int) -> Row:
        """Return the posting as a job."""
        posting = self._postings.row(number)
        return records.empty_record(self.table.model) | {
            "id": posting["id"],
            "remote_id": posting["id"],
            "name": f"Posting {number + 1}",
            "job_code": posting["job_code"],
            "post_url": posting["url"],
            "status": "OPEN" if posting["availability"] == "APPLYABLE" else "CLOSED",
            "changed_at": posting["updated_at"],
            "career_site_id": posting["career_site_id"],
            NUMBER: number,
            TOUCHED: "",
        }

    def scan(self, start: int = 0) -> Iterator[Row]:
        """Iterate over the open jobs."""
        jobs = (self.row(posting[NUMBER]) for posting in self._postings.scan(start))
        return (job for job in jobs if job["status"] == "OPEN")


def _posting(_: Rows, row: Row) -> None:
    row |= {
        "url": f"https://careers.brightwater.example/jobs/{row[NUMBER] + 1}",
        "job_code": f"TH-{row[NUMBER] + 1}",
        "availability": "UNAVAILABLE" if row[NUMBER] % 9 == 8 else "APPLYABLE",
        "updated_at": row["created_at"],
        "feed_id": None,
    }


TABLES = by_name(
    table(SITES, op.ITER_CAREER_SITES, 2),
    table(
        POSTINGS,
        op.ITER_POSTINGS,
        0.1,
        links={"career_site": Link(SITES, "career_site_id")},
        rows=PendingRows,
        complete=_posting,
    ),
    table(
        APPLICATIONS, op.ITER_APPLICATIONS, 0.1, links={"posting": Link(POSTINGS, "job_posting_id")}, rows=PendingRows
    ),
    table("ai_apply_jobs", op.ITER_JOBS, 0, rows=UnifiedJobs),
    table(FEEDS, op.ITER_JOB_FEEDS, 1),
)
