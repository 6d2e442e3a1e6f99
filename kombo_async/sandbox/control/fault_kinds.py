"""The faults as clients describe them: one type for each class method of `Fault`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from ..http.faults import DropMoment, Fault

_Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=3_600)] | Annotated[float, Meta(ge=0, le=3_600)]
_Status: TypeAlias = Annotated[int, Meta(ge=200, le=599)]
_Headers: TypeAlias = dict[str, str | None]
_MESSAGE = "The sandbox was configured to send this error."


class Kind(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """A base of all kinds."""


class ErrorKind(Kind, frozen=True, tag="error"):
    """An error in the form of the API; the status is that of the code, or 500."""

    code: str | None = "PLATFORM.UNKNOWN_ERROR"
    message: str = _MESSAGE
    status: _Status | None = None
    executes: bool = False
    """Whether the operation is executed before."""


class RateLimitedKind(Kind, frozen=True, tag="rate_limited"):
    """`PLATFORM.RATE_LIMIT_EXCEEDED` with `Retry-After` and `ratelimit-reset`; null leaves one out."""

    retry_after: _Seconds | None = 1
    reset: _Seconds | None = None


class ConcurrencyLimitedKind(Kind, frozen=True, tag="concurrency_limited"):
    """`PLATFORM.CONCURRENCY_LIMIT_EXCEEDED`."""

    limit: Annotated[int, Meta(ge=1, le=1_000_000)] = 30


class HTML502Kind(Kind, frozen=True, tag="html_502"):
    """The HTML page of a gateway whose server is down."""

    executes: bool = False


class TextKind(Kind, frozen=True, tag="text"):
    """Plain text in place of JSON."""

    text: str
    status: _Status = 503
    executes: bool = False


class EmptyKind(Kind, frozen=True, tag="empty"):
    """A response without a body."""

    status: _Status = 503
    executes: bool = False


class MessageOnlyKind(Kind, frozen=True, tag="message_only"):
    """An error object that has no key but `message`."""

    message: str = "The first sync has not finished."
    status: _Status = 503


class JSONKind(Kind, frozen=True, tag="json"):
    """Any JSON."""

    payload: Any
    status: _Status = 200
    headers: _Headers = {}
    executes: bool = False


class RawKind(Kind, frozen=True, tag="raw"):
    """Any text with any content type."""

    body: str
    status: _Status = 200
    content_type: str = "application/json"
    headers: _Headers = {}
    executes: bool = False


class RedirectKind(Kind, frozen=True, tag="redirect"):
    """A redirect."""

    location: str
    status: Literal[301, 302, 303, 307, 308] = 307


class DelayedKind(Kind, frozen=True, tag="delayed"):
    """The real response, late; the operation is executed at once."""

    seconds: _Seconds


class DropKind(Kind, frozen=True, tag="drop"):
    """The connection breaks; only with `before` the operation is not executed."""

    moment: DropMoment = "before"


class ShortBodyKind(Kind, frozen=True, tag="short_body"):
    """The connection is closed after a body that is shorter than Content-Length says."""


class TruncatedGzipKind(Kind, frozen=True, tag="truncated_gzip"):
    """A complete HTTP message whose gzip stream is cut in the middle."""


class DripKind(Kind, frozen=True, tag="drip"):
    """The real response, `size` bytes every `seconds`."""

    seconds: _Seconds = 0.05
    size: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


FaultKind: TypeAlias = (
    ErrorKind
    | RateLimitedKind
    | ConcurrencyLimitedKind
    | HTML502Kind
    | TextKind
    | EmptyKind
    | MessageOnlyKind
    | JSONKind
    | RawKind
    | RedirectKind
    | DelayedKind
    | DropKind
    | ShortBodyKind
    | TruncatedGzipKind
    | DripKind
)

_MAKERS: dict[type[Kind], Callable[[Any], Fault]] = {
    ErrorKind: lambda it: Fault.error(it.code, it.message, status=it.status, executes=it.executes),
    RateLimitedKind: lambda it: Fault.rate_limited(it.retry_after, reset=it.reset),
    ConcurrencyLimitedKind: lambda it: Fault.concurrency_limited(limit=it.limit),
    HTML502Kind: lambda it: Fault.html_502(executes=it.executes),
    TextKind: lambda it: Fault.text(it.text, status=it.status, executes=it.executes),
    EmptyKind: lambda it: Fault.empty(status=it.status, executes=it.executes),
    MessageOnlyKind: lambda it: Fault.message_only(it.message, status=it.status),
    JSONKind: lambda it: Fault.json(it.payload, status=it.status, headers=it.headers, executes=it.executes),
    RawKind: lambda it: Fault.raw(
        it.body.encode(), status=it.status, content_type=it.content_type, headers=it.headers, executes=it.executes
    ),
    RedirectKind: lambda it: Fault.redirect(it.location, status=it.status),
    DelayedKind: lambda it: Fault.delayed(it.seconds),
    DropKind: lambda it: Fault.drop(it.moment),
    ShortBodyKind: lambda _: Fault.short_body(),
    TruncatedGzipKind: lambda _: Fault.truncated_gzip(),
    DripKind: lambda it: Fault.drip(it.seconds, it.size),
}
FAULT_KINDS = tuple(str(kind.__struct_config__.tag) for kind in _MAKERS)
"""The names of all kinds."""


def make_fault(kind: Kind) -> Fault:
    """Return the fault that a client described."""
    return _MAKERS[type(kind)](kind)


class NewFault(Struct, frozen=True, forbid_unknown_fields=True):
    """A fault to apply to the next `times` matching requests."""

    fault: FaultKind
    path: Annotated[str, Meta(pattern="^/", max_length=2_000)] | None = None
    """As after `/v1`, with `*` for any one segment; null for any."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] | None = None
    times: Annotated[int, Meta(ge=1, le=2**53)] | None = 1
    """Null for all requests."""
    after: Annotated[int, Meta(ge=0, le=2**53)] = 0
    """How many matching requests are left alone before."""
