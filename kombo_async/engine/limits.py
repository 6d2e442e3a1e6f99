"""Who may go on the wire now: places in flight, action slots, and the pause after a refusal."""

from __future__ import annotations

import asyncio
import heapq

from attrs import define

from ..config import Limits

_KOMBO_ACTIONS = 30
"""Actions of one integration that Kombo runs at once, unless it was told otherwise."""


@define(eq=False)
class Turn:
    """The place of one call in the queues; a retry of the call comes back with the same one."""

    number: int
    slot: str | None
    """The integration whose action slot it needs, if it needs one."""


class Limiter:
    """The limits of one client in one event loop.

    An action first takes a slot of its integration, then a place on the wire; everything else only a place. Both
    are given back before anybody waits for a retry.
    """

    def __init__(self, limits: Limits) -> None:
        self._slot_size = limits.actions_per_integration or _KOMBO_ACTIONS
        self._wire = _Gate(limits.max_in_flight)
        self._slots: dict[str, _Gate] = {}
        self._numbers = 0

    def turn(self, slot: str | None) -> Turn:
        """Return a place at the end of the queue."""
        self._numbers += 1
        return Turn(self._numbers, slot)

    async def enter(self, turn: Turn) -> None:
        """Wait until *turn* may go on the wire. Cancelled, it leaves the queue at once."""
        if turn.slot is not None:
            await self._slot(turn.slot).enter(turn.number)
        try:
            await self._wire.enter(turn.number)
        except BaseException:
            self._leave_slot(turn)
            raise

    def leave(self, turn: Turn) -> None:
        """Give back what *turn* holds, as soon as it is off the wire."""
        self._wire.leave()
        self._leave_slot(turn)

    def pause(self, seconds: float) -> None:
        """Let no request go for *seconds*: Kombo's rate limit was reached."""
        self._wire.pause(seconds)

    def pause_actions(self, integration_id: str, seconds: float) -> None:
        """Let no action of this integration go for *seconds*: it has too many running."""
        self._slot(integration_id).pause(seconds)

    def _slot(self, integration_id: str) -> _Gate:
        gate = self._slots.get(integration_id)
        if gate is None:
            gate = self._slots[integration_id] = _Gate(self._slot_size)
        return gate

    def _leave_slot(self, turn: Turn) -> None:
        if turn.slot is not None:
            gate = self._slots[turn.slot]
            gate.leave()
            if gate.idle:
                del self._slots[turn.slot]


class _Gate:
    """Lets so many through at once, the lowest number first, and nobody during a pause."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._inside = 0
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._open_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether nobody would miss it; a pause is over only when its time is."""
        return not self._inside and not self._waiting and _now() >= self._open_at

    async def enter(self, number: int) -> None:
        if not self._waiting and self._inside < self._size and _now() >= self._open_at:
            self._inside += 1
            return
        granted = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (number, granted))
        self._let_through()
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        self._inside -= 1
        if self._waiting:
            self._let_through()

    def pause(self, seconds: float) -> None:
        self._open_at = max(self._open_at, _now() + seconds)

    def _let_through(self) -> None:
        while self._waiting:
            _, granted = self._waiting[0]
            if granted.cancelled():
                heapq.heappop(self._waiting)
            elif self._inside >= self._size:
                return
            elif _now() < self._open_at:
                self._wake_at(self._open_at)
                return
            else:
                heapq.heappop(self._waiting)
                granted.set_result(None)
                self._inside += 1

    def _wake_at(self, when: float) -> None:
        if self._timer is not None:
            if self._timer.when() == when and not self._timer.cancelled():
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(when, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._let_through()


def _now() -> float:
    return asyncio.get_running_loop().time()
