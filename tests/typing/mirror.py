"""The types of the mirror, as its users see them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Literal, assert_type

from sqlalchemy.ext.asyncio import AsyncConnection

from kombo_async import KomboClient
from kombo_async.mirror import Change, Mirror, ModelStatus, RefreshResult, Schedule
from kombo_async.models.common import Unreadable
from kombo_async.models.hris import Employee
from kombo_async.webhooks import Event, aiohttp_handler


async def on_change(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    for change in changes:
        assert_type(change.kind, Literal["created", "updated", "deleted", "restored", "erased"])
        assert_type(change.before, bytes | None)
        assert_type(change.record(), Any)


async def main(client: KomboClient, event: Event) -> None:
    async with Mirror("people.db", client, schedule=Schedule(), on_change=on_change) as mirror:
        assert_type(mirror, Mirror)
        assert_type(await mirror.add("personio:x", models=["hris_employees"]), tuple[str, ...])
        assert_type(await mirror.request_refresh("personio:x"), tuple[str, ...])
        assert_type(await mirror.handle_event(event), tuple[str, ...])
        aiohttp_handler(mirror.handle_event, "secret")
        async for result in mirror.refresh("personio:x", full=True):
            assert_type(result, RefreshResult)
            assert_type(result.kind, Literal["full", "incremental"])
            assert_type(result.error, Exception | None)
        assert_type(mirror.iter_records(Employee), AsyncIterator[Employee])
        assert_type(mirror.iter_records(Employee, unreadable="keep"), AsyncIterator[Employee | Unreadable])
        for row in await mirror.status():
            assert_type(row, ModelStatus)
            assert_type(row.next_at, datetime)
        assert_type(mirror.connection(), AsyncConnection)
        await mirror.remove("personio:x")
        await mirror.run(concurrency=4)

    mirror.iter_records(Employee, unreadable="skip")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
    Mirror("people.db", client, on_change=print)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
