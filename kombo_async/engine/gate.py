"""A queue of requests in front of a resource with limited capacity."""

from __future__ import annotations

import asyncio
import heapq
import math
from abc import ABC, abstractmethod

from msgspec import Struct

from .wire import Answer

REFUSED = 429
_OVERLOADED = frozenset({REFUSED, 503})
LONGEST_PAUSE = 120.0
"""Seconds that a request waits at most for the end of a pause that the server asked for. A longer pause fails all
requests at once, and after this time one is sent to ask again."""


class Refusal(Struct, frozen=True):
    """The answer by which the server asked for a pause."""

    code: str | None
    status: int


class Blocked(Exception):
    """A request that cannot be sent in time, because the server asked for a pause that is longer."""

    def __init__(self, refusal: Refusal, seconds: float) -> None:
        super().__init__(refusal, seconds)
        self.refusal = refusal
        self.seconds = seconds


class Bulkhead:
    """A cap on one kind of request, so that this kind alone never takes all of the capacity."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.inside = 0
        self.waiting: list[Entry] = []

    def is_full(self) -> bool:
        """Whether another request of this kind has to wait until one of them has ended."""
        return self.inside + 1 > self.limit


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
    bulkhead: Bulkhead | None = None
    """The cap on its kind, if there is one."""
    time_left: float = math.inf
    """Seconds until its deadline, when it entered the queue."""
    queued_at: float = 0.0
    share: int | None = None
    """Its place among the integrations that wait for the budget."""
    sending: Sending | None = None
    refusals: int = 0
    """How often it was refused for want of a slot."""
    actions_then: int = 0
    """How many actions of the integration were running when it went, with itself."""


Entry = tuple[int, int, "asyncio.Future[None]", Turn]
"""What a queue holds: priority, number, the future that ends the wait, and the request."""


class Gate(ABC):
    """A queue of requests in front of a resource with limited capacity."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.inside: int = 0
        self._loop = loop
        self._waiting: list[Entry] = []
        self._bulkheads: tuple[Bulkhead, ...] = ()
        self._timer: asyncio.Handle | None = None
        self._wakes_at = math.inf
        # A pause that the server asked for: when the next request may go, until when the server refuses, and since
        # when it has accepted nothing that was sent.
        self._open_at = 0.0
        self._refused_until = 0.0
        self._refusing_since: float | None = None
        self._refusal = Refusal(None, REFUSED)

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

    def bulkhead(self, turn: Turn) -> Bulkhead | None:  # noqa: ARG002
        """Return the cap on the kind of request that *turn* is, where this queue has one."""
        return None

    def is_open(self, turn: Turn, now: float) -> bool:
        """Whether *turn* may go: there is room and nobody waits."""
        if self._waiting or self.room(now) > 0.0:
            return False
        bulkhead = self.bulkhead(turn)
        return bulkhead is None or not bulkhead.is_full()

    async def enter(self, turn: Turn) -> None:
        """Wait until *turn* is taken. Raise `Blocked` if the server asked for a pause that lasts longer than it can
        wait."""
        now = self._loop.time()
        if self.is_open(turn, now):
            self.take(turn, now)
            return
        turn.queued_at = now
        self.check(turn, now)
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

    def pause(self, seconds: float, refusal: Refusal, sent_at: float) -> None:
        """Send nothing for *seconds*, as the server asked in its answer to a request that was sent at *sent_at*; fail
        the requests that cannot wait for so long."""
        now = self._loop.time()
        if sent_at >= self._open_at:
            # Sent after the last pause: what the server said before is out of date.
            self._refused_until = 0.0
        self._open_at = max(self._open_at, now + min(seconds, LONGEST_PAUSE))
        self._refused_until, self._refusal = max(self._refused_until, now + seconds), refusal
        if self._refusing_since is None:
            self._refusing_since = now
        self.fail_blocked(self)

    def fail_blocked(self, by: Gate) -> None:
        """End the wait of all requests in this queue that the pause *by* a queue blocks."""
        now = self._loop.time()
        for waiting in (self._waiting, *(each.waiting for each in self._bulkheads)):
            for _, _, granted, turn in waiting:
                if not granted.done() and (blocked := by.blocked(turn, now)) is not None:
                    granted.set_exception(blocked)

    def check(self, turn: Turn, now: float) -> None:
        """Raise `Blocked` if *turn* cannot wait for the end of the pause."""
        if (blocked := self.blocked(turn, now)) is not None:
            raise blocked

    def blocked(self, turn: Turn, now: float) -> Blocked | None:
        """Return the error if the pause, together with those before it since the server last accepted a request, takes
        longer than *turn* can wait."""
        if now >= self._open_at or self._refusing_since is None:
            return None
        waits_since = max(self._refusing_since, turn.queued_at)
        if self._refused_until - waits_since < min(turn.time_left, LONGEST_PAUSE + 0.001):
            return None
        return Blocked(self._refusal, self._refused_until - now)

    def accepted(self, answer: Answer, sent_at: float) -> None:
        """Note that the server does not refuse everything, unless the request went out before the first refusal."""
        if answer.status not in _OVERLOADED and self._refusing_since is not None and sent_at > self._refusing_since:
            self._refusing_since = None

    def go_on(self, answer: Answer | None) -> None:
        """Let others go after *answer*; after a refusal only once the pause for it is set."""
        if self._waiting or any(each.waiting for each in self._bulkheads):
            if answer is not None and answer.status in _OVERLOADED:
                self._loop.call_soon(self.let_go)
            else:
                self.let_go()

    def let_go(self) -> None:
        """Let all go for whom there is room."""
        for each in self._bulkheads:
            self._readmit(each)
        while self._waiting:
            _, _, granted, turn = self._waiting[0]
            if not granted.done():
                bulkhead = self.bulkhead(turn)
                if bulkhead is not None and bulkhead.is_full():
                    heapq.heappush(bulkhead.waiting, heapq.heappop(self._waiting))
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
            bulkhead = self.bulkhead(turn)
            if bulkhead is not None:
                self._readmit(bulkhead)

    def _readmit(self, bulkhead: Bulkhead) -> None:
        """Put the first request that *bulkhead* held back into the queue again, if there is room for its kind."""
        while bulkhead.waiting and not bulkhead.is_full():
            entry = heapq.heappop(bulkhead.waiting)
            if not entry[2].done():
                heapq.heappush(self._waiting, entry)
                return

    def _wake(self) -> None:
        self._timer, self._wakes_at = None, math.inf
        self.let_go()
