"""Calls of the Connect family."""

from __future__ import annotations

from kombo_async.models import IntegrationCategory, LinkLanguage, LinkType

from . import Call

CALLS: list[Call] = [
    Call(
        "connect.create_connection_link",
        lambda client, _: client.connect.create_connection_link("it@tannenhof.example", "Tannenhof GmbH"),
    ),
    Call(
        "connect.create_connection_link",
        lambda client, _: client.connect.create_connection_link(
            "it@tannenhof.example",
            "Tannenhof GmbH",
            end_user_origin_id="tenant-12",
            integration_category=IntegrationCategory.HRIS,
            integration_tool="datev",
            remote_environment="SANDBOX",
            language=LinkLanguage.DE,
            link_type=LinkType.MAGIC_LINK,
            scope_config_id="B1hu5NGyhdjSq5X3hxEz4bAN",
            enable_filtering=True,
            enable_field_mapping=True,
            enable_static_ips=True,
        ),
    ),
    Call(
        "connect.create_connection_link",
        lambda client, _: client.connect.create_connection_link(
            "it@tannenhof.example",
            "Tannenhof GmbH",
            end_user_origin_id=None,
            integration_tool=None,
            remote_environment=None,
            language=None,
            scope_config_id=None,
        ),
    ),
    Call(
        "connect.get_integration_by_token",
        lambda client, ids: client.connect.get_integration_by_token(ids.connect_token),
    ),
    Call("connect.activate_integration", lambda client, ids: client.connect.activate_integration(ids.connect_token)),
]
