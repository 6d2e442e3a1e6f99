"""Connecting integrations: links, and the integrations of their tokens."""

from __future__ import annotations

from ...operations import connect as op
from ..api_errors import invalid_input
from ..data import records
from ..data.deterministic import digest
from ..data.records import Row
from .endpoints import Request, endpoints_of


def create_connection_link(request: Request) -> Row:
    """Return a link. Its token, the last segment, is accepted at once, as if the customer had finished the flow."""
    body, tokens = request.json, request.environment.store.extras
    if body.get("remote_environment") is not None and body.get("integration_tool") is None:
        raise invalid_input("remote_environment requires integration_tool.")
    token = records.id_from(digest("connect", len(tokens)))
    tokens[token] = body
    ips = {"static_ips": ["192.0.2.10", "192.0.2.11"]} if body.get("enable_static_ips") else {}
    return {"link": f"https://connect.sandbox.example/connect/{token}", **ips}


def get_integration_by_token(request: Request) -> Row:
    """Return the integration of a token: the first one of the category of its link."""
    body = request.environment.store.extras.get(request.path.get("token") or request.json["token"])
    if body is None:
        raise invalid_input("token was not made by a link of this environment.", status=404)
    integration_id = request.environment.integration_id_of(body.get("integration_category", "HRIS"))
    integration = request.environment.integration(integration_id or "")
    return {
        "tool": integration.tool.id,
        "id": integration.id,
        "end_user_origin_id": body.get("end_user_origin_id"),
        "end_user_organization_name": body["end_user_organization_name"],
        "end_user_email": body["end_user_email"],
        "setup_status": integration.state.setup_status,
    }


activate_integration = get_integration_by_token
OPERATIONS = endpoints_of(op, globals())
