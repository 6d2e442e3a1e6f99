"""Spans: one for each call, with its attempts as events, below the span of the caller."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode

from kombo_async import KomboClient, Limits, errors
from kombo_async.otel import OpenTelemetryObserver
from kombo_async.sandbox import Fault, Sandbox

from .conftest import QUICK


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@pytest.fixture
def observer(provider: TracerProvider) -> OpenTelemetryObserver:
    return OpenTelemetryObserver(provider)


@pytest.fixture
async def client(sandbox: Sandbox, observer: OpenTelemetryObserver) -> AsyncIterator[KomboClient]:
    async with KomboClient(
        sandbox.api_key,
        base_url=sandbox.base_url,
        integration_id=sandbox.integration_id,
        retry=QUICK,
        limits=Limits.off(),
        observers=[observer],
    ) as client:
        yield client
    assert not observer._spans, "spans without an end"


def events_of(span: ReadableSpan) -> list[tuple[str, dict[str, object]]]:
    """Return the events of a span, but for how long each wait was to be."""
    return [
        (event.name, {key: value for key, value in (event.attributes or {}).items() if key != "kombo.wait"})
        for event in span.events
    ]


async def test_call_is_a_client_span(client: KomboClient, sandbox: Sandbox, exporter: InMemorySpanExporter) -> None:
    began = time.time_ns()
    await client.get_integration()
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind, span.parent) == ("kombo get_integration", SpanKind.CLIENT, None)
    assert span.attributes == {
        "kombo.operation": "get_integration",
        "kombo.integration_id": sandbox.integration_id,
        "kombo.attempts": 1,
        "http.response.status_code": 200,
    }
    assert span.status.status_code is StatusCode.UNSET
    assert events_of(span) == [
        ("kombo.request", {"kombo.attempt": 1}),
        ("kombo.response", {"kombo.attempt": 1, "http.response.status_code": 200}),
    ]
    assert span.start_time is not None
    assert span.end_time is not None
    # Not by the same clock, so by a millisecond.
    assert began - 1_000_000 <= span.start_time <= span.events[0].timestamp <= span.end_time <= time.time_ns()
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "kombo_async"


async def test_attempts_are_events_of_the_span(
    client: KomboClient, sandbox: Sandbox, exporter: InMemorySpanExporter
) -> None:
    sandbox.faults.add(Fault.error("PLATFORM.RATE_LIMIT_EXCEEDED", headers={"Retry-After": "0.05"}))
    sandbox.faults.add(Fault.html_502())
    sandbox.faults.add(Fault.drop("body"))
    await client.iter_integration_fields().first_page()
    (span,) = exporter.get_finished_spans()
    code, status = {"kombo.code": "PLATFORM.RATE_LIMIT_EXCEEDED"}, "http.response.status_code"
    assert events_of(span) == [
        ("kombo.request", {"kombo.attempt": 1}),
        ("kombo.response", {"kombo.attempt": 1, status: 429, **code}),
        ("kombo.throttled", {"kombo.attempt": 1, **code}),
        ("kombo.request", {"kombo.attempt": 2}),
        ("kombo.response", {"kombo.attempt": 2, status: 502}),
        ("kombo.retry", {"kombo.attempt": 2, "error.type": "APIError"}),
        ("kombo.request", {"kombo.attempt": 3}),
        ("kombo.retry", {"kombo.attempt": 3, "error.type": "KomboConnectionError"}),
        ("kombo.request", {"kombo.attempt": 4}),
        ("kombo.response", {"kombo.attempt": 4, status: 200}),
    ]
    waits = [event.attributes["kombo.wait"] for event in span.events if "kombo.wait" in (event.attributes or {})]
    assert len(waits) == 3
    assert waits[0] >= 0.05
    assert span.attributes is not None
    assert (span.attributes["kombo.attempts"], span.attributes["kombo.records"]) == (4, 25)
    assert span.attributes[status] == 200
    assert span.status.status_code is StatusCode.UNSET


async def test_failure_is_the_status_of_the_span(
    client: KomboClient, sandbox: Sandbox, exporter: InMemorySpanExporter
) -> None:
    sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID", "SECRET"))
    with pytest.raises(errors.InputInvalidError):
        await client.get_integration()
    sandbox.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"))
    with pytest.raises(errors.OutcomeUnknownError):
        await client.trigger_sync()
    sandbox.faults.add(Fault.raw(b'{"SECRET"'))
    with pytest.raises(errors.DecodeError):
        await client.check_api_key()
    spans = exporter.get_finished_spans()
    assert [(span.status.status_code, span.status.description) for span in spans] == [
        (StatusCode.ERROR, "InputInvalidError"),
        (StatusCode.ERROR, "OutcomeUnknownError"),
        (StatusCode.ERROR, "DecodeError"),
    ]
    found = [(span.attributes or {}) for span in spans]
    assert [attributes["error.type"] for attributes in found] == [span.status.description for span in spans]
    codes = [attributes.get("kombo.code") for attributes in found]
    assert codes == ["PLATFORM.INPUT_INVALID", "PLATFORM.UNKNOWN_ERROR", None]
    assert [attributes["http.response.status_code"] for attributes in found] == [400, 500, 200]
    assert not any("SECRET" in span.to_json() for span in spans)


async def test_cancellation_ends_the_span(
    client: KomboClient, sandbox: Sandbox, exporter: InMemorySpanExporter, observer: OpenTelemetryObserver
) -> None:
    sandbox.faults.add(Fault.delayed(60))
    narrow = KomboClient(
        sandbox.api_key, base_url=sandbox.base_url, limits=Limits.off(max_in_flight=1), observers=[observer]
    )
    on_wire = asyncio.create_task(narrow.check_api_key())
    in_queue = asyncio.create_task(narrow.check_api_key())
    while not sandbox.requests:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    for task in (in_queue, on_wire):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    sandbox.faults.add(Fault.delayed(60))
    closed = asyncio.create_task(narrow.check_api_key())
    while len(sandbox.requests) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await narrow.close()
    with pytest.raises(errors.KomboConnectionError):
        await closed
    found = [(span.attributes or {}) for span in exporter.get_finished_spans()]
    assert [(one["error.type"], one["kombo.attempts"]) for one in found] == [
        ("CancelledError", 0),
        ("CancelledError", 1),
        ("KomboConnectionError", 1),
    ]


async def test_span_includes_the_wait_in_the_queue(
    sandbox: Sandbox, observer: OpenTelemetryObserver, exporter: InMemorySpanExporter
) -> None:
    sandbox.faults.add(Fault.delayed(0.3))
    narrow = Limits.off(max_in_flight=1)
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, limits=narrow, observers=[observer]) as client:
        await asyncio.gather(client.check_api_key(), client.check_api_key())
    first, second = exporter.get_finished_spans()
    assert first.end_time is not None
    assert second.start_time is not None
    assert first.end_time - second.start_time > 0.2e9
    assert second.events[0].timestamp >= first.end_time


async def test_parent_of_a_span_is_the_current_span_of_the_caller(
    client: KomboClient, sandbox: Sandbox, provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    sandbox.faults.add(Fault.html_502(), times=20)
    tracer = provider.get_tracer("app")

    async def work(number: int) -> None:
        with tracer.start_as_current_span(f"work {number}"):
            await client.check_api_key()
            async for _ in client.iter_integration_fields(page_size=10):
                await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(20)))
    spans = exporter.get_finished_spans()
    works = {span.context.span_id: span.name for span in spans if span.name.startswith("work")}
    calls = [span for span in spans if span.name.startswith("kombo")]
    assert len(works) == 20
    assert len({span.context.span_id for span in calls}) == len(calls) == 20 * (1 + 3)
    for name in works.values():
        mine = [span for span in calls if span.parent is not None and works[span.parent.span_id] == name]
        assert [span.name for span in mine] == ["kombo check_api_key"] + ["kombo iter_integration_fields"] * 3
    for span in calls:
        # No attribute of one call is in the span of another.
        attempts = [attributes["kombo.attempt"] for event, attributes in events_of(span) if event == "kombo.request"]
        assert attempts == list(range(1, (span.attributes or {})["kombo.attempts"] + 1))


async def test_observer_may_be_shared_by_clients(
    client: KomboClient, sandbox: Sandbox, observer: OpenTelemetryObserver, exporter: InMemorySpanExporter
) -> None:
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, observers=[observer]) as other:
        await asyncio.gather(*(one.check_api_key() for one in (client, other) for _ in range(5)))
    spans = exporter.get_finished_spans()
    assert [(span.attributes or {})["kombo.attempts"] for span in spans] == [1] * 10


async def test_calls_that_are_not_sampled_leave_no_spans(sandbox: Sandbox) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=ALWAYS_OFF)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observer = OpenTelemetryObserver(provider)
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, observers=[observer]) as client:
        assert await client.check_api_key()
    assert not exporter.get_finished_spans()
    assert not observer._spans


async def test_global_tracer_provider_is_the_default(sandbox: Sandbox) -> None:
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url, observers=[OpenTelemetryObserver()]) as client:
        assert await client.check_api_key()


def test_import_without_the_extra_says_what_to_install() -> None:
    program = "import sys; sys.modules['opentelemetry.trace'] = None; import kombo_async.otel"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert 'ImportError: kombo_async.otel needs opentelemetry-api: pip install "kombo_async[otel]"' in ran.stderr
