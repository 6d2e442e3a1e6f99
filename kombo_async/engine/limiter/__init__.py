"""The limiter: when a request may be sent, learned from responses. Requests wait in `queue.py` for the limits that
`rate_limit.py` and `action_slots.py` have learned; `limiter.py` joins the three."""

from .limiter import Limiter
from .pause import CLOCK_RESOLUTION, LONGEST_PAUSE, Blocked, Refusal, RetryDelay
from .queue import QueueTimeout
from .tickets import Ticket

__all__ = [
    "CLOCK_RESOLUTION", "LONGEST_PAUSE", "Blocked", "Limiter", "QueueTimeout", "Refusal", "RetryDelay", "Ticket",
]  # fmt: skip
