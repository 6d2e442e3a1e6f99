"""The configuration of a sandbox: amount of data, latency, limits, deviations from the description of the API."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from urllib.parse import urlsplit

import attrs
from attrs.validators import instance_of

from .._help import complete_class
from ..redaction import hidden
from ..webhook_examples import EXAMPLE_SECRET


class Drift(enum.Flag):
    """Ways in which real responses differ from the published description of the API.

    Combine them with `|`; each applies to every response that it can apply to.
    """

    NONE = 0
    """Responses as they are described."""
    NO_IS_WRITABLE = enum.auto()
    """Integration fields lack `is_writable`."""
    TOP_LEVEL_CURSOR = enum.auto()
    """Lists carry `next_cursor` next to `data` and not inside it."""
    BLANK_NEXT = enum.auto()
    """The last page says `next: ""` where others say null."""
    OLD_INTEGRATION = enum.auto()
    """Integration details without `data_expired_at` and `write_actions`."""
    MESSAGE_ONLY_ERRORS = enum.auto()
    """Every error is a 503 whose `error` object holds only `message`."""
    NULL_CODES = enum.auto()
    """Errors keep their status and say `code: null`."""
    UNKNOWN_ENUMS = enum.auto()
    """Statuses, categories and types hold values that no published enum has."""
    STRANGE_CURSORS = enum.auto()
    """Cursors are long and full of characters that must be percent-encoded with care."""
    EXTRA_KEYS = enum.auto()
    """Every object has keys that the description does not mention."""
    ANONYMISED = enum.auto()
    """In synced records every field but the id is null, or an empty list."""
    NULL_LISTS = enum.auto()
    """Lists inside synced records are null."""
    MISSING_KEYS = enum.auto()
    """Keys that may be left out are left out."""


def _at_least(low: int) -> Callable[[object, attrs.Attribute[int], int], None]:
    def check(_: object, attribute: attrs.Attribute[int], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{attribute.name} must be a whole number, not {value!r}")
        if value < low:
            raise ValueError(f"{attribute.name} must be at least {low}, not {value}")

    return check


def _seconds(*, above_zero: bool = False) -> Callable[[object, attrs.Attribute[float], float], None]:
    def check(_: object, attribute: attrs.Attribute[float], value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{attribute.name} must be a number of seconds, not {value!r}")
        if not math.isfinite(value) or value < 0 or (above_zero and value == 0):
            least = "above" if above_zero else "at least"
            raise ValueError(f"{attribute.name} must be finite and {least} 0, not {value}")

    return check


def _is_drift(_: object, attribute: attrs.Attribute[Drift], value: object) -> None:
    if not isinstance(value, Drift):
        raise TypeError(f"{attribute.name} must be a combination of Drift flags, not {value!r}")


def check_url(url: object) -> None:
    """Raise an error unless webhooks can be sent to the URL."""
    if not isinstance(url, str):
        raise TypeError(f"the address for webhooks must be a str, not {type(url).__name__}")
    try:
        parts = urlsplit(url)
        # urlsplit drops line breaks and tabs silently.
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("the address for webhooks must begin with http:// or https:// and name a host")


def check_secret(secret: object) -> None:
    """Raise an error unless webhooks can be signed with the secret."""
    if not isinstance(secret, str):
        raise TypeError(f"the webhook secret must be a str, not {type(secret).__name__}")
    if not secret.strip():
        raise ValueError("the webhook secret must not be empty")


def _is_url_or_none(_: object, __: attrs.Attribute[str | None], value: object) -> None:
    if value is not None:
        check_url(value)


def _is_secret(_: object, __: attrs.Attribute[str], value: object) -> None:
    check_secret(value)


@complete_class
@attrs.frozen(kw_only=True)
class SandboxConfig:
    """The configuration of a sandbox. The defaults suit a first try.

    Data depends on `seed` and the sizes alone, so two sandboxes with equal configs hold equal records.
    Fields and employees are computed when they are read: a million of them take no memory.
    """

    fields: int = attrs.field(default=4321, validator=_at_least(0))
    """Integration fields of each integration; about 60 % belong to employees."""
    custom_fields: int = attrs.field(default=12, validator=_at_least(0))
    """Custom fields of the environment; the first three are mapped from the start."""
    employees: int = attrs.field(default=120, validator=_at_least(0))
    """Employees of each HR system, including deleted ones. The number of other records is proportional to it,
    but 2,000 of a model at most."""
    integrations: int = attrs.field(default=1, validator=_at_least(1))
    """Connected HR systems: the first is Personio, the second Workday, then others in turn. In addition there are one
    recruiting system, one system that orders assessments, and one learning system."""
    seed: int = attrs.field(default=1, validator=_at_least(0))
    """The seed of all generated data."""
    sync_seconds: float = attrs.field(default=0.2, validator=_seconds())
    """Duration of a sync."""
    latency: float = attrs.field(default=0.0, validator=_seconds())
    """Seconds that every request takes at least."""
    action_latency: float = attrs.field(default=0.0, validator=_seconds())
    """Seconds that an action takes in addition; it counts as in flight meanwhile."""
    requests_per_window: int = attrs.field(default=100_000, validator=_at_least(1))
    """Requests allowed in one rate window; further ones get `PLATFORM.RATE_LIMIT_EXCEEDED`."""
    window_seconds: float = attrs.field(default=60.0, validator=_seconds(above_zero=True))
    """Length of the rate window, which starts with the first request after the previous one ended."""
    actions_per_integration: int = attrs.field(default=30, validator=_at_least(1))
    """Actions in flight on one integration; a further one gets `PLATFORM.CONCURRENCY_LIMIT_EXCEEDED`."""
    kept_requests: int = attrs.field(default=10_000, validator=_at_least(0))
    """How many of the latest requests `sandbox.requests` holds."""
    kept_bytes: int = attrs.field(default=64 * 1024**2, validator=_at_least(0))
    """Memory of the requests in `sandbox.requests`, at most; the oldest ones are dropped first. In addition, 8 MiB of
    responses are kept for the control API."""
    unstable_pages: bool = attrs.field(default=False, validator=instance_of(bool))
    """Whether cursors count records instead of pointing at one: a record that vanishes from a page that was read hides
    another one on the next page, as Kombo documents no snapshots."""
    drift: Drift = attrs.field(default=Drift.NONE, validator=_is_drift)
    """Deviations from the description of the API, in all responses."""
    webhook_url: str | None = attrs.field(default=None, validator=_is_url_or_none)
    """Where webhooks are sent to. `sandbox.send_webhooks_to` adds further receivers."""
    webhook_secret: str = attrs.field(default=EXAMPLE_SECRET, validator=_is_secret, repr=hidden)
    """The key of their signatures."""
