"""What records depend on: their owner, an integration or the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import attrs

from ..config import SandboxConfig


@attrs.frozen
class Switch:
    """A model that was switched off or on in the scope config."""

    off: bool
    """Whether it is off: its records count as deleted."""
    at: str
    """When it was last switched."""


class Owner(Protocol):
    """The owner of records: an integration, or the environment itself."""

    @property
    def seeds(self) -> tuple[object, ...]:
        """The seed of the records."""
        ...

    @property
    def config(self) -> SandboxConfig:
        """The configuration, with the numbers of records."""
        ...

    @property
    def hidden(self) -> frozenset[str]:
        """Fields that are null in all employees."""
        ...

    def now(self) -> float:
        """Return the time of a change made now, later than all generated data."""
        ...

    def custom_values(self, model: str, number: int, /) -> dict[str, object] | None:
        """Return the `custom_fields` of a record."""
        ...

    def field_values(self, model: str, number: int, /) -> list[dict[str, Any]]:
        """Return the `integration_fields` of a record."""
        ...

    def values_changed_at(self, model: str, /) -> str:
        """Return when a sync last changed either of the two, or an empty text."""
        ...

    @property
    def switches(self) -> Mapping[str, Switch]:
        """Return the models that were switched off or on."""
        ...
