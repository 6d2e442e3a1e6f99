"""Between Python values and HTTP, without any I/O: what to send, and what an answer means."""

from __future__ import annotations

import math
import re
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from msgspec import Struct

from ..errors import APIError, DecodeError, KomboConnectionError, KomboError, OutcomeUnknownError, with_note
from ..redaction import Hidden, printable
from . import codec
from .operation import Effect, Operation
from .rows import Undecodable

T = TypeVar("T")

LIMIT_CODES = frozenset({"PLATFORM.RATE_LIMIT_EXCEEDED", "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"})
"""Refused before anything ran, so always safe to send again."""
REMOTE_BUSY_CODES = frozenset({"REMOTE.RATE_LIMIT_EXCEEDED", "REMOTE.SERVICE_UNAVAILABLE"})
"""Kombo has already tried the connected tool several times; safe to send again for reads."""
_HALF_DONE_CODES = frozenset({"PLATFORM.TASK_TIMED_OUT", "REMOTE.SERVICE_UNAVAILABLE", "REMOTE.UNKNOWN_HTTP_ERROR"})
"""Clear refusals, which say nothing about how far the connected tool had come."""

_EPOCH_FROM = 1e9
"""Some servers send the time of the reset instead of the seconds until then, also in milliseconds; no wait takes thirty
years."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and the surrogates that no encoding can send."""


class Lines(Struct, eq=False):
    """A body that is made while it is sent: one JSON value a line."""

    source: Iterable[object] | AsyncIterable[object]
    kind: Any
    """The model of a line."""
    most: int
    """How many bytes Kombo takes."""
    started: bool = False
    failure: BaseException | None = None
    """What the source raised, or what is wrong with a line of it."""

    def __post_init__(self) -> None:
        source: object = self.source
        if isinstance(source, str | bytes) or not isinstance(source, Iterable | AsyncIterable):
            raise TypeError(
                "the lines come from a list, a generator, or an asynchronous one that was called, "
                f"not from {type(source).__name__}"
            )

    @property
    def once(self) -> bool:
        """Whether what it comes from gives its items once."""
        return isinstance(self.source, Iterator | AsyncIterator)

    @property
    def spent(self) -> bool:
        """Whether it cannot be sent again."""
        return self.started and self.once


class Request(Struct, frozen=True):
    """One HTTP request, complete but for the connection."""

    operation: Operation[Any]
    url: str
    headers: Mapping[str, str]
    """Those that not all requests have."""
    body: bytes | Lines | None
    integration_id: str | None

    def __repr__(self) -> str:
        # Error trackers show the locals of frames: no query, which may name people, and no body.
        return f"<Request {self.operation.method} {self.operation.path}>"

    def at(self, cursor: str) -> Request:
        """Return this request, the first one of a list, for the page at *cursor*."""
        url = f"{self.url}{'&' if '?' in self.url else '?'}cursor={quote(cursor, safe='')}"
        return Request(self.operation, url, self.headers, self.body, self.integration_id)


class Answer(Struct, frozen=True, gc=False):
    """One HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"<Answer {self.status} of {len(self.body)} bytes>"


def checked_key(api_key: Hidden[str | None]) -> Hidden[str]:
    """Return the API key, or say how to give one."""
    if not isinstance(api_key.value, str | None):
        raise TypeError(f"api_key is a str, not {type(api_key.value).__name__}")
    if api_key.value is None or not api_key.value.strip():
        raise ValueError("no API key: pass api_key= or set the environment variable KOMBO_API_KEY")
    if any(not "!" <= character <= "~" for character in api_key.value):
        raise ValueError(
            "the API key has a space, a line break or a character outside ASCII in it: "
            "check api_key= or the environment variable KOMBO_API_KEY"
        )
    return Hidden(api_key.value)


def closed(operation: Operation[Any], may_have_run: bool) -> KomboError:
    """Return the error for a call that was under way when the client was closed."""
    error = KomboConnectionError("the client was closed during the call", may_have_run=may_have_run)
    return outcome_unknown(operation, error) if may_have_run and not operation.idempotent else error


def place(error: KomboError, request: Request, attempts: int, may_have_run: bool) -> KomboError:
    """Write on *error* which request it ended."""
    error.method = request.operation.method
    error.path = request.operation.path
    error.integration_id = request.integration_id
    error.attempts = attempts
    error.may_have_run = may_have_run
    return with_note(error)


def checked_id(name: str, value: object) -> str:
    """Return an id that can stand in a path or a header, or say what is wrong with it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {type(value).__name__}")
    if not _is_id(value):
        if _CONTROL.search(value) and value.strip():
            raise ValueError(f"{name} contains a control character or a lone surrogate")
        raise ValueError(f"{name} is empty or no id: {value!r}")
    return value


@lru_cache(4096)
def _is_id(value: str) -> bool:
    return bool(value.strip()) and value not in {".", ".."} and not _CONTROL.search(value)


def path_of(operation: Operation[Any], ids: Mapping[str, object]) -> str:
    """Fill the template of *operation*; every id stays one segment, whatever it contains."""
    path = operation.path
    for name, value in ids.items():
        path = path.replace("{" + name + "}", _segment(checked_id(name, value)))
    return path


@lru_cache(4096)
def _segment(value: str) -> str:
    return quote(value, safe=":")


def free_operation(method: str, path: str, *, integration: bool, answer: type[T]) -> Operation[T]:
    """Return an operation that nobody described, with the careful assumptions."""
    if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise ValueError(f"method is one of GET, POST, PUT, PATCH, DELETE, not {method!r}")
    if not isinstance(path, str):
        raise TypeError(f"path is a str, not {type(path).__name__}")
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("path starts with one / below the base URL, as in /hris/employees")
    if "?" in path or "#" in path or _CONTROL.search(path) or {".", ".."} & set(path.split("/")):
        raise ValueError("path has no ?, #, control character, . or .. segment; pass params=, and quote the ids in it")
    effect = Effect.SAFE if method == "GET" else Effect.NON_IDEMPOTENT
    return Operation(
        name="request",
        method=method,
        path=quote(path, safe="/%:@!$&'()*+,;=~"),
        response_type=answer,
        effect=effect,
        integration=integration,
        action=integration and effect is Effect.NON_IDEMPOTENT,
    )


def outcome(operation: Operation[Any], answer: Answer, read: Callable[[Answer], T]) -> T:
    """Return what *read* makes of a success, or raise what the answer says instead."""
    error: KomboError
    if 200 <= answer.status < 300:
        try:
            return read(answer)
        except codec.ErrorEnvelope:
            error = error_from(answer)
        except Undecodable as undecodable:
            error = DecodeError(
                f"{operation.name}: Kombo's answer does not have the documented shape: {undecodable.problems}"
            )
            error.next_cursor = undecodable.next_cursor
    else:
        error = error_from(answer)
    error.may_have_run = may_have_run(operation, error)
    raise error


def error_from(answer: Answer) -> APIError:
    """Return what an answer that is no success says, whatever its form."""
    told = codec.decode_error(answer.body)
    code = None if not told.code else printable(told.code, 100)
    message = told.message or told.title
    return APIError.class_for(code)(
        printable(message, 2_000) if message else "no message came with the code" if code else _describe(answer),
        code=code,
        title=None if told.title is None else printable(told.title, 200),
        log_url=None if told.log_url is None else printable(told.log_url, 500),
        status=answer.status,
        retry_after=retry_after(answer.headers, code),
    )


def _describe(answer: Answer) -> str:
    """Words for an answer without a message of Kombo's. Its text is left out: it may hold people's data."""
    if 300 <= answer.status < 400:
        return "a redirect, which is never followed; check base_url"
    if answer.status == 407:
        return "the proxy wants other credentials"
    if not answer.body:
        return "an empty answer"
    content_type = printable(answer.headers.get("Content-Type", "an unnamed type").partition(";")[0], 100)
    return f"an answer that is not Kombo's ({len(answer.body)} bytes of {content_type})"


def retry_after(headers: Mapping[str, str], code: str | None) -> float | None:
    """Return the seconds the server asks to wait, or None where it says nothing that makes sense.

    Kombo documents only `ratelimit-reset`; `Retry-After` may come from a gateway before it, and wins.
    """
    text = headers.get("Retry-After")
    if text is not None:
        seconds = seconds_of(text, headers)
        if seconds is not None:
            return seconds
        moment = _http_date(text)
        if moment is not None:
            return max(moment - _server_time(headers), 0.0)
    if code == "PLATFORM.RATE_LIMIT_EXCEEDED":
        return seconds_of(headers.get("ratelimit-reset"), headers)
    return None


def seconds_of(text: str | None, headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the text of a header names, also where it names a Unix time instead; None where it is no
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
    """Return the server's clock, by the `Date` of its answer: the local one may be wrong by hours."""
    date = headers.get("Date")
    moment = None if date is None else _http_date(date)
    return time.time() if moment is None else moment


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A date without a zone is in UTC, as in all HTTP dates.
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def is_unclear(error: KomboError) -> bool:
    """Whether *error* leaves open if a change was carried out."""
    if isinstance(error, APIError):
        return error.code == "PLATFORM.UNKNOWN_ERROR" or (error.code is None and error.status >= 500)
    return error.may_have_run and not isinstance(error, DecodeError)


def may_have_run(operation: Operation[Any], error: KomboError) -> bool:
    """Whether *operation* may have changed something although *error* is what the answer says."""
    if not operation.changes:
        return False
    return isinstance(error, DecodeError) or is_unclear(error) or getattr(error, "code", None) in _HALF_DONE_CODES


def outcome_unknown(operation: Operation[Any], error: KomboError) -> OutcomeUnknownError:
    """Return the error for a change nobody knows the outcome of."""
    unknown = OutcomeUnknownError(
        f"{operation.name} may have been carried out; look before you repeat it: {error.message}"
    )
    if isinstance(error, APIError):
        unknown.code, unknown.status, unknown.log_url = error.code, error.status, error.log_url
    return unknown
