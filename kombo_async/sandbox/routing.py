"""Operations as values, and finding the one that a request means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import unquote

import attrs

from kombo_async.sandbox.checks import Body, Query
from kombo_async.sandbox.problems import Problem, invalid
from kombo_async.sandbox.state import Environment, Integration


@attrs.frozen
class Call:
    """One request as its handler sees it: authenticated, its parts taken apart."""

    operation: Operation
    """What is asked for."""
    environment: Environment
    """Everything that the key reaches."""
    path: Mapping[str, str]
    """Values of the path's placeholders, unquoted."""
    query: Query
    """Read with checks, filter by filter."""
    body: Body
    """Read with checks, key by key; empty when there was none."""
    header_integration: Integration | None = None
    """The integration that ``X-Integration-Id`` names, where the operation needs one."""

    @property
    def integration(self) -> Integration:
        """The integration that the request is about, by header or by path."""
        return self.header_integration or self.environment.integration(self.path["integration_id"])


@attrs.frozen(kw_only=True)
class Success:
    """What a handler returns when the data alone does not say everything."""

    data: Any
    """What stands under ``data``."""
    beside: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """What stands next to it, ``warnings`` for one."""
    executed: bool | None = None
    """Whether something took effect; None means yes, if the operation writes at all."""


Handler: TypeAlias = Callable[[Call], Any]
"""Computes the data of an answer, or a ``Success``, or raises a ``Problem``."""


@attrs.frozen
class Operation:
    """One thing that the API can be asked to do."""

    name: str
    """As the client calls it; the key in ``sandbox.executions``."""
    method: str
    """The only method with which this path means this operation."""
    path: str
    """After ``/v1``, with ``{placeholders}`` for whole segments."""
    handler: Handler = attrs.field(repr=False)
    """What computes the answer."""
    by_header: bool = False
    """Whether ``X-Integration-Id`` says which integration is meant; that one must be active."""
    is_action: bool = False
    """Whether it runs against the connected tool, and so holds one of the action slots meanwhile."""
    only_reads: bool = False
    """Whether it changes nothing although its method is not GET."""

    @property
    def writes(self) -> bool:
        """Whether a success is counted in ``sandbox.executions``."""
        return self.method != "GET" and not self.only_reads


class Router:
    """Finds operations by method and path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_length: dict[int, list[tuple[Sequence[str], dict[str, Operation]]]] = {}
        for operation in operations:
            pattern = operation.path.strip("/").split("/")
            routes = self._by_length.setdefault(len(pattern), [])
            for known, methods in routes:
                if known == pattern:
                    methods[operation.method] = operation
                    break
            else:
                routes.append((pattern, {operation.method: operation}))
        for routes in self._by_length.values():
            # Words before placeholders, so that /employees/form is not the employee "form".
            routes.sort(key=lambda route: [part.startswith("{") for part in route[0]])

    def find(self, method: str, raw_segments: Sequence[str]) -> tuple[Operation, dict[str, str]]:
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
