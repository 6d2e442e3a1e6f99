"""Who may use the control API: programs on this machine, and no website in a browser."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from kombo_async.sandbox import Sandbox, SandboxConfig, build_app

from ..support.control_api import ControlClient
from ..support.sandbox_api import Api

READ, WRITE = ("GET", "/status"), ("POST", "/reset")
JSON = {"Content-Type": "application/json"}
CASES: list[tuple[str, dict[str, str], str, int]] = [
    # What is sent, its headers, the access, the status.
    ("local name", {"Host": "localhost:8642"}, "local", 200),
    ("local name with a dot", {"Host": "localhost."}, "local", 403),
    ("loopback address", {"Host": "127.8.9.1"}, "local", 200),
    ("loopback address of IPv6", {"Host": "[::1]:8642"}, "local", 200),
    ("DNS rebinding", {"Host": "attacker.example:8642"}, "local", 403),
    ("DNS rebinding of a local name", {"Host": "localhost.attacker.example"}, "local", 403),
    ("DNS rebinding of an address", {"Host": "127.0.0.1.nip.io"}, "local", 403),
    ("user in the host", {"Host": "localhost@attacker.example"}, "local", 403),
    ("port that is no number", {"Host": "localhost:x"}, "local", 403),
    ("empty host", {"Host": ""}, "local", 403),
    ("address of the network", {"Host": "192.168.1.7:8642"}, "local", 403),
    ("address of the network, allowed", {"Host": "192.168.1.7:8642"}, "network", 200),
    ("name of a container, allowed", {"Host": "kombo:8642"}, "network", 200),
    ("DNS rebinding in the network", {"Host": "attacker.example"}, "network", 403),
    ("same origin", {"Host": "localhost:1", "Origin": "http://localhost:1"}, "local", 200),
    ("other origin", {"Host": "localhost:1", "Origin": "https://attacker.example"}, "local", 403),
    ("other port", {"Host": "localhost:1", "Origin": "http://localhost:3000"}, "local", 403),
    ("opaque origin", {"Host": "localhost:1", "Origin": "null"}, "local", 403),
    ("same origin by fetch metadata", {"Sec-Fetch-Site": "same-origin"}, "local", 200),
    ("address typed by a user", {"Sec-Fetch-Site": "none"}, "local", 200),
    ("other site by fetch metadata", {"Sec-Fetch-Site": "cross-site"}, "local", 403),
    ("other port by fetch metadata", {"Sec-Fetch-Site": "same-site"}, "local", 403),
]


@pytest.mark.parametrize("request_line", [READ, WRITE, ("GET", "/openapi.json"), ("GET", "/nope")])
async def test_host_and_origin_decide_who_may_use_it(request_line: tuple[str, str]) -> None:
    method, path = request_line
    found: dict[str, int] = {}
    for access in ("local", "network"):
        async with Sandbox(SandboxConfig(employees=1), control=access) as sandbox, aiohttp.ClientSession() as session:
            control = ControlClient(sandbox, session)
            for name, headers, of, _ in CASES:
                if of == access:
                    found[name] = (await control(method, path, headers=JSON | headers)).status
    allowed = 404 if path == "/nope" else 200
    assert found == {name: allowed if status == 200 else status for name, _, _, status in CASES}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain; application/json", 415),
        (None, 415),
    ],
)
async def test_write_must_be_json_which_no_form_can_send(api: Api, kind: str | None, status: int) -> None:
    control = ControlClient(api.sandbox, api.session)
    skipped = {"skip_auto_headers": ["Content-Type"]}
    got = await control("POST", "/reset", data=b"{}", headers={} if kind is None else {"Content-Type": kind}, **skipped)
    assert got.status == status
    if kind is not None:
        assert (await control("DELETE", "/faults", headers={"Content-Type": kind})).status == (
            204 if status == 200 else 415
        )


async def test_deletion_needs_no_content_type(api: Api) -> None:
    control = ControlClient(api.sandbox, api.session)
    assert (await control("DELETE", "/faults")).status == 204


async def test_responses_cannot_be_embedded_or_sniffed_by_other_pages(api: Api) -> None:
    control = ControlClient(api.sandbox, api.session)
    for got in (await control.get("/status"), await control.get("/nope"), await control("DELETE", "/faults")):
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert got.headers["X-Frame-Options"] == "DENY"
        assert not [name for name in got.headers if name.startswith("Access-Control")]
    preflight = await control("OPTIONS", "/reset", headers={"Origin": "http://a.example"})
    assert preflight.status == 403


async def test_preflight_of_the_same_origin_is_no_endpoint(api: Api) -> None:
    got = await ControlClient(api.sandbox, api.session)("OPTIONS", "/reset")
    assert (got.status, got.headers["Allow"]) == (405, "POST")


async def test_control_api_that_is_off_is_an_unknown_path_of_the_api() -> None:
    async with Sandbox(SandboxConfig(employees=1), control="off") as sandbox, aiohttp.ClientSession() as session:
        api = Api(sandbox, session)
        got = await api("GET", "/../_sandbox/status")
        assert (got.status, got.code) == (404, "PLATFORM.INPUT_INVALID")
        assert [request.path for request in sandbox.requests] == ["/_sandbox/status"]


async def test_peer_that_is_not_on_this_machine_is_refused(tmp_path: Path) -> None:
    # The peer of a Unix socket has no address, as a stand-in for one that is not loopback.
    statuses: dict[Any, int] = {}
    for access in ("local", "network"):
        runner = web.AppRunner(build_app(SandboxConfig(employees=1), control=access), shutdown_timeout=0.01)
        await runner.setup()
        await web.UnixSite(runner, str(tmp_path / access)).start()
        connector = aiohttp.UnixConnector(str(tmp_path / access))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get("http://localhost/_sandbox/status") as got,
        ):
            statuses[access] = got.status
        await runner.cleanup()
    assert statuses == {"local": 403, "network": 200}


def test_unknown_access_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="local, network, off"):
        Sandbox(control="all")  # type: ignore[arg-type]


async def test_slow_body_does_not_block_other_requests(api: Api) -> None:
    host, port = api.sandbox.base_url.removeprefix("http://").removesuffix("/v1").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /_sandbox/reset HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 10\r\n\r\n{"
    )
    await writer.drain()
    control = ControlClient(api.sandbox, api.session)
    assert (await control.get("/status")).status == 200
    writer.close()
    await writer.wait_closed()
