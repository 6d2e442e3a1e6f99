"""The table: what goes wrong, and what then becomes of a read, a setting and an action.

A read is a GET, a setting a PATCH that names the state it wants, an action a POST that does something each time it
arrives. A fault strikes once, or it lasts for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum

import attrs

from kombo_async import Timeouts, errors
from kombo_async.sandbox import Fault

from .line import Moment
from .strikes import Answer, Bed, Cut, NoWay, Restart, Strike


class Then(Enum):
    """What becomes of a call that was struck once."""

    RECOVERS = "is sent again, and succeeds"
    RAISES = "raises the error at once"
    UNKNOWN = "is sent once: `OutcomeUnknownError`"


RECOVERS, RAISES, UNKNOWN = Then


@attrs.frozen
class Row:
    """One fault."""

    name: str
    """What it is, as people call it."""
    how: str
    """What the server or the network does."""
    strike: Strike
    """What does it here."""
    read: Then
    """What becomes of a read, of a page of a list, and of a setting."""
    action: Then
    """What becomes of an action."""
    error: type[errors.KomboError]
    """What is raised where it lasts, or where nothing is sent again; for an action perhaps as the cause."""
    words: str
    """What the message of the error says of it."""
    ran: bool = attrs.field(default=False, kw_only=True)
    """Whether a struck request took effect at the server."""
    may_have_run: bool = attrs.field(default=False, kw_only=True)
    """What the error says of that, for a setting or an action."""
    lasts: bool = attrs.field(default=True, kw_only=True)
    """Whether it can strike every time."""
    wait: float = attrs.field(default=0.0, kw_only=True)
    """Seconds that pass at least before the next attempt."""
    large: bool = attrs.field(default=False, kw_only=True)
    """Whether it strikes an action that is too large to be on its way all at once. A small request may have been."""
    timeouts: Timeouts = attrs.field(default=Timeouts(connect=10, idle=10, read_deadline=20), kw_only=True)
    """What the client waits for."""


def _broken(name: str, how: str, strike: Strike, words: str = "the connection broke", *, ran: bool = True) -> Row:
    """Return the row of a connection that breaks when a request is on its way."""
    error = errors.KomboConnectionError
    return Row(name, how, strike, RECOVERS, UNKNOWN, error, words, ran=ran, may_have_run=True)


def _limited(name: str, how: str, fault: Fault, *, wait: float = 0.0, lasts: bool = False) -> Row:
    """Return the row of a refusal by a limit, in whatever words."""
    error, words = errors.RateLimitExceededError, "PLATFORM.RATE_LIMIT_EXCEEDED"
    return Row(name, how, Answer(lambda bed: fault), RECOVERS, RECOVERS, error, words, wait=wait, lasts=lasts)


def _rate_limit(retry_after: str) -> Fault:
    """A refusal whose only hint is `Retry-After`."""
    headers = dict.fromkeys(("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")) | {
        "Retry-After": retry_after
    }
    return Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", headers=headers)


def _retry_after(name: str, value: str, *, wait: float = 0.0) -> Row:
    """Return the row of a refusal by a limit that says how long to wait."""
    return _limited(f"Retry-After: {name}", f"429 with `Retry-After: {value}`", _rate_limit(value), wait=wait)


def _moment(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _tomorrow(bed: Bed) -> Fault:
    return _rate_limit(_moment(86_400))


def _soon(bed: Bed) -> Fault:
    return _rate_limit(_moment(1.5))


def _redirect(status: int) -> Row:
    return Row(
        f"redirect {status}",
        f"{status} to another host: never followed, so that the key goes nowhere and a POST stays one",
        Answer(lambda bed: Fault.redirect(f"{bed.elsewhere.base_url}/check-api-key", status=status)),
        RAISES,
        RAISES,
        errors.APIError,
        "a redirect, which is never followed; check base_url",
    )


def _mixed(bed: Bed) -> list[Fault]:
    slots = Fault.error("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", headers={"Retry-After": "0.02"})
    return [slots, _rate_limit("0.02"), slots]


HASTY = Timeouts(connect=10, idle=10, read_deadline=0.5, action_deadline=0.5)
"""For faults that a deadline must end."""
RATE_LIMITED = errors.RateLimitExceededError
CONNECTION, TIMEOUT = errors.KomboConnectionError, errors.KomboTimeoutError

ROWS = [
    Row(
        "connection refused",
        "nobody listens at the address",
        NoWay("refused"),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "cannot connect to kombo.test",
    ),
    Row(
        "DNS failure",
        "the name of the server cannot be looked up",
        NoWay("unknown"),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "cannot connect to kombo.test",
    ),
    Row(
        "reset before the request was sent",
        Moment.ACCEPTED.value,
        Cut(Moment.ACCEPTED),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "the connection broke",
        large=True,
    ),
    _broken("reset after the request", Moment.SENT.value, Cut(Moment.SENT), ran=False),
    _broken("reset in the headers", Moment.IN_HEADERS.value, Cut(Moment.IN_HEADERS)),
    _broken("reset in the body", Moment.IN_BODY.value, Cut(Moment.IN_BODY), "broke"),
    _broken(
        "closed unread",
        "the connection is closed before the body of the request is read",
        Answer(lambda bed: Fault.drop("before")),
        ran=False,
    ),
    _broken(
        "closed after the work",
        "the request is carried out, and the connection closed without an answer",
        Answer(lambda bed: Fault.drop("after_execution")),
    ),
    _broken(
        "closed after the headers",
        "the connection is closed where the body of the answer should begin",
        Answer(lambda bed: Fault.drop("headers")),
        "the answer broke off",
    ),
    _broken(
        "closed in the body",
        "the connection is closed after half of the body",
        Answer(lambda bed: Fault.drop("body")),
        "the answer broke off",
    ),
    Row(
        "kept connection closed between two calls",
        Moment.IDLE.value,
        Cut(Moment.IDLE),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "",
        lasts=False,
    ),
    attrs.evolve(
        _broken("kept connection dead when used", Moment.REUSED.value, Cut(Moment.REUSED), ran=False), lasts=False
    ),
    _broken(
        "short body",
        "the body is shorter than Content-Length says",
        Answer(lambda bed: Fault.short_body()),
        "the answer broke off",
    ),
    Row(
        "truncated gzip",
        "the gzip stream stops in the middle",
        Answer(lambda bed: Fault.truncated_gzip()),
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
        Answer(lambda bed: Fault.raw(b'{"status": "success", "data": {"results": [', executes=True)),
        RAISES,
        RAISES,
        errors.DecodeError,
        "does not have the documented shape: not valid JSON",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "endless drip",
        "the answer comes byte by byte, so slowly that it never ends",
        Answer(lambda bed: Fault.drip(0.02)),
        RAISES,
        UNKNOWN,
        TIMEOUT,
        "no answer within Timeouts.",
        ran=True,
        may_have_run=True,
        timeouts=HASTY,
    ),
    Row(
        "answer after the deadline",
        "the request is carried out, and answered too late",
        Answer(lambda bed: Fault.delayed(60)),
        RAISES,
        UNKNOWN,
        TIMEOUT,
        "no answer within Timeouts.",
        ran=True,
        may_have_run=True,
        timeouts=HASTY,
    ),
    Row(
        "answer that stops",
        "the headers come, and then nothing for longer than `Timeouts.idle`; an action waits on until its deadline",
        Answer(lambda bed: Fault.drip(60)),
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
        Answer(lambda bed: Fault.html_502(executes=True)),
        RECOVERS,
        UNKNOWN,
        errors.APIError,
        "an answer that is not Kombo's (93 bytes of text/html)",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "503 empty",
        "a load balancer answers with nothing",
        Answer(lambda bed: Fault.empty()),
        RECOVERS,
        UNKNOWN,
        errors.APIError,
        "an empty answer",
        may_have_run=True,
    ),
    _limited(
        "429 with headers",
        "the rate limit, with `ratelimit-*`",
        Fault.rate_limited(None, reset=0),
        lasts=True,
    ),
    _limited("429 without headers", "the rate limit, without a hint", Fault.rate_limited(None), lasts=True),
    Row(
        "429 of a gateway",
        "plain text with the status 429 and no code of Kombo's",
        Answer(lambda bed: Fault.text("slow down", status=429)),
        RECOVERS,
        RAISES,
        errors.APIError,
        "HTTP 429",
    ),
    Row(
        "429 of the other kind",
        "the action limit, `PLATFORM.CONCURRENCY_LIMIT_EXCEEDED`",
        Answer(lambda bed: Fault.concurrency_limited()),
        RECOVERS,
        RECOVERS,
        errors.ConcurrencyLimitExceededError,
        "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
    ),
    Row(
        "429 of both kinds",
        "the action limit, the rate limit, and the action limit again",
        Answer(_mixed),
        RECOVERS,
        RECOVERS,
        errors.PlatformError,
        "",
        wait=0.02,
        lasts=False,
    ),
    _retry_after("seconds", "1", wait=1.0),
    _retry_after("fraction", "0.25", wait=0.25),
    _retry_after("a date that is past", "Fri, 01 Jan 2021 00:00:00 GMT"),
    Row(
        "Retry-After: a date to come",
        "429 with `Retry-After:` a second from now, as a date",
        Answer(_soon),
        RECOVERS,
        RECOVERS,
        RATE_LIMITED,
        "",
        wait=0.4,
        lasts=False,
    ),
    _retry_after("negative", "-5"),
    _retry_after("no number", "nan"),
    _retry_after("no sense", "soon"),
    Row(
        "Retry-After: 10 hours",
        "429 with a wait that is longer than the deadline: nobody waits",
        Answer(lambda bed: _rate_limit("36000")),
        RAISES,
        RAISES,
        RATE_LIMITED,
        "PLATFORM.RATE_LIMIT_EXCEEDED",
    ),
    Row(
        "ratelimit-reset: 10 hours",
        "429 with a window that ends after the deadline: nobody waits",
        Answer(lambda bed: Fault.rate_limited(None, reset=36_000)),
        RAISES,
        RAISES,
        RATE_LIMITED,
        "PLATFORM.RATE_LIMIT_EXCEEDED",
    ),
    Row(
        "Retry-After: a date too far",
        "429 with `Retry-After:` the day after, as a date",
        Answer(_tomorrow),
        RAISES,
        RAISES,
        RATE_LIMITED,
        "PLATFORM.RATE_LIMIT_EXCEEDED",
    ),
    *(_redirect(status) for status in (301, 302, 303, 307, 308)),
    Row(
        "200 that is an error",
        "status 200, and in the body an error with the code `INTEGRATION.INACTIVE`",
        Answer(lambda bed: Fault.error("INTEGRATION.INACTIVE", status=200)),
        RAISES,
        RAISES,
        errors.IntegrationInactiveError,
        "INTEGRATION.INACTIVE",
    ),
    Row(
        "200 that is an unknown error",
        "status 200, and in the body `PLATFORM.UNKNOWN_ERROR`",
        Answer(lambda bed: Fault.error("PLATFORM.UNKNOWN_ERROR", status=200, executes=True)),
        RECOVERS,
        UNKNOWN,
        errors.UnknownPlatformError,
        "The sandbox was configured to send this error.",
        ran=True,
        may_have_run=True,
    ),
    Row(
        "restart between two calls",
        "the server goes away, with all connections, and comes back",
        Restart(amid=False),
        RECOVERS,
        RECOVERS,
        CONNECTION,
        "",
        lasts=False,
    ),
    attrs.evolve(
        _broken("restart in the middle of a call", "the server goes away while it works", Restart(amid=True)),
        lasts=False,
    ),
]


def markdown() -> str:
    """Return the table for people."""
    lines = [
        "| fault | what happens | a read, a page, a setting | an action | the error, in the end | its message says |",
        "|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        action = row.action.value
        if row.action is RAISES:
            action += ", `may_have_run`" if row.may_have_run else ", certain that nothing ran"
        error = f"`{row.error.__name__}`" if row.words else "–"
        lines.append(f"| {row.name} | {row.how} | {row.read.value} | {action} | {error} | {row.words or '–'} |")
    return "\n".join(lines)
