"""Runs refreshes in processes of their own, and kills them: `python -m tests.mirror.fork_server`.

It reads a JSON object a line, each of them one process to fork, and writes how that ended. A fork takes milliseconds
where a new Python would take a second.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import blake2b
from typing import Any

import aiosqlite
import psycopg
import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite.aiosqlite
import sqlalchemy.ext.asyncio

from kombo_async import KomboClient
from kombo_async.mirror import Change, Mirror, deletions, refresher, runner, store
from kombo_async.mirror.database import Database

from .conftest import QUICK

PRELOADED = (
    aiosqlite,
    psycopg,
    store,
    sqlalchemy.dialects.postgresql.psycopg,
    sqlalchemy.dialects.sqlite.aiosqlite,
    sqlalchemy.ext.asyncio,
)


def digest(raw: bytes | None) -> str | None:
    """Return what tells different JSON apart; PostgreSQL changes the order of its keys."""
    if raw is None:
        return None
    canonical = json.dumps(json.loads(raw), sort_keys=True)
    return blake2b(canonical.encode(), digest_size=8).hexdigest()


async def on_change(connection: Any, changes: Sequence[Change]) -> None:
    """Note each change in a table of the database, in the transaction that stores it."""
    prefix = "" if connection.dialect.name == "sqlite" else "kombo."
    rows = [
        {"id": each.id, "kind": each.kind, "before": digest(each.before), "after": digest(each.after)}
        for each in changes
    ]
    await connection.execute(sqlalchemy.text(f"INSERT INTO {prefix}effects VALUES (:id, :kind, :before, :after)"), rows)


def kill_at_commit(number: int, *, after: bool) -> None:
    """Kill this process before or after the *number*th transaction is committed."""
    transaction, count = Database.transaction, 0

    @asynccontextmanager
    async def counted(self: Database) -> AsyncIterator[Any]:
        nonlocal count
        async with transaction(self) as connection:
            yield connection
            count += 1
            if count == number and not after:
                os.kill(os.getpid(), signal.SIGKILL)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    Database.transaction = counted  # type: ignore[method-assign,assignment]


async def refresh(url: str, base_url: str, api_key: str, integration_id: str, *, full: bool) -> None:
    async with (
        KomboClient(api_key, base_url=base_url, retry=QUICK) as client,
        Mirror(url, client, on_change=on_change) as mirror,
    ):
        async for result in mirror.refresh(integration_id, full=full):
            if result.error is not None:
                raise result.error


def run_child(command: dict[str, Any]) -> None:
    refresher.PAGE_SIZE, deletions.BATCH, deletions.IDS, runner._WAIT = 5, 3, 3, 0.02
    if (commit := command.pop("commit", None)) is not None:
        kill_at_commit(commit, after=command.pop("after"))
    asyncio.run(refresh(**command))


def main() -> None:
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        command = json.loads(line)
        seconds = command.pop("seconds", None)
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            try:
                run_child(command)
            except BaseException as error:  # noqa: BLE001 - the parent is told
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code, "seconds": time.monotonic() - started}), flush=True)


if __name__ == "__main__":
    main()
