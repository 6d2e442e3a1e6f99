"""What error trackers see: the local variables of every frame of a traceback, ours and aiohttp's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from types import FrameType

import aiohttp
import pytest
from rich.pretty import pretty_repr

from kombo_async import APIError, InputInvalidError, KomboClient, RetryPolicy, Timeouts
from kombo_async.models.hris import NewAbsence
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

KEY, PERSON = "ks_prod_TopSecretKey", "jane.doe@example.org"
FAULTS = {
    "refusal": Fault.error("PLATFORM.INPUT_INVALID"),
    "drop": Fault.drop("after_execution"),
    "stall": Fault.delayed(60),
    "not HTTP": Fault.drop("body"),
    "not JSON": Fault.text(f'{{"status":"success","data":{{"id":"{PERSON}"', status=200),
}


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
        if KEY in shown(value) or PERSON in shown(value)
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
        absence = NewAbsence(
            employee_id=PERSON,
            absence_type_id="a",
            start_date=date(2027, 7, 5),
            end_date=date(2027, 7, 9),
            employee_note=PERSON,
        )
        calls = [
            lambda: client.hris.iter_employees(work_emails=[PERSON]).collect(),
            lambda: client.hris.iter_employees(work_emails=[PERSON]).first_page(),
            lambda: client.request("POST", "/hris/absences", json={"email": PERSON}),
            lambda: client.request("GET", "/hris/employees", params={"work_emails": [PERSON]}),
            lambda: client.hris.create_absence(absence),
        ]
        # At the same time, as each of them may wait for its deadline.
        errors = await asyncio.gather(*(call() for call in calls), return_exceptions=True)
        for error in errors:
            assert isinstance(error, Exception)
            assert not leaks(error)
    if given is not None:
        await given.close()


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
