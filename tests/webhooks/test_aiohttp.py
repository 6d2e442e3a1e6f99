"""The handler for aiohttp, in a real server on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from kombo_async import webhooks
from kombo_async.webhooks import DataChangedEvent, Event, SyncFinishedEvent, aiohttp_handler

from ..support.webhook_samples import SECRET, body, signed


class Listener:
    """An app of a user's, with what its callback was called with."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.wrong: BaseException | None = None

    async def __call__(self, event: Event) -> None:
        await asyncio.sleep(0)
        self.events.append(event)
        if self.wrong is not None:
            raise self.wrong


async def serve(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def url(listener: Listener) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(
        [
            web.post("/webhooks", aiohttp_handler(listener, SECRET)),
            web.route("*", "/all", aiohttp_handler(listener, [SECRET, "the-older-one"], largest_body=1000)),
        ]
    )
    runner, base = await serve(app)
    yield base
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def post(session: aiohttp.ClientSession, url: str, content: Any, headers: Any) -> tuple[int, str]:
    async with session.post(url, data=content, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_event_reaches_the_callback(url: str, session: aiohttp.ClientSession, listener: Listener) -> None:
    for kind in ("data-changed", "sync-finished"):
        assert await post(session, f"{url}/webhooks", body(kind), signed(body(kind))) == (200, "ok")
    first, second = listener.events
    assert isinstance(first, DataChangedEvent)
    assert isinstance(second, SyncFinishedEvent)


@pytest.mark.parametrize("name", ["x-kombo-signature", "X-KOMBO-SIGNATURE"])
async def test_signature_header_is_case_insensitive(
    url: str, session: aiohttp.ClientSession, listener: Listener, name: str
) -> None:
    headers = {name: webhooks.sign(body("data-changed"), SECRET)}
    assert (await post(session, f"{url}/webhooks", body("data-changed"), headers))[0] == 200
    assert len(listener.events) == 1


async def test_invalid_signature_is_refused(
    url: str, session: aiohttp.ClientSession, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    content = body("integration-created")
    for headers in ({}, signed(content, "another"), signed(content + b" ")):
        assert (await post(session, f"{url}/webhooks", content, headers))[0] == 401
    assert listener.events == []
    assert {record.name for record in caplog.records} == {"kombo_async"}
    assert len(caplog.records) == 3
    assert not any(word in caplog.text for word in ("tannenhof", SECRET, webhooks.sign(content, "another")))


async def test_event_with_an_odd_value_is_accepted(
    url: str, session: aiohttp.ClientSession, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    content = body("integration-created", end_user={"creator_email": "ina@tannenhof.example"})
    assert (await post(session, f"{url}/webhooks", content, signed(content)))[0] == 200
    (event,) = listener.events
    assert isinstance(event, webhooks.UnknownEvent)
    assert event.data["end_user"] == {"creator_email": "ina@tannenhof.example"}
    assert "$.data.end_user" in caplog.text
    assert "tannenhof" not in caplog.text


async def test_old_secrets_are_accepted_while_given(url: str, session: aiohttp.ClientSession) -> None:
    content = body("data-changed")
    for secret, status in ((SECRET, 200), ("the-older-one", 200), ("the-oldest", 401)):
        assert (await post(session, f"{url}/all", content, signed(content, secret)))[0] == status
    assert (await post(session, f"{url}/webhooks", content, signed(content, "the-older-one")))[0] == 401


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused(
    url: str, session: aiohttp.ClientSession, listener: Listener, method: str
) -> None:
    for path in ("/webhooks", "/all"):
        async with session.request(method, url + path, headers=signed(b"")) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert listener.events == []


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b" "


async def test_body_is_accepted_up_to_the_limit(url: str, session: aiohttp.ClientSession, listener: Listener) -> None:
    for size, status in ((1000, 200), (1001, 413), (100_000, 413)):
        content = body("data-changed").ljust(size)
        assert (await post(session, f"{url}/all", content, signed(content)))[0] == status
    assert (await post(session, f"{url}/all", pieces(1001), {}))[0] == 413
    assert len(listener.events) == 1
    # More than aiohttp itself would take.
    content = body("data-changed").ljust(2 * 1024**2)
    assert (await post(session, f"{url}/webhooks", BytesIO(content), signed(content)))[0] == 200


@pytest.mark.parametrize("wrong", [RuntimeError("ina@tannenhof.example"), web.HTTPServiceUnavailable(text="later")])
async def test_error_of_the_callback_reaches_the_framework(
    url: str,
    session: aiohttp.ClientSession,
    listener: Listener,
    caplog: pytest.LogCaptureFixture,
    wrong: Exception,
) -> None:
    listener.wrong = wrong
    content = body("integration-created")
    status, text = await post(session, f"{url}/webhooks", content, signed(content))
    assert status == (503 if isinstance(wrong, web.HTTPException) else 500)
    assert "tannenhof" not in text
    (record,) = (record for record in caplog.records if record.name == "kombo_async")
    assert record.levelno == logging.ERROR
    assert "evt-integration-created" in record.getMessage()
    assert type(wrong).__name__ in record.getMessage()
    assert "tannenhof" not in record.getMessage()
    assert record.exc_info is None


async def test_body_read_by_a_middleware_is_handled(session: aiohttp.ClientSession, listener: Listener) -> None:
    @web.middleware
    async def reads(request: web.Request, handler: Any) -> web.StreamResponse:
        await request.read()
        return await handler(request)

    app = web.Application(middlewares=[reads])
    app.router.add_post("/webhooks", aiohttp_handler(listener, SECRET))
    runner, base = await serve(app)
    try:
        assert (await post(session, f"{base}/webhooks", body("data-changed"), signed(body("data-changed"))))[0] == 200
        assert (await post(session, f"{base}/webhooks", b"", signed(b"")))[0] == 400
    finally:
        await runner.cleanup()


async def raw(url: str, *sent: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for each in sent:
        writer.write(each)
        await writer.drain()
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_disconnect_in_the_body_calls_nothing(
    url: str, session: aiohttp.ClientSession, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    content = body("data-changed")
    head = f"POST /webhooks HTTP/1.1\r\nHost: a\r\nX-Kombo-Signature: {webhooks.sign(content, SECRET)}\r\n"
    await raw(url, f"{head}Content-Length: {len(content) + 1}\r\n\r\n".encode(), content)
    await raw(url, f"{head}Transfer-Encoding: chunked\r\n\r\n{len(content):x}\r\n".encode(), content[:-5])
    # The server has seen both by the time it answers a third.
    assert (await post(session, f"{url}/webhooks", content, signed(content)))[0] == 200
    assert len(listener.events) == 1
    assert caplog.records == []


async def test_body_with_a_wrong_encoding_header_is_refused(url: str, listener: Listener) -> None:
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Encoding: gzip\r\n\r\n{}")
    assert b" 400 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert listener.events == []


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((None, SECRET), TypeError, "callback is an async function"),
        ((print, ""), ValueError, "empty"),
        ((print, [SECRET, " "]), ValueError, "empty"),
        ((print, []), ValueError, "at least one"),
        ((print, None), TypeError, "not NoneType"),
        ((print, [None]), TypeError, "not NoneType"),
        ((print, 7), TypeError, "not int"),
        ((print, b"secret"), TypeError, "a list of them, not bytes"),
    ],
)
@pytest.mark.parametrize("make", [webhooks.aiohttp_handler, webhooks.asgi_app])
def test_misuse_is_refused_when_the_handler_is_made(
    make: Any, arguments: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        make(*arguments)


@pytest.mark.parametrize("make", [webhooks.aiohttp_handler, webhooks.asgi_app])
def test_limit_below_one_byte_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="largest_body"):
        make(print, SECRET, largest_body=0)
