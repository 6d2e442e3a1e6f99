"""Endpoints of the control API, and calls as their handlers get them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import unquote

import attrs

from ..http.app import SandboxApp
from ..http.feed import Change, Subject
from ..http.routing import match_path
from .errors import ControlError
from .schemas import NoBody, NoParameters

Q = TypeVar("Q")
B = TypeVar("B")


@attrs.frozen
class Call(Generic[Q, B]):
    """A request to the control API, decoded."""

    app: SandboxApp
    base_url: str
    """The base URL of the API, as the client reached it."""
    path: Mapping[str, str]
    """The decoded values of the placeholders in the path."""
    query: Q
    body: B
    faults: dict[int, dict[str, Any]]
    """The descriptions of faults that were added here, by their numbers."""

    def changed(self, subject: Subject, integration_id: str | None = None, model: str | None = None) -> None:
        """Report a change to those who watch."""
        self.app.feed.publish(Change(subject, integration_id, model))


F = TypeVar("F", bound=Callable[[Any], Any])

Handler: TypeAlias = Callable[[Any], Any]
"""Gets a `Call` and returns the result, or an awaitable of it, or raises a `ControlError`."""


@attrs.frozen(kw_only=True)
class Route:
    """An endpoint."""

    method: str
    template: str
    """The path after `/_sandbox`, with placeholders such as `{integration_id}`."""
    handler: Handler = attrs.field(repr=False)
    """The handler; its docstring describes the endpoint."""
    query: Any = NoParameters
    body: Any = NoBody
    returns: Any = None
    """The type of the result; None for a 204."""
    status: int = 200


class Routes:
    """A table of endpoints, which handlers are added to by decorators."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def add(
        self, method: str, template: str, *, returns: Any = None, status: int | None = None, **more: Any
    ) -> Callable[[F], F]:
        """Return a decorator that makes a function the handler of an endpoint."""

        def register(handler: F) -> F:
            code = status or (204 if returns is None else 200)
            self.routes.append(
                Route(method=method, template=template, handler=handler, returns=returns, status=code, **more)
            )
            return handler

        return register


def find_route(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the endpoint of a request, and the values of its placeholders."""
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    allowed: list[str] = []
    for route in routes:
        values = match_path(route.template.split("/")[1:], segments)
        if values is None:
            continue
        if route.method == method:
            return route, values
        allowed.append(route.method)
    if allowed:
        methods = ", ".join(dict.fromkeys(allowed))
        message = f"{method[:20]} is not possible here, only {methods}"
        raise ControlError(405, message, choices=dict.fromkeys(allowed), headers={"Allow": methods})
    paths = dict.fromkeys(route.template for route in routes)
    raise ControlError(404, "there is nothing at this path", path="path", choices=paths)
