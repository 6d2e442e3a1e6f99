"""What a client keeps for each event loop: the calls under way, and the order in which large responses are decoded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class PerLoop(Generic[T]):
    """A value for each event loop, made on first use. Nothing of a closed loop is kept."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[asyncio.AbstractEventLoop, T] = {}

    def current(self) -> T:
        """Return the value of the running loop."""
        loop = asyncio.get_running_loop()
        try:
            return self._values[loop]
        except KeyError:
            for known in list(self._values):
                if known.is_closed():
                    self._values.pop(known, None)
            value = self._values[loop] = self._make()
            return value

    def others(self) -> list[tuple[asyncio.AbstractEventLoop, T]]:
        """Return the other loops that run, in other threads, with their values."""
        own = asyncio.get_running_loop()
        return [(loop, value) for loop, value in list(self._values.items()) if loop is not own and loop.is_running()]


class OnePerIteration:
    """Admits one waiter per event-loop iteration, in FIFO order, so that CPU-heavy steps never run back to back.

    Without it, one iteration would decode all pages that have arrived. How long the longest iterations last with 200
    lists at once is measured by `python -m benchmarks --only crowd`.
    """

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait, including cancelled ones that were not yet removed."""
        return len(self._waiting)

    async def wait(self) -> None:
        """Return in an iteration in which no other waiter is admitted."""
        loop = asyncio.get_running_loop()
        if self._taken:
            future = loop.create_future()
            self._waiting.append(future)
            await future
        else:
            self._taken = True
            loop.call_soon(self._next, loop, False)

    def _next(self, loop: asyncio.AbstractEventLoop, admitted: bool) -> None:
        """Admit the next waiter; *admitted* says whether one was admitted in this iteration already."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                loop.call_soon(self._next, loop, True)
                return
        if admitted:
            loop.call_soon(self._next, loop, False)
        else:
            self._taken = False


class InFlightCall(Struct, eq=False, gc=False):
    """One call under way."""

    cancelling: int
    """The pending cancellation requests of its task when the call began; they are not ours."""
    changes: bool
    interrupted: bool = False


class InFlightCalls:
    """The calls under way in one event loop, which can be ended all at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: dict[InFlightCall, asyncio.Task[Any]] = {}
        self._drained: asyncio.Event | None = None

    def add(self, *, changes: bool) -> InFlightCall:
        """Note a call of the running task."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        call = InFlightCall(task.cancelling(), changes)
        self._tasks[call] = task
        return call

    def remove(self, call: InFlightCall) -> None:
        """Forget a call that has ended."""
        del self._tasks[call]
        if self._drained is not None and not any(other.changes for other in self._tasks):
            self._drained.set()

    def cancelled_by_us(self, call: InFlightCall) -> bool:
        """Return whether `interrupt`, and nothing else, cancelled the task of *call*; undo the cancellation then."""
        # The same steps as in asyncio.timeout.
        return call.interrupted and self._tasks[call].uncancel() <= call.cancelling

    def interrupt(self, *, changes: bool = True) -> None:
        """Cancel the calls under way; with *changes* false, only those that change nothing."""
        for call, task in list(self._tasks.items()):
            if not call.interrupted and (changes or not call.changes):
                call.interrupted = True
                task.cancel()

    async def drain(self, seconds: float) -> None:
        """Wait until the calls that change something have ended, *seconds* at most."""
        if any(call.changes for call in self._tasks):
            self._drained = self._drained or asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), seconds)
