"""Spans of OpenTelemetry for the calls of a client. Needs the extra: `pip install "kombo_async[otel]"`.

```python
client = KomboClient(observers=[OpenTelemetryObserver()])
```

A call is one span; a list makes one for each page. It begins when the call does, so a wait for the client's own limits
is part of it, and its parent is the span that is current where the call was made. No attribute contains a key, a body,
a record or a query value.

| on | name | value |
|---|---|---|
| the span `kombo iter_employees` | `kombo.operation` | the method of the client |
| | `kombo.integration_id` | the integration, if the call is for one |
| | `kombo.attempts` | how often it was sent |
| | `kombo.records` | how many records the page has |
| | `kombo.code` | Kombo's error code, if the call failed with one |
| | `http.response.status_code` | the status of the last response |
| | `error.type` | the name of the exception class, if the call failed |
| each event | `kombo.attempt` | which attempt it is about, from 1 |
| the event `kombo.response` | `http.response.status_code`, `kombo.code` | status and error code of the response |
| the events `kombo.retry`, `kombo.throttled` | `kombo.wait` | seconds until the next attempt |
| | `error.type`, `kombo.code` | the reason for it |

An attempt begins with the event `kombo.request`.

`OpenTelemetryMetrics` makes metrics of a fleet, and of the refusals that its client meets:

```python
metrics = OpenTelemetryMetrics()
async with KomboClient(observers=[metrics]) as client, Fleet("postgresql://…", client) as fleet:
    await fleet.work(metrics=metrics)
```

| instrument | of | attributes |
|---|---|---|
| `kombo.refusals` | requests that a limit refused | `kombo.code` |
| `kombo.refreshes` | refreshes that ended | `kombo.model`, `kombo.kind`, `error.type` |
| `kombo.records` | records that they wrote, found unchanged or unreadable | `kombo.model`, `kombo.change` |
| `kombo.mirror.age` | seconds since the oldest copy was refreshed | |
| `kombo.mirror.unreadable` | records in `mirror_unreadable` | |
| `kombo.queue.depth` | models that wait for a worker | `kombo.kind`: requested or due |
| `kombo.workers` | workers that are alive | |
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ._version import __version__
from .events import CallEvent, CallFinished, PageFetched, RequestSent, ResponseReceived, RetryScheduled, Throttled

try:
    from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter
    from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider, get_tracer
except ImportError as error:
    raise ImportError('kombo_async.otel needs opentelemetry-api: pip install "kombo_async[otel]"') from error

__all__ = ["OpenTelemetryMetrics", "OpenTelemetryObserver"]

KIND = "kombo.kind"
CODE = "kombo.code"
WAIT = "kombo.wait"
STATUS = "http.response.status_code"
ERROR = "error.type"

_CHANGES = ("created", "updated", "deleted", "restored", "erased", "unchanged", "unreadable", "withheld_deletions")


class OpenTelemetryMetrics:
    """Metrics of a fleet, and an observer that counts the refusals of its client."""

    def __init__(self, meter_provider: MeterProvider | None = None) -> None:
        """Use the global meter provider unless another one is given."""
        meter = get_meter("kombo_async", __version__, meter_provider)
        self._refusals = meter.create_counter("kombo.refusals", "{request}", "Requests that a limit refused")
        self._refreshes = meter.create_counter("kombo.refreshes", "{refresh}", "Refreshes that ended")
        self._records = meter.create_counter("kombo.records", "{record}", "Records that refreshes read")
        self._status: Any = None

        def gauge(name: str, unit: str, about: str, read: Callable[[Any], list[Observation]]) -> None:
            def callback(_: CallbackOptions) -> Iterable[Observation]:
                return [] if self._status is None else read(self._status)

            meter.create_observable_gauge(name, [callback], unit, about)

        gauge(
            "kombo.mirror.age",
            "s",
            "Seconds since the oldest copy was refreshed",
            lambda status: [] if status.oldest_seconds is None else [Observation(status.oldest_seconds)],
        )
        gauge(
            "kombo.mirror.unreadable",
            "{record}",
            "Records that could not be stored",
            lambda status: [Observation(status.unreadable)],
        )
        gauge(
            "kombo.queue.depth",
            "{model}",
            "Models that wait for a worker",
            lambda status: [Observation(status.requested, {KIND: "requested"}), Observation(status.due, {KIND: "due"})],
        )
        gauge(
            "kombo.workers",
            "{worker}",
            "Workers that are alive",
            lambda status: [Observation(sum(each.is_alive for each in status.workers))],
        )

    def __call__(self, event: CallEvent) -> None:
        """Count a refusal; other events mean nothing here."""
        if isinstance(event, Throttled):
            self._refusals.add(1, _code(event.code))

    def refreshed(self, result: Any) -> None:
        """Count a `RefreshResult`."""
        about = {"kombo.model": result.model}
        error = {} if result.error is None else {ERROR: type(result.error).__name__}
        self._refreshes.add(1, {**about, KIND: result.kind, **error})
        for name in _CHANGES:
            if count := getattr(result, name):
                self._records.add(count, {**about, "kombo.change": name})

    def observe(self, status: Any) -> None:
        """Keep a `FleetStatus`, from which the gauges are read."""
        self._status = status


class OpenTelemetryObserver:
    """An observer that makes a span of each call. One may serve any number of clients."""

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        """Use the global tracer provider unless another one is given."""
        self._tracer = get_tracer("kombo_async", __version__, tracer_provider)
        self._spans: dict[int, Span] = {}

    def __call__(self, event: CallEvent) -> None:
        """Write down what happened."""
        span = self._spans.get(event.call)
        if span is None:
            span = self._spans[event.call] = self._begin(event)
        if isinstance(event, CallFinished):
            del self._spans[event.call]
            _end(span, event)
        elif span.is_recording():
            _note(span, event)

    def _begin(self, event: CallEvent) -> Span:
        # Observers run in the task of the call: the current span is that of the caller.
        attributes = {"kombo.operation": event.operation}
        if event.integration_id is not None:
            attributes["kombo.integration_id"] = event.integration_id
        return self._tracer.start_span(
            f"kombo {event.operation}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=time.time_ns() - int(event.elapsed * 1e9),
        )


def _note(span: Span, event: CallEvent) -> None:
    about: dict[str, str | int | float] = {"kombo.attempt": event.attempt}
    match event:
        case RequestSent():
            span.add_event("kombo.request", about)
        case ResponseReceived():
            span.set_attribute(STATUS, event.status)
            span.add_event("kombo.response", about | {STATUS: event.status} | _code(event.code))
        case RetryScheduled():
            span.add_event("kombo.retry", about | {WAIT: event.wait, ERROR: event.error} | _code(event.code))
        case Throttled():
            span.add_event("kombo.throttled", about | {WAIT: event.wait, CODE: event.code})
        case PageFetched():
            span.set_attribute("kombo.records", event.records)
        case _:
            pass


def _code(code: str | None) -> dict[str, str | int | float]:
    return {} if code is None else {CODE: code}


def _end(span: Span, event: CallFinished) -> None:
    span.set_attribute("kombo.attempts", event.attempt)
    if event.error is not None:
        span.set_attributes({ERROR: event.error, **_code(event.code)})
        span.set_status(StatusCode.ERROR, event.error)
    span.end()
