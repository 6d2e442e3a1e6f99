"""The models of the Connect family."""

from __future__ import annotations

from .base import NullableList, frozen, null_to_empty
from .general import Link, SetupStatus


@frozen(kw_only=True)
class ConnectionLink(Link):
    """A page on which your customer connects a tool.

    See https://docs.kombo.dev/hris/v1/post-connect-create-link
    """

    static_ips: NullableList[str] = ()
    """The addresses that the customer's firewall must let in. Filled only where you asked for static addresses."""

    def __attrs_post_init__(self) -> None:
        null_to_empty(self, "static_ips")


@frozen(kw_only=True)
class ConnectedIntegration:
    """The integration that a connection flow has created. Store its `id` with your customer.

    See https://docs.kombo.dev/hris/v1/get-connect-integration-by-token-token
    """

    id: str
    """What you pass as `integration_id` from now on: `personio:3nRk7VbXw2QyTfGz9JmLpDhe`."""
    tool: str
    """The tool's id at Kombo: which one the customer chose, where the link did not say."""
    end_user_organization_name: str
    """The customer's company, as the link said."""
    end_user_origin_id: str | None = None
    """Your own id for the customer, as in the link: compare it with that of the signed-in user."""
    end_user_email: str | None = None
    """Who connected the tool, where that is known."""
    setup_status: SetupStatus | None = None
    """Reads fail until this is `COMPLETED`; null from an older Kombo."""
