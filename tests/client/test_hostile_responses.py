"""Responses of a server that is broken or hostile: bounded, and never given to the wrong request."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Literal

import aiohttp
import pytest
import trustme

from kombo_async import KomboClient, KomboConnectionError, Limits, OutcomeUnknownError, RetryPolicy

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handle, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    scheme = "http" if context is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def read_request(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = head.lower().partition("content-length:")[2].split()
    if length:
        await reader.readexactly(int(length[0]))
    return head.split()[1]


def response(body: bytes, headers: str = "", status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


def answers(*parts: bytes) -> tuple[Handle, list[str]]:
    seen: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await read_request(reader))
            for part in parts:
                writer.write(part)
                await writer.drain()

    return handle, seen


MIB = 1024**2
BIG = b'{"status":"success","data":"' + b"a" * 3 * MIB + b'"}'
TOO_LARGE = {
    "announced": [response(BIG)],
    "unpacked": [response(gzip.compress(BIG), "Content-Encoding: gzip\r\n")],
    "error": [response(gzip.compress(BIG), "Content-Encoding: gzip\r\n", "500 Internal Server Error")],
    "chunked": [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        *[b"%x\r\n%s\r\n" % (MIB, b"a" * MIB)] * 3,
    ],
}


@pytest.mark.parametrize("parts", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_response_that_is_too_large_is_dropped_and_not_retried(parts: list[bytes]) -> None:
    handle, seen = answers(*parts)
    async with serving(handle) as url:
        async with KomboClient("key", base_url=url, limits=Limits(max_response_bytes=2 * MIB)) as client:
            with pytest.raises(KomboConnectionError, match="more than 2,097,152 bytes") as raised:
                await client.request("GET", "/a")
            assert "max_response_bytes" in str(raised.value.hint)
            assert len(seen) == 1
            with pytest.raises(OutcomeUnknownError, match="more than 2,097,152 bytes"):
                await client.request("POST", "/a", json={})


async def test_response_up_to_the_limit_is_read() -> None:
    for parts in ([response(BIG)], [response(gzip.compress(BIG), "Content-Encoding: gzip\r\n")]):
        handle, _ = answers(*parts)
        async with serving(handle) as url:
            async with KomboClient("key", base_url=url, limits=Limits(max_response_bytes=len(BIG))) as client:
                assert len((await client.request("GET", "/a")).data) == 3 * MIB


async def test_unsolicited_response_is_never_that_to_the_next_request() -> None:
    connections, sent = 0, asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            path = await read_request(reader)
            writer.write(response(b'{"status":"success","data":"%s"}' % path.encode()))
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(response(b'{"status":"success","data":"of another person"}'))
            await writer.drain()
            sent.set()

    async with serving(handle) as url, KomboClient("key", base_url=url) as client:
        for number in range(4):
            assert (await client.request("GET", f"/{number}")).data == f"/v1/{number}"
            await sent.wait()
            sent.clear()
            # The event loop reads what has arrived before this timer fires, however late it is.
            await asyncio.sleep(0.05)
    assert connections == 4


async def test_unsolicited_response_that_a_busy_event_loop_has_not_read_is_never_that_to_the_next_request() -> None:
    received, sent = threading.Event(), threading.Event()

    def serve(listener: socket.socket) -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            # The client closes it while there is data to read, which resets it.
            with connection, suppress(ConnectionResetError):
                path = connection.recv(65_536).split()[1]
                connection.sendall(response(b'{"status":"success","data":"%s"}' % path))
                received.wait(10)
                connection.sendall(response(b'{"status":"success","data":"of another person"}'))
                sent.set()
                while connection.recv(65_536):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        async with asyncio.timeout(20), KomboClient("key", base_url=base_url) as client:
            assert (await client.request("GET", "/0")).data == "/v1/0"
            received.set()
            # The event loop is blocked: what arrives meanwhile stays in the socket.
            assert sent.wait(10)
            assert (await client.request("GET", "/1")).data == "/v1/1"
        server.join(10)


FLOODS = {
    "interim responses": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "reason": b"HTTP/1.1 200 " + b"a" * 16_384,
    "header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 16_384,
    "headers": b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 500,
    "trailers": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: a\r\n" * 500,
}


async def send_until_closed(writer: asyncio.StreamWriter, data: bytes) -> None:
    while not writer.transport.is_closing():
        writer.write(data)
        await writer.drain()


@pytest.mark.parametrize("flood", FLOODS)
async def test_endless_responses_and_headers_end_the_request_without_waiting_for_its_deadline(flood: str) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        # As much at once as uvloop reads in one piece, or more.
        await send_until_closed(writer, FLOODS[flood] * 20_000 if flood == "interim responses" else FLOODS[flood])

    async with serving(handle) as url, KomboClient("key", base_url=url, retry=RetryPolicy(attempts=1)) as client:
        message = "more than 100 responses" if flood == "interim responses" else "not HTTP, or its headers are too"
        async with asyncio.timeout(10):
            with pytest.raises(KomboConnectionError, match=message):
                await client.request("GET", "/a")
            with pytest.raises(OutcomeUnknownError, match=message):
                await client.request("POST", "/a", json={})


async def test_endless_responses_on_an_idle_connection_close_it() -> None:
    closed = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(response(b'{"status":"success","data":1}'))
        await writer.drain()
        await asyncio.sleep(0.02)
        try:
            await send_until_closed(writer, FLOODS["interim responses"] * 1_000)
        finally:
            closed.set()

    async with serving(handle) as url, KomboClient("key", base_url=url) as client:
        assert (await client.request("GET", "/a")).data == 1
        async with asyncio.timeout(10):
            await closed.wait()


TLS_FLOODS = {
    "not HTTP": FLOODS["headers"],
    "too large": b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n" + b" " * 16_384,
    "cancelled": b"\r\n" * 8_192,
}


@pytest.mark.parametrize("flood", TLS_FLOODS)
async def test_connection_with_tls_is_not_read_after_its_request_has_failed(flood: str) -> None:
    authority = trustme.CA()
    context, trusting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(trusting)
    stopped = threading.Event()

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as tls:
            tls.recv(65_536)
            while not stopped.is_set():
                tls.sendall(TLS_FLOODS[flood])

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = asyncio.create_task(asyncio.to_thread(serve, listener))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/v1"
        async with KomboClient("key", base_url=url, ssl=trusting, retry=RetryPolicy(attempts=1)) as client:
            with pytest.raises(KomboConnectionError if flood != "cancelled" else TimeoutError):
                async with asyncio.timeout(0.3 if flood == "cancelled" else 10):
                    await client.request("GET", "/a")
            # Before the client is closed. The server ends when the connection does.
            ended, _ = await asyncio.wait([server], timeout=5)
            stopped.set()
            await server
    assert ended


async def test_a_hundred_interim_responses_are_read() -> None:
    handle, _ = answers(FLOODS["interim responses"] * 99 + response(b'{"status":"success","data":1}'))
    async with serving(handle) as url, KomboClient("key", base_url=url) as client:
        assert (await client.request("GET", "/a")).data == 1


async def test_change_of_protocol_leaves_no_connection_open() -> None:
    closed = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
        await reader.read()
        closed.set()

    async with serving(handle) as url, KomboClient("key", base_url=url) as client:
        with pytest.raises(Exception, match="101"):
            await client.request("POST", "/a", json={})
        async with asyncio.timeout(5):
            await closed.wait()


@pytest.mark.parametrize("session", ["own", "given"])
@pytest.mark.parametrize("fault", ["untrusted", "other host", "no TLS"])
async def test_permanent_tls_failure_is_raised_at_once(fault: str, session: str) -> None:
    connections = 0
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1" if fault == "untrusted" else "example.org").configure_cert(context)
    trusting = ssl.create_default_context()
    if fault != "untrusted":
        authority.configure_trust(trusting)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        if fault == "no TLS":
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()

    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # of the server's handshakes
    async with serving(handle, None if fault == "no TLS" else context) as url:
        own = session == "own"
        given = None if own else aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting))
        async with KomboClient(
            "key", base_url=url.replace("http:", "https:"), session=given, ssl=trusting if own else None
        ) as client:
            with pytest.raises(KomboConnectionError) as raised:
                async with asyncio.timeout(10):
                    await client.check_api_key()
        if given is not None:
            await given.close()
    assert raised.value.permanent
    assert raised.value.attempts == 1
    assert "certificate" in str(raised.value) or fault == "no TLS"


async def serve_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, context: ssl.SSLContext) -> None:
    """Do the handshake of a server, and keep the connection open after it has failed: a server that closes it while
    data is unread would reset it, so that the client might not see the alert."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side=True)
    while data := await reader.read(65_536):
        incoming.write(data)
        with suppress(ssl.SSLError):
            tls.do_handshake()
        writer.write(outgoing.read())
        await writer.drain()


TLS_REFUSALS: dict[str, Callable[[ssl.SSLContext, trustme.CA], None]] = {
    "certificate required": lambda server, authority: require_certificate(server, authority, ssl.TLSVersion.TLSv1_3),
    "certificate required by TLS 1.2": lambda server, authority: require_certificate(
        server, authority, ssl.TLSVersion.TLSv1_2
    ),
    "no common cipher": lambda server, _: server.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256"),
    "no common version": lambda server, _: setattr(server, "minimum_version", ssl.TLSVersion.TLSv1_3),
}


def require_certificate(server: ssl.SSLContext, authority: trustme.CA, version: ssl.TLSVersion) -> None:
    server.maximum_version = version
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("refusal", TLS_REFUSALS)
async def test_refused_tls_is_not_retried_and_nothing_has_run(refusal: str, method: Literal["GET", "POST"]) -> None:
    authority = trustme.CA()
    server, client_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client_context)
    TLS_REFUSALS[refusal](server, authority)
    if refusal.startswith("no common"):
        client_context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
        client_context.maximum_version = ssl.TLSVersion.TLSv1_2

    async with serving(lambda reader, writer: serve_tls(reader, writer, server)) as url:
        async with KomboClient("key", base_url=url.replace("http:", "https:"), ssl=client_context) as client:
            with pytest.raises(KomboConnectionError, match="ALERT") as raised:
                await client.request(method, "/a")
    error = raised.value
    assert (error.permanent, error.attempts, error.may_have_run) == (True, 1, False)
    assert error.hint is not None
    assert "client certificate" in error.hint
