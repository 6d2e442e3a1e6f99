"""The OpenAPI document of the control API, made of the types of its endpoints."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import msgspec

from ..._version import __version__
from . import schemas
from .routes import Route

_REFERENCE = "#/components/schemas/{name}"
_EVENT_TYPES: tuple[Any, ...] = (schemas.RequestInfo, schemas.DeliveryInfo, schemas.ChangeInfo, schemas.LostInfo)


@cache
def document(routes: tuple[Route, ...]) -> dict[str, Any]:
    """Return the document."""
    wanted = [each for route in routes for each in (route.query, route.body, route.returns) if each is not None]
    types = list(dict.fromkeys([*wanted, schemas.Failure, *_EVENT_TYPES]))
    found, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    by_type = dict(zip(map(str, types), found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route, by_type, components)
    paths["/events"] = {"get": _EVENTS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control API of the sandbox of kombo_async",
            "version": __version__,
            "description": "What programs in any language do with a running sandbox.",
        },
        "servers": [{"url": "/_sandbox"}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(route: Route, types: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    text = inspect.getdoc(route.handler) or ""
    done: dict[str, Any] = {"description": "Done."}
    if route.returns is not None:
        done["content"] = {"application/json": {"schema": types[str(route.returns)]}}
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": text.partition(". ")[0].partition("\n")[0].rstrip("."),
        "description": text,
        "parameters": [
            *(
                {"name": each[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
                for each in route.template.split("/")
                if each.startswith("{")
            ),
            *_query_parameters(types[str(route.query)], components),
        ],
        "responses": {str(route.status): done, "default": _FAILURE},
    }
    if route.method in {"POST", "PUT", "PATCH"}:
        required = bool(_properties(types[str(route.body)], components).get("required"))
        content = {"application/json": {"schema": types[str(route.body)]}}
        operation["requestBody"] = {"required": required, "content": content}
    return operation


_FAILURE = {
    "description": "An error.",
    "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(name="Failure")}}},
}
_EVENTS = {
    "operationId": "watch",
    "summary": "Send what happens, as server-sent events",
    "description": "`request` with a RequestInfo, `delivery` with a DeliveryInfo, `change` with a ChangeInfo, and "
    "`lost` with a LostInfo where the reader missed some. `Last-Event-ID` resumes from the latest 1,000.",
    "parameters": [
        {"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}},
    ],
    "responses": {
        "200": {"description": "Events.", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        "default": _FAILURE,
    },
}


def _properties(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return components[reference.rpartition("/")[2]] if reference else schema


def _query_parameters(schema: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    described = _properties(schema, components)
    required = described.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": each}
        for name, each in described.get("properties", {}).items()
    ]
