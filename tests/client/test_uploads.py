"""Bodies of changes on connections that are given up: executed at most once, and never called unsent where they ran."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
import trustme

from kombo_async import KomboClient, KomboError, OutcomeUnknownError, Reply, RetryPolicy, Timeouts

OK = b'{"status":"success","data":{"id":"x"},"warnings":[]}'
LIMIT = json.dumps({"status": "error", "error": {"code": "PLATFORM.RATE_LIMIT_EXCEEDED", "message": "m"}}).encode()
SIZES = [1_000, 66_000, 300_000, *range(2_400_000, 3_600_000, 200_000), 5_000_000]


def response(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


class SlowServer:
    """Reads no body before `reads` is set; executes each request whose body arrives whole."""

    def __init__(self) -> None:
        self.executed = 0
        self.connections = 0
        self.reads = asyncio.Event()
        self.begun = asyncio.Event()
        self.connected_again = asyncio.Event()
        self.early: bytes | None = None
        self.half_closes = False
        self.ended: list[asyncio.Task[None]] = []
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.connections == 2:
            self.connected_again.set()
        task = asyncio.current_task()
        assert task is not None
        self.ended.append(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = int(head.lower().partition("content-length:")[2].split()[0])
                self.begun.set()
                if self.early is not None:
                    writer.write(self.early)
                    self.early = None
                if self.half_closes:
                    writer.write_eof()
                await self.reads.wait()
                if not writer.is_closing():
                    # What is left is read fast.
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
                await reader.readexactly(size)
                self.executed += 1
                if self.half_closes:
                    break
                writer.write(response(OK))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def settled(self) -> None:
        """Wait until every connection has ended."""
        self.reads.set()
        async with asyncio.timeout(20):
            await asyncio.gather(*self.ended)


@asynccontextmanager
async def slow_server(context: ssl.SSLContext | None = None) -> AsyncIterator[SlowServer]:
    server = SlowServer()
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listening.bind(("127.0.0.1", 0))
    running = await asyncio.start_server(server.handle, sock=listening, limit=2**12, ssl=context)
    scheme = "http" if context is None else "https"
    server.url = f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/v1"
    try:
        yield server
    finally:
        running.close()


@pytest.fixture(scope="module")
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    return server, client


async def deadline(client: KomboClient, server: SlowServer, call: asyncio.Task[object]) -> None:
    await asyncio.wait([call])


async def cancellation(client: KomboClient, server: SlowServer, call: asyncio.Task[object]) -> None:
    await server.begun.wait()
    await asyncio.sleep(0.1)
    call.cancel()
    await asyncio.wait([call])


async def closing(client: KomboClient, server: SlowServer, call: asyncio.Task[object]) -> None:
    await server.begun.wait()
    await asyncio.sleep(0.1)
    await client.close()


GiveUp = Callable[[KomboClient, SlowServer, "asyncio.Task[object]"], Awaitable[None]]


@pytest.mark.parametrize("session", ["own", "given"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("give_up", [deadline, cancellation, closing], ids=lambda function: function.__name__)
async def test_body_on_a_connection_that_is_given_up_is_not_sent_later(
    give_up: GiveUp, tls: bool, session: str, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    async def one(size: int) -> None:
        async with slow_server(contexts[0] if tls else None) as server, asyncio.timeout(30):
            given = None
            if session == "given":
                given = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=contexts[1]))
            client = KomboClient(
                "key",
                base_url=server.url,
                integration_id="personio:1",
                session=given,
                ssl=contexts[1] if tls and given is None else None,
                timeouts=Timeouts(action_deadline=0.4 if give_up is deadline else 30.0),
            )
            call = asyncio.create_task(client.request("POST", "/hris/absences", json={"note": "y" * size}))
            await give_up(client, server, call)
            outcome = (await asyncio.gather(call, return_exceptions=True))[0]
            await client.close()
            await server.settled()
            if given is not None:
                await given.close()
            assert server.executed <= 1
            if isinstance(outcome, KomboError):
                assert outcome.may_have_run or not server.executed, (size, outcome)
            else:
                assert isinstance(outcome, asyncio.CancelledError)
            # The last part was still in a buffer of this process: nothing may send it now.
            if size == SIZES[-1]:
                assert not server.executed

    await asyncio.gather(*map(one, SIZES))


EARLY = {
    "refusal": response(LIMIT, "429 Too Many Requests", "Retry-After: 0.1\r\n"),
    "malformed head": b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
    "malformed chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("early", EARLY)
async def test_response_before_the_body_was_read_does_not_lead_to_two_executions(
    early: str, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    # More than the buffers of the operating system take.
    for size in (5_000_000, 8_000_000):
        async with slow_server(contexts[0] if tls else None) as server, asyncio.timeout(30):
            server.early = EARLY[early]
            async with KomboClient(
                "key",
                base_url=server.url,
                integration_id="personio:1",
                ssl=contexts[1] if tls else None,
                retry=RetryPolicy(first_wait=0.01),
            ) as client:
                call = asyncio.create_task(client.request("POST", "/hris/absences", json={"note": "y" * size}))
                await asyncio.wait(
                    [call, asyncio.create_task(server.connected_again.wait())], return_when="FIRST_COMPLETED"
                )
                server.reads.set()
                outcome = (await asyncio.gather(call, return_exceptions=True))[0]
            await server.settled()
            assert server.executed <= 1
            assert isinstance(outcome, OutcomeUnknownError) or (isinstance(outcome, Reply) and server.executed == 1), (
                outcome
            )


async def test_body_to_a_server_that_half_closes_and_reads_on_is_not_called_unsent() -> None:
    failed_callbacks: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed_callbacks.append(context))

    async def one(size: int) -> None:
        async with slow_server() as server, asyncio.timeout(30):
            server.half_closes = True
            async with KomboClient(
                "key", base_url=server.url, integration_id="personio:1", retry=RetryPolicy(first_wait=0.01)
            ) as client:
                call = asyncio.create_task(client.request("POST", "/hris/absences", json={"note": "y" * size}))
                await server.begun.wait()
                await asyncio.sleep(0.1)
                server.reads.set()
                outcome = (await asyncio.gather(call, return_exceptions=True))[0]
            await server.settled()
            assert isinstance(outcome, KomboError), outcome
            assert server.executed <= 1
            assert outcome.may_have_run or not server.executed, (size, outcome)

    await asyncio.gather(*map(one, (66_000, 2_700_000, 2_800_000, 2_900_000, 3_000_000)))
    assert not failed_callbacks
