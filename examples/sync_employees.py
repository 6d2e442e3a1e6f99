"""Keep the employees of many integrations in SQLite: `python sync_employees.py people.db personio:… hibob:…`.

Each run asks only for what changed since the last complete one started, deletions included; the first one reads all.
Run it when a `data-changed` webhook arrives and every few hours; once a week on a new file, as webhooks get lost.
"""

import asyncio
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

from kombo_async import KomboClient, KomboError

SCHEMA = """
CREATE TABLE IF NOT EXISTS employees (
    integration_id TEXT, id TEXT, first_name TEXT, last_name TEXT, work_email TEXT, employment_status TEXT,
    PRIMARY KEY (integration_id, id)
);
CREATE TABLE IF NOT EXISTS syncs (integration_id TEXT PRIMARY KEY, started_at TEXT);
"""


async def sync(client: KomboClient, database: sqlite3.Connection, integration_id: str) -> str:
    """Bring one integration up to date, and return a line about it."""
    # A little early, as clocks differ: to read a record twice does no harm, to miss one does.
    started_at = datetime.now(UTC) - timedelta(minutes=5)
    last = database.execute("SELECT started_at FROM syncs WHERE integration_id = ?", [integration_id]).fetchone()
    changes = client.for_integration(integration_id).hris.iter_employees(
        # Never the largest changed_at: people come, too, because something nested in them changed.
        updated_after=datetime.fromisoformat(last[0]) if last else None,
        include_deleted=True,
    )
    kept = gone = 0
    async for page in changes.pages():
        with database:
            for person in page.results:
                if person.remote_deleted_at is not None:
                    key = (integration_id, person.id)
                    gone += database.execute("DELETE FROM employees WHERE (integration_id, id) = (?, ?)", key).rowcount
                    continue
                row = (person.first_name, person.last_name, person.work_email, person.employment_status)
                database.execute("REPLACE INTO employees VALUES (?, ?, ?, ?, ?, ?)", (integration_id, person.id, *row))
                kept += 1
    with database:
        database.execute("REPLACE INTO syncs VALUES (?, ?)", (integration_id, started_at.isoformat()))
    return f"{integration_id}: {kept} new or changed, {gone} deleted"


async def main(path: str, *integration_ids: str) -> int:
    """Sync all integrations at once; the client keeps to Kombo's limits. One that fails does not stop the others."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        async with KomboClient() as client:
            runs = [sync(client, database, integration_id) for integration_id in integration_ids]
            outcomes = await asyncio.gather(*runs, return_exceptions=True)
    for integration_id, outcome in zip(integration_ids, outcomes, strict=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, KomboError):
            raise outcome
        print(outcome if isinstance(outcome, str) else f"{integration_id}: {outcome}")
    return 1 if any(isinstance(outcome, KomboError) for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
