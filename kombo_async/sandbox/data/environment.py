"""The environment that an API key belongs to: its integrations and their state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from ..api_errors import ErrorResponse
from ..config import SandboxConfig
from .deterministic import Ids
from .integrations import GENERATED_UNTIL, Clock, Integration
from .tables import Store, Table
from .tools import HRIS_TOOLS, OTHER_TOOLS, Capabilities

ChangeListener: TypeAlias = Callable[[Integration, frozenset[str]], None]
"""Called with an integration and the names of its models that changed."""


class Environment:
    """All data that an API key gives access to. It also owns the records that belong to no integration."""

    def __init__(
        self,
        config: SandboxConfig,
        tables: Mapping[str, Mapping[str, Table]],
        capabilities: Mapping[str, Capabilities],
        *,
        clock: Clock = time.time,
    ) -> None:
        self.config = config
        self.clock = clock
        self.id = Ids(config.seed, "environment").encode(0)
        self.customer_id = Ids(config.seed, "customer").encode(0)
        self.seeds = (config.seed, "environment")
        self.hidden: frozenset[str] = frozenset()
        self.store = Store(self, tables.get("", {}))
        self.listeners: list[ChangeListener] = []
        """Called after each request and each sync that changed records."""
        self.capabilities = capabilities
        self.tables = tables
        self._tools = [HRIS_TOOLS[number % len(HRIS_TOOLS)] for number in range(config.integrations)]
        self._tools += reversed({tool.category: tool for tool in reversed(OTHER_TOOLS)}.values())
        self._ids = Ids(config.seed, "integration")
        self._touched: dict[int, Integration] = {}
        self._deleted: set[int] = set()

    def now(self) -> float:
        """Return the time of a change made now, later than all generated data."""
        return max(self.clock(), GENERATED_UNTIL)

    def custom_values(self, *_: object) -> None:
        """Return None: custom fields belong to integrations."""

    def field_values(self, *_: object) -> list[dict[str, Any]]:
        """Return an empty list: integration fields belong to integrations."""
        return []

    def values_changed_at(self, *_: object) -> str:
        """Return an empty text: syncs belong to integrations."""
        return ""

    def publish_changes(self, integration: Integration) -> None:
        """Report to the listeners what changed in an integration since the last call."""
        integration.finish_due_sync()
        if changed := integration.store.take_changed():
            self.changed(integration, changed)

    def changed(self, integration: Integration, models: frozenset[str]) -> None:
        """Report changes of an integration to the listeners."""
        for listener in self.listeners:
            listener(integration, models)

    def integration_id_of(self, category: str) -> str:
        """Return the id of the first integration with a tool of this category."""
        for number, tool in enumerate(self._tools):
            if tool.category == category and number not in self._deleted:
                return self._id(number)
        raise _not_found(f"There is no integration with a tool of the category {category}.")

    @property
    def integration_ids(self) -> tuple[str, ...]:
        """Return the ids of all integrations, in order."""
        return tuple(self._left())

    @property
    def first_integration_id(self) -> str:
        """Return the first of them."""
        first = next(self._left(), None)
        if first is None:
            raise RuntimeError("all integrations of the sandbox have been deleted")
        return first

    def _left(self) -> Iterator[str]:
        numbers = range(len(self._tools))
        return (self._id(number) for number in numbers if number not in self._deleted)

    def integration(self, integration_id: str) -> Integration:
        """Return the integration with this id, or raise the error of the API."""
        number = self._ids.decode(integration_id.rpartition(":")[2])
        if number is None or number >= len(self._tools) or number in self._deleted:
            raise _not_found()
        if self._id(number) != integration_id:
            raise _not_found()
        found = self._touched.get(number)
        if found is None:
            tool = self._tools[number]
            found = Integration(
                self.config,
                number,
                integration_id,
                tool,
                capabilities=self.capabilities.get(tool.category, Capabilities()),
                tables=self.tables.get(tool.category, {}),
                clock=self.clock,
            )
            self._touched[number] = found
        return found

    def delete(self, integration: Integration) -> None:
        """Delete an integration."""
        number = self._ids.decode(integration.id.rpartition(":")[2])
        if number is not None:
            self._deleted.add(number)
            self._touched.pop(number, None)

    def _id(self, number: int) -> str:
        return f"{self._tools[number].id}:{self._ids.encode(number)}"


def _not_found(message: str = "No integration of this environment has that id.") -> ErrorResponse:
    return ErrorResponse("PLATFORM.INTEGRATION_NOT_FOUND", message)
