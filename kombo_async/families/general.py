"""The operations that belong to no family: integrations, their fields, syncs, tools, passthrough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import attrs
from msgspec import UNSET, UnsetType

from .. import models
from .. import operations as op
from ..engine.request import validate_id, validate_integration_id
from ..errors import IntegrationNotFoundError
from ..paging import Pager
from .family import Family, omit_unset

PassthroughMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
"""The methods Kombo passes through."""


class General(Family):
    """The operations that belong to no family; `KomboClient` has them as methods of its own."""

    __slots__ = ()

    async def check_api_key(self) -> models.ApiKeyInfo:
        """Return the environment that the key belongs to; raises `AuthenticationInvalidError` for a bad key.

        See https://docs.kombo.dev/hris/v1/get-check-api-key
        """
        return await self._send(op.general.CHECK_API_KEY)

    async def get_integration(self, integration_id: str | None = None) -> models.Integration:
        """Get what Kombo knows about an integration: tool, state, and what each model offers.

        `status` INVALID means that the customer must reconnect: see `create_reconnection_link`.
        See https://docs.kombo.dev/hris/v1/get-integrations-integration-id
        """
        return await self._send(op.general.GET_INTEGRATION, integration_id)

    async def delete_integration(self, integration_id: str) -> None:
        """Delete an integration for good. Kombo erases its data after 14 days; nothing brings it back.

        The id is always given, never taken from the client. Safe to repeat: it is sent again after a broken
        connection, and then an integration that is already gone counts as deleted.
        See https://docs.kombo.dev/hris/v1/delete-integrations-integration-id
        """
        try:
            await self._send(op.general.DELETE_INTEGRATION, validate_integration_id(integration_id))
        except IntegrationNotFoundError as error:
            if not error.may_have_run:
                raise

    async def set_integration_enabled(self, value: bool, *, integration_id: str | None = None) -> None:
        """Switch an integration on or off. Off, its running syncs are cancelled; the credentials stay.

        See https://docs.kombo.dev/hris/v1/put-integrations-integration-id-enabled
        """
        await self._send(op.general.SET_INTEGRATION_ENABLED, integration_id, body={"value": value})

    async def create_reconnection_link(
        self,
        *,
        language: models.LinkLanguageOrStr | UnsetType | None = UNSET,
        scope_config_id: str | UnsetType | None = UNSET,
        link_type: models.LinkTypeOrStr | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> models.Link:
        """Make a link by which the customer renews the credentials, for an integration that is INVALID.

        Left out: English, the present scope config, and an embedded link that lives an hour (MAGIC_LINK: a year).
        A `scope_config_id` takes effect when the customer has finished.
        See https://docs.kombo.dev/hris/v1/post-integrations-integration-id-relink
        """
        body = omit_unset(language=language, scope_config_id=scope_config_id, link_type=link_type)
        return await self._send(op.general.CREATE_RECONNECTION_LINK, integration_id, body=body)

    async def create_setup_link(
        self,
        link_type: models.LinkTypeOrStr,
        *,
        language: models.LinkLanguageOrStr | UnsetType | None = UNSET,
        integration_id: str | None = None,
    ) -> models.Link:
        """Make a link to the setup steps, such as field mapping, of an integration that is connected.

        Raises `InputInvalidError` where no setup step is switched on. Left out, the language is English.
        See https://docs.kombo.dev/hris/v1/post-integrations-integration-id-setup-link
        """
        body = omit_unset(link_type=link_type, language=language)
        return await self._send(op.general.CREATE_SETUP_LINK, integration_id, body=body)

    def iter_integration_fields(
        self,
        integration_id: str | None = None,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
        read_ahead: bool = True,
    ) -> Pager[models.IntegrationField]:
        """Iterate over the fields that the connected tool itself has, up to 2,000 a page.

        Custom fields are usually the better choice. An empty list usually means that "integration
        fields" is switched off for the model in the scope config (https://app.kombo.dev/scope-config). There are
        no filters. See https://docs.kombo.dev/hris/features/integration-fields
        """
        return self._iterate(
            op.general.ITER_INTEGRATION_FIELDS,
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
        return await self._send(
            op.general.UPDATE_INTEGRATION_FIELD,
            integration_id,
            body={"enable_passthrough": enable_passthrough},
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
            op.general.ITER_CUSTOM_FIELDS,
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
            validate_id("integration_field_id", integration_field_id)
        return await self._send(
            op.general.UPDATE_CUSTOM_FIELD_MAPPING,
            integration_id,
            body={"integration_field_id": integration_field_id},
            custom_field_id=custom_field_id,
        )

    async def trigger_sync(
        self,
        *,
        type: models.SyncTypeOrStr | UnsetType = UNSET,  # noqa: A002
        integration_id: str | None = None,
    ) -> models.SyncTrigger:
        """Ask Kombo to sync an integration now, FULL unless DELTA is asked for.

        Meant for a user who waits for fresh data; Kombo syncs by itself every few hours. While a sync waits or runs,
        this returns that one, with `already_queued`. It is not retried if it may have arrived. See
        https://docs.kombo.dev/hris/v1/post-force-sync
        """
        return await self._send(op.general.TRIGGER_SYNC, integration_id, body=omit_unset(type=type))

    async def get_tools(self, category: models.IntegrationCategoryOrStr) -> tuple[models.Tool, ...]:
        """Get the tools of a category that Kombo can connect, with what each of them covers.

        See https://docs.kombo.dev/hris/v1/get-tools-category
        """
        # Upper case in responses, lower case in this path.
        segment = validate_id("category", category).lower()
        return await self._read_list(op.general.GET_TOOLS, category=segment)

    async def send_passthrough_request(
        self,
        tool: str,
        api: str,
        method: PassthroughMethod,
        path: str,
        *,
        headers: Mapping[str, str] | UnsetType = UNSET,
        params: Mapping[str, str] | UnsetType = UNSET,
        data: object = UNSET,
        multipart_form_data: Sequence[models.MultipartField] | UnsetType = UNSET,
        response_as_base64: bool | UnsetType = UNSET,
        api_options: Mapping[str, str] | UnsetType = UNSET,
        integration_id: str | None = None,
    ) -> models.PassthroughResponse:
        """Call the connected tool's own API, with the customer's credentials added by Kombo.

        `tool` and `api` name one of the APIs that Kombo lists, case-sensitively, such as `personio` and `personnel`;
        `path` starts below its base URL. A list or mapping as `data` goes out as JSON, a string as it is. Some
        tools need `api_options`: `workday` takes `service_name` with `version` (rest) or `service_version`
        (soap), `nmbrs` `service_name`, `hroffice` `operation_name`.

        The response of the tool is in the result, and is never raised as an error: check its `status`. A GET is retried
        like a read; other methods only if the request certainly did not arrive.
        See https://docs.kombo.dev/hris/features/passthrough
        """
        if method not in get_args(PassthroughMethod):
            raise ValueError(f"method is one of {', '.join(get_args(PassthroughMethod))}, not {method!r}")
        if data is not UNSET and multipart_form_data is not UNSET:
            raise ValueError("data and multipart_form_data exclude each other: pass one of them")
        if isinstance(data, bytes | bytearray | memoryview):
            raise TypeError("data is text or JSON, not bytes: decode it, or send a file in multipart_form_data")
        body = omit_unset(
            method=method,
            path=path,
            headers=headers,
            params=params,
            data=data,
            multipart_form_data=multipart_form_data,
            response_as_base64=response_as_base64,
            api_options=api_options,
        )
        operation = op.general.SEND_PASSTHROUGH_GET if method == "GET" else op.general.SEND_PASSTHROUGH_REQUEST
        reply = await self._action(operation, integration_id, body=body, tool=tool, api=api)
        return attrs.evolve(reply.data, warnings=reply.warnings)
