"""What error trackers see: the local variables of every frame of a traceback, ours and aiohttp's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from types import FrameType
from typing import Any

import aiohttp
import pytest
from rich.pretty import pretty_repr

from kombo_async import (
    APIError,
    DecodeError,
    InputInvalidError,
    KomboClient,
    RetryPolicy,
    Timeouts,
    WebhookSignatureError,
    fastapi,
    webhooks,
)
from kombo_async.models.hris import NewAbsence
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

KEY, PERSON = "ks_prod_TopSecretKey", "jane.doe@example.org"
PASSWORD, WEBHOOK_SECRET = "TopSecretPassword", "TopSecretOfWebhooks"
BODY = f'[{{"email":"{PERSON}"'.encode()
FAULTS = {
    "refusal": Fault.error("PLATFORM.INPUT_INVALID"),
    "drop": Fault.drop("after_execution"),
    "stall": Fault.delayed(60),
    "not HTTP": Fault.drop("body"),
    "not JSON": Fault.text(f'{{"status":"success","data":{{"id":"{PERSON}"', status=200),
}

Call = Callable[[KomboClient], Awaitable[object]]
CALLS: list[Call] = [
    lambda client: client.hris.iter_employees(work_emails=[PERSON]).collect(),
    lambda client: client.hris.iter_employees(work_emails=[PERSON]).first_page(),
    lambda client: client.request("POST", "/hris/absences", json={"email": PERSON}),
    lambda client: client.request("GET", "/hris/employees", params={"work_emails": [PERSON]}),
    lambda client: client.hris.create_absence(
        NewAbsence(
            employee_id=PERSON,
            absence_type_id="a",
            start_date=date(2027, 7, 5),
            end_date=date(2027, 7, 9),
            employee_note=PERSON,
        )
    ),
    lambda client: client.send_passthrough_request("personio", "personnel", "POST", "/a", data={"email": PERSON}),
]


def frames(error: BaseException | None) -> Iterator[FrameType]:
    """Yield the frames that a traceback of *error* shows, those of its causes included, but not those of this file."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename != __file__:
                yield trace.tb_frame
            trace = trace.tb_next
        error = error.__cause__ if error.__cause__ is not None or error.__suppress_context__ else error.__context__


def shown(value: object) -> str:
    """Return what reports show of a value: its repr, or its fields, which `rich` looks up by itself."""
    try:
        return repr(value) + pretty_repr(value, max_depth=6)
    except AttributeError:  # of a client whose constructor failed
        return ""


def leaks(error: BaseException) -> list[str]:
    return [
        f"{frame.f_code.co_name}: {name}"
        for frame in frames(error)
        for name, value in frame.f_locals.items()
        if any(secret in shown(value) for secret in (KEY, PERSON, PASSWORD, WEBHOOK_SECRET))
    ]


@pytest.mark.parametrize("session", ["own", "given"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_frame_of_a_traceback_has_a_key_a_body_or_a_record(fault: str, session: str) -> None:
    given = aiohttp.ClientSession() if session == "given" else None
    async with (
        Sandbox(SandboxConfig(employees=4), api_key=KEY) as sandbox,
        KomboClient(
            KEY,
            base_url=sandbox.base_url,
            integration_id=sandbox.integration_id,
            session=given,
            retry=RetryPolicy(attempts=1),
            timeouts=Timeouts(idle=0.3, read_deadline=0.3, action_deadline=0.3),
        ) as client,
    ):
        sandbox.faults.add(FAULTS[fault], times=9)
        # At the same time, as each of them may wait for its deadline.
        errors = await asyncio.gather(*(call(client) for call in CALLS), return_exceptions=True)
        for error in errors:
            assert isinstance(error, Exception)
            assert not leaks(error)
    if given is not None:
        await given.close()


@pytest.mark.parametrize("session", ["own", "given"])
async def test_no_frame_of_a_cancelled_call_has_a_key_or_a_body(session: str) -> None:
    given = aiohttp.ClientSession() if session == "given" else None
    async with (
        Sandbox(SandboxConfig(employees=4), api_key=KEY) as sandbox,
        KomboClient(KEY, base_url=sandbox.base_url, integration_id=sandbox.integration_id, session=given) as client,
    ):
        sandbox.faults.add(Fault.delayed(60), times=9)

        async def within(seconds: float, call: Call) -> None:
            async with asyncio.timeout(seconds):
                await call(client)

        for error in await asyncio.gather(*(within(0.3, call) for call in CALLS), return_exceptions=True):
            assert isinstance(error, TimeoutError)
            assert error.__cause__ is not None
            assert not leaks(error)
    if given is not None:
        await given.close()


async def test_no_frame_of_a_call_after_close_has_a_body() -> None:
    client = KomboClient(KEY, base_url="http://127.0.0.1:9/v1", integration_id="i")
    await client.close()
    for call in CALLS:
        with pytest.raises(RuntimeError, match="closed") as raised:
            await call(client)
        assert not leaks(raised.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.request("POST", "/a", json={"email": PERSON, "x": object()}),
        lambda client: client.request("GET", "/a", params={"email": PERSON, "x": object()}),
        lambda client: client.request("GET", "/a", json={"email": PERSON}),
        lambda client: client.request("POST", "/a", PERSON),
        lambda client: client.hris.iter_employees(work_emails=[PERSON, 5]),
        lambda client: client.hris.iter_employees(work_email=PERSON),
        lambda client: client.hris.create_absence({"email": PERSON}),
        lambda client: client.hris.create_absence(PERSON, PERSON, PERSON),
        lambda client: client.send_passthrough_request("a", "b", "POST", "/x", data={"e": PERSON, "x": object()}),
    ],
)
async def test_no_frame_has_the_arguments_that_are_refused(call: Callable[[Any], Awaitable[object]]) -> None:
    client = KomboClient(KEY, base_url="http://127.0.0.1:9/v1", integration_id="i")
    with pytest.raises((TypeError, ValueError)) as raised:
        await call(client)
    assert not leaks(raised.value)


async def test_no_frame_of_a_deprecated_list_has_its_arguments() -> None:
    client: Any = KomboClient(KEY, base_url="http://127.0.0.1:9/v1", integration_id="i")
    with pytest.warns(DeprecationWarning, match="iter_groups") as warned, pytest.raises(TypeError) as raised:
        client.hris.iter_teams(ids=[PERSON, 5])
    assert not leaks(raised.value)
    assert warned[0].filename == __file__


@pytest.mark.parametrize(
    "read",
    [
        lambda: webhooks.receive(BODY, "wrong", WEBHOOK_SECRET),
        lambda: webhooks.receive(BODY, None, WEBHOOK_SECRET),
        lambda: webhooks.verify(BODY, "wrong", ["another", WEBHOOK_SECRET]),
        lambda: webhooks.receive(BODY, webhooks.sign(BODY, WEBHOOK_SECRET), WEBHOOK_SECRET),
        lambda: webhooks.parse(BODY),
        lambda: webhooks.parse(f'{{"email":"{PERSON}"}}'.encode()),
        lambda: webhooks.receive(PERSON, None, WEBHOOK_SECRET),  # type: ignore[arg-type]
        lambda: webhooks.sign(PERSON, WEBHOOK_SECRET),  # type: ignore[arg-type]
        lambda: webhooks.asgi_app(print, [WEBHOOK_SECRET, ""]),  # type: ignore[arg-type]
        lambda: webhooks.aiohttp_handler(print, [WEBHOOK_SECRET, ""]),  # type: ignore[arg-type]
        lambda: fastapi.verified_webhook([WEBHOOK_SECRET, ""]),
    ],
)
def test_no_frame_of_a_refused_webhook_has_the_secret_or_the_body(read: Callable[[], object]) -> None:
    with pytest.raises((WebhookSignatureError, DecodeError, TypeError, ValueError)) as raised:
        read()
    assert not leaks(raised.value)


@pytest.mark.parametrize(
    "options",
    [
        {"proxy": f"socks5://user:{PASSWORD}@proxy:1"},
        {"proxy": f"http://user:{PASSWORD}@proxy:99999999"},
        {"base_url": f"http://user:{PASSWORD}@host/v1"},
        {"base_url": f"http://user:{PASSWORD}@host:99999999/v1"},
        {},
    ],
)
def test_no_frame_of_the_constructor_has_a_password(
    options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@proxy:99999999")
    with pytest.raises(ValueError, match=r"address|SOCKS") as raised:
        KomboClient(KEY, **options)  # type: ignore[arg-type]
    assert not leaks(raised.value)


@pytest.mark.parametrize("options", [{"region": "mars"}, {"limits": 5}, {"session": 5}, {"proxy": "no address"}])
def test_no_frame_of_the_constructor_has_the_key(options: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        KomboClient(KEY, **options)  # type: ignore[arg-type]
    assert not leaks(raised.value)


def test_invalid_key_is_in_no_frame() -> None:
    with pytest.raises(ValueError, match="line break") as raised:
        KomboClient(KEY + "\n")
    assert not leaks(raised.value)


async def test_messages_of_a_server_are_cut_and_escaped() -> None:
    odd = "a\nINFO forged\x1b[2J\u202e" + "x" * 5_000
    async with Sandbox(SandboxConfig(employees=4)) as sandbox:
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
            sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID", odd))
            with pytest.raises(InputInvalidError) as raised:
                await client.check_api_key()
            assert str(raised.value).isprintable()
            assert "a\\nINFO forged\\x1b[2J\\u202exxx" in str(raised.value)
            assert len(raised.value.message) < 2_100
            sandbox.faults.add(Fault.error(odd, "message"))
            with pytest.raises(APIError) as unknown:
                await client.check_api_key()
            assert str(unknown.value).isprintable()
            assert len(str(unknown.value)) < 400
