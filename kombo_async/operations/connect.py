"""The filters and operations of the Connect family."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from ..engine.operation import IDEMPOTENT, NON_IDEMPOTENT, SAFE, Operation
from ..models import connect as models
from ..models.general import IntegrationCategoryOrStr, LinkLanguageOrStr, LinkTypeOrStr


class _NewLink(TypedDict):
    end_user_email: str
    end_user_organization_name: str
    end_user_origin_id: NotRequired[str | None]
    integration_category: NotRequired[IntegrationCategoryOrStr]
    integration_tool: NotRequired[str | None]
    remote_environment: NotRequired[str | None]
    language: NotRequired[LinkLanguageOrStr | None]
    link_type: NotRequired[LinkTypeOrStr]
    scope_config_id: NotRequired[str | None]
    enable_filtering: NotRequired[bool]
    enable_field_mapping: NotRequired[bool]
    enable_static_ips: NotRequired[bool]


class _Token(TypedDict):
    token: str


# A link that got lost on the way stays valid, for a year if it is a magic link: do not make two.
CREATE_CONNECTION_LINK = Operation(
    "create_connection_link", "POST", "/connect/create-link", models.ConnectionLink, NON_IDEMPOTENT, body=_NewLink
)
GET_INTEGRATION_BY_TOKEN = Operation(
    "get_integration_by_token", "GET", "/connect/integration-by-token/{token}", models.ConnectedIntegration, SAFE
)
ACTIVATE_INTEGRATION = Operation(
    "activate_integration",
    "POST",
    "/connect/activate-integration",
    models.ConnectedIntegration,
    IDEMPOTENT,
    body=_Token,
)
