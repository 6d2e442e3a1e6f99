"""What the sandbox has, as the control API returns it."""

from __future__ import annotations

from fnmatch import fnmatchcase

from msgspec.structs import asdict
from multidict import CIMultiDictProxy

from ..data.deterministic import iso
from ..data.integrations import Integration, IntegrationState, Sync
from ..data.tools import Tool
from ..http.app import OPERATIONS, SandboxApp
from ..http.deliveries import Delivery
from ..http.faults import ScriptedFault
from ..http.requests import ReceivedRequest
from . import schemas

_MAX_TEXT = 64 * 1024
_DEFAULT_STATE = IntegrationState()


def clean(text: str) -> str:
    """Return text that can be encoded: aiohttp decodes bytes that are not UTF-8 to surrogates."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def sync_info(integration: Integration, sync: Sync, *, already_running: bool = False) -> schemas.SyncInfo:
    """Return a sync."""
    return schemas.SyncInfo(sync.id, integration.id, sync.type, iso(sync.ends_at), already_running)


def integration_info(integration_id: str, tool: Tool, integration: Integration | None) -> schemas.IntegrationInfo:
    """Return an integration, which is None if nothing used it yet."""
    state = _DEFAULT_STATE if integration is None else integration.state
    sync = None if integration is None else integration.running_sync
    return schemas.IntegrationInfo(
        id=integration_id,
        tool=tool.id,
        label=tool.label,
        category=tool.category,
        status=state.status,
        setup_status=state.setup_status,
        qa_status=state.qa_status,
        sync=None if integration is None or sync is None else sync_info(integration, sync),
    )


def integration_details(integration: Integration) -> schemas.IntegrationDetails:
    """Return an integration with its models and actions."""
    state = integration.state
    switched_off = {name for name, switch in integration.switches.items() if switch.off}
    expired_at = state.data_expired_at
    return schemas.IntegrationDetails(
        **asdict(integration_info(integration.id, integration.tool, integration)),
        data_expired_at=None if expired_at is None else iso(expired_at.timestamp()),
        models=[
            schemas.ModelInfo(
                name, label, name in state.disabled_models, name in state.missing_permissions, name in switched_off
            )
            for name, label, _ in integration.capabilities.models
        ],
        actions=[
            schemas.ActionInfo(name, label, name in state.disabled_actions, name in state.missing_permissions)
            for name, label, _ in integration.capabilities.actions
        ],
    )


def operations_at(path: str | None, method: str | None) -> list[str]:
    """Return the names of the operations that a pattern of paths and a method can match."""
    patterns = None if path is None else path.strip("/").split("/")
    return [
        operation.name
        for operation in (endpoint.operation for endpoint in OPERATIONS)
        if (method is None or method == operation.method) and _fits(operation.path.strip("/").split("/"), patterns)
    ]


def _fits(template: list[str], patterns: list[str] | None) -> bool:
    return patterns is None or (
        len(template) == len(patterns)
        and all(
            part.startswith("{") or fnmatchcase(part, pattern) for part, pattern in zip(template, patterns, strict=True)
        )
    )


def fault_info(entry: ScriptedFault, description: dict[str, object] | None) -> schemas.FaultInfo:
    """Return a fault."""
    return schemas.FaultInfo(
        id=str(entry.number),
        fault=description or {"kind": entry.fault.name},
        path=entry.path,
        method=entry.method,
        left=int(entry.left) if entry.left < 2**53 else None,
        after=entry.after,
        applied=entry.applied,
        operations=operations_at(entry.path, entry.method),
    )


def delivery_info(delivery: Delivery) -> schemas.DeliveryInfo:
    """Return a delivery."""
    return schemas.DeliveryInfo(
        id=str(delivery.number),
        event_id=delivery.event_id,
        type=delivery.type,
        url=delivery.url,
        time=iso(delivery.sent_at),
        attempts=[
            schemas.AttemptInfo(
                answer.status, round(answer.milliseconds, 1), answer.body.decode("utf-8", "replace"), answer.error
            )
            for answer in delivery.answers
        ],
        status=delivery.status,
        arrived=delivery.arrived,
        body=delivery.body.decode("utf-8", "replace"),
    )


def request_info(app: SandboxApp, request: ReceivedRequest) -> schemas.RequestInfo:
    """Return a request."""
    operation, values = app.operation_of(request)
    integration_id = values.get("integration_id") or request.headers.get("X-Integration-Id")
    return schemas.RequestInfo(
        id=str(request.number),
        time=iso(request.received_at),
        method=clean(request.method),
        path=clean(request.path),
        query=clean("&".join(f"{name}={value}" for name, value in request.query)),
        status=request.status,
        milliseconds=None if request.milliseconds is None else round(request.milliseconds, 1),
        fault=request.fault,
        operation=operation,
        integration_id=None if integration_id is None else clean(integration_id),
        code=request.code,
    )


def request_details(app: SandboxApp, request: ReceivedRequest) -> schemas.RequestDetails:
    """Return a request with what was sent and answered."""
    sent = app.log.response_to(request.number)
    return schemas.RequestDetails(
        **asdict(request_info(app, request)),
        headers=_masked(request.headers),
        body=_body(request.body, len(request.body)),
        response_headers=None if sent is None else [(name, clean(value)) for name, value in sent.headers.items()],
        response_body=None if sent is None else _body(sent.body, sent.size),
    )


def _masked(headers: CIMultiDictProxy[str]) -> list[tuple[str, str]]:
    secret = {"authorization", "cookie", "proxy-authorization"}
    return [(clean(name), "***" if name.lower() in secret else clean(value)) for name, value in headers.items()]


def _body(body: bytes, size: int) -> schemas.BodyInfo:
    return schemas.BodyInfo(body[:_MAX_TEXT].decode("utf-8", "replace"), size, size > min(len(body), _MAX_TEXT))
