"""What the sandbox serves, and finding the operation that a request means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import ModuleType
from typing import Any, TypeAlias, get_type_hints
from urllib.parse import unquote

import attrs

from ...engine.operation import READ, Operation
from ..api_errors import Problem, invalid
from ..data.environment import Environment, Integration
from ..data.tables import Store, Table
from ..data.tools import Offer
from .query_params import Query


@attrs.frozen
class Call:
    """One request as its handler sees it: authenticated, its parts taken apart."""

    served: Served
    """What is asked for."""
    environment: Environment
    """Everything that the key reaches."""
    path: Mapping[str, str]
    """Values of the path's placeholders, unquoted."""
    query: Query
    """Read with checks, filter by filter."""
    json: dict[str, Any]
    """The body, which fits the type that the client has for it; empty when there was none."""
    raw: bytes
    """The body as it came."""
    header_integration: Integration | None = None
    """The integration that ``X-Integration-Id`` names, where the operation needs one."""

    @property
    def operation(self) -> Operation[Any]:
        """The client's view of what is asked for."""
        return self.served.operation

    @property
    def about_integration(self) -> bool:
        """Whether the request names an integration."""
        return self.header_integration is not None or "integration_id" in self.path

    @property
    def store(self) -> Store:
        """The records of the integration or, where the request is about none, of the environment."""
        found = self.header_integration
        return self.environment.store if found is None else found.store

    @property
    def integration(self) -> Integration:
        """The integration that the request is about, by header or by path."""
        return self.header_integration or self.environment.integration(self.path["integration_id"])


@attrs.frozen(kw_only=True)
class Success:
    """What a handler returns when the data alone does not say everything."""

    data: Any
    """What stands under ``data``."""
    beside: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """What stands next to it, ``warnings`` for one."""
    executed: bool | None = None
    """Whether something took effect; None means yes, if the operation writes at all."""


Handler: TypeAlias = Callable[[Call], Any]
"""Computes the data of an answer, or a ``Success``, or raises a ``Problem``."""


@attrs.frozen
class Served:
    """An operation of the client's, and what answers it here."""

    operation: Operation[Any]
    """How it is asked for; its name is the key in ``sandbox.executions``."""
    handler: Handler = attrs.field(repr=False)
    """What computes the answer."""
    model: str | None = None
    """The model that an integration must have for it."""

    @property
    def category(self) -> str | None:
        """The category of integrations that it is for; None for any, or for no integration at all."""
        family = self.operation.path.split("/")[1].upper()
        return {"HRIS": "HRIS", "ATS": "ATS", "ASSESSMENT": "ASSESSMENT", "LMS": "LMS", "CUSTOM": "HRIS"}.get(family)

    @property
    def needs(self) -> str:
        """The model or the action that an integration must have switched on for it."""
        return self.model or f"{(self.category or '').lower()}_{self.operation.name}"

    def check_available(self, integration: Integration) -> None:
        """Raise the error that keeps the integration from executing it, if there is one."""
        calls_tool = self.operation.action
        kind = "MODEL" if self.operation.effect is READ and not calls_tool else "ACTION"
        integration.check_available(self.category, kind, self.needs, calls_tool=calls_tool)


def served(operations: ModuleType, handlers: Mapping[str, Any]) -> list[Served]:
    """The operations of a module of the client's, each with the handler that is named like it, where there is one."""
    found: list[Operation[Any]] = [each for each in vars(operations).values() if isinstance(each, Operation)]
    named = {each.name: each for each in reversed(found)}  # of those with one name, the first
    return [Served(each, handlers[name]) for name, each in named.items() if name in handlers]


class Router:
    """Finds operations by method and path."""

    def __init__(self, served: Iterable[Served]) -> None:
        self._by_length: dict[int, list[tuple[Sequence[str], dict[str, Served]]]] = {}
        for each in served:
            pattern = each.operation.path.strip("/").split("/")
            routes = self._by_length.setdefault(len(pattern), [])
            for known, methods in routes:
                if known == pattern:
                    methods[each.operation.method] = each
                    break
            else:
                routes.append((pattern, {each.operation.method: each}))
        for routes in self._by_length.values():
            # Words before placeholders, so that /employees/form is not the employee "form".
            routes.sort(key=lambda route: [part.startswith("{") for part in route[0]])

    def find(self, method: str, raw_segments: Sequence[str]) -> tuple[Served, dict[str, str]]:
        """The operation meant, and the values of its placeholders.

        Segments come as they were sent: a quoted slash belongs to the value it stands in.
        """
        segments = [unquote(segment) for segment in raw_segments]
        for pattern, methods in self._by_length.get(len(segments), ()):
            values = _match(pattern, segments)
            if values is None:
                continue
            if method in methods:
                return methods[method], values
            allowed = ", ".join(methods)
            raise Problem(
                "PLATFORM.INPUT_INVALID",
                f"{method} is not possible here, only {allowed}.",
                status=405,
                headers={"Allow": allowed},
            )
        raise invalid(f"There is nothing at this path: /{'/'.join(raw_segments)}", status=404)


def _match(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for part, segment in zip(pattern, segments, strict=True):
        if part.startswith("{"):
            if not segment:
                return None
            values[part[1:-1]] = segment
        elif part != segment:
            return None
    return values


def offer(category: str, tables: Iterable[Table], served: Iterable[Served]) -> Offer:
    """What the tools of a category can do: all that is served."""
    actions = (each for each in served if each.category == category and _is_common(each.operation))
    return Offer(
        models=tuple((table.name, table.label, table.fields) for table in tables),
        actions=tuple(
            (each.needs, each.operation.name.replace("_", " ").capitalize(), _keys(each.operation.body))
            for each in actions
        ),
    )


def _is_common(operation: Operation[Any]) -> bool:
    """Whether it is an action, and of more than one tool."""
    return operation.action and "/custom/" not in operation.path


def _keys(body: Any) -> tuple[str, ...]:
    return () if body is None else tuple(key for key in get_type_hints(body) if key != "remote_fields")
