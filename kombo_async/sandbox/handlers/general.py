"""General operations: API keys, integrations, fields, syncs, links, tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...operations import general as op
from ..api_errors import invalid_input
from ..data.deterministic import Ids, digest
from ..data.tools import CATEGORIES, TOOLS, tool_record
from . import passthrough
from .cursors import page
from .endpoints import Request, Success, endpoints_of


def check_api_key(request: Request) -> dict[str, Any]:
    """Return the environment of the API key."""
    return {"environment_id": request.environment.id, "customer_id": request.environment.customer_id}


def trigger_sync(request: Request) -> Success:
    """Start a sync, or return the one that is running."""
    sync, already = request.integration.start_sync(request.json.get("type", "FULL"))
    data = {"already_queued": already, "sync_id": sync.id, "type": sync.type}
    return Success(data=data, executed=not already)


def get_integration(request: Request) -> dict[str, Any]:
    """Return the details of an integration."""
    return request.integration.details()


def delete_integration(request: Request) -> dict[str, Any]:
    """Delete an integration."""
    request.environment.delete(request.integration)
    return {}


def set_integration_enabled(request: Request) -> dict[str, Any]:
    """Switch an integration on or off."""
    integration = request.integration
    integration.set_enabled(request.json["value"])
    return {}


def create_reconnection_link(request: Request) -> dict[str, Any]:
    """Return a link to enter new credentials."""
    return _link(request, "reconnect")


def create_setup_link(request: Request) -> dict[str, Any]:
    """Return a link to set up filters and field mappings."""
    return _link(request, "setup")


def _link(request: Request, purpose: str) -> dict[str, Any]:
    language, link_type = request.json.get("language") or "en", request.json.get("link_type", "EMBEDDED")
    token = Ids(purpose, request.integration.id, link_type).encode(digest(language) % 1_000)
    return {"link": f"https://connect.sandbox.example/{purpose}/{token}?language={language}"}


def iter_integration_fields(request: Request) -> dict[str, Any]:
    """Return a page of the fields of the tool."""
    return _page(request, request.integration.fields.size, request.integration.field_record)


def update_integration_field(request: Request) -> dict[str, Any]:
    """Switch the passthrough of a field on or off. The meaning of null is not documented; here it changes nothing."""
    integration = request.integration
    number = integration.fields.index(request.path["integration_field_id"])
    if number is None:
        raise invalid_input("integration_field_id is not the id of a field of this integration.", status=404)
    enabled = request.json.get("enable_passthrough", "")
    if not isinstance(enabled, bool | None):
        raise invalid_input("enable_passthrough must be true, false or null.")
    if enabled is not None:
        integration.set_passthrough(number, enabled)
    return integration.field_record(number)


def iter_custom_fields(request: Request) -> dict[str, Any]:
    """Return a page of the custom fields, with their mappings."""
    return _page(request, request.integration.custom_fields.size, request.integration.custom_field_record)


def update_custom_field_mapping(request: Request) -> dict[str, Any]:
    """Map another integration field, or none, to a custom field."""
    integration = request.integration
    number = integration.custom_fields.index(request.path["custom_field_id"])
    if number is None:
        raise invalid_input("custom_field_id is not the id of a custom field.", status=404)
    field_id = request.json["integration_field_id"]
    field = None if field_id is None else integration.fields.index(field_id)
    if field_id is not None and field is None:
        raise invalid_input("integration_field_id is not the id of a field of this integration.")
    integration.map_custom_field(number, field)
    return integration.custom_field_record(number)


def _page(request: Request, count: int, record: Callable[[int], dict[str, Any]]) -> dict[str, Any]:
    found = page(request, lambda start: ((number, record(number)) for number in range(start, count)))
    return {**found, "next_cursor": found["next"]}


def get_tools(request: Request) -> dict[str, Any]:
    """Return the tools of a category with their coverage."""
    category = request.path["category"]
    if category not in map(str.lower, CATEGORIES):
        raise invalid_input(f"category must be one of {', '.join(map(str.lower, CATEGORIES))}, not {category!r}.")
    capabilities = request.environment.capabilities[category.upper()]
    return {"tools": [tool_record(tool, capabilities) for tool in TOOLS if tool.category == category.upper()]}


send_passthrough_request = passthrough.send_passthrough_request
OPERATIONS = endpoints_of(op, globals())
