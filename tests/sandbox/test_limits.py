"""Rate limit and concurrency limit."""

from __future__ import annotations

import asyncio

import pytest

from kombo_async.sandbox.api_errors import ErrorResponse
from kombo_async.sandbox.http.limits import ConcurrencyLimit, FixedWindow

from ..support.sandbox_api import Api, Open


def test_window_starts_with_the_first_request_after_the_previous_one() -> None:
    rate_limit = FixedWindow(2, 10.0)
    decisions = [rate_limit.acquire(now) for now in (100.0, 104.5, 109.9, 110.0, 135.0)]
    assert [decision.granted for decision in decisions] == [True, True, False, True, True]
    assert [decision.headers["ratelimit-remaining"] for decision in decisions] == ["1", "0", "0", "1", "1"]
    assert [decision.headers["ratelimit-reset"] for decision in decisions] == ["10", "6", "1", "10", "10"]
    assert {decision.headers["ratelimit-limit"] for decision in decisions} == {"2"}


def test_actions_are_counted_for_each_integration() -> None:
    limit = ConcurrencyLimit(2)
    with limit.acquire("a"), limit.acquire("a"), limit.acquire("b"):
        assert limit.headers("a")["Concurrency-Remaining"] == "0"
        assert limit.headers("b") == {"Concurrency-Limit": "2", "Concurrency-Remaining": "1"}
        with pytest.raises(ErrorResponse, match="CONCURRENCY_LIMIT_EXCEEDED") as caught, limit.acquire("a"):
            pass
    assert caught.value.headers["Concurrency-Remaining"] == "0"
    assert limit.headers("a")["Concurrency-Remaining"] == "2"


async def test_every_response_has_rate_limit_headers(api: Api) -> None:
    for path in ("/check-api-key", "/nope", "/integrations/x"):
        headers = (await api.get(path)).headers
        assert {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} <= {name.lower() for name in headers}
        assert headers["ratelimit-reset"].isdigit()
        assert "Concurrency-Limit" not in headers


async def test_request_beyond_the_rate_limit_is_refused(open_api: Open) -> None:
    async with open_api(requests_per_window=3, window_seconds=1) as api:
        answers = [await api.get("/check-api-key") for _ in range(4)]
        assert [got.status for got in answers] == [200, 200, 200, 429]
        last = answers[-1]
        assert last.code == "PLATFORM.RATE_LIMIT_EXCEEDED"
        assert (last.headers["ratelimit-remaining"], last.headers["ratelimit-reset"]) == ("0", "1")
        await asyncio.sleep(int(last.headers["ratelimit-reset"]))
        assert (await api.get("/check-api-key")).status == 200


async def test_action_beyond_the_concurrency_limit_is_refused(open_api: Open) -> None:
    async with open_api(actions_per_integration=3, action_latency=1) as api:
        answers = await asyncio.gather(*(api.passthrough("/echo", "POST") for _ in range(5)))
        assert sorted(got.status for got in answers) == [200, 200, 200, 429, 429]
        assert api.sandbox.executions == {"send_passthrough_request": 3}
        for got in answers:
            assert got.headers["Concurrency-Limit"] == "3"
            if got.status == 429:
                assert got.code == "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"
                assert got.headers["Concurrency-Remaining"] == "0"
        assert (await api.passthrough("/echo")).headers["Concurrency-Remaining"] == "2"


async def test_latency_delays_every_request(open_api: Open) -> None:
    async with open_api(latency=0.05, action_latency=0.05) as api:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await api.get("/check-api-key")
        middle = loop.time()
        await api.passthrough("/echo")
        assert middle - began >= 0.05
        assert loop.time() - middle >= 0.1
