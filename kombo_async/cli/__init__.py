"""The command line, `kombo-async`: thin commands over the same client. It needs the extra `kombo_async[cli]`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line with *arguments*, those of the process where left out, and return its exit code."""
    _open_closed_streams()
    _end_like_interrupted()
    try:
        return _run(arguments)
    finally:
        _flush_or_drop()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        from .app import run

        return run(arguments)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
            raise
        print('The command line needs more packages: pip install "kombo_async[cli]"', file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)  # noqa: T201
        return 130
    except BrokenPipeError:
        # The reader of our output has exited, as `head` does.
        return 1


def _open_closed_streams() -> None:
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


def _end_like_interrupted() -> None:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does, so that it cleans up."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # `nohup` has SIGHUP ignored, which stays so.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.raise_signal(signal.SIGINT)


def _flush_or_drop() -> None:
    """Write what is buffered. Where that fails, Python would complain once more when it flushes at exit."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
