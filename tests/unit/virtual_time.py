"""An event loop whose clock jumps to the next timer, so that minutes of waiting take no time and nothing is luck."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.BaseSelector):
    """Waits for nothing: instead of sleeping, it puts the clock forward."""

    def __init__(self, real: selectors.BaseSelector, iteration: float) -> None:
        self._real = real
        self._iteration = iteration
        self.now = 1_000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("all tasks wait for each other")
        self.now += max(timeout, 0.0) + self._iteration
        return self._real.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def get_map(self) -> Any:
        return self._real.get_map()

    def close(self) -> None:
        self._real.close()


class _CoarseLoop(asyncio.SelectorEventLoop):
    """Timers as in uvloop: in whole milliseconds, and what is due in less than half of one is a plain Handle."""

    def call_at(self, when: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        milliseconds = round((when - self.time()) * 1000)
        if milliseconds <= 0:
            return self.call_soon(callback, *args, context=context)
        return super().call_at(self.time() + milliseconds / 1000, callback, *args, context=context)


def run(main: Coroutine[Any, Any, T], *, coarse: bool = False) -> T:
    """Run *main* in virtual time; *coarse*, with a clock of whole milliseconds and timers as uvloop has them."""
    # A clock that is rounded down needs iterations that take time, or what is due in a moment would never be.
    selector = _Selector(selectors.DefaultSelector(), 2e-5 if coarse else 0.0)
    loop = _CoarseLoop(selector) if coarse else asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now // 0.001 / 1000 if coarse else selector.now  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main)
