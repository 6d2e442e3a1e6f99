"""Checked by mypy and pyright, never run: what users get from the public names, and what is refused.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

import ssl
from datetime import UTC, date, datetime
from typing import Any, Unpack, assert_type

import aiohttp

import kombo_async
from kombo_async import (
    UNSET,
    AuthenticationInvalidError,
    KomboClient,
    KomboError,
    Limits,
    OutcomeUnknownError,
    Page,
    Pager,
    Reply,
    RetryPolicy,
    Timeouts,
    json,
    models,
    types,
)
from kombo_async.models.ats import Job
from kombo_async.models.common import File
from kombo_async.models.general import (
    ApiKeyInfo,
    CustomField,
    Integration,
    IntegrationCategory,
    IntegrationField,
    IntegrationStatus,
    Link,
    LinkLanguage,
    LinkType,
    MappedIntegrationField,
    MultipartField,
    PassthroughResponse,
    SyncTrigger,
    SyncType,
    Tool,
)
from kombo_async.models.hris import Employee, EmploymentStatus
from kombo_async.types import Ats, EmployeeFilters, Hris, HTTPMethod, ModelFilters


async def general(client: KomboClient) -> None:
    assert_type(await client.check_api_key(), ApiKeyInfo)
    assert_type(await client.get_integration(), Integration)
    assert_type(await client.trigger_sync(type="DELTA"), SyncTrigger)
    assert_type(await client.get_tools("hris"), tuple[Tool, ...])
    assert_type(await client.create_reconnection_link(), Link)
    assert_type(await client.create_setup_link("EMBEDDED"), Link)
    assert_type(await client.update_integration_field("f", enable_passthrough=True), IntegrationField)
    assert_type(await client.update_custom_field_mapping("c", integration_field_id=None), CustomField)
    assert_type(await client.send_passthrough_request("t", "a", "GET", "/"), PassthroughResponse)
    assert_type(await client.delete_integration("personio:1"), None)
    assert_type(await client.set_integration_enabled(False), None)
    assert_type(await client.get_integration("personio:1"), Integration)
    assert_type((await client.get_integration()).status, IntegrationStatus)
    await client.trigger_sync(type=SyncType.FULL, integration_id="personio:1")
    await client.get_tools(IntegrationCategory.ATS)
    await client.create_reconnection_link(language=None, scope_config_id=UNSET, link_type=LinkType.MAGIC_LINK)
    await client.create_setup_link(LinkType.EMBEDDED, language=LinkLanguage.DE)
    await client.update_custom_field_mapping("c", integration_field_id="f", integration_id=None)
    answer = await client.send_passthrough_request(
        "personio",
        "personnel",
        "POST",
        "/documents",
        headers={"X-A": "b"},
        params=UNSET,
        multipart_form_data=[
            MultipartField(name="title", value="text"),
            MultipartField(name="file", value=File(name="a.pdf", data=b"%PDF")),
        ],
        response_as_base64=True,
        api_options={"service_name": "a"},
        integration_id="personio:1",
    )
    assert_type(answer.data, Any)
    assert_type(answer.header("Content-Type"), str | None)
    assert_type(answer.is_success, bool)
    await client.check_api_key("key")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.get_integration(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.set_integration_enabled()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.set_integration_enabled("off")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.set_integration_enabled(True, "personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.delete_integration(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.trigger_sync("FULL")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.trigger_sync(type=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.get_tools()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.get_tools("hris", integration_id="personio:1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.create_setup_link()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.create_setup_link("EMBEDDED", "de")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.create_reconnection_link("de")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.create_reconnection_link(link_type=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.update_integration_field("f", enable_passthrough=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.update_integration_field("f", True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.update_custom_field_mapping("c")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.update_custom_field_mapping("c", integration_field_id=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.send_passthrough_request("t", "a", "GET")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.send_passthrough_request("t", "a", "GET", "/", {"X-A": "b"})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.send_passthrough_request("t", "a", "GET", "/", params={"a": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    await client.send_passthrough_request("t", "a", "POST", "/", multipart_form_data={"a": "b"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    MultipartField(name="file", value=b"%PDF")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.delete_integration()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.update_integration_field("f")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.send_passthrough_request("t", "a", "HEAD", "/")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def lists(client: KomboClient) -> None:
    fields = client.iter_integration_fields("personio:1", page_size=2000, cursor=None)
    assert_type(client.iter_integration_fields(), Pager[IntegrationField])
    async for field in client.iter_integration_fields(read_ahead=False):
        assert_type(field.is_passthrough_enabled, bool)
    async for field in fields:
        assert_type(field, IntegrationField)
        assert_type(field.label, str | None)
    async for page in fields.pages():
        assert_type(page, Page[IntegrationField])
        assert_type(page.results, tuple[IntegrationField, ...])
    assert_type(await fields.first_page(), Page[IntegrationField])
    assert_type(await fields.collect(limit=3), list[IntegrationField])
    assert_type(client.iter_custom_fields(), Pager[CustomField])
    async for custom in client.iter_custom_fields(integration_id="personio:1"):
        assert_type(custom, CustomField)
        assert_type(custom.integration_field, MappedIntegrationField | None)
    await fields.collect("all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await fields.pages()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    client.iter_custom_fields(page_size="all")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.iter_integration_fields(ids=["a"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def employees(client: KomboClient) -> None:
    people = client.hris.iter_employees(
        updated_after=datetime.now(UTC),
        employment_statuses=[EmploymentStatus.ACTIVE, "LEAVE"],
        custom_fields={"shirt_size": "L"},
        include_deleted=True,
        integration_id="personio:1",
    )
    assert_type(people, Pager[Employee])
    client.hris.iter_employees(updated_after=date(2026, 1, 1))
    client.hris.iter_employees(updated_after=None)
    client.hris.iter_employees(updated_since=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.hris.iter_employees(include_deleted="true")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.hris.iter_employees(ids=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def positional(client: KomboClient, anything: Any) -> None:
    client.hris.iter_employees(anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.hris.get_skills(anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ats.iter_applications(anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.assessment.iter_orders(anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.lms.iter_skills(anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.ai_apply.iter_career_sites(anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.iter_custom_fields("personio:1", anything)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def wrappers(client: KomboClient) -> None:
    async def count_active(hris: Hris, **filters: Unpack[EmployeeFilters]) -> int:
        filters["employment_statuses"] = ["ACTIVE"]
        return len(await hris.iter_employees(**filters).collect())

    def changed(family: Ats | Hris, since: datetime, **filters: Unpack[ModelFilters]) -> Pager[Job] | Pager[Employee]:
        filters["updated_after"] = since
        return family.iter_jobs(**filters) if isinstance(family, Ats) else family.iter_employees(**filters)

    async def call(method: HTTPMethod) -> Reply[Any]:
        return await client.request(method, "/x")

    assert_type(await count_active(client.hris, work_emails=["a@b.example"]), int)
    await count_active(client.hris, work_email="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    changed(client.lms, datetime.now(UTC))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(await call("GET"), Reply[Any])
    await client.iter_integration_fields()  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


async def anything(client: KomboClient) -> None:
    assert_type(await client.request("GET", "/hris/groups", params={"ids": ["a"]}), Reply[Any])
    reply = await client.request("GET", "/check-api-key", into=ApiKeyInfo)
    assert_type(reply, Reply[ApiKeyInfo])
    assert_type(reply.data.environment_id, str)


async def construction(session: aiohttp.ClientSession) -> None:
    async with KomboClient(
        "key", region="us", session=session, timeouts=Timeouts(idle=5), retry=RetryPolicy(attempts=2), limits=Limits()
    ) as client:
        assert_type(client, KomboClient)
        assert_type(client.for_integration("personio:1"), KomboClient)
        assert_type(client.with_options(retry=RetryPolicy(attempts=1)), KomboClient)
        assert_type(client.with_options(timeouts=Timeouts.interactive()), KomboClient)
        assert_type(client.with_options(priority="interactive", timeouts=Timeouts(queue=None)), KomboClient)
        client.with_options(priority="high")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert_type(KomboClient("key", retry=RetryPolicy.immediate(attempts=2)), KomboClient)
        assert_type(Timeouts(idle=3).connect, float)
        Timeouts(idle="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        Timeouts(3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        Timeouts(reed_deadline=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    KomboClient("key", proxy="http://proxy.example:3128", ssl=ssl.create_default_context())
    KomboClient("key", proxy=None)
    KomboClient("key", ssl=False)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    KomboClient("key", proxy=3128)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    KomboClient(region="mars")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def errors(client: KomboClient) -> None:
    saved: str | None = None
    try:
        async for page in client.iter_integration_fields(cursor=saved, page_size=500).pages():
            saved = page.next_cursor
    except (AuthenticationInvalidError, OutcomeUnknownError) as error:
        assert_type(error, AuthenticationInvalidError | OutcomeUnknownError)
    except KomboError as error:
        assert_type(error.cursor, str | None)
        assert_type(error.may_have_run, bool)


def names() -> None:
    assert_type(models.Employee(id="e"), Employee)
    print(kombo_async.KomboClientt)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
    print(types.EmployeeFilter)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
    print(models.Employeee)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]


def json_of(employee: Employee) -> None:
    assert_type(json.encode(employee), bytes)
    assert_type(json.decode(b"{}", Employee), Employee)
    assert_type(json.decode("[]", list[Employee]), list[Employee])
