"""The log of requests: logger `kombo_async`, a line for each request at INFO, and why calls wait at DEBUG.

A line has the method, the path without its ids, the status, the milliseconds and the number of the attempt. Keys, ids,
queries, headers, bodies and records are never logged.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import lru_cache
from typing import Any, TextIO

from .operation import Operation

log = logging.getLogger("kombo_async")

LEVEL = logging.INFO
"""The level of the line for each request."""
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO}
_WORD = re.compile(r"[a-z]+(?:[-_][a-z]+)*|\{\w+\}")


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to the current `sys.stderr`, unless the root logger has handlers: these write the line already."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.root.handlers:
            self.stream = sys.stderr
            super().emit(record)


def configure(level: str) -> None:
    """Log to stderr at *level*, the value of the environment variable KOMBO_LOG."""
    if level.lower() not in _LEVELS:
        raise ValueError(f"KOMBO_LOG is {' or '.join(_LEVELS)}, not {level!r}")
    log.setLevel(_LEVELS[level.lower()])
    if not any(isinstance(handler, _StderrHandler) for handler in log.handlers):
        handler = _StderrHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        log.addHandler(handler)


def ended(operation: Operation[Any], outcome: int | str, seconds: float, attempt: int) -> None:
    """Log a request that ended; *outcome* is the status of its response, or the name of the error or cancellation that
    it got instead."""
    log.info(
        "%s %s %s in %.0f ms, attempt %d", operation.method, _shape(operation.path), outcome, seconds * 1e3, attempt
    )


def waited(operation: Operation[Any], seconds: float) -> None:
    """Log that a call waited in the queue of the limiter."""
    log.debug("%s %s waited %.0f ms in the queue", operation.method, _shape(operation.path), seconds * 1e3)


def retries(operation: Operation[Any], reason: str, seconds: float, attempt: int) -> None:
    """Log that another attempt follows *attempt*."""
    log.debug(
        "%s %s retries in %.0f ms: attempt %d ended with %s",
        *(operation.method, _shape(operation.path), seconds * 1e3, attempt, reason),
    )


@lru_cache(1024)
def _shape(path: str) -> str:
    """Return *path* without the ids that a path given to `client.request` may contain."""
    return "/".join(part if not part or _WORD.fullmatch(part) else "{…}" for part in path.split("/"))
