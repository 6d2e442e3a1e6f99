"""Errors in the form of the API, and the HTTP status of each code."""

from __future__ import annotations

from collections.abc import Mapping

# The API documents few of these statuses; the others are a guess and nothing should depend on them.
STATUSES: Mapping[str, int] = {
    "PLATFORM.RATE_LIMIT_EXCEEDED": 429,
    "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED": 429,
    "PLATFORM.INTEGRATION_NOT_FOUND": 404,
    "PLATFORM.INPUT_INVALID": 400,
    "PLATFORM.UNKNOWN_ERROR": 500,
    "PLATFORM.IP_NOT_WHITELISTED": 403,
    "PLATFORM.AUTHENTICATION_INVALID": 401,
    "PLATFORM.TASK_TIMED_OUT": 504,
    "INTEGRATION.PERMISSION_MISSING": 403,
    "INTEGRATION.AUTHENTICATION_INVALID": 401,
    "INTEGRATION.QA_FAILED": 409,
    "INTEGRATION.SETUP_SYNC_PENDING": 409,
    "INTEGRATION.SETUP_INCOMPLETE": 409,
    "INTEGRATION.INACTIVE": 409,
    "INTEGRATION.MODEL_NOT_AVAILABLE": 400,
    "INTEGRATION.MODEL_DISABLED": 400,
    "INTEGRATION.ACTION_NOT_AVAILABLE": 400,
    "INTEGRATION.ACTION_DISABLED": 400,
    "REMOTE.SERVICE_UNAVAILABLE": 503,
    "REMOTE.RATE_LIMIT_EXCEEDED": 503,
    "REMOTE.INPUT_INVALID": 400,
    "REMOTE.UNKNOWN_HTTP_ERROR": 502,
    "HRIS.EMPLOYEE_ALREADY_EXISTS": 400,
    "HRIS.STAFFING_ENTITY_CLOSED": 400,
    "ATS.JOB_CLOSED": 400,
    "ATS.APPLICATION_ALREADY_EXISTS": 400,
    "LMS.COURSE_UPDATE_NOT_SUPPORTED": 400,
    "AI_APPLY.JOB_FEED_IMPORT_ALREADY_RUNNING": 409,
    "AI_APPLY.JOB_FEED_IMPORT_TIMED_OUT": 504,
}


def title_of(code: str | None) -> str | None:
    """Return the static label of a code: `PLATFORM.INPUT_INVALID` → `Input invalid`."""
    return None if code is None else code.rpartition(".")[2].replace("_", " ").capitalize()


class ErrorResponse(Exception):
    """Raised by a handler: the request is answered with this error."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = STATUSES[code] if status is None else status
        self.headers = dict(headers or {})


def invalid_input(message: str, *, status: int = 400) -> ErrorResponse:
    """Return the error for wrong input of any kind."""
    return ErrorResponse("PLATFORM.INPUT_INVALID", message, status=status)
