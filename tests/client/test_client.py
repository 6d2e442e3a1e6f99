"""The client itself: where it talks to, whose session it uses, its views, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from kombo_async import KomboClient, Limits, RetryPolicy, Timeouts, errors
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

from .conftest import QUICK


class TestBaseURL:
    @pytest.mark.parametrize(
        ("region", "host"), [("eu", "api.kombo.dev"), ("us", "api.us.kombo.dev"), ("ca", "api.ca.kombo.dev")]
    )
    def test_region_selects_the_base_url(self, region: Any, host: str) -> None:
        assert repr(KomboClient("k", region=region)) == f"KomboClient(api_key=<hidden>, base_url='https://{host}/v1')"

    def test_region_is_europe_by_default(self) -> None:
        assert repr(KomboClient("k")) == "KomboClient(api_key=<hidden>, base_url='https://api.kombo.dev/v1')"

    @pytest.mark.parametrize("ending", ["", "/", "//"])
    async def test_base_url_may_end_in_a_slash(self, sandbox: Sandbox, ending: str) -> None:
        async with KomboClient(sandbox.api_key, region="us", base_url=sandbox.base_url + ending) as client:
            await client.check_api_key()
        assert sandbox.requests[-1].path == "/v1/check-api-key"

    async def test_key_and_base_url_are_read_from_the_environment(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url + "/")
        async with KomboClient() as client:
            await client.check_api_key()
        assert len(sandbox.requests) == 1

    async def test_arguments_take_precedence_over_the_environment(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("KOMBO_API_KEY", "ks_wrong")
        monkeypatch.setenv("KOMBO_BASE_URL", "http://127.0.0.1:1/v1")
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
            await client.check_api_key()
        assert len(sandbox.requests) == 1

    async def test_wrong_key_raises_the_error_of_kombo(self, sandbox: Sandbox) -> None:
        async with KomboClient("ks_wrong", base_url=sandbox.base_url) as client:
            with pytest.raises(errors.AuthenticationInvalidError) as raised:
                await client.check_api_key()
        assert "ks_wrong" not in str(raised.value) + repr(raised.value)
        assert len(sandbox.requests) == 1


class TestConstruction:
    @pytest.mark.parametrize("key", [None, "", "  ", "\n", "ks_prod_a\n", "ks prod", "ks_prod_ü"])
    def test_invalid_key_is_refused(self, key: str | None) -> None:
        with pytest.raises(ValueError, match=r"api_key.*KOMBO_API_KEY"):
            KomboClient(key)

    @pytest.mark.parametrize("key", ["", " ", "ks\n"])
    def test_invalid_key_of_the_environment_is_refused(self, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KOMBO_API_KEY", key)
        with pytest.raises(ValueError, match=r"api_key.*KOMBO_API_KEY"):
            KomboClient()

    @pytest.mark.parametrize("region", ["de", "EU", ""])
    def test_unknown_region_is_refused_with_the_known_ones(self, region: Any) -> None:
        with pytest.raises(ValueError, match="region is one of eu, us, ca"):
            KomboClient("k", region=region)

    @pytest.mark.parametrize(
        "base_url",
        [
            "api.kombo.dev",
            "ftp://api.kombo.dev",
            "https://",
            "https://h/v1?a=1",
            "https://h/v1#a",
            "https://u:p@h/v1",
            "/v1",
        ],
    )
    def test_invalid_base_url_is_refused_without_showing_it(self, base_url: str) -> None:
        with pytest.raises(ValueError, match="base_url is an http") as raised:
            KomboClient("k", base_url=base_url)
        assert "u:p" not in str(raised.value)

    @pytest.mark.parametrize(
        ("integration_id", "error"),
        [
            ("", ValueError),
            ("..", ValueError),
            ("a\n", ValueError),
            (" a", ValueError),
            ("a ", ValueError),
            (5, TypeError),
        ],
    )
    def test_invalid_integration_id_is_refused(self, integration_id: Any, error: type[Exception]) -> None:
        with pytest.raises(error, match="integration_id"):
            KomboClient("k", integration_id=integration_id)
        with pytest.raises(error, match="integration_id"):
            KomboClient("k").for_integration(integration_id)

    def test_observer_that_is_not_callable_is_refused(self) -> None:
        with pytest.raises(TypeError, match="an observer is a function of one event, not str"):
            KomboClient("k", observers=["print"])  # type: ignore[list-item]

    def test_construction_needs_no_loop_and_repr_hides_the_key(self) -> None:
        client = KomboClient("ks_prod_SECRET", integration_id="personio:1")
        view = client.for_integration("workday:2")
        for shown in (repr(client), str(client), f"{client!r}", repr(view), repr([client]), repr(client.hris)):
            assert "SECRET" not in shown
        options = "api_key=<hidden>, base_url='https://api.kombo.dev/v1', integration_id='personio:1'"
        assert repr(client) == f"KomboClient({options})"


class TestViews:
    async def test_view_shares_everything_but_the_integration(self, client: KomboClient, sandbox: Sandbox) -> None:
        systems = list(sandbox.integration_ids[:3])
        views = [client.for_integration(integration_id) for integration_id in systems]
        for view in views:
            await view.hris.iter_employees().first_page()
        assert [request.headers["X-Integration-Id"] for request in sandbox.requests] == systems
        assert {type(view) for view in views} == {KomboClient}

    async def test_view_inherits_options_that_are_left_out(self, client: KomboClient, sandbox: Sandbox) -> None:
        one, two = sandbox.integration_ids[:2]
        impatient = client.with_options(retry=RetryPolicy(attempts=1))
        for view, attempts in (
            (client, 5),
            (impatient, 1),
            (impatient.with_options(timeouts=Timeouts(idle=5)), 1),
            (impatient.for_integration(two), 1),
            (impatient.with_options(retry=QUICK), 1),
            (impatient.with_options(retry=RetryPolicy(attempts=5)), 5),
            (client.for_integration(two), 5),
        ):
            sandbox.faults.clear()
            sandbox.faults.add(Fault.html_502(), times=None)
            with pytest.raises(errors.APIError) as raised:
                await view.get_integration()
            assert raised.value.attempts == attempts
        sandbox.faults.clear()
        assert (await impatient.get_integration()).id == one
        assert (await impatient.for_integration(two).with_options(retry=QUICK).get_integration()).id == two

    async def test_view_keeps_timeouts_that_are_left_out(self, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.delayed(60), times=None)
        async with KomboClient(
            sandbox.api_key,
            base_url=sandbox.base_url,
            integration_id=sandbox.integration_id,
            timeouts=Timeouts(read_deadline=0.1),
        ) as client:
            for view in (client.with_options(timeouts=Timeouts(idle=20)), client.with_options(timeouts=Timeouts())):
                with pytest.raises(errors.KomboTimeoutError, match=r"Timeouts\.read_deadline"):
                    await asyncio.wait_for(view.get_integration(), 20)

    async def test_call_of_a_view_may_name_another_integration(self, client: KomboClient, sandbox: Sandbox) -> None:
        one, two = sandbox.integration_ids[:2]
        view = client.for_integration(two)
        assert (await view.get_integration(one)).id == one
        assert (await view.get_integration()).id == two
        await view.trigger_sync(integration_id=one)
        assert sandbox.requests[-1].headers["X-Integration-Id"] == one

    async def test_view_cannot_be_closed(self, client: KomboClient) -> None:
        for view in (client.for_integration("a:b"), client.with_options()):
            with pytest.raises(RuntimeError, match=r"close\(\) on a view"):
                await view.close()
            with pytest.raises(RuntimeError, match="async with on a view"):
                async with view:
                    pass
        await client.check_api_key()  # nothing happened to it

    async def test_view_is_closed_with_its_client(self, sandbox: Sandbox) -> None:
        client = KomboClient(sandbox.api_key, base_url=sandbox.base_url)
        view = client.for_integration(sandbox.integration_id)
        await view.get_integration()
        await client.close()
        with pytest.raises(RuntimeError, match="this client was closed"):
            await view.get_integration()


class TestClose:
    async def test_second_close_does_nothing(self, client: KomboClient) -> None:
        await client.check_api_key()
        await client.close()
        await client.close()

    async def test_unused_client_is_closed(self) -> None:
        client = KomboClient("k")
        await client.close()
        with pytest.raises(RuntimeError, match="closed"):
            await client.check_api_key()

    @pytest.mark.parametrize(
        ("drain", "error"),
        [(-1, ValueError), (float("inf"), ValueError), (float("nan"), ValueError), ("5", TypeError), (True, TypeError)],
    )
    async def test_invalid_drain_is_refused(self, client: KomboClient, drain: Any, error: type[Exception]) -> None:
        with pytest.raises(error, match="drain is a"):
            await client.close(drain=drain)
        await client.check_api_key()  # still open

    async def test_closed_client_sends_nothing(self, client: KomboClient, sandbox: Sandbox) -> None:
        async with client:
            await client.check_api_key()
        for call in (client.check_api_key, client.iter_integration_fields().first_page, client.trigger_sync):
            with pytest.raises(RuntimeError, match="this client was closed; make a new KomboClient"):
                await call()
        assert len(sandbox.requests) == 1

    async def test_close_ends_a_call_with_a_connection_error(self, client: KomboClient, sandbox: Sandbox) -> None:
        sandbox.faults.add(Fault.delayed(30))
        call = asyncio.create_task(client.check_api_key())
        while not sandbox.requests:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await client.close()
        with pytest.raises(errors.KomboConnectionError, match="closed"):
            await asyncio.wait_for(call, 20)


class TestGivenSession:
    @pytest.fixture
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        async with aiohttp.ClientSession(headers={"X-Mine": "1"}) as session:
            yield session

    async def test_given_session_is_used_and_left_open(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, session=session) as client:
            await client.check_api_key()
        assert sandbox.requests[-1].headers["X-Mine"] == "1"
        assert sandbox.requests[-1].headers["Authorization"] == f"Bearer {sandbox.api_key}"
        assert not session.closed
        assert "Authorization" not in session.headers
        async with session.get(sandbox.base_url) as response:
            assert response.status == 401

    async def test_given_session_that_is_closed_is_an_error(
        self, sandbox: Sandbox, session: aiohttp.ClientSession
    ) -> None:
        client = KomboClient(sandbox.api_key, base_url=sandbox.base_url, session=session)
        await session.close()
        with pytest.raises(RuntimeError, match="session given to this client was closed by its owner"):
            await client.check_api_key()
        assert not sandbox.requests

    async def test_given_session_that_raises_for_status_changes_nothing(self, sandbox: Sandbox) -> None:
        async with aiohttp.ClientSession(raise_for_status=True) as session:
            client = KomboClient("ks_wrong", base_url=sandbox.base_url, session=session)
            with pytest.raises(errors.AuthenticationInvalidError):
                await client.check_api_key()


class TestImmediateRetries:
    @pytest.mark.parametrize(
        "fault",
        [
            Fault.rate_limited(60),
            Fault.rate_limited(None, reset=60),
            Fault.concurrency_limited(),
            Fault.html_502(),
            Fault.raw(b"", status=503, headers={"Retry-After": "60"}),
            Fault.raw(b"", status=429, headers={"Retry-After": "60"}),
            Fault.error("REMOTE.SERVICE_UNAVAILABLE", headers={"Retry-After": "60"}),
        ],
        ids=lambda fault: repr(fault)[:40],
    )
    async def test_immediate_retries_ignore_retry_after(self, sandbox: Sandbox, fault: Fault) -> None:
        async with KomboClient(
            sandbox.api_key,
            base_url=sandbox.base_url,
            integration_id=sandbox.integration_id,
            retry=RetryPolicy.immediate(),
            limits=Limits(actions_per_integration=3),
        ) as client:
            for _ in range(3):
                sandbox.faults.add(fault, times=4)
                async with asyncio.timeout(20):
                    await asyncio.gather(client.get_integration(), client.for_integration("x:1").check_api_key())
            sandbox.faults.add(fault, times=None)
            with pytest.raises(errors.APIError) as raised:
                await asyncio.wait_for(client.get_integration(), 20)
            assert raised.value.attempts == 5

    async def test_immediate_retries_do_not_wait_for_the_rate_window(self) -> None:
        config = SandboxConfig(requests_per_window=2, window_seconds=3_600, fields=1, employees=1)
        async with (
            Sandbox(config) as sandbox,
            KomboClient(sandbox.api_key, base_url=sandbox.base_url, retry=RetryPolicy.immediate(attempts=3)) as client,
        ):
            results = await asyncio.wait_for(
                asyncio.gather(*(client.check_api_key() for _ in range(6)), return_exceptions=True), 20
            )
            assert [getattr(result, "attempts", None) for result in results].count(3) == 4
            assert len(sandbox.requests) == 2 + 4 * 3
