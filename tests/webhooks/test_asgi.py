"""The ASGI app: called by hand, and in Starlette and FastAPI under uvicorn on loopback."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from kombo_async import webhooks
from kombo_async.webhooks import DataChangedEvent, Event, asgi_app

from ..support.uvicorn_server import served
from ..support.webhook_samples import SECRET, body, signed

CONTENT = body("data-changed")
SIGNATURE = webhooks.sign(CONTENT, SECRET).encode()


async def call(
    app: Any, *messages: dict[str, Any], method: str = "POST", headers: Iterable[tuple[bytes, bytes]] = ()
) -> list[dict[str, Any]]:
    """Call the app once, as a server would, and return what it sent."""
    queue, sent = list(messages), []

    async def receive() -> dict[str, Any]:
        return queue.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http", "method": method, "headers": list(headers)}, receive, send)
    return sent


def pieces(content: bytes, *, size: int) -> list[dict[str, Any]]:
    parts = [content[at : at + size] for at in range(0, len(content), size)] or [b""]
    last = len(parts) - 1
    return [{"type": "http.request", "body": part, "more_body": n < last} for n, part in enumerate(parts)]


class Listener:
    """A callback, with what it was called with."""

    def __init__(self, wrong: Exception | None = None) -> None:
        self.events: list[Event] = []
        self.wrong = wrong

    async def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.wrong is not None:
            raise self.wrong


class TestByHand:
    @pytest.mark.parametrize("size", [1, 7, 10_000])
    @pytest.mark.parametrize("name", [b"x-kombo-signature", b"X-Kombo-Signature"])
    async def test_body_in_several_messages_is_joined(self, size: int, name: bytes) -> None:
        listener = Listener()
        app = asgi_app(listener, SECRET)
        sent = await call(app, *pieces(CONTENT, size=size), headers=[(b"host", b"a"), (name, SIGNATURE)])
        start, end = sent
        assert start["status"] == 200
        assert (b"content-length", b"2") in start["headers"]
        assert end == {"type": "http.response.body", "body": b"ok"}
        assert isinstance(listener.events[0], DataChangedEvent)

    async def test_optional_keys_of_messages_may_be_missing(self) -> None:
        listener = Listener()
        app = asgi_app(listener, SECRET)
        headers = [(b"x-kombo-signature", SIGNATURE)]
        sent = await call(app, {"type": "http.request", "body": CONTENT}, headers=headers)
        assert sent[0]["status"] == 200
        assert (await call(app, {"type": "http.request"}, headers=headers))[0]["status"] == 401

    @pytest.mark.parametrize("headers", [[], [(b"x-kombo-signature", b"\xff")], [(b"x-kombo-signature", b"")]])
    async def test_wrong_signature_is_refused(self, headers: Any) -> None:
        listener = Listener()
        sent = await call(asgi_app(listener, SECRET), *pieces(CONTENT, size=100), headers=headers)
        assert sent[0]["status"] == 401
        assert listener.events == []

    async def test_body_that_is_not_an_event_is_refused(self) -> None:
        headers = [(b"x-kombo-signature", webhooks.sign(b"[]", SECRET).encode())]
        assert (await call(asgi_app(Listener(), SECRET), *pieces(b"[]", size=9), headers=headers))[0]["status"] == 400

    async def test_body_of_another_method_is_not_read(self) -> None:
        (start, _) = await call(asgi_app(Listener(), SECRET), method="GET")
        assert start["status"] == 405
        assert (b"allow", b"POST") in start["headers"]

    async def test_body_is_read_up_to_the_limit(self) -> None:
        listener = Listener()
        app = asgi_app(listener, SECRET, largest_body=len(CONTENT))
        headers = [(b"x-kombo-signature", SIGNATURE)]
        assert (await call(app, *pieces(CONTENT, size=50), headers=headers))[0]["status"] == 200
        endless = {"type": "http.request", "body": CONTENT + b" ", "more_body": True}
        assert (await call(app, endless, headers=headers))[0]["status"] == 413
        assert len(listener.events) == 1

    async def test_disconnected_client_gets_no_response(self) -> None:
        listener = Listener()
        first = {"type": "http.request", "body": CONTENT, "more_body": True}
        headers = [(b"x-kombo-signature", SIGNATURE)]
        assert await call(asgi_app(listener, SECRET), first, {"type": "http.disconnect"}, headers=headers) == []
        assert listener.events == []

    async def test_error_of_the_callback_is_propagated(self, caplog: pytest.LogCaptureFixture) -> None:
        wrong = RuntimeError("ina@tannenhof.example")
        headers = [(b"x-kombo-signature", SIGNATURE)]
        with pytest.raises(RuntimeError) as raised:
            await call(asgi_app(Listener(wrong), SECRET), *pieces(CONTENT, size=100), headers=headers)
        assert raised.value is wrong
        assert "evt-data-changed (data-changed): RuntimeError" in caplog.text
        assert "tannenhof" not in caplog.text

    async def test_id_and_type_are_escaped_and_cut_in_the_log(self, caplog: pytest.LogCaptureFixture) -> None:
        odd = "a\nERROR forged\x1b[2J\u202e" + "x" * 5_000
        content = json.dumps({"id": odd, "type": odd, "data": {}}).encode()
        headers = [(b"x-kombo-signature", webhooks.sign(content, SECRET).encode())]
        with pytest.raises(RuntimeError):
            await call(asgi_app(Listener(RuntimeError()), SECRET), *pieces(content, size=10_000), headers=headers)
        for record in caplog.records:
            assert record.getMessage().isprintable()
            assert len(record.getMessage()) < 400
        assert "the callback failed on webhook a\\nERROR forged\\x1b[2J\\u202exxx" in caplog.text

    async def test_websockets_are_closed_and_others_refused(self) -> None:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "websocket.connect"}

        await asgi_app(Listener(), SECRET)({"type": "websocket"}, receive, send)
        assert sent == [{"type": "websocket.close"}]
        with pytest.raises(NotImplementedError, match="not by carrier"):
            await asgi_app(Listener(), SECRET)({"type": "carrier"}, receive, send)


async def post(url: str, content: Any, headers: Any) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=content, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text()


def starlette_mounted(hook: Any) -> Any:
    return Starlette(routes=[Mount("/webhooks", hook)])


def starlette_route(hook: Any) -> Any:
    return Starlette(routes=[Route("/webhooks", hook)])


def fastapi_mounted(hook: Any) -> Any:
    app = FastAPI()
    app.mount("/webhooks", hook)
    return app


def fastapi_route(hook: Any) -> Any:
    app = FastAPI()
    app.routes.append(Route("/webhooks", hook))
    return app


def alone(hook: Any) -> Any:
    return hook


APPS: list[tuple[Callable[[Any], Any], str]] = [
    (starlette_mounted, "/webhooks/"),
    (starlette_route, "/webhooks"),
    (fastapi_mounted, "/webhooks/"),
    (fastapi_route, "/webhooks"),
    (alone, "/anywhere"),
]


@pytest.mark.parametrize(("make", "path"), APPS, ids=lambda it: getattr(it, "__name__", ""))
async def test_app_works_in_starlette_fastapi_and_alone(
    make: Callable[[Any], Any], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    listener = Listener()
    async with served(make(asgi_app(listener, [SECRET, "the-older-one"], largest_body=100_000))) as url:
        for secret, status in ((SECRET, 200), ("the-older-one", 200), ("another", 401)):
            assert (await post(url + path, CONTENT, signed(CONTENT, secret)))[0] == status
        assert (await post(url + path, CONTENT, {}))[0] == 401
        assert (await post(url + path, b"{}", signed(b"{}")))[0] == 400
        assert (await post(url + path, CONTENT.ljust(100_001), {}))[0] == 413
        async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")
        assert [event.type for event in listener.events] == ["data-changed"] * 2
        listener.wrong = RuntimeError("ina@tannenhof.example")
        status, text = await post(url + path, CONTENT, signed(CONTENT))
        assert status == 500
        assert "tannenhof" not in text
    (record,) = (
        each
        for each in caplog.records
        if each.name == "kombo_async" and each.levelno == logging.ERROR and "callback" in each.message
    )
    assert record.getMessage().endswith("RuntimeError")


async def test_mounted_app_redirects_to_the_trailing_slash() -> None:
    async with served(starlette_mounted(asgi_app(Listener(), SECRET))) as url:
        assert (await post(f"{url}/webhooks", CONTENT, signed(CONTENT)))[0] == 307


async def test_disconnect_under_uvicorn_calls_nothing() -> None:
    listener = Listener()
    async with served(starlette_route(asgi_app(listener, SECRET))) as url:
        host, port = url.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /webhooks HTTP/1.1\r\nHost: a\r\nX-Kombo-Signature: {SIGNATURE.decode()}\r\n"
        writer.write(f"{head}Content-Length: {len(CONTENT) + 1}\r\n\r\n".encode() + CONTENT)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await post(f"{url}/webhooks", CONTENT, signed(CONTENT)))[0] == 200
    assert len(listener.events) == 1
