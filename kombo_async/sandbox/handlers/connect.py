"""Connecting integrations: links, and what their tokens stand for."""

from __future__ import annotations

from typing import Final

from ...operations import connect as op
from ..api_errors import invalid
from ..data import records
from ..data.deterministic import digest
from ..data.records import Row
from .endpoints import Call, served


def create_connection_link(call: Call) -> Row:
    """A link whose token, its last part, stands for an integration, as if the customer had followed it at once."""
    body, tokens = call.json, call.environment.store.kept
    if body.get("remote_environment") is not None and body.get("integration_tool") is None:
        raise invalid("remote_environment goes with integration_tool.")
    token = records.some_id(digest("connect", len(tokens)))
    tokens[token] = body
    ips = {"static_ips": ["192.0.2.10", "192.0.2.11"]} if body.get("enable_static_ips") else {}
    return {"link": f"https://connect.sandbox.example/connect/{token}", **ips}


def get_integration_by_token(call: Call) -> Row:
    """The integration that a token of a link stands for: the first one of the category."""
    body = call.environment.store.kept.get(call.path.get("token") or call.json["token"])
    if body is None:
        raise invalid("token was not made by a link of this environment.", status=404)
    integration = call.environment.integration(
        call.environment.integration_id_of(body.get("integration_category", "HRIS"))
    )
    return {
        "tool": integration.tool.id,
        "id": integration.id,
        "end_user_origin_id": body.get("end_user_origin_id"),
        "end_user_organization_name": body["end_user_organization_name"],
        "end_user_email": body["end_user_email"],
        "setup_status": integration.state.setup_status,
    }


activate_integration = get_integration_by_token
OPERATIONS: Final = served(op, globals())
