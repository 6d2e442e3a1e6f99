"""What went wrong, in one or two lines without a secret: what it was, and what to do about it where we know."""

from __future__ import annotations

import os
import re
import shlex

from .. import errors
from .options import Exit

_LONGEST = 1_000

_ADVICE: tuple[tuple[type[errors.KomboError], str], ...] = (
    (
        errors.AuthenticationInvalidError,
        "Check the key, and the region: a key works in one only (--region eu, us or ca).",
    ),
    (errors.IPNotWhitelistedError, "This key works only from the addresses that the Kombo dashboard lists for it."),
    (
        errors.IntegrationNotFoundError,
        "Check the id, and whether the key belongs to its environment: kombo-async check-key",
    ),
    (errors.RateLimitExceededError, "Wait a minute, and let fewer programs use the key at once."),
    (errors.ConcurrencyLimitExceededError, "Wait until other actions of this integration have ended."),
    (errors.TaskTimedOutError, "Look whether it was done before you send it again."),
    (errors.OutcomeUnknownError, "Look whether it was done before you send it again."),
    (errors.UnknownPlatformError, "Try again later; if it stays, Kombo's support can look it up."),
    (
        errors.IntegrationAuthenticationInvalidError,
        "The customer must reconnect. Make a link for them: kombo-async integration reconnect {id}",
    ),
    (errors.IntegrationInactiveError, "Switch it on: kombo-async integration enable {id}"),
    (errors.IntegrationSetupIncompleteError, "The customer has not finished the setup of the connection."),
    (
        errors.IntegrationSetupSyncPendingError,
        "The first sync is running and may take hours. Look at: kombo-async integration show {id}",
    ),
    (errors.IntegrationQAFailedError, "Look at the integration in the dashboard: https://app.kombo.dev"),
    (errors.IntegrationPermissionMissingError, "The customer must grant the permission in the connected tool."),
    (errors.IntegrationModelDisabledError, "Switch it on in the scope config: https://app.kombo.dev/scope-config"),
    (errors.IntegrationActionDisabledError, "Switch it on in the scope config: https://app.kombo.dev/scope-config"),
    (errors.IntegrationModelNotAvailableError, "What this tool offers is told by: kombo-async integration show {id}"),
    (errors.IntegrationActionNotAvailableError, "What this tool offers is told by: kombo-async integration show {id}"),
    (errors.RemoteRateLimitExceededError, "The limit is that of the connected tool: try again later."),
    (errors.RemoteServiceUnavailableError, "The connected tool is down: try again later."),
    (errors.KomboTimeoutError, "Try again; --verbose shows what it waits for."),
    (errors.KomboConnectionError, "Check the network and the address (--base-url, KOMBO_BASE_URL, --region)."),
    (errors.DecodeError, "A newer version of kombo_async may be able to read it."),
)
"""The first class that an error is of tells what to do about it."""

_KEY = re.compile(r"\bks_[A-Za-z0-9]+_[^\s'\"\]),]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


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
    for kind, text in _ADVICE:
        if isinstance(error, kind):
            return text.format(id=shlex.quote(clean(error.integration_id or integration_id or "ID")))
    return None
