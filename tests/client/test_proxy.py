"""Proxies, from the environment and from code, over real sockets: plain and TLS, with and without credentials."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, web

from kombo_async import (
    APIError,
    KomboClient,
    KomboConnectionError,
    KomboError,
    KomboTimeoutError,
    RetryPolicy,
    Timeouts,
)
from kombo_async.sandbox import Sandbox, SandboxConfig, build_app
from tests.support.proxy import Proxy

HOST = "kombo.test"
"""A name that only the proxy can resolve: what reaches the sandbox went through the proxy."""
KEY = "ks_dev_sandbox"
USER, PASSWORD = "us:er@work", "pass word/äö%"
CREDENTIALS = "us%3Aer%40work:pass%20word%2F%C3%A4%C3%B6%25"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
async def tls_port(authority: trustme.CA) -> AsyncIterator[int]:
    """The port of a sandbox with a certificate for `HOST`."""
    runner = web.AppRunner(build_app(SandboxConfig(fields=5, employees=5)), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=server_context(authority, HOST)).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture(params=["http proxy", "https proxy"])
async def proxy(
    request: pytest.FixtureRequest, sandbox: Sandbox, tls_port: int, authority: trustme.CA
) -> AsyncIterator[Proxy]:
    port = int(sandbox.base_url.rpartition(":")[2].partition("/")[0])
    tls = server_context(authority, "127.0.0.1") if request.param == "https proxy" else None
    async with Proxy(hosts={f"plain.{HOST}": ("127.0.0.1", port), HOST: ("127.0.0.1", tls_port)}, tls=tls) as proxy:
        yield proxy


def with_credentials(proxy: Proxy) -> str:
    return proxy.url.replace("://", f"://{CREDENTIALS}@")


def client_of(scheme: str, **options: Any) -> KomboClient:
    """A client of the sandbox behind the proxy, by absolute-form requests or through a tunnel."""
    base_url = f"https://{HOST}/v1" if scheme == "https" else f"http://plain.{HOST}/v1"
    return KomboClient(KEY, base_url=base_url, retry=RetryPolicy.immediate(attempts=3), **options)


def post(client: KomboClient, integration_id: str) -> Any:
    return client.send_passthrough_request("personio", "personnel", "POST", "/echo", integration_id=integration_id)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("source", ["environment", "code"])
@pytest.mark.parametrize("authorized", [True, False])
async def test_requests_go_through_the_proxy(
    proxy: Proxy,
    sandbox: Sandbox,
    trusting: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    *,
    scheme: str,
    source: str,
    authorized: bool,
) -> None:
    address = with_credentials(proxy) if authorized else proxy.url
    options: dict[str, Any] = {"ssl": trusting}
    if source == "environment":
        monkeypatch.setenv(f"{scheme}_proxy", address)
    else:
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")
        options["proxy"] = address
    async with client_of(scheme, **options) as client:
        await client.check_api_key()
        await client.check_api_key()
    if scheme == "https":
        # One tunnel for both.
        assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
        assert KEY not in proxy.tunnel_heads[0]
    else:
        assert proxy.asked == [f"GET http://plain.{HOST}/v1/check-api-key HTTP/1.1"] * 2
    assert set(proxy.authorizations) == ({f"Basic {BASIC}"} if authorized else set())


async def test_proxy_of_other_environment_variables_is_used(
    proxy: Proxy, sandbox: Sandbox, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", proxy.url)
    async with client_of("http", ssl=trusting) as client:
        await client.check_api_key()
    assert len(proxy.asked) == 1
    for name, value in (("no_proxy", "127.0.0.1,example.com"), ("http_proxy", "")):
        monkeypatch.setenv(name, value)
        async with KomboClient(KEY, base_url=sandbox.base_url) as client:
            await client.check_api_key()
    monkeypatch.setenv("no_proxy", "example.com")
    async with KomboClient(KEY, base_url=sandbox.base_url, proxy=None) as client:
        await client.check_api_key()
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden"])
async def test_refusal_by_the_proxy_is_raised_at_once(proxy: Proxy, trusting: ssl.SSLContext, status: str) -> None:
    proxy.refusals = [f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()] * 9
    async with client_of("https", proxy=with_credentials(proxy), ssl=trusting) as client:
        with pytest.raises(KomboConnectionError, match=f"the proxy refused the connection: HTTP {status}") as raised:
            await post(client, "personio:1")
    assert (raised.value.attempts, raised.value.may_have_run, raised.value.permanent) == (1, False, True)
    assert "HTTPS_PROXY" in raised.value.__notes__[0]


async def test_overloaded_proxy_is_retried(proxy: Proxy, sandbox: Sandbox, trusting: ssl.SSLContext) -> None:
    proxy.refusals = [b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"] * 2
    async with client_of("https", proxy=proxy.url, ssl=trusting) as client:
        # No tunnel was made, so that an action is safe to send again.
        reply = await post(client, sandbox.integration_id)
    assert reply.status == 200
    assert len(proxy.asked) == 3


async def test_407_to_a_plain_request_is_an_api_error_without_retry(proxy: Proxy, trusting: ssl.SSLContext) -> None:
    proxy.refusals = [b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"] * 9
    async with client_of("http", proxy=proxy.url, ssl=trusting) as client:
        with pytest.raises(APIError, match="HTTP 407: the proxy wants") as raised:
            await post(client, "personio:1")
    assert (raised.value.attempts, raised.value.may_have_run) == (1, False)


async def test_proxy_that_is_down_or_silent_is_an_error() -> None:
    async with client_of("https", proxy="http://user:secret@127.0.0.1:9") as client:
        with pytest.raises(KomboConnectionError, match=r"cannot connect to 127\.0\.0\.1:9: ") as raised:
            await client.check_api_key()
    assert (raised.value.attempts, raised.value.permanent) == (3, False)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        address = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        async with client_of("https", proxy=address, timeouts=Timeouts(connect=0.1)) as client:
            with pytest.raises(KomboTimeoutError, match=r"no connection within Timeouts\.connect"):
                await client.with_options(retry=RetryPolicy(attempts=1)).check_api_key()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_credentials_are_shown_nowhere(
    proxy: Proxy,
    trusting: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    scheme: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(f"{scheme}_proxy", with_credentials(proxy))
    shown: list[str] = []
    refusals = [
        b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        b"",
        b"nonsense\r\n\r\n",
    ]
    for refusal in refusals:
        async with client_of(scheme, ssl=trusting) as client:
            proxy.refusals = [refusal] * 20
            with pytest.raises(KomboError) as raised:
                await client.check_api_key()
            shown += [repr(client), repr(client._executor), repr(raised.value)]
            shown += traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
        proxy.refusals.clear()
    # A certificate that is not trusted, within a tunnel that was made.
    if scheme == "https":
        async with client_of(scheme) as client:
            with pytest.raises(KomboConnectionError) as raised:
                await client.check_api_key()
            shown += traceback.TracebackException.from_exception(raised.value, capture_locals=True).format()
    shown += [f"{record.getMessage()} {record.args!r}" for record in caplog.records]
    for secret in (PASSWORD, CREDENTIALS, CREDENTIALS.partition(":")[2], BASIC, KEY):
        assert not [text for text in shown if secret in text]


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (5, TypeError, "proxy is a str"),
        ("", ValueError, "proxy is an address"),
        ("http://user:secret@", ValueError, "proxy is an address"),
        ("http://user:secret@host:port", ValueError, "proxy is an address"),
        ("http://user:secret@host:99999", ValueError, "proxy is an address"),
        ("http://user:secret@host/path", ValueError, "without a path"),
        ("http://user:secret@ho st", ValueError, "proxy is an address"),
        ("ftp://user:secret@host", ValueError, "proxy is an address"),
        ("socks5://user:secret@host:1080", ValueError, "SOCKS proxy.*aiohttp-socks"),
    ],
)
def test_invalid_proxy_address_is_refused_without_its_credentials(
    value: Any, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(error, match=words) as raised:
        KomboClient(KEY, proxy=value)
    assert "secret" not in str(raised.value)
    if isinstance(value, str) and value:
        monkeypatch.setenv("https_proxy", value)
        with pytest.raises(ValueError, match="HTTPS_PROXY") as raised:
            KomboClient(KEY)
        assert "secret" not in "".join(traceback.format_exception(raised.value))
        assert "proxy" not in repr(KomboClient(KEY, proxy=None))


async def test_given_session_ignores_the_proxy_of_the_environment(
    sandbox: Sandbox, proxy: Proxy, trusting: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    async with aiohttp.ClientSession() as session:
        for options in ({"proxy": proxy.url}, {"proxy": None}, {"ssl": trusting}):
            with pytest.raises(ValueError, match="set them on the session"):
                KomboClient(KEY, session=session, **options)  # type: ignore[arg-type]
        async with KomboClient(KEY, base_url=sandbox.base_url, session=session) as client:
            await client.check_api_key()
    assert proxy.asked == []
    with pytest.raises(TypeError, match="ssl is a SSLContext"):
        KomboClient(KEY, ssl=False)  # type: ignore[arg-type]


async def test_netrc_does_not_replace_our_authorization(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[str] = []

    async def middleware(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        seen.append(request.headers["Authorization"])
        return await handler(request)

    async with (
        aiohttp.ClientSession(trust_env=True, middlewares=(middleware,)) as session,
        KomboClient(sandbox.api_key, base_url=sandbox.base_url, session=session) as client,
    ):
        await client.check_api_key()
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
        await client.check_api_key()
    assert [request.headers["Authorization"] for request in sandbox.requests] == [f"Bearer {sandbox.api_key}"] * 2
    # That of the caller runs, too, before ours.
    assert seen == ["Basic c29tZWJvZHk6ZWxzZQ=="]
