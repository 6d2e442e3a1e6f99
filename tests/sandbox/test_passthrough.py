"""Passthrough requests."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ..support.sandbox_api import Api, Open


async def test_passthrough_reads_from_the_tool(api: Api) -> None:
    got = await api.passthrough("/company/employees", params={"limit": "3", "offset": "1"})
    assert got.data["url"] == "https://api.personio.de/v1/company/employees?limit=3&offset=1"
    assert (got.data["status"], got.data["headers"]["content-type"]) == (200, "application/json")
    assert [item["type"] for item in got.data["data"]["data"]] == ["Employee"] * 3
    assert got.json["warnings"] == []
    assert not api.sandbox.executions


async def test_error_of_the_tool_is_returned_with_status_200(api: Api) -> None:
    got = await api.passthrough("/nope", "POST", data={})
    assert (got.status, got.data["status"], got.data["data"]) == (200, 404, "Cannot POST /nope")
    assert not api.sandbox.executions
    assert (await api.passthrough("status/503")).data["status"] == 503
    assert (await api.passthrough("/company/employees", params={"limit": "x"})).data["status"] == 400


@pytest.mark.parametrize("data", [None, True, 0, 1.5, "text", "", [1, [2]], {"a": {"b": None}}])
async def test_any_json_is_forwarded(api: Api, data: Any) -> None:
    got = await api.passthrough("/echo", "POST", data=data, headers={"X-A": "1"}, params={"q": "ä&b"})
    seen = got.data["data"]
    assert seen["data"] == data
    assert (seen["method"], seen["headers"], seen["params"]) == ("POST", {"X-A": "1"}, {"q": "ä&b"})
    assert got.data["url"].endswith("/echo?q=%C3%A4%26b")
    assert api.sandbox.executions == {"send_passthrough_request": 1}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_all_methods_are_forwarded(api: Api, method: str) -> None:
    got = await api.passthrough("/echo", method)
    assert got.data["data"]["method"] == method
    assert "data" not in got.data["data"]
    assert api.sandbox.executions["send_passthrough_request"] == (method != "GET")


async def test_responses_of_any_type_are_returned(api: Api) -> None:
    assert (await api.passthrough("/html")).data["headers"]["content-type"] == "text/html"
    assert (await api.passthrough("/plain")).data["data"] == "plain text"
    assert (await api.passthrough("/list")).data["data"] == [1, "two", None, {"three": 3.5}]
    empty = (await api.passthrough("/empty")).data
    assert (empty["status"], "data" in empty) == (204, False)
    assert len((await api.passthrough("/cookies")).data["headers"]["set-cookie"]) == 2
    created = await api.passthrough("/company/time-offs", "POST", data={"days": 2})
    assert (created.data["status"], created.data["data"]["data"]["sent"]) == (201, {"days": 2})


async def test_response_is_returned_as_base64(api: Api) -> None:
    picture = (await api.passthrough("/file", response_as_base64=True)).data["data"]
    assert base64.b64decode(picture).startswith(b"\x89PNG")
    text = (await api.passthrough("/plain", response_as_base64=True)).data["data"]
    assert base64.b64decode(text) == b"plain text"
    assert isinstance((await api.passthrough("/file")).data["data"], str)


async def test_multipart_is_forwarded(api: Api) -> None:
    parts = [
        {"name": "note", "value": "ü"},
        {"name": "cv", "value": {"name": "cv.pdf", "content_type": "application/pdf", "data": "aGVsbG8="}},
        {"name": "photo", "value": {"name": "me.png", "data_url": "https://files.example/me.png"}},
    ]
    seen = (await api.passthrough("/echo", "POST", multipart_form_data=parts)).data["data"]["multipart_form_data"]
    assert [part["name"] for part in seen] == ["note", "cv", "photo"]
    assert seen[1]["value"]["size"] == 5


async def test_passthrough_returns_warnings(api: Api) -> None:
    assert (await api.passthrough("/warn")).json["warnings"] == [{"message": "The tool was asked to warn."}]
    assert (await api.passthrough("/echo", headers={"authorization": "x"})).json["warnings"]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"path": "/"}, "method"),
        ({"method": "HEAD", "path": "/"}, "method"),
        ({"method": "get", "path": "/"}, "method"),
        ({"method": "GET"}, "path"),
        ({"method": "GET", "path": None}, "path"),
        ({"method": "GET", "path": "/", "params": {"a": 1}}, "params["),
        ({"method": "GET", "path": "/", "params": [["a", "1"]]}, "params"),
        ({"method": "GET", "path": "/", "headers": {"a": None}}, "headers["),
        ({"method": "GET", "path": "/", "api_options": {"a": True}}, "api_options["),
        ({"method": "GET", "path": "/", "response_as_base64": "true"}, "response_as_base64"),
        ({"method": "POST", "path": "/", "data": 1, "multipart_form_data": []}, "multipart_form_data"),
        ({"method": "POST", "path": "/", "multipart_form_data": {}}, "multipart_form_data"),
        ({"method": "POST", "path": "/", "multipart_form_data": ["x"]}, "multipart_form_data[0]"),
        (
            {"method": "POST", "path": "/", "multipart_form_data": [{"value": "x"}]},
            "multipart_form_data[0]: Object missing required field `name`",
        ),
        ({"method": "POST", "path": "/", "multipart_form_data": [{"name": "x"}]}, "value"),
        ({"method": "POST", "path": "/", "multipart_form_data": [{"name": "x", "value": {"name": "f"}}]}, "data_url"),
        (
            {
                "method": "POST",
                "path": "/",
                "multipart_form_data": [{"name": "x", "value": {"name": "f", "data": "YQ==", "data_url": "https://a"}}],
            },
            "data_url",
        ),
        (
            {
                "method": "POST",
                "path": "/",
                "multipart_form_data": [{"name": "x", "value": {"name": "f", "data": "YQ=="}}],
            },
            "content_type",
        ),
        (
            {
                "method": "POST",
                "path": "/",
                "multipart_form_data": [{"name": "x", "value": {"name": "f", "data": "!", "content_type": "a/b"}}],
            },
            "base64",
        ),
        (
            {
                "method": "POST",
                "path": "/",
                "multipart_form_data": [{"name": "x", "value": {"name": "f", "data": "YQ==", "content_type": "a"}}],
            },
            "content type",
        ),
    ],
)
async def test_invalid_passthrough_is_refused(api: Api, body: dict[str, Any], key: str) -> None:
    got = await api("POST", "/passthrough/personio/personnel", json=body)
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert key in got.message


@pytest.mark.parametrize("name", ["personio/nope", "personio/Personnel", "workday/rest", "nope/nope"])
async def test_unknown_api_is_refused(api: Api, name: str) -> None:
    got = await api.passthrough("/echo", api=name)
    assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
    assert "personio/personnel" in got.message


async def test_missing_api_option_is_refused(open_api: Open) -> None:
    async with open_api(integrations=2) as api:
        api.integration_id = api.sandbox.integration_ids[1]
        for options in ({}, {"api_options": {}}, {"api_options": {"service_name": ""}}):
            got = await api.passthrough("/workers", api="workday/rest", **options)
            assert (got.status, got.code) == (400, "PLATFORM.INPUT_INVALID")
            assert "service_name" in got.message
        got = await api.passthrough("/echo", api="workday/rest", api_options={"service_name": "staffing"})
        assert "/staffing/v1/" in got.data["url"]
        assert got.data["data"]["api_options"] == {"service_name": "staffing"}
        options = {"service_name": "Staffing", "service_version": "38.2"}
        got = await api.passthrough("/", "POST", api="workday/soap", api_options=options, data="<x/>")
        assert "<x/>" in got.data["data"]
        assert (await api.passthrough("/", api="workday/soap", api_options=options)).data["status"] == 500


async def test_api_name_may_contain_a_colon(open_api: Open) -> None:
    async with open_api(integrations=8) as api:
        api.integration_id = api.sandbox.integration_ids[7]
        got = await api(
            "POST", "/passthrough/datevhr/hr%3Apayrollreports", raw=True, json={"method": "GET", "path": "/echo"}
        )
        assert got.data["status"] == 200
