"""Who may go on the wire now, learned from what Kombo says in each answer, so that refusals are rare.

Two gates stand before the network. The budget holds all requests of a client: Kombo takes so many in a window of time.
The slots of an integration hold its actions: Kombo runs so many of them at once. And pages let others pass while this
process falls behind with reading them. CONTRIBUTING.md tells the reasons.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import deque
from collections.abc import Awaitable
from typing import NamedTuple

from ..config import Limits
from .gate import LONGEST_PAUSE, REFUSED, Bulkhead, Gate, Refusal, Sending, Turn
from .window import Window
from .wire import Answer, ratelimit_reset

_ACTIONS = 30
"""Actions of one integration that Kombo runs at once, until it says otherwise."""
_YOUNG = 0.5
"""Seconds in which a request without an answer may still be on its way; after them Kombo has surely counted it."""
_RESERVE = 2
"""Requests of a window that are spent one by one, each to see whether the level has risen. They cost no refusal."""
_FIRST_PROBE = 0.05
_NEXT_PROBE = 0.5
"""Seconds until the first of them, and until the one after, if nothing has come back by then."""
_GAP = 0.001
"""Seconds between two requests where a limit is known, so that other processes that share it are noticed in time."""
_WIDEST_GAP = 0.01
_SHORTEST_ACTION = 0.001
"""Seconds that an action takes at least: the clock of uvloop counts whole milliseconds, and no pause may become 0."""
_LONGEST_ACTION_PAUSE = 2.0
"""Seconds between two tries while other processes hold all slots of an integration."""
_RAMP, _CREEP, _KEEP = 2.3, 0.02, 0.85
"""Without headers: requests a second more for each answer, until the second refusal and after it, and the part of the
accepted pace that is kept after a refusal."""
_SLOWEST = 1.0
"""Without headers: requests a second that are tried however often they are refused."""
_CALM = 4
"""After a refusal no slot is added for the time of so many actions, so that processes that share them come to rest."""


class Hold(NamedTuple):
    """What a refused call has to wait for."""

    wait: float
    """Seconds until it may go again at the earliest."""
    in_queue: bool
    """Whether the queue holds it back for so long, and it need not sleep itself."""


class Limiter:
    """The limits of one client in one event loop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._budget = Budget(limits, self._loop)
        self._slots: dict[str | None, Slots] = {}
        self._numbers = 0

    @property
    def usually_in_flight(self) -> float:
        """How many requests were on the wire lately when one more went."""
        return self._budget.usually_inside

    def turn(self, integration_id: str | None, *, action: bool, page: bool = False, long: bool = False) -> Turn:
        """Return a place at the end of the queues; *long* is for what may take minutes without being an action."""
        self._numbers += 1
        takes_slot = action and integration_id is not None and self._limits.learn
        turn = Turn(self._numbers, integration_id, takes_slot, page and self._limits.learn)
        if action or long:
            turn.bulkhead = self._budget.actions
        elif turn.is_page:
            turn.bulkhead = self._budget.pages
        return turn

    def begin(self, turn: Turn) -> None:
        """Register *turn*, whose call has begun; `end` must follow."""
        if turn.takes_slot:
            slots = self._slots.get(turn.integration_id)
            if slots is None:
                slots = self._slots[turn.integration_id] = Slots(self._limits.actions_per_integration, self._loop)
            slots.turns += 1

    def end(self, turn: Turn) -> None:
        """Forget *turn*, whose call has ended, and the slots of an integration that nobody uses any more."""
        if turn.takes_slot:
            slots = self._slots[turn.integration_id]
            slots.turns -= 1
            if not slots.turns:
                del self._slots[turn.integration_id]

    def enter_now(self, turn: Turn, now: float) -> bool:
        """Let *turn* go on the wire if nothing holds it back."""
        slots = self._slots[turn.integration_id] if turn.takes_slot else None
        if (slots is None or slots.is_open(turn, now)) and self._budget.is_open(turn, now):
            if slots is not None:
                slots.take(turn, now)
            self._budget.take(turn, now)
            return True
        return False

    def enter(self, turn: Turn) -> Awaitable[None]:
        """Wait until *turn* may go on the wire. Cancelled, it leaves the queue at once."""
        return self._enter_both(turn) if turn.takes_slot else self._budget.enter(turn)

    async def _enter_both(self, turn: Turn) -> None:
        slots = self._slots[turn.integration_id]
        # What the budget's pause blocks must not wait for a slot first.
        turn.queued_at = now = self._loop.time()
        self._budget.check(turn, now)
        await slots.enter(turn)
        try:
            await self._budget.enter(turn)
        except BaseException:
            slots.leave(turn, None, self._loop.time())
            raise

    def leave(self, turn: Turn, answer: Answer | None) -> None:
        """Take *turn* off the wire, and learn from its answer, where one came."""
        now = self._loop.time()
        self._budget.leave(turn, answer, now)
        if turn.takes_slot:
            self._slots[turn.integration_id].leave(turn, answer, now)

    def came(self, turn: Turn, waiting: int) -> None:
        """Note that the large answer to *turn* has so many before it that are *waiting* to be decoded."""
        if turn.is_page:
            self._budget.page_came(waiting)

    def decoded(self, turn: Turn) -> None:
        """Note that the answer to *turn* is no longer in the way of other pages."""
        if turn.is_page:
            self._budget.page_ended()

    def refused(self, turn: Turn, refusal: Refusal, told: float | None, wait: float) -> Hold:
        """Hold back all who share the limit that *turn* was refused for; *wait* is what the retry policy says."""
        if not self._limits.learn:
            return Hold(wait, in_queue=False)
        if refusal.code == "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED":
            if turn.takes_slot:
                pause = self._slots[turn.integration_id].refused(turn, refusal, told)
                wait = pause if told is None else told
            return Hold(wait, in_queue=False)
        wait = self._budget.refused(turn, refusal, told, wait)
        for slots in self._slots.values():
            slots.fail_blocked(self._budget)
        return Hold(wait, in_queue=True)


class Slots(Gate):
    """The actions of one integration that run at once."""

    def __init__(self, fixed: int | None, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.turns = 0
        self._fixed = fixed
        self._size = fixed or _ACTIONS
        self._known = fixed is not None
        self._first_at = 0.0
        self._lowered_at = -math.inf
        self._pause = 0.0
        self._took = 1.0
        # What others left free lately, at least, and how much of it is ours to take.
        self._least_left = 0
        self._to_take = 0
        self._looked_at = -math.inf

    def room(self, now: float) -> float:
        if now < self._open_at:
            return self._open_at - now
        if self.inside >= self._size:
            return math.inf
        # The first action goes alone for a moment: if it is quick, its answer tells how many may follow.
        return max(self._first_at + _YOUNG - now, 0.0) if self.inside and not self._known else 0.0

    def take(self, turn: Turn, now: float) -> None:
        if not self.inside:
            self._first_at = now
        self.inside += 1
        turn.actions_then = self.inside

    def leave(self, turn: Turn, answer: Answer | None, now: float) -> None:
        self.inside -= 1
        if answer is not None:
            self._known = True
            if turn.sending is not None:
                self.accepted(answer, turn.sending.at)
            if answer.status != REFUSED and turn.sending is not None:
                self._took = max(now - turn.sending.at, _SHORTEST_ACTION)
            limit, left = _number(answer, "Concurrency-Limit"), _number(answer, "Concurrency-Remaining")
            if limit is not None and left is not None:
                self._learn(max(1, min(int(limit), self._fixed or int(limit))), int(left), turn, now)
        self.go_on(answer)

    def _learn(self, limit: int, left: int, turn: Turn, now: float) -> None:
        # Whether Kombo counts the answered action itself as running is not documented, nor whether it counts when an
        # action begins or ends; so others are assumed only where nothing else explains the number, or one was refused.
        tense = now - self._lowered_at < _CALM * self._took
        ours = self.inside + 1 if tense else max(turn.actions_then, self.inside + 1)
        if limit - left - ours <= 0:
            self._size = limit
        else:
            self._size = max(1, self.inside + 1 + self._more(left, tense, now))

    def _more(self, left: int, tense: bool, now: float) -> int:
        """Return 1 if it is time to take a slot that others leave free: half of those that stayed free for the time of
        an action. What is free for a moment is about to be taken again by whoever gave it back."""
        self._least_left = min(self._least_left, left)
        if now - self._looked_at > self._took:
            self._to_take, self._least_left, self._looked_at = (self._least_left + 1) // 2, left, now
        if not left or not self._to_take or tense:
            return 0
        self._to_take -= 1
        return 1

    def refused(self, turn: Turn, refusal: Refusal, told: float | None) -> float:
        """Let fewer go, after a pause; return how long *turn* itself has to wait."""
        now, sending = self._loop.time(), turn.sending
        assert sending is not None
        if sending.at > self._lowered_at:
            # One decrease for all that were sent before anybody knew.
            again = now - self._lowered_at < 4 * self._pause
            self._pause = min(2 * self._pause if again else self._took / 4, self._took, _LONGEST_ACTION_PAUSE)
            self._lowered_at, self._to_take = now, 0
        self._size = max(1, min(self._size, self.inside))
        self.pause(self._pause if told is None else told, refusal, sending.at)
        turn.refusals += 1
        return min(self._took, 1.0) * 2.0 ** min(turn.refusals - 1, 3) * random.uniform(0.5, 1.0)


class Budget(Gate):
    """The requests of the client: so many on the wire, and so many in a window of Kombo's."""

    def __init__(self, limits: Limits, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._limits = limits
        self.pages = Window(limits.max_in_flight)
        # Tools that hang hold their actions for minutes: reads must have room all the same.
        self.actions = Bulkhead(max(1, limits.max_in_flight * 3 // 4))
        self._bulkheads = (self.pages, self.actions)
        self.usually_inside = 0.0
        self._sent = 0
        self._answered = 0
        self._young: deque[Sending] = deque()
        self._young_count = 0
        # The window, as the headers tell: requests left in it (None: not known), and when it ends.
        self._headers_seen = False
        self._level: float | None = None
        self._resets_at = math.inf
        self._began_at = 0.0
        self._left: float = math.inf
        self._probe_at = 0.0
        self._floored = 0.0
        # Without headers: how many may be under way unanswered, and how fast they may follow one another.
        self._careful = 1
        self._rate = limits.requests_per_second
        self._ramping = False
        self._lowered_at = -math.inf
        self._accepted = 0
        self._resumed_at = 0.0
        self._gap = 0.0
        self._next_at = 0.0
        # Who waits: each integration in turn.
        self._clock = 0
        self._last_shares: dict[str | None, int] = {}

    def room(self, now: float) -> float:
        if self.inside >= self._limits.max_in_flight:
            return math.inf
        opens_at, next_at = self._open_at, self._next_at
        wait = (opens_at if opens_at > next_at else next_at) - now
        if wait > 0.0 or not self._limits.learn:
            return wait
        if self._level is not None and now >= self._resets_at:
            self._level, self._careful, self._began_at = None, 1, now
            self._gap = max(0.75 * self._gap, _GAP)
        if self._level is None:
            # Where nothing answers, twice as many each time that the ones before have grown old.
            young = self._count_young(now)
            return 0.0 if young < max(self._careful, self.inside - young) else self._until_old(now)
        if self._level > _RESERVE:
            return 0.0
        if self._level < 1:
            return self._resets_at - now
        return self._probe_at - now if not self._count_young(now) else self._until_old(now)

    def take(self, turn: Turn, now: float) -> None:
        # Over the last few; answers come in bursts, after which few are on the wire for a moment.
        self.usually_inside += (self.inside - self.usually_inside) / 8
        self.inside += 1
        if turn.bulkhead is not None:
            turn.bulkhead.inside += 1
        self._sent += 1
        level, gap = self._level, self._gap
        turn.sending = sending = Sending(self._sent, now, level is None, self._limits.learn)
        if self._limits.learn:
            # Without learning, nothing would take them out again.
            self._young.append(sending)
            self._young_count += 1
        if level is not None:
            self._level = level = level - 1
        if self._rate is not None:
            gap = max(gap, 1 / self._rate)
        elif level is not None and level > 0:
            # Never slower than would spend the window evenly.
            evenly = (self._resets_at - now) / level
            gap = evenly if evenly < gap else gap
        # A timer that fired late may catch up a little.
        earliest = now - 5 * _GAP
        self._next_at = (self._next_at if self._next_at > earliest else earliest) + gap
        if turn.share is not None:
            self._clock = max(self._clock, turn.share)
            if self._last_shares.get(turn.integration_id) == turn.share:
                del self._last_shares[turn.integration_id]

    def place(self, turn: Turn) -> int:
        # Not by arrival: a backlog of one integration would starve all others.
        if turn.share is None:
            if not self._waiting and not self.pages.waiting and not self.actions.waiting:
                self._last_shares.clear()
            turn.share = max(self._clock, self._last_shares.get(turn.integration_id, 0)) + 1
            self._last_shares[turn.integration_id] = turn.share
        return turn.share

    def bulkhead(self, turn: Turn) -> Bulkhead | None:
        return turn.bulkhead

    def leave(self, turn: Turn, answer: Answer | None, now: float) -> None:
        self.inside -= 1
        sending = turn.sending
        assert sending is not None
        if sending.young:
            sending.young = False
            self._young_count -= 1
        if answer is not None:
            self.accepted(answer, sending.at)
            if self._limits.learn:
                self._learn(sending, answer, now)
        elif turn.is_page:
            self.page_ended()
        if turn.bulkhead is self.actions:
            self.actions.inside -= 1
        self.go_on(answer)

    def page_came(self, waiting: int) -> None:
        """Adapt to a large page that came while so many are *waiting* to be decoded."""
        self.pages.came(waiting)
        self._let_pages_go()

    def page_ended(self) -> None:
        """Let another page go in place of one that was read, or lost."""
        self.pages.inside -= 1
        self._let_pages_go()

    def _let_pages_go(self) -> None:
        if self.pages.waiting and not self.pages.is_full():
            self.let_go()

    def _learn(self, sending: Sending, answer: Answer, now: float) -> None:
        left, reset = _number(answer, "ratelimit-remaining"), ratelimit_reset(answer.headers)
        if left is None or reset is None:
            if answer.status != REFUSED:
                self._grow()
            return
        self._headers_seen = True
        if sending.at < self._began_at:
            return  # The answer is about the window before.
        level = left - self._count_young(now)
        ends_at = now + (reset if reset < LONGEST_PAUSE else LONGEST_PAUSE) + self._floored
        latest = sending.number > self._answered
        if self._level is None or ends_at < self._resets_at:
            self._resets_at = ends_at
        # An answer that was overtaken by a later one may only lower the level.
        if self._level is None or latest or level < self._level:
            self._level = level
        if latest:
            self._answered = sending.number
        self._gap = self._gap or _GAP
        if left <= _RESERVE:
            # Nothing came back: look again later, which also shows more closely when the window ends.
            self._probe_at = now + (_NEXT_PROBE if left < self._left <= _RESERVE else _FIRST_PROBE)
        self._left = left

    def _grow(self) -> None:
        """An answer without headers: allow a little more, until a refusal tells where the limit is."""
        self._careful += 1
        self._accepted += 1
        if self._rate is not None and self._limits.requests_per_second is None:
            self._rate += _RAMP if self._ramping else _CREEP * (10 if self._rate < 10 else 1)

    def refused(self, turn: Turn, refusal: Refusal, told: float | None, fallback: float) -> float:
        """Let nobody go until the window is over; return how long that is."""
        now, sending = self._loop.time(), turn.sending
        assert sending is not None
        if turn.share is None:
            turn.share = self._clock
        if refusal.code is None:
            # A gateway, which knows nothing of the window: one request asks whether it accepts again.
            wait = fallback if told is None else told
            self._level, self._careful, self._began_at = None, 1, now + min(wait, LONGEST_PAUSE)
        elif self._headers_seen:
            if sending.is_first and not self._floored and sending.at >= self._began_at > 0.0:
                # Refused as the first one after the announced end: Kombo cuts the seconds off, it does not round up.
                self._floored = 1.0
                self._resets_at += 1.0
            wait = fallback if told is None else told
            if self._level is not None and (told is None or self._left < 1):
                self._level = min(self._level, 0.0)
                wait = max(told or 0.0, self._resets_at - now)
            if sending.at > self._lowered_at:
                # Somebody else took what was announced: go more slowly, to see it sooner.
                self._lowered_at, self._gap = now, min(2 * self._gap, _WIDEST_GAP)
        else:
            wait = fallback if told is None else told
            if sending.at > self._lowered_at:
                self._lower(now, wait)
        self.pause(wait, refusal, sending.at)
        return wait

    def _lower(self, now: float, wait: float) -> None:
        """Set a pace after a refusal without headers, once for all that were sent before it."""
        if self._limits.requests_per_second is None:
            if self._rate is None:
                self._rate, self._ramping = max(self._accepted / max(wait, 1.0), _SLOWEST), True
            else:
                seen = self._accepted / max(now - self._resumed_at, 0.001)
                self._rate, self._ramping = max(_KEEP * min(self._rate, seen), _SLOWEST), False
        self._lowered_at, self._accepted = now, 0
        self._resumed_at = now + wait

    def _count_young(self, now: float) -> int:
        young = self._young
        while young and (not young[0].young or young[0].at <= now - _YOUNG):
            sending = young.popleft()
            if sending.young:
                sending.young = False
                self._young_count -= 1
        return self._young_count

    def _until_old(self, now: float) -> float:
        return self._young[0].at + _YOUNG - now if self._young else 0.0


def _number(answer: Answer, name: str) -> float | None:
    text = answer.headers.get(name)
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value < math.inf else None
