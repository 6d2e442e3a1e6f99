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
def fleet_logs(out: Output) -> Generator[None]:
    """Write what a fleet and its mirror log. What the queue logs is about its own jobs, and is left out."""
    names = ("kombo_async.fleet", "kombo_async.mirror", "procrastinate")
    handlers = (_Lines(out), _Lines(out), logging.NullHandler())
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger, handler in zip(loggers, handlers, strict=True):
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    # Its messages would be formatted for each job, and dropped.
    loggers[2].setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, handler, (level, propagate) in zip(loggers, handlers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
