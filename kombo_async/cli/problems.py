"""What went wrong, in one or two lines without a secret: what it was, and what to do about it where we know."""

from __future__ import annotations

import errno
import os
import re

from .. import errors
from .options import Exit
from .terminal import one_line

_LONGEST = 1_000

_KEY = re.compile(r"\bks_[A-Za-z0-9]+_[^\s'\"\]),]+")
_TAKEN = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}


def without_keys(text: str, *keys: str | None) -> str:
    """Return *text* with stars in place of these keys, of that in the environment, and of all that looks like one."""
    for key in (*keys, os.environ.get("KOMBO_API_KEY")):
        if key and len(key) > 3:
            text = text.replace(key, "***")
    return _KEY.sub("***", text)


def exit_code(error: errors.KomboError) -> Exit:
    """Return the exit code of a command that an error has ended."""
    if isinstance(error, errors.KomboConnectionError | errors.KomboTimeoutError):
        return Exit.NETWORK
    if isinstance(error, errors.OutcomeUnknownError) and error.status is None:
        return Exit.NETWORK
    return Exit.REFUSED


def summary(error: errors.KomboError) -> str:
    """Return what happened, in a line: the code, the message, where, and the page in the dashboard."""
    text = one_line(str(error)).strip() or type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def advice(error: errors.KomboError, integration_id: str | None = None) -> str | None:
    """Return what to do about it, in a line, where we know. *integration_id* is what the error itself may not name."""
    if error.integration_id is None:
        error.integration_id = integration_id
    return error.hint and one_line(error.hint)


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Return why a server cannot listen at an address, and what to do about it if the port is taken."""
    reason = error.strerror or str(error)
    if error.errno in _TAKEN:
        reason = "the port is taken; choose another with --port, or --port 0 for any that is free"
    return f"cannot listen on {host}:{port}: {reason}"
