"""Server-sent events of the control API, and webhooks: receivers, events, deliveries with the answers of receivers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kombo_async import webhooks
from kombo_async.sandbox import Change, Delivery, Fault, ReceivedRequest, Sandbox
from kombo_async.sandbox.control import stream

from ..support.control_api import ControlClient
from ..support.sandbox_api import Api
from ..support.waiting import until


@pytest.fixture
def control(api: Api) -> ControlClient:
    """Use the control API of the sandbox of `api`."""
    return ControlClient(api.sandbox, api.session)


@attrs.define
class Receiver:
    """A receiver of webhooks."""

    url: str = ""
    answers: list[int] = attrs.field(factory=list[int])
    """The statuses of the next answers; 200 after them."""
    received: list[tuple[bytes, str]] = attrs.field(factory=list[tuple[bytes, str]])

    async def answer(self, request: web.Request) -> web.Response:
        self.received.append((await request.read(), request.headers[webhooks.SIGNATURE_HEADER]))
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, text=f"answer {status} " + "x" * 10_000)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Run a receiver of webhooks."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.answer)
    async with TestServer(app) as server:
        receiver.url = str(server.make_url("/"))
        yield receiver


@asynccontextmanager
async def watching(control: ControlClient, **headers: str) -> AsyncIterator[Any]:
    """Give a function that returns the next event: its id, its name, its data."""
    async with control.session.get(f"{control.root}/events", headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        assert await response.content.readuntil(b"\n\n") == b": connected\n\n"

        async def next_event() -> tuple[int, str, Any]:
            message = (await asyncio.wait_for(response.content.readuntil(b"\n\n"), 10)).decode()
            fields = dict(line.split(": ", 1) for line in message.strip().splitlines())
            return int(fields["id"]), fields["event"], json.loads(fields["data"])

        yield next_event


async def test_requests_deliveries_and_changes_are_sent_as_they_happen(
    api: Api, control: ControlClient, receiver: Receiver
) -> None:
    async with watching(control) as next_event:
        api.sandbox.faults.add(Fault.html_502())
        async with api.response("GET", "/check-api-key"):
            pass
        _, name, data = await next_event()
        assert (name, data["status"], data["fault"]) == ("request", 502, "html_502")
        assert data == (await control.get("/requests")).results[0]
        await control.post("/webhooks", {"url": receiver.url})
        assert (await next_event())[1:] == ("change", {"what": "webhooks", "integration_id": None, "model": None})
        sent = (await control.post("/webhooks/send", {"type": "sync-finished"})).results
        assert (await next_event())[1:] == ("delivery", sent[0])
        api.sandbox.put("hris_teams", {"id": "x"})
        expected = {"what": "records", "integration_id": None, "model": "hris_teams"}
        assert (await next_event())[1:] == ("change", expected)


async def test_reader_resumes_after_the_last_event_that_it_has_seen(api: Api, control: ControlClient) -> None:
    async with watching(control) as next_event:
        await api.get("/check-api-key")
        seen, _, _ = await next_event()
    await api.get(api.integration_path)
    await control.post("/clock/advance", {"seconds": 1})
    async with watching(control, **{"Last-Event-ID": str(seen)}) as next_event:
        first, second = await next_event(), await next_event()
        assert (first[0], first[2]["operation"]) == (seen + 1, "get_integration")
        assert (second[0], second[2]["what"]) == (seen + 2, "clock")


async def test_reader_that_was_away_too_long_gets_the_number_of_lost_events(
    api: Api, control: ControlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_KEPT", 3)
    await control.get("/status")
    for _ in range(5):
        await api.get("/check-api-key")
    await control("DELETE", "/requests")
    async with watching(control, **{"Last-Event-ID": "0"}) as next_event:
        assert await next_event() == (3, "lost", {"count": 3})
        assert await next_event() == (4, "lost", {"count": 1}), "the request is no longer in the log"
        assert await next_event() == (5, "lost", {"count": 1})
        assert (await next_event())[1] == "change"


async def test_silent_stream_sends_comments(control: ControlClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_HEARTBEAT", 0.01)
    async with control.session.get(f"{control.root}/events") as response:
        await response.content.readuntil(b"\n\n")
        assert await response.content.readuntil(b"\n\n") == b": nothing new\n\n"


async def test_sandbox_stops_while_streams_are_open() -> None:
    async with aiohttp.ClientSession() as session:
        async with Sandbox() as sandbox:
            control = ControlClient(sandbox, session)
            response = await session.get(f"{control.root}/events")
            await response.content.readuntil(b"\n\n")
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(response.content.readuntil(b"\n\n"), 10)
        response.close()


async def test_event_is_sent_to_all_receivers_and_logged_with_their_answers(
    api: Api, control: ControlClient, receiver: Receiver
) -> None:
    receiver.answers = [500, 503]
    added = await control.post("/webhooks", {"url": receiver.url, "secret": "mine"})
    lost = await control.post("/webhooks", {"url": "http://127.0.0.1:9/closed"})
    assert (await control.get("/webhooks")).results == [added.json, lost.json]
    data = {"changed_models": [{"name": "hris_teams"}]}
    sent = (await control.post("/webhooks/send", {"type": "data-changed", "event_id": "e1", "data": data})).results
    arrived, failed = sent
    assert [attempt["status"] for attempt in arrived["attempts"]] == [500, 503, 200]
    assert [len(attempt["body"]) for attempt in arrived["attempts"]] == [4096] * 3
    assert arrived["attempts"][0]["body"].startswith("answer 500 x")
    assert (arrived["arrived"], arrived["status"], arrived["event_id"]) == (True, 200, "e1")
    assert [attempt["status"] for attempt in failed["attempts"]] == [None] * 3
    assert (failed["arrived"], failed["status"]) == (False, None)
    assert "127.0.0.1" in failed["attempts"][0]["error"]
    event = webhooks.receive(*receiver.received[-1], "mine")
    assert isinstance(event, webhooks.DataChangedEvent)
    assert [str(model.name) for model in event.data.changed_models] == ["hris_teams"]
    listed = (await control.get("/deliveries")).results
    assert sorted(listed, key=lambda each: each["id"]) == sorted(sent, key=lambda each: each["id"])
    assert (await control.get(f"/deliveries/{arrived['id']}")).json == arrived
    assert (await control("DELETE", f"/webhooks/{lost.json['id']}")).status == 204
    assert len((await control.post("/webhooks/send", {"type": "sync-finished"})).results) == 1


async def test_delivery_is_sent_again_with_the_same_bytes_and_signature(
    api: Api, control: ControlClient, receiver: Receiver
) -> None:
    api.sandbox.send_webhooks_to(receiver.url)
    [first] = await api.sandbox.send_webhook("sync-finished")
    again = await control.post(f"/deliveries/{first.number}/redeliver")
    assert (again.status, again.json["event_id"], again.json["arrived"]) == (201, first.event_id, True)
    api.sandbox.stop_webhooks_to(receiver.url)
    third = await api.sandbox.redeliver(first)
    assert third.arrived
    assert len(receiver.received) == 3
    assert len(set(receiver.received)) == 1
    assert [each.number for each in api.sandbox.deliveries] == [1, 2, 3]


async def test_connecting_and_removing_a_tool_sends_webhooks(
    api: Api, control: ControlClient, receiver: Receiver
) -> None:
    api.sandbox.send_webhooks_to(receiver.url)
    added = (await control.post("/integrations", {"tool": "hibob"})).json["id"]
    await control("PATCH", f"/integrations/{added}", json={"status": "INVALID"})
    await control("DELETE", f"/integrations/{added}")
    await until(lambda: len(receiver.received) == 3)
    kinds = {json.loads(body)["type"] for body, _ in receiver.received}
    assert kinds == {"integration-created", "integration-state-changed", "integration-deleted"}


async def test_python_does_the_same(api: Api, receiver: Receiver) -> None:
    sandbox, seen = api.sandbox, list[Any]()
    sandbox.observe(seen.append)
    added = sandbox.add_integration("hibob")
    assert sandbox.integration_ids[-1] == added
    sandbox.set_integration_state(added, status="INVALID")
    assert sandbox.integration_state(added).status == "INVALID"
    sandbox.remove_integration(added)
    assert added not in sandbox.integration_ids
    sync = sandbox.start_sync()
    assert sandbox.start_sync() == sync
    await sandbox.sync_finished()
    sandbox.send_webhooks_to(receiver.url)
    assert sandbox.webhook_urls == (receiver.url,)
    await sandbox.send_webhook("sync-finished")
    await api.get("/check-api-key")
    changes = [each for each in seen if isinstance(each, Change)]
    assert [each.subject for each in changes] == ["integrations"] * 4 + ["webhooks"]
    [delivery], [request] = ([each for each in seen if isinstance(each, kind)] for kind in (Delivery, ReceivedRequest))
    assert (delivery.answers[0].status, request.status, request.code) == (200, 200, None)
    entry = sandbox.faults.add(Fault.empty())
    assert sandbox.faults.scripted == (entry,)
    sandbox.faults.remove(entry)
    sandbox.faults.remove(entry)
    assert sandbox.faults.scripted == ()
    sandbox.reset(seed=5)
    assert (sandbox.webhook_urls, list(sandbox.requests), list(sandbox.deliveries)) == ((), [], [])
    for wrong in (
        lambda: sandbox.add_integration("hibo"),
        lambda: sandbox.stop_webhooks_to(receiver.url),
        lambda: sandbox.faults.add(Fault.empty(), method="GTE"),
        lambda: sandbox.faults.add(Fault.empty(), path="/v1/hris/employees"),
    ):
        with pytest.raises(ValueError, match=r"hibob|no URL|GET, POST|'/hris/employees'"):
            wrong()


async def test_observer_that_fails_is_logged_and_costs_nothing_else(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[object] = []
    api.sandbox.observe(lambda _: 1 / 0)
    api.sandbox.observe(seen.append)
    assert (await api.get("/check-api-key")).status == 200
    assert len(seen) == 1
    assert "ZeroDivisionError" in caplog.text


async def test_reset_stops_deliveries_of_the_time_before(api: Api, receiver: Receiver) -> None:
    api.sandbox.send_webhooks_to(receiver.url)
    receiver.answers = [500] * 3
    sending = asyncio.create_task(api.sandbox.send_webhook("sync-finished"))
    await until(lambda: receiver.received)
    api.sandbox.reset()
    assert await sending == ()
    assert not api.sandbox.deliveries
