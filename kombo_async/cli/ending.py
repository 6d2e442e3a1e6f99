"""How commands end that run until somebody ends them."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType


def asked_to_end() -> asyncio.Event:
    """Return an event that is set when the process is asked to end, and does not end it."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end_from_handler(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(ended.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, ended.set)
        except NotImplementedError:  # on Windows
            signal.signal(number, end_from_handler)
    return ended
