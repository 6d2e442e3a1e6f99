"""The Connect family. See https://docs.kombo.dev/connect/introduction"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from ..models import connect as models
from ..models.general import IntegrationCategoryOrStr, LinkLanguageOrStr, LinkTypeOrStr
from ..operations import connect as op
from .family import Family, deprecated, omit_unset


class Connect(Family):
    """The operations of the Connect family, as `client.connect`. None of them needs an integration."""

    __slots__ = ()

    async def create_connection_link(
        self,
        end_user_email: str,
        end_user_organization_name: str,
        *,
        end_user_origin_id: str | UnsetType | None = UNSET,
        integration_category: IntegrationCategoryOrStr | UnsetType = UNSET,
        integration_tool: str | UnsetType | None = UNSET,
        remote_environment: str | UnsetType | None = UNSET,
        language: LinkLanguageOrStr | UnsetType | None = UNSET,
        link_type: LinkTypeOrStr | UnsetType = UNSET,
        scope_config_id: str | UnsetType | None = UNSET,
        enable_filtering: bool | UnsetType = UNSET,
        enable_field_mapping: bool | UnsetType = UNSET,
        enable_static_ips: bool | UnsetType = UNSET,
    ) -> models.ConnectionLink:
        """Make a link by which a customer connects a tool.

        Pass `integration_category` unless you want HRIS, which is Kombo's default whatever tool you name.
        `end_user_origin_id` is your own id for the customer; it is an attribute of the integration. `integration_tool`
        (`personio`) spares the customer the choice, and with it `remote_environment` may name another environment
        than production, such as DATEV's `SANDBOX`. Left out, the page is English, and the link is an embedded one
        that lives an hour (MAGIC_LINK: a year).

        `enable_filtering` (HRIS only) and `enable_field_mapping` add setup steps; there is no data until the customer
        has completed them. With `enable_static_ips`, Kombo calls the tool from the addresses in `static_ips` of the
        result.

        Kombo does not notice a tool that is connected twice: for new credentials use `create_reconnection_link`.
        See https://docs.kombo.dev/hris/v1/post-connect-create-link
        """
        if remote_environment not in (UNSET, None) and integration_tool in (UNSET, None):
            raise ValueError("remote_environment is one of a tool's: pass integration_tool, too")
        body = omit_unset(
            end_user_email=end_user_email,
            end_user_organization_name=end_user_organization_name,
            end_user_origin_id=end_user_origin_id,
            integration_category=integration_category,
            integration_tool=integration_tool,
            remote_environment=remote_environment,
            language=language,
            link_type=link_type,
            scope_config_id=scope_config_id,
            enable_filtering=enable_filtering,
            enable_field_mapping=enable_field_mapping,
            enable_static_ips=enable_static_ips,
        )
        return await self._send(op.CREATE_CONNECTION_LINK, body=body)

    async def get_integration_by_token(self, token: str) -> models.ConnectedIntegration:
        """Return the integration for the token that the browser got at the end of the connection flow.

        Never take an integration id from a browser: the short-lived token is what proves that this user connected it.
        See https://docs.kombo.dev/hris/v1/get-connect-integration-by-token-token
        """
        return await self._send(op.GET_INTEGRATION_BY_TOKEN, token=token)

    @deprecated("use get_integration_by_token")
    async def activate_integration(self, token: str) -> models.ConnectedIntegration:
        """Return what `get_integration_by_token` returns, which replaces this. Integrations are active without it.

        See https://docs.kombo.dev/hris/v1/post-connect-activate-integration
        """
        return await self._send(op.ACTIVATE_INTEGRATION, body={"token": token})
