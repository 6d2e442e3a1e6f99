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
"""

from __future__ import annotations

import time

from .events import CallEvent, CallFinished, PageFetched, RequestSent, ResponseReceived, RetryScheduled, Throttled

try:
    from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider, get_tracer
except ImportError as error:
    raise ImportError('kombo_async.otel needs opentelemetry-api: pip install "kombo_async[otel]"') from error

__all__ = ["OpenTelemetryObserver"]

OPERATION = "kombo.operation"
INTEGRATION_ID = "kombo.integration_id"
ATTEMPT = "kombo.attempt"
ATTEMPTS = "kombo.attempts"
RECORDS = "kombo.records"
CODE = "kombo.code"
WAIT = "kombo.wait"
STATUS = "http.response.status_code"
ERROR = "error.type"

REQUEST_EVENT = "kombo.request"
RESPONSE_EVENT = "kombo.response"
RETRY_EVENT = "kombo.retry"
THROTTLED_EVENT = "kombo.throttled"


class OpenTelemetryObserver:
    """An observer that makes a span of each call. One may serve any number of clients."""

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        """Use the global tracer provider unless another one is given."""
        from ._version import __version__

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
        attributes = {OPERATION: event.operation}
        if event.integration_id is not None:
            attributes[INTEGRATION_ID] = event.integration_id
        return self._tracer.start_span(
            f"kombo {event.operation}",
            kind=SpanKind.CLIENT,
            attributes=attributes,
            start_time=time.time_ns() - int(event.elapsed * 1e9),
        )


def _note(span: Span, event: CallEvent) -> None:
    about: dict[str, str | int | float] = {ATTEMPT: event.attempt}
    match event:
        case RequestSent():
            span.add_event(REQUEST_EVENT, about)
        case ResponseReceived():
            span.set_attribute(STATUS, event.status)
            span.add_event(RESPONSE_EVENT, about | {STATUS: event.status} | _code(event.code))
        case RetryScheduled():
            span.add_event(RETRY_EVENT, about | {WAIT: event.wait, ERROR: event.error} | _code(event.code))
        case Throttled():
            span.add_event(THROTTLED_EVENT, about | {WAIT: event.wait, CODE: event.code})
        case PageFetched():
            span.set_attribute(RECORDS, event.records)
        case _:
            pass


def _code(code: str | None) -> dict[str, str | int | float]:
    return {} if code is None else {CODE: code}


def _end(span: Span, event: CallFinished) -> None:
    span.set_attribute(ATTEMPTS, event.attempt)
    if event.error is not None:
        span.set_attributes({ERROR: event.error, **_code(event.code)})
        span.set_status(StatusCode.ERROR, event.error)
    span.end()
