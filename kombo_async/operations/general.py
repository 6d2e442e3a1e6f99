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


CHECK_API_KEY = Operation(
    name="check_api_key", method="GET", path="/check-api-key", response_type=models.ApiKeyInfo, effect=SAFE
)
TRIGGER_SYNC = Operation(
    name="trigger_sync",
    method="POST",
    path="/force-sync",
    response_type=models.SyncTrigger,
    effect=NON_IDEMPOTENT,
    integration=True,
    body=_Sync,
)
GET_INTEGRATION = Operation(
    name="get_integration", method="GET", path=_INTEGRATION, response_type=models.Integration, effect=SAFE
)
DELETE_INTEGRATION = Operation(
    name="delete_integration", method="DELETE", path=_INTEGRATION, response_type=NoneType, effect=IDEMPOTENT
)
SET_INTEGRATION_ENABLED = Operation(
    name="set_integration_enabled",
    method="PUT",
    path=f"{_INTEGRATION}/enabled",
    response_type=NoneType,
    effect=IDEMPOTENT,
    body=_Enabled,
)
# A link that got lost on the way stays valid, for a year if it is a magic link: do not make two.
CREATE_RECONNECTION_LINK = Operation(
    name="create_reconnection_link",
    method="POST",
    path=f"{_INTEGRATION}/relink",
    response_type=models.Link,
    effect=NON_IDEMPOTENT,
    body=_Reconnection,
)
CREATE_SETUP_LINK = Operation(
    name="create_setup_link",
    method="POST",
    path=f"{_INTEGRATION}/setup-link",
    response_type=models.Link,
    effect=NON_IDEMPOTENT,
    body=_Setup,
)
ITER_INTEGRATION_FIELDS = Operation(
    name="iter_integration_fields",
    method="GET",
    path=f"{_INTEGRATION}/integration-fields",
    response_type=models.IntegrationField,
    effect=SAFE,
    page_size=2000,
)
UPDATE_INTEGRATION_FIELD = Operation(
    name="update_integration_field",
    method="PATCH",
    path=f"{_INTEGRATION}/integration-fields/{{integration_field_id}}",
    response_type=models.IntegrationField,
    effect=IDEMPOTENT,
    body=_FieldUpdate,
)
ITER_CUSTOM_FIELDS = Operation(
    name="iter_custom_fields",
    method="GET",
    path=f"{_INTEGRATION}/custom-fields",
    response_type=models.CustomField,
    effect=SAFE,
    page_size=250,
)
UPDATE_CUSTOM_FIELD_MAPPING = Operation(
    name="update_custom_field_mapping",
    method="PUT",
    path=f"{_INTEGRATION}/custom-fields/{{custom_field_id}}",
    response_type=models.CustomField,
    effect=IDEMPOTENT,
    body=_Mapping,
)
GET_TOOLS = Operation(
    name="get_tools", method="GET", path="/tools/{category}", response_type=models.Tool, effect=SAFE, listed="tools"
)
# Kombo does not say whether passthrough counts against the action limit; a slot costs little if it does not.
SEND_PASSTHROUGH_REQUEST, SEND_PASSTHROUGH_GET = (
    Operation(
        name="send_passthrough_request",
        method="POST",
        path="/passthrough/{tool}/{api}",
        response_type=models.PassthroughResponse,
        effect=effect,
        integration=True,
        action=True,
        body=_Passthrough,
    )
    for effect in (NON_IDEMPOTENT, SAFE)
)
