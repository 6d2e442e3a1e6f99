"""Which failures are tried again, and when. The only importer of backoff."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Generator
from typing import Any, ParamSpec, TypeVar

import backoff

from ..config import RetryPolicy
from ..errors import APIError, DecodeError, KomboConnectionError, KomboError
from .operation import Operation
from .response import LIMIT_CODES, REMOTE_BUSY_CODES, is_ambiguous

P = ParamSpec("P")
T = TypeVar("T")


class AttemptFailed(Exception):
    """An attempt that failed with *error*; `wait` is the seconds to sleep before the next one, None for no next one."""

    def __init__(self, error: KomboError, wait: float | None) -> None:
        super().__init__(error)
        self.error = error
        self.wait = wait


class RetryBudget:
    """How many retries a client may spend, so that an outage is not made worse: at first a hundred, then one for every
    five answers that were no failures, and at least one a second. Waits for a limit are not paid from it."""

    _MOST, _FOR_AN_ANSWER, _A_SECOND = 100.0, 0.2, 1.0

    def __init__(self) -> None:
        self._left = self._MOST
        self._at = time.monotonic()

    def earn(self) -> None:
        """Note an answer."""
        if self._left < self._MOST:
            self._left = min(self._left + self._FOR_AN_ANSWER, self._MOST)

    def spend(self) -> bool:
        """Take one retry out; False if there is none."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * self._A_SECOND, self._MOST)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


def may_repeat(operation: Operation[Any], error: KomboError, policy: RetryPolicy) -> bool:
    """Whether *operation* may be sent again after *error*: the table of errors in the README, as code."""
    if isinstance(error, DecodeError) or (isinstance(error, KomboConnectionError) and error.permanent):
        return False
    if not isinstance(error, APIError):
        return operation.idempotent or not error.may_have_run
    if error.code in LIMIT_CODES:
        return True
    if error.code in REMOTE_BUSY_CODES:
        return operation.idempotent or policy.retry_remote_actions
    refused_by_gateway = error.code is None and error.status == 429
    return operation.idempotent and (refused_by_gateway or is_ambiguous(error))


def wait_after(error: KomboError, attempts: int, policy: RetryPolicy) -> float:
    """Return the seconds to wait after *error* ended attempt number *attempts*: what the server asks for, or random
    below a bound that doubles each time."""
    told = error.retry_after if isinstance(error, APIError) and policy.respect_retry_after else None
    if told is not None:
        return told
    # 2.0 ** 64 is beyond any wait; larger exponents would overflow.
    bound = policy.first_wait * 2.0 ** min(attempts - 1, 64)
    return random.uniform(0.0, min(bound, policy.longest_wait))


async def with_retries(attempt: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what *attempt* returns, called again after each `AttemptFailed` that names a wait; raise the last one."""
    try:
        # Without backoff, which costs more than all else that the engine does for a call.
        return await attempt(*args, **kwargs)
    except AttemptFailed as failure:
        if failure.wait is None:
            raise
        failures = [failure]
    outcome = await _outcome(attempt, args, kwargs, failures)
    if isinstance(outcome, AttemptFailed):
        raise outcome
    result: T = outcome
    return result


def _waits() -> Generator[Any, Any, None]:
    # backoff starts a generator with one next() and then sends it each outcome.
    failure: AttemptFailed = yield
    while True:
        failure = yield failure.wait


def _has_next_attempt(outcome: object) -> bool:
    return isinstance(outcome, AttemptFailed) and outcome.wait is not None


# backoff's own jitter would shorten what the server asked for, and its log would hold the arguments.
@backoff.on_predicate(_waits, _has_next_attempt, jitter=None, logger=None)
async def _outcome(
    attempt: Callable[..., Awaitable[Any]], args: Any, kwargs: Any, failures: list[AttemptFailed]
) -> Any:
    """Return what *attempt* returns, or its failure; at first the one in *failures*, of which backoff does not know.

    A failure is not raised, as the fork of backoff leaves a generator behind if it is cancelled after an exception.
    """
    if failures:
        return failures.pop()
    try:
        return await attempt(*args, **kwargs)
    except AttemptFailed as failure:
        return failure
