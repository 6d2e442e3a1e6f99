"""The timeouts of requests, with a single timer for all requests of an event loop.

Two timers for each request, as aiohttp sets them, take 1.06 times the CPU time for small calls (`python -m
benchmarks.mechanisms`).
"""

from __future__ import annotations

import asyncio
import math
from typing import Any, Literal, Protocol

from msgspec import Struct

_CHECKS_PER_IDLE_TIMEOUT = 8
"""How often a request is checked for progress within its idle timeout: it may expire an eighth late."""


class Outgoing(Protocol):
    """A request body."""

    sent: bool
    """Whether all of it was handed to the network."""


class Incoming(Protocol):
    """A response body."""

    total_bytes: int
    """How much of it has arrived."""


class PendingRequest(Struct, eq=False):
    """One request on the wire."""

    task: asyncio.Task[Any]
    cancelling: int
    """The cancellation requests of its task before this request; they are not ours."""
    deadline: float
    """Loop time at which it must have ended."""
    idle_timeout: float
    """Seconds without progress after which it expires."""
    progress_at: float
    """Loop time of the last observed progress; infinity while connecting."""
    outgoing: Outgoing | None
    """Its body until all of it is sent, which counts as progress."""
    incoming: Incoming | None = None
    bytes_received: int = 0
    expired_by: Literal["deadline", "idle"] | None = None

    def check(self, now: float) -> float:
        """Record progress or expiry; return when to check next."""
        if self.outgoing is not None:
            self.progress_at = max(self.progress_at, now)
            if self.outgoing.sent:
                self.outgoing = None
        if self.incoming is not None and self.incoming.total_bytes != self.bytes_received:
            self.bytes_received, self.progress_at = self.incoming.total_bytes, max(self.progress_at, now)
        if now >= self.deadline:
            self.expired_by = "deadline"
        elif now >= self.progress_at + self.idle_timeout:
            self.expired_by = "idle"
        return min(
            self.deadline, self.progress_at + self.idle_timeout, now + self.idle_timeout / _CHECKS_PER_IDLE_TIMEOUT
        )


class Watchdog:
    """Cancels requests of one event loop that exceed their deadline or their idle timeout."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._requests: set[PendingRequest] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._check_at = math.inf

    def add(self, deadline: float, idle_timeout: float, outgoing: Outgoing | None, now: float) -> PendingRequest:
        """Watch a request of the running task."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        request = PendingRequest(task, task.cancelling(), deadline, idle_timeout, now, outgoing)
        self._requests.add(request)
        first_check = now + idle_timeout / _CHECKS_PER_IDLE_TIMEOUT
        if deadline < self._check_at or first_check < self._check_at:
            self._schedule(min(deadline, first_check))
        return request

    def remove(self, request: PendingRequest) -> None:
        """Forget a request that has ended."""
        self._requests.remove(request)

    def connecting(self, *, done: bool) -> None:
        """Note that the running task begins to make a connection, or has made it: nothing can arrive meanwhile."""
        task = asyncio.current_task(self._loop)
        for request in self._requests:
            if request.task is task:
                request.progress_at = self._loop.time() if done else math.inf

    def expired(self, request: PendingRequest) -> bool:
        """Return whether this watchdog, and nothing else, cancelled the task of *request*; undo the cancellation
        then."""
        # The same steps as in asyncio.timeout.
        return request.expired_by is not None and request.task.uncancel() <= request.cancelling

    def close(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._check_at = None, math.inf

    def _schedule(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        # One iteration later: if the loop was blocked for long, the response may have arrived, and its task must run
        # before the request is judged.
        self._timer = self._loop.call_at(when, self._loop.call_soon, self._check)
        self._check_at = when

    def _check(self) -> None:
        self.close()
        now, check_at = self._loop.time(), math.inf
        for request in self._requests:
            if request.expired_by is None:
                check_at = min(check_at, request.check(now))
                if request.expired_by is not None:
                    request.task.cancel()
        if check_at < math.inf:
            self._schedule(check_at)
