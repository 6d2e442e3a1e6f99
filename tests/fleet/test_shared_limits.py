"""Clients that share the limits of one key: no request is refused, and nothing is lost when one of them is."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
import pytest
from aiohttp import web

from kombo_async import KomboClient, Limits, RetryPolicy
from kombo_async.engine.limiter import shared_store
from kombo_async.engine.permits import RateGrant, RateReport, WindowReport, name_of_limits
from kombo_async.fleet import SharedLimits
from kombo_async.fleet.shared_limits import PostgresPermits

from ..support.limited_servers import Bucket, Slots, Window

KEY = "ks_dev_NotToBeSeen"
INTEGRATION = "personio:HWUTwvyx2wLoSUHphiWVrp28"
BODY = '{"status":"success","data":{"environment_id":"e","url":"https://x","status":200,"headers":{}},"warnings":[]}'


@asynccontextmanager
async def serving(limit: Any) -> AsyncIterator[str]:
    """A server with a limit; give its address."""

    async def handle(_: web.Request) -> web.Response:
        answer = await limit.serve(asyncio.get_running_loop().time())
        if answer.status == 200:
            return web.Response(text=BODY, content_type="application/json", headers=answer.headers)
        kind = "CONCURRENCY" if isinstance(limit, Slots) else "RATE"
        error = {"code": f"PLATFORM.{kind}_LIMIT_EXCEEDED", "title": None, "message": "x", "log_url": None}
        return web.json_response({"status": "error", "error": error}, status=429, headers=answer.headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def clients(base_url: str, url: str, count: int = 3) -> AsyncIterator[list[KomboClient]]:
    """Clients that know nothing of each other, as in processes of their own."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                KomboClient(
                    KEY,
                    base_url=base_url,
                    integration_id=INTEGRATION,
                    limits=Limits(shared=SharedLimits(url)),
                    retry=RetryPolicy(first_wait=0.01, longest_wait=0.05),
                )
            )
            for _ in range(count)
        ]


async def rows(url: str, statement: str) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return await (await connection.execute(statement.encode())).fetchall()


async def execute(url: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(statement.encode())


async def test_no_request_is_refused_where_three_clients_share_a_window(database_url: str) -> None:
    server = Window(40, 1.0)
    async with serving(server) as base_url, clients(base_url, database_url) as given:
        await asyncio.gather(*(client.check_api_key() for client in given for _ in range(25)))
        # One that is sent at the very end of a window may arrive in the next.
        assert server.refused <= 1
        stored = await rows(database_url, "SELECT * FROM kombo_fleet.limits")
        assert KEY not in str(stored)
        assert [row[0] for row in stored] == [name_of_limits(KEY, base_url)]
    # What processes hold is given back at their end.
    assert await rows(database_url, "SELECT * FROM kombo_fleet.permits") == []


async def test_bucket_that_is_refilled_is_shared_without_refusals(database_url: str) -> None:
    server = Bucket(100, 20)
    async with serving(server) as base_url, clients(base_url, database_url) as given:
        await asyncio.gather(*(client.check_api_key() for client in given for _ in range(12)))
        assert server.refused <= 1


async def test_no_action_is_refused_where_three_clients_share_slots(database_url: str) -> None:
    server = Slots(10, 0.02)
    async with serving(server) as base_url, clients(base_url, database_url) as given:

        async def act(client: KomboClient) -> None:
            await client.send_passthrough_request("personio", "personnel", "POST", "/x")

        await given[0].check_api_key()
        done: Counter[int] = Counter()

        async def many(number: int) -> None:
            for _ in range(4):
                await asyncio.gather(*(act(given[number]) for _ in range(10)))
                done[number] += 10

        await asyncio.gather(*map(many, range(3)))
        assert server.refused <= 2
        assert sum(done.values()) == 120


async def test_slots_are_split_equally_and_those_of_a_dead_process_come_back(database_url: str) -> None:
    first, second = PostgresPermits(database_url, "limits"), PostgresPermits(database_url, "limits")
    assert (await first.take_slots("a", 0, 50, 30)).slots == 30
    # All are in use: those that end are not replaced by the first until it has its half.
    assert (await second.take_slots("a", 0, 50, 30)).slots == 0
    assert (await first.take_slots("a", 30, 50, 30)) == shared_grant(15)
    assert (await second.take_slots("a", 0, 50, 30)).slots == 0
    assert (await first.take_slots("a", 15, 50, 30)).slots == 15
    assert (await second.take_slots("a", 0, 50, 30)).slots == 15
    # Another integration has slots of its own.
    assert (await second.take_slots("b", 0, 50, 30)).slots == 30
    await first._disconnect()
    await execute(database_url, f"UPDATE kombo_fleet.permits SET expires_at = 0 WHERE holder = '{first._holder}'")
    assert (await second.take_slots("a", 15, 50, 30)).slots == 30
    await second.take_slots("a", 0, 0, 30)
    await second.close()
    assert len(await rows(database_url, "SELECT * FROM kombo_fleet.permits")) == 1


def shared_grant(slots: int) -> Any:
    from kombo_async.engine.permits import SlotGrant

    return SlotGrant(slots, True)


def report(wanted: int, remaining: float | None = None, *, unused: int = 0, window: int = 0) -> RateReport:
    observed = None if remaining is None else WindowReport(300, remaining, 10, 0.002, 0.001)
    return RateReport(wanted, unused, window, 0, observed, False)


async def test_one_process_probes_and_the_window_is_dealt_out_in_handfuls(database_url: str) -> None:
    first, second = PostgresPermits(database_url, "limits"), PostgresPermits(database_url, "limits")
    assert (await first.take_permits(report(32))).permits == 1
    assert (await second.take_permits(report(32))).permits == 0
    grant = await first.take_permits(report(32, 299))
    assert (grant.permits, grant.window) == (32, 1)
    assert 9 < grant.seconds <= 10
    taken = 1 + 32
    while permits := (await second.take_permits(report(32))).permits:
        taken += permits
    assert taken == 300
    # What is not used goes back, to whoever wants it; a client outside of these processes shows in the headers.
    await second.take_permits(report(0, unused=5, window=1))
    assert (await first.take_permits(report(32, 0))).permits == 0
    await second.take_permits(report(0, unused=5, window=1))
    assert (await first.take_permits(report(32))).permits == 3
    for each in (first, second):
        await each.close()


async def test_process_that_dies_with_permits_costs_no_more_than_its_window(database_url: str) -> None:
    first, second = PostgresPermits(database_url, "limits"), PostgresPermits(database_url, "limits")
    await first.take_permits(report(1))
    assert (await first.take_permits(report(32, 40))).permits == 20
    await first._disconnect()
    await execute(database_url, "UPDATE kombo_fleet.limits SET resets_at = 0")
    assert (await second.take_permits(report(32))).permits == 1
    assert (await second.take_permits(report(32, 299))).permits == 32
    await second.close()
    # A process that dies while it probes holds others up for two seconds.
    await execute(database_url, "UPDATE kombo_fleet.limits SET resets_at = 0, available = NULL, probe_until = 0")
    assert (await second.take_permits(report(1))).permits == 1
    assert (await second.take_permits(report(1))).permits == 0
    await execute(database_url, "UPDATE kombo_fleet.limits SET probe_until = probe_until - 2")
    assert (await second.take_permits(report(1))).permits == 1
    await second.close()


async def test_client_falls_back_to_its_own_limits_while_the_database_is_away_and_says_so_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shared_store, "RETRY", 0.05)
    async with serving(Window(1_000, 5.0)) as base_url, clients(base_url, database_url, 1) as [client]:
        await client.check_api_key()
        opened = PostgresPermits._own_connection

        def unreachable(self: PostgresPermits) -> Any:
            raise OSError("no route to host")

        monkeypatch.setattr(PostgresPermits, "_own_connection", unreachable)
        await execute(
            database_url,
            # Of this database alone: other tests use the same server at the same time.
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        for _ in range(5):
            await asyncio.gather(*(client.check_api_key() for _ in range(40)))
            await client.send_passthrough_request("personio", "personnel", "POST", "/x")
            await asyncio.sleep(0.06)
        away = [each for each in caplog.messages if "away" in each]
        assert len(away) == 1
        assert "keeps its own limits" in away[0]
        monkeypatch.setattr(PostgresPermits, "_own_connection", opened)
        async with asyncio.timeout(20):
            while "shared limits are back" not in caplog.messages:
                await client.check_api_key()
                await asyncio.sleep(0.02)
    assert caplog.messages.count("shared limits are back") == 1


async def test_server_without_headers_about_a_rate_limit_is_not_slowed_down(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[RateReport] = []
    take_permits = PostgresPermits.take_permits

    async def counted(permits: PostgresPermits, report: RateReport) -> RateGrant:
        taken.append(report)
        return await take_permits(permits, report)

    monkeypatch.setattr(PostgresPermits, "take_permits", counted)
    server = Bucket(10_000, 10_000, headers=False)
    async with serving(server) as base_url, clients(base_url, database_url, 2) as given:
        async with asyncio.timeout(10):
            await asyncio.gather(*(client.check_api_key() for client in given for _ in range(100)))
    # Handfuls of 32 for 200 calls, and not one permit for each.
    assert len(taken) <= 40


def test_program_that_does_not_close_its_client_ends_without_a_warning(database_url: str) -> None:
    async def main() -> None:
        async with serving(Window(1_000, 5.0)) as base_url:
            client = KomboClient(KEY, base_url=base_url, limits=Limits(shared=SharedLimits(database_url)))
            await client.check_api_key()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Limits(shared="postgresql://x"), "shared is a SharedLimits, not str"),  # type: ignore[arg-type]
        (lambda: SharedLimits("people.db"), "a fleet needs PostgreSQL"),
        (lambda: Limits(shared=SharedLimits("postgresql://x"), learn=False), "leave shared out"),
    ],
)
def test_wrong_use_of_shared_limits_is_said_at_once(make: Callable[[], object], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_password_is_not_shown() -> None:
    assert "secret" not in repr(SharedLimits("postgresql://me:secret@db.example/kombo"))
    assert "secret" not in repr(Limits(shared=SharedLimits("postgresql://me:secret@db.example/kombo")))
