"""The environment that an API key belongs to: its integrations and their state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from ..api_errors import ErrorResponse
from ..config import SandboxConfig
from .clock import SandboxClock
from .deterministic import Ids
from .integrations import Integration
from .owner import Owner
from .tables import Store, Table
from .tools import HRIS_TOOLS, OTHER_TOOLS, Capabilities, Tool

ChangeListener: TypeAlias = Callable[[Integration, frozenset[str]], None]
"""Called with an integration and the names of its models that changed."""


class NoIntegrationError(RuntimeError):
    """Raised if an integration is needed and all of them have been deleted."""


class Environment(Owner):
    """All data that an API key gives access to. It also owns the records that belong to no integration."""

    def __init__(
        self,
        config: SandboxConfig,
        tables: Mapping[str, Mapping[str, Table]],
        capabilities: Mapping[str, Capabilities],
    ) -> None:
        super().__init__(config, (config.seed, "environment"), SandboxClock())
        self.cursor_generation = 0
        """Cursors of earlier generations are no longer accepted."""
        self.id = Ids(config.seed, "environment").encode(0)
        self.customer_id = Ids(config.seed, "customer").encode(0)
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

    @property
    def count(self) -> int:
        """Return the number of integrations."""
        return len(self._tools) - len(self._deleted)

    def add_integration(self, tool: Tool) -> Integration:
        """Connect another tool, after all others."""
        self._tools.append(tool)
        return self.integration(self._id(len(self._tools) - 1))

    def listed(self, start: int) -> Iterator[tuple[int, str, Tool, Integration | None]]:
        """Iterate over all integrations from a number on: number, id, tool, and the integration if anything used it.

        An integration is made when it is first used; listing thousands of them makes none.
        """
        for number in range(start, len(self._tools)):
            if number not in self._deleted:
                yield number, self._id(number), self._tools[number], self._touched.get(number)

    def used_integrations(self) -> list[Integration]:
        """Return the integrations that were used since the start, in their order."""
        return [integration for _, integration in sorted(self._touched.items())]

    def publish_changes(self, integration: Integration) -> None:
        """Report to the listeners what changed in an integration since the last call."""
        integration.finish_due_sync()
        if changed := integration.store.take_changed():
            self.changed(integration, changed)

    def changed(self, integration: Integration, models: frozenset[str]) -> None:
        """Report changes of an integration to the listeners."""
        for listener in self.listeners:
            listener(integration, models)

    def integration_id_of(self, category: str) -> str | None:
        """Return the id of the first integration with a tool of this category, or None."""
        for number, tool in enumerate(self._tools):
            if tool.category == category and number not in self._deleted:
                return self._id(number)
        return None

    def integration_id_with(self, model: str) -> str | None:
        """Return the id of the first integration that has a model, or None."""
        categories = [category for category, tables in self.tables.items() if category and model in tables]
        return self.integration_id_of(categories[0]) if categories else None

    @property
    def integration_ids(self) -> tuple[str, ...]:
        """Return the ids of all integrations, in order."""
        return tuple(self._left())

    @property
    def first_integration_id(self) -> str:
        """Return the first of them."""
        first = next(self._left(), None)
        if first is None:
            raise NoIntegrationError("all integrations of the sandbox have been deleted")
        return first

    @property
    def changed_integration_id(self) -> str | None:
        """Return the first integration with changes at the source that no `data-changed` event has named, or None."""
        numbers = (number for number, each in sorted(self._touched.items()) if each.store.unannounced)
        return next((self._id(number) for number in numbers), None)

    def _left(self) -> Iterator[str]:
        numbers = range(len(self._tools))
        return (self._id(number) for number in numbers if number not in self._deleted)

    def integration(self, integration_id: str) -> Integration:
        """Return the integration with this id, or raise the error of the API."""
        number = self._number(integration_id)
        if number is None:
            raise ErrorResponse("PLATFORM.INTEGRATION_NOT_FOUND", "No integration of this environment has that id.")
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

    def _number(self, integration_id: str) -> int | None:
        number = self._ids.decode(integration_id.rpartition(":")[2])
        if number is None or number >= len(self._tools) or number in self._deleted:
            return None
        return number if self._id(number) == integration_id else None

    def has_integration(self, integration_id: str) -> bool:
        """Return whether there is an integration with this id."""
        return self._number(integration_id) is not None

    def delete(self, integration: Integration) -> None:
        """Delete an integration."""
        number = self._number(integration.id)
        if number is not None:
            self._deleted.add(number)
            self._touched.pop(number, None)

    def _id(self, number: int) -> str:
        return f"{self._tools[number].id}:{self._ids.encode(number)}"
