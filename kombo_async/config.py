"""The options of a client, as frozen values."""

from __future__ import annotations

import math
from functools import wraps
from typing import Any, Literal, Self, TypeVar, get_args

from attrs import Attribute, field, fields, frozen, validators

T = TypeVar("T")

Region = Literal["eu", "us", "ca"]
"""Where Kombo keeps the environment that the key belongs to. It cannot be found out from the key."""

Priority = Literal["bulk", "interactive"]
"""How urgent calls are where a limit makes them wait: `interactive` is what a person waits for."""

BASE_URLS: dict[str, str] = {
    "eu": "https://api.kombo.dev/v1",
    "us": "https://api.us.kombo.dev/v1",
    "ca": "https://api.ca.kombo.dev/v1",
}

assert set(BASE_URLS) == set(get_args(Region))

PRIORITIES: tuple[Priority, ...] = get_args(Priority)


def _seconds(_: Any, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name} is a number of seconds, not {type(value).__name__}")
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{attribute.name} is a finite number of seconds above 0, not {value}")


def _wait(_: Any, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name} is a number of seconds, not {type(value).__name__}")
    if not (value >= 0 and math.isfinite(value)):
        raise ValueError(f"{attribute.name} is a finite number of seconds, 0 or more, not {value}")


def _pace(_: Any, attribute: Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name} is a number, not {type(value).__name__}")
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{attribute.name} is a finite number above 0, not {value}")


def _count(_: Any, attribute: Attribute[Any], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{attribute.name} is a whole number, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{attribute.name} is at least 1, not {value}")


@frozen
class _Mergeable:
    """Options that record which of their fields were given, so that a view can keep the others."""

    _given: frozenset[str] = field(init=False)

    def __repr__(self) -> str:
        given = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(type(self)) if each.name in self._given)
        return f"{type(self).__name__}({', '.join(given)})"

    def merged(self, changes: Self) -> Self:
        """Return these options with the fields that were given to *changes*."""
        names = self._given | changes._given
        return type(self)(**{name: getattr(changes if name in changes._given else self, name) for name in names})


def _record_given(cls: type[T]) -> type[T]:
    """Make the instances of a class of options record what they were constructed with."""
    init: Any = cls.__init__

    @wraps(init)
    def __init__(self: T, **given: Any) -> None:  # noqa: N807
        init(self, **given)
        object.__setattr__(self, "_given", frozenset(given))

    setattr(cls, "__init__", __init__)  # noqa: B010 - type checkers refuse the plain assignment
    return cls


@_record_given
@frozen(kw_only=True, repr=False)
class Timeouts(_Mergeable):
    """How long to wait for what, in seconds.

    A deadline covers a call with all its retries and the waits between them, but not the time the call spends in
    the limiter's queue: a call takes at most its deadline and `queue` together. What is left out has its default in
    `KomboClient(timeouts=…)`, and keeps the value of the client in `with_options(timeouts=…)`.
    """

    connect: float = field(default=10.0, validator=_seconds)
    """For the connection: name look-up, TCP and TLS (with a session of yours, TCP alone, as its
    pool may queue). A connection that was not made is always tried again."""
    idle: float = field(default=30.0, validator=_seconds)
    """For the answer to a read to begin, and then for each further part of it; it may be noticed an eighth later.
    Actions are exempt: a connected tool may think for minutes."""
    read_deadline: float = field(default=120.0, validator=_seconds)
    """For a whole read. Longer than Kombo's rate-limit window, so that a read can sit one out."""
    action_deadline: float = field(default=600.0, validator=_seconds)
    """For a whole action or passthrough request, which the connected tool answers in its own time."""

    queue: float | None = field(default=None, validator=validators.optional(_seconds))
    """For the time in the limiter's queue, all attempts together; None waits as long as the limits take, which may be
    minutes beside bulk work. A call that is not sent in time ends with a `KomboTimeoutError` that says what held it
    back. The wait after a refusal of its own counts against the deadline instead."""

    @classmethod
    def interactive(cls) -> Self:
        """Return timeouts for calls that a person waits for, such as those of a web request: 3 s for the connection,
        3 s in the queue, 5 s of silence, 10 s for a read and 30 s for an action."""
        return cls(connect=3.0, idle=5.0, read_deadline=10.0, action_deadline=30.0, queue=3.0)


@_record_given
@frozen(kw_only=True, repr=False)
class RetryPolicy(_Mergeable):
    """How often and how patiently a failed request is sent again. What may be sent again is not a matter of
    taste: see the table of errors in the README.

    All calls of a client pay their retries from one budget: a hundred at first, then one for every five answers that
    were no failures and one a second. So an outage is not made worse; waits for a limit are free. What is left out has
    its default in `KomboClient(retry=…)`, and keeps the value of the client in `with_options(retry=…)`."""

    attempts: int = field(default=5, validator=_count)
    """How often a request is sent at most, the first time included; 1 switches retries off."""
    first_wait: float = field(default=1.0, validator=_wait)
    """The upper bound of the first wait in seconds; it doubles with each further one, and the wait is random
    below it. Kombo asks for about one second. A wait that the server asks for is never shortened."""
    longest_wait: float = field(default=30.0, validator=_wait)
    """Where the doubling ends, in seconds."""
    retry_remote_actions: bool = field(default=False, validator=validators.instance_of(bool))
    """Whether an action is sent again when the connected tool was down or over its limit. Off, because Kombo has
    then already tried several times, and one action may be several requests to the tool."""
    respect_retry_after: bool = field(default=True, validator=validators.instance_of(bool))
    """Whether a retry waits as long as the server asks for. False is for tests, and for a whole client only, which
    then learns no limits either: see `immediate`."""

    @classmethod
    def immediate(cls, *, attempts: int = 5) -> Self:
        """Return a policy that retries what the default one does and never waits, for tests of your own code.

        No wait is left that the server could ask for: `Retry-After` is ignored, and a client that is made with this
        policy learns nothing from the headers of rate and concurrency limits, as with `Limits.off()`, so that a
        refusal by a limit is retried at once too and holds no other call back. What you set yourself in `Limits`
        holds: `max_in_flight` and `requests_per_second`. `CoursesTask.wait` asks every few hundredths of a second.
        """
        return cls(attempts=attempts, first_wait=0.0, longest_wait=0.0, respect_retry_after=False)


@frozen(kw_only=True)
class Limits:
    """What a client allows itself, shared by all its views. Whatever is left out is learned from Kombo's answers."""

    requests_per_second: float | None = field(default=None, validator=validators.optional(_pace))
    """A pace that is never exceeded, where Kombo has told you one."""
    max_in_flight: int = field(default=100, validator=_count)
    """Requests on the wire at once. More than about a hundred gain nothing on one event loop. Actions take three
    quarters of it at most, so that tools that hang do not hold back reads."""
    actions_per_integration: int | None = field(default=None, validator=validators.optional(_count))
    """Actions of one integration on the wire at once, where Kombo has told you so; its own default is 30.
    See https://docs.kombo.dev/hris/guides/concurrency-limiting"""
    max_response_bytes: int = field(default=256 * 1024**2, validator=_count)
    """Bytes of one response after it is unpacked, 256 MiB unless given: many times the largest page. A larger one is
    dropped with its connection, and raises a `KomboConnectionError` that is not retried."""
    learn: bool = field(default=True, validator=validators.instance_of(bool))
    """Whether to hold requests back by what the answers say of the limits. The time in the queue is no part of a
    deadline. A pause that the server asks for holds all requests of the client back; a call that would have to wait
    for it beyond its deadline, or for more than two minutes, fails at once with the error of the limit."""

    def __attrs_post_init__(self) -> None:
        if not self.learn and self.actions_per_integration is not None:
            raise ValueError("learn=False holds no actions back: leave actions_per_integration out, or learn=True")

    @classmethod
    def off(cls, *, max_in_flight: int = 100) -> Limits:
        """Learn nothing and hold nothing back but what exceeds `max_in_flight`. Refusals are still retried."""
        return cls(max_in_flight=max_in_flight, learn=False)
