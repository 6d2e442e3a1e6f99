"""What happens in a sandbox reaches an app on aiohttp, signed, as typed events."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from kombo_async import KomboClient, webhooks
from kombo_async.models.webhooks import Event
from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread
from kombo_async.webhooks import (
    AssessmentOrderReceivedEvent,
    DataChangedEvent,
    IntegrationDeletedEvent,
    IntegrationStateChangedEvent,
    IssueStatusChangedEvent,
    SyncFinishedEvent,
    UnknownEvent,
)

from ..support.waiting import until

SECRET = "wrench-otter-42"


class App:
    """An app of a user's: which events arrived, and how it responds."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.requests: Counter[str] = Counter()
        self.trouble: list[int] = []
        self.url = ""

    async def on_event(self, event: Event) -> None:
        self.events.append(event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer with trouble while there is some, then with the handler."""
        self.requests[request.path] += 1
        if self.trouble:
            return web.Response(status=self.trouble.pop(0), headers={"Location": "/elsewhere"})
        return await self.handler(request)

    async def start(self) -> web.AppRunner:
        self.handler = webhooks.aiohttp_handler(self.on_event, [SECRET, "sandbox-webhook-secret"])
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks"
        return runner


@pytest.fixture
async def app() -> AsyncIterator[App]:
    app = App()
    runner = await app.start()
    yield app
    await runner.cleanup()


def config(**more: Any) -> SandboxConfig:
    return SandboxConfig(**{"fields": 20, "employees": 3, "sync_seconds": 0.02, **more})


@pytest.mark.parametrize("kind", list(Event._classes))
async def test_every_event_can_be_sent(app: App, kind: str) -> None:
    async with Sandbox(config(webhook_url=app.url, webhook_secret=SECRET)) as sandbox:
        (delivery,) = await sandbox.send_webhook(kind)
        assert delivery.arrived
        assert (delivery.type, delivery.url, delivery.attempts, delivery.status) == (kind, app.url, 1, 200)
        assert list(sandbox.deliveries) == [delivery]
        (event,) = app.events
        assert (event.id, type(event)) == (delivery.event_id, Event._classes[kind])
        if isinstance(event, AssessmentOrderReceivedEvent):
            assert event.integration_id in sandbox.integration_ids
            assert event.integration_id != sandbox.integration_id
        elif event.integration_id is not None and "assessment" not in kind:
            assert event.integration_id == sandbox.integration_id


async def test_an_event_may_say_something_else(app: App) -> None:
    async with Sandbox(config(integrations=2)) as sandbox:
        sandbox.send_webhooks_to(app.url, secret=SECRET)
        other = sandbox.integration_ids[1]
        await sandbox.send_webhook("sync-finished", integration_id=other, sync_state="TIMED_OUT")
        await sandbox.send_webhook("issue-status-changed", change="resolved", issue={"status": "RESOLVED"})
        await sandbox.send_webhook("issue-status-changed", integration=None)
        await sandbox.send_webhook("payroll-changed", id=7)
        sync, issue, wide, new = app.events
        assert isinstance(sync, SyncFinishedEvent)
        assert (sync.integration_id, sync.data.sync_state) == (other, "TIMED_OUT")
        assert isinstance(issue, IssueStatusChangedEvent)
        assert (issue.data.change, issue.data.issue.status) == ("resolved", "RESOLVED")
        assert issue.data.issue.title
        assert wide.integration_id is None
        assert isinstance(new, UnknownEvent)
        assert new.data == {"id": 7}
        assert len({event.id for event in app.events}) == 4


async def test_an_event_can_come_twice(app: App) -> None:
    async with Sandbox(config(webhook_url=app.url)) as sandbox:
        (first,) = await sandbox.send_webhook("integration-created")
        (second,) = await sandbox.send_webhook("integration-created", event_id=first.event_id)
        assert second.body == first.body
        assert app.events[0] == app.events[1]


async def test_sync_that_changes_records_sends_an_event_at_its_end(app: App) -> None:
    async with (
        Sandbox(config(webhook_url=app.url)) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id) as client,
    ):
        await client.trigger_sync()
        await sandbox.webhooks_delivered()
        assert app.events == []  # nothing to be changed by it

        async for field in client.iter_integration_fields(sandbox.integration_id):
            await client.update_integration_field(field.id, enable_passthrough=True)
        await client.trigger_sync()
        await client.trigger_sync()  # While one is queued, this adds none.
        # No request makes the sandbox look at its clock meanwhile.
        await until(lambda: app.events)
        await sandbox.webhooks_delivered()
        (event,) = app.events
        assert isinstance(event, DataChangedEvent)
        assert event.integration_id == sandbox.integration_id
        assert "hris_employees" in {model.name for model in event.data.changed_models}


async def test_change_by_a_request_sends_an_event(app: App) -> None:
    async with Sandbox(config(webhook_url=app.url)) as sandbox:
        environment = sandbox._app.environment
        integration = environment.integration(sandbox.integration_id)
        environment.changed(integration, frozenset({"hris_absences", "hris_absence_types"}))
        await sandbox.webhooks_delivered()
        (event,) = app.events
        assert isinstance(event, DataChangedEvent)
        assert [model.name.value for model in event.data.changed_models] == ["hris_absence_types", "hris_absences"]


async def test_states_of_an_integration_send_events(app: App) -> None:
    async with (
        Sandbox(config(webhook_url=app.url)) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client,
    ):
        integration_id = sandbox.integration_id
        for enabled in (True, False, False, True):
            await client.set_integration_enabled(enabled, integration_id=integration_id)
            await sandbox.webhooks_delivered()
        await client.delete_integration(integration_id)
        await sandbox.webhooks_delivered()
        off, on, gone = app.events
        assert isinstance(off, IntegrationStateChangedEvent)
        assert isinstance(on, IntegrationStateChangedEvent)
        assert isinstance(gone, IntegrationDeletedEvent)
        assert (off.data.state, on.data.state) == ("INACTIVE", "ACTIVE")
        assert {event.integration_id for event in app.events} == {integration_id}


async def test_each_receiver_gets_events_signed_with_its_own_secret(app: App) -> None:
    async with Sandbox(config(webhook_url=app.url)) as sandbox:
        sandbox.send_webhooks_to(f"{app.url}/second", secret=SECRET)
        sandbox.send_webhooks_to(f"{app.url}/third", secret="nobody-knows")
        statuses = {each.url: each.status for each in await sandbox.send_webhook("data-changed")}
        assert statuses == {app.url: 200, f"{app.url}/second": 200, f"{app.url}/third": 401}
        assert len(app.events) == 2
        assert len({event.id for event in app.events}) == 1


@pytest.mark.parametrize(
    ("trouble", "attempts", "status"),
    [([], 1, 200), ([500], 2, 200), ([404, 307], 3, 200), ([503, 500, 500], 3, 500)],
)
async def test_what_is_not_taken_is_sent_up_to_three_times(
    app: App, trouble: list[int], attempts: int, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with Sandbox(config(webhook_url=app.url)) as sandbox:
        app.trouble = trouble
        (delivery,) = await sandbox.send_webhook("integration-created")
        assert (delivery.attempts, delivery.status, delivery.arrived) == (attempts, status, status == 200)
        assert app.requests == {"/webhooks": attempts}
        refused = [record for record in caplog.records if record.name == "kombo_async.sandbox"]
        assert len(refused) == (status != 200)


async def test_delivery_that_no_server_accepts_is_given_up_after_three_attempts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Sandbox(config(webhook_url="http://127.0.0.1:1/")) as sandbox:
        (delivery,) = await sandbox.send_webhook("integration-created")
        assert (delivery.attempts, delivery.status, delivery.arrived) == (3, None, False)
        assert "no response" in caplog.text


async def test_stopping_ends_what_is_under_way(app: App) -> None:
    released = asyncio.Event()

    async def hold(request: web.Request) -> web.StreamResponse:
        app.requests["held"] += 1
        await released.wait()
        return web.Response()

    app.answer = hold  # type: ignore[method-assign]
    runner = await app.start()
    before = asyncio.all_tasks()
    async with (
        Sandbox(config(webhook_url=app.url, sync_seconds=60)) as sandbox,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url, integration_id=sandbox.integration_id) as client,
    ):
        await client.trigger_sync()
        sending = asyncio.create_task(sandbox.send_webhook("data-changed"))
        await client.set_integration_enabled(False, integration_id=sandbox.integration_id)
        await until(lambda: app.requests["held"] == 2)
        await sandbox.stop()
        assert await sending == ()
        assert not sandbox.deliveries
        assert not sandbox._app.webhooks._tasks
    released.set()
    await until(lambda: asyncio.all_tasks() == before)
    await runner.cleanup()


async def test_events_are_sent_after_a_restart(app: App) -> None:
    sandbox = Sandbox(config(webhook_url=app.url))
    for expected in (1, 2):
        with pytest.raises(RuntimeError, match="not running"):
            await sandbox.send_webhook("data-changed")
        await sandbox.start()
        await sandbox.send_webhook("data-changed")
        await sandbox.stop()
        assert len(app.events) == expected
    assert app.events[0].id != app.events[1].id


async def test_nothing_is_sent_without_a_receiver() -> None:
    async with Sandbox(config()) as sandbox:
        with pytest.raises(RuntimeError, match="no receiver"):
            await sandbox.send_webhook("data-changed")
        await sandbox.webhooks_delivered()


async def test_from_a_sandbox_on_a_thread(app: App) -> None:
    sandbox = SandboxThread(config(webhook_url=app.url))
    for call in (lambda: sandbox.send_webhook("data-changed"), sandbox.webhooks_delivered):
        with pytest.raises(RuntimeError, match="not running"):
            call()
    with sandbox:
        # The app needs this thread to answer.
        (delivery,) = await asyncio.to_thread(sandbox.send_webhook, "sync-finished", sync_state="FAILED")
        await asyncio.to_thread(sandbox.webhooks_delivered)
    assert delivery.arrived
    (event,) = app.events
    assert isinstance(event, SyncFinishedEvent)


async def test_it_signs_the_bytes_that_it_sends(app: App) -> None:
    seen: list[tuple[bytes, str | None]] = []

    async def look(request: web.Request) -> web.StreamResponse:
        assert request.content_type == "application/json"
        seen.append((await request.read(), request.headers.get("X-Kombo-Signature")))
        return web.Response()

    app.answer = look  # type: ignore[method-assign]
    runner = await app.start()
    async with Sandbox(config(webhook_url=app.url, webhook_secret="ключ")) as sandbox:
        (delivery,) = await sandbox.send_webhook("data-changed")
    await runner.cleanup()
    ((body, signature),) = seen
    assert body == delivery.body
    assert signature == webhooks.sign(body, "ключ")
    assert json.loads(body).keys() == {"id", "type", "data"}


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"webhook_url": ""}, ValueError),
        ({"webhook_url": "ftp://a/b"}, ValueError),
        ({"webhook_url": "/webhooks"}, ValueError),
        ({"webhook_url": "http://"}, ValueError),
        ({"webhook_url": "http://[a"}, ValueError),
        ({"webhook_url": "http://a:99999/"}, ValueError),
        ({"webhook_url": 7}, TypeError),
        ({"webhook_secret": " "}, ValueError),
        ({"webhook_secret": None}, TypeError),
    ],
)
def test_receiver_of_webhooks_that_is_invalid_is_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        SandboxConfig(**arguments)
    if arguments.get("webhook_secret", "") is not None:
        with pytest.raises(error):
            Sandbox().send_webhooks_to(
                arguments.get("webhook_url", "http://a"), secret=arguments.get("webhook_secret", "s")
            )


def test_secrets_are_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chosen = SandboxConfig(webhook_secret=SECRET, webhook_url="https://a.example/")
    sandbox = Sandbox(chosen)
    assert SECRET not in repr(chosen) + repr(sandbox) + repr(sandbox._app.webhooks.receivers)
