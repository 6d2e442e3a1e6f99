"""What went wrong, in one or two lines without a secret: what it was, and what to do about it where we know."""

from __future__ import annotations

import os
import re

from .. import errors
from .options import Exit

_LONGEST = 1_000

_KEY = re.compile(r"\bks_[A-Za-z0-9]+_[^\s'\"\]),]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def clean(text: str) -> str:
    """Return *text* as one line without control characters: in what a tool or a server sent, they could command a
    terminal."""
    return _CONTROL.sub(" ", text).strip()


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
    text = clean(str(error)) or type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def advice(error: errors.KomboError, integration_id: str | None = None) -> str | None:
    """Return what to do about it, in a line, where we know. *integration_id* is what the error itself may not name."""
    if error.integration_id is None:
        error.integration_id = integration_id
    return error.hint and clean(error.hint)
