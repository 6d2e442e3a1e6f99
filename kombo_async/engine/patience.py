"""How long a request may wait for the network. One timer for each event loop: one or two for each request, as aiohttp
sets them, would cost more than all else that is done for a call."""

from __future__ import annotations

import asyncio
import math
from typing import Any, Literal, Protocol

from msgspec import Struct

_LOOKS = 8
"""How often, within the time that one may be silent, it is looked whether something has arrived."""


class Outgoing(Protocol):
    """What is sent, and whether all of it was handed to the network."""

    sent: bool


class Incoming(Protocol):
    """What arrives."""

    total_bytes: int


class Wait(Struct, eq=False):
    """One request that is on the wire."""

    task: asyncio.Task[Any]
    cancelling: int
    ends_at: float
    """When it has to be over, in the time of the loop."""
    idle: float
    """Seconds in which nothing may arrive."""
    heard_at: float
    """When it was written, or something had arrived, as far as anybody looked; infinity while it is not on its way."""
    outgoing: Outgoing | None
    incoming: Incoming | None = None
    heard: int = 0
    ran_out: Literal["deadline", "idle"] | None = None

    def look(self, now: float) -> float:
        """See how it stands; return when to look again."""
        if self.outgoing is not None:
            self.heard_at = max(self.heard_at, now)
            if self.outgoing.sent:
                self.outgoing = None
        if self.incoming is not None and self.incoming.total_bytes != self.heard:
            self.heard, self.heard_at = self.incoming.total_bytes, max(self.heard_at, now)
        if now >= self.ends_at:
            self.ran_out = "deadline"
        elif now >= self.heard_at + self.idle:
            self.ran_out = "idle"
        return min(self.ends_at, self.heard_at + self.idle, now + self.idle / _LOOKS)


class Patience:
    """The requests that are on the wire in one event loop. One whose time has run out is cancelled, and its `ran_out`
    says why."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waits: set[Wait] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = math.inf

    def begin(self, ends_at: float, idle: float, outgoing: Outgoing | None, now: float) -> Wait:
        """Note a request of the running task."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        wait = Wait(task, task.cancelling(), ends_at, idle, now, outgoing)
        self._waits.add(wait)
        if ends_at < self._looks_at or now + idle / _LOOKS < self._looks_at:
            self._look_at(min(ends_at, now + idle / _LOOKS))
        return wait

    def end(self, wait: Wait) -> None:
        """Forget a request."""
        self._waits.remove(wait)

    def connecting(self, *, done: bool) -> None:
        """Note that the running task begins to make a connection, or has made it: nothing can arrive meanwhile."""
        task = asyncio.current_task(self._loop)
        for wait in self._waits:
            if wait.task is task:
                wait.heard_at = self._loop.time() if done else math.inf

    def has_run_out(self, wait: Wait) -> bool:
        """Whether the cancellation that ended a request is ours, and nobody else's; then it goes no further."""
        # The same steps as in asyncio.timeout.
        return wait.ran_out is not None and wait.task.uncancel() <= wait.cancelling

    def close(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._looks_at = None, math.inf

    def _look_at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # One turn later: where something has kept the loop busy for long, the answer may be there, and its task not yet
        # have seen it.
        self._timer = self._loop.call_at(when, self._loop.call_soon, self._look)
        self._looks_at = when

    def _look(self) -> None:
        self.close()
        now, looks_at = self._loop.time(), math.inf
        for wait in self._waits:
            if wait.ran_out is None:
                looks_at = min(looks_at, wait.look(now))
                if wait.ran_out is not None:
                    wait.task.cancel()
        if looks_at < math.inf:
            self._look_at(looks_at)
