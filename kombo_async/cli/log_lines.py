"""The log of the library while a command runs, and of a worker as lines for people or as JSON lines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from .console import Output

_FIELDS = ("event", "integration_id", "model", "kind", "seconds", "records", "error", "failures", "jobs", "port")
"""What the loggers of a mirror and a fleet add to their records."""


class _FunctionHandler(logging.Handler):
    """Calls a function with each record."""

    def __init__(self, write: Callable[[logging.LogRecord], object], level: int) -> None:
        super().__init__(level)
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(record)


def _write_line(out: Output, record: logging.LogRecord) -> None:
    if out.json:
        out.result(_as_json(record))
    elif record.levelno >= logging.WARNING:
        out.message(record.getMessage())
    else:
        out.note(record.getMessage())
    out.flush()


def _as_json(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields = {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
    return {"time": moment, "level": record.levelname.lower(), "message": record.getMessage(), **fields}


@contextmanager
def logs_to(write: Callable[[logging.LogRecord], object], *names: str, level: int = logging.INFO) -> Generator[None]:
    """Pass what these loggers log from *level* on to *write*, and not to the loggers above them."""
    handler = _FunctionHandler(write, level)
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (old_level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(old_level)
            logger.propagate = propagate


@contextmanager
def fleet_logs(out: Output) -> Generator[None]:
    """Write what a fleet, its mirror and its client log.

    What the queue and the driver log is about jobs and connections of their own, and is left out: the fleet logs what
    it means.
    """
    lines = partial(_write_line, out)
    others = logs_to(lines, "kombo_async", level=logging.WARNING)
    # Below this level, messages would be formatted for each job, and dropped.
    silent = logs_to(lambda _: None, "procrastinate", "psycopg", level=logging.CRITICAL)
    with logs_to(lines, "kombo_async.fleet", "kombo_async.mirror"), others, silent:
        yield
