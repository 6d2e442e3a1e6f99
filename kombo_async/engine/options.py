"""What a client, or a view of it, applies to each of its calls."""

from __future__ import annotations

from msgspec import Struct

from ..config import RetryPolicy, Timeouts


class CallOptions(Struct, frozen=True, kw_only=True):
    """The options of one client or view. They are checked when it is made, and not again with each call."""

    base_url: str
    """The address of the API, without a slash at its end."""
    integration_id: str | None
    """The integration of each call that names no other."""
    retry: RetryPolicy
    timeouts: Timeouts
    interactive: bool = False
    """Whether a person waits for the calls, so that they go before others in the queue of the limiter."""
