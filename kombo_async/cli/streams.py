"""The standard streams of a process, which its caller may have closed, and whose readers may stop reading."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import BinaryIO

from .signals import interruptible_io


def open_closed_streams() -> None:
    """Let a command run whose standard streams were closed by its caller. What it writes to standard output fails with
    an error; messages are dropped."""
    for number, name, flags in ((0, "stdin", os.O_RDONLY), (1, "stdout", os.O_RDONLY), (2, "stderr", os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is this one: no file that is opened later gets it and is written to by mistake.
            os.open(os.devnull, flags)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115


@contextmanager
def standard_output() -> Generator[BinaryIO]:
    """Give standard output. A signal ends a write for which the reader takes nothing; what is buffered is dropped."""
    try:
        with interruptible_io(1):
            yield sys.stdout.buffer
    except (KeyboardInterrupt, asyncio.CancelledError):
        _drop(1)
        raise


def drop_unwritten() -> None:
    """Drop what is buffered and cannot be written: Python would complain about it when it flushes at exit."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError, KeyboardInterrupt):
            _drop(number)


def _drop(number: int) -> None:
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, number)
    os.close(devnull)
