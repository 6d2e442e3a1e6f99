"""The types of the control API: what it accepts and what it returns. Its OpenAPI document is made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct, UnsetType

from ..http.feed import Subject

T = TypeVar("T")

Status = Literal["ACTIVE", "INVALID", "INACTIVE"]
SetupStatus = Literal["COMPLETED", "INCOMPLETE", "FINAL_SYNC_PENDING"]
QAStatus = Literal["PASSED", "PENDING", "FAILED"]
SyncType = Literal["FULL", "DELTA"]

_CENTURY = 3_155_760_000
_Limit: TypeAlias = Annotated[int, Meta(ge=1, le=1000)]
_Text: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2_000)]


class Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """A base of what clients send: unknown keys are mistakes."""


# What clients send.


class NoParameters(Strict, frozen=True):
    """No query parameters."""


class Listing(Strict, frozen=True):
    """Parameters of lists."""

    limit: _Limit = 100
    cursor: str | None = None


class ForIntegration(Strict, frozen=True):
    """Which integration a record belongs to; by default the first one that has the model."""

    integration_id: str | None = None


class RecordListing(Listing, frozen=True):
    """Parameters of lists of records."""

    integration_id: str | None = None
    include_deleted: bool = False
    search: str | None = None
    """Text that a record must contain somewhere, in any case."""


class RequestListing(Listing, frozen=True):
    """Parameters of the list of requests."""

    method: str | None = None
    path: str | None = None
    """A part of the path."""
    status: Annotated[str, Meta(pattern="^[1-5]([0-9][0-9]|xx)$")] | None = None
    """A status, such as 404, or a class, such as 4xx."""
    faults_only: bool = False


class NewIntegration(Strict, frozen=True):
    """A tool to connect."""

    tool: str


class IntegrationChanges(Strict, frozen=True):
    """Changes of the state of an integration; what is left out stays."""

    status: Status | UnsetType = msgspec.UNSET
    setup_status: SetupStatus | UnsetType = msgspec.UNSET
    qa_status: QAStatus | UnsetType = msgspec.UNSET
    disabled_models: list[str] | UnsetType = msgspec.UNSET
    disabled_actions: list[str] | UnsetType = msgspec.UNSET
    missing_permissions: list[str] | UnsetType = msgspec.UNSET
    data_expired_at: Annotated[datetime, Meta(tz=True)] | UnsetType | None = msgspec.UNSET


class ModelSwitch(Strict, frozen=True):
    """Whether a model is on in the scope config."""

    on: bool


class NewSync(Strict, frozen=True):
    """A sync to start."""

    type: SyncType = "FULL"


class Anonymisation(Strict, frozen=True):
    """How a record is anonymised."""

    touch: bool = False
    """Whether `updated_after` matches the record afterwards."""


class NoBody(Strict, frozen=True):
    """An empty object, or nothing."""


class NewWebhook(Strict, frozen=True):
    """A receiver of webhooks."""

    url: _Text
    secret: _Text | None = None
    """By default the secret of the configuration."""


class NewEvent(Strict, frozen=True):
    """An event to send to all receivers. What `data` leaves out is generated."""

    type: _Text
    integration_id: str | None = None
    event_id: str | None = None
    data: dict[str, Any] = {}


class Advance(Strict, frozen=True):
    """How far the clock goes forward."""

    seconds: Annotated[float, Meta(ge=-_CENTURY, le=_CENTURY)]


class NewSeed(Strict, frozen=True):
    """The seed to restart with; by default the same."""

    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | None = None


# What the sandbox returns.


class Problem(Struct, frozen=True):
    """What is wrong with a request."""

    message: str
    path: str | None = None
    """Where the mistake is: `$.fault.kind` in the body, `query.limit`, `path.model`."""
    choices: tuple[str, ...] = ()
    """What would be right there, if that is a matter of choice; at most 50."""


class Failure(Struct, frozen=True):
    """The body of every error."""

    error: Problem


class Listed(Struct, Generic[T], frozen=True):
    """A page of a list; `next` is the cursor of the next one."""

    results: list[T]
    next: str | None = None
    total: int | None = None
    """How many there are without filters, if that is known."""


class SandboxStatus(Struct, frozen=True):
    """The sandbox."""

    version: str
    base_url: str
    """The base URL for clients of the API, as this request reached it."""
    api_key: str
    seed: int
    time: str
    clock_offset_seconds: float
    integrations: int
    requests: int
    deliveries: int
    faults: int
    webhooks: int


class ToolChoice(Struct, frozen=True):
    """A tool that can be connected."""

    id: str
    label: str
    category: str


class ModelChoice(Struct, frozen=True):
    """A model with records."""

    name: str
    label: str
    category: str
    """Empty for models of the environment itself."""
    fields: tuple[str, ...]


class Choices(Struct, frozen=True):
    """The words that the control API knows."""

    tools: list[ToolChoice]
    models: list[ModelChoice]
    event_types: list[str]
    fault_kinds: list[str]
    error_codes: list[str]
    statuses: tuple[str, ...]
    setup_statuses: tuple[str, ...]
    qa_statuses: tuple[str, ...]
    sync_types: tuple[str, ...]


class SyncInfo(Struct, frozen=True):
    """A sync that runs."""

    id: str
    integration_id: str
    type: str
    ends_at: str
    already_running: bool = False
    """Whether it ran before it was asked for."""


class IntegrationInfo(Struct, frozen=True):
    """An integration."""

    id: str
    tool: str
    label: str
    category: str
    status: str
    setup_status: str
    qa_status: str
    sync: SyncInfo | None = None


class ModelInfo(Struct, frozen=True):
    """A model of an integration."""

    name: str
    label: str
    disabled: bool
    """Whether reading it is an error, as it is off in the scope config."""
    permission_missing: bool
    switched_off: bool
    """Whether its records count as deleted, as it was switched off in the scope config."""


class ActionInfo(Struct, frozen=True):
    """An action of an integration."""

    name: str
    label: str
    disabled: bool
    permission_missing: bool


class IntegrationDetails(IntegrationInfo, frozen=True, kw_only=True):
    """An integration with its models and actions."""

    data_expired_at: str | None
    models: list[ModelInfo]
    actions: list[ActionInfo]


class FaultInfo(Struct, frozen=True):
    """A fault that will be applied."""

    id: str
    fault: dict[str, Any]
    """As it was sent. One that was added from Python has the kind alone."""
    path: str | None
    method: str | None
    left: int | None
    """How many matching requests it will still be applied to; null for all."""
    after: int
    """How many matching requests are left alone before."""
    applied: int
    operations: list[str]
    """The operations whose requests it may be applied to; none if the path or the method is that of no operation."""


class WebhookInfo(Struct, frozen=True):
    """A receiver of webhooks."""

    id: str
    url: str


class AttemptInfo(Struct, frozen=True):
    """An attempt to deliver a webhook."""

    status: int | None
    milliseconds: float
    body: str
    """The first 4 KiB of the response."""
    error: str | None


class DeliveryInfo(Struct, frozen=True):
    """The delivery of an event to a receiver."""

    id: str
    event_id: str
    type: str
    url: str
    time: str
    attempts: list[AttemptInfo]
    status: int | None
    arrived: bool
    body: str
    """What was signed and sent."""


class RequestInfo(Struct, frozen=True):
    """A request to the API."""

    id: str
    time: str
    method: str
    path: str
    query: str
    status: int | None
    """Null while it is in progress, and if the connection broke before the response."""
    milliseconds: float | None
    fault: str | None
    operation: str | None
    integration_id: str | None
    code: str | None


class BodyInfo(Struct, frozen=True):
    """A body, or its first 64 KiB."""

    text: str
    size: int
    """Bytes that the sandbox still has; of a response all bytes that were sent."""
    truncated: bool


class RequestDetails(RequestInfo, frozen=True, kw_only=True):
    """A request with what was sent and answered."""

    headers: list[tuple[str, str]]
    """The key is replaced by stars."""
    body: BodyInfo
    response_headers: list[tuple[str, str]] | None
    response_body: BodyInfo | None
    """Null if nothing was sent, or if newer responses needed the memory."""


class ClockInfo(Struct, frozen=True):
    """The clock."""

    time: str
    offset_seconds: float
    """How far it is ahead of the system's clock."""


class ChangeInfo(Struct, frozen=True):
    """Something was changed by hand."""

    what: Subject
    integration_id: str | None
    model: str | None


class LostInfo(Struct, frozen=True):
    """Events that a reader missed."""

    count: int
