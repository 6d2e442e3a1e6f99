"""Checked by mypy and pyright, never run: what the Connect family gives and takes, and what it refuses.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from typing import assert_type

from kombo_async import UNSET, KomboClient
from kombo_async.models.connect import ConnectedIntegration, ConnectionLink
from kombo_async.models.general import IntegrationCategory, LinkLanguage, LinkType, SetupStatus


async def connect(client: KomboClient) -> None:
    assert_type(await client.connect.create_connection_link("ada@example.com", "Example"), ConnectionLink)
    link = await client.connect.create_connection_link(
        "ada@example.com",
        "Example",
        end_user_origin_id=None,
        integration_category=IntegrationCategory.ATS,
        integration_tool="greenhouse",
        remote_environment=UNSET,
        language=LinkLanguage.DE,
        link_type=LinkType.MAGIC_LINK,
        scope_config_id=None,
        enable_filtering=False,
        enable_field_mapping=True,
        enable_static_ips=UNSET,
    )
    assert_type(link.link, str)
    assert_type(link.static_ips, tuple[str, ...])
    await client.connect.create_connection_link(
        end_user_email="ada@example.com",
        end_user_organization_name="Example",
        integration_category="HRIS",
        language=None,
    )
    assert_type(await client.connect.get_integration_by_token("token"), ConnectedIntegration)
    found = await client.connect.get_integration_by_token(token="token")
    assert_type(found.id, str)
    assert_type(found.end_user_email, str | None)
    assert_type(found.setup_status, SetupStatus | None)
    assert_type(
        await client.connect.activate_integration("token"),  # pyright: ignore[reportDeprecated]
        ConnectedIntegration,
    )
    await client.connect.create_connection_link("ada@example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.connect.create_connection_link("ada@example.com", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.connect.create_connection_link("ada@example.com", "Example", "7")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.connect.create_connection_link("ada@example.com", "Example", integration_category=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.connect.create_connection_link("ada@example.com", "Example", link_type=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.connect.create_connection_link("ada@example.com", "Example", enable_filtering="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.connect.create_connection_link("ada@example.com", "Example", integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.connect.get_integration_by_token()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.connect.get_integration_by_token(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.connect.get_integration_by_token("token", integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.connect.activate_integration(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportDeprecated]
    client.connect.for_integration("personio:1")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
