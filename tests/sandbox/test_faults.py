"""Faults: what a client sees, and whether the operation was executed."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from kombo_async.sandbox import Fault

from ..support.sandbox_api import Api, Open
from ..support.waiting import until

_ANSWERS: list[tuple[Fault, int, str, Callable[[bytes], bool]]] = [
    (Fault.error("REMOTE.SERVICE_UNAVAILABLE", "down"), 503, "application/json", lambda b: b"REMOTE.SERVICE" in b),
    (Fault.error("MOON.PHASE_WRONG"), 500, "application/json", lambda b: b"MOON.PHASE_WRONG" in b),
    (Fault.error(None, status=502), 502, "application/json", lambda b: b'"code":null' in b),
    (Fault.error("PLATFORM.UNKNOWN_ERROR", status=200), 200, "application/json", lambda b: b'"error"' in b),
    (Fault.html_502(), 502, "text/html", lambda b: b.startswith(b"<html>")),
    (Fault.text("upstream timed out"), 503, "text/plain", lambda b: b == b"upstream timed out"),
    (Fault.empty(), 503, "application/json", lambda b: b == b""),
    (Fault.message_only(), 503, "application/json", lambda b: set(json.loads(b)["error"]) == {"message"}),
    (Fault.json([1, 2], status=500), 500, "application/json", lambda b: b == b"[1,2]"),
    (Fault.raw(b'{"status": "succ'), 200, "application/json", lambda b: b == b'{"status": "succ'),
    (Fault.raw(b"{}", content_type="text/csv"), 200, "text/csv", lambda b: b == b"{}"),
    (Fault.redirect("/v1/elsewhere"), 307, "application/json", lambda b: b == b""),
]


@pytest.mark.parametrize(("fault", "status", "kind", "check"), _ANSWERS)
async def test_fault_replaces_the_response(
    api: Api, fault: Fault, status: int, kind: str, check: Callable[[bytes], bool]
) -> None:
    api.sandbox.faults.add(fault)
    path = f"{api.integration_path}/relink"
    async with api.response("POST", path, json={}, allow_redirects=False) as response:
        assert (response.status, response.content_type) == (status, kind)
        assert response.headers.getall("Content-Type") == [response.headers["Content-Type"]]
        assert check(await response.read())
        assert "ratelimit-remaining" in response.headers
    assert not api.sandbox.executions
    assert (await api("POST", path, json={})).status == 200, "a fault happens once"
    assert len(api.sandbox.requests) == 2


async def test_limit_faults_have_the_headers_of_limits(api: Api) -> None:
    api.sandbox.faults.add(Fault.rate_limited(retry_after=2))
    api.sandbox.faults.add(Fault.concurrency_limited())
    first, second = await api.get("/check-api-key"), await api.get("/check-api-key")
    assert (first.status, first.code) == (429, "PLATFORM.RATE_LIMIT_EXCEEDED")
    assert (first.headers["Retry-After"], first.headers["ratelimit-reset"]) == ("2", "2")
    assert first.headers["ratelimit-remaining"] == "0"
    assert (second.status, second.code) == (429, "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED")
    assert second.headers["Concurrency-Remaining"] == "0"


async def test_rate_limit_fault_leaves_headers_out(api: Api) -> None:
    api.sandbox.faults.add(Fault.rate_limited(None, reset=7))
    api.sandbox.faults.add(Fault.rate_limited(None))
    first, second = await api.get("/check-api-key"), await api.get("/check-api-key")
    assert (first.headers.get("Retry-After"), first.headers["ratelimit-reset"]) == (None, "7")
    assert not [name for name in second.headers if name.lower().startswith(("ratelimit", "retry"))]


async def test_error_after_the_operation_was_executed(api: Api) -> None:
    api.sandbox.faults.add(Fault.error("PLATFORM.TASK_TIMED_OUT", executes=True))
    got = await api.passthrough("/echo", "POST")
    assert (got.status, got.code) == (504, "PLATFORM.TASK_TIMED_OUT")
    for fault in (Fault.html_502(executes=True), Fault.text("x", executes=True), Fault.empty(executes=True)):
        api.sandbox.faults.add(fault)
        async with api.response("POST", f"{api.integration_path}/relink", json={}) as response:
            assert response.status == fault.status
    assert api.sandbox.executions == {"send_passthrough_request": 1, "create_reconnection_link": 3}


@pytest.mark.parametrize(
    ("fault", "error", "ran"),
    [
        (Fault.drop("before"), (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError), False),
        (Fault.drop("after_execution"), (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError), True),
        (Fault.drop("headers"), aiohttp.ClientPayloadError, True),
        (Fault.drop("body"), aiohttp.ClientPayloadError, True),
        (Fault.short_body(), aiohttp.ClientPayloadError, True),
    ],
)
async def test_dropped_connection_is_an_error_of_the_client(api: Api, fault: Fault, error: Any, ran: bool) -> None:
    assert fault.executes is ran
    # POST, since aiohttp by itself repeats a GET on a connection that was used before.
    entry = api.sandbox.faults.add(fault, method="POST")
    with pytest.raises(error):
        await api.passthrough("/echo", "POST")
    assert entry.applied == 1
    assert api.sandbox.executions["send_passthrough_request"] == ran
    assert len(api.sandbox.requests) == 1
    assert (await api.passthrough("/echo", "POST")).status == 200


async def _bytes_of(api: Api) -> bytes:
    """Return all bytes that are sent for one request."""
    host, port = api.sandbox.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"GET /v1/check-api-key HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Authorization: Bearer " + api.sandbox.api_key.encode() + b"\r\n\r\n"
    )
    received = await reader.read()
    writer.close()
    await writer.wait_closed()
    return received


async def test_connection_is_dropped_at_the_chosen_moment(api: Api) -> None:
    whole = await _bytes_of(api)
    body = whole.partition(b"\r\n\r\n")[2]
    api.sandbox.faults.add(Fault.drop("headers"))
    head, separator, rest = (await _bytes_of(api)).partition(b"\r\n\r\n")
    assert (f"Content-Length: {len(body)}".encode() in head, separator, rest) == (True, b"\r\n\r\n", b"")
    api.sandbox.faults.add(Fault.drop("body"))
    half = (await _bytes_of(api)).partition(b"\r\n\r\n")[2]
    assert half == body[: len(body) // 2] != b""
    api.sandbox.faults.add(Fault.short_body())
    head, _, rest = (await _bytes_of(api)).partition(b"\r\n\r\n")
    assert (f"Content-Length: {len(body) + 100}".encode() in head, rest) == (True, body)


async def test_truncated_gzip_is_a_payload_error(api: Api) -> None:
    api.sandbox.faults.add(Fault.truncated_gzip())
    head, _, body = (await _bytes_of(api)).partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert f"Content-Length: {len(body)}".encode() in head
    with pytest.raises(EOFError):
        gzip.decompress(body)


async def test_dripping_body_arrives_completely(api: Api) -> None:
    expected = (await api.get("/check-api-key")).json
    api.sandbox.faults.add(Fault.drip(0.002, size=10))
    began = asyncio.get_running_loop().time()
    assert (await api.get("/check-api-key")).json == expected
    assert asyncio.get_running_loop().time() - began > 0.002 * len(json.dumps(expected)) / 20


async def test_error_is_delayed(api: Api) -> None:
    api.sandbox.faults.add(Fault.delayed(0.05))
    began = asyncio.get_running_loop().time()
    assert (await api.get("/nope")).status == 404
    assert asyncio.get_running_loop().time() - began >= 0.05


async def test_response_is_delayed_after_the_execution(api: Api) -> None:
    api.sandbox.faults.add(Fault.delayed(30), method="POST")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(api("POST", f"{api.integration_path}/relink", json={}), 0.1)
    assert api.sandbox.executions == {"create_reconnection_link": 1}


async def test_delayed_action_counts_as_in_flight(open_api: Open) -> None:
    async with open_api(actions_per_integration=1) as api:
        entry = api.sandbox.faults.add(Fault.delayed(1))
        first = asyncio.create_task(api.passthrough("/echo"))
        await until(lambda: entry.applied)
        assert (await api.passthrough("/echo")).code == "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"
        assert (await first).status == 200


async def test_fault_applies_to_matching_requests(api: Api) -> None:
    faults = api.sandbox.faults
    entry = faults.add(Fault.html_502(), path="/integrations/*/integration-fields", method="get", times=2, after=1)
    assert (await api.get(api.integration_path)).status == 200
    assert (await api("PATCH", f"{api.integration_path}/integration-fields/x", json={})).status == 404
    statuses = []
    for _ in range(4):
        async with api.response("GET", f"{api.integration_path}/integration-fields") as response:
            statuses.append(response.status)
    assert statuses == [200, 502, 502, 200]
    assert entry.applied == 2
    faults.add(Fault.empty(), times=None)
    for _ in range(3):
        async with api.response("GET", "/check-api-key") as response:
            assert response.status == 503
    faults.clear()
    assert (await api.get("/check-api-key")).status == 200


async def test_pattern_matches_decoded_segments(api: Api) -> None:
    entry = api.sandbox.faults.add(Fault.empty(), path="/integrations/a?b:*")
    async with api.response("GET", "/integrations/a%2Fb%3Ac%2Fd", raw=True) as response:
        assert response.status == 503
    assert entry.applied == 1


async def test_faults_are_applied_in_the_order_of_their_addition(api: Api) -> None:
    for code in ("ONE.X", "TWO.X"):
        api.sandbox.faults.add(Fault.error(code), times=2)
    assert [(await api.get("/check-api-key")).code for _ in range(4)] == ["ONE.X", "ONE.X", "TWO.X", "TWO.X"]


async def test_after_counts_all_matching_requests(api: Api) -> None:
    api.sandbox.faults.add(Fault.error("ONE.X"))
    api.sandbox.faults.add(Fault.error("THREE.X"), after=2)
    answers = [await api.get("/check-api-key") for _ in range(4)]
    assert [got.json.get("error", {}).get("code") for got in answers] == ["ONE.X", None, "THREE.X", None]


async def test_fault_is_added_from_another_thread(api: Api) -> None:
    thread = threading.Thread(target=lambda: api.sandbox.faults.add(Fault.empty()))
    thread.start()
    thread.join()
    async with api.response("GET", "/check-api-key") as response:
        assert response.status == 503


def test_invalid_fault_is_refused() -> None:
    faults: list[Callable[[], object]] = [
        lambda: Fault.delayed(-1),
        lambda: Fault.delayed(float("nan")),
        lambda: Fault.drop("sometimes"),  # type: ignore[arg-type]
        lambda: Fault.drip(0.1, size=0),
        lambda: Fault(executes=False),
    ]
    for make in faults:
        with pytest.raises(ValueError):
            make()


async def test_invalid_conditions_of_a_fault_are_refused(api: Api) -> None:
    for arguments in ({"times": 0}, {"after": -1}, {"path": "check-api-key"}):
        with pytest.raises(ValueError, match=next(iter(arguments))):
            api.sandbox.faults.add(Fault.empty(), **arguments)
    with pytest.raises(TypeError, match="must be a Fault"):
        api.sandbox.faults.add("html_502")  # type: ignore[arg-type]
    assert api.sandbox.faults.scripted == ()
