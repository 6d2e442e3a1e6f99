"""The operations of no family: integrations, their fields, syncs, tools, passthrough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import attrs
from msgspec import UNSET

from .. import models
from ..engine import wire
from ..engine.operation import Effect, Operation
from ..errors import IntegrationNotFoundError
from ..paging import Pager
from .family import Family, Nothing

READ, SETTING, CHANGE = Effect.READ, Effect.SETTING, Effect.CHANGE
_INTEGRATION = "/integrations/{integration_id}"

CHECK_API_KEY = Operation(name="check_api_key", method="GET", path="/check-api-key", effect=READ)
TRIGGER_SYNC = Operation(name="trigger_sync", method="POST", path="/force-sync", effect=CHANGE, integration=True)
GET_INTEGRATION = Operation(name="get_integration", method="GET", path=_INTEGRATION, effect=READ)
DELETE_INTEGRATION = Operation(name="delete_integration", method="DELETE", path=_INTEGRATION, effect=SETTING)
SET_INTEGRATION_ENABLED = Operation(
    name="set_integration_enabled", method="PUT", path=f"{_INTEGRATION}/enabled", effect=SETTING
)
# A link that got lost on the way stays valid, for a year if it is a magic link: do not make two.
CREATE_RECONNECTION_LINK = Operation(
    name="create_reconnection_link", method="POST", path=f"{_INTEGRATION}/relink", effect=CHANGE
)
CREATE_SETUP_LINK = Operation(name="create_setup_link", method="POST", path=f"{_INTEGRATION}/setup-link", effect=CHANGE)
ITER_INTEGRATION_FIELDS = Operation(
    name="iter_integration_fields",
    method="GET",
    path=f"{_INTEGRATION}/integration-fields",
    effect=READ,
    page_size=2000,
)
UPDATE_INTEGRATION_FIELD = Operation(
    name="update_integration_field",
    method="PATCH",
    path=f"{_INTEGRATION}/integration-fields/{{integration_field_id}}",
    effect=SETTING,
)
ITER_CUSTOM_FIELDS = Operation(
    name="iter_custom_fields",
    method="GET",
    path=f"{_INTEGRATION}/custom-fields",
    effect=READ,
    page_size=250,
)
UPDATE_CUSTOM_FIELD_MAPPING = Operation(
    name="update_custom_field_mapping",
    method="PUT",
    path=f"{_INTEGRATION}/custom-fields/{{custom_field_id}}",
    effect=SETTING,
)
GET_TOOLS = Operation(name="get_tools", method="GET", path="/tools/{category}", effect=READ)
# Kombo does not say whether passthrough counts against the action limit; a slot costs little if it does not.
SEND_PASSTHROUGH_REQUEST, SEND_PASSTHROUGH_GET = (
    Operation(
        name="send_passthrough_request",
        method="POST",
        path="/passthrough/{tool}/{api}",
        effect=effect,
        integration=True,
        action=True,
    )
    for effect in (CHANGE, READ)
)

PassthroughMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
"""The methods Kombo passes through."""


class General(Family):
    """The operations that belong to no family; `KomboClient` has them as methods of its own."""

    __slots__ = ()

    async def check_api_key(self) -> models.ApiKeyInfo:
        """Tell which environment the key belongs to; raises `AuthenticationInvalidError` for a bad key.

        See https://docs.kombo.dev/hris/v1/get-check-api-key
        """
        return await self._read(CHECK_API_KEY, models.ApiKeyInfo)

    async def get_integration(self, integration_id: str | None = None) -> models.Integration:
        """Get what Kombo knows about an integration: tool, state, and what each model offers.

        `status` INVALID means that the customer must reconnect: see `create_reconnection_link`.
        See https://docs.kombo.dev/hris/v1/get-integrations-integration-id
        """
        return await self._read(GET_INTEGRATION, models.Integration, integration_id)

    async def delete_integration(self, integration_id: str) -> None:
        """Delete an integration for good. Kombo erases its data after 14 days; nothing brings it back.

        The id is always given, never taken from the client. Safe to repeat: it is sent again after a broken
        connection, and then an integration that is already gone counts as deleted.
        See https://docs.kombo.dev/hris/v1/delete-integrations-integration-id
        """
        try:
            await self._write(DELETE_INTEGRATION, Nothing, {}, wire.checked_id("integration_id", integration_id))
        except IntegrationNotFoundError as error:
            if not error.may_have_run:
                raise

    async def set_integration_enabled(self, value: bool, *, integration_id: str | None = None) -> None:
        """Switch an integration on or off. Off, its running syncs are cancelled; the credentials stay.

        See https://docs.kombo.dev/hris/v1/put-integrations-integration-id-enabled
        """
        if not isinstance(value, bool):
            raise TypeError(f"value is True or False, not {type(value).__name__}")
        await self._write(
            SET_INTEGRATION_ENABLED,
            Nothing,
            {"value": value},
            integration_id,
        )

    async def create_reconnection_link(
        self,
        *,
        language: models.LinkLanguage | str | None = None,
        scope_config_id: str | None = None,
        link_type: models.LinkType | str | None = None,
        integration_id: str | None = None,
    ) -> models.Link:
        """Make a link by which the customer renews the credentials, for an integration that is INVALID.

        Left out: English, the present scope config, and an embedded link that lives an hour (MAGIC_LINK: a year).
        A `scope_config_id` takes effect when the customer has finished.
        See https://docs.kombo.dev/hris/v1/post-integrations-integration-id-relink
        """
        body = {"language": language, "scope_config_id": scope_config_id, "link_type": link_type}
        return await self._write(CREATE_RECONNECTION_LINK, models.Link, _given(body), integration_id)

    async def create_setup_link(
        self,
        link_type: models.LinkType | str,
        *,
        language: models.LinkLanguage | str | None = None,
        integration_id: str | None = None,
    ) -> models.Link:
        """Make a link to the setup steps, such as field mapping, of an integration that is connected.

        Raises `InputInvalidError` where no setup step is switched on. Left out, the language is English.
        See https://docs.kombo.dev/hris/v1/post-integrations-integration-id-setup-link
        """
        body = {"link_type": link_type, "language": language}
        return await self._write(CREATE_SETUP_LINK, models.Link, _given(body), integration_id)

    def iter_integration_fields(
        self,
        integration_id: str | None = None,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        read_ahead: bool = True,
    ) -> Pager[models.IntegrationField]:
        """Iterate over the fields that the connected tool itself has, up to 2,000 a page.

        A niche feature: custom fields are usually what one wants. An empty list usually means that "integration
        fields" is switched off for the model in the scope config (https://app.kombo.dev/scope-config). There are
        no filters. See https://docs.kombo.dev/hris/features/integration-fields
        """
        return self._iterate(
            ITER_INTEGRATION_FIELDS,
            models.IntegrationField,
            {
                "integration_id": integration_id,
                "page_size": page_size,
                "cursor": cursor,
                "read_ahead": read_ahead,
            },
        )

    async def update_integration_field(
        self, field_id: str, *, enable_passthrough: bool, integration_id: str | None = None
    ) -> models.IntegrationField:
        """Switch on or off that the values of a field come with every record, in `integration_fields`.

        They come with the next sync, not at once: see `trigger_sync`.
        See https://docs.kombo.dev/hris/features/integration-fields
        """
        if not isinstance(enable_passthrough, bool):
            raise TypeError(f"enable_passthrough is True or False, not {type(enable_passthrough).__name__}")
        return await self._write(
            UPDATE_INTEGRATION_FIELD,
            models.IntegrationField,
            {"enable_passthrough": enable_passthrough},
            integration_id,
            integration_field_id=field_id,
        )

    def iter_custom_fields(
        self,
        integration_id: str | None = None,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        read_ahead: bool = True,
    ) -> Pager[models.CustomField]:
        """Iterate over the custom fields you defined in Kombo, and what each is mapped to here; up to 250 a page.

        See https://docs.kombo.dev/hris/features/custom-fields
        """
        return self._iterate(
            ITER_CUSTOM_FIELDS,
            models.CustomField,
            {
                "integration_id": integration_id,
                "page_size": page_size,
                "cursor": cursor,
                "read_ahead": read_ahead,
            },
        )

    async def update_custom_field_mapping(
        self, custom_field_id: str, *, integration_field_id: str | None, integration_id: str | None = None
    ) -> models.CustomField:
        """Map a custom field to a field of the connected tool, or with `integration_field_id=None` to nothing.

        Values come with the next sync. See https://docs.kombo.dev/hris/features/custom-fields
        """
        if integration_field_id is not None:
            wire.checked_id("integration_field_id", integration_field_id)
        return await self._write(
            UPDATE_CUSTOM_FIELD_MAPPING,
            models.CustomField,
            {"integration_field_id": integration_field_id},
            integration_id,
            custom_field_id=custom_field_id,
        )

    async def trigger_sync(
        self,
        *,
        type: models.SyncType | str | None = None,  # noqa: A002
        integration_id: str | None = None,
    ) -> models.SyncTrigger:
        """Ask Kombo to sync an integration now, FULL unless DELTA is asked for.

        Meant for a person who waits for fresh data; Kombo syncs by itself every few hours. One sync at a time: while
        one waits or runs you get that one, with `already_queued`. Never sent again after it may have arrived.
        See https://docs.kombo.dev/hris/v1/post-force-sync
        """
        return await self._write(TRIGGER_SYNC, models.SyncTrigger, _given({"type": type}), integration_id)

    async def get_tools(self, category: models.IntegrationCategory | str) -> tuple[models.Tool, ...]:
        """Get the tools of a category that Kombo can connect, with what each of them covers.

        See https://docs.kombo.dev/hris/v1/get-tools-category
        """
        # Upper case in answers, lower case in this path.
        segment = wire.checked_id("category", category).lower()
        return (await self._read(GET_TOOLS, dict[str, tuple[models.Tool, ...]], category=segment))["tools"]

    async def send_passthrough_request(
        self,
        tool: str,
        api: str,
        method: PassthroughMethod,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        data: object = UNSET,
        multipart_form_data: Sequence[models.MultipartField] | None = None,
        response_as_base64: bool | None = None,
        api_options: Mapping[str, str] | None = None,
        integration_id: str | None = None,
    ) -> models.PassthroughResponse:
        """Call the connected tool's own API, with the customer's credentials added by Kombo.

        `tool` and `api` name one of the APIs that Kombo lists, case-sensitively, such as `personio` and `personnel`;
        `path` starts below its base URL. A list or mapping as `data` goes out as JSON, a string as it is. Some
        tools need `api_options`: `workday` takes `service_name` with `version` (rest) or `service_version`
        (soap), `nmbrs` `service_name`, `hroffice` `operation_name`.

        What the tool answers is in the result and never raised: look at its `status`. A GET is tried again like a
        read; everything else is sent once, unless it certainly did not arrive.
        See https://docs.kombo.dev/hris/features/passthrough
        """
        if method not in get_args(PassthroughMethod):
            raise ValueError(f"method is one of {', '.join(get_args(PassthroughMethod))}, not {method!r}")
        if not isinstance(path, str):
            raise TypeError(f"path is a str, not {type(path).__name__}")
        if data is not UNSET and multipart_form_data is not None:
            raise ValueError("data and multipart_form_data exclude each other: pass one of them")
        if isinstance(data, bytes | bytearray | memoryview):
            raise TypeError("data is text or JSON, not bytes: decode it, or send a file in multipart_form_data")
        body = _given(
            {
                "method": method,
                "path": path,
                "headers": _strings("headers", headers),
                "params": _strings("params", params),
                "multipart_form_data": multipart_form_data,
                "response_as_base64": response_as_base64,
                "api_options": _strings("api_options", api_options),
            }
        )
        if data is not UNSET:
            body["data"] = data
        operation = SEND_PASSTHROUGH_GET if method == "GET" else SEND_PASSTHROUGH_REQUEST
        reply = await self._act(operation, models.PassthroughResponse, body, integration_id, tool=tool, api=api)
        return attrs.evolve(reply.data, warnings=reply.warnings)


def _given(values: Mapping[str, object]) -> dict[str, object]:
    """Leave out what was not given, so that Kombo's own default holds."""
    return {key: value for key, value in values.items() if value is not None}


def _strings(name: str, values: Mapping[str, str] | None) -> Mapping[str, str] | None:
    if values is None:
        return None
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} is a mapping of str to str, not {type(values).__name__}")
    for key, value in values.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"{name}[{key!r}] is a str, as Kombo passes nothing else on, not {type(value).__name__}")
    return values
