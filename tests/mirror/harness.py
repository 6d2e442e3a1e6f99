"""A mirror of one model of one integration, what happens to it, and what tests ask of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from kombo_async import KomboClient
from kombo_async.mirror import Change, Mirror, ModelStatus, RefreshResult
from kombo_async.mirror import mirror as mirror_module
from kombo_async.mirror.database import Database
from kombo_async.mirror.source import KomboSource
from kombo_async.sandbox import Sandbox
from kombo_async.webhooks import parse

MODEL = "hris_locations"
PATH = "/hris/locations"
Records = dict[str, dict[str, Any]]


class Harness:
    """A mirror that is open, on a database of either kind, and its source."""

    def __init__(self, sandbox: Sandbox, client: KomboClient, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox = sandbox
        self.client = client
        self.url = url
        self.monkeypatch = monkeypatch
        self.changes: list[Change] = []
        self.mirror = self.new_mirror()

    def new_mirror(self, **options: Any) -> Mirror:
        return Mirror(self.url, self.client, **{"on_change": self.on_change, **options})

    async def on_change(self, connection: Any, changes: Sequence[Change]) -> None:
        self.changes += changes

    async def reopen(self, **options: Any) -> None:
        """Go on with another mirror of the same database, as a process that is started later does."""
        await self.mirror.__aexit__(None, None, None)
        self.mirror = self.new_mirror(**options)
        await self.mirror.__aenter__()

    async def advance_database_clock(self, by: timedelta) -> None:
        """Go on at a later time of the database; the source's clock stays."""

        class Later(Database):
            def __init__(self, url: Any) -> None:
                super().__init__(url)
                self.clock = f"({self.clock} + {by.total_seconds()})"

        self.monkeypatch.setattr(mirror_module, "Database", Later)
        await self.reopen()

    def after_page(self, number: int, action: Callable[[], Any]) -> None:
        """Call *action* after the *number*th page from now on was read, before another one is asked for."""
        fetch, pages = KomboSource.fetch_page, 0

        async def fetch_page(*positional: Any, **keywords: Any) -> Any:
            nonlocal pages
            page = await fetch(*positional, **keywords)
            pages += 1
            if pages == number:
                result = action()
                if inspect.isawaitable(result):
                    await result
            return page

        self.monkeypatch.setattr(KomboSource, "fetch_page", fetch_page)

    @property
    def integration_id(self) -> str:
        return self.sandbox.integration_id

    async def fill(self, count: int, model: str = MODEL) -> None:
        """Replace the records of the model at the source, and mirror it."""
        for record in self.sandbox.records(model, include_deleted=True):
            self.sandbox.remove(model, record["id"])
        for number in range(count):
            self.put(number, model)
        await self.mirror.add(self.integration_id, [model])
        await self.refresh(model=model)

    def put(self, number: int, model: str = MODEL, *, raw: bytes | None = None, **fields: Any) -> str:
        record = {"id": f"id{number:04}", "remote_id": f"r{number}", **fields}
        if model == MODEL:
            record.setdefault("name", f"Office {number}")
        self.sandbox.put(model, record, raw=raw)
        return record["id"]

    def delete(self, number: int) -> None:
        self.sandbox.delete(MODEL, f"id{number:04}")

    def vanish(self, *numbers: int) -> None:
        """Remove records at the source without a mark."""
        for number in numbers:
            self.sandbox.remove(MODEL, f"id{number:04}")

    async def results(self, *, model: str = MODEL, **options: Any) -> list[RefreshResult]:
        """Refresh the model once, and return all results."""
        self.changes.clear()
        return [each async for each in self.mirror.refresh(self.integration_id, models=[model], **options)]

    async def refresh(self, *, model: str = MODEL, **options: Any) -> RefreshResult:
        """Refresh the model once, which must not fail."""
        results = await self.results(model=model, **options)
        for result in results:
            if result.error is not None:
                raise result.error
        return results[-1]

    async def refresh_due(self) -> list[RefreshResult]:
        self.changes.clear()
        return [each async for each in self.mirror.refresh()]

    async def notify(self, kind: str, event_id: str = "event", **data: Any) -> tuple[str, ...]:
        """Receive a webhook event."""
        return await self.mirror.handle_event(parse(msgspec.json.encode({"id": event_id, "type": kind, "data": data})))

    async def notify_changed(self, *names: str, event_id: str = "event") -> tuple[str, ...]:
        data = {
            "integration_id": self.integration_id,
            "integration_tool": "personio",
            "integration_category": "HRIS",
            "changed_models": [{"name": name} for name in names],
        }
        return await self.notify("data-changed", event_id, **data)

    async def query(self, statement: str) -> Sequence[Any]:
        async with self.mirror.connection() as connection:
            return (await connection.execute(text(statement.replace("kombo.", self.prefix)))).all()

    async def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> None:
        async with self.mirror.connection(read_only=False) as connection:
            await connection.execute(text(statement.replace("kombo.", self.prefix)), parameters)
            await connection.commit()

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def prefix(self) -> str:
        return "" if self.is_sqlite else "kombo."

    async def stored(self, model: str = MODEL, *, deleted: bool = False) -> Records:
        """The records that are not deleted, or those that are."""
        condition = "IS NOT NULL" if deleted else "IS NULL"
        rows = await self.query(
            f"SELECT id, CAST(data AS text) FROM kombo.{model}_records WHERE remote_deleted_at {condition}"
        )
        return {row[0]: msgspec.json.decode(row[1]) for row in rows}

    def shown(self, model: str = MODEL) -> Records:
        """The living records of the source."""
        return {record["id"]: record for record in self.sandbox.records(model)}

    async def assert_equal(self, model: str = MODEL) -> None:
        assert await self.stored(model) == self.shown(model)

    async def assert_equal_for(self, integration_id: str) -> None:
        """The living records of one of several integrations equal those of its source."""
        rows = await self.query(
            f"SELECT id, CAST(data AS text) FROM kombo.{MODEL}_records "
            f"WHERE remote_deleted_at IS NULL AND integration_id = '{integration_id}'"
        )
        shown = self.sandbox.records(MODEL, integration_id=integration_id)
        assert {row[0]: msgspec.json.decode(row[1]) for row in rows} == {each["id"]: each for each in shown}

    async def status(self, model: str = MODEL) -> ModelStatus:
        [row] = [each for each in await self.mirror.status() if each.model == model]
        return row

    def changed(self) -> list[tuple[str, str]]:
        """What `on_change` was given since the last refresh began."""
        return [(change.kind, change.id) for change in self.changes]

    def requests(self) -> list[dict[str, str]]:
        """The queries of all requests for lists since the last call."""
        queries = [dict(each.query) for each in self.sandbox.requests if "/integrations/" not in each.path]
        self.sandbox.requests.clear()
        return queries
