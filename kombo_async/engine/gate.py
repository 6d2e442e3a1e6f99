"""A queue of calls before something that has room for so many."""

from __future__ import annotations

import asyncio
import heapq
import math
from abc import ABC, abstractmethod

from msgspec import Struct

from .wire import Answer

REFUSED = 429


class Sending(Struct, eq=False, gc=False):
    """One time that a call goes on the wire."""

    number: int
    at: float
    is_first: bool
    """Whether nothing was known of the window when it went."""
    young: bool = True


class Turn(Struct, eq=False, gc=False):
    """The place of one call in the queues. A retry of the call comes back with the same one."""

    number: int
    integration_id: str | None
    takes_slot: bool
    is_page: bool = False
    share: int | None = None
    """Its place among the integrations that wait for the budget."""
    sending: Sending | None = None
    refusals: int = 0
    """How often it was refused for want of a slot."""
    actions_then: int = 0
    """How many actions of the integration were running when it went, with itself."""


class Gate(ABC):
    """A queue before something that has room for so many."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.inside: int = 0
        self._loop = loop
        self._waiting: list[tuple[int, int, asyncio.Future[None], Turn]] = []
        self._held: list[tuple[int, int, asyncio.Future[None], Turn]] = []
        self._timer: asyncio.Handle | None = None
        self._wakes_at = math.inf
        self._open_at = 0.0

    @abstractmethod
    def room(self, now: float) -> float:
        """Return 0 if one may go now, the seconds after which to look again, or infinity: after the next answer."""

    @abstractmethod
    def take(self, turn: Turn, now: float) -> None:
        """Note that *turn* goes."""

    @abstractmethod
    def leave(self, turn: Turn, answer: Answer | None, now: float) -> None:
        """Note that *turn* came back."""

    def place(self, turn: Turn) -> int:
        """Return where *turn* stands in the queue."""
        return turn.number

    def is_open(self, turn: Turn, now: float) -> bool:
        """Whether *turn* may go: there is room and nobody waits."""
        return not self._waiting and self.room(now) <= 0.0 and not self.is_held(turn)

    def is_held(self, turn: Turn) -> bool:  # noqa: ARG002
        """Whether *turn* has to let others pass, for whom the way is free."""
        return False

    async def enter(self, turn: Turn) -> None:
        """Wait until *turn* is taken."""
        now = self._loop.time()
        if self.is_open(turn, now):
            self.take(turn, now)
            return
        granted = self._loop.create_future()
        heapq.heappush(self._waiting, (self.place(turn), turn.number, granted, turn))
        try:
            self.let_go()
            await granted
        except BaseException:
            # Whatever ended the wait, no entry may stay in the queue and no permit be lost.
            if granted.done() and not granted.cancelled() and granted.exception() is None:
                self.leave(turn, None, self._loop.time())
            else:
                granted.cancel()
            raise

    def go_on(self, answer: Answer | None) -> None:
        """Let others go after *answer*; after a refusal only once the pause for it is set."""
        if self._waiting or self._held:
            if answer is not None and answer.status == REFUSED:
                self._loop.call_soon(self.let_go)
            else:
                self.let_go()

    def let_go(self) -> None:
        """Let all go for whom there is room."""
        while self._waiting or self.bring_back():
            _, _, granted, turn = self._waiting[0]
            if not granted.cancelled():
                if self.is_held(turn):
                    heapq.heappush(self._held, heapq.heappop(self._waiting))
                    continue
                now = self._loop.time()
                wait = self.room(now)
                if wait > 0.0:
                    if now + wait < self._wakes_at:
                        if self._timer is not None:
                            self._timer.cancel()
                            self._timer, self._wakes_at = None, math.inf
                        self._timer = self._loop.call_at(now + wait, self._wake)
                        # Kept here, as the handle that uvloop returns for a timer that is nearly due has no `when`.
                        self._wakes_at = now + wait
                    return
                self.take(turn, now)
                granted.set_result(None)
                heapq.heappop(self._waiting)
            else:
                heapq.heappop(self._waiting)
                # It may have been brought back, and another takes its place.
                self.bring_back()

    def bring_back(self) -> bool:
        """Put the first of those that are held back into its place in the queue, if it may go on now."""
        while self._held:
            _, _, granted, turn = self._held[0]
            if not granted.cancelled():
                if self.is_held(turn):
                    return False
                heapq.heappush(self._waiting, heapq.heappop(self._held))
                return True
            heapq.heappop(self._held)
        return False

    def _wake(self) -> None:
        self._timer, self._wakes_at = None, math.inf
        self.let_go()
