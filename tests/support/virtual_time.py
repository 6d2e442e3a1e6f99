"""An event loop whose clock jumps to the next timer: minutes of waiting take no time, and nothing depends on luck.

Timers behave as those of asyncio (exact), or as those of uvloop; see `UvloopTimers`.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable, Coroutine, Iterator
from contextvars import Context
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

LONGEST_DELAY = 100 * 365 * 24 * 3600
"""Seconds that uvloop waits where it is asked to wait forever."""


class _Selector(selectors.BaseSelector):
    """Polls, and advances the clock instead of sleeping."""

    def __init__(self, busy_iterations_per_millisecond: float) -> None:
        self._real = selectors.DefaultSelector()
        self._busy_iterations = 0
        self._busy_iterations_per_millisecond = busy_iterations_per_millisecond
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("all tasks wait for each other")
        if timeout > 0:
            self.now += timeout
            self._busy_iterations = 0
        else:
            self._busy_iterations += 1
            if self._busy_iterations >= self._busy_iterations_per_millisecond:
                self.now += 0.001
                self._busy_iterations = 0
        return self._real.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class ExactTimers(asyncio.SelectorEventLoop):
    """Fires each timer exactly when it is due."""

    precision = 1e-6
    """Seconds by which a timer may fire early or late, the rounding errors of floats included."""
    busy_iterations_per_millisecond: float = math.inf
    """How many iterations without waiting take a millisecond."""

    def __init__(self) -> None:
        self._virtual = _Selector(self.busy_iterations_per_millisecond)
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


class UvloopTimers(ExactTimers):
    """Counts time in whole milliseconds and rounds delays to them, so that a timer may fire half a millisecond early.

    A delay that rounds to none is `call_soon`, and returns a plain `Handle` that has no `when()`: a task that waits for
    less has to see the clock advance while it is busy.
    """

    precision = 0.001
    busy_iterations_per_millisecond = 100

    def time(self) -> float:
        return round(super().time(), 3)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        now = self.time()
        milliseconds = round(min(max(when - now, 0), LONGEST_DELAY) * 1000)
        if not milliseconds:
            return self.call_soon(callback, *args, context=context)  # type: ignore[return-value]
        return super().call_at(now + milliseconds / 1000, callback, *args, context=context)


TIMERS: dict[str, type[ExactTimers]] = {"asyncio": ExactTimers, "uvloop": UvloopTimers}

_loop_class: type[ExactTimers] = ExactTimers


# Of the module: Hypothesis refuses fixtures of a function, which all examples would share.
@pytest.fixture(scope="module", params=TIMERS)
def timers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run what calls `run` once with each kind of timers."""
    global _loop_class  # noqa: PLW0603
    before, _loop_class = _loop_class, TIMERS[request.param]
    yield
    _loop_class = before


def precision() -> float:
    """Return the seconds by which timers may fire early or late."""
    return _loop_class.precision


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* in virtual time."""
    with asyncio.Runner(loop_factory=_loop_class) as runner:
        return runner.run(main)
