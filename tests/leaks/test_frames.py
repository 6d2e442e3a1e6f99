"""What error trackers see: the local variables of every frame of a traceback, ours and aiohttp's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from types import FrameType, FunctionType
from typing import Any

import aiohttp
import pytest
import sqlalchemy
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.pretty import pretty_repr

from kombo_async import (
    APIError,
    DecodeError,
    InputInvalidError,
    KomboClient,
    KomboError,
    RetryPolicy,
    Timeouts,
    WebhookSignatureError,
    arrow,
    fastapi,
    json,
    webhooks,
)
from kombo_async.mirror import Change, Mirror
from kombo_async.models.ai_apply import JobFeedPosting
from kombo_async.models.hris import Employee, NewAbsence
from kombo_async.redaction import without_locals
from kombo_async.sandbox import Fault, Sandbox, SandboxConfig

KEY, PERSON = "ks_prod_TopSecretKey", "jane.doe@example.org"
PASSWORD, WEBHOOK_SECRET = "TopSecretPassword", "TopSecretOfWebhooks"
BODY = f'[{{"email":"{PERSON}"'.encode()
FAULTS = {
    "refusal": Fault.error("PLATFORM.INPUT_INVALID", PERSON),
    "failure": Fault.error("PLATFORM.UNKNOWN_ERROR", PERSON),
    "drop": Fault.drop("after_execution"),
    "stall": Fault.delayed(60),
    "not HTTP": Fault.drop("body"),
    "not JSON": Fault.text(f'{{"status":"success","data":{{"id":"{PERSON}"', status=200),
}

Call = Callable[[KomboClient], Awaitable[object]]


POSTING = JobFeedPosting(url=f"https://jobs.example/{PERSON}", career_site_label=PERSON)
ODD_PAGE = Fault.text(
    f'{{"status":"success","data":{{"results":[{{"id":"{PERSON}","start_date":"{PERSON}"}}],"next":"{PERSON}"}}}}',
    status=200,
)


async def drain(items: AsyncIterator[object]) -> None:
    async for _ in items:
        pass


CALLS: list[Call] = [
    lambda client: drain(aiter(client.hris.iter_employees(work_emails=[PERSON]))),
    lambda client: drain(client.hris.iter_employees(work_emails=[PERSON]).pages()),
    lambda client: drain(arrow.batches(client.hris.iter_employees(work_emails=[PERSON]), Employee)),
    lambda client: client.hris.get_skills(),
    lambda client: client.ai_apply.import_job_feed("feed", [POSTING]),
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


def frames(error: BaseException | None, *, own: bool = False) -> Iterator[FrameType]:
    """Yield the frames that a traceback of *error* shows, those of its causes included, but those of this file only
    with *own*."""
    while error is not None:
        trace = error.__traceback__
        while trace is not None:
            if own or trace.tb_frame.f_code.co_filename != __file__:
                yield trace.tb_frame
            trace = trace.tb_next
        error = error.__cause__ if error.__cause__ is not None or error.__suppress_context__ else error.__context__


def shown(value: object) -> str:
    """Return what reports show of a value: its repr, or its fields, which `rich` looks up by itself."""
    try:
        return repr(value) + pretty_repr(value, max_depth=6)
    except AttributeError:  # of a client whose constructor failed
        return ""


def leaks(error: BaseException | None, *secrets: str) -> list[str]:
    return [
        f"{frame.f_code.co_name}: {name}"
        for frame in frames(error)
        for name, value in frame.f_locals.items()
        if any(secret in shown(value) for secret in secrets or (KEY, PERSON, PASSWORD, WEBHOOK_SECRET))
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
        sandbox.faults.add(FAULTS[fault], times=19)
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
        sandbox.faults.add(Fault.delayed(60), times=19)

        async def within(seconds: float, call: Call) -> None:
            async with asyncio.timeout(seconds):
                await call(client)

        for error in await asyncio.gather(*(within(0.3, call) for call in CALLS), return_exceptions=True):
            assert isinstance(error, TimeoutError)
            assert error.__cause__ is not None
            assert not leaks(error)
    if given is not None:
        await given.close()


@pytest.mark.parametrize("page", ["undecodable", "interrupted"])
async def test_no_frame_of_a_list_that_fails_later_has_the_records_before(page: str) -> None:
    fault = ODD_PAGE if page == "undecodable" else FAULTS["not HTTP"]
    async with (
        Sandbox(SandboxConfig(employees=9), api_key=KEY) as sandbox,
        KomboClient(
            KEY, base_url=sandbox.base_url, integration_id=sandbox.integration_id, retry=RetryPolicy(attempts=1)
        ) as client,
    ):
        employees = client.hris.iter_employees(page_size=2)
        ids = [each.id for each in (await employees.first_page()).results]
        for read in (
            employees.collect,
            lambda: drain(aiter(employees)),
            lambda: drain(arrow.batches(employees, Employee)),
        ):
            sandbox.faults.clear()
            sandbox.faults.add(fault, times=9, after=2)
            with pytest.raises(KomboError) as raised:
                await read()
            assert not leaks(raised.value, KEY, PERSON, *ids)


REFUSED_VALUES: dict[str, Callable[[], object]] = {
    "decode": lambda: json.decode(f'{{"id":"a","start_date":"{PERSON}"}}', Employee),
    "decode what is no JSON": lambda: json.decode(PERSON, Employee),
    "decode a surrogate": lambda: json.decode(PERSON + "\ud800", Employee),
    "decode into no type": lambda: json.decode(PERSON, 5),  # type: ignore[arg-type]
    "from_dict": lambda: json.from_dict({"id": "a", "start_date": PERSON}, Employee),
    "encode": lambda: json.encode({"email": PERSON, "x": object()}),
    "encode a surrogate": lambda: json.encode(PERSON + "\ud800"),
    "to_dict": lambda: json.to_dict([PERSON, object()]),
    "table": lambda: arrow.table([Employee(id="a", first_name=PERSON + "\ud800")], Employee),
    "table of other records": lambda: arrow.table([PERSON], Employee),  # type: ignore[list-item]
    "record_batch": lambda: arrow.record_batch([Employee(id="a", first_name=PERSON + "\ud800")], Employee),
}


@pytest.mark.parametrize("name", REFUSED_VALUES)
def test_no_frame_has_the_values_that_are_refused(name: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        REFUSED_VALUES[name]()
    assert not leaks(raised.value)


async def test_coroutine_that_caught_an_error_goes_on_after_another_task_raised_it() -> None:
    failed, goes_on = asyncio.get_running_loop().create_future(), asyncio.Event()

    async def fails() -> None:
        raise LookupError(PERSON)

    async def work() -> str:
        secret = PERSON
        try:
            await fails()
        except LookupError as error:
            failed.set_exception(error)
            await goes_on.wait()
        return secret

    async def wait() -> None:
        await failed

    # As if they were in the package, whose frames are cleared.
    package = {**globals(), "__name__": "kombo_async.test"}
    task = asyncio.create_task(FunctionType(work.__code__, package, closure=work.__closure__)())
    with pytest.raises(LookupError):
        await without_locals(wait)()
    goes_on.set()
    assert await asyncio.wait_for(task, 20) == PERSON


def _raise_here() -> None:
    secret = PERSON
    raise LookupError(len(secret))


def _raise_in_package() -> None:
    # As if it were in the package, whose frames are cleared.
    FunctionType(_raise_here.__code__, {**globals(), "__name__": "kombo_async.test"})()


def _raise_group() -> None:
    try:
        _raise_in_package()
    except LookupError as error:
        raise BaseExceptionGroup("several", [error]) from None


def _raise_during_another() -> None:
    try:
        _raise_in_package()
    finally:
        raise ArithmeticError


@pytest.mark.parametrize("fails", [_raise_in_package, _raise_group, _raise_during_another])
def test_no_frame_of_an_error_that_led_to_another_has_local_variables(fails: Callable[[], None]) -> None:
    with pytest.raises((LookupError, ArithmeticError, BaseExceptionGroup)) as raised:
        without_locals(fails)()
    error = raised.value
    led = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__context__ or error
    [frame] = [frame for frame in frames(led, own=True) if frame.f_code is _raise_here.__code__]
    assert frame.f_locals == {}


def test_frame_that_another_thread_still_runs_is_left_out_of_the_traceback() -> None:
    caught: SimpleQueue[LookupError] = SimpleQueue()
    ends = Event()

    def run() -> None:
        try:
            _raise_here()
        except LookupError as error:
            caught.put(error)
        ends.wait()

    def raise_again() -> None:
        raise caught.get()

    package = {**globals(), "__name__": "kombo_async.test"}
    thread = Thread(target=FunctionType(run.__code__, package, closure=run.__closure__))
    thread.start()
    try:
        with pytest.raises(LookupError) as raised:
            without_locals(raise_again)()
        codes = [frame.f_code for frame in frames(raised.value, own=True)]
        assert _raise_here.__code__ in codes
        assert run.__code__ not in codes
    finally:
        ends.set()
        thread.join()


def test_error_that_is_its_own_cause_is_raised_as_it_is() -> None:
    def records() -> Iterator[Employee]:
        error = LookupError()
        raise error from error
        yield Employee(id="a")

    with pytest.raises(LookupError) as raised:
        arrow.table(records(), Employee)
    assert raised.value.__cause__ is raised.value


async def test_no_frame_of_a_mirror_has_records_rows_or_messages(tmp_path: Path) -> None:
    async def fails(connection: object, changes: Sequence[Change]) -> None:
        raise LookupError

    url, errors = f"sqlite:///{tmp_path}/people.db", list[BaseException | None]()
    async with (
        Sandbox(SandboxConfig(employees=4), api_key=KEY) as sandbox,
        KomboClient(
            KEY, base_url=sandbox.base_url, integration_id=sandbox.integration_id, retry=RetryPolicy(attempts=1)
        ) as client,
    ):
        integration_id = sandbox.integration_id
        async with Mirror(url, client) as mirror:
            await mirror.add(integration_id, ["hris_employees"])
            sandbox.faults.add(FAULTS["refusal"])
            errors += [result.error async for result in mirror.refresh()]
            assert [result.error async for result in mirror.refresh(integration_id, full=True)] == [None]
            async with mirror.connection(read_only=False) as connection:
                text = f'{{"id":"a","start_date":"{PERSON}"}}'.encode()
                await connection.execute(
                    sqlalchemy.text("UPDATE hris_employees_records SET data = :data"), {"data": text}
                )
                await connection.commit()
            with pytest.raises(DecodeError) as undecodable:
                await drain(mirror.iter_records(Employee))
            errors.append(undecodable.value)
        async with Mirror(url, client, on_change=fails) as mirror:
            await mirror.add(integration_id, ["hris_absences"])
            errors += [result.error async for result in mirror.refresh(integration_id, models=["hris_absences"])]
            with pytest.raises(LookupError) as failed:
                await mirror.remove(integration_id)
            errors.append(failed.value)
    assert [type(error) for error in errors] == [InputInvalidError, DecodeError, LookupError, LookupError]
    for error in errors:
        assert not leaks(error)


@pytest.mark.parametrize("framework", ["asgi", "aiohttp"])
async def test_no_frame_of_a_webhook_whose_callback_fails_has_the_body(framework: str) -> None:
    async def fails(event: webhooks.Event) -> None:
        raise LookupError

    body = f'{{"id":"e","type":"{PERSON}","data":{{"email":"{PERSON}"}}}}'.encode()
    headers = {webhooks.SIGNATURE_HEADER: webhooks.sign(body, WEBHOOK_SECRET)}
    raised: list[BaseException] = []
    if framework == "asgi":
        messages = [{"type": "http.request", "body": body}]
        scope = {
            "type": "http",
            "method": "POST",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }

        async def receive() -> dict[str, Any]:
            return messages.pop()

        with pytest.raises(LookupError) as failed:
            await webhooks.asgi_app(fails, WEBHOOK_SECRET)(scope, receive, receive)  # type: ignore[arg-type]
        raised.append(failed.value)
    else:
        handle = webhooks.aiohttp_handler(fails, WEBHOOK_SECRET)

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                return await handle(request)
            except LookupError as error:
                raised.append(error)
                raise

        app = web.Application()
        app.router.add_post("/", handler)
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            assert (await session.post(server.make_url("/"), data=body, headers=headers)).status == 500
    for error in raised:
        assert not leaks(error)
    assert len(raised) == 1


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
