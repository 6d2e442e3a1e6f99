"""A source in memory that changes while it is read: pages shift, requests fail, its clock differs from ours."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kombo_async.engine.pages import decode_raw_page
from kombo_async.errors import InputInvalidError, KomboConnectionError
from kombo_async.mirror.protocols import SourcePage
from kombo_async.mirror.record_writer import iso
from kombo_async.mirror.state import RETENTION
from kombo_async.models.general import Integration


@dataclass
class Record:
    version: int
    changed_at: float
    deleted_at: float | None = None
    unreadable: bool = False


class ModelSource:
    """One list of one integration. Times are those of the server; `skew` is how far its header `Date` is off."""

    def __init__(self, clock: Callable[[], float], model: str, *, rows: int) -> None:
        self.clock = clock
        self.model = model
        self.rows = rows
        self.records: dict[str, Record] = {}
        self.versions = 0
        self.front: list[str] = []
        """The order of the list: new records come first, so that pages shift."""
        self.failures = 0
        self.odd: str | None = None
        self.in_order = True
        self.skew: float | None = 0.0
        self.generation = 0
        """Cursors of other generations are refused."""
        self.last_not_shown: dict[str, float] = {}
        self.requests = 0

    # What happens in the connected tool.

    def put(self, record_id: str) -> None:
        self.versions += 1
        if not self.is_shown(record_id):
            self.last_not_shown[record_id] = self.clock()
        self.records[record_id] = Record(self.versions, self.clock())
        if record_id in self.front:
            self.front.remove(record_id)
        self.front.insert(0, record_id)

    def delete(self, record_id: str) -> None:
        record = self.records.get(record_id)
        if record is not None and record.deleted_at is None:
            record.deleted_at = record.changed_at = self.clock()

    def vanish(self, record_id: str) -> None:
        """Remove a record without a mark."""
        if self.records.pop(record_id, None) is not None:
            self.front.remove(record_id)

    def set_odd(self, odd: str | None) -> None:
        for record_id in self.records:
            if not self.is_shown(record_id):
                self.last_not_shown[record_id] = self.clock()
        self.odd = odd

    def is_living(self, record_id: str) -> bool:
        record = self.records.get(record_id)
        return record is not None and record.deleted_at is None

    def is_shown(self, record_id: str) -> bool:
        return self.odd is None and self.is_living(record_id)

    def was_not_shown_since(self, record_id: str, since: float) -> bool:
        """Whether there was a moment since then at which the source did not show the record."""
        return not self.is_shown(record_id) or self.last_not_shown.get(record_id, -1.0) >= since

    def content(self, record_id: str) -> dict[str, object]:
        record = self.records[record_id]
        deleted_at = None if record.deleted_at is None else iso(datetime.fromtimestamp(record.deleted_at, UTC))
        if record.deleted_at is not None and self.clock() >= record.deleted_at + RETENTION:
            return {"id": record_id, "remote_id": None, "name": None, "remote_deleted_at": None}
        return {
            "id": record_id,
            "remote_id": f"r{record_id}",
            "name": f"version {record.version}",
            "changed_at": iso(datetime.fromtimestamp(record.changed_at, UTC)),
            "remote_deleted_at": deleted_at,
        }

    # What the mirror asks.

    async def fetch_page(
        self, integration_id: str, model: str, *, updated_after: float | None, page_size: int, cursor: str | None
    ) -> SourcePage:
        await self._receive()
        position = 0
        if cursor is not None:
            generation, _, text = cursor.partition("/")
            if int(generation) != self.generation:
                raise InputInvalidError("the cursor is not valid any more")
            position = int(text)
        found = [each for each in self.front if updated_after is None or self.records[each].changed_at >= updated_after]
        if self.odd == "empty":
            found = []
        elif self.odd == "half":
            found = found[::2]
        following = f"{self.generation}/{position + self.rows}" if len(found) > position + self.rows else None
        page = self._page(found[position : position + self.rows], following)
        await asyncio.sleep(0.2)
        return page

    async def fetch_records(
        self, integration_id: str, model: str, ids: Sequence[str], cursor: str | None = None
    ) -> SourcePage:
        await self._receive()
        page = self._page([] if self.odd else [each for each in ids if each in self.records], None)
        await asyncio.sleep(0.2)
        return page

    async def fetch_integration(self, integration_id: str) -> Integration:
        await self._receive()
        return integration(self.model, in_order=self.in_order)

    async def _receive(self) -> None:
        self.requests += 1
        await asyncio.sleep(0.2)
        if self.failures:
            self.failures -= 1
            raise KomboConnectionError("connection reset")

    def _page(self, ids: Sequence[str], following: str | None) -> SourcePage:
        rows = [
            f'{{"id": "{each}", "name": nonsense}}' if self.records[each].unreadable else json.dumps(self.content(each))
            for each in ids
        ]
        body = f'{{"status": "success", "data": {{"results": [{",".join(rows)}], "next": null}}}}'.encode()
        page = decode_raw_page(body, keep=True)
        served_at = None if self.skew is None else float(int(self.clock() + self.skew))
        return SourcePage(page.results, page.unreadable, following, served_at)


def integration(model: str, *, in_order: bool = True) -> Integration:
    """Return an integration that offers one model."""
    from kombo_async.engine.codec import decode_document

    switch = {"coverage_status": "SUPPORTED", "scope_config_setting": "ENABLED", "opted_out_by_customer": False}
    body = {
        "id": "personio:1",
        "tool": {"id": "personio", "label": "Personio", "logo_url": "", "icon_url": ""},
        "category": "HRIS",
        "status": "ACTIVE" if in_order else "INVALID",
        "setup_status": "COMPLETED",
        "end_user": {"organization_name": "Brightwater"},
        "scope_config": {"id": "1"},
        "created_at": "2025-01-01T00:00:00Z",
        "beta": False,
        "read_models": [{"id": model, "label": model, "is_available": True, "fields": [], **switch}],
        "write_actions": [],
    }
    return decode_document(json.dumps(body).encode(), Integration)
