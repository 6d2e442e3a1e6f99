"""Marked values go through everything, well and badly, and none is found in what is logged, shown or pickled.

A record itself shows its values, an `APIError` the words of Kombo, and the attribute `cursor` of an error its value:
that is what they are for.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import pickle
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kombo_async import KomboClient, KomboError, Limits, Page, RetryPolicy, Timeouts, events
from kombo_async.models.common import File
from kombo_async.models.general import MultipartField

from ..support.for_each import for_each

MARK = "Zq"
"""Everything that is secret begins so, and nothing else has it."""

Answer = Callable[[str], bytes]
"""What a server says, with a secret in it."""


def http(body: object, status: str = "200 OK", **headers: str) -> bytes:
    """Return an answer as it goes over the wire."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"{key}: {value}" for key, value in {"Content-Length": len(raw), **headers}.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + raw


def person(secret: str, **more: object) -> dict[str, object]:
    email = f"{secret}@x.example"
    return {"id": "e1", "first_name": secret, "work_email": email, "custom_fields": {"a": secret}, **more}


def page(*records: object, following: object = None) -> bytes:
    return http({"status": "success", "data": {"results": list(records), "next": following}})


def error(code: str | None, secret: str, status: str = "400 Bad") -> bytes:
    inner = {"code": code, "title": "A title", "message": "What Kombo says.", "data": secret, secret: secret}
    return http({"status": "error", "error": inner, secret: secret}, status)


ANSWERS: dict[str, Answer] = {
    "a page, and another one": lambda secret: page(person(secret), following=secret),
    "the last page": lambda secret: page(person(secret), person(secret)),
    "one thing": lambda secret: http({"status": "success", "data": person(secret), "warnings": [{"message": secret}]}),
    "passthrough": lambda secret: http(
        {"status": "success", "data": {"url": secret, "status": 200, "headers": {"x": secret}, "data": [secret]}}
    ),
    "a field of the wrong type": lambda secret: page(person(secret, first_name=[secret], employment_status=[secret])),
    "a date that is none": lambda secret: page(person(secret, changed_at=secret, date_of_birth=secret)),
    "a list that is none": lambda secret: page(person(secret, groups=secret, employments={secret: secret})),
    "records that are none": lambda secret: page(secret, [secret], None, following=secret),
    "a cursor that is none": lambda secret: page(person(secret), following={secret: secret}),
    "no page": lambda secret: http({"status": "success", "data": secret}),
    "keys nobody knows": lambda secret: http({secret: secret}),
    "half of the JSON": lambda secret: http(json.dumps({"status": "success", "data": person(secret)})[:60].encode()),
    "no UTF-8": lambda secret: http(b'{"status": "success", "data": "' + secret.encode() + b'\xff\xfe"}'),
    "HTML": lambda secret: http(f"<html>{secret}</html>".encode(), **{"Content-Type": "text/html"}),
    "HTML 502": lambda secret: http(f"<html>{secret}</html>".encode(), "502 Bad", **{"Content-Type": "text/html"}),
    "a strange reason": lambda secret: http(b"", f"503 {secret}"),
    "a redirect": lambda secret: http(b"", "302 Found", Location=f"https://{secret}.example/{secret}?key={secret}"),
    "a cookie": lambda secret: http({"data": {}}, **{"Set-Cookie": f"a={secret}", "X-Mine": secret}),
    "waits": lambda secret: http(b"", "503 Bad", **{"Retry-After": secret, "ratelimit-reset": secret}),
    "bad input": lambda secret: error("PLATFORM.INPUT_INVALID", secret),
    "an unknown error": lambda secret: error("PLATFORM.UNKNOWN_ERROR", secret, "500 Bad"),
    "the tool is down": lambda secret: error("REMOTE.SERVICE_UNAVAILABLE", secret, "503 Bad"),
    "an inactive integration": lambda secret: error("INTEGRATION.INACTIVE", secret, "200 OK"),
    "a rate limit": lambda secret: error("PLATFORM.RATE_LIMIT_EXCEEDED", secret, "429 Slow"),
    "an action limit": lambda secret: error("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", secret, "429 Slow"),
    "no answer": lambda secret: b"",
    "half of the headers": lambda secret: f"HTTP/1.1 200 OK\r\nX-Mine: {secret}".encode(),
    "half of the body": lambda secret: http(secret.encode() * 9)[:-9],
    "no HTTP": lambda secret: f"SSH-2.0 {secret}\r\n\r\n".encode(),
    "a header without a colon": lambda secret: f"HTTP/1.1 200 OK\r\n{secret}\r\n\r\n".encode(),
    "a length that is none": lambda secret: f"HTTP/1.1 200 OK\r\nContent-Length: {secret}\r\n\r\n{secret}".encode(),
    "no chunk": lambda secret: f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{secret}\r\n".encode(),
    "half of a gzip": lambda secret: http(gzip.compress(secret.encode() * 50)[:40], **{"Content-Encoding": "gzip"}),
    "no gzip": lambda secret: http(secret.encode(), **{"Content-Encoding": "gzip"}),
    "an encoding nobody knows": lambda secret: http(secret.encode(), **{"Content-Encoding": secret}),
}

Call = Callable[[KomboClient, str], Awaitable[Any]]


async def passthrough(client: KomboClient, secret: str, **more: Any) -> Any:
    return await client.send_passthrough_request(
        "personio", "personnel", "POST", f"/{secret}", headers={"X-Mine": secret}, params={"q": secret}, **more
    )


def files(secret: str) -> list[MultipartField]:
    file = File(name=f"{secret}.pdf", data=secret.encode())
    return [MultipartField(name="cv", value=file), MultipartField(name="who", value=secret)]


CALLS: dict[str, Call] = {
    "filters": lambda client, secret: client.hris.iter_employees(
        work_emails=[f"{secret}@x.example"], custom_fields={"a": secret}, remote_ids=[secret]
    ).collect(),
    "a page": lambda client, secret: client.hris.iter_employees(cursor=secret).first_page(),
    "a cursor": lambda client, secret: client.iter_integration_fields(cursor=secret, page_size=1).collect(),
    "the first page": lambda client, secret: client.iter_custom_fields(cursor=secret).first_page(),
    "a read": lambda client, secret: client.get_integration(),
    "a setting": lambda client, secret: client.update_custom_field_mapping(secret, integration_field_id=secret),
    "any read": lambda client, secret: client.request("GET", "/hris/people", params={"q": secret, "p": [secret]}),
    "any action": lambda client, secret: client.request("POST", "/hris/absences", json={"note": secret, secret: 1}),
    "passthrough": lambda client, secret: passthrough(client, secret, data={secret: secret}),
    "passthrough of text": lambda client, secret: passthrough(client, secret, data=secret),
    "passthrough of files": lambda client, secret: passthrough(client, secret, multipart_form_data=files(secret)),
}

MISUSES: list[Callable[[KomboClient, str], object]] = [
    lambda client, secret: client.hris.iter_employees(work_emails=f"{secret}@x.example"),  # type: ignore[arg-type]
    lambda client, secret: client.hris.iter_employees(work_emails=[f"{secret},a", secret]),
    lambda client, secret: client.hris.iter_employees(work_emails=[secret.encode()]),  # type: ignore[list-item]
    lambda client, secret: client.hris.iter_employees(custom_fields={"a": [secret]}),  # type: ignore[dict-item]
    lambda client, secret: client.hris.iter_employees(custom_fields={"a": secret, "b": secret}),
    lambda client, secret: client.hris.iter_employees(include_deleted=secret),  # type: ignore[typeddict-item]
    lambda client, secret: client.hris.iter_employees(updated_after=secret),  # type: ignore[typeddict-item]
    lambda client, secret: client.hris.iter_employees(cursor=[secret]),  # type: ignore[typeddict-item]
    lambda client, secret: KomboClient(f"{secret} {secret}"),
    lambda client, secret: KomboClient("k", base_url=f"https://{secret}:{secret}@kombo.test"),
]

ASYNC_MISUSES: list[Call] = [
    lambda client, secret: client.request("GET", "/a", json={"a": secret}),
    lambda client, secret: client.request("GET", "/a", params={"q": {"a": secret}}),
    lambda client, secret: client.request("POST", f"/a?q={secret}"),
    lambda client, secret: client.request("POST", "/a", json={"a": {secret}, "b": object()}),
    lambda client, secret: passthrough(client, secret, data=secret.encode()),
    lambda client, secret: passthrough(client, secret, data=secret, multipart_form_data=files(secret)),
    lambda client, secret: client.send_passthrough_request("p", "q", "GET", "/", params={"q": [secret]}),  # type: ignore[dict-item]
]


class Listening(logging.Handler):
    """Keeps all that is logged, as a file would have it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [self.format(record), repr(record.args), repr(record.__dict__.get("exc_info"))]


@contextmanager
def listening() -> Iterator[list[str]]:
    """Listen to all loggers, at their most talkative."""
    root, handler = logging.getLogger(), Listening()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@asynccontextmanager
async def server(answers: list[bytes]) -> AsyncIterator[str]:
    """Say one answer after the other, and the last one again and again."""
    left = iter(answers)
    last = answers[-1]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(next(left, last))
            await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"


def shown(error: BaseException) -> Iterator[str]:
    """Return all ways in which an exception is shown or handed on, with what led to it."""
    # The lines of this file are no secret, and have no secret in them.
    yield "".join(traceback.format_exception(error))
    yield f"{error} {error!r}"
    if isinstance(error, KomboError):
        error.cursor = None
        if hasattr(error, "next_cursor"):
            error.next_cursor = None
        yield pickle.dumps(error, 0).decode("latin-1")
    led: BaseException | None = error
    while (led := led.__cause__ or (None if led.__suppress_context__ else led.__context__)) is not None:
        yield f"{led} {led!r} {led.args}"


async def go_through(secret: str, answers: list[bytes], call: Call) -> AsyncIterator[tuple[str, str]]:
    """Do everything with a secret; give what can be seen of it, and what that is."""
    seen: list[events.CallEvent] = []

    def broken(event: events.CallEvent) -> None:
        raise RuntimeError(f"{secret} of the application")

    async with (
        server(answers) as base_url,
        KomboClient(
            f"ks_{secret}",
            base_url=base_url,
            integration_id="personio:1",
            retry=RetryPolicy(attempts=3, first_wait=0.001, longest_wait=0.001),
            timeouts=Timeouts(read_deadline=5, action_deadline=5),
            limits=Limits.off(),
            observers=[broken, seen.append],
        ) as client,
    ):
        try:
            result = await call(client, secret)
        except KomboError as error:
            for text in shown(error):
                yield "error", text
        else:
            if isinstance(result, Page):
                yield "page", f"{result} {result!r}"
        for misuse in MISUSES:
            with pytest.raises((TypeError, ValueError)) as raised:
                misuse(client, secret)
            yield "misuse", "".join(shown(raised.value))
        for wrong in ASYNC_MISUSES:
            with pytest.raises((TypeError, ValueError)) as raised:
                await wrong(client, secret)
            yield "misuse", "".join(shown(raised.value))
        pager = client.hris.iter_employees(work_emails=[f"{secret}@x.example"], cursor=secret)
        for thing in (client, client.for_integration("a:b"), client.hris, pager, pager.pages(), aiter(pager)):
            yield type(thing).__name__, f"{thing} {thing!r}"
    assert seen
    for event in seen:
        yield "event", f"{event} {event!r} {pickle.dumps(event, 0)!r}"


@given(
    rest=st.text("abcXYZ019_-.~+", max_size=20),
    names=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=4),
    call=st.sampled_from(sorted(CALLS)),
)
def test_no_secret_is_in_reprs_errors_or_logs(rest: str, names: list[str], call: str) -> None:
    secret = MARK + rest

    async def check() -> None:
        async with asyncio.timeout(30):
            async for kind, text in go_through(secret, [ANSWERS[name](secret) for name in names], CALLS[call]):
                assert MARK not in text, kind

    with listening() as lines:
        asyncio.run(check())
    assert any("attempt" in line or "observer" in line for line in lines)
    assert MARK not in "\n".join(lines)


@pytest.mark.parametrize("call", ["filters", "passthrough"])
@for_each("name", sorted(ANSWERS))
def test_no_secret_of_any_kind_of_response_is_shown(name: str, call: str) -> None:
    """The same for each response by itself, independent of the random choice."""
    test_no_secret_is_in_reprs_errors_or_logs.hypothesis.inner_test("secret", [name], call)  # type: ignore[attr-defined]
