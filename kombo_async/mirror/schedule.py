"""When refreshes are due: intervals with jitter, and waits after failures. No I/O and no clock."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from attrs import Attribute, field, frozen

from .. import errors
from .._help import complete_class

DAY = 86400.0
_MINUTE = 60.0


def _duration(*, above_zero: bool) -> Any:
    def check(_: Any, attribute: Attribute[timedelta], value: object) -> None:
        if not isinstance(value, timedelta):
            raise TypeError(f"{attribute.name} is a timedelta, not {type(value).__name__}")
        if value < timedelta(0) or (above_zero and not value):
            raise ValueError(f"{attribute.name} is {'longer than 0' if above_zero else '0 or longer'}")

    return check


@complete_class
@frozen(kw_only=True)
class Schedule:
    """How often each model of each integration is refreshed without being asked to.

    Actual intervals are up to a quarter shorter, at random, so that integrations that were added together do not stay
    due together.
    """

    incremental: timedelta = field(default=timedelta(hours=3), validator=_duration(above_zero=True))
    """Between refreshes that read what changed. Kombo itself syncs with most tools every three hours; webhooks cause a
    refresh at once, whatever this says."""
    full: timedelta = field(default=timedelta(days=7), validator=_duration(above_zero=True))
    """Between refreshes that read everything. They find what no webhook or incremental refresh reported, and records
    that are gone without a mark."""
    overlap: timedelta = field(default=timedelta(hours=1), validator=_duration(above_zero=False))
    """How far back before the last refresh an incremental one reads. Kombo's own sync may commit a change later than
    the time that it carries; a record that is read twice costs almost nothing."""


def with_jitter(interval: timedelta, rng: random.Random) -> float:
    """Return the seconds of *interval*, or up to a quarter less."""
    return interval.total_seconds() * rng.uniform(0.75, 1.0)


@frozen
class Backoff:
    """How long to leave a model of an integration alone after a failed refresh."""

    seconds: float
    """Seconds from the failure."""
    ends_on_request: bool
    """Whether a webhook or a request ends it early. It does not after outages, or a burst of webhooks would become a
    burst of requests to a server that is down."""


_SETUP_PENDING = (errors.IntegrationSetupSyncPendingError, errors.IntegrationSetupIncompleteError)
_INTEGRATION_UNUSABLE = (
    errors.IntegrationInactiveError,
    errors.IntegrationAuthenticationInvalidError,
    errors.IntegrationPermissionMissingError,
    errors.IntegrationQAFailedError,
    errors.IntegrationNotFoundError,
)
_MODEL_UNUSABLE = (errors.IntegrationModelDisabledError, errors.IntegrationModelNotAvailableError)
_FIRST_WAIT = _MINUTE
_LONGEST_WAIT = 60 * _MINUTE


def backoff(error: BaseException, failures: int) -> Backoff:
    """Return how long to wait after *error*, the last of *failures* in a row."""
    if isinstance(error, _SETUP_PENDING):
        return Backoff(10 * _MINUTE, ends_on_request=True)
    if isinstance(error, _INTEGRATION_UNUSABLE):
        return Backoff(DAY, ends_on_request=True)
    if isinstance(error, _MODEL_UNUSABLE):
        return Backoff(7 * DAY, ends_on_request=True)
    seconds = min(_FIRST_WAIT * 2.0 ** min(failures - 1, 10), _LONGEST_WAIT)
    retry_after = error.retry_after if isinstance(error, errors.APIError) else None
    return Backoff(max(seconds, retry_after or 0.0), ends_on_request=False)
