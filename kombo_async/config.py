"""The options of a client, as frozen values."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

from attrs import Attribute, field, frozen, validators

Region = Literal["eu", "us", "ca"]
"""Where Kombo keeps the environment that the key belongs to. It cannot be found out from the key."""

BASE_URLS: dict[str, str] = {
    "eu": "https://api.kombo.dev/v1",
    "us": "https://api.us.kombo.dev/v1",
    "ca": "https://api.ca.kombo.dev/v1",
}

assert set(BASE_URLS) == set(get_args(Region))


def _seconds(_: Any, attribute: Attribute[float], value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{attribute.name} is a number of seconds, not {type(value).__name__}")
    if not (value > 0 and math.isfinite(value)):
        raise ValueError(f"{attribute.name} is a finite number of seconds above 0, not {value}")


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


@frozen(kw_only=True)
class Timeouts:
    """How long to wait for what, in seconds.

    A deadline covers a call with all its retries and the waits between them, but not the time the call stands in
    the limiter's own queue.
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


@frozen(kw_only=True)
class RetryPolicy:
    """How often and how patiently a failed request is sent again. What may be sent again is not a matter of
    taste: see the table of errors in the README.

    All calls of a client pay their retries from one budget: a hundred at first, then one for every five answers that
    were no failures and one a second. So an outage is not made worse; waits for a limit are free."""

    attempts: int = field(default=5, validator=_count)
    """How often a request is sent at most, the first time included; 1 switches retries off."""
    first_wait: float = field(default=1.0, validator=_seconds)
    """The upper bound of the first wait in seconds; it doubles with each further one, and the wait is random
    below it. Kombo asks for about one second. A wait that the server asks for is never shortened."""
    longest_wait: float = field(default=30.0, validator=_seconds)
    """Where the doubling ends, in seconds."""
    retry_remote_actions: bool = field(default=False, validator=validators.instance_of(bool))
    """Whether an action is sent again when the connected tool was down or over its limit. Off, because Kombo has
    then already tried several times, and one action may be several requests to the tool."""


@frozen(kw_only=True)
class Limits:
    """What a client allows itself, shared by all its views. Whatever is left out is learned from Kombo's answers."""

    requests_per_second: float | None = field(default=None, validator=validators.optional(_pace))
    """A pace that is never exceeded, where Kombo has told you one."""
    max_in_flight: int = field(default=100, validator=_count)
    """Requests on the wire at once. More than about a hundred gain nothing on one event loop."""
    actions_per_integration: int | None = field(default=None, validator=validators.optional(_count))
    """Actions of one integration on the wire at once, where Kombo has told you so; its own default is 30.
    See https://docs.kombo.dev/hris/guides/concurrency-limiting"""
    learn: bool = field(default=True, validator=validators.instance_of(bool))
    """Whether to hold requests back by what the answers say of the limits. A request may stand in the queue until
    Kombo's window ends, two minutes at most, and that is not part of any deadline."""

    def __attrs_post_init__(self) -> None:
        if not self.learn and self.actions_per_integration is not None:
            raise ValueError("learn=False holds no actions back: leave actions_per_integration out, or learn=True")

    @classmethod
    def off(cls, *, max_in_flight: int = 100) -> Limits:
        """Learn nothing and hold nothing back but what exceeds `max_in_flight`. Refusals are still retried."""
        return cls(max_in_flight=max_in_flight, learn=False)
