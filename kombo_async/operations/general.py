"""What can be asked of the operations of no family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Any, NotRequired, TypedDict

from .. import models
from ..engine.operation import CHANGE, READ, SETTING, Operation
from ..models.common import EnumOrStr

_INTEGRATION = "/integrations/{integration_id}"


class _Enabled(TypedDict):
    value: bool


class _Reconnection(TypedDict, total=False):
    language: EnumOrStr[models.LinkLanguage] | None
    scope_config_id: str | None
    link_type: EnumOrStr[models.LinkType]


class _Setup(TypedDict):
    link_type: EnumOrStr[models.LinkType]
    language: NotRequired[EnumOrStr[models.LinkLanguage] | None]


class _FieldUpdate(TypedDict):
    enable_passthrough: bool


class _Mapping(TypedDict):
    integration_field_id: str | None


class _Sync(TypedDict, total=False):
    type: EnumOrStr[models.SyncType]


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
    name="check_api_key", method="GET", path="/check-api-key", answer=models.ApiKeyInfo, effect=READ
)
TRIGGER_SYNC = Operation(
    name="trigger_sync",
    method="POST",
    path="/force-sync",
    answer=models.SyncTrigger,
    effect=CHANGE,
    integration=True,
    body=_Sync,
)
GET_INTEGRATION = Operation(
    name="get_integration", method="GET", path=_INTEGRATION, answer=models.Integration, effect=READ
)
DELETE_INTEGRATION = Operation(
    name="delete_integration", method="DELETE", path=_INTEGRATION, answer=NoneType, effect=SETTING
)
SET_INTEGRATION_ENABLED = Operation(
    name="set_integration_enabled",
    method="PUT",
    path=f"{_INTEGRATION}/enabled",
    answer=NoneType,
    effect=SETTING,
    body=_Enabled,
)
# A link that got lost on the way stays valid, for a year if it is a magic link: do not make two.
CREATE_RECONNECTION_LINK = Operation(
    name="create_reconnection_link",
    method="POST",
    path=f"{_INTEGRATION}/relink",
    answer=models.Link,
    effect=CHANGE,
    body=_Reconnection,
)
CREATE_SETUP_LINK = Operation(
    name="create_setup_link",
    method="POST",
    path=f"{_INTEGRATION}/setup-link",
    answer=models.Link,
    effect=CHANGE,
    body=_Setup,
)
ITER_INTEGRATION_FIELDS = Operation(
    name="iter_integration_fields",
    method="GET",
    path=f"{_INTEGRATION}/integration-fields",
    answer=models.IntegrationField,
    effect=READ,
    page_size=2000,
)
UPDATE_INTEGRATION_FIELD = Operation(
    name="update_integration_field",
    method="PATCH",
    path=f"{_INTEGRATION}/integration-fields/{{integration_field_id}}",
    answer=models.IntegrationField,
    effect=SETTING,
    body=_FieldUpdate,
)
ITER_CUSTOM_FIELDS = Operation(
    name="iter_custom_fields",
    method="GET",
    path=f"{_INTEGRATION}/custom-fields",
    answer=models.CustomField,
    effect=READ,
    page_size=250,
)
UPDATE_CUSTOM_FIELD_MAPPING = Operation(
    name="update_custom_field_mapping",
    method="PUT",
    path=f"{_INTEGRATION}/custom-fields/{{custom_field_id}}",
    answer=models.CustomField,
    effect=SETTING,
    body=_Mapping,
)
GET_TOOLS = Operation(
    name="get_tools", method="GET", path="/tools/{category}", answer=models.Tool, effect=READ, listed="tools"
)
# Kombo does not say whether passthrough counts against the action limit; a slot costs little if it does not.
SEND_PASSTHROUGH_REQUEST, SEND_PASSTHROUGH_GET = (
    Operation(
        name="send_passthrough_request",
        method="POST",
        path="/passthrough/{tool}/{api}",
        answer=models.PassthroughResponse,
        effect=effect,
        integration=True,
        action=True,
        body=_Passthrough,
    )
    for effect in (CHANGE, READ)
)
