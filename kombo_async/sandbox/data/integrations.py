"""An integration: its state, its fields, its syncs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from ..api_errors import ErrorResponse, invalid_input
from ..config import SandboxConfig
from .clock import SandboxClock
from .deterministic import Ids, iso
from .fields import CustomFieldCatalogue, FieldCatalogue
from .owner import Owner, Switch
from .tables import Store, Table
from .tools import Capabilities, Tool, integration_parts

_CREATED = 1_735_725_600.0
"""When the first integration was connected: 1 January 2025, 10:00 UTC."""


@attrs.frozen
class Sync:
    """A sync of an integration with its tool."""

    id: str
    """Unique within the integration."""
    type: str
    """`FULL` or `DELTA`; the sandbox does the same for both."""
    ends_at: float
    """Seconds since 1970."""
    fields: frozenset[int]
    """The integration fields whose values it reads: those enabled when it was requested."""
    mappings: Mapping[int, int]
    """The custom fields it fills, each with its integration field."""


def _names(value: Iterable[str]) -> frozenset[str]:
    if isinstance(value, str):
        raise TypeError(f"names must be in a set or a list, such as {{{value!r}}}")
    return frozenset(value)


def _one_of(*choices: str) -> Callable[[object, attrs.Attribute[str], object], None]:
    def check(_: object, attribute: attrs.Attribute[str], value: object) -> None:
        if value not in choices:
            raise ValueError(f"{attribute.name} must be one of {', '.join(choices)}, not {value!r}")

    return check


def _is_aware_or_none(_: object, attribute: attrs.Attribute[datetime | None], value: object) -> None:
    if value is not None and not (isinstance(value, datetime) and value.tzinfo):
        raise TypeError(f"{attribute.name} must be a datetime with a time zone, or None, not {value!r}")


@attrs.frozen(kw_only=True)
class IntegrationState:
    """The state of an integration; anything but the defaults makes operations fail with `INTEGRATION.…` errors."""

    status: str = attrs.field(default="ACTIVE", validator=_one_of("ACTIVE", "INVALID", "INACTIVE"))
    """With `INVALID` all actions fail, with `INACTIVE` all operations."""
    setup_status: str = attrs.field(
        default="COMPLETED", validator=_one_of("COMPLETED", "INCOMPLETE", "FINAL_SYNC_PENDING")
    )
    """With `INCOMPLETE` or `FINAL_SYNC_PENDING` all operations of the category fail."""
    qa_status: str = attrs.field(default="PASSED", validator=_one_of("PASSED", "PENDING", "FAILED"))
    """With `FAILED` all operations of the category fail."""
    disabled_models: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Models that are off in the scope config, such as `hris_absences`."""
    disabled_actions: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Actions that are off in the scope config, such as `hris_create_absence`."""
    missing_permissions: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    """Models and actions that the customer's credentials do not allow."""
    data_expired_at: datetime | None = attrs.field(default=None, validator=_is_aware_or_none)
    """When a change of the configuration made the data obsolete; None if it is current."""


Custom: TypeAlias = tuple[str, Callable[[int], object]]
"""A mapped custom field: its key, and a function from the number of a record to its value."""


class Integration(Owner):
    """One connected tool. Only changes are stored; everything else is computed from its number."""

    def __init__(
        self,
        config: SandboxConfig,
        number: int,
        integration_id: str,
        tool: Tool,
        *,
        capabilities: Capabilities,
        tables: Mapping[str, Table],
        clock: SandboxClock,
    ) -> None:
        super().__init__(config, (config.seed, number), clock)
        self.hidden = tool.hidden
        self.id = integration_id
        self.tool = tool
        self.state = IntegrationState()
        self.capabilities = capabilities
        self.store = Store(self, tables)
        self.fields = FieldCatalogue(config.seed, number, config.fields, tool.category)
        self.custom_fields = CustomFieldCatalogue(config.seed, config.custom_fields)
        self._number = number
        self._passthrough: set[int] = set()
        self._mappings = self.custom_fields.first_mappings(self.fields)
        self._sync: Sync | None = None
        self._syncs = 0
        self._sync_ids = Ids(config.seed, number, "sync")
        self._values_changed_at = ""
        self._apply_sync(frozenset(), dict(self._mappings))

    # Integration fields and custom fields.

    def field_record(self, index: int) -> dict[str, Any]:
        """Return an integration field as the API renders it."""
        return self.fields.record(index, enabled=index in self._passthrough)

    def set_passthrough(self, index: int, enabled: bool) -> None:
        """Switch the passthrough of a field on or off; records follow with the next sync."""
        if enabled:
            self._passthrough.add(index)
        else:
            self._passthrough.discard(index)

    def custom_field_record(self, index: int) -> dict[str, Any]:
        """Return a custom field with its mapping as the API renders it."""
        field = self._mappings.get(index)
        return self.custom_fields.record(index, None if field is None else self.fields.summary(field))

    def map_custom_field(self, index: int, field: int | None) -> None:
        """Map an integration field, or none, to a custom field; records follow with the next sync."""
        if field is None:
            self._mappings.pop(index, None)
            return
        if self.fields.model(field) != self.custom_fields.model(index):
            raise invalid_input("integration_field_id belongs to another model than the custom field.")
        self._mappings[index] = field

    # Syncs.

    def start_sync(self, sync_type: str) -> tuple[Sync, bool]:
        """Start a sync and return it with False; if one is running, return that one with True."""
        self.finish_due_sync()
        if self._sync is not None:
            return self._sync, True
        self._syncs += 1
        self._sync = Sync(
            id=self._sync_ids.encode(self._syncs),
            type=sync_type,
            ends_at=self.clock() + self.config.sync_seconds,
            fields=frozenset(self._passthrough),
            mappings=dict(self._mappings),
        )
        return self._sync, False

    @property
    def running_sync(self) -> Sync | None:
        """Return the running sync, or None."""
        self.finish_due_sync()
        return self._sync

    async def sync_ended(self) -> None:
        """Wait until the running sync has ended, if one is running."""
        sync = self.running_sync
        while sync is not None:
            # Sleep and clock differ slightly, so a sleep may end early.
            await asyncio.sleep(sync.ends_at - self.clock())
            sync = self.running_sync

    def set_enabled(self, enabled: bool) -> None:
        """Switch the integration on or off, which cancels the running sync."""
        self.finish_due_sync()
        self.state = attrs.evolve(self.state, status="ACTIVE" if enabled else "INACTIVE")
        if not enabled:
            self._sync = None

    def change_state(self, changes: Mapping[str, Any]) -> None:
        """Change parts of the state."""
        known = [each.name for each in attrs.fields(IntegrationState)]
        for name in changes:
            if name not in known:
                raise TypeError(f"an integration has no {name!r}; its state has {', '.join(known)}")
        self.state = attrs.evolve(self.state, **changes)

    def switch_model(self, model: str, *, on: bool) -> None:
        """Switch a model on or off in the scope config. Its records follow at once, as after a sync."""
        self.switches[model] = Switch(off=not on, at=iso(self.clock()))
        self.store.unannounced.add(model)

    def check_available(
        self, category: str | None, needed: Literal["MODEL", "ACTION"], name: str, *, calls_tool: bool
    ) -> None:
        """Raise the error that keeps an operation from being executed, if there is one.

        The operation is for tools of a category, and needs the model or the action of this name to be available.
        """
        state = self.state
        if state.status == "INACTIVE":
            raise ErrorResponse("INTEGRATION.INACTIVE", "The integration is switched off.")
        if category is None:
            return
        if category != self.tool.category:
            message = f"{self.tool.label} is a tool of {self.tool.category}, not of {category}."
            raise ErrorResponse(f"INTEGRATION.{needed}_NOT_AVAILABLE", message)
        if state.setup_status == "INCOMPLETE":
            raise ErrorResponse("INTEGRATION.SETUP_INCOMPLETE", "The customer has not finished the setup.")
        if state.setup_status == "FINAL_SYNC_PENDING":
            raise ErrorResponse("INTEGRATION.SETUP_SYNC_PENDING", "The first sync has not finished.")
        if state.qa_status == "FAILED":
            raise ErrorResponse("INTEGRATION.QA_FAILED", "The integration did not pass its checks.")
        if name in state.disabled_models or name in state.disabled_actions:
            raise ErrorResponse(f"INTEGRATION.{needed}_DISABLED", f"{name} is off in the scope config.")
        if name in state.missing_permissions:
            raise ErrorResponse("INTEGRATION.PERMISSION_MISSING", f"The credentials do not allow {name}.")
        if state.status == "INVALID" and calls_tool:
            raise ErrorResponse("INTEGRATION.AUTHENTICATION_INVALID", "The customer must reconnect the integration.")

    def finish_due_sync(self) -> None:
        """Apply the results of a sync that has ended. Called before each read, so that syncs need no timer."""
        sync = self._sync
        if sync is None or self.clock() < sync.ends_at:
            return
        self._sync = None
        if (sync.fields, sync.mappings) != self._shown:
            self._values_changed_at = iso(sync.ends_at)
            self._apply_sync(sync.fields, sync.mappings)
            self.store.changed |= self._columns.keys() | self._customs.keys() | self._changing

    def _apply_sync(self, fields: frozenset[int], mappings: Mapping[int, int]) -> None:
        """Make records carry the values of these fields."""
        self._shown = (fields, mappings)
        self._changing = frozenset(getattr(self, "_columns", ()))
        self._columns: dict[str, list[Callable[[int], dict[str, Any]]]] = {}
        self._customs: dict[str, list[Custom]] = {}
        for field in sorted(fields):
            self._columns.setdefault(self.fields.model(field), []).append(self.fields.column(field))
        for custom, field in sorted(mappings.items()):
            key = self.custom_fields.key(custom)
            self._customs.setdefault(self.custom_fields.model(custom), []).append((key, self.fields.values(field)))

    # What records and details contain.

    def details(self) -> dict[str, Any]:
        """Return the details of the integration."""
        disabled = self.state.disabled_models | self.state.disabled_actions
        disabled |= {model for model, switch in self.switches.items() if switch.off}
        parts = integration_parts(self.tool, self.capabilities, disabled)
        expired_at = self.state.data_expired_at
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
            "data_expired_at": None if expired_at is None else iso(expired_at.timestamp()),
            "created_at": iso(_CREATED + self._number * 3_600),
            "beta": self.tool.id == "datevhr",
            "read_models": parts["read_models"],
            "write_actions": parts["write_actions"],
        }

    def values_changed_at(self, model: str) -> str:
        """Return when a sync last changed the integration and custom fields of records, or an empty text."""
        self.finish_due_sync()
        return self._values_changed_at if model in self._columns or model in self._customs else ""

    def custom_values(self, model: str, number: int) -> dict[str, object] | None:
        """Return the `custom_fields` of a record."""
        self.finish_due_sync()
        return {key: value(number) for key, value in self._customs.get(model, ())} or None

    def field_values(self, model: str, number: int) -> list[dict[str, Any]]:
        """Return the `integration_fields` of a record."""
        self.finish_due_sync()
        return [column(number) for column in self._columns.get(model, ())]
