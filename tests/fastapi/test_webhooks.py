"""The dependency for webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import aiohttp
import pytest
from fastapi import Depends, FastAPI, Request

from kombo_async.fastapi import verified_webhook
from kombo_async.models.webhooks import DataChangedEvent, Event

from ..support.loops import ASYNCIO_ONLY
from ..support.uvicorn_server import served
from ..support.webhook_samples import SECRET, body, signed

CONTENT = body("data-changed")


def application(events: list[Event]) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def read_bodies(request: Request, respond: Callable[[Request], Awaitable[Any]]) -> Any:
        if "read" in request.query_params:
            await request.body()
        return await respond(request)

    @app.post("/webhooks")
    async def webhooks(event: Annotated[Event, Depends(verified_webhook(["old", SECRET], largest_body=5_000))]) -> None:
        events.append(event)

    return app


async def test_event_with_a_valid_signature_is_given_to_the_function() -> None:
    events: list[Event] = []

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(CONTENT), 50):
            yield CONTENT[at : at + 50]

    async with served(application(events)) as url, aiohttp.ClientSession() as session:
        for data, query in ((CONTENT, ""), (pieces(), ""), (CONTENT, "?read")):
            async with session.post(f"{url}/webhooks{query}", data=data, headers=signed(CONTENT)) as response:
                assert response.status == 200
    assert [type(event) for event in events] == [DataChangedEvent] * 3


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (CONTENT, {}, 401),
        (CONTENT + b" ", signed(CONTENT), 401),
        (CONTENT, {"X-Kombo-Signature": ""}, 401),
        (b"{}", signed(b"{}"), 400),
        (b"x" * 5_001, signed(b"x" * 5_001), 413),
        (b"x" * 100_000, {}, 413),
    ],
    ids=[
        "no signature",
        "other bytes",
        "empty signature",
        "no event",
        "too large",
        "far too large without a signature",
    ],
)
async def test_other_delivery_is_refused_before_the_function_is_called(
    content: bytes, headers: dict[str, str], status: int
) -> None:
    events: list[Event] = []
    async with served(application(events)) as url, aiohttp.ClientSession() as session:
        async with session.post(f"{url}/webhooks", data=content, headers=headers) as response:
            assert response.status == status
            assert list(await response.json()) == ["detail"]
    assert events == []


@ASYNCIO_ONLY
@pytest.mark.parametrize(("secret", "words"), [("", "empty"), ([], "at least one"), (b"x", "str")])
async def test_wrong_secret_is_refused_when_the_app_is_made(secret: Any, words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        verified_webhook(secret)


@ASYNCIO_ONLY
async def test_header_of_the_signature_is_described() -> None:
    (header,) = application([]).openapi()["paths"]["/webhooks"]["post"]["parameters"]
    assert (header["in"], header["name"], header["required"]) == ("header", "X-Kombo-Signature", False)
