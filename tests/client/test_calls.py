"""Calls of the general methods, of employees and of passthrough, from the method to the bytes and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import attrs
import pytest
from msgspec import UNSET

from kombo_async import KomboClient, errors
from kombo_async.families.family import Reply
from kombo_async.models.common import File
from kombo_async.models.general import (
    CustomField,
    Integration,
    IntegrationCategory,
    IntegrationField,
    IntegrationStatus,
    Link,
    LinkType,
    MultipartField,
    SyncType,
)
from kombo_async.models.hris import Employee, EmploymentStatus
from kombo_async.sandbox import Fault, Sandbox
from kombo_async.sandbox.http.app import ReceivedRequest


def last(sandbox: Sandbox) -> ReceivedRequest:
    return sandbox.requests[-1]


def body(request: ReceivedRequest) -> Any:
    assert request.headers["Content-Type"] == "application/json"
    return json.loads(request.body)


class TestEveryRequest:
    async def test_request_has_key_user_agent_and_no_needless_headers(
        self, client: KomboClient, sandbox: Sandbox
    ) -> None:
        await client.check_api_key()
        request = last(sandbox)
        assert (request.method, request.path, request.query, request.body) == ("GET", "/v1/check-api-key", [], b"")
        assert request.headers["Authorization"] == f"Bearer {sandbox.api_key}"
        assert request.headers["User-Agent"].startswith("kombo_async/")
        assert "Content-Type" not in request.headers
        assert "X-Integration-Id" not in request.headers  # it is not about one

    async def test_request_names_the_integration_if_it_is_for_one(self, client: KomboClient, sandbox: Sandbox) -> None:
        await client.hris.iter_employees().first_page()
        assert last(sandbox).headers["X-Integration-Id"] == sandbox.integration_id


class TestIntegrations:
    async def test_check_api_key_returns_environment_and_customer(self, client: KomboClient) -> None:
        info = await client.check_api_key()
        assert info.environment_id
        assert info.customer_id

    async def test_integration_is_returned_if_it_exists(self, client: KomboClient, sandbox: Sandbox) -> None:
        first = await client.get_integration()
        assert isinstance(first, Integration)
        assert (first.id, first.tool.id, first.status) == (sandbox.integration_id, "personio", "ACTIVE")
        assert unquote(last(sandbox).path) == f"/v1/integrations/{sandbox.integration_id}"
        assert (await client.get_integration(sandbox.integration_ids[1])).tool.label == "Workday"
        with pytest.raises(errors.IntegrationNotFoundError) as raised:
            await client.get_integration("personio:nobody")
        assert raised.value.integration_id == "personio:nobody"

    async def test_integration_is_disabled_and_enabled(self, client: KomboClient, sandbox: Sandbox) -> None:
        await client.set_integration_enabled(value=False)
        assert (last(sandbox).method, body(last(sandbox))) == ("PUT", {"value": False})
        assert (await client.get_integration()).status is IntegrationStatus.INACTIVE
        with pytest.raises(errors.IntegrationInactiveError):
            await client.hris.iter_employees().collect()
        await client.set_integration_enabled(value=True)
        assert (await client.get_integration()).status is IntegrationStatus.ACTIVE

    async def test_deleted_integration_is_gone(self, client: KomboClient, sandbox: Sandbox) -> None:
        gone = sandbox.integration_ids[2]
        await client.delete_integration(gone)
        assert (last(sandbox).method, body(last(sandbox))) == ("DELETE", {})
        assert gone not in sandbox.integration_ids
        with pytest.raises(errors.IntegrationNotFoundError) as raised:
            await client.delete_integration(gone)
        assert not raised.value.may_have_run

    async def test_reconnection_link_has_the_given_options(self, client: KomboClient, sandbox: Sandbox) -> None:
        assert "reconnect" in (await client.create_reconnection_link()).link
        assert body(last(sandbox)) == {}
        await client.create_reconnection_link(language="de", scope_config_id="sc", link_type=LinkType.MAGIC_LINK)
        assert body(last(sandbox)) == {"language": "de", "scope_config_id": "sc", "link_type": "MAGIC_LINK"}

    async def test_setup_link_is_made_for_known_types_only(self, client: KomboClient, sandbox: Sandbox) -> None:
        assert "setup" in (await client.create_setup_link("EMBEDDED")).link
        assert body(last(sandbox)) == {"link_type": "EMBEDDED"}
        with pytest.raises(errors.InputInvalidError, match="link_type"):
            await client.create_setup_link("CARRIER_PIGEON")

    async def test_sync_is_triggered_once_while_it_is_queued(self, client: KomboClient, sandbox: Sandbox) -> None:
        first = await client.trigger_sync()
        assert body(last(sandbox)) == {}
        assert (first.already_queued, first.type) == (False, SyncType.FULL)
        second = await client.trigger_sync(type="DELTA")
        assert body(last(sandbox)) == {"type": "DELTA"}
        assert (second.already_queued, second.sync_id) == (True, first.sync_id)
        assert sandbox.executions == {"trigger_sync": 1}

    @pytest.mark.parametrize("category", ["HRIS", "hris", IntegrationCategory.HRIS])
    async def test_tools_of_a_category_are_returned(self, client: KomboClient, sandbox: Sandbox, category: str) -> None:
        tools = await client.get_tools(category)
        assert last(sandbox).path == "/v1/tools/hris"
        assert "personio" in {tool.id for tool in tools}
        assert isinstance(tools, tuple)


class TestFields:
    async def test_integration_fields_are_read_in_pages_of_2000(self, client: KomboClient, sandbox: Sandbox) -> None:
        fields = await client.iter_integration_fields().collect()
        assert len(fields) == len({field.id for field in fields}) == 25
        assert all(isinstance(field, IntegrationField) for field in fields)
        assert last(sandbox).query == [("page_size", "2000")]

    async def test_custom_fields_are_read_in_pages_of_250(self, client: KomboClient, sandbox: Sandbox) -> None:
        fields = await client.iter_custom_fields().collect()
        assert len(fields) == 12
        assert all(isinstance(field, CustomField) for field in fields)
        assert last(sandbox).query == [("page_size", "250")]

    async def test_page_size_is_always_sent(self, client: KomboClient, sandbox: Sandbox) -> None:
        await client.iter_integration_fields(page_size=10).collect()
        assert [dict(request.query)["page_size"] for request in sandbox.requests] == ["10", "10", "10"]
        assert ["cursor" in dict(request.query) for request in sandbox.requests] == [False, True, True]

    async def test_list_of_another_integration_is_read(self, client: KomboClient, sandbox: Sandbox) -> None:
        other = sandbox.integration_ids[1]
        await client.iter_integration_fields(other).first_page()
        await client.iter_custom_fields(integration_id=other).first_page()
        assert all(other in unquote(request.path) for request in sandbox.requests)

    async def test_integration_field_is_switched_on_and_off(self, client: KomboClient, sandbox: Sandbox) -> None:
        fields = await client.iter_integration_fields().collect()
        field = next(field for field in fields if field.model == "hris_employees" and not field.is_passthrough_enabled)

        switched = await client.update_integration_field(field.id, enable_passthrough=True)
        assert (last(sandbox).method, body(last(sandbox))) == ("PATCH", {"enable_passthrough": True})
        assert switched == attrs.evolve(field, is_passthrough_enabled=True)
        await client.trigger_sync()
        await sandbox.sync_finished()
        (someone, *_) = await client.hris.iter_employees().collect()
        assert field.id in {value.id for value in someone.integration_fields}

        assert await client.update_integration_field(field.id, enable_passthrough=False) == field

    async def test_custom_field_mapping_is_set_and_removed(self, client: KomboClient, sandbox: Sandbox) -> None:
        (custom, *_) = await client.iter_custom_fields().collect()
        (field, *_) = await client.iter_integration_fields().collect()

        mapped = await client.update_custom_field_mapping(custom.id, integration_field_id=field.id)
        assert (last(sandbox).method, body(last(sandbox))) == ("PUT", {"integration_field_id": field.id})
        assert mapped.integration_field is not None
        assert mapped.integration_field.id == field.id

        unmapped = await client.update_custom_field_mapping(custom.id, integration_field_id=None)
        assert last(sandbox).body == b'{"integration_field_id":null}'
        assert unmapped.integration_field is None

    async def test_unknown_id_raises_the_error_of_kombo(self, client: KomboClient) -> None:
        with pytest.raises(errors.InputInvalidError, match="integration_field_id"):
            await client.update_integration_field("a/b?c#d%2F é", enable_passthrough=True)

    @pytest.mark.parametrize("field_id", ["a/b", "50%", "a?b#c", "Süd 1", "..a", "a:b", "%2F", "a\u2028b"])
    async def test_id_is_sent_as_one_path_segment(self, client: KomboClient, sandbox: Sandbox, field_id: str) -> None:
        with pytest.raises(errors.InputInvalidError):
            await client.update_integration_field(field_id, enable_passthrough=True)
        *front, segment = last(sandbox).path.split("/")
        assert unquote(segment) == field_id
        assert [unquote(part) for part in front] == [
            "",
            "v1",
            "integrations",
            sandbox.integration_id,
            "integration-fields",
        ]


class TestEmployees:
    async def test_filters_are_encoded_for_kombo(self, client: KomboClient, sandbox: Sandbox) -> None:
        everybody = await client.hris.iter_employees(include_deleted=True).collect()
        assert len(everybody) == 12
        assert all(isinstance(person, Employee) for person in everybody)
        one, other = everybody[:2]
        found = await client.hris.iter_employees(
            ids=[one.id, other.id],
            employment_statuses=list(EmploymentStatus),
            updated_after=datetime(2000, 1, 1, tzinfo=UTC),
            include_deleted=True,
            ignore_unsupported_filters=False,
            page_size=1,
        ).collect()
        assert found == [one, other]
        assert dict(last(sandbox).query) | {"cursor": "…"} == {
            "page_size": "1",
            "cursor": "…",
            "ids": f"{one.id},{other.id}",
            "employment_statuses": "ACTIVE,PENDING,INACTIVE,LEAVE",
            "updated_after": "2000-01-01T00:00:00.000Z",
            "include_deleted": "true",
            "ignore_unsupported_filters": "false",
        }


class TestPassthrough:
    @staticmethod
    async def echo(client: KomboClient, **more: Any) -> Any:
        return (await client.send_passthrough_request("personio", "personnel", "POST", "/echo", **more)).data

    async def test_passthrough_sends_all_arguments(self, client: KomboClient, sandbox: Sandbox) -> None:
        seen = await self.echo(
            client, headers={"X-A": "1"}, params={"q": "ä&b"}, data={"n": [1, None]}, api_options={"version": "2"}
        )
        assert last(sandbox).path == "/v1/passthrough/personio/personnel"
        assert seen == {
            "method": "POST",
            "path": "/echo",
            "headers": {"X-A": "1"},
            "params": {"q": "ä&b"},
            "data": {"n": [1, None]},
            "api_options": {"version": "2"},
        }

    @pytest.mark.parametrize("data", [None, True, 0, 1.5, "", "<xml/>", [], [1, "a"], {}, {"a": {"b": None}}])
    async def test_passthrough_sends_data_of_any_type(self, client: KomboClient, data: object) -> None:
        assert (await self.echo(client, data=data))["data"] == data

    @pytest.mark.parametrize("more", [{}, {"data": UNSET}])
    async def test_passthrough_sends_no_data_by_default(
        self, client: KomboClient, sandbox: Sandbox, more: dict[str, Any]
    ) -> None:
        assert "data" not in await self.echo(client, **more)
        assert body(last(sandbox)) == {"method": "POST", "path": "/echo"}

    async def test_passthrough_sends_files(self, client: KomboClient) -> None:
        seen = await self.echo(
            client,
            multipart_form_data=[
                MultipartField(name="note", value="text"),
                MultipartField(name="cv", value=File(name="cv.pdf", data=b"%PDF-\xff")),
                MultipartField(name="photo", value=File(name="p.png", data_url="https://files.example/p")),
            ],
        )
        assert [part["name"] for part in seen["multipart_form_data"]] == ["note", "cv", "photo"]
        assert seen["multipart_form_data"][1]["value"]["size"] == 6

    @pytest.mark.parametrize(
        ("path", "status", "data"),
        [
            ("/plain", 200, "plain text"),
            ("/html", 200, "<html><body>Hello</body></html>"),
            ("/list", 200, [1, "two", None, {"three": 3.5}]),
            ("/empty", 204, None),
            ("/status/404", 404, "You asked for 404."),
            ("/status/500", 500, "You asked for 500."),
            ("/nowhere", 404, "Cannot GET /nowhere"),
        ],
    )
    async def test_passthrough_returns_any_response_of_the_tool(
        self, client: KomboClient, sandbox: Sandbox, path: str, status: int, data: object
    ) -> None:
        got = await client.send_passthrough_request("personio", "personnel", "GET", path)
        assert (got.status, got.data, got.is_success) == (status, data, status < 300)
        assert got.url.endswith(path)
        assert len(sandbox.requests) == 1

    async def test_passthrough_returns_repeated_headers(self, client: KomboClient) -> None:
        got = await client.send_passthrough_request("personio", "personnel", "GET", "/cookies")
        assert got.headers["set-cookie"] == ("session=1; Path=/", "theme=dark; Path=/")
        assert got.header("Content-Type") == "application/json"

    async def test_passthrough_returns_base64_and_warnings(self, client: KomboClient) -> None:
        got = await client.send_passthrough_request("personio", "personnel", "GET", "/file", response_as_base64=True)
        assert got.data.startswith("iVBORw0KGgo")
        warned = await client.send_passthrough_request("personio", "personnel", "GET", "/warn")
        assert [warning.message for warning in warned.warnings] == ["The tool was asked to warn."]

    async def test_passthrough_sends_api_options(self, client: KomboClient, sandbox: Sandbox) -> None:
        workday = client.for_integration(sandbox.integration_ids[1])
        with pytest.raises(errors.InputInvalidError, match="service_name") as raised:
            await workday.send_passthrough_request("workday", "rest", "GET", "/echo")
        assert raised.value.integration_id == sandbox.integration_ids[1]
        got = await workday.send_passthrough_request(
            "workday", "rest", "GET", "/echo", api_options={"service_name": "staffing", "version": "v6"}
        )
        assert "/staffing/v6/" in got.url

    async def test_passthrough_quotes_a_colon_in_the_api(self, client: KomboClient, sandbox: Sandbox) -> None:
        with pytest.raises(errors.InputInvalidError, match="hr:payrollreports"):
            await client.send_passthrough_request("datevhr", "hr:payrollreports", "GET", "/echo")
        assert last(sandbox).path == "/v1/passthrough/datevhr/hr:payrollreports"


class TestRequest:
    async def test_request_returns_parsed_json(self, client: KomboClient, sandbox: Sandbox) -> None:
        reply = await client.request("GET", "/hris/employees", params={"page_size": 2, "include_deleted": True})
        assert isinstance(reply, Reply)
        assert (reply.status, len(reply.data["results"]), reply.warnings) == (200, 2, ())
        assert reply.headers["RATELIMIT-limit"]
        assert last(sandbox).query == [("page_size", "2"), ("include_deleted", "true")]
        assert last(sandbox).headers["X-Integration-Id"] == sandbox.integration_id
        assert last(sandbox).body == b""

    async def test_request_returns_a_value_of_the_type_into(self, client: KomboClient, sandbox: Sandbox) -> None:
        reply = await client.request("GET", f"/integrations/{sandbox.integration_id}", into=Integration)
        assert reply.data == await client.get_integration()

    async def test_request_returns_none_for_an_empty_response(self, client: KomboClient, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.empty(status=204), times=None)
        assert (await client.request("DELETE", "/something/new")).data is None
        # So do the operations that have nothing to say.
        assert (await client.ats.add_candidate_tag("c", "x")).status == 204
        with pytest.raises(errors.DecodeError, match="not valid JSON"):
            await client.check_api_key()

    async def test_request_sends_a_json_body(self, client: KomboClient, sandbox: Sandbox) -> None:
        reply = await client.request("POST", "/passthrough/personio/personnel", json={"method": "GET", "path": "/warn"})
        assert reply.data["data"] == {"ok": True}
        assert [warning.message for warning in reply.warnings] == ["The tool was asked to warn."]
        await client.request("POST", "/force-sync")
        assert body(last(sandbox)) == {}

    async def test_request_is_for_the_integration_that_is_passed(self, client: KomboClient, sandbox: Sandbox) -> None:
        other = sandbox.integration_ids[1]
        await client.request("GET", "/hris/employees", integration_id=other)
        assert last(sandbox).headers["X-Integration-Id"] == other

    async def test_request_needs_no_integration(self, sandbox: Sandbox) -> None:
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
            await client.request("GET", "/check-api-key")
        assert "X-Integration-Id" not in last(sandbox).headers

    async def test_request_raises_the_error_of_kombo(self, client: KomboClient) -> None:
        with pytest.raises(errors.InputInvalidError) as raised:
            await client.request("GET", "/not/invented/yet")
        assert (raised.value.status, raised.value.method, raised.value.path) == (404, "GET", "/not/invented/yet")

    async def test_request_raises_decode_error_if_the_type_does_not_fit(self, client: KomboClient) -> None:
        with pytest.raises(errors.DecodeError, match=r"required field missing @ \$\.data\.link") as raised:
            await client.request("GET", "/check-api-key", into=Link)
        assert not raised.value.may_have_run
