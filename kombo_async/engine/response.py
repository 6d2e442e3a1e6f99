"""What a response means: a value, or an error. No I/O."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from msgspec import Struct

from ..errors import APIError, DecodeError, KomboConnectionError, KomboError, OutcomeUnknownError, with_note
from ..redaction import ShownByRepr, printable
from . import codec
from .operation import Operation
from .request import Request
from .rows import Undecodable

T = TypeVar("T")

LIMIT_CODES = frozenset({"PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"})
"""Kombo refused the request before anything ran, so it is always safe to send again."""
REMOTE_BUSY_CODES = frozenset({"REMOTE.RATE_LIMIT_EXCEEDED", "REMOTE.SERVICE_UNAVAILABLE"})
"""The connected tool refused, also when Kombo itself tried again; reads are safe to send again."""
_MAY_HAVE_RUN_STATUSES = {101, 303, 408, 499}
"""Without a code of Kombo: a change of the protocol, See Other, which usually follows an execution, and the timeouts of
gateways."""
_MAY_HAVE_RUN_CODES = frozenset({"PLATFORM.TASK_TIMED_OUT", "REMOTE.SERVICE_UNAVAILABLE", "REMOTE.UNKNOWN_HTTP_ERROR"})
"""Errors that do not say whether the connected tool carried the request out, in part or as a whole."""

_EPOCH_FROM = 1e9
"""A header with a larger number than this holds a Unix time, in seconds or milliseconds: no wait takes thirty years."""


class Response(ShownByRepr, Struct, frozen=True, gc=False):
    """One HTTP response with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Response {self.status} of {len(self.body)} bytes>"


def read_response(operation: Operation[Any], response: Response, decode: Callable[[Response], T]) -> T:
    """Return what *decode* makes of a successful response; raise the matching `KomboError` for any other one."""
    error: KomboError
    if 200 <= response.status < 300:
        try:
            return decode(response)
        except codec.ErrorEnvelope:
            error = error_from(response)
        except Undecodable as undecodable:
            error = DecodeError(
                f"{operation.name}: Kombo's response does not have the documented shape: {undecodable.problems}"
            )
            error.next_cursor = undecodable.next_cursor
    else:
        error = error_from(response)
    error.may_have_run = may_have_run(operation, error)
    raise error


def error_from(response: Response) -> APIError:
    """Return the error for a response, whatever the form of its body."""
    body = codec.decode_error(response.body)
    code = None if not body.code else printable(body.code, 100)
    message = body.message or body.title
    return APIError.class_for(code)(
        printable(message, 2_000) if message else "no message came with the code" if code else _describe(response),
        code=code,
        title=None if body.title is None else printable(body.title, 200),
        log_url=None if body.log_url is None else printable(body.log_url, 500),
        status=response.status,
        retry_after=retry_after(response.headers, code),
    )


def _describe(response: Response) -> str:
    """Return a message for a response that has none of Kombo's. Its text is left out: it may hold personal data."""
    if 300 <= response.status < 400:
        return "a redirect, which is never followed; check base_url"
    if response.status == 407:
        return "the proxy wants other credentials"
    if not response.body:
        return "an empty response"
    content_type = printable(response.headers.get("Content-Type", "an unnamed type").partition(";")[0], 100)
    return f"a response that is not Kombo's ({len(response.body)} bytes of {content_type})"


def retry_after(headers: Mapping[str, str], code: str | None) -> float | None:
    """Return the seconds that the server asks to wait, or None if it names no valid time.

    Kombo documents only `ratelimit-reset`. A `Retry-After` is from a gateway in front of it, and takes precedence.
    """
    text = headers.get("Retry-After")
    if text is not None:
        seconds = seconds_of(text, headers)
        if seconds is not None:
            return seconds
        moment = http_date(text)
        if moment is not None:
            return max(moment - _server_time(headers), 0.0)
    if code == "PLATFORM.RATE_LIMIT_EXCEEDED":
        return seconds_of(headers.get("ratelimit-reset"), headers)
    return None


def seconds_of(text: str | None, headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the text of a header holds, or those until the Unix time that it holds; None if it is no
    number."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return None
    if 0.0 <= seconds < _EPOCH_FROM:
        return seconds
    if not math.isfinite(seconds):
        return None
    if seconds >= 1_000 * _EPOCH_FROM:
        seconds /= 1_000
    return max(seconds - _server_time(headers), 0.0)


def _server_time(headers: Mapping[str, str]) -> float:
    """Return the server's clock, from the `Date` of its response: the local one may be wrong by hours."""
    date = headers.get("Date")
    moment = None if date is None else http_date(date)
    return time.time() if moment is None else moment


def http_date(text: str) -> float | None:
    """Return the time of a header such as `Date`, or None if it is no HTTP date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date without a zone is in UTC, as in all HTTP dates.
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def is_ambiguous(error: KomboError) -> bool:
    """Return whether *error* leaves open if the request was carried out."""
    if isinstance(error, APIError):
        if error.code is None:
            # RFC 9110 has a client treat a status below 100, which no class contains, as one of a failed server.
            return not 100 <= error.status < 500 or error.status in _MAY_HAVE_RUN_STATUSES
        return error.code == "PLATFORM.UNKNOWN_ERROR"
    return error.may_have_run and not isinstance(error, DecodeError)


def may_have_run(operation: Operation[Any], error: KomboError) -> bool:
    """Return whether *operation* may have changed something although the response is *error*."""
    if not operation.changes:
        return False
    return isinstance(error, DecodeError) or is_ambiguous(error) or getattr(error, "code", None) in _MAY_HAVE_RUN_CODES


def outcome_unknown_error(operation: Operation[Any], error: KomboError) -> OutcomeUnknownError:
    """Return the error of a change that *error* ended, and that may or may not have been carried out."""
    status = f"HTTP {error.status}: " if isinstance(error, APIError) and error.code is None else ""
    unknown = OutcomeUnknownError(
        f"{operation.name} may have been carried out; look before you repeat it: {status}{error.message}"
    )
    if isinstance(error, APIError):
        unknown.code, unknown.status, unknown.log_url = error.code, error.status, error.log_url
    return unknown


def client_closed_error(operation: Operation[Any], may_have_run: bool) -> KomboError:
    """Return the error of a call that was under way when the client was closed."""
    error = KomboConnectionError("the client was closed during the call", may_have_run=may_have_run)
    return outcome_unknown_error(operation, error) if may_have_run and not operation.idempotent else error


def with_request_context(error: KomboError, request: Request, attempts: int, may_have_run: bool) -> KomboError:
    """Return *error* with the request that it ended, in its attributes and its notes."""
    error.method = request.operation.method
    error.path = request.operation.path
    error.integration_id = request.integration_id
    error.attempts = attempts
    error.may_have_run = may_have_run
    return with_note(error)
