"""A job feed is imported line by line, while its postings are made: what arrives, and what happens where it breaks."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from attrs import define, field

from kombo_async import (
    AIApplyJobFeedImportAlreadyRunningError,
    KomboClient,
    KomboConnectionError,
    KomboError,
    KomboTimeoutError,
    OutcomeUnknownError,
    RateLimitExceededError,
    Timeouts,
)
from kombo_async.families import ai_apply
from kombo_async.models import JobFeedImport, JobFeedPosting, PostingLocation

from ..support.for_each import for_each
from ..support.waiting import until
from .conftest import QUICK

LIMITED = ("PLATFORM.RATE_LIMIT_EXCEEDED", 429)
RUNNING = ("AI_APPLY.JOB_FEED_IMPORT_ALREADY_RUNNING", 409)
LONG = "x" * 50_000
"""So that two lines fill a piece."""


@define
class Server:
    """Reads imports and remembers them."""

    bodies: list[bytes] = field(factory=list)
    """The bodies that arrived whole."""
    broken: list[bytes] = field(factory=list)
    """What arrived of the others."""
    headers: list[Any] = field(factory=list)
    arrived: int = 0
    """Bytes, over all."""
    heard: asyncio.Event = field(factory=asyncio.Event)
    """Whether anything came."""
    refusals: list[tuple[str, int]] = field(factory=list)
    """What to answer first, instead of a success."""
    unread: bool = False
    """Whether to refuse without reading anything."""
    before: Callable[[], Any] | None = None
    """What to wait for before anything is read."""
    early: bool = False
    """Whether to begin the answer before anything is read."""
    lost: bool = False
    """Whether to break the connection instead of an answer."""
    reset_after: int | None = None
    """After how many bytes of the first request to break the connection."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(request.headers)
        if self.before is not None:
            await self.before()
        if self.refusals and self.unread:
            return refusal(*self.refusals.pop(0))
        response = web.StreamResponse()
        if self.early:
            await response.prepare(request)
            await response.write(b'{"status": ')
        received = bytearray()
        try:
            async for piece in request.content.iter_any():
                received += piece
                self.arrived += len(piece)
                self.heard.set()
                if self.reset_after is not None and len(received) > self.reset_after:
                    self.reset_after = None
                    assert request.transport is not None
                    request.transport.abort()
        except Exception:
            self.broken.append(bytes(received))
            raise
        body = bytes(received)
        self.bodies.append(body)
        if self.lost:
            assert request.transport is not None
            request.transport.abort()
        if self.refusals:
            return refusal(*self.refusals.pop(0))
        data = {"created": body.count(b"\n"), "processed": body.count(b"\n"), "archived": 0}
        return web.json_response({"status": "success", "data": data})

    def forget(self) -> None:
        for kept in (self.bodies, self.broken, self.headers):
            kept.clear()

    @property
    def lines(self) -> list[Any]:
        """The lines of the only body."""
        (body,) = self.bodies
        assert not body or body.endswith(b"\n")
        return [json.loads(line) for line in body.splitlines()]

    async def all_seen(self, requests: int) -> None:
        """Wait until the ends of a number of requests were seen, here as on the client's side."""
        while len(self.bodies) + len(self.broken) < requests:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def refusal(code: str, status: int) -> web.Response:
    body = {"status": "error", "error": {"code": code, "message": "not now", "title": None, "log_url": None}}
    return web.json_response(body, status=status, headers={"Retry-After": "0"})


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def base_url(server: Server) -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_post("/v1/ai-apply/job-feeds/{job_feed_id}/bulk-import", server.handle)
    runner = web.AppRunner(application, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    await runner.cleanup()


@pytest.fixture
async def client(base_url: str) -> AsyncIterator[KomboClient]:
    # The garbage collector leaves out what was there before: it runs after each of these tests.
    gc.freeze()
    async with KomboClient("key", base_url=base_url, retry=QUICK) as client:
        yield client
    # Nothing is left for the garbage collector to complain about.
    gc.collect()


def posting(number: int, more: str = "") -> JobFeedPosting:
    return JobFeedPosting(url=f"https://jobs.example.com/{number}{more}", career_site_label="Tannenhof")


@define
class Source:
    """Makes postings, in any of the forms, and knows how that went."""

    count: int
    more: str = ""
    then: Callable[[], Any] | None = None
    """What the generators do after these."""
    made: int = 0
    closed: bool = False

    def a_list(self) -> list[JobFeedPosting]:
        return [posting(number, self.more) for number in range(self.count)]

    def generator(self) -> Iterator[JobFeedPosting]:
        try:
            for number in range(self.count):
                self.made += 1
                yield posting(number, self.more)
            if self.then is not None:
                self.then()
                yield posting(self.count, self.more)
        finally:
            self.closed = True

    async def asynchronous(self) -> AsyncIterator[JobFeedPosting]:
        try:
            for number in range(self.count):
                self.made += 1
                await asyncio.sleep(0)
                yield posting(number, self.more)
            if self.then is not None:
                done = self.then()
                if asyncio.iscoroutine(done):
                    await done
                yield posting(self.count, self.more)
        finally:
            # Closing may take a moment, which is waited for.
            for _ in range(5):
                await asyncio.sleep(0)
            self.closed = True

    def again_and_again(self) -> Iterable[JobFeedPosting]:
        return Repeatable(self.generator)

    def asynchronously_again_and_again(self) -> Any:
        return AsyncRepeatable(self.asynchronous)


@define
class Repeatable:
    make: Callable[[], Iterator[JobFeedPosting]]

    def __iter__(self) -> Iterator[JobFeedPosting]:
        return self.make()


@define
class AsyncRepeatable:
    make: Callable[[], AsyncIterator[JobFeedPosting]]

    def __aiter__(self) -> AsyncIterator[JobFeedPosting]:
        return self.make()


REPEATABLE = [Source.a_list, Source.again_and_again, Source.asynchronously_again_and_again]
ONCE = [Source.generator, Source.asynchronous]
FORMS = [*REPEATABLE, *ONCE]
GENERATORS = FORMS[1:]


def is_writing() -> bool:
    """Return whether a task writes a body of lines."""
    return any("NDJSONPayload._write" in repr(task) for task in asyncio.all_tasks())


async def for_ever() -> None:
    await asyncio.Event().wait()


class TestBody:
    @pytest.mark.parametrize("form", FORMS)
    async def test_body_has_one_posting_per_line(self, client: KomboClient, server: Server, form: Any) -> None:
        source = Source(3)
        done = await client.ai_apply.import_job_feed("feed/1", form(source))
        assert done == JobFeedImport(created=3, processed=3, archived=0)
        assert server.lines == [
            {"url": f"https://jobs.example.com/{number}", "career_site_label": "Tannenhof"} for number in range(3)
        ]
        (headers,) = server.headers
        assert headers["Content-Type"] == "application/x-ndjson"
        assert headers["Transfer-Encoding"] == "chunked"
        assert headers["Authorization"] == "Bearer key"
        assert "X-Integration-Id" not in headers

    async def test_all_fields_of_a_posting_are_sent(self, client: KomboClient, server: Server) -> None:
        place = PostingLocation(country="AT", postal_code="08010")
        full = JobFeedPosting(url="https://jobs.example.com/ü\n", career_site_label="A", job_code="1", location=place)
        await client.ai_apply.import_job_feed("f", [full])
        assert server.lines == [
            {
                "url": "https://jobs.example.com/ü\n",
                "career_site_label": "A",
                "job_code": "1",
                "location": {"country": "AT", "postal_code": "08010"},
            }
        ]

    @pytest.mark.parametrize("form", FORMS)
    async def test_long_body_arrives_complete(self, client: KomboClient, server: Server, form: Any) -> None:
        await client.ai_apply.import_job_feed("f", form(Source(3_000)))
        # Three pieces.
        assert len(server.bodies[0]) > 3 * 65_536
        assert [line["url"].rpartition("/")[2] for line in server.lines] == [str(number) for number in range(3_000)]

    async def test_empty_list_is_sent_as_an_empty_body(self, client: KomboClient, server: Server) -> None:
        assert (await client.ai_apply.import_job_feed("f", [])).processed == 0
        assert server.bodies == [b""]


class TestStreaming:
    async def test_lines_are_sent_while_an_async_generator_runs(self, client: KomboClient, server: Server) -> None:
        source = Source(3, LONG, then=server.heard.wait)
        async with asyncio.timeout(60):
            await client.ai_apply.import_job_feed("f", source.asynchronous())
        assert len(server.lines) == 4

    async def test_lines_are_sent_while_a_generator_runs(self, client: KomboClient, server: Server) -> None:
        arrived = []
        source = Source(100, LONG, then=lambda: arrived.append(server.arrived))
        await client.ai_apply.import_job_feed("f", source.generator())
        assert len(server.lines) == 101
        assert 0 < arrived[0] < server.arrived

    async def test_failed_imports_keep_no_sources_in_memory(self, client: KomboClient) -> None:
        class Rows:
            def __iter__(self) -> Iterator[JobFeedPosting]:
                yield posting(0)
                raise ValueError("row 17 is broken")

        alive: weakref.WeakSet[Rows] = weakref.WeakSet()
        for _ in range(5):
            rows = Rows()
            alive.add(rows)
            with pytest.raises(ValueError, match="row 17"):
                await client.ai_apply.import_job_feed("f", rows)
        del rows
        await asyncio.sleep(0.01)
        gc.collect()
        assert not alive

    @pytest.mark.parametrize("raises", [False, True])
    async def test_generators_that_ignore_their_cancellation_log_nothing(
        self, client: KomboClient, *, raises: bool
    ) -> None:
        async def stubborn() -> AsyncIterator[JobFeedPosting]:
            try:
                await asyncio.sleep(60)
                yield posting(0)
            except asyncio.CancelledError:
                if raises:
                    raise ValueError("mine") from None

        noise: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))
        task = asyncio.create_task(client.ai_apply.import_job_feed("f", stubborn()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        del task
        await client.close()
        gc.collect()
        await asyncio.sleep(0.01)
        gc.collect()
        assert not noise

    async def test_import_keeps_no_postings_in_memory(self, client: KomboClient, server: Server) -> None:
        alive: weakref.WeakValueDictionary[int, JobFeedPosting] = weakref.WeakValueDictionary()
        most = 0

        def postings() -> Iterator[JobFeedPosting]:
            nonlocal most
            for number in range(5_000):
                made = posting(number)
                alive[number] = made
                most = max(most, len(alive))
                yield made

        await client.ai_apply.import_job_feed("f", postings())
        assert server.bodies[0].count(b"\n") == 5_000
        assert most <= 3

    async def test_other_tasks_run_during_an_import(self, client: KomboClient, server: Server) -> None:
        iterations, seen_by_source = 0, []

        async def count() -> None:
            nonlocal iterations
            while True:
                iterations += 1
                await asyncio.sleep(0)

        def postings() -> Iterator[JobFeedPosting]:
            for made in Source(20, LONG).generator():
                seen_by_source.append(iterations)
                yield made

        counting = asyncio.create_task(count())
        await client.ai_apply.import_job_feed("f", postings())
        counting.cancel()
        assert len(set(seen_by_source)) >= 10

    @pytest.mark.parametrize("form", ONCE)
    async def test_backpressure_of_a_slow_server_stops_the_generator(
        self, client: KomboClient, server: Server, form: Any
    ) -> None:
        source = Source(650, LONG)
        stuck_at = 0

        async def until_stuck() -> None:
            nonlocal stuck_at
            still = 0
            while still < 1_000:
                still = still + 1 if source.made == stuck_at else 0
                stuck_at = source.made
                await asyncio.sleep(0)

        server.before = until_stuck
        await client.ai_apply.import_job_feed("f", form(source))
        assert server.bodies[0].count(b"\n") == source.made == 650
        # What fits into the buffers of the system and of aiohttp.
        assert stuck_at < 500


class TestFailingSource:
    @pytest.mark.parametrize("form", GENERATORS)
    @pytest.mark.parametrize("count", [0, 1, 10])
    @for_each(
        "failure",
        [ValueError("no"), OSError(5, "disk"), TimeoutError(), ConnectionResetError(), LookupError(), StopIteration()],
    )
    async def test_exception_of_the_source_is_raised(
        self, client: KomboClient, server: Server, form: Any, count: int, failure: Exception
    ) -> None:
        cause = KeyError("the cause")

        def fail() -> None:
            raise failure from cause

        server.forget()
        source = Source(count, LONG, then=fail)
        with pytest.raises(Exception) as raised:
            await client.ai_apply.import_job_feed("f", form(source))
        # A generator cannot raise StopIteration itself.
        error = raised.value.__cause__ if isinstance(failure, StopIteration) else raised.value
        assert error is failure
        assert error.__cause__ is cause
        assert source.closed
        assert server.bodies == []
        # It spoils nothing for the next one.
        await client.ai_apply.import_job_feed("f", [posting(1)])
        await server.all_seen(len(server.headers))
        assert len(server.bodies) == 1
        assert all(len(part) <= 10 * (len(LONG) + 100) for part in server.broken)
        failure.__traceback__ = None

    @pytest.mark.parametrize("form", FORMS[1:])
    async def test_cancellation_raised_by_the_source_is_raised(
        self, client: KomboClient, server: Server, form: Any
    ) -> None:
        class Foreign(BaseException):
            pass

        for failure in (asyncio.CancelledError("theirs"), Foreign()):

            def fail(failure: BaseException = failure) -> None:
                raise failure

            source = Source(2, LONG, then=fail)
            with pytest.raises(type(failure)) as raised:
                await client.ai_apply.import_job_feed("f", form(source))
            assert raised.value is failure
            assert source.closed
            failure.__traceback__ = None
        await server.all_seen(2)
        assert (len(server.headers), server.bodies) == (2, [])

    async def test_source_failure_ends_the_call_although_the_response_has_begun(
        self, client: KomboClient, server: Server
    ) -> None:
        server.early = True
        failure = ValueError("no")

        async def fail() -> None:
            await server.heard.wait()
            # Enough for the beginning of the answer to be there; it comes to the same if it is not.
            for _ in range(100):
                await asyncio.sleep(0)
            raise failure

        async with asyncio.timeout(60):
            with pytest.raises(ValueError, match="no") as raised:
                await client.ai_apply.import_job_feed("f", Source(3, LONG, then=fail).asynchronous())
        assert raised.value is failure
        await server.all_seen(1)
        assert server.bodies == []

    @pytest.mark.parametrize(
        ("item", "message"),
        [
            (JobFeedPosting(url=7, career_site_label="A"), r"line 3 .*wrong type: Expected `str`.* at `\$\.url`"),  # type: ignore[arg-type]
            ({"url": "https://jobs.example.com"}, r"line 3 .*missing required field `career_site_label`"),
            ("https://jobs.example.com", "line 3 .*Expected `object`"),
            (None, "line 3 .*Expected `object`"),
            (object(), "unsupported.*This is about line 3"),
        ],
    )
    @pytest.mark.parametrize("form", [list, iter])
    async def test_item_of_a_wrong_type_is_a_type_error_with_its_line(
        self, client: KomboClient, server: Server, form: Any, item: Any, message: str
    ) -> None:
        with pytest.raises(TypeError) as raised:
            await client.ai_apply.import_job_feed("f", form([posting(1), posting(2), item]))
        assert re.search(message, " ".join([str(raised.value), *getattr(raised.value, "__notes__", ())]))
        assert server.bodies == []

    @pytest.mark.parametrize("form", FORMS)
    async def test_body_beyond_the_size_limit_is_refused(
        self, client: KomboClient, server: Server, form: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert ai_apply._LARGEST_IMPORT == 35_000_000
        size = len('{"url":"https://jobs.example.com/0","career_site_label":"Tannenhof"}\n')
        monkeypatch.setattr(ai_apply, "_LARGEST_IMPORT", 3 * size)
        await client.ai_apply.import_job_feed("f", form(Source(3)))
        monkeypatch.setattr(ai_apply, "_LARGEST_IMPORT", 3 * size - 1)
        source = Source(4)
        with pytest.raises(ValueError, match=f"line 3 goes beyond the {3 * size - 1} bytes"):
            await client.ai_apply.import_job_feed("f", form(source))
        assert source.closed or form is Source.a_list
        assert len(server.bodies) == 1

    @pytest.mark.parametrize("form", ONCE)
    async def test_exhausted_iterator_is_refused(self, client: KomboClient, server: Server, form: Any) -> None:
        postings = form(Source(2))
        await client.ai_apply.import_job_feed("f", postings)
        with pytest.raises(ValueError, match=r"no items, or no more: pass \[\]"):
            await client.ai_apply.import_job_feed("f", postings)
        assert len(server.bodies) == 1


@pytest.mark.parametrize("wrong", ["text", b"bytes", posting(1), Source(1).asynchronous, 7, None])
async def test_source_that_is_no_iterable_is_refused_at_once(client: KomboClient, server: Server, wrong: Any) -> None:
    with pytest.raises(TypeError, match="the lines come from a list, a generator"):
        await client.ai_apply.import_job_feed("f", wrong)
    assert server.headers == []


class TestRetries:
    @pytest.mark.parametrize("unread", [True, False], ids=["unread", "read"])
    @pytest.mark.parametrize("form", REPEATABLE)
    async def test_import_from_a_list_is_retried(
        self, client: KomboClient, server: Server, form: Any, unread: bool
    ) -> None:
        server.refusals, server.unread = [LIMITED], unread
        done = await client.ai_apply.import_job_feed("f", form(Source(30, LONG)))
        assert done.processed == 30
        assert len(server.headers) == 2
        assert len(server.bodies[-1].splitlines()) == 30

    @pytest.mark.parametrize("unread", [True, False], ids=["unread", "read"])
    @pytest.mark.parametrize("form", ONCE)
    async def test_import_from_a_started_iterator_is_not_retried(
        self, client: KomboClient, server: Server, form: Any, unread: bool
    ) -> None:
        server.refusals, server.unread = [LIMITED], unread
        source = Source(30, LONG)
        with pytest.raises(RateLimitExceededError, match="only a new call can send them again") as raised:
            await client.ai_apply.import_job_feed("f", form(source))
        assert not raised.value.may_have_run
        assert len(server.headers) == 1
        assert source.closed

    @pytest.mark.parametrize("form", FORMS)
    async def test_import_from_an_unstarted_iterator_is_retried(self, base_url: str, server: Server, form: Any) -> None:
        class Stumbling(AbstractResolver):
            """Finds nothing at first."""

            asked = 0

            async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
                self.asked += 1
                if self.asked == 1:
                    raise OSError(11, "not now")
                return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family or 2, proto=0, flags=0)]

            async def close(self) -> None:
                pass

        resolver = Stumbling()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver)) as session:
            url = base_url.replace("127.0.0.1", "kombo.example")
            async with KomboClient("key", base_url=url, retry=QUICK, session=session) as client:
                assert (await client.ai_apply.import_job_feed("f", form(Source(3)))).processed == 3
        assert resolver.asked == 2

    async def test_import_during_another_import_is_not_retried(self, client: KomboClient, server: Server) -> None:
        server.refusals = [RUNNING]
        with pytest.raises(AIApplyJobFeedImportAlreadyRunningError):
            await client.ai_apply.import_job_feed("f", Source(3).a_list())
        assert len(server.headers) == 1

    @pytest.mark.parametrize("form", FORMS)
    async def test_import_is_retried_after_a_break_before_the_end_of_the_body(
        self, client: KomboClient, server: Server, form: Any
    ) -> None:
        server.reset_after = 100_000
        source = Source(300, LONG)
        if form in REPEATABLE:
            assert (await client.ai_apply.import_job_feed("f", form(source))).processed == 300
        else:
            with pytest.raises(KomboConnectionError, match="only a new call") as raised:
                await client.ai_apply.import_job_feed("f", form(source))
            assert not raised.value.may_have_run
        assert source.closed or form is Source.a_list
        await server.all_seen(len(server.headers))
        assert (len(server.broken), len(server.bodies)) == (1, int(form in REPEATABLE))

    @pytest.mark.parametrize("form", FORMS)
    async def test_import_is_not_retried_after_a_break_at_the_end_of_the_body(
        self, client: KomboClient, server: Server, form: Any
    ) -> None:
        server.lost = True
        with pytest.raises(OutcomeUnknownError) as raised:
            await client.ai_apply.import_job_feed("f", form(Source(3)))
        assert raised.value.may_have_run
        assert (len(server.headers), len(server.bodies)) == (1, 1)


class TestEndOfTheCall:
    """Whatever ends an import, the generator is closed before the caller continues."""

    @pytest.mark.parametrize("form", [Source.asynchronous, Source.asynchronously_again_and_again])
    @pytest.mark.parametrize("count", [0, 3])
    async def test_cancellation_closes_the_generator(
        self, client: KomboClient, server: Server, form: Any, count: int
    ) -> None:
        at_it = asyncio.Event()

        async def wait() -> None:
            at_it.set()
            await for_ever()

        source = Source(count, LONG, then=wait)
        importing = asyncio.create_task(client.ai_apply.import_job_feed("f", form(source)))
        await at_it.wait()
        assert is_writing()
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
        assert source.closed
        assert not is_writing()
        assert server.bodies == []

    async def test_second_cancellation_ends_a_generator_that_does_not_close(
        self, client: KomboClient, server: Server
    ) -> None:
        closing = asyncio.Event()

        async def postings() -> AsyncIterator[JobFeedPosting]:
            try:
                yield posting(1, LONG)
                yield posting(2, LONG)
                await for_ever()
            finally:
                closing.set()
                await for_ever()

        importing = asyncio.create_task(client.ai_apply.import_job_feed("f", postings()))
        await server.heard.wait()
        importing.cancel()
        await closing.wait()
        await asyncio.sleep(0.01)
        assert not importing.done()
        assert is_writing()
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
        await until(lambda: not is_writing())

    async def test_cancellation_ends_an_import_that_the_server_does_not_read(
        self, client: KomboClient, server: Server
    ) -> None:
        reading = asyncio.Event()
        server.before = reading.wait
        source = Source(650, LONG)
        importing = asyncio.create_task(client.ai_apply.import_job_feed("f", source.generator()))
        while not source.made:  # noqa: ASYNC110
            await asyncio.sleep(0)
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
        assert source.closed
        assert source.made < 650
        reading.set()
        await server.all_seen(1)
        assert server.bodies == []

    async def test_deadline_closes_the_generator(self, client: KomboClient, server: Server) -> None:
        source = Source(3, LONG, then=for_ever)
        hurried = client.with_options(timeouts=Timeouts(action_deadline=0.5))
        with pytest.raises(KomboTimeoutError, match=r"Timeouts\.action_deadline") as raised:
            await hurried.ai_apply.import_job_feed("f", source.asynchronous())
        assert not raised.value.may_have_run
        assert source.closed
        assert server.bodies == []

    async def test_early_refusal_closes_the_generator(self, client: KomboClient, server: Server) -> None:
        server.refusals, server.unread = [RUNNING], True
        source = Source(3, LONG, then=for_ever)
        with pytest.raises(AIApplyJobFeedImportAlreadyRunningError):
            await client.ai_apply.import_job_feed("f", source.asynchronous())
        assert source.closed

    async def test_closing_the_client_closes_the_generator(self, client: KomboClient, server: Server) -> None:
        source = Source(3, LONG, then=for_ever)
        importing = asyncio.create_task(client.ai_apply.import_job_feed("f", source.asynchronous()))
        await server.heard.wait()
        await client.close()
        with pytest.raises(Exception, match="the client was closed"):
            await importing
        assert source.closed


@pytest.mark.parametrize("form", GENERATORS)
@pytest.mark.parametrize(
    "failure",
    [
        KomboConnectionError("theirs", method="GET", path="/ats/jobs"),
        RateLimitExceededError("theirs", status=429, retry_after=0, method="GET", path="/ats/jobs"),
    ],
    ids=["connection", "limit"],
)
async def test_kombo_error_of_the_source_is_raised_unchanged(
    client: KomboClient, server: Any, form: Any, failure: KomboError
) -> None:
    def fail() -> None:
        raise failure

    with pytest.raises(KomboError) as raised:
        await client.ai_apply.import_job_feed("f", form(Source(2, LONG, then=fail)))
    assert raised.value is failure
    assert failure.path == "/ats/jobs"
    await server.all_seen(1)
    assert len(server.headers) == 1
