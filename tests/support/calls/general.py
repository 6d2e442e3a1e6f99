"""Calls of the General family."""

from __future__ import annotations

from kombo_async.models.common import File
from kombo_async.models.general import LinkLanguage, LinkType, MultipartField, SyncType

from . import Call

CALLS = [
    Call("check_api_key", lambda c, ids: c.check_api_key()),
    Call("trigger_sync", lambda c, ids: c.trigger_sync()),
    Call("trigger_sync", lambda c, ids: c.trigger_sync(type=SyncType.DELTA)),
    Call("get_integration", lambda c, ids: c.get_integration()),
    Call("set_integration_enabled", lambda c, ids: c.set_integration_enabled(True)),
    Call("create_reconnection_link", lambda c, ids: c.create_reconnection_link()),
    Call(
        "create_reconnection_link",
        lambda c, ids: c.create_reconnection_link(
            language=LinkLanguage.DE, scope_config_id=None, link_type="MAGIC_LINK"
        ),
    ),
    Call("create_setup_link", lambda c, ids: c.create_setup_link("EMBEDDED")),
    Call("create_setup_link", lambda c, ids: c.create_setup_link(LinkType.MAGIC_LINK, language=None)),
    Call("iter_integration_fields", lambda c, ids: c.iter_integration_fields()),
    Call("iter_integration_fields", lambda c, ids: c.iter_integration_fields(page_size=7, read_ahead=False)),
    Call(
        "update_integration_field",
        lambda c, ids: c.update_integration_field(ids.integration_field, enable_passthrough=True),
    ),
    Call("iter_custom_fields", lambda c, ids: c.iter_custom_fields()),
    Call(
        "update_custom_field_mapping",
        lambda c, ids: c.update_custom_field_mapping(ids.custom_field, integration_field_id=None),
    ),
    Call("get_tools", lambda c, ids: c.get_tools("LMS")),
    Call(
        "send_passthrough_request",
        lambda c, ids: c.send_passthrough_request("personio", "personnel", "GET", "/company/employees"),
    ),
    Call(
        "send_passthrough_request",
        lambda c, ids: c.send_passthrough_request("personio", "personnel", "POST", "/echo", data={"a": [None]}),
    ),
    Call(
        "send_passthrough_request",
        lambda c, ids: c.send_passthrough_request(
            "personio",
            "personnel",
            "POST",
            "/echo",
            headers={"X-Way": "up"},
            params={"limit": "5"},
            multipart_form_data=[
                MultipartField(name="note", value="hello"),
                MultipartField(name="cv", value=File(name="cv.pdf", data=b"%PDF")),
                MultipartField(name="photo", value=File.from_url("https://files.example/photo.png")),
            ],
            response_as_base64=False,
            api_options={"version": "v2"},
        ),
    ),
    # Last, as nothing is left of the integration after it.
    Call("delete_integration", lambda c, ids: c.delete_integration(ids.integration)),
]
