"""The store of permits that several processes share, as one event loop sees it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..permits import PermitSource

T = TypeVar("T")

RETRY = 5.0
"""Seconds between two attempts to reach a store that is away."""
SCARCE = 0.05
"""Seconds between two exchanges with it, while requests wait for permits that others have."""
_PATIENCE = 2.0
"""Seconds for a round trip to the store, after which it counts as away."""

log = logging.getLogger("kombo_async")


class SharedStore:
    """There, or away: then the limits of this process are all there is."""

    def __init__(self, source: PermitSource, loop: asyncio.AbstractEventLoop) -> None:
        self.is_away = False
        """Whether the limits of this process are all there is."""
        self._source = source
        self._loop = loop
        self._tried_at = -math.inf

    async def ask(self, request: Callable[[PermitSource], Awaitable[T]]) -> T | None:
        """Return what the store answers; None if it is away."""
        if self.is_away and self._loop.time() - self._tried_at < RETRY:
            return None
        self._tried_at = self._loop.time()
        try:
            answer = await asyncio.wait_for(request(self._source), _PATIENCE)
        except Exception as error:  # noqa: BLE001 - a limit that cannot be shared must not stop the work
            if not self.is_away:
                log.warning("shared limits are away (%s): this process keeps its own limits", type(error).__name__)
            self.is_away = True
            return None
        if self.is_away:
            log.warning("shared limits are back")
        self.is_away = False
        return answer

    async def close(self) -> None:
        """Give back everything."""
        try:
            await asyncio.wait_for(self._source.close(), _PATIENCE)
        except Exception:
            log.debug("cannot give shared permits back", exc_info=True)
