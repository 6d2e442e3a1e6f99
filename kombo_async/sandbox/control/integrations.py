"""Integrations: connect, change and remove them, switch their models, start syncs."""

from __future__ import annotations

from typing import Any

import msgspec

from ..data.integrations import Integration
from ..data.source import Source
from ..data.tools import TOOLS
from ..http.app import OPERATIONS
from . import schemas
from .errors import ControlError, choose
from .rendering import integration_details, integration_info, sync_info
from .routes import Call, Routes

ROUTES = Routes()

_ONE = "/integrations/{integration_id}"


def cursor_number(cursor: str | None) -> int:
    """Return the position that a cursor of a list names."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 15):
        raise ControlError(400, "the cursor was not returned by this list", path="query.cursor")
    return int(cursor)


@ROUTES.add("GET", "/integrations", query=schemas.Listing, returns=schemas.Listed[schemas.IntegrationInfo])
def list_integrations(call: Call[schemas.Listing, schemas.NoBody]) -> schemas.Listed[schemas.IntegrationInfo]:
    """List the integrations, in the order in which they were connected."""
    environment, results, following = call.app.environment, list[schemas.IntegrationInfo](), None
    for number, integration_id, tool, integration in environment.listed(cursor_number(call.query.cursor)):
        if len(results) == call.query.limit:
            following = str(number)
            break
        results.append(integration_info(integration_id, tool, integration))
    return schemas.Listed(results, following, environment.count)


@ROUTES.add("POST", "/integrations", body=schemas.NewIntegration, returns=schemas.IntegrationDetails, status=201)
def add_integration(call: Call[schemas.NoParameters, schemas.NewIntegration]) -> schemas.IntegrationDetails:
    """Connect a tool. The webhook `integration-created` is sent."""
    tools = {tool.id: tool for tool in TOOLS}
    integration = call.app.environment.add_integration(tools[choose(call.body.tool, tools, "$.tool", what="tool")])
    call.app.webhooks.integration_created(integration)
    call.changed("integrations", integration.id)
    return integration_details(integration)


@ROUTES.add("GET", _ONE, returns=schemas.IntegrationDetails)
def get_integration(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.IntegrationDetails:
    """Return an integration with its models and actions."""
    return integration_details(_integration(call))


@ROUTES.add("PATCH", _ONE, body=schemas.IntegrationChanges, returns=schemas.IntegrationDetails)
def change_integration(call: Call[schemas.NoParameters, schemas.IntegrationChanges]) -> schemas.IntegrationDetails:
    """Change the state of an integration, so that operations fail with `INTEGRATION.…` errors."""
    integration = _integration(call)
    changes = {
        name: value for name in call.body.__struct_fields__ if (value := getattr(call.body, name)) is not msgspec.UNSET
    }
    models = [name for name, _, _ in integration.capabilities.models]
    actions = sorted({each.needs for each in OPERATIONS if each.category == integration.tool.category} - {*models})
    known = {"disabled_models": models, "disabled_actions": actions, "missing_permissions": [*models, *actions]}
    for name, options in known.items():
        for position, given in enumerate(changes.get(name, ())):
            what = f"{name.partition('_')[2].rstrip('s')} of this integration"
            choose(given, options, f"$.{name}[{position}]", what=what)
    integration.change_state(changes)
    call.app.webhooks.notify_state_change(integration)
    call.changed("integrations", integration.id)
    return integration_details(integration)


@ROUTES.add("DELETE", _ONE)
def remove_integration(call: Call[schemas.NoParameters, schemas.NoBody]) -> None:
    """Delete an integration. The webhook `integration-deleted` is sent."""
    integration = _integration(call)
    call.app.environment.delete(integration)
    call.app.webhooks.after_operation("delete_integration", integration)
    call.changed("integrations", integration.id)


@ROUTES.add("PUT", f"{_ONE}/models/{{model}}", body=schemas.ModelSwitch, returns=schemas.IntegrationDetails)
def switch_model(call: Call[schemas.NoParameters, schemas.ModelSwitch]) -> schemas.IntegrationDetails:
    """Switch a model on or off in the scope config, with a sync at once. While it is off, its records count as
    deleted."""
    integration = _integration(call)
    model = choose(call.path["model"], integration.store, "path.model", what="model of this integration", status=404)
    integration.switch_model(model, on=call.body.on)
    call.changed("integrations", integration.id)
    call.changed("records", integration.id, model)
    return integration_details(integration)


@ROUTES.add("POST", f"{_ONE}/syncs", body=schemas.NewSync, returns=schemas.SyncInfo, status=201)
def start_sync(call: Call[schemas.NoParameters, schemas.NewSync]) -> schemas.SyncInfo:
    """Start a sync, or return the one that runs. After it, `data-changed` is sent if it changed records."""
    integration = _integration(call)
    sync, already = integration.start_sync(call.body.type)
    if not already:
        call.app.webhooks.after_operation("trigger_sync", integration)
    call.changed("integrations", integration.id)
    return sync_info(integration, sync, already_running=already)


@ROUTES.add("GET", "/syncs", returns=schemas.Listed[schemas.SyncInfo])
def list_syncs(call: Call[schemas.NoParameters, schemas.NoBody]) -> schemas.Listed[schemas.SyncInfo]:
    """List the syncs that run."""
    found = [
        sync_info(integration, sync)
        for integration in call.app.environment.used_integrations()
        if (sync := integration.running_sync) is not None
    ]
    return schemas.Listed(found, None, len(found))


def _integration(call: Call[Any, Any]) -> Integration:
    return Source(call.app.environment).integration(call.path["integration_id"])
