"""Whatever a client sends, the sandbox refuses it with an error of the API: no 500, no traceback, no memory lost."""

from __future__ import annotations

import asyncio
import copy
import gzip
import io
import json
import logging
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any
from urllib.parse import quote

import attrs
import pytest

from kombo_async import KomboClient, Pager
from kombo_async.sandbox import ReceivedRequest, SandboxConfig, SandboxThread
from kombo_async.sandbox.http.app import SandboxApp

from ..support.calls.ids import Ids, all_calls, integration_for
from ..support.sandbox_api import Api, Open

KEY = b"Authorization: Bearer ks_dev_sandbox\r\n"
MIB = 1024**2


@pytest.fixture(autouse=True)
def _nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if anything was logged as an error, by the sandbox, by aiohttp or by asyncio."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def exchange(api: Api, *sent: bytes, abort: bool = False, end: bytes = b"") -> bytes:
    """Send bytes on a connection of their own; return what is answered until the sandbox closes it, or until *end*."""
    host, port = api.sandbox.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        for piece in sent:
            writer.write(piece)
            await writer.drain()
        if abort:
            writer.transport.abort()
            return b""
        return await asyncio.wait_for(reader.readuntil(end) if end else reader.read(), 30)
    except ConnectionError:
        return b"closed"
    finally:
        writer.close()


def request(
    path: str | bytes = b"/v1/hris/absences", head: bytes = KEY, body: bytes = b"", method: bytes = b"POST"
) -> bytes:
    path = path.encode() if isinstance(path, str) else path
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return b"%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s%s\r\n%s" % (method, path, head, length, body)


GET = b"GET"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
MESSAGES: dict[str, tuple[bytes, set[bytes]]] = {
    "key that is not UTF-8": (request(head=b"Authorization: Bearer \xff\xfe\r\n"), {b"401"}),
    "key that is not ASCII": (request(head="Authorization: Bearer ü\r\n".encode()), {b"401"}),
    "blank key": (request(head=b"Authorization: Bearer \r\n"), {b"401"}),
    "two keys": (request(head=b"Authorization: Bearer x\r\n" + KEY), {b"401"}),
    "integration that is not UTF-8": (request(head=KEY + b"X-Integration-Id: \xff:\xfe\r\n"), {b"404"}),
    "path that is not UTF-8": (request(b"/v1/integrations/%ff%00%zz", method=GET), {b"404"}),
    "raw bytes in the query": (request(b"/v1/hris/employees?ids=\xff", method=GET), {b"400"}),
    "method that is no word": (request(method=b"G\xffT"), {b"400"}),
    "length that is no number": (request(head=KEY + b"Content-Length: many\r\n"), {b"400"}),
    "length beyond 64 bits": (request(head=KEY + b"Content-Length: 99999999999999999999\r\n"), {b"400"}),
    "chunk size that is no number": (request(head=KEY + CHUNKED) + b"zz\r\n", {b"400"}),
    "gzip that is none": (request(head=KEY + b"Content-Encoding: gzip\r\n", body=b"junk"), {b"400"}),
    "gzip that is none, without a key": (request(head=b"Content-Encoding: gzip\r\n", body=b"junk"), {b"401"}),
    "half of a gzip stream": (
        request(head=KEY + b"Content-Encoding: gzip\r\n", body=gzip.compress(b"x" * 999)[:20]), {b"400"}
    ),
    "unknown expectation": (request("/v1/check-api-key", KEY + b"Expect: 1\xff0-continue\r\n", method=GET), {b"200"}),
    "upgrade to a web socket": (
        request("/v1/check-api-key", KEY + b"Connection: Upgrade\r\nUpgrade: websocket\r\n", method=GET), {b"200"}
    ),
    "deeply nested body": (request(body=b'{"a":' * 50_000), {b"400"}),
    "body nested deeper than is taken": (request(body=b'{"a":' * 150 + b"1" + b"}" * 150), {b"400"}),
    "lone surrogate": (request(body=b'{"employee_id":"\\ud800"}'), {b"400"}),
    "number beyond any": (request(body=b'{"amount":1e999}'), {b"400"}),
    "number of 10,000 digits": (request(body=b'{"amount":' + b"9" * 10_000 + b"}"), {b"400"}),
    "deeply nested filter": (
        request("/v1/hris/employees?custom_fields=" + "%5B" * 2_000, method=GET), {b"400"}
    ),
    "time beyond the calendar": (
        request("/v1/hris/employees?updated_after=9999-12-31T23:59:59.9999999Z", method=GET), {b"200"}
    ),
    "page size of 5,000 digits": (request("/v1/hris/employees?page_size=" + "9" * 5_000, method=GET), {b"400"}),
    "lines that are no JSON": (
        request("/v1/ai-apply/job-feeds/x/postings", KEY + b"Content-Type: application/x-ndjson\r\n", b"\xff\n"),
        {b"404"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("message", "statuses"), MESSAGES.values(), ids=MESSAGES)
async def test_malformed_message_is_refused(api: Api, message: bytes, statuses: set[bytes]) -> None:
    if b"X-Integration-Id" not in message:
        message = message.replace(b"\r\n", f"\r\nX-Integration-Id: {api.integration_id}\r\n".encode(), 1)
    answer = await exchange(api, message)
    assert answer.partition(b"\r\n")[0].split()[1] in statuses, answer
    assert (await api.get("/check-api-key")).status == 200


async def test_connection_lost_in_a_body_is_not_logged(api: Api) -> None:
    for body in (request(head=KEY + b"Content-Length: 99\r\n") + b"{", request(head=KEY + CHUNKED) + b"5\r\n{"):
        await exchange(api, body, abort=True)
        await exchange(api, body[:30], abort=True)
    assert (await api.get("/check-api-key")).status == 200


async def test_continue_is_sent_only_to_clients_that_know_it(api: Api) -> None:
    head = KEY + b"Expect: 100-continue\r\n"
    answer = await exchange(api, request("/v1/force-sync", head, b"{}"))
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 ")
    old = request("/v1/force-sync", head, b"{}").replace(b"HTTP/1.1", b"HTTP/1.0")
    assert (await exchange(api, old)).startswith(b"HTTP/1.0 400 ")


@cache
def bomb(mebibytes: int) -> bytes:
    """Return a gzip stream, a thousandth of what it decompresses to."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(b"0" * MIB) for _ in range(mebibytes)), packer.flush()])


# Before 3.14, aiohttp itself refuses a piece that becomes more than 32 MiB, with 400.
@pytest.mark.parametrize(
    ("head", "statuses"), [(KEY, {b"413", b"400"}), (b"", {b"401"})], ids=["with the key", "without a key"]
)
async def test_body_that_decompresses_beyond_the_limit_is_refused(api: Api, head: bytes, statuses: set[bytes]) -> None:
    attack = asyncio.create_task(exchange(api, request(head=head + b"Content-Encoding: gzip\r\n", body=bomb(100))))
    tracemalloc.start()
    while not attack.done():
        assert (await api.get("/check-api-key")).status == 200
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    answer = await attack
    assert answer.split()[1] in statuses
    assert peak < 90 * MIB
    assert all(received.body == b"" for received in api.sandbox.requests)


async def test_body_larger_than_the_limit_is_refused_while_it_is_sent(api: Api) -> None:
    # The last chunk is missing: the sandbox would wait for it before it closes the connection.
    chunks = [b"100000\r\n" + b"x" * 0x100000 + b"\r\n"] * 24
    answer = await exchange(api, request(head=KEY + CHUNKED), *chunks, end=b"\r\n\r\n")
    assert answer.split()[1] == b"413" or answer == b"closed"
    assert api.sandbox.requests[-1].body == b""
    assert (await api.get("/check-api-key")).status == 200


async def test_bodies_without_the_key_are_not_kept(api: Api) -> None:
    for head in (b"", b"Authorization: Bearer wrong\r\n"):
        answer = await exchange(api, request("/v1/x", head, b"x" * MIB))
        assert answer.split()[1] == b"401"
        assert (api.sandbox.requests[-1].path, api.sandbox.requests[-1].body) == ("/v1/x", b"")


async def test_kept_requests_are_bounded_by_memory(open_api: Open) -> None:
    async with open_api(kept_bytes=4 * MIB) as api:
        for number in range(12):
            body = json.dumps({"type": "FULL", "number": number, "text": "x" * 2 * MIB}).encode()
            await api("POST", "/force-sync", data=io.BytesIO(body))
        kept = list(api.sandbox.requests)
        assert 1 <= len(kept) <= 4
        assert all(len(received.body) == MIB for received in kept)
        assert json.loads(kept[-1].body[: kept[-1].body.index(b', "text"')] + b"}")["number"] == 11
        many = {f"X-{number}": "x" * 50 for number in range(100)}
        for _ in range(200):
            await api("GET", "/check-api-key", headers={**many, "Authorization": None})
        assert 50 < len(api.sandbox.requests) < 140
        api.sandbox.requests.clear()
        await api.get("/check-api-key")
        assert len(api.sandbox.requests) == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", "/hris/skills/{skill}", {"unknown": 1}, 200),
        ("POST", "/hris/employees/form", {"properties": {"firstName": "A", "startDate": "2026-02-30"}}, 400),
        ("POST", "/hris/employees/form", {"properties": {"firstName": "A", "startDate": 7}}, 400),
        ("POST", "/hris/employees/form", {"properties": {"firstName": 7}}, 400),
        ("POST", "/hris/employees/form", {"properties": {"firstName": "A", "startDate": None}}, 200),
        ("POST", "/passthrough/personio/personnel", {"method": "GET", "path": "//[::"}, 200),
        (
            "PATCH",
            "/hris/employees/{employee}",
            {"work_email": "a@b.example", "start_date": "9999-12-31T23:59:59.9999999Z"},
            200,
        ),
        ("PATCH", "/hris/employees/{employee}", {"work_email": "a@b.example", "start_date": "2026-02-30"}, 400),
    ],
)
async def test_odd_body_is_refused_or_understood(
    api: Api, method: str, path: str, body: dict[str, Any], status: int
) -> None:
    for name in ("skill", "employee"):
        if name in path:
            path = path.format(**{name: (await api.get(f"/hris/{name}s")).results[0]["id"]})
    got = await api(method, path, json=body)
    assert got.status == status, got.json


ODD: list[Any] = [
    None, True, -1, 2**64, 10**300, 1e308, 5e-324, "", "a" * 5_000, "\x00", "\n\r", "😀", "null", "9999-12-31",
    "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+23:59", "2026-02-30", "2026-01-31T08:15:00+02:00",
    "2026-01-31T24:00:00Z", "remote:", "remote:²", "٣", "http://[", "//[::", "/..", "%", "{0}", "$[0]", "`", ",", [],
    {}, [None], [{}], {"": ""}, ["a"] * 50, [1, "2"], {"status": "x"}, {"id": None, "a.b[0]": 1},
]  # fmt: skip


def mutate(node: Any, random: Random) -> Any:
    """Return the JSON with an odd value put somewhere in it, or with a key left out."""
    node = copy.deepcopy(node)
    place: Any = node
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return node
        key = random.choice(keys)
        if isinstance(place[key], dict | list) and random.random() < 0.7:
            place = place[key]
            continue
        if random.random() < 0.15:
            del place[key]
        elif isinstance(place, dict) and random.random() < 0.15:
            place[random.choice(["x", "", "id", "type", "a.b", "a[0]", "`"])] = random.choice(ODD)
        else:
            place[key] = random.choice(ODD)
        return node


async def writes() -> list[ReceivedRequest]:
    """Return requests that are right, of all operations that take a body."""
    with SandboxThread(SandboxConfig(fields=30, employees=80, sync_seconds=0)) as sandbox:
        ids = Ids(sandbox)
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
            for call in all_calls():
                if ".iter_" not in f".{call.name}":
                    made: Any = call.make(client.for_integration(integration_for(sandbox, call)), ids)
                    await (made.collect(limit=3) if isinstance(made, Pager) else made)
        return [received for received in sandbox.requests if received.body]


@pytest.mark.filterwarnings("ignore:.*deprecated at Kombo:DeprecationWarning")
async def test_odd_bodies_queries_and_paths_are_refused_as_input() -> None:
    seeds, random = await writes(), Random(13)
    app = SandboxApp(SandboxConfig(fields=30, employees=80, sync_seconds=0), "ks_dev_sandbox")
    for received in seeds * 4:
        body, path, query = received.body, received.path, received.query
        if body.startswith(b"{") and b"\n" not in body:
            body = json.dumps(mutate(json.loads(body), random)).encode()
        if random.random() < 0.1:
            *segments, _ = path.split("/")
            path = "/".join([*segments, quote(str(random.choice(ODD)), safe="%")])
        if random.random() < 0.1:
            query = [*query, (random.choice(["ids", "cursor", "updated_after", "period"]), str(random.choice(ODD)))]
        answer = await app.respond(
            attrs.evolve(received, body=body, path=path, query=query, time=time.monotonic()),
        )
        assert answer.status < 500 or b"REMOTE." in answer.body, (received.method, path, query, body, answer)
