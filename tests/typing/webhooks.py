"""Checked by mypy and pyright, never run: what webhooks are for a type checker."""

from datetime import datetime
from typing import Any, Literal, assert_type

from aiohttp import web
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from kombo_async import webhooks
from kombo_async.models.ai_apply import AiApplyApplication, AiApplyPosting
from kombo_async.models.assessment import AssessmentOrderStatus
from kombo_async.models.general import EndUser, IntegrationStatus, SetupStatus
from kombo_async.webhooks import (
    AiApplyApplicationStatusUpdatedEvent,
    AiApplyJobPostingStatusUpdatedEvent,
    AssessmentOrderReceivedEvent,
    ChangedModel,
    ChangedModelName,
    ConnectionFlowFailedEvent,
    DataChange,
    DataChangedEvent,
    Event,
    InlineAssessmentOrderReceivedEvent,
    IntegrationCreatedEvent,
    IntegrationDeletedEvent,
    IntegrationStateChangedEvent,
    Issue,
    IssueChange,
    IssueStatusChangedEvent,
    ReceivedAssessmentOrder,
    SyncFinishedEvent,
    UnknownEvent,
)


async def on_event(event: Event) -> None:
    assert_type(event.id, str)
    assert_type(event.integration_id, str | None)
    match event:
        case DataChangedEvent(data=data):
            assert_type(data, DataChange)
            assert_type(data.changed_models, tuple[ChangedModel, ...])
            assert_type(data.changed_models[0].name, ChangedModelName)
        case IntegrationCreatedEvent(data=data):
            assert_type(data.end_user, EndUser)
            assert_type(event.integration_id, str)
        case SyncFinishedEvent(data=data):
            assert_type(data.end_user, EndUser | None)
        case AssessmentOrderReceivedEvent(data=data):
            assert_type(data.status, AssessmentOrderStatus)
            assert_type(data.integration_id, str)
        case UnknownEvent(type=kind, raw=raw):
            assert_type(kind, str)
            assert_type(raw, Any)
        case _:
            pass


def every(event: Event) -> None:
    match event:
        case IntegrationDeletedEvent():
            assert_type(event.integration_id, str)
            assert_type(event.data.deleted_at, datetime)
        case IntegrationStateChangedEvent(data=data):
            assert_type(event.type, Literal["integration-state-changed"])
            assert_type(data.state, IntegrationStatus)
            assert_type(data.setup_status, SetupStatus | None)
        case ConnectionFlowFailedEvent(data=data):
            assert_type(data.end_user, EndUser)
        case InlineAssessmentOrderReceivedEvent(data=data):
            assert_type(data, ReceivedAssessmentOrder)
        case AiApplyApplicationStatusUpdatedEvent(data=data):
            assert_type(data, AiApplyApplication)
        case AiApplyJobPostingStatusUpdatedEvent(data=data):
            assert_type(data, AiApplyPosting)
        case IssueStatusChangedEvent(data=data):
            assert_type(event.integration_id, str | None)
            assert_type(data.change, IssueChange)
            assert_type(data.issue, Issue)
            print(data.end_user)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownArgumentType, reportUnknownMemberType]
        case _:
            assert_type(event, Event)


def plain(event: Event) -> None: ...


async def by_hand(request: web.Request) -> None:
    body, signature = await request.read(), request.headers.get(webhooks.SIGNATURE_HEADER)
    webhooks.verify(bytearray(body), signature, ["new", "old"])
    assert_type(webhooks.receive(memoryview(body), signature, ["new", "old"]), Event)
    assert_type(webhooks.parse(body), Event)
    assert_type(webhooks.sign(body, "secret"), str)
    webhooks.verify(body.decode(), signature, "secret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    webhooks.verify(body, signature)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def handlers(app: web.Application) -> None:
    app.add_routes([web.post("/webhooks", webhooks.aiohttp_handler(on_event, "secret"))])
    app.router.add_post("/webhooks", webhooks.aiohttp_handler(on_event, ["new", "old"], largest_body=1000))
    asgi = webhooks.asgi_app(on_event, ("new", "old"))
    Starlette(routes=[Mount("/webhooks", asgi), Route("/webhooks", asgi)])
    webhooks.asgi_app(plain, "secret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    webhooks.aiohttp_handler(on_event, None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
