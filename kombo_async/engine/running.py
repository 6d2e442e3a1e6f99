"""What belongs to one event loop: kept for as long as the loop lives, and ended when the client is closed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class PerLoop(Generic[T]):
    """A value for each event loop, made on first use. Nothing of a loop that was closed is kept."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[asyncio.AbstractEventLoop, T] = {}

    def here(self) -> T:
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

    def elsewhere(self) -> list[tuple[asyncio.AbstractEventLoop, T]]:
        """Return the values of the other loops that still run, in other threads."""
        own = asyncio.get_running_loop()
        return [(loop, value) for loop, value in list(self._values.items()) if loop is not own and loop.is_running()]


class OneATick:
    """Lets one in with each turn of the event loop, in the order in which they came, so that work which takes a while
    does not come in one piece when many have it to do at once."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for a turn, those that gave up included for a while."""
        return len(self._waiting)

    async def turn(self) -> None:
        """Return in a turn of the loop that nobody else got."""
        loop = asyncio.get_running_loop()
        if self._taken:
            future = loop.create_future()
            self._waiting.append(future)
            await future
        else:
            self._taken = True
            loop.call_soon(self._next, loop, False)

    def _next(self, loop: asyncio.AbstractEventLoop, in_this_turn: bool) -> None:
        """Let the next one in with the turn to come; one is in already if it is so in this turn."""
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)
                loop.call_soon(self._next, loop, True)
                return
        if in_this_turn:
            loop.call_soon(self._next, loop, False)
        else:
            self._taken = False


class Entry(Struct, eq=False, gc=False):
    """One call that is under way."""

    cancelling: int
    changes: bool
    interrupted: bool = False


class Running:
    """The calls that are under way in one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: dict[Entry, asyncio.Task[Any]] = {}
        self._drained: asyncio.Event | None = None

    def begin(self, *, changes: bool) -> Entry:
        """Note a call of the running task."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        entry = Entry(task.cancelling(), changes)
        self._tasks[entry] = task
        return entry

    def end(self, entry: Entry) -> None:
        """Forget a call."""
        del self._tasks[entry]
        if self._drained is not None and not any(other.changes for other in self._tasks):
            self._drained.set()

    def was_interrupted(self, entry: Entry) -> bool:
        """Whether the cancellation that ended a call is our own, and nobody else's; then it goes no further."""
        # The same steps as in asyncio.timeout.
        return entry.interrupted and self._tasks[entry].uncancel() <= entry.cancelling

    def interrupt(self, *, changes: bool = True) -> None:
        """End the calls that are under way, or only those that change nothing."""
        for entry, task in list(self._tasks.items()):
            if not entry.interrupted and (changes or not entry.changes):
                entry.interrupted = True
                task.cancel()

    async def drain(self, seconds: float) -> None:
        """Wait until the calls that change something have ended, but no longer than so many seconds."""
        if any(entry.changes for entry in self._tasks):
            self._drained = self._drained or asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), seconds)
