"""The source of a mirror: lists of Kombo, read through a client."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .mirrored_models import MIRRORED
from .protocols import SourcePage

if TYPE_CHECKING:
    from ..client import KomboClient
    from ..models.general import Integration

_IDS_PAGE = 250
"""More than are asked for by their ids at once."""


class KomboSource:
    """Reads from Kombo, within the limits of a client."""

    def __init__(self, client: KomboClient) -> None:
        self._client = client

    async def fetch_page(
        self, integration_id: str, model: str, *, updated_after: float | None, page_size: int, cursor: str | None
    ) -> SourcePage:
        """Return one page of a list, with the records that are marked as deleted."""
        keywords: dict[str, Any] = {"page_size": page_size}
        if updated_after is not None:
            keywords["updated_after"] = datetime.fromtimestamp(math.floor(updated_after), UTC)
        return await self._page(integration_id, model, keywords, cursor)

    async def fetch_records(
        self, integration_id: str, model: str, ids: Sequence[str], cursor: str | None = None
    ) -> SourcePage:
        """Return one page of the records with these ids, with those that are marked as deleted."""
        return await self._page(integration_id, model, {"page_size": _IDS_PAGE, "ids": ids}, cursor)

    async def fetch_integration(self, integration_id: str) -> Integration:
        """Return the present state of an integration."""
        return await self._client.get_integration(integration_id)

    async def _page(self, integration_id: str, model: str, keywords: dict[str, Any], cursor: str | None) -> SourcePage:
        keywords |= {"integration_id": integration_id, "include_deleted": True}
        # Only the mirror needs pages of which nothing is decoded, so that this is no public method.
        page = await self._client._raw_page(MIRRORED[model].operation, keywords, cursor)  # noqa: SLF001
        return SourcePage(page.results, page.unreadable, page.next_cursor, _time_of(page.headers.get("Date", "")))


@lru_cache(maxsize=16)
def _time_of(date: str) -> float | None:
    """Return the time of a header `Date`, which changes once in a second; None if it is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
