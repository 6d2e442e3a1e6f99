"""What is not about one kind of record: keys, integrations, fields, syncs, links, tools."""

from __future__ import annotations

from typing import Any, Final

from ...operations import general as op
from ..api_errors import invalid
from ..data.deterministic import Ids, digest
from ..data.tools import CATEGORIES, TOOLS, tool_record
from . import passthrough
from .cursors import page
from .endpoints import Call, Success, served


def check_api_key(call: Call) -> dict[str, Any]:
    """Whose key it is."""
    return {"environment_id": call.environment.id, "customer_id": call.environment.customer_id}


def trigger_sync(call: Call) -> Success:
    """Start a sync, or point at the one that runs."""
    sync, already = call.integration.start_sync(call.json.get("type", "FULL"))
    data = {"already_queued": already, "sync_id": sync.id, "type": sync.type}
    return Success(data=data, executed=not already)


def get_integration(call: Call) -> dict[str, Any]:
    """Everything about an integration."""
    return call.integration.details()


def delete_integration(call: Call) -> dict[str, Any]:
    """Forget an integration."""
    call.environment.delete(call.integration)
    return {}


def set_integration_enabled(call: Call) -> dict[str, Any]:
    """Switch an integration on or off."""
    integration = call.integration
    integration.set_enabled(call.json["value"])
    return {}


def create_reconnection_link(call: Call) -> dict[str, Any]:
    """A link on which the customer enters credentials anew."""
    return _link(call, "reconnect")


def create_setup_link(call: Call) -> dict[str, Any]:
    """A link on which the customer sets up filters and field mappings."""
    return _link(call, "setup")


def _link(call: Call, purpose: str) -> dict[str, Any]:
    language, kind = call.json.get("language") or "en", call.json.get("link_type", "EMBEDDED")
    token = Ids(purpose, call.integration.id, kind).encode(digest(language) % 1_000)
    return {"link": f"https://connect.sandbox.example/{purpose}/{token}?language={language}"}


def iter_integration_fields(call: Call) -> dict[str, Any]:
    """The fields that the tool offers."""
    integration = call.integration
    numbers = range(integration.fields.size)
    found = page(call, lambda start: ((n, integration.field_record(n)) for n in numbers[start:]))
    return {**found, "next_cursor": found["next"]}


def update_integration_field(call: Call) -> dict[str, Any]:
    """Choose a field, or drop it. What null means is nowhere said; here it changes nothing."""
    integration = call.integration
    number = integration.fields.index(call.path["integration_field_id"])
    if number is None:
        raise invalid("integration_field_id names no field of this integration.", status=404)
    enabled = call.json.get("enable_passthrough", "")
    if not isinstance(enabled, bool | None):
        raise invalid("enable_passthrough must be true, false or null.")
    if enabled is not None:
        integration.set_passthrough(number, enabled)
    return integration.field_record(number)


def iter_custom_fields(call: Call) -> dict[str, Any]:
    """The custom fields, and how this integration fills them."""
    integration = call.integration
    numbers = range(integration.custom_fields.size)
    found = page(call, lambda start: ((n, integration.custom_field_record(n)) for n in numbers[start:]))
    return {**found, "next_cursor": found["next"]}


def update_custom_field_mapping(call: Call) -> dict[str, Any]:
    """Fill a custom field from another integration field, or from none."""
    integration = call.integration
    number = integration.custom_fields.index(call.path["custom_field_id"])
    if number is None:
        raise invalid("custom_field_id names no custom field.", status=404)
    field_id = call.json["integration_field_id"]
    field = None if field_id is None else integration.fields.index(field_id)
    if field_id is not None and field is None:
        raise invalid("integration_field_id names no field of this integration.")
    integration.map_custom_field(number, field)
    return integration.custom_field_record(number)


def get_tools(call: Call) -> dict[str, Any]:
    """The tools of a category, and what is possible with each."""
    category = call.path["category"]
    if category not in map(str.lower, CATEGORIES):
        raise invalid(f"category must be one of {', '.join(map(str.lower, CATEGORIES))}, not {category!r}.")
    offer = call.environment.offers[category.upper()]
    return {"tools": [tool_record(tool, offer) for tool in TOOLS if tool.category == category.upper()]}


send_passthrough_request = passthrough.send_passthrough_request
OPERATIONS: Final = served(op, globals())
