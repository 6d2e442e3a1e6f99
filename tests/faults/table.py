"""The table of faults, with the expected result for a read, a setting and an action.

A read is a GET, a setting a PATCH that names the state it wants, an action a POST that does something each time it
arrives. A fault is injected once, or into every request.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum

import attrs

from kombo_async import Timeouts, errors
from kombo_async.sandbox import Fault

from ..support.fault_injectors import ConnectionCut, FaultInjector, Harness, Restart, SandboxFault, Unreachable
from ..support.flaky_proxy import BreakPoint


class Expected(Enum):
    """The result of a call into which a fault is injected once."""

    RECOVERS = "is sent again, and succeeds"
    RAISES = "raises the error at once"
    UNKNOWN = "is sent once: `OutcomeUnknownError`"


RECOVERS, RAISES, UNKNOWN = Expected
LONG_TIMEOUTS = Timeouts(connect=10, idle=10, read_deadline=20)
"""Timeouts that no row exceeds."""


@attrs.frozen
class Row:
    """One fault."""

    name: str
    """The usual name of the fault."""
    description: str
    """What the server or the network does."""
    injector: FaultInjector
    """Causes the fault in a test."""
    read: Expected
    """The result for a read, a page of a list, and a setting."""
    action: Expected
    """The result for an action."""
    error: type[errors.KomboError]
    """The error if the fault lasts or nothing is retried; for an action also as the cause of `OutcomeUnknownError`."""
    words: str
    """A part of the message of the error."""
    ran: bool = attrs.field(default=False, kw_only=True)
    """Whether the request takes effect at the server."""
    may_have_run: bool = attrs.field(default=False, kw_only=True)
    """The `may_have_run` of the error, for a setting or an action."""
    lasts: bool = attrs.field(default=True, kw_only=True)
    """Whether it can be injected into every request."""
    wait: float = attrs.field(default=0.0, kw_only=True)
    """The least number of seconds before the next attempt."""
    large: bool = attrs.field(default=False, kw_only=True)
    """Whether the body must be too large to be sent before the fault. A small request may have been sent."""
    timeouts: Timeouts = attrs.field(default=LONG_TIMEOUTS, kw_only=True)
    """The timeouts of the client."""


def _broken(
    name: str, description: str, injector: FaultInjector, words: str = "the connection broke", *, ran: bool = True
) -> Row:
    """Return the row of a connection that breaks while a request is in flight."""
    error = errors.KomboConnectionError
    return Row(name, description, injector, RECOVERS, UNKNOWN, error, words, ran=ran, may_have_run=True)


def _limited(name: str, description: str, fault: Fault, *, wait: float = 0.0, lasts: bool = False) -> Row:
    """Return the row of a refusal by the rate limit."""
    error, words = errors.RateLimitExceededError, "PLATFORM.RATE_LIMIT_EXCEEDED"
    return Row(
        name, description, SandboxFault(lambda harness: fault), RECOVERS, RECOVERS, error, words, wait=wait, lasts=lasts
    )


def _unclear(name: str, description: str, fault: Fault, words: str) -> Row:
    """Return the row of an error without a code, which does not say whether the request took effect."""
    injector = SandboxFault(lambda harness: fault)
    return Row(name, description, injector, RECOVERS, UNKNOWN, errors.APIError, words, may_have_run=True)


def _rate_limit(retry_after: str) -> Fault:
    """Return a refusal by the rate limit with `Retry-After` and no other header of a limit."""
    headers = dict.fromkeys(("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")) | {
        "Retry-After": retry_after
    }
    return Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", headers=headers)


def _retry_after(name: str, value: str, *, wait: float = 0.0) -> Row:
    """Return the row of a refusal with a value of `Retry-After`."""
    return _limited(f"Retry-After: {name}", f"429 with `Retry-After: {value}`", _rate_limit(value), wait=wait)


def _http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _tomorrow(harness: Harness) -> Fault:
    return _rate_limit(_http_date(86_400))


def _soon(harness: Harness) -> Fault:
    return _rate_limit(_http_date(1.5))


def _redirect(status: int) -> Row:
    # See Other is how a server may answer after it has executed a request.
    executed = status == 303
    return Row(
        f"redirect {status}",
        f"{status} to another host: never followed, so that the key goes nowhere and a POST stays one",
        SandboxFault(lambda harness: Fault.redirect(f"{harness.other_host.base_url}/check-api-key", status=status)),
        RAISES,
        UNKNOWN if executed else RAISES,
        errors.APIError,
        "a redirect, which is never followed; check base_url",
        may_have_run=executed,
    )


def _mixed(harness: Harness) -> list[Fault]:
    slots = Fault.error("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", headers={"Retry-After": "0.02"})
    return [slots, _rate_limit("0.02"), slots]


SHORT_DEADLINES = Timeouts(connect=10, idle=10, read_deadline=0.5, action_deadline=0.5)
"""For faults that only a deadline ends."""
RATE_LIMITED = errors.RateLimitExceededError
CONNECTION, TIMEOUT = errors.KomboConnectionError, errors.KomboTimeoutError

ROWS = [
    Row(
        "connection refused",
        "no server listens at the address",
        Unreachable("refused"),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "cannot connect to kombo.test",
    ),
    Row(
        "DNS failure",
        "the name of the server cannot be looked up",
        Unreachable("unknown"),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "cannot connect to kombo.test",
    ),
    Row(
        "reset before the request was sent",
        BreakPoint.ACCEPTED.value,
        ConnectionCut(BreakPoint.ACCEPTED),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "the connection broke",
        large=True,
    ),
    _broken("reset after the request", BreakPoint.SENT.value, ConnectionCut(BreakPoint.SENT), ran=False),
    _broken("reset in the headers", BreakPoint.IN_HEADERS.value, ConnectionCut(BreakPoint.IN_HEADERS)),
    _broken("reset in the body", BreakPoint.IN_BODY.value, ConnectionCut(BreakPoint.IN_BODY), "broke"),
    _broken(
        "closed unread",
        "the connection is closed before the body of the request is read",
        SandboxFault(lambda harness: Fault.drop("before")),
        ran=False,
    ),
    _broken(
        "closed after the work",
        "the request is executed, and the connection closed without a response",
        SandboxFault(lambda harness: Fault.drop("after_execution")),
    ),
    _broken(
        "closed after the headers",
        "the connection is closed instead of sending the body of the response",
        SandboxFault(lambda harness: Fault.drop("headers")),
        "the response broke off",
    ),
    _broken(
        "closed in the body",
        "the connection is closed after half of the body",
        SandboxFault(lambda harness: Fault.drop("body")),
        "the response broke off",
    ),
    Row(
        "kept connection closed between two calls",
        BreakPoint.IDLE.value,
        ConnectionCut(BreakPoint.IDLE),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "",
        lasts=False,
    ),
    attrs.evolve(
        _broken("kept connection dead when used", BreakPoint.REUSED.value, ConnectionCut(BreakPoint.REUSED), ran=False),
        lasts=False,
    ),
    _broken(
        "short body",
        "the body is shorter than Content-Length says",
        SandboxFault(lambda harness: Fault.short_body()),
        "the response broke off",
    ),
    Row(
        "truncated gzip",
        "the gzip stream stops in the middle",
        SandboxFault(lambda harness: Fault.truncated_gzip()),
        RAISES,
        RAISES,
        errors.DecodeError,
        "does not have the documented shape: not valid JSON",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "invalid JSON",
        "a success whose JSON stops in the middle",
        SandboxFault(lambda harness: Fault.raw(b'{"status": "success", "data": {"results": [', executes=True)),
        RAISES,
        RAISES,
        errors.DecodeError,
        "does not have the documented shape: not valid JSON",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "endless drip",
        "the response arrives byte by byte, too slowly to ever end",
        SandboxFault(lambda harness: Fault.drip(0.02)),
        RAISES,
        UNKNOWN,
        TIMEOUT,
        "no response within Timeouts.",
        ran=True,
        may_have_run=True,
        timeouts=SHORT_DEADLINES,
    ),
    Row(
        "response after the deadline",
        "the request is executed, and the response is too late",
        SandboxFault(lambda harness: Fault.delayed(60)),
        RAISES,
        UNKNOWN,
        TIMEOUT,
        "no response within Timeouts.",
        ran=True,
        may_have_run=True,
        timeouts=SHORT_DEADLINES,
    ),
    Row(
        "response that stops",
        "the headers arrive, and then nothing for longer than `Timeouts.idle`; an action waits until its deadline",
        SandboxFault(lambda harness: Fault.drip(60)),
        RECOVERS,
        UNKNOWN,
        TIMEOUT,
        "within Timeouts.",
        ran=True,
        may_have_run=True,
        timeouts=Timeouts(connect=10, idle=0.3, read_deadline=20, action_deadline=0.6),
    ),
    Row(
        "502 HTML",
        "a gateway answers with a page",
        SandboxFault(lambda harness: Fault.html_502(executes=True)),
        RECOVERS,
        UNKNOWN,
        errors.APIError,
        "a response that is not Kombo's (93 bytes of text/html)",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "503 empty",
        "a load balancer sends an empty response",
        SandboxFault(lambda harness: Fault.empty()),
        RECOVERS,
        UNKNOWN,
        errors.APIError,
        "an empty response",
        may_have_run=True,
    ),
    _unclear("503 text", "a proxy sends plain text", Fault.text("upstream connect error"), "HTTP 503"),
    _unclear("503 with only a message", "an error in the form of older documents", Fault.message_only(), "HTTP 503"),
    _unclear("500 with a null code", "an error with `code: null`", Fault.error(None, status=500), "HTTP 500"),
    Row(
        "500 with a code",
        "`PLATFORM.UNKNOWN_ERROR`",
        SandboxFault(lambda harness: Fault.error("PLATFORM.UNKNOWN_ERROR")),
        RECOVERS,
        UNKNOWN,
        errors.UnknownPlatformError,
        "The sandbox was configured to send this error.",
        may_have_run=True,
    ),
    Row(
        "tool down",
        "`REMOTE.SERVICE_UNAVAILABLE`, of which Kombo's own retries are over",
        SandboxFault(lambda harness: Fault.error("REMOTE.SERVICE_UNAVAILABLE", executes=True)),
        RECOVERS,
        RAISES,
        errors.RemoteServiceUnavailableError,
        "REMOTE.SERVICE_UNAVAILABLE",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "limit of the tool",
        "`REMOTE.RATE_LIMIT_EXCEEDED`",
        SandboxFault(lambda harness: Fault.error("REMOTE.RATE_LIMIT_EXCEEDED")),
        RECOVERS,
        RAISES,
        errors.RemoteRateLimitExceededError,
        "REMOTE.RATE_LIMIT_EXCEEDED",
    ),
    _limited(
        "503 with the code of the rate limit",
        "the rate limit, under another status",
        Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", status=503, headers={"Retry-After": "0.01"}),
    ),
    _limited(
        "429 with headers",
        "the rate limit, with `ratelimit-*`",
        Fault.rate_limited(None, reset=0),
        lasts=True,
    ),
    _limited("429 without headers", "the rate limit, without headers", Fault.rate_limited(None), lasts=True),
    Row(
        "429 of a gateway",
        "plain text with the status 429 and no code of Kombo's",
        SandboxFault(lambda harness: Fault.text("slow down", status=429)),
        RECOVERS,
        RAISES,
        errors.APIError,
        "HTTP 429",
    ),
    Row(
        "429 of the other kind",
        "the action limit, `PLATFORM.CONCURRENCY_LIMIT_EXCEEDED`",
        SandboxFault(lambda harness: Fault.concurrency_limited()),
        RECOVERS,
        RECOVERS,
        errors.ConcurrencyLimitExceededError,
        "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
    ),
    Row(
        "429 of both kinds",
        "the action limit, the rate limit, and the action limit again",
        SandboxFault(_mixed),
        RECOVERS,
        RECOVERS,
        errors.PlatformError,
        "",
        wait=0.02,
        lasts=False,
    ),
    _retry_after("seconds", "1", wait=1.0),
    _retry_after("fraction", "0.25", wait=0.25),
    _retry_after("a past date", "Fri, 01 Jan 2021 00:00:00 GMT"),
    Row(
        "Retry-After: a future date",
        "429 with `Retry-After:` a second from now, as a date",
        SandboxFault(_soon),
        RECOVERS,
        RECOVERS,
        RATE_LIMITED,
        "",
        wait=0.4,
        lasts=False,
    ),
    _retry_after("negative", "-5"),
    _retry_after("not a number", "nan"),
    _retry_after("not a date", "soon"),
    Row(
        "Retry-After: 10 hours",
        "429 with a wait longer than the deadline: no wait",
        SandboxFault(lambda harness: _rate_limit("36000")),
        RAISES,
        RAISES,
        RATE_LIMITED,
        "PLATFORM.RATE_LIMIT_EXCEEDED",
    ),
    Row(
        "ratelimit-reset: 10 hours",
        "429 with a rate window that ends after the deadline: no wait",
        SandboxFault(lambda harness: Fault.rate_limited(None, reset=36_000)),
        RAISES,
        RAISES,
        RATE_LIMITED,
        "PLATFORM.RATE_LIMIT_EXCEEDED",
    ),
    Row(
        "Retry-After: a date tomorrow",
        "429 with `Retry-After:` tomorrow, as a date",
        SandboxFault(_tomorrow),
        RAISES,
        RAISES,
        RATE_LIMITED,
        "PLATFORM.RATE_LIMIT_EXCEEDED",
    ),
    *(_redirect(status) for status in (301, 302, 303, 307, 308)),
    Row(
        "200 that is an error",
        "status 200, and in the body an error with the code `INTEGRATION.INACTIVE`",
        SandboxFault(lambda harness: Fault.error("INTEGRATION.INACTIVE", status=200)),
        RAISES,
        RAISES,
        errors.IntegrationInactiveError,
        "INTEGRATION.INACTIVE",
    ),
    Row(
        "200 that is an unknown error",
        "status 200, and in the body `PLATFORM.UNKNOWN_ERROR`",
        SandboxFault(lambda harness: Fault.error("PLATFORM.UNKNOWN_ERROR", status=200, executes=True)),
        RECOVERS,
        UNKNOWN,
        errors.UnknownPlatformError,
        "The sandbox was configured to send this error.",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "restart between two calls",
        "the server stops, with all connections, and starts again",
        Restart(during_call=False),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "",
        lasts=False,
    ),
    attrs.evolve(
        _broken("restart during a call", "the server stops while it works", Restart(during_call=True)),
        lasts=False,
    ),
]


def markdown() -> str:
    """Return the table as Markdown."""
    lines = [
        "| fault | what happens | read, page, setting | action | the error if it lasts | part of its message |",
        "|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        action = row.action.value
        if row.action is RAISES:
            action += ", `may_have_run`" if row.may_have_run else ", certain that nothing ran"
        error = f"`{row.error.__name__}`" if row.words else "–"
        lines.append(f"| {row.name} | {row.description} | {row.read.value} | {action} | {error} | {row.words or '–'} |")
    return "\n".join(lines)
