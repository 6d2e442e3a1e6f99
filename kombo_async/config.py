"""The options of a client, as frozen values."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, get_args

from attrs import Attribute, field, fields, frozen, validators

if TYPE_CHECKING:
    from .engine.permits import PermitStore

from ._help import complete_class

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


def _number(
    type_name: str, least: float, wanted: str, *, exclusive: bool = False
) -> Callable[[Any, Attribute[Any], object], None]:
    """Return a validator of finite numbers from *least* on, or above it."""

    def validate(_: Any, attribute: Attribute[Any], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{attribute.name} is {type_name}, not {type(value).__name__}")
        if not least <= value < math.inf or (exclusive and value == least):
            raise ValueError(f"{attribute.name} is {wanted}, not {value}")

    return validate


_seconds = _number("a number of seconds", 0, "a finite number of seconds above 0", exclusive=True)
_wait = _number("a number of seconds", 0, "a finite number of seconds, 0 or more")
_rate = _number("a number", 0, "a finite number above 0", exclusive=True)


def check_count(name: str, value: object) -> None:
    """Raise a `TypeError` or a `ValueError` unless the option *name* is a whole number from 1 on."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is a whole number, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} is at least 1, not {value}")


def _count(_: Any, attribute: Attribute[Any], value: object) -> None:
    check_count(attribute.name, value)


def _store(_: Any, attribute: Attribute[Any], value: object) -> None:
    if value is not None and not callable(getattr(value, "open", None)):
        raise TypeError(f"{attribute.name} is a SharedLimits, not {type(value).__name__}")


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


@complete_class
@_record_given
@frozen(kw_only=True, repr=False)
class Timeouts(_Mergeable):
    """The timeouts of calls, in seconds.

    A deadline covers a call with all its retries and the waits between them, but not the time the call spends in
    the limiter's queue: a call takes at most its deadline and `queue` together. Fields that are left out have their
    defaults in `KomboClient(timeouts=…)`, and the values of the client in `with_options(timeouts=…)`.
    """

    connect: float = field(default=10.0, validator=_seconds)
    """Seconds to make a connection: DNS, TCP and TLS. With a session of yours, only TCP, as its pool may have a queue.
    A request without a connection did not run, so it is always retried."""
    idle: float = field(default=30.0, validator=_seconds)
    """Seconds without any data until the response to a read begins, and between its parts. It may expire an eighth
    later. It does not apply to actions, as the connected tool may take minutes to respond."""
    read_deadline: float = field(default=120.0, validator=_seconds)
    """Seconds for a whole read, or another request that Kombo answers itself. It is longer than the window of Kombo's
    rate limit, so that a read can wait for the next window."""
    action_deadline: float = field(default=600.0, validator=_seconds)
    """Seconds for a whole action or passthrough request: its duration depends on the connected tool."""

    queue: float | None = field(default=None, validator=validators.optional(_seconds))
    """Seconds in the queue of the limiter, for all attempts together. With None, a call waits as long as the
    limits require, possibly minutes while bulk work runs. A call that is not sent in time ends with a
    `KomboTimeoutError` with the reason. The wait after a refusal counts against the deadline instead."""

    @classmethod
    def interactive(cls) -> Self:
        """Return timeouts for calls that a person waits for, such as those of a web request: 3 s for the connection,
        3 s in the queue, 5 s without data, 10 s for a read and 30 s for an action."""
        return cls(connect=3.0, idle=5.0, read_deadline=10.0, action_deadline=30.0, queue=3.0)


@complete_class
@_record_given
@frozen(kw_only=True, repr=False)
class RetryPolicy(_Mergeable):
    """How often, and after which waits, a failed request is sent again. Which failures are retried is not an option:
    see "Retries" in the documentation.

    All calls of a client share a budget of 100 retries, so that they do not make an outage worse. It gains one retry a
    second, and one for every five successful responses. Retries after a refusal by a limit are free. Fields that are
    left out have their defaults in `KomboClient(retry=…)`, and the values of the client in `with_options(retry=…)`.
    """

    attempts: int = field(default=5, validator=_count)
    """The largest number of times that a request is sent, including the first; 1 means no retries."""
    first_wait: float = field(default=1.0, validator=_wait)
    """Seconds; the upper bound of the first wait, which doubles with each further one. The wait is random below the
    bound. Kombo recommends about one second. A wait that the server asks for is never shortened."""
    longest_wait: float = field(default=30.0, validator=_wait)
    """Seconds; the largest value of that bound."""
    retry_remote_actions: bool = field(default=False, validator=validators.instance_of(bool))
    """Whether to retry an action if the connected tool was down or its limit was reached. False by default, because
    Kombo has retried it several times already, and an action may consist of several requests to the tool."""
    respect_retry_after: bool = field(default=True, validator=validators.instance_of(bool))
    """Whether a retry waits as long as the server asks for. False is for tests, and only for a whole client, which then
    learns no limits either: see `immediate`."""

    @classmethod
    def immediate(cls, *, attempts: int = 5) -> Self:
        """Return a policy that retries the same failures as the default one, without waits, for tests of your own code.

        `Retry-After` is ignored, and a client with this policy learns no limits from headers, as with `Limits.off()`: a
        refusal by a limit is retried at once and delays no other call. `max_in_flight` and `requests_per_second` of
        your `Limits` still apply. The `wait` of tasks reads their state again after a hundredth of a second, and then
        at growing intervals.
        """
        return cls(attempts=attempts, first_wait=0.0, longest_wait=0.0, respect_retry_after=False)


@complete_class
@frozen(kw_only=True)
class Limits:
    """The limits of a client and all its views. Those that are left out are learned from Kombo's responses."""

    requests_per_second: float | None = field(default=None, validator=validators.optional(_rate))
    """A request rate that is never exceeded, for example one that Kombo has agreed with you."""
    max_in_flight: int = field(default=100, validator=_count)
    """The largest number of concurrent requests. More than about 100 gain nothing on one event loop. Actions take at
    most three quarters of it, so that tools that hang do not block reads."""
    actions_per_integration: int | None = field(default=None, validator=validators.optional(_count))
    """The largest number of concurrent actions of one integration, if Kombo has agreed another one with you than 30.
    See https://docs.kombo.dev/hris/guides/concurrency-limiting"""
    max_response_bytes: int = field(default=256 * 1024**2, validator=_count)
    """Bytes of one decompressed response. The default of 256 MiB is many times the largest page. A larger response ends
    with a `KomboConnectionError`, which is not retried, and its connection is closed."""
    learn: bool = field(default=True, validator=validators.instance_of(bool))
    """Whether to delay requests according to the limits that responses report. The time in the queue does not count
    towards a deadline. A pause that the server asks for delays all requests of the client; a call that would have to
    wait beyond its deadline, or for more than two minutes, fails at once with the error of the limit."""
    shared: PermitStore | None = field(default=None, validator=_store)
    """Where several processes with one key share its limits: `kombo_async.fleet.SharedLimits("postgresql://…")`. While
    the database is away, each process keeps its own limits."""

    def __attrs_post_init__(self) -> None:
        if not self.learn and self.shared is not None:
            raise ValueError("learn=False learns no limits that could be shared: leave shared out, or learn=True")
        if not self.learn and self.actions_per_integration is not None:
            raise ValueError("learn=False delays no actions: leave actions_per_integration out, or learn=True")

    @classmethod
    def off(cls, *, max_in_flight: int = 100) -> Limits:
        """Return limits that learn nothing and delay only requests beyond `max_in_flight`. Refusals are still
        retried."""
        return cls(max_in_flight=max_in_flight, learn=False)
