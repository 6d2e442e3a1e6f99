"""The operations that belong to no family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, NotRequired, TypedDict

from .. import models
from ..engine.operation import IDEMPOTENT, NON_IDEMPOTENT, SAFE, Operation

_INTEGRATION = "/integrations/{integration_id}"


class _Enabled(TypedDict):
    value: bool


class _Reconnection(TypedDict, total=False):
    language: models.LinkLanguageOrStr | None
    scope_config_id: str | None
    link_type: models.LinkTypeOrStr


class _Setup(TypedDict):
    link_type: models.LinkTypeOrStr
    language: NotRequired[models.LinkLanguageOrStr | None]


class _FieldUpdate(TypedDict):
    enable_passthrough: bool


class _Mapping(TypedDict):
    integration_field_id: str | None


class _Sync(TypedDict, total=False):
    type: models.SyncTypeOrStr


class _Passthrough(TypedDict):
    method: str
    path: str
    headers: NotRequired[Mapping[str, str]]
    params: NotRequired[Mapping[str, str]]
    data: NotRequired[Any]
    response_as_base64: NotRequired[bool]
    multipart_form_data: NotRequired[Sequence[models.MultipartField]]
    api_options: NotRequired[Mapping[str, str]]


CHECK_API_KEY = Operation("check_api_key", "GET", "/check-api-key", models.ApiKeyInfo, SAFE)
TRIGGER_SYNC = Operation(
    "trigger_sync", "POST", "/force-sync", models.SyncTrigger, NON_IDEMPOTENT, integration=True, body=_Sync
)
GET_INTEGRATION = Operation("get_integration", "GET", _INTEGRATION, models.Integration, SAFE)
DELETE_INTEGRATION = Operation("delete_integration", "DELETE", _INTEGRATION, NoneType, IDEMPOTENT)
SET_INTEGRATION_ENABLED = Operation(
    "set_integration_enabled", "PUT", f"{_INTEGRATION}/enabled", NoneType, IDEMPOTENT, body=_Enabled
)
# A link that got lost on the way stays valid, for a year if it is a magic link: do not make two.
CREATE_RECONNECTION_LINK = Operation(
    "create_reconnection_link", "POST", f"{_INTEGRATION}/relink", models.Link, NON_IDEMPOTENT, body=_Reconnection
)
CREATE_SETUP_LINK = Operation(
    "create_setup_link", "POST", f"{_INTEGRATION}/setup-link", models.Link, NON_IDEMPOTENT, body=_Setup
)
ITER_INTEGRATION_FIELDS = Operation(
    "iter_integration_fields",
    "GET",
    f"{_INTEGRATION}/integration-fields",
    models.IntegrationField,
    SAFE,
    page_size=2000,
)
UPDATE_INTEGRATION_FIELD = Operation(
    "update_integration_field",
    "PATCH",
    f"{_INTEGRATION}/integration-fields/{{integration_field_id}}",
    models.IntegrationField,
    IDEMPOTENT,
    body=_FieldUpdate,
)
ITER_CUSTOM_FIELDS = Operation(
    "iter_custom_fields", "GET", f"{_INTEGRATION}/custom-fields", models.CustomField, SAFE, page_size=250
)
UPDATE_CUSTOM_FIELD_MAPPING = Operation(
    "update_custom_field_mapping",
    "PUT",
    f"{_INTEGRATION}/custom-fields/{{custom_field_id}}",
    models.CustomField,
    IDEMPOTENT,
    body=_Mapping,
)
GET_TOOLS = Operation("get_tools", "GET", "/tools/{category}", models.Tool, SAFE, listed="tools")
# Kombo does not say whether passthrough counts against the action limit; a slot costs little if it does not.
SEND_PASSTHROUGH_REQUEST, SEND_PASSTHROUGH_GET = (
    Operation(
        "send_passthrough_request",
        "POST",
        "/passthrough/{tool}/{api}",
        models.PassthroughResponse,
        effect,
        integration=True,
        action=True,
        body=_Passthrough,
    )
    for effect in (NON_IDEMPOTENT, SAFE)
)
