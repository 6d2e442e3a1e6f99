"""The environment behind a sandbox: its integrations and everything that can change. No HTTP here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from kombo_async.sandbox.config import SandboxConfig
from kombo_async.sandbox.fields import EMPLOYEES, EMPLOYMENTS, CustomFieldCatalogue, FieldCatalogue
from kombo_async.sandbox.people import People
from kombo_async.sandbox.problems import Problem, invalid
from kombo_async.sandbox.seeded import Ids, iso
from kombo_async.sandbox.tools import HRIS_TOOLS, Tool, integration_parts

Clock: TypeAlias = Callable[[], float]
"""Seconds since 1970."""

_CREATED: Final = 1_735_725_600.0
"""When the first integration was connected: 1 January 2025, 10:00 UTC."""


@attrs.frozen
class Sync:
    """One run that brings the data of an integration up to date."""

    id: str
    """Unique within the integration."""
    type: str
    """``FULL`` or ``DELTA``; both do the same here."""
    ends_at: float
    """Seconds since 1970."""
    fields: frozenset[int]
    """The fields whose values it collects: those enabled when it was asked for."""
    mappings: Mapping[int, int]
    """The custom fields it fills, and from which integration fields."""


@attrs.frozen
class Column:
    """The values of one integration field, for all records of its model."""

    summary: dict[str, Any]
    """The field, as records mention it."""
    value: Callable[[int], object]
    """Its value in record number so-and-so."""

    def at(self, number: int) -> dict[str, Any]:
        """The field with the value that it has in record ``number``."""
        summary = self.summary
        return {
            "id": summary["id"],
            "key": summary["key"],
            "type": summary["type"],
            "value": self.value(number),
            "label": summary["label"],
        }


Custom: TypeAlias = tuple[str, Callable[[int], object]]
"""A custom field that has values: its key, and the value in record number so-and-so."""


class Integration:
    """One connected tool. It stores what was changed; everything else follows from its number."""

    def __init__(self, number: int, integration_id: str, tool: Tool, config: SandboxConfig, clock: Clock) -> None:
        self.id = integration_id
        self.tool = tool
        self.enabled = True
        self.fields = FieldCatalogue(config.seed, number, config.fields)
        self.people = People(config.seed, number, config.employees, hidden=tool.hidden)
        self.custom_fields = CustomFieldCatalogue(config.seed, config.custom_fields)
        self._number = number
        self._config = config
        self._clock = clock
        self._passthrough: set[int] = set()
        self._mappings = self.custom_fields.first_mappings(self.fields)
        self._sync: Sync | None = None
        self._syncs = 0
        self._sync_ids = Ids(config.seed, number, "sync")
        self._values_changed_at: float | None = None
        self._show(frozenset(), dict(self._mappings))

    # Integration fields and custom fields.

    def field_record(self, index: int) -> dict[str, Any]:
        """One integration field, as the API shows it."""
        return self.fields.record(index, enabled=index in self._passthrough)

    def set_passthrough(self, index: int, enabled: bool) -> None:
        """Choose or drop a field; records show the difference after the next sync."""
        if enabled:
            self._passthrough.add(index)
        else:
            self._passthrough.discard(index)

    def custom_field_record(self, index: int) -> dict[str, Any]:
        """One custom field with its mapping, as the API shows it."""
        field = self._mappings.get(index)
        return self.custom_fields.record(index, None if field is None else self.fields.summary(field))

    def map_custom_field(self, index: int, field: int | None) -> None:
        """Fill a custom field from an integration field, or from nothing; records follow with the next sync."""
        if field is None:
            self._mappings.pop(index, None)
            return
        if self.fields.model(field) != self.custom_fields.model(index):
            raise invalid("integration_field_id belongs to another model than the custom field.")
        self._mappings[index] = field

    # Syncs.

    def start_sync(self, kind: str) -> tuple[Sync, bool]:
        """Ask for a sync. The second value says whether one was running, which is then the one returned."""
        self._settle()
        if self._sync is not None:
            return self._sync, True
        self._syncs += 1
        self._sync = Sync(
            id=self._sync_ids.encode(self._syncs),
            type=kind,
            ends_at=self._clock() + self._config.sync_seconds,
            fields=frozenset(self._passthrough),
            mappings=dict(self._mappings),
        )
        return self._sync, False

    def seconds_to_sync(self) -> float:
        """How long the running sync still takes; 0 when none runs."""
        self._settle()
        return 0.0 if self._sync is None else self._sync.ends_at - self._clock()

    def set_enabled(self, enabled: bool) -> None:
        """Switch the integration on or off. Off cancels the running sync."""
        self._settle()
        self.enabled = enabled
        if not enabled:
            self._sync = None

    def _settle(self) -> None:
        # A sync needs no timer: whoever looks after its end finds it finished.
        sync = self._sync
        if sync is None or self._clock() < sync.ends_at:
            return
        self._sync = None
        if (sync.fields, sync.mappings) != self._shown:
            self._values_changed_at = sync.ends_at
            self._show(sync.fields, sync.mappings)

    def _show(self, fields: frozenset[int], mappings: Mapping[int, int]) -> None:
        """From now on, records carry the values of these fields."""
        self._shown = (fields, mappings)
        self._columns: dict[str, list[Column]] = {EMPLOYEES: [], EMPLOYMENTS: []}
        self._customs: dict[str, list[Custom]] = {EMPLOYEES: [], EMPLOYMENTS: []}
        for field in sorted(fields):
            if (columns := self._columns.get(self.fields.model(field))) is not None:
                columns.append(Column(self.fields.summary(field), self.fields.values(field)))
        for custom, field in sorted(mappings.items()):
            key = self.custom_fields.key(custom)
            self._customs[self.custom_fields.model(custom)].append((key, self.fields.values(field)))

    # What the records show.

    def details(self) -> dict[str, Any]:
        """The integration, as the API shows it."""
        parts = integration_parts(self.tool)
        return {
            "id": self.id,
            "tool": parts["tool"],
            "category": self.tool.category,
            "status": "ACTIVE" if self.enabled else "INACTIVE",
            "setup_status": "COMPLETED",
            "end_user": {
                "organization_name": f"Customer {self._number + 1}",
                "creator_email": f"admin@customer-{self._number + 1}.example" if self._number % 3 == 0 else None,
                "origin_id": f"tenant-{self._number + 1}" if self._number % 2 == 0 else None,
            },
            "scope_config": {"id": Ids(self._config.seed, "scope config").encode(0), "name": "Everything"},
            "data_expired_at": None,
            "created_at": iso(_CREATED + self._number * 3_600),
            "beta": self.tool.id == "datevhr",
            "read_models": parts["read_models"],
            "write_actions": parts["write_actions"],
        }

    def values_changed_at(self, index: int) -> float | None:
        """When a sync last changed what the employee carries of integration and custom fields."""
        self._settle()
        # A record that the tool has lost is out of reach for syncs.
        return None if self.people.deleted_at(index) is not None else self._values_changed_at

    def custom_values(self, index: int) -> dict[str, object] | None:
        """``custom_fields`` of an employee."""
        self._settle()
        return None if self.people.deleted_at(index) is not None else self._custom_values(EMPLOYEES, index)

    def employees(self, indices: list[int]) -> list[dict[str, Any]]:
        """The employees with these numbers, as the API shows them now."""
        self._settle()
        return [self._employee(index) for index in indices]

    def _employee(self, index: int) -> dict[str, Any]:
        record = self.people.record(index)
        if self.people.deleted_at(index) is not None:
            return record
        record["custom_fields"] = self._custom_values(EMPLOYEES, index)
        record["integration_fields"] = [column.at(index) for column in self._columns[EMPLOYEES]]
        if self._values_changed_at is not None:
            record["changed_at"] = iso(max(self._values_changed_at, self.people.changed_at(index)))
        for number, employment in zip(self.people.employment_numbers(index), record["employments"], strict=True):
            employment["custom_fields"] = self._custom_values(EMPLOYMENTS, number)
            employment["integration_fields"] = [column.at(number) for column in self._columns[EMPLOYMENTS]]
        return record

    def _custom_values(self, model: str, number: int) -> dict[str, object] | None:
        return {key: value(number) for key, value in self._customs[model]} or None


class Environment:
    """All that one API key reaches."""

    def __init__(self, config: SandboxConfig, *, clock: Clock = time.time) -> None:
        self.config = config
        self.clock = clock
        self.id = Ids(config.seed, "environment").encode(0)
        self.customer_id = Ids(config.seed, "customer").encode(0)
        self._ids = Ids(config.seed, "integration")
        self._touched: dict[int, Integration] = {}
        self._deleted: set[int] = set()

    @property
    def integration_ids(self) -> tuple[str, ...]:
        """Ids of the integrations that have not been deleted, in order."""
        return tuple(self._left())

    @property
    def first_integration_id(self) -> str:
        """The first of them."""
        first = next(self._left(), None)
        if first is None:
            raise RuntimeError("all integrations of the sandbox have been deleted")
        return first

    def _left(self) -> Iterator[str]:
        numbers = range(self.config.integrations)
        return (self._id(number) for number in numbers if number not in self._deleted)

    def integration(self, integration_id: str) -> Integration:
        """The integration with this id; an unknown id is the API's own error."""
        number = self._ids.decode(integration_id.rpartition(":")[2])
        if number is None or number >= self.config.integrations or number in self._deleted:
            raise _not_found()
        if self._id(number) != integration_id:
            raise _not_found()
        found = self._touched.get(number)
        if found is None:
            found = Integration(number, integration_id, self._tool(number), self.config, self.clock)
            self._touched[number] = found
        return found

    def delete(self, integration: Integration) -> None:
        """Delete an integration for good."""
        number = self._ids.decode(integration.id.rpartition(":")[2])
        if number is not None:
            self._deleted.add(number)
            self._touched.pop(number, None)

    def _tool(self, number: int) -> Tool:
        return HRIS_TOOLS[number % len(HRIS_TOOLS)]

    def _id(self, number: int) -> str:
        return f"{self._tool(number).id}:{self._ids.encode(number)}"


def _not_found() -> Problem:
    return Problem("PLATFORM.INTEGRATION_NOT_FOUND", "No integration of this environment has that id.")
