"""Endpoints: an operation with its handler; and requests as handlers get them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Literal, TypeAlias, get_type_hints

import attrs

from ...engine.operation import SAFE, Operation
from ..data.environment import Environment
from ..data.integrations import Integration
from ..data.tables import Store, Table
from ..data.tools import Capabilities
from .query_params import Query


@attrs.frozen
class Request:
    """A request as its handler gets it: authenticated, routed and decoded."""

    endpoint: Endpoint
    environment: Environment
    path: Mapping[str, str]
    """The decoded values of the placeholders in the path."""
    query: Query
    json: dict[str, Any]
    """The body, valid for the client's type; empty if there is none."""
    raw: bytes
    header_integration: Integration | None = None
    """The integration of the header `X-Integration-Id`, if the operation needs one."""

    @property
    def operation(self) -> Operation[Any]:
        """Return the operation."""
        return self.endpoint.operation

    @property
    def about_integration(self) -> bool:
        """Return whether the request is about an integration."""
        return self.header_integration is not None or "integration_id" in self.path

    @property
    def store(self) -> Store:
        """Return the records of the integration, or of the environment if the request is about none."""
        found = self.header_integration
        return self.environment.store if found is None else found.store

    @property
    def integration(self) -> Integration:
        """Return the integration of the header or of the path."""
        return self.header_integration or self.environment.integration(self.path["integration_id"])


@attrs.frozen(kw_only=True)
class Success:
    """The result of a handler that returns more than data."""

    data: Any
    """The value of `data` in the response."""
    extra: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """Further keys of the response, such as `warnings`."""
    executed: bool | None = None
    """Whether something was changed; None means yes, if the operation is a write."""


Handler: TypeAlias = Callable[[Request], Any]
"""Returns the data of the response or a `Success`, or raises an `ErrorResponse`."""


@attrs.frozen
class Endpoint:
    """An operation with its handler."""

    operation: Operation[Any]
    """The client's operation; its name is the key in `sandbox.executions`."""
    handler: Handler = attrs.field(repr=False)
    model: str | None = None
    """The model that it lists, if it is a list of one."""

    @property
    def category(self) -> str | None:
        """Return the category of integrations that it is for; None for all, or if it is about none."""
        family = self.operation.path.split("/")[1].upper()
        return {"HRIS": "HRIS", "ATS": "ATS", "ASSESSMENT": "ASSESSMENT", "LMS": "LMS", "CUSTOM": "HRIS"}.get(family)

    @property
    def needs(self) -> str:
        """Return the model or the action that must be available in the integration."""
        return self.model or f"{(self.category or '').lower()}_{self.operation.name}"

    def check_available(self, integration: Integration) -> None:
        """Raise the error that keeps the integration from executing it, if there is one."""
        calls_tool = self.operation.action
        needed: Literal["MODEL", "ACTION"] = "MODEL" if self.operation.effect is SAFE and not calls_tool else "ACTION"
        integration.check_available(self.category, needed, self.needs, calls_tool=calls_tool)


def endpoints_of(operations: ModuleType, handlers: Mapping[str, Any]) -> list[Endpoint]:
    """Return the operations of a module that have a handler, which has the same name."""
    found: list[Operation[Any]] = [each for each in vars(operations).values() if isinstance(each, Operation)]
    named = {each.name: each for each in reversed(found)}  # the first one of each name
    return [Endpoint(each, handlers[name]) for name, each in named.items() if name in handlers]


def capabilities_of(category: str, tables: Iterable[Table], endpoints: Iterable[Endpoint]) -> Capabilities:
    """Return the capabilities of the tools of a category: all that the sandbox serves."""
    actions = (each for each in endpoints if each.category == category and _is_common(each.operation))
    return Capabilities(
        models=tuple((table.name, table.label, table.fields) for table in tables),
        actions=tuple(
            (each.needs, each.operation.name.replace("_", " ").capitalize(), _keys(each.operation.body))
            for each in actions
        ),
    )


def _is_common(operation: Operation[Any]) -> bool:
    """Return whether it is an action that several tools have."""
    return operation.action and "/custom/" not in operation.path


def _keys(body: Any) -> tuple[str, ...]:
    return () if body is None else tuple(key for key in get_type_hints(body) if key != "remote_fields")
