"""The environment behind a sandbox: its integrations and everything that can change. No HTTP here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs
from attrs.validators import in_

from ..api_errors import Problem, invalid
from ..config import SandboxConfig
from .company import DAY, TODAY
from .deterministic import Ids, iso
from .fields import CustomFieldCatalogue, FieldCatalogue
from .tables import Store, Table
from .tools import HRIS_TOOLS, OTHER_TOOLS, Offer, Tool, integration_parts

Clock: TypeAlias = Callable[[], float]
"""Seconds since 1970."""

_SEEDED_UNTIL: Final = float(TODAY + DAY)
"""Changes are stamped later than this, whatever the clock says, so that they are later than all that is seeded."""
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


def _names(value: Iterable[str]) -> frozenset[str]:
    if isinstance(value, str):
        raise TypeError(f"names come in a set or a list, as in {{{value!r}}}")
    return frozenset(value)


@attrs.frozen(kw_only=True)
class State:
    """What keeps an integration from being used."""

    status: str = attrs.field(default="ACTIVE", validator=in_(("ACTIVE", "INVALID", "INACTIVE")))
    """Or ``INVALID``, after which actions fail, or ``INACTIVE``, after which everything does."""
    setup_status: str = attrs.field(
        default="COMPLETED", validator=in_(("COMPLETED", "INCOMPLETE", "FINAL_SYNC_PENDING"))
    )
    """Or ``INCOMPLETE``, ``FINAL_SYNC_PENDING``."""
    qa_status: str = attrs.field(default="PASSED", validator=in_(("PASSED", "PENDING", "FAILED")))
    """Or ``PENDING``, ``FAILED``."""
    disabled_models: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Models that the scope config leaves out, such as ``hris_absences``."""
    disabled_actions: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Actions that the scope config leaves out, such as ``hris_create_absence``."""
    missing_permissions: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Models and actions that the customer's credentials do not allow."""


Custom: TypeAlias = tuple[str, Callable[[int], object]]
"""A custom field that has values: its key, and the value in record number so-and-so."""


class Integration:
    """One connected tool. It stores what was changed; everything else follows from its number."""

    def __init__(self, environment: Environment, number: int, integration_id: str, tool: Tool) -> None:
        config = environment.config
        self.id = integration_id
        self.tool = tool
        self.config = config
        self.state = State()
        self.offer = environment.offers.get(tool.category, Offer())
        self.store = Store(self, environment.tables.get(tool.category, {}))
        self.seeds = (config.seed, number)
        self.hidden = tool.hidden
        self.fields = FieldCatalogue(config.seed, number, config.fields, tool.category)
        self.custom_fields = CustomFieldCatalogue(config.seed, config.custom_fields)
        self._number = number
        self._clock = environment.clock
        self._passthrough: set[int] = set()
        self._mappings = self.custom_fields.first_mappings(self.fields)
        self._sync: Sync | None = None
        self._syncs = 0
        self._sync_ids = Ids(config.seed, number, "sync")
        self._values_changed_at = ""
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
        self.settle()
        if self._sync is not None:
            return self._sync, True
        self._syncs += 1
        self._sync = Sync(
            id=self._sync_ids.encode(self._syncs),
            type=kind,
            ends_at=self._clock() + self.config.sync_seconds,
            fields=frozenset(self._passthrough),
            mappings=dict(self._mappings),
        )
        return self._sync, False

    def seconds_to_sync(self) -> float:
        """How long the running sync still takes; 0 when none runs."""
        self.settle()
        return 0.0 if self._sync is None else self._sync.ends_at - self._clock()

    def set_enabled(self, enabled: bool) -> None:
        """Switch the integration on or off. Off cancels the running sync."""
        self.settle()
        self.state = attrs.evolve(self.state, status="ACTIVE" if enabled else "INACTIVE")
        if not enabled:
            self._sync = None

    def check_available(self, category: str | None, kind: str, name: str, *, calls_tool: bool) -> None:
        """Raise the error that keeps an operation from being executed, if there is one.

        The operation is for tools of a category, and needs a `"MODEL"` or an `"ACTION"` of this name to be available.
        """
        state = self.state
        if state.status == "INACTIVE":
            raise Problem("INTEGRATION.INACTIVE", "The integration is switched off.")
        if category is None:
            return
        if category != self.tool.category:
            message = f"{self.tool.label} is a tool of {self.tool.category}, not of {category}."
            raise Problem(f"INTEGRATION.{kind}_NOT_AVAILABLE", message)
        if state.setup_status == "INCOMPLETE":
            raise Problem("INTEGRATION.SETUP_INCOMPLETE", "The customer has not finished the setup.")
        if state.setup_status == "FINAL_SYNC_PENDING":
            raise Problem("INTEGRATION.SETUP_SYNC_PENDING", "The first sync has not finished.")
        if state.qa_status == "FAILED":
            raise Problem("INTEGRATION.QA_FAILED", "The integration did not pass its checks.")
        if name in state.disabled_models or name in state.disabled_actions:
            raise Problem(f"INTEGRATION.{kind}_DISABLED", f"The scope config leaves {name} out.")
        if name in state.missing_permissions:
            raise Problem("INTEGRATION.PERMISSION_MISSING", f"The credentials do not allow {name}.")
        if state.status == "INVALID" and calls_tool:
            raise Problem("INTEGRATION.AUTHENTICATION_INVALID", "The customer must connect anew.")

    def settle(self) -> None:
        """Finish the sync that is over: it needs no timer, as whoever looks after its end finds it finished."""
        sync = self._sync
        if sync is None or self._clock() < sync.ends_at:
            return
        self._sync = None
        if (sync.fields, sync.mappings) != self._shown:
            self._values_changed_at = iso(max(sync.ends_at, _SEEDED_UNTIL))
            self._show(sync.fields, sync.mappings)
            self.store.changed |= self._columns.keys() | self._customs.keys() | self._changing

    def _show(self, fields: frozenset[int], mappings: Mapping[int, int]) -> None:
        """From now on, records carry the values of these fields."""
        self._shown = (fields, mappings)
        self._changing = frozenset(getattr(self, "_columns", ()))
        self._columns: dict[str, list[Column]] = {}
        self._customs: dict[str, list[Custom]] = {}
        for field in sorted(fields):
            column = Column(self.fields.summary(field), self.fields.values(field))
            self._columns.setdefault(self.fields.model(field), []).append(column)
        for custom, field in sorted(mappings.items()):
            key = self.custom_fields.key(custom)
            self._customs.setdefault(self.custom_fields.model(custom), []).append((key, self.fields.values(field)))

    # What the records show.

    def details(self) -> dict[str, Any]:
        """The integration, as the API shows it."""
        parts = integration_parts(self.tool, self.offer, self.state.disabled_models | self.state.disabled_actions)
        return {
            "id": self.id,
            "tool": parts["tool"],
            "category": self.tool.category,
            "status": self.state.status,
            "setup_status": self.state.setup_status,
            "end_user": {
                "organization_name": f"Customer {self._number + 1}",
                "creator_email": f"admin@customer-{self._number + 1}.example" if self._number % 3 == 0 else None,
                "origin_id": f"tenant-{self._number + 1}" if self._number % 2 == 0 else None,
            },
            "scope_config": {"id": Ids(self.config.seed, "scope config").encode(0), "name": "Everything"},
            "data_expired_at": None,
            "created_at": iso(_CREATED + self._number * 3_600),
            "beta": self.tool.id == "datevhr",
            "read_models": parts["read_models"],
            "write_actions": parts["write_actions"],
        }

    def now(self) -> float:
        """The time of changes, later than all seeded ones."""
        return max(self._clock(), _SEEDED_UNTIL)

    def values_changed_at(self, model: str) -> str:
        """When a sync last changed what records carry of integration and custom fields, or an empty text."""
        self.settle()
        return self._values_changed_at if model in self._columns or model in self._customs else ""

    def custom_values(self, model: str, number: int) -> dict[str, object] | None:
        """``custom_fields`` of a record."""
        self.settle()
        return {key: value(number) for key, value in self._customs.get(model, ())} or None

    def field_values(self, model: str, number: int) -> list[dict[str, Any]]:
        """``integration_fields`` of a record."""
        self.settle()
        return [column.at(number) for column in self._columns.get(model, ())]


Listener: TypeAlias = Callable[[Integration, frozenset[str]], None]
"""Is told of an integration and the models in it that changed."""


class Environment:
    """All that one API key reaches. As the owner of records it has those that belong to no integration."""

    def __init__(
        self,
        config: SandboxConfig,
        tables: Mapping[str, Mapping[str, Table]],
        offers: Mapping[str, Offer],
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
        self.listeners: list[Listener] = []
        """Called whenever records changed, after the request or the sync that changed them."""
        self.offers = offers
        self.tables = tables
        self._tools = [HRIS_TOOLS[number % len(HRIS_TOOLS)] for number in range(config.integrations)]
        self._tools += reversed({tool.category: tool for tool in reversed(OTHER_TOOLS)}.values())
        self._ids = Ids(config.seed, "integration")
        self._touched: dict[int, Integration] = {}
        self._deleted: set[int] = set()

    def now(self) -> float:
        """The time of changes, later than all seeded ones."""
        return max(self.clock(), _SEEDED_UNTIL)

    def custom_values(self, *_: object) -> None:
        """Nothing: custom fields belong to integrations."""

    def field_values(self, *_: object) -> list[dict[str, Any]]:
        """Nothing: integration fields belong to integrations."""
        return []

    def values_changed_at(self, *_: object) -> str:
        """Never: syncs belong to integrations."""
        return ""

    def settle(self, integration: Integration) -> None:
        """Tell the listeners what has changed in an integration since last time."""
        integration.settle()
        if changed := integration.store.take_changed():
            self.changed(integration, changed)

    def changed(self, integration: Integration, models: frozenset[str]) -> None:
        """Tell the listeners what has changed in an integration."""
        for listener in self.listeners:
            listener(integration, models)

    def integration_id_of(self, category: str) -> str:
        """The first integration with a tool of this category."""
        for number, tool in enumerate(self._tools):
            if tool.category == category and number not in self._deleted:
                return self._id(number)
        raise _not_found(f"There is no integration with a tool of the category {category}.")

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
        numbers = range(len(self._tools))
        return (self._id(number) for number in numbers if number not in self._deleted)

    def integration(self, integration_id: str) -> Integration:
        """The integration with this id; an unknown id is the API's own error."""
        number = self._ids.decode(integration_id.rpartition(":")[2])
        if number is None or number >= len(self._tools) or number in self._deleted:
            raise _not_found()
        if self._id(number) != integration_id:
            raise _not_found()
        found = self._touched.get(number)
        if found is None:
            found = Integration(self, number, integration_id, self._tools[number])
            self._touched[number] = found
        return found

    def delete(self, integration: Integration) -> None:
        """Delete an integration for good."""
        number = self._ids.decode(integration.id.rpartition(":")[2])
        if number is not None:
            self._deleted.add(number)
            self._touched.pop(number, None)

    def _id(self, number: int) -> str:
        return f"{self._tools[number].id}:{self._ids.encode(number)}"


def _not_found(message: str = "No integration of this environment has that id.") -> Problem:
    return Problem("PLATFORM.INTEGRATION_NOT_FOUND", message)
