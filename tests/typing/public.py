"""Checked by mypy and pyright, run by nobody: what users get from the public names, and what is refused.

A line with `type: ignore` or `pyright: ignore` must be an error; a needless one is reported.
"""

from datetime import UTC, date, datetime
from typing import Any, assert_type

import aiohttp

from kombo_async import KomboClient, Limits, Page, Pager, Reply, RetryPolicy, Timeouts
from kombo_async.models.general import (
    ApiKeyInfo,
    CustomField,
    Integration,
    IntegrationField,
    Link,
    PassthroughResponse,
    SyncTrigger,
    Tool,
)
from kombo_async.models.hris import Employee, EmploymentStatus


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
    await client.delete_integration()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.update_integration_field("f")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.send_passthrough_request("t", "a", "HEAD", "/")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def lists(client: KomboClient) -> None:
    fields = client.iter_integration_fields("personio:1", page_size=2000, cursor=None)
    assert_type(fields, Pager[IntegrationField])
    async for field in fields:
        assert_type(field, IntegrationField)
        assert_type(field.label, str | None)
    async for page in fields.pages():
        assert_type(page, Page[IntegrationField])
        assert_type(page.results, tuple[IntegrationField, ...])
    assert_type(await fields.first_page(), Page[IntegrationField])
    assert_type(await fields.collect(limit=3), list[IntegrationField])
    assert_type(client.iter_custom_fields(), Pager[CustomField])
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
    KomboClient(region="mars")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
