"""Limits that several processes share: each takes permits from a store.

The limits of `rate_limit.py` and `action_slots.py` stay in force. While the store is away, they are all there is.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

from ...config import Limits
from ..operation import Operation
from .action_slots import ConcurrencyLimit
from .limiter import Limiter
from .rate_limit import RateLimit
from .shared_rate import SharedRate
from .shared_slots import SharedSlots
from .shared_store import SharedStore
from .tickets import Ticket

_LOOK = 0.25
"""Seconds between two looks whether the slots of an integration without actions were given back."""


class OwnRateLimit(RateLimit):
    """The limits for the requests of this process. What the window still has is the store's business, unless it is
    away."""

    def __init__(self, limits: Limits, store: SharedStore) -> None:
        super().__init__(limits)
        self._store = store

    def delay(self, now: float, interactive: bool) -> float:
        """Return 0 if a request may go now, as `RateLimit.delay`."""
        if self._store.is_away:
            return super().delay(now, interactive)
        if self.in_flight >= self._max_in_flight:
            return math.inf
        return max(self.pause.ends_at, self._next_at if self._interval else -math.inf) - now


class SharedLimiter(Limiter):
    """A limiter that also takes permits from a store shared with other processes."""

    def __init__(self, limits: Limits, limits_name: str) -> None:
        assert limits.shared is not None
        self._store = SharedStore(limits.shared.open(limits_name), asyncio.get_running_loop())
        super().__init__(limits)
        self._shared_rate = SharedRate(self._store, self._loop, self._queue.recheck)

    def ticket(self, operation: Operation[Any], integration_id: str | None, interactive: bool = False) -> Ticket:
        ticket = super().ticket(operation, integration_id, interactive)
        ticket.bulkheads = (*ticket.bulkheads, self._shared_rate)
        return ticket

    def _new_rate_limit(self, limits: Limits) -> RateLimit:
        return OwnRateLimit(limits, self._store)

    def _new_concurrency_limit(self, integration_id: str | None) -> ConcurrencyLimit:
        assert integration_id is not None
        return SharedSlots(
            self._limits.actions_per_integration, integration_id, self._store, self._loop, self._queue.recheck
        )

    def _forget(self, integration_id: str | None) -> None:
        limit = self._concurrency_limits.get(integration_id)
        if isinstance(limit, SharedSlots) and limit.is_open:
            # Not before it has given everything back: two would report for the same holder.
            self._loop.call_later(_LOOK, self._forget, integration_id)
        else:
            super()._forget(integration_id)

    async def close(self) -> None:
        """Give back everything that other processes may use."""
        await super().close()
        await self._shared_rate.close()
        for limit in self._concurrency_limits.values():
            if isinstance(limit, SharedSlots):
                limit.stop()
        await self._store.close()
