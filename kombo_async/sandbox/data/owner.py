"""What records depend on: their owner, an integration or the environment."""

from __future__ import annotations

from typing import Any

import attrs

from ..config import SandboxConfig
from .clock import SandboxClock


@attrs.frozen
class Switch:
    """A model that was switched off or on in the scope config."""

    off: bool
    """Whether it is off: its records count as deleted."""
    at: str


class Owner:
    """The owner of records: an integration, or the environment itself, which has no fields, mappings and syncs."""

    hidden = frozenset[str]()
    """Fields that are null in all employees."""

    def __init__(self, config: SandboxConfig, seeds: tuple[object, ...], clock: SandboxClock) -> None:
        self.config = config
        self.seeds = seeds
        """The seed of the records."""
        self.clock = clock
        self.switches: dict[str, Switch] = {}
        """Models that were switched off or on."""

    def custom_values(self, model: str, number: int) -> dict[str, object] | None:  # noqa: ARG002
        """Return the `custom_fields` of a record."""
        return None

    def field_values(self, model: str, number: int) -> list[dict[str, Any]]:  # noqa: ARG002
        """Return the `integration_fields` of a record."""
        return []

    def values_changed_at(self, model: str) -> str:  # noqa: ARG002
        """Return when a sync last changed either of the two, or an empty text."""
        return ""
