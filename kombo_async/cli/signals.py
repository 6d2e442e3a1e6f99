"""Termination by signals: SIGTERM and SIGHUP end a command as SIGINT does, which Ctrl-C sends."""

from __future__ import annotations

import asyncio
import select
import signal
import threading
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_received: set[int] = set()
"""The signals by which this command is ending already."""
_TERMINATION = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def interrupt_on_termination() -> None:
    """Let SIGTERM and SIGHUP end this process as SIGINT does, so that a command cleans up."""
    _received.clear()
    if threading.current_thread() is threading.main_thread():
        for number in _TERMINATION:
            # `nohup` ignores SIGHUP, which stays so.
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Call the handler of SIGINT; of Python if SIGINT is ignored, as in a background job of a shell script."""
    if _is_repeated(number):
        return
    handler = signal.getsignal(signal.SIGINT)
    (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)


def _is_repeated(number: int) -> bool:
    """Return whether the command is ending by this signal already. A supervisor that repeats it must not interrupt the
    removal of files; a second Ctrl-C may, as it is a person who does not want to wait."""
    if number == signal.SIGINT:
        return False
    repeated = number in _received
    _received.add(number)
    return repeated


def stop_requested() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set from now on, instead of ending the process."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(event.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, event.set)
        except NotImplementedError:  # on Windows
            signal.signal(number, stop)
    return event


async def run_until_stopped(work: Coroutine[Any, Any, object], stop: Callable[[], object] | None = None) -> None:
    """Await *work* until its end, or until SIGINT or SIGTERM. Then it is cancelled, unless *stop* makes it end."""
    requested = stop_requested()
    running, stopping = asyncio.ensure_future(work), asyncio.ensure_future(requested.wait())
    await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    (stop or running.cancel)()
    with suppress(asyncio.CancelledError):
        await running


@contextmanager
def interruptible_io(descriptor: int | None = None) -> Generator[None]:
    """Let a signal end a system call that blocks the event loop, by a `CancelledError`, or without a loop by a
    `KeyboardInterrupt`. A write to *descriptor* that does not block is finished.

    The handler of `asyncio.run` only cancels the main task, which does not run while the loop is blocked.
    """
    # `_interrupt` would find the handler that is installed here.
    previous = signal.getsignal(signal.SIGINT)
    cancel = previous if callable(previous) else signal.default_int_handler

    def interrupt(number: int, frame: FrameType | None) -> None:
        if _is_repeated(number):
            return
        cancel(signal.SIGINT, frame)
        if _may_block(descriptor):
            raise asyncio.CancelledError

    with _handled_by(interrupt):
        # A signal that arrived since the last `await` has cancelled the task already.
        if _current_task_is_cancelled() and _may_block(descriptor):
            raise asyncio.CancelledError
        yield


@contextmanager
def deferred_signals() -> Generator[None]:
    """Hold back signals for a few steps that must not be separated."""
    received: list[int] = []
    with _handled_by(lambda number, _: received.append(number)):
        yield
    if received:
        signal.raise_signal(received[0])


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], object]) -> Generator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    replaced = {number: signal.getsignal(number) for number in _TERMINATION}
    handled = [number for number, previous in replaced.items() if previous not in {signal.SIG_IGN, None}]
    for number in handled:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, replaced[number])


def _may_block(descriptor: int | None) -> bool:
    try:
        return descriptor is None or not select.select([], [descriptor], [], 0)[1]
    except (OSError, ValueError):  # on Windows
        return True


def _current_task_is_cancelled() -> bool:
    try:
        task = asyncio.current_task()
    except RuntimeError:  # there is no event loop
        return False
    return task is not None and task.cancelling() > 0
