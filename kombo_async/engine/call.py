"""One call: wait for the limiter, send, decode, and perhaps retry. Here the parts of the engine meet."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar, cast

from msgspec import Struct

from ..config import Limits
from ..errors import APIError, KomboError, KomboTimeoutError
from . import request_log
from .inflight import InFlightCalls, OnePerIteration, PerLoop
from .limiter import CLOCK_RESOLUTION, LONGEST_PAUSE, Blocked, Limiter, QueueTimeout, Refusal, RetryDelay, Ticket
from .ndjson import NDJSONBody
from .observers import EventHeader, Observers
from .options import CallOptions
from .request import Request
from .response import (
    LIMIT_CODES,
    Response,
    client_closed_error,
    is_ambiguous,
    outcome_unknown_error,
    read_response,
    with_request_context,
)
from .retry import AttemptFailed, RetryBudget, may_repeat, retry, wait_after
from .transport import Transport

T = TypeVar("T")

_numbers = count(1)
_is_enabled = request_log.log.isEnabledFor
_LARGE = 1 << 16
"""Bytes of a response that takes about a third of a millisecond to decode, which other tasks would notice."""
_CLOSED = "this client was closed; make a new KomboClient"
_LATEST_DATE = 366 * 86_400.0
"""Seconds from now until the latest date that a message names; a later one may be beyond the range of datetime."""
_QUEUE_HINT = (
    "Raise Timeouts.queue, or let calls that a person waits for go before bulk work: "
    'with_options(priority="interactive").'
)
_BUSY = 8
"""Requests in flight at which the event loop has enough to do while one of them waits."""


class _CallState(Struct, eq=False):
    """The state of a call across its attempts."""

    number: int
    request: Request
    options: CallOptions
    ticket: Ticket
    began_at: float
    deadline: float
    logged: bool
    """Whether the log of requests is on."""
    attempts: int = 0
    may_have_run: bool = False
    on_wire: bool = False
    finished: bool = False
    """Whether its success was reported to the observers."""
    queued: float = 0.0
    """Seconds in the queue, without the waits after its own refusals."""
    limiter_delay: float = 0.0
    """Seconds that the limiter delays the next attempt because a limit refused the last one."""

    def event_header(self, now: float) -> EventHeader:
        """Return what every event says of this call."""
        request = self.request
        return self.number, request.operation.name, request.integration_id, self.attempts, now - self.began_at


class _LoopState:
    """What a client keeps for one event loop."""

    def __init__(self, limits: Limits, limits_name: str | None, transport: Transport) -> None:
        self.loop = asyncio.get_running_loop()
        self.limiter = Limiter(limits) if limits_name is None else _shared_limiter(limits, limits_name)
        self.decoding = OnePerIteration()
        self.calls = InFlightCalls(self.loop)
        self.transport = transport.for_running_loop()


def _shared_limiter(limits: Limits, limits_name: str) -> Limiter:
    from .limiter.shared import SharedLimiter

    return SharedLimiter(limits, limits_name)


class CallExecutor:
    """Executes the calls of one client and all its views."""

    def __init__(
        self, *, transport: Transport, limits: Limits, observers: Observers, limits_name: str | None = None
    ) -> None:
        """*limits_name* names the limits that other processes share, if `limits.shared` is set."""
        self._transport = transport
        self._states = PerLoop(lambda: _LoopState(limits, limits_name, transport))
        # None without observers, as each call asks several times.
        self._observers = observers or None
        self._retry_budget = RetryBudget()
        self._closed = False

    def call(self, request: Request, options: CallOptions, decode: Callable[[Response], T]) -> Awaitable[T]:
        """Send *request*, again while that helps and is safe; return what *decode* makes of the response."""
        state = self._states.current()
        now = state.loop.time()
        operation, timeouts = request.operation, options.timeouts
        time_limit = timeouts.action_deadline if operation.may_take_minutes else timeouts.read_deadline
        ticket = state.limiter.ticket(operation, request.integration_id, options.interactive)
        call = _CallState(
            next(_numbers), request, options, ticket, now, now + time_limit, _is_enabled(request_log.LEVEL)
        )
        return self._execute(call, state, decode)

    async def _execute(self, call: _CallState, state: _LoopState, decode: Callable[[Response], T]) -> T:
        try:
            if self._closed:
                raise RuntimeError(_CLOSED)  # noqa: TRY301
            request, operation, ticket = call.request, call.request.operation, call.ticket
            in_flight = state.calls.add(changes=operation.changes)
            state.limiter.begin(ticket)
            try:
                try:
                    # Without backoff, which takes longer than everything else that the engine does for a call.
                    return await self._attempt(call, state, decode)
                except AttemptFailed as failure:
                    first_failure = failure
                return await retry(first_failure, self._attempt, call, state, decode)
            except AttemptFailed as failure:
                error = failure.error
                if not operation.idempotent and is_ambiguous(error):
                    unknown = outcome_unknown_error(operation, error)
                    raise with_request_context(unknown, request, call.attempts, may_have_run=True) from error
                raise with_request_context(error, request, call.attempts, call.may_have_run) from error.__cause__
            except asyncio.CancelledError:
                if not state.calls.cancelled_by_us(in_flight):
                    raise
                may_have_run = call.may_have_run or (call.on_wire and operation.changes)
                raise with_request_context(
                    client_closed_error(operation, may_have_run), request, call.attempts, may_have_run
                ) from None
            finally:
                state.calls.remove(in_flight)
                state.limiter.end(ticket)
        except BaseException as error:
            if self._observers is not None and not call.finished:
                self._observers.call_finished(call.event_header(state.loop.time()), error)
            raise

    def is_busy(self) -> bool:
        """Return whether enough calls are under way in this event loop to fill the time in which one of them waits.

        Pages are not read ahead then: with 50 lists at once that would take 1.2 times the CPU time
        (`python -m benchmarks.mechanisms`).
        """
        return self._states.current().limiter.typical_in_flight >= _BUSY

    async def close(self, drain: float) -> None:
        """End all calls and connections; calls that change something may take *drain* seconds to finish."""
        state = self._states.current()
        try:
            if drain:
                # Tasks that were created before this call of `close` may still begin their calls in this iteration.
                await asyncio.sleep(0)
            self._closed = True
            for loop, other in self._states.others():
                loop.call_soon_threadsafe(other.calls.interrupt)
            if drain:
                state.calls.interrupt(changes=False)
                # This includes calls in the queue and between two attempts.
                await state.calls.drain(drain)
        finally:
            # Also if the caller cancels the drain.
            self._closed = self._transport.closed = True
            state.calls.interrupt()
            # One iteration of the event loop, in which the cancelled tasks run.
            await asyncio.sleep(0)
        await state.limiter.close()
        await state.transport.close()

    async def _attempt(self, call: _CallState, state: _LoopState, decode: Callable[[Response], T]) -> T:
        request, observers, limiter = call.request, self._observers, state.limiter
        asked = now = state.loop.time()
        if not limiter.try_acquire(call.ticket, now):
            now = await self._wait_in_queue(call, state, now)
        response = None
        try:
            # From here on, any exception gives the permits back, also one that a handler of the log raises.
            if call.logged and now > asked:
                request_log.waited(request.operation, now - asked)
            call.limiter_delay = 0.0
            call.attempts += 1
            if observers is not None:
                observers.request_sent(call.event_header(now))
            call.on_wire = True
            response = await state.transport.send(request, call.options.timeouts, now, call.deadline)
            call.on_wire = False
            if call.logged:
                request_log.ended(request.operation, response.status, state.loop.time() - now, call.attempts)
            if len(response.body) > _LARGE and not request.operation.changes:
                limiter.page_arrived(call.ticket, state.decoding.waiting)
                await state.decoding.wait()
            value = read_response(request.operation, response, decode)
        except BaseException as error:
            if response is None:
                limiter.release(call.ticket)
                if call.logged:
                    request_log.ended(request.operation, type(error).__name__, state.loop.time() - now, call.attempts)
                # The caller's line source may itself raise a KomboError; re-raise it unchanged.
                from_source = isinstance(request.body, NDJSONBody) and request.body.failure is error
                if not isinstance(error, KomboError) or from_source:
                    raise
                call.on_wire = False
                raise self._failed(call, state, error, None) from error
            delay = limiter.release(call.ticket, response, _refusal(error, call))
            if not isinstance(error, KomboError):
                raise
            if observers is not None:
                observers.response_received(call.event_header(state.loop.time()), response.status, _code(error), None)
            raise self._failed(call, state, error, delay) from error
        limiter.release(call.ticket, response)
        self._retry_budget.earn()
        if observers is not None:
            records = None if request.operation.page_size is None else len(cast("Any", value).results)
            header = call.event_header(state.loop.time())
            observers.response_received(header, response.status, None, records)
            # Here, as it has the same header; `_execute` reports only calls that fail.
            call.finished = True
            observers.call_finished(header, None)
        return value

    async def _wait_in_queue(self, call: _CallState, state: _LoopState, queued_at: float) -> float:
        """Wait until *call* may be sent; return the time. Raise its error if a pause ends after its deadline, or if it
        was not sent within `Timeouts.queue`."""
        ticket, time_limit = call.ticket, call.options.timeouts.queue
        ticket.time_left = call.deadline - queued_at
        if time_limit is not None:
            left = call.limiter_delay + time_limit - call.queued
            ticket.time_left, ticket.gives_up_at = min(ticket.time_left, left), queued_at + left
        try:
            await state.limiter.acquire(ticket)
        except Blocked as blocked:
            raise self._not_sent(call, blocked) from None
        except QueueTimeout:
            reason = state.limiter.reason(ticket)
            error = KomboTimeoutError(f"not sent within Timeouts.queue, {time_limit:g} s: {reason}")
            error.hint = _QUEUE_HINT
            raise with_request_context(error, call.request, call.attempts, call.may_have_run) from None
        now = state.loop.time()
        # Time in the queue does not count towards the deadline, except the wait after a refusal of this call.
        queued = max(0.0, now - queued_at - call.limiter_delay)
        call.deadline += queued
        call.queued += queued
        return now

    def _not_sent(self, call: _CallState, blocked: Blocked) -> KomboError:
        """Return the error of a call that the limiter cannot admit before its deadline."""
        code, seconds = blocked.refusal.code, blocked.seconds
        until = (datetime.now(UTC) + timedelta(seconds=min(seconds, _LATEST_DATE))).strftime("%Y-%m-%d %H:%M:%S UTC")
        error = APIError.class_for(code)(
            f"not sent{' again' if call.attempts else ''}: the server refuses all such requests until {until} "
            f"({seconds:,.0f} s), longer than this call can wait",
            code=code,
            status=blocked.refusal.status,
            retry_after=seconds,
        )
        return with_request_context(error, call.request, call.attempts, call.may_have_run)

    def _failed(
        self, call: _CallState, state: _LoopState, error: KomboError, delay: RetryDelay | None
    ) -> AttemptFailed:
        """Decide whether another attempt follows *error*; *delay* is that of the limiter after a refusal by a limit."""
        operation, policy = call.request.operation, call.options.retry
        call.may_have_run |= error.may_have_run
        code = _code(error)
        wait = wait_after(error, call.attempts, policy) if delay is None else delay.seconds
        too_long = wait >= call.deadline - state.loop.time() or (delay is not None and wait > LONGEST_PAUSE)
        if too_long or call.attempts >= policy.attempts or not may_repeat(operation, error, policy):
            return AttemptFailed(error, None)
        if isinstance(call.request.body, NDJSONBody) and call.request.body.consumed:
            error.message += "; the lines came from an iterator, so only a new call can send them again"
            return AttemptFailed(error, None)
        if code not in LIMIT_CODES and not self._retry_budget.spend():
            error.message += "; the client has spent its retries for now"
            return AttemptFailed(error, None)
        if call.logged:
            request_log.retries(operation, code or type(error).__name__, wait, call.attempts)
        if self._observers is not None:
            if code in LIMIT_CODES:
                self._observers.throttled(call.event_header(state.loop.time()), code, wait)
            else:
                self._observers.retry_scheduled(call.event_header(state.loop.time()), error, code, wait)
        if delay is not None and delay.queued:
            # The call waits in the queue, so it must not sleep first.
            call.limiter_delay, wait = wait, 0.0
        elif wait and isinstance(error, APIError) and error.retry_after is not None:
            wait += CLOCK_RESOLUTION
        return AttemptFailed(error, wait)


def _refusal(error: BaseException, call: _CallState) -> Refusal | None:
    """Return the refusal if *error* is one by a limit: by its code, or that of a gateway, which sends none."""
    if not isinstance(error, APIError):
        return None
    by_gateway = error.code is None and error.status in {429, 503} and error.retry_after is not None
    if error.code not in LIMIT_CODES and not by_gateway:
        return None
    return Refusal(error.code, error.status, error.retry_after, wait_after(error, call.attempts, call.options.retry))


def _code(error: KomboError) -> str | None:
    return error.code if isinstance(error, APIError) else None
