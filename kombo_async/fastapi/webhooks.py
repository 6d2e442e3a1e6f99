"""Webhooks as a dependency."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias

from fastapi import Header, HTTPException, Request

from ..models.webhooks import Event
from ..redaction import without_locals
from ..webhook_signatures import SIGNATURE_HEADER, Secrets
from ..webhooks import LARGEST_BODY, _Refused, _Verifier


@without_locals
def verified_webhook(secret: Secrets, *, largest_body: int = LARGEST_BODY) -> Callable[..., Awaitable[Event]]:
    """Return a dependency that gives the event of a webhook: `Annotated[Event, Depends(verified_webhook(secret))]`.

    It answers 401 without a valid signature, 400 for a body that is not an event, and 413 above *largest_body* bytes;
    the function of the path is then not called. *secret* may be a list of secrets while you rotate it.
    """
    verifier = _Verifier(secret, largest_body)

    async def event_of(request: Request, signature: _Signature = None) -> Event:
        return await read(request, signature)

    # Apart, as FastAPI finds the types of a dependency in the module that defined it.
    @without_locals
    async def read(request: Request, signature: str | None) -> Event:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > largest_body:
                break
        try:
            return verifier.read(bytes(body), signature)
        except _Refused as refused:
            status, text, _ = refused.response
            raise HTTPException(status, text) from None

    return event_of


_Signature: TypeAlias = Annotated[str | None, Header(alias=SIGNATURE_HEADER)]
