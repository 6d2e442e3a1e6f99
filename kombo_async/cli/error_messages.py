"""Errors as messages of one or two lines without secrets: what happened, and what to do about it, if known."""

from __future__ import annotations

import errno
import os
import re
from copy import copy

from .. import errors
from .options import ExitCode
from .terminal import one_line

_LONGEST = 1_000

_KEY = re.compile(r"\bks_[A-Za-z0-9]+_[^\s'\"\]),]+")
_ADDRESS_IN_USE = {errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", errno.EADDRINUSE)}


def mask_keys(text: str, *keys: str | None) -> str:
    """Return *text* with stars instead of these keys, the key in the environment, and all that looks like one."""
    for key in (*keys, os.environ.get("KOMBO_API_KEY")):
        if key and len(key) > 3:
            text = text.replace(key, "***")
    return _KEY.sub("***", text)


def exit_code(error: errors.KomboError) -> ExitCode:
    """Return the exit code of a command that failed with *error*."""
    if isinstance(error, errors.KomboConnectionError | errors.KomboTimeoutError):
        return ExitCode.NETWORK
    if isinstance(error, errors.OutcomeUnknownError) and error.status is None:
        return ExitCode.NETWORK
    return ExitCode.REFUSED


def summary(error: errors.KomboError) -> str:
    """Return the error in one line: its code, message, request, and page in the dashboard."""
    text = one_line(str(error)).strip() or type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def hint_for(error: errors.KomboError, integration_id: str | None = None) -> str:
    """Return what to do about the error, if known, and the page that explains it. *integration_id* is used if the error
    does not name one."""
    if error.integration_id is None:
        # The hint names the integration that the error has; the caller's error stays as it is.
        error = copy(error)
        error.integration_id = integration_id
    return one_line(" ".join(filter(None, (error.hint, f"See {error.docs_url}"))))


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Return why a server cannot listen at an address, and what to do about it if the port is taken."""
    reason = error.strerror or str(error)
    if error.errno in _ADDRESS_IN_USE:
        reason = "the port is taken; choose another with --port, or --port 0 for any that is free"
    return f"cannot listen on {host}:{port}: {reason}"
