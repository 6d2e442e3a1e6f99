"""Which failures are tried again, and when. The only importer of backoff."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar, TypeVarTuple

import backoff

from ..config import RetryPolicy
from ..errors import APIError, DecodeError, KomboConnectionError, KomboError
from .operation import Operation
from .response import LIMIT_CODES, REMOTE_BUSY_CODES, is_ambiguous

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class AttemptFailed(Exception):
    """An attempt that failed with *error*; `wait` is the seconds to sleep before the next one, None if none follows."""

    def __init__(self, error: KomboError, wait: float | None) -> None:
        super().__init__(error)
        self.error = error
        self.wait = wait


class RetryBudget:
    """A token bucket that pays for the retries of a client, so that these do not make an outage worse.

    It holds 100 retries at most, and gains one a second and one for every five successful responses: 1,000 calls at
    once that all fail send about 1,100 requests, and not 5,000. Retries after a refusal by a limit are free: the
    limiter decides when they go.
    """

    _CAPACITY, _PER_SUCCESS, _PER_SECOND = 100.0, 0.2, 1.0

    def __init__(self) -> None:
        self._tokens = self._CAPACITY
        self._refilled_at = time.monotonic()

    def earn(self) -> None:
        """Add the share of a retry that a successful response earns."""
        if self._tokens < self._CAPACITY:
            self._tokens = min(self._tokens + self._PER_SUCCESS, self._CAPACITY)

    def spend(self) -> bool:
        """Take one retry; return False if there is none."""
        now = time.monotonic()
        self._tokens = min(self._tokens + (now - self._refilled_at) * self._PER_SECOND, self._CAPACITY)
        self._refilled_at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


def may_repeat(operation: Operation[Any], error: KomboError, policy: RetryPolicy) -> bool:
    """Return whether *operation* may be sent again after *error*, as the page "Limits and retries" lists it."""
    if isinstance(error, DecodeError) or (isinstance(error, KomboConnectionError) and error.permanent):
        return False
    if not isinstance(error, APIError):
        return operation.idempotent or not error.may_have_run
    if error.code in LIMIT_CODES:
        return True
    if error.code in REMOTE_BUSY_CODES:
        return operation.idempotent or policy.retry_remote_actions
    refused_by_gateway = error.code is None and error.status == 429
    # What redirects a request, or speaks another protocol, does so again.
    redirected = error.code is None and error.status < 400
    return operation.idempotent and not redirected and (refused_by_gateway or is_ambiguous(error))


def wait_after(error: KomboError, attempts: int, policy: RetryPolicy) -> float:
    """Return the seconds to wait after *error* ended attempt number *attempts*: what the server asks for, else
    exponential backoff with full jitter, which is random below a bound that doubles each time."""
    if isinstance(error, APIError) and error.retry_after is not None and policy.respect_retry_after:
        return error.retry_after
    # 2.0 ** 64 is beyond any wait; larger exponents would overflow.
    bound = policy.first_wait * 2.0 ** min(attempts - 1, 64)
    return random.uniform(0.0, min(bound, policy.longest_wait))


async def retry(first_failure: AttemptFailed, attempt: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
    """Return what *attempt* returns, called after *first_failure* and again after each `AttemptFailed` that names a
    wait; raise the last one."""
    if first_failure.wait is None:
        raise first_failure
    result = await _retry_loop(attempt, args, [first_failure])
    if isinstance(result, AttemptFailed):
        raise result
    returned: T = result
    return returned


def _waits() -> Generator[Any, Any, None]:
    # backoff starts the generator with next() and then sends it what each attempt returned.
    failure: AttemptFailed = yield
    while True:
        failure = yield failure.wait


def _has_next_attempt(result: object) -> bool:
    return isinstance(result, AttemptFailed) and result.wait is not None


# backoff's own jitter would shorten what the server asked for, and its log would hold the arguments.
@backoff.on_predicate(_waits, _has_next_attempt, jitter=None, logger=None)
async def _retry_loop(attempt: Callable[..., Awaitable[Any]], args: Any, failures: list[AttemptFailed]) -> Any:
    """Return what *attempt* returns, or its failure. The first time, only return the failure in *failures*, of the
    attempt that was made without backoff.

    Failures are returned, because the maintained fork of backoff leaks a generator if it is cancelled while it waits
    after an exception.
    """
    if failures:
        return failures.pop()
    try:
        return await attempt(*args)
    except AttemptFailed as failure:
        return failure
