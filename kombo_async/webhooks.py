"""Webhooks of Kombo: verify the signature of a delivery, and read it into a typed event.

```python
from kombo_async import webhooks
from kombo_async.webhooks import DataChangedEvent, Event


async def on_event(event: Event) -> None:
    match event:
        case DataChangedEvent(data=data):
            await queue.put(data.integration_id)


app.add_routes([web.post("/webhooks", webhooks.aiohttp_handler(on_event, secret))])  # aiohttp
app.mount("/webhooks", webhooks.asgi_app(on_event, secret))  # Starlette and FastAPI; tell Kombo …/webhooks/
event = webhooks.receive(body, headers.get(webhooks.SIGNATURE_HEADER), secret)  # anything else
```

Respond soon and do the work elsewhere: Kombo does not document how long it waits, whether it repeats a failed
delivery, and in which order events arrive. Store `event.id` to detect duplicates. As deliveries can also get lost, read
everything again about once a week. A signature never expires, because it covers no time.

See https://docs.kombo.dev/hris/guides/webhooks
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .engine import codec
from .engine.rows import Undecodable, decode_members, text_of
from .errors import DecodeError, WebhookSignatureError, with_note
from .models.webhooks import (
    AiApplyApplicationStatusUpdatedEvent,
    AiApplyJobPostingStatusUpdatedEvent,
    AssessmentOrderReceivedEvent,
    ChangedModel,
    ChangedModelName,
    ConnectionFlowFailedEvent,
    DataChange,
    DataChangedEvent,
    DeletedIntegration,
    Event,
    FailedConnectionFlow,
    FinishedSync,
    InlineAssessmentOrderReceivedEvent,
    IntegrationCreatedEvent,
    IntegrationDeletedEvent,
    IntegrationQAStatus,
    IntegrationStateChange,
    IntegrationStateChangedEvent,
    Issue,
    IssueChange,
    IssueStatus,
    IssueStatusChange,
    IssueStatusChangedEvent,
    IssueType,
    NamedIntegration,
    ReceivedAssessmentOrder,
    SyncFinishedEvent,
    SyncState,
    UnknownEvent,
)
from .redaction import printable, without_locals
from .webhook_examples import EXAMPLE_SECRET, WebhookExample, example_body
from .webhook_signatures import SIGNATURE_HEADER, Secrets, key_of, keys_of, raw_body, signature_of, verify_signature

if TYPE_CHECKING:
    from aiohttp import web

__all__ = [
    "LARGEST_BODY",
    "SIGNATURE_HEADER",
    "AiApplyApplicationStatusUpdatedEvent",
    "AiApplyJobPostingStatusUpdatedEvent",
    "AssessmentOrderReceivedEvent",
    "ChangedModel",
    "ChangedModelName",
    "ConnectionFlowFailedEvent",
    "DataChange",
    "DataChangedEvent",
    "DeletedIntegration",
    "Event",
    "FailedConnectionFlow",
    "FinishedSync",
    "InlineAssessmentOrderReceivedEvent",
    "IntegrationCreatedEvent",
    "IntegrationDeletedEvent",
    "IntegrationQAStatus",
    "IntegrationStateChange",
    "IntegrationStateChangedEvent",
    "Issue",
    "IssueChange",
    "IssueStatus",
    "IssueStatusChange",
    "IssueStatusChangedEvent",
    "IssueType",
    "NamedIntegration",
    "ReceivedAssessmentOrder",
    "SyncFinishedEvent",
    "SyncState",
    "UnknownEvent",
    "WebhookExample",
    "aiohttp_handler",
    "asgi_app",
    "example",
    "parse",
    "receive",
    "sign",
    "verify",
]

LARGEST_BODY = 10 * 1024**2
"""The default limit of the handlers for a body, in bytes; Kombo's events have a few hundred."""

Callback: TypeAlias = Callable[[Event], Awaitable[object]]
"""The function that a handler awaits with each event; what it returns is ignored."""

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]

log = logging.getLogger("kombo_async")


@without_locals
def sign(body: bytes | bytearray | memoryview, secret: str) -> str:
    """Return the signature that Kombo would send with *body*, for your tests."""
    return signature_of(raw_body(body), key_of(secret))


@without_locals
def example(
    event_type: str, /, *, secret: str = EXAMPLE_SECRET, event_id: str | None = None, **changes: Any
) -> WebhookExample:
    """Return the body and the headers of a delivery of a type such as `"data-changed"`, signed, for your tests.

    *changes* replace keys of its data; objects are merged. Each call makes another event id unless you pass one. The
    default of *secret* is that of the sandbox.
    """
    body = example_body(event_type, event_id, changes)
    return WebhookExample(body, {"Content-Type": "application/json", SIGNATURE_HEADER: sign(body, secret)})


@without_locals
def verify(body: bytes | bytearray | memoryview, signature: str | None, secret: Secrets) -> None:
    """Raise a `WebhookSignatureError` unless *body* was signed with *secret*, or with one of several.

    *body* is the bytes as they arrived: JSON that was parsed and serialized again has another signature. *signature* is
    the value of the header `X-Kombo-Signature`, None if there was none. Pass a list of the new secret and the old one
    while you rotate it.
    """
    verify_signature(raw_body(body), signature, keys_of(secret))


@without_locals
def parse(body: bytes | bytearray | memoryview) -> Event:
    """Read a delivery into its event without verifying the signature; `receive` does both.

    An event of a type that this version does not know is an `UnknownEvent`, and so is one with a value that the class
    of its type cannot hold. A delivery without an id or a type is a `DecodeError`.
    """
    raw = raw_body(body)
    try:
        event = codec.decode_document(raw, Event)
    except Undecodable as undecodable:
        problems = undecodable.problems
        event = _unknown_event(raw, problems)
        if event.id and event.type:
            log.warning("a webhook could not be read as an event of its type, and is an UnknownEvent: %s", problems)
            return event
    else:
        if event.id and event.type:
            return event
        problems = "it has no id or no type"
    # Outside of the except clause, so that its context is not the error of the decoder, which may quote a value.
    raise with_note(DecodeError(f"the delivery could not be read as an event: {problems}"))


def _unknown_event(body: bytes, problems: str) -> UnknownEvent:
    raw: object = body
    try:
        members = raw = codec.decode_document(body, dict[str, Any])
    except Undecodable:
        members = decode_members(body, levels=2)
    identity, event_type = text_of(members.get("id")), members.get("type")
    return UnknownEvent(
        id=identity or "",
        type=event_type if isinstance(event_type, str) else "",
        data=members.get("data"),
        raw=raw,
        problems=tuple(problems.split("; ")),
    )


@without_locals
def receive(body: bytes | bytearray | memoryview, signature: str | None, secret: Secrets) -> Event:
    """Verify the signature as `verify` does, then read the event as `parse` does."""
    verify(body, signature, secret)
    return parse(body)


@without_locals
def aiohttp_handler(
    callback: Callback, secret: Secrets, *, largest_body: int = LARGEST_BODY
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler for `web.post(path, …)` that awaits *callback* with each event that has a valid signature.

    The response is 200 after *callback* has returned, 500 if it raises, 401 without a valid signature, 400 for a body
    that is not an event, and 413 above *largest_body* bytes (`client_max_size` of the app does not apply).
    """
    from aiohttp import web

    receiver = _Receiver(callback, secret, largest_body)

    async def handle(request: web.Request) -> web.StreamResponse:
        status, text, headers = await respond(request)
        return web.Response(status=status, text=text, headers=headers)

    @without_locals
    async def respond(request: web.Request) -> _Response:
        if request.method != "POST":
            return _POST_ONLY
        # A request whose body was read by a middleware cannot be cloned; aiohttp keeps that body.
        unread = not request.content.at_eof()
        source = request.clone(client_max_size=largest_body + 1) if unread else request
        try:
            body = await source.read()
        except web.HTTPRequestEntityTooLarge:
            return _TOO_LARGE
        except (ConnectionError, web.RequestPayloadError):
            return _CUT_OFF
        return await receiver.handle(body, request.headers.get(SIGNATURE_HEADER))

    return handle


@without_locals
def asgi_app(
    callback: Callback, secret: Secrets, *, largest_body: int = LARGEST_BODY
) -> Callable[[_Message, _Receive, _Send], Awaitable[None]]:
    """Return an ASGI app that awaits *callback* with each event that has a valid signature, on any path.

    Mounted at `/webhooks`, Starlette and FastAPI serve it at `/webhooks/` and redirect from `/webhooks`, which Kombo
    may not follow: give Kombo the address with the slash, or put `Route("/webhooks", asgi_app(…))` into `app.routes`.
    The response is 200 after *callback* has returned, 401 without a valid signature, 400 for a body that is not an
    event, and 413 above *largest_body* bytes. An exception of *callback* reaches the framework, which responds 500.
    """
    return _AsgiApp(_Receiver(callback, secret, largest_body))


_Response: TypeAlias = tuple[int, str, Mapping[str, str]]
_OK: _Response = (200, "ok", {})
_TOO_LARGE: _Response = (413, "the body is too large", {})
_CUT_OFF: _Response = (400, "the body is incomplete", {})
_NOT_SIGNED: _Response = (401, "the signature is missing or wrong", {})
_NO_EVENT: _Response = (400, "the body is not an event", {})
_POST_ONLY: _Response = (405, "webhooks are sent by POST", {"Allow": "POST"})


class _Refused(Exception):
    """A delivery is not accepted; `response` says why."""

    def __init__(self, response: _Response) -> None:
        super().__init__(response)
        self.response = response


class _Verifier:
    """Checks and reads the deliveries to a web app: what the handlers of all frameworks have in common."""

    def __init__(self, secret: Secrets, largest_body: int) -> None:
        self._keys = keys_of(secret)
        if largest_body < 1:
            raise ValueError("largest_body is a number of bytes, at least 1")
        self.largest_body = largest_body
        """The limit of a body in bytes."""

    def read(self, body: bytes, signature: str | None) -> Event:
        """Return the event of a delivery; raise `_Refused` with the response to one that is not accepted."""
        if len(body) > self.largest_body:
            raise _Refused(_TOO_LARGE)
        try:
            verify_signature(body, signature, self._keys)
            return parse(body)
        except WebhookSignatureError as error:
            log.warning("refused a webhook: %s", error)
            raise _Refused(_NOT_SIGNED) from None
        except DecodeError as error:
            log.error("cannot read a webhook with a valid signature: %s", error)  # noqa: TRY400 - the traceback says nothing more
            raise _Refused(_NO_EVENT) from None


class _Receiver(_Verifier):
    """Calls the callback with each event."""

    def __init__(self, callback: Callback, secret: Secrets, largest_body: int) -> None:
        if not callable(callback):
            raise TypeError(f"callback is an async function of one event, not {type(callback).__name__}")
        super().__init__(secret, largest_body)
        self._callback = callback

    async def handle(self, body: bytes, signature: str | None) -> _Response:
        """Return the response to a body, after the callback."""
        try:
            event = self.read(body, signature)
        except _Refused as refused:
            return refused.response
        try:
            await self._callback(event)
        except Exception as error:
            # Without the message of the error, which may quote a record.
            log.error(  # noqa: TRY400
                "the callback failed on webhook %s (%s): %s",
                printable(event.id, 100),
                printable(event.type, 100),
                type(error).__name__,
            )
            raise
        return _OK


class _AsgiApp:
    """An ASGI app. It is an object because Starlette's `Route` takes plain functions for request handlers."""

    def __init__(self, receiver: _Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        match scope["type"]:
            case "http":
                response = await self._respond(scope, receive)
                if response is not None:
                    await _send(response, send)
            case "websocket":
                await send({"type": "websocket.close"})
            case "lifespan":
                # Sent by servers that run the app alone, not to mounted apps.
                while (await receive())["type"] != "lifespan.shutdown":
                    await send({"type": "lifespan.startup.complete"})
                await send({"type": "lifespan.shutdown.complete"})
            case other:
                raise NotImplementedError(f"webhooks arrive by HTTP, not by {other}")

    @without_locals
    async def _respond(self, scope: _Message, receive: _Receive) -> _Response | None:
        """Return the response; None if the client has disconnected."""
        if scope["method"] != "POST":
            return _POST_ONLY
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._receiver.largest_body:
                return _TOO_LARGE
            more = message.get("more_body", False)
        wanted = SIGNATURE_HEADER.lower().encode()
        found = (value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted)
        return await self._receiver.handle(bytes(body), next(found, None))


async def _send(response: _Response, send: _Send) -> None:
    status, text, own_headers = response
    body = text.encode()
    headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **own_headers}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
