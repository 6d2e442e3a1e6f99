"""The log of a worker, as lines for people or as JSON lines."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from .console import Output

_FIELDS = ("event", "integration_id", "model", "kind", "seconds", "records", "error", "failures", "jobs", "port")
"""What the loggers of a mirror and a fleet add to their records."""


class Notes(logging.Handler):
    """Writes what is logged as notes."""

    def __init__(self, out: Output, *, only: str | None = None) -> None:
        """*only* is the kind of event that is written, by default any."""
        super().__init__(logging.INFO)
        self._out = out
        self._only = only

    def emit(self, record: logging.LogRecord) -> None:
        """Write one note."""
        if self._only is None or getattr(record, "event", None) == self._only:
            self._out.note(record.getMessage())


class _Lines(logging.Handler):
    def __init__(self, out: Output) -> None:
        super().__init__(logging.INFO)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if self._out.json:
            self._out.result(_as_json(record))
        elif record.levelno >= logging.WARNING:
            self._out.message(record.getMessage())
        else:
            self._out.note(record.getMessage())
        self._out.flush()


def _as_json(record: logging.LogRecord) -> dict[str, Any]:
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    fields = {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
    return {"time": moment, "level": record.levelname.lower(), "message": record.getMessage(), **fields}


@contextmanager
def logs_to(handler: logging.Handler, *names: str, level: int = logging.INFO) -> Generator[None]:
    """Let *handler* alone handle what these loggers log from *level* on."""
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
    lines = _Lines(out)
    others = logs_to(lines, "kombo_async", level=logging.WARNING)
    # Below this level, messages would be formatted for each job, and dropped.
    silent = logs_to(logging.NullHandler(), "procrastinate", "psycopg", level=logging.CRITICAL)
    with logs_to(lines, "kombo_async.fleet", "kombo_async.mirror"), others, silent:
        yield
