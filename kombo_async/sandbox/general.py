"""What is not about one kind of record: keys, integrations, fields, syncs, links, tools."""

from __future__ import annotations

from typing import Any, Final

from kombo_async.sandbox.paging import page
from kombo_async.sandbox.passthrough import send_passthrough_request
from kombo_async.sandbox.problems import invalid
from kombo_async.sandbox.routing import Call, Operation, Success
from kombo_async.sandbox.seeded import Ids, digest
from kombo_async.sandbox.tools import CATEGORIES, TOOLS, tool_record

_LANGUAGES: Final = ("en", "de", "fr", "it", "es")
_LINK_TYPES: Final = ("EMBEDDED", "MAGIC_LINK")


def check_api_key(call: Call) -> dict[str, Any]:
    """Whose key it is."""
    return {"environment_id": call.environment.id, "customer_id": call.environment.customer_id}


def trigger_sync(call: Call) -> Success:
    """Start a sync, or point at the one that runs."""
    sync, already = call.integration.start_sync(call.body.choice("type", ("FULL", "DELTA"), default="FULL"))
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
    integration.set_enabled(call.body.need("value", bool))
    return {}


def create_reconnection_link(call: Call) -> dict[str, Any]:
    """A link on which the customer enters credentials anew."""
    integration, body = call.integration, call.body
    body.maybe_null("scope_config_id", str)
    language = body.choice("language", _LANGUAGES, default="en", null=True)
    kind = body.choice("link_type", _LINK_TYPES, default="EMBEDDED")
    return _link("reconnect", integration.id, language, kind)


def create_setup_link(call: Call) -> dict[str, Any]:
    """A link on which the customer sets up filters and field mappings."""
    integration, body = call.integration, call.body
    language = body.choice("language", _LANGUAGES, default="en", null=True)
    return _link("setup", integration.id, language, body.choice("link_type", _LINK_TYPES))


def _link(purpose: str, integration_id: str, language: str, kind: str) -> dict[str, Any]:
    token = Ids(purpose, integration_id, kind).encode(digest(language) % 1_000)
    return {"link": f"https://connect.sandbox.example/{purpose}/{token}?language={language}"}


def get_integration_fields(call: Call) -> dict[str, Any]:
    """The fields that the tool offers."""
    integration = call.integration
    found = page(
        call,
        lambda start: range(start, integration.fields.size),
        lambda numbers: [integration.field_record(number) for number in numbers],
        largest=2_000,
    )
    return {**found, "next_cursor": found["next"]}


def update_integration_field(call: Call) -> dict[str, Any]:
    """Choose a field, or drop it. What null means is nowhere said; here it changes nothing."""
    integration = call.integration
    number = integration.fields.index(call.path["integration_field_id"])
    if number is None:
        raise invalid("integration_field_id names no field of this integration.", status=404)
    enabled = call.body.need_or_null("enable_passthrough", bool)
    if enabled is not None:
        integration.set_passthrough(number, enabled)
    return integration.field_record(number)


def get_custom_fields(call: Call) -> dict[str, Any]:
    """The custom fields, and how this integration fills them."""
    integration = call.integration
    found = page(
        call,
        lambda start: range(start, integration.custom_fields.size),
        lambda numbers: [integration.custom_field_record(number) for number in numbers],
    )
    return {**found, "next_cursor": found["next"]}


def update_custom_field_mapping(call: Call) -> dict[str, Any]:
    """Fill a custom field from another integration field, or from none."""
    integration = call.integration
    number = integration.custom_fields.index(call.path["custom_field_id"])
    if number is None:
        raise invalid("custom_field_id names no custom field.", status=404)
    field_id = call.body.need_or_null("integration_field_id", str)
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
    return {"tools": [tool_record(tool) for tool in TOOLS if tool.category == category.upper()]}


_INTEGRATION: Final = "/integrations/{integration_id}"
_FIELD: Final = _INTEGRATION + "/integration-fields/{integration_field_id}"
_CUSTOM_FIELD: Final = _INTEGRATION + "/custom-fields/{custom_field_id}"

OPERATIONS: Final = (
    Operation("check_api_key", "GET", "/check-api-key", check_api_key),
    Operation("trigger_sync", "POST", "/force-sync", trigger_sync, by_header=True),
    Operation(
        "send_passthrough_request",
        "POST",
        "/passthrough/{tool}/{api}",
        send_passthrough_request,
        by_header=True,
        is_action=True,
    ),
    Operation("delete_integration", "DELETE", _INTEGRATION, delete_integration),
    Operation("get_integration", "GET", _INTEGRATION, get_integration),
    Operation("set_integration_enabled", "PUT", _INTEGRATION + "/enabled", set_integration_enabled),
    Operation("create_reconnection_link", "POST", _INTEGRATION + "/relink", create_reconnection_link),
    Operation("create_setup_link", "POST", _INTEGRATION + "/setup-link", create_setup_link),
    Operation("get_integration_fields", "GET", _INTEGRATION + "/integration-fields", get_integration_fields),
    Operation("update_integration_field", "PATCH", _FIELD, update_integration_field),
    Operation("get_custom_fields", "GET", _INTEGRATION + "/custom-fields", get_custom_fields),
    Operation("update_custom_field_mapping", "PUT", _CUSTOM_FIELD, update_custom_field_mapping),
    Operation("get_tools", "GET", "/tools/{category}", get_tools),
)
