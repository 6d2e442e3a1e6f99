"""Errors of the library as responses: problem details (RFC 9457)."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from .. import errors

log = logging.getLogger("kombo_async")

_Row: TypeAlias = tuple[tuple[type[errors.KomboError], ...], HTTPStatus, str]

_LIMITS = (
    errors.RateLimitExceededError,
    errors.ConcurrencyLimitExceededError,
    errors.RemoteRateLimitExceededError,
)
_PROBLEMS: tuple[_Row, ...] = (
    (_LIMITS, HTTPStatus.SERVICE_UNAVAILABLE, "There are too many requests at the moment. Try again later."),
    (
        (errors.RemoteServiceUnavailableError,),
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The connected tool is not available at the moment. Try again later.",
    ),
    (
        (errors.KomboTimeoutError, errors.TaskTimedOutError, errors.AIApplyJobFeedImportTimedOutError),
        HTTPStatus.GATEWAY_TIMEOUT,
        "The answer did not arrive in time.",
    ),
    ((errors.IntegrationNotFoundError,), HTTPStatus.NOT_FOUND, "There is no such integration."),
    (
        (errors.InputInvalidError, errors.RemoteInputInvalidError),
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The values of the request were not accepted.",
    ),
    (
        (errors.AuthenticationInvalidError, errors.IPNotWhitelistedError),
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This service is not set up correctly.",
    ),
    (
        (errors.IntegrationAuthenticationInvalidError,),
        HTTPStatus.CONFLICT,
        "The connection to the tool must be renewed by its owner.",
    ),
    ((errors.IntegrationError,), HTTPStatus.CONFLICT, "The integration, as it is set up now, does not allow this."),
    (
        (errors.HRISError, errors.ATSError, errors.LMSError, errors.AIApplyError),
        HTTPStatus.CONFLICT,
        "The data in the connected tool does not allow this.",
    ),
    ((errors.WebhookSignatureError,), HTTPStatus.UNAUTHORIZED, "The signature is missing or wrong."),
    (
        (errors.OutcomeUnknownError,),
        HTTPStatus.BAD_GATEWAY,
        "It is not known whether the change was made. Check that before you repeat it.",
    ),
)
"""The first row that has the class of an error says how it is answered."""
_OTHER = (HTTPStatus.BAD_GATEWAY, "A service that this one depends on failed.")
_WAIT = 60
"""Seconds after a limit that Kombo gave no time for: its rate window has a minute."""
_LONGEST_WAIT = 86_400

_MEDIA_TYPE = "application/problem+json"
_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "A problem, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "detail", "may_have_run"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The phrase of the HTTP status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in a sentence that is the same for all requests."},
        "code": {"type": "string", "description": "Kombo's code, such as PLATFORM.RATE_LIMIT_EXCEEDED."},
        "may_have_run": {"type": "boolean", "description": "Whether a change may have been made all the same."},
    },
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    int(status): {"description": status.phrase, "content": {_MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status in (
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    )
}
"""What `responses=` of an app, a router or a path takes, so that `/docs` shows the answers of `add_problem_handler`."""


def add_problem_handler(app: FastAPI) -> None:
    """Let the app answer each `KomboError` that its functions do not catch with `problem_response`, and log it.

    The line of the log, at the level WARNING of `kombo_async`, has the class and the code of the error, its request
    and its page in the Kombo dashboard, but not the message.
    """
    app.add_exception_handler(errors.KomboError, _answer)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.KomboError)
    response = problem_response(error)
    code, log_url = (getattr(error, name, None) for name in ("code", "log_url"))
    name = _known(code) or type(error).__name__
    log.warning("answered %d for %s%s %s", response.status_code, name, error._where(), log_url or "")  # noqa: SLF001
    return response


def problem_response(error: errors.KomboError) -> JSONResponse:
    """Return the answer to a request that failed with *error*: problem details as in RFC 9457.

    | error | status |
    |---|---|
    | a limit | 503, with `Retry-After` |
    | a tool or a gateway that is not available | 503, with `Retry-After` if it is known |
    | a timeout, also one after which the outcome is unknown | 504 |
    | `IntegrationNotFoundError` | 404 |
    | `IntegrationError`, `HRISError`, `ATSError`, `LMSError`, `AIApplyError` | 409 |
    | `InputInvalidError`, `RemoteInputInvalidError` | 422 |
    | `AuthenticationInvalidError`, `IPNotWhitelistedError` | 500: the key of this service |
    | `WebhookSignatureError` | 401 |
    | all others | 502 |

    It contains nothing but the status, a fixed sentence, Kombo's code and `may_have_run`: no message, name, id, address
    or value.
    """
    status, detail = _status_of(error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "may_have_run": error.may_have_run,
    }
    if code := _known(getattr(error, "code", None)):
        problem["code"] = code
    wait = getattr(error, "retry_after", None) or (_WAIT if isinstance(error, _LIMITS) else None)
    headers = None
    if status is HTTPStatus.SERVICE_UNAVAILABLE and wait:
        headers = {"Retry-After": str(math.ceil(min(wait, _LONGEST_WAIT)))}
    return JSONResponse(problem, int(status), headers, _MEDIA_TYPE)


def _status_of(error: errors.KomboError) -> tuple[HTTPStatus, str]:
    if isinstance(error, errors.APIError) and error.code is None and error.status in {429, 503}:
        # From a gateway in front of Kombo.
        return HTTPStatus.SERVICE_UNAVAILABLE, _PROBLEMS[0][2]
    for classes, status, detail in _PROBLEMS:
        if isinstance(error, classes):
            late = isinstance(error, errors.OutcomeUnknownError) and isinstance(error.__cause__, TimeoutError)
            return HTTPStatus.GATEWAY_TIMEOUT if late else status, detail
    return _OTHER


def _known(code: str | None) -> str | None:
    """Return a code that is documented. Another one is text of the server."""
    return code if code in errors.APIError._codes else None  # noqa: SLF001
