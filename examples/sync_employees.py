"""Keep employees of integrations in SQLite: `python sync_employees.py people.db personio:…`.

Run it every few minutes: it refreshes what is due, each integration every three hours and, for
deletions that nothing reports, in full every week. A webhook makes an integration due at once:
see `Mirror.handle_event`. The view `hris_employees` has the people, with typed columns; the
table `welcome_mails` shows how to react to changes.
"""

import asyncio
import sys
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from kombo_async import KomboClient, KomboError
from kombo_async.mirror import Change, Mirror

OUTBOX = "CREATE TABLE IF NOT EXISTS welcome_mails (employee_id text PRIMARY KEY, sent_at text)"


async def on_change(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Note whom to welcome, exactly once: in the transaction that stores the new employees.

    A mail sent from here would be sent again if the transaction failed.
    """
    await connection.execute(text(OUTBOX))
    for change in changes:
        if change.kind == "created":
            await connection.execute(
                text("INSERT INTO welcome_mails (employee_id) VALUES (:id)"), {"id": change.id}
            )


async def send_mails(mirror: Mirror) -> None:
    """Send the mails that are noted. A kill in the middle sends at most one of them twice."""
    async with mirror.connection(read_only=False) as connection:
        await connection.execute(text(OUTBOX))
        waiting = await connection.execute(
            text("SELECT employee_id FROM welcome_mails WHERE sent_at IS NULL")
        )
        for (employee_id,) in waiting.all():
            print("welcome,", employee_id)
            sent = text(
                "UPDATE welcome_mails SET sent_at = CURRENT_TIMESTAMP WHERE employee_id = :id"
            )
            await connection.execute(sent, {"id": employee_id})
        await connection.commit()


async def main(path: str, *integration_ids: str) -> int:
    """Refresh what is due, several integrations at once. A failure does not stop the others."""
    failed = False
    async with KomboClient() as client, Mirror(path, client, on_change=on_change) as mirror:
        known = {row.integration_id for row in await mirror.status()}
        for integration_id in integration_ids:
            try:
                if integration_id not in known:
                    await mirror.add(integration_id, models=["hris_employees"])
            except KomboError as error:
                print(f"{integration_id}: {error}")
                failed = True
        async for result in mirror.refresh():
            print(f"{result.integration_id}: {result.error or result.summary()}")
            failed = failed or result.error is not None
        await send_mails(mirror)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
