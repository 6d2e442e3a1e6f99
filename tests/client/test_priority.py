"""Interactive calls and bulk work on one client, and how long calls wait in the limiter's queue."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from fastapi import FastAPI, HTTPException

from kombo_async import KomboClient, KomboTimeoutError, Limits, Timeouts
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

from ..support.uvicorn_server import served


async def test_call_that_waits_too_long_in_the_queue_says_what_delays_it(sandbox: Sandbox) -> None:
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, limits=Limits(max_in_flight=1)) as client:
        sandbox.faults.add(Fault(executes=True, delay=60), path="/check-api-key")
        hanging = asyncio.create_task(client.check_api_key())
        await asyncio.sleep(0)
        impatient = client.with_options(timeouts=Timeouts(queue=0.05))
        with pytest.raises(
            KomboTimeoutError, match=r"not sent within Timeouts\.queue, 0\.05 s: .*max_in_flight"
        ) as raised:
            await impatient.check_api_key()
        hanging.cancel()
        await asyncio.wait([hanging])
    assert (raised.value.attempts, raised.value.may_have_run) == (0, False)
    assert any('priority="interactive"' in note for note in raised.value.__notes__)
    assert len(sandbox.requests) == 1


def test_wrong_priority_is_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="bulk, interactive, not 'high'"):
        KomboClient("key", priority="high")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="bulk, interactive, not 'high'"):
        KomboClient("key").with_options(priority="high")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="queue"):
        Timeouts(queue=-1)


def web_app(client: KomboClient) -> FastAPI:
    """An app with a page of a person, and a slow report that gives up soon."""
    app = FastAPI()
    interactive = client.with_options(priority="interactive", timeouts=Timeouts.interactive())
    report = client.with_options(timeouts=Timeouts(queue=0.001))

    async def check(view: KomboClient) -> dict[str, Any]:
        try:
            return {"environment": (await view.check_api_key()).environment_id}
        except KomboTimeoutError as error:
            raise HTTPException(504, str(error)) from None

    @app.get("/page")
    async def page() -> dict[str, Any]:
        return await check(interactive)

    @app.get("/report")
    async def slow_report() -> dict[str, Any]:
        return await check(report)

    return app


async def test_web_app_answers_reads_beside_forty_syncs_or_says_why_not() -> None:
    config = SandboxConfig(integrations=1, requests_per_window=60, window_seconds=1.0)
    async with Sandbox(config) as sandbox, KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:

        async def sync() -> None:
            while True:
                await client.check_api_key()

        async with served(web_app(client)) as url, aiohttp.ClientSession(url) as browser:
            async with browser.get("/page") as first:
                assert first.status == 200
            syncs = [asyncio.create_task(sync()) for _ in range(40)]
            refused = 0
            for _ in range(6):
                # One more in each half of a rate window than bulk work alone would let through.
                async with browser.get("/page") as page:
                    assert page.status == 200
                async with browser.get("/report") as report:
                    if report.status == 504:
                        refused += 1
                        assert "not sent within Timeouts.queue, 0.001 s: " in (await report.json())["detail"]
                await asyncio.sleep(0.25)
            assert not any(task.done() for task in syncs)
            for task in syncs:
                task.cancel()
            await asyncio.wait(syncs)
    assert refused
