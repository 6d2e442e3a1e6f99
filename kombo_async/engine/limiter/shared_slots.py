"""The action slots of one integration that several processes share: each holds some of them in a store.

A process may have as many actions under way as the store has granted it, and holds these slots until it reports that it
needs fewer. So all processes together never have more than there are. Each wanting process is due an equal share; one
that has more than its share learns so with its next report, and does not replace the actions that end.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from ..permits import SlotGrant
from ..response import Response
from .action_slots import FIRST_ALONE_SECONDS, ConcurrencyLimit
from .pause import Refusal, RetryDelay
from .rate_limit import parse_number
from .shared_store import RETRY, SCARCE, SharedStore
from .tickets import Bulkhead, Ticket

_REBALANCE = 0.25
"""Seconds between two reports while no request waits for slots."""
_LULL = 0.005
"""Seconds for which slots that are free are kept: the next action may follow the last one at once."""


class SharedSlots(ConcurrencyLimit):
    """The action slots of one integration that this process has."""

    def __init__(
        self,
        fixed: int | None,
        integration_id: str,
        store: SharedStore,
        loop: asyncio.AbstractEventLoop,
        admit: Callable[[Bulkhead], None],
    ) -> None:
        super().__init__(fixed)
        self._integration_id = integration_id
        self._store = store
        self._loop = loop
        self._admit = admit
        self._grant = SlotGrant(0, False)
        self._highest = float(self.limit)
        self._changed = asyncio.Event()
        """Set when slots may be given back, or when a response has said how many there are."""
        self._task: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether slots may still be held in the store."""
        return self._task is not None

    def delay(self, now: float) -> float:
        """Return 0 if a slot is free, else as `RateLimit.delay`."""
        if self._store.is_away:
            self._start()
            return super().delay(now)
        if now < self.pause.ends_at:
            return self.pause.ends_at - now
        if self.in_flight < self._grant.slots:
            return 0.0
        self._start()
        return math.inf

    def release(self, ticket: Ticket, response: Response, refusal: Refusal | None, now: float) -> RetryDelay | None:
        """Learn from the *response* to *ticket*; return how long it has to wait if this limit refused it."""
        was_known = self._known
        delay = super().release(ticket, response, refusal, now)
        limit = parse_number(response.headers, "Concurrency-Limit")
        if limit is not None and limit >= 1:
            self._highest = limit if self._fixed is None else min(limit, float(self._fixed))
        # A free slot goes back at once if others wait for it, and in any case after the last action.
        is_free = not self.parked and (self._grant.is_scarce or not self.in_flight)
        if is_free or not was_known:
            self._changed.set()
        return delay

    def _limit(self) -> float:
        """Return how many slots there are; 0 while no response has said so."""
        is_slow = self.in_flight > 0 and self._loop.time() - self._first_at > FIRST_ALONE_SECONDS
        return self._highest if self._known or is_slow else 0.0

    def _start(self) -> None:
        if self._task is None:
            self._task = self._loop.create_task(self._hold())

    async def _hold(self) -> None:
        """Hold as many slots as there are actions, until there are none."""
        while True:
            self._changed.clear()
            grant = await self._report()
            self._grant = grant or SlotGrant(0, False)
            self._admit(self)
            if not self.in_flight and not self.parked and not self._grant.slots:
                break
            interval = RETRY if grant is None else SCARCE if grant.is_scarce else _REBALANCE
            try:
                await asyncio.wait_for(self._changed.wait(), interval)
            except TimeoutError:
                continue
            await asyncio.sleep(_LULL)
        self._task = None

    async def _report(self) -> SlotGrant | None:
        wanted = self.in_flight + len(self.parked)
        # Those that may be taken while the store answers are held, too.
        self._grant = SlotGrant(min(self._grant.slots, wanted), self._grant.is_scarce)
        held, limit = max(self.in_flight, self._grant.slots), self._limit()
        return await self._store.ask(lambda source: source.take_slots(self._integration_id, held, wanted, limit))

    def stop(self) -> None:
        """Cancel the task that holds slots in the store."""
        if self._task is not None:
            self._task.cancel()
