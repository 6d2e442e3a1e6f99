"""A session of the caller's: all that it was made with is used, nothing of it changes, and it is never closed."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import trustme
from aiohttp import web

from kombo_async import KomboClient, KomboConnectionError, KomboTimeoutError, RetryPolicy, Timeouts
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig, SandboxThread, build_app

from ..support.proxy import Proxy

KEY = "ks_dev_sandbox"
QUICK = RetryPolicy(attempts=2, first_wait=0.001, longest_wait=0.002)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(SandboxConfig(fields=5, employees=5)) as sandbox:
        yield sandbox


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    async with Proxy() as proxy:
        yield proxy


@pytest.fixture
async def tls(authority: trustme.CA) -> AsyncIterator[str]:
    """The base URL of a sandbox with a certificate that nobody trusts by default."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    runner = web.AppRunner(build_app(SandboxConfig(fields=5, employees=5)), shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


def client_of(sandbox: Sandbox, session: aiohttp.ClientSession, **options: Any) -> KomboClient:
    options = {"retry": QUICK, "integration_id": sandbox.integration_id, **options}
    return KomboClient(sandbox.api_key, base_url=sandbox.base_url, session=session, **options)


def state_of(session: aiohttp.ClientSession) -> dict[str, Any]:
    """Return all that can be different about a session."""
    assert session.connector is not None
    return {
        "closed": session.closed,
        "headers": dict(session.headers),
        "cookies": [(cookie.key, cookie.value) for cookie in session.cookie_jar],
        "timeout": session.timeout,
        "auth": session.auth,
        "trust_env": session.trust_env,
        "raise_for_status": session.raise_for_status,
        "auto_decompress": session.auto_decompress,
        "skip": session.skip_auto_headers,
        "json": session.json_serialize,
        "connector": (id(session.connector), session.connector.closed, session.connector.limit),
    }


class TestGivenSession:
    async def test_given_session_is_unchanged_after_calls_faults_and_close(self, sandbox: Sandbox) -> None:
        async with aiohttp.ClientSession(
            headers={"X-Mine": "1"},
            cookies={"mine": "1"},
            timeout=aiohttp.ClientTimeout(total=77, sock_read=7),
            connector=aiohttp.TCPConnector(limit=7),
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            raise_for_status=True,
        ) as session:
            before = state_of(session)
            async with client_of(sandbox, session, timeouts=Timeouts(read_deadline=5, idle=0.2)) as client:
                await client.iter_integration_fields(page_size=2).collect()
                assert sandbox.requests[-1].headers["X-Mine"] == "1"
                assert sandbox.requests[-1].headers["Cookie"] == "mine=1"
                for fault in (Fault.drop("body"), Fault.html_502(), Fault.truncated_gzip(), Fault.drip(60)):
                    sandbox.faults.add(fault)
                    await asyncio.gather(client.get_integration(), return_exceptions=True)
                sandbox.faults.add(Fault.delayed(60), times=20)
                calls = [asyncio.create_task(client.set_integration_enabled(value=True)) for _ in range(20)]
                await asyncio.sleep(0.05)
                for call in calls[:10]:
                    call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            sandbox.faults.clear()
            assert state_of(session) == before
            # It is as good as before, also for another client.
            await client_of(sandbox, session).check_api_key()
            async with session.get(f"{sandbox.base_url}/check-api-key", raise_for_status=False) as response:
                assert response.status == 401

    async def test_middleware_of_the_session_may_call_the_client(self, sandbox: Sandbox) -> None:
        async def middleware(
            request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            if request.url.path.endswith("/integration-fields"):
                await client.check_api_key()
            return await handler(request)

        async with aiohttp.ClientSession(middlewares=[middleware]) as session:
            client = client_of(sandbox, session)
            assert len(await client.iter_integration_fields().collect()) == 5
            sandbox.faults.add(Fault.delayed(60), path="/check-api-key")
            call = asyncio.create_task(client.iter_integration_fields().collect())
            await asyncio.sleep(0.05)
            await client.close()
            with pytest.raises(KomboConnectionError, match="closed"):
                await call
            assert not call.cancelling()

    async def test_timeouts_of_the_session_do_not_apply(self, sandbox: Sandbox) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.05, sock_read=0.05)) as session:
            sandbox.faults.add(Fault.delayed(0.2))
            await client_of(sandbox, session).check_api_key()
            sandbox.faults.add(Fault.delayed(60))
            with pytest.raises(KomboTimeoutError, match=r"Timeouts\.read_deadline"):
                await client_of(sandbox, session, timeouts=Timeouts(read_deadline=0.2)).check_api_key()
            assert not session.closed

    async def test_connector_of_the_session_is_used(self, sandbox: Sandbox) -> None:
        running = most = 0

        class Counting(aiohttp.TCPConnector):
            async def connect(self, *arguments: Any, **keywords: Any) -> Any:
                nonlocal running, most
                connection = await super().connect(*arguments, **keywords)
                running, most = running + 1, max(most, running + 1)
                return connection

            def _release(self, *arguments: Any, **keywords: Any) -> None:
                nonlocal running
                running -= 1
                super()._release(*arguments, **keywords)

        async with aiohttp.ClientSession(connector=Counting(limit=3)) as session:
            client = client_of(sandbox, session)
            await asyncio.gather(*(client.check_api_key() for _ in range(50)))
        assert most == 3
        assert len(sandbox.requests) == 50

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sockets of this kind")
    async def test_session_over_a_unix_socket_works(self, tmp_path: Any) -> None:
        runner = web.AppRunner(build_app(SandboxConfig(fields=5, employees=5)), shutdown_timeout=0.01)
        await runner.setup()
        path = str(tmp_path / "kombo")
        await web.UnixSite(runner, path).start()
        try:
            async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as session:
                await KomboClient(KEY, base_url="http://kombo.test/v1", session=session).check_api_key()
        finally:
            await runner.cleanup()


class TestSessionOfAnotherLoop:
    @pytest.fixture
    def remote(self) -> Iterator[SandboxThread]:
        with SandboxThread(SandboxConfig(fields=5, employees=5)) as sandbox:
            yield sandbox

    def test_session_of_another_loop_is_refused(self, remote: SandboxThread) -> None:
        async def make() -> tuple[aiohttp.ClientSession, KomboClient]:
            session = aiohttp.ClientSession()
            client = KomboClient(KEY, base_url=remote.base_url, session=session)
            await client.check_api_key()
            return session, client

        with asyncio.Runner() as runner:
            session, client = runner.run(make())
            with asyncio.Runner() as other, pytest.raises(RuntimeError, match=r"belongs to another event loop; make a"):
                other.run(client.check_api_key())
            assert runner.run(client.check_api_key())
            runner.run(session.close())
        assert len(remote.requests) == 2


class TestProxy:
    async def test_proxy_of_the_session_is_used(self, sandbox: Sandbox, proxy: Proxy) -> None:
        async with aiohttp.ClientSession(proxy=proxy.url.replace("//", "//me:word@")) as session:
            client = client_of(sandbox, session)
            assert await client.check_api_key()
            await client.set_integration_enabled(value=True)
        assert [line.split()[0] for line in proxy.asked] == ["GET", "PUT"]
        assert proxy.asked[0].split()[1] == f"{sandbox.base_url}/check-api-key"
        assert proxy.authorizations == ["Basic bWU6d29yZA=="] * 2
        assert len(sandbox.requests) == 2

    @pytest.mark.parametrize("trust", [True, False])
    async def test_proxy_of_the_environment_is_used_with_trust_env(
        self, sandbox: Sandbox, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, trust: bool
    ) -> None:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with aiohttp.ClientSession(trust_env=trust) as session:
            assert await client_of(sandbox, session).check_api_key()
        assert len(proxy.asked) == int(trust)
        assert len(sandbox.requests) == 1

    async def test_unreachable_proxy_of_the_session_is_an_error(self, sandbox: Sandbox, proxy: Proxy) -> None:
        async with aiohttp.ClientSession(proxy="http://127.0.0.1:1") as session:
            with pytest.raises(KomboConnectionError, match=r"cannot connect to 127\.0\.0\.1:1") as raised:
                await client_of(sandbox, session).trigger_sync()
        assert (raised.value.attempts, raised.value.may_have_run) == (2, False)
        assert not sandbox.requests

    async def test_https_is_tunnelled_through_the_proxy(self, tls: str, trusting: ssl.SSLContext, proxy: Proxy) -> None:
        connector = aiohttp.TCPConnector(ssl=trusting)
        async with aiohttp.ClientSession(connector=connector, proxy=proxy.url) as session:
            client = KomboClient(KEY, base_url=tls, session=session)
            assert await client.check_api_key()
        assert [line.split()[0] for line in proxy.asked] == ["CONNECT"]


class TestCertificates:
    async def test_certificates_of_the_session_context_are_trusted(self, tls: str, trusting: ssl.SSLContext) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as session:
            assert await KomboClient(KEY, base_url=tls, session=session).check_api_key()

    @pytest.mark.parametrize("own", [True, False])
    async def test_certificates_outside_the_session_context_are_refused(self, tls: str, own: bool) -> None:
        async with aiohttp.ClientSession() as session:
            client = KomboClient(KEY, base_url=tls, session=None if own else session, retry=QUICK)
            with pytest.raises(KomboConnectionError, match="certificate") as raised:
                await client.request("POST", "/force-sync", integration_id="a:b")
            assert not raised.value.may_have_run
            await client.close()
