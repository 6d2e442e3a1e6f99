"""Webhooks of Kombo: check that a delivery is Kombo's, and read it into a typed event.

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

Answer soon and do the work elsewhere: how long Kombo waits, whether it sends again what failed, and in which order
events come is not documented. Remember `event.id` to see that one came twice. As deliveries can also get lost, read
everything anew once a week or so. A signature holds for ever, because it covers no time.

See https://docs.kombo.dev/hris/guides/webhooks
"""

from __future__ import annotations

import base64
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

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
    "aiohttp_handler",
    "asgi_app",
    "parse",
    "receive",
    "sign",
    "verify",
]

SIGNATURE_HEADER = "X-Kombo-Signature"
"""The header with the signature. Frameworks find it in any case."""
LARGEST_BODY = 10 * 1024**2
"""How many bytes the handlers take unless told otherwise; Kombo's events have a few hundred."""

Callback: TypeAlias = Callable[[Event], Awaitable[None]]
"""What a handler calls with each event."""
Secrets: TypeAlias = str | Sequence[str]
"""The webhook secret; several of them while you change it."""

_Message: TypeAlias = MutableMapping[str, Any]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]

log = logging.getLogger("kombo_async")


def sign(body: bytes | bytearray | memoryview, secret: str) -> str:
    """Return the signature that Kombo would send with *body*: for tests of your own."""
    return _signature(_raw(body), _key(secret))


def verify(body: bytes | bytearray | memoryview, signature: str | None, secret: str, *old_secrets: str) -> None:
    """Raise a `WebhookSignatureError` unless *body* was signed with one of the secrets.

    *body* is the bytes as they came: JSON that was parsed and written again has another signature. *signature* is the
    value of the header `X-Kombo-Signature`, None if there was none. Several secrets serve while you change it.
    """
    _verify(_raw(body), signature, [_key(each) for each in (secret, *old_secrets)])


def parse(body: bytes | bytearray | memoryview) -> Event:
    """Read a delivery into its event, whoever sent it: `receive` checks that first.

    A type that this version does not know gives an `UnknownEvent`, and so does a value that the class of the event
    cannot hold. Only what has no id or no type is a `DecodeError`.
    """
    raw = _raw(body)
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
    # Raised out here, so that it carries no error of the decoder's, whose words may quote a value.
    raise with_note(DecodeError(f"the delivery could not be read as an event: {problems}"))


def _unknown_event(body: bytes, problems: str) -> UnknownEvent:
    raw: object = body
    try:
        members = raw = codec.decode_document(body, dict[str, Any])
    except Undecodable:
        members = decode_members(body, levels=2)
    identity, kind = text_of(members.get("id")), members.get("type")
    return UnknownEvent(
        id=identity or "",
        type=kind if isinstance(kind, str) else "",
        data=members.get("data"),
        raw=raw,
        problems=tuple(problems.split("; ")),
    )


def receive(body: bytes | bytearray | memoryview, signature: str | None, secret: str, *old_secrets: str) -> Event:
    """Check the signature as `verify` does, then read the event as `parse` does."""
    verify(body, signature, secret, *old_secrets)
    return parse(body)


def aiohttp_handler(
    callback: Callback, secret: Secrets, *, largest_body: int = LARGEST_BODY
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler for `web.post(path, …)` that awaits *callback* with each event whose signature holds.

    Kombo gets 200 once *callback* is through, and 500 if it raises; 401 without a right signature, 400 for what is no
    event, 413 above *largest_body* bytes (`client_max_size` of the app does not count here).
    """
    from aiohttp import web

    receiver = _Receiver(callback, secret, largest_body)

    async def handle(request: web.Request) -> web.StreamResponse:
        status, words, headers = await answer(request)
        return web.Response(status=status, text=words, headers=headers)

    async def answer(request: web.Request) -> _Answer:
        if request.method != "POST":
            return _POST_ONLY
        # A body that a middleware has read is at hand, and its request cannot be cloned.
        unread = not request.content.at_eof()
        source = request.clone(client_max_size=largest_body + 1) if unread else request
        try:
            body = await source.read()
        except web.HTTPRequestEntityTooLarge:
            return _TOO_LARGE
        except (ConnectionError, web.RequestPayloadError):
            return _CUT_OFF
        return await receiver.take(body, request.headers.get(SIGNATURE_HEADER))

    return handle


def asgi_app(
    callback: Callback, secret: Secrets, *, largest_body: int = LARGEST_BODY
) -> Callable[[_Message, _Receive, _Send], Awaitable[None]]:
    """Return an ASGI app that awaits *callback* with each event whose signature holds, whatever the path.

    Mounted at `/webhooks`, Starlette and FastAPI serve it at `/webhooks/` and redirect from `/webhooks`, which Kombo
    may not follow: give Kombo the address with the slash, or put `Route("/webhooks", asgi_app(…))` into `app.routes`.
    Kombo gets 200 once *callback* is through; what it raises goes on to the framework, which answers 500. 401 without
    a right signature, 400 for what is no event, 413 above *largest_body* bytes.
    """
    return _AsgiApp(_Receiver(callback, secret, largest_body))


_Answer: TypeAlias = tuple[int, str, Mapping[str, str]]
_OK: _Answer = (200, "ok", {})
_TOO_LARGE: _Answer = (413, "the body is too large", {})
_CUT_OFF: _Answer = (400, "the body is not whole", {})
_POST_ONLY: _Answer = (405, "webhooks are sent by POST", {"Allow": "POST"})


class _Receiver:
    """What both handlers do between the bytes and the callback."""

    def __init__(self, callback: Callback, secret: Secrets, largest_body: int) -> None:
        if not callable(callback):
            raise TypeError(f"callback is an async function of one event, not {type(callback).__name__}")
        secrets = (secret,) if isinstance(secret, str) else secret
        if isinstance(secrets, bytes) or not isinstance(secrets, Iterable):
            raise TypeError(f"secret is a str or a list of them, not {type(secret).__name__}")
        self._keys = [_key(each) for each in secrets]
        if not self._keys:
            raise ValueError("pass at least one webhook secret")
        if largest_body < 1:
            raise ValueError("largest_body is a number of bytes, at least 1")
        self._callback = callback
        self.largest_body = largest_body

    async def take(self, body: bytes, signature: str | None) -> _Answer:
        """Check the body, read it and hand it on."""
        if len(body) > self.largest_body:
            return _TOO_LARGE
        try:
            _verify(body, signature, self._keys)
            event = parse(body)
        except WebhookSignatureError as error:
            log.warning("refused a webhook: %s", error)
            return 401, "the signature is missing or wrong", {}
        except DecodeError as error:
            log.error("a webhook with a right signature: %s", error)  # noqa: TRY400 - the message is all there is
            return 400, "the body is no event", {}
        try:
            await self._callback(event)
        except Exception as error:
            # Without the error's own words, which may hold a record. It goes on to whom it concerns.
            log.error("the callback failed on webhook %s (%s): %s", event.id, event.type, type(error).__name__)  # noqa: TRY400
            raise
        return _OK


class _AsgiApp:
    """One ASGI app. An object, as Starlette's `Route` takes plain functions for something else."""

    def __init__(self, receiver: _Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        match scope["type"]:
            case "http":
                answer = await self._answer(scope, receive)
                if answer is not None:
                    await _send(answer, send)
            case "websocket":
                await send({"type": "websocket.close"})
            case "lifespan":
                # Under a server of its own; mounted ones are not asked.
                while (await receive())["type"] != "lifespan.shutdown":
                    await send({"type": "lifespan.startup.complete"})
                await send({"type": "lifespan.shutdown.complete"})
            case other:
                raise NotImplementedError(f"webhooks come by HTTP, not by {other}")

    async def _answer(self, scope: _Message, receive: _Receive) -> _Answer | None:
        """Return the answer; None where nobody is left to take it."""
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
        return await self._receiver.take(bytes(body), next(found, None))


async def _send(answer: _Answer, send: _Send) -> None:
    status, words, more = answer
    body = words.encode()
    headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **more}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _raw(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, bytearray | memoryview):
        return bytes(cast("bytearray | memoryview[int]", body))
    raise TypeError(
        f"body is the bytes of the request as they came, not {type(body).__name__}: pass what await request.read() "
        "(aiohttp) or await request.body() (Starlette, FastAPI) returns, never parsed JSON"
    )


def _key(secret: object) -> bytes:
    if not isinstance(secret, str):
        raise TypeError(f"a webhook secret is a str, not {type(secret).__name__}")
    if not secret.strip():
        raise ValueError("a webhook secret is empty: copy it from the webhooks page of the Kombo dashboard")
    try:
        return secret.encode()
    except UnicodeEncodeError:
        pass
    # Raised out here, as the error of Python's own carries the text.
    raise ValueError("a webhook secret holds half of a surrogate pair, which no text does")


def _signature(body: bytes, key: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, body, "sha256")).rstrip(b"=").decode()


def _verify(body: bytes, signature: object, keys: Iterable[bytes]) -> None:
    if signature is not None and not isinstance(signature, str):
        raise TypeError(f"signature is the str in the header {SIGNATURE_HEADER}, not {type(signature).__name__}")
    if not signature:
        raise WebhookSignatureError(f"the delivery has no signature: pass the value of its header {SIGNATURE_HEADER}")
    given = signature.removesuffix("=").encode(errors="replace")
    # All of them, so that the time says nothing about which one holds.
    if not sum(hmac.compare_digest(given, _signature(body, key).encode()) for key in keys):
        raise WebhookSignatureError(
            "the signature fits none of the secrets: the secret is another one, or body is not the bytes as they came"
        )
