"""How much the sandbox takes: requests in a window, actions at a time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

import attrs

from ..api_errors import Problem


@attrs.frozen
class Allowance:
    """What a budget says to one request."""

    granted: bool
    """Whether the request may pass."""
    headers: dict[str, str]
    """What the answer tells about the budget."""


class RequestBudget(Protocol):
    """Decides how many requests pass. Another kind of limit is another class with this one method."""

    def take(self, now: float) -> Allowance:
        """Charge one request that came in at ``now``, seconds on a clock that never goes back."""
        ...


class FixedWindow:
    """So many requests in a window; the window opens with the first request after the last one ended."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._left = 0
        self._ends = -math.inf

    def take(self, now: float) -> Allowance:
        """Charge one request."""
        if now >= self._ends:
            self._left = self._limit
            self._ends = now + self._seconds
        granted = self._left > 0
        self._left -= granted
        headers = {
            "ratelimit-limit": str(self._limit),
            "ratelimit-remaining": str(self._left),
            # Rounded up, so that a client that waits as long as it is told is never too early.
            "ratelimit-reset": str(math.ceil(self._ends - now)),
        }
        return Allowance(granted, headers)


class ActionSlots:
    """Actions in flight, counted for each integration."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_flight: Counter[str] = Counter()

    @contextmanager
    def slot(self, integration_id: str) -> Generator[None]:
        """Hold a slot of the integration, or raise the error that says that all are taken."""
        if self._in_flight[integration_id] >= self._limit:
            raise Problem(
                "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED",
                f"{self._limit} actions are already in flight on this integration.",
                headers=self._headers(0),
            )
        self._in_flight[integration_id] += 1
        try:
            yield
        finally:
            self._in_flight[integration_id] -= 1
            if not self._in_flight[integration_id]:
                del self._in_flight[integration_id]

    def headers(self, integration_id: str) -> dict[str, str]:
        """What the answer to an action tells; the action itself still counts as in flight."""
        return self._headers(self._limit - self._in_flight[integration_id])

    def _headers(self, remaining: int) -> dict[str, str]:
        return {"Concurrency-Limit": str(self._limit), "Concurrency-Remaining": str(remaining)}
