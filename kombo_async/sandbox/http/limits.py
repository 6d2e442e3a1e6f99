"""Rate limit and concurrency limit of the sandbox."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

import attrs

from ..api_errors import ErrorResponse


@attrs.frozen
class RateDecision:
    """The decision of a rate limit on one request."""

    granted: bool
    headers: dict[str, str]


class FixedWindow:
    """A number of requests in a window, which starts with the first request after the previous one ended."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._left = 0
        self._ends = -math.inf

    def acquire(self, now: float) -> RateDecision:
        """Count a request."""
        if now >= self._ends:
            self._left = self._limit
            self._ends = now + self._seconds
        granted = self._left > 0
        self._left -= granted
        headers = {
            "ratelimit-limit": str(self._limit),
            "ratelimit-remaining": str(self._left),
            # Rounded up, so that a client that waits so long is never too early.
            "ratelimit-reset": str(math.ceil(self._ends - now)),
        }
        return RateDecision(granted, headers)


class ConcurrencyLimit:
    """A limit on the actions in flight of each integration."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._in_flight: Counter[str] = Counter()

    @contextmanager
    def acquire(self, integration_id: str) -> Generator[None]:
        """Count an action of the integration as in flight, or raise the error of the limit."""
        if self._in_flight[integration_id] >= self._limit:
            raise ErrorResponse(
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
        """Return the headers of the response to an action, which itself still counts as in flight."""
        return self._headers(self._limit - self._in_flight[integration_id])

    def _headers(self, remaining: int) -> dict[str, str]:
        return {"Concurrency-Limit": str(self._limit), "Concurrency-Remaining": str(remaining)}
