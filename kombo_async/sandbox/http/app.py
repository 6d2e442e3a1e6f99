"""The processing of a request, from its arrival to its response."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from email.utils import formatdate
from typing import Any

import attrs
import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from ..api_errors import ErrorResponse, invalid_input, title_of
from ..config import SandboxConfig
from ..data import ai_apply_tables, assessment_tables, ats_tables, hris_tables, lms_tables
from ..data.deterministic import Ids
from ..data.environment import Environment
from ..handlers import ai_apply, assessment, ats, connect, custom, general, hris, lms
from ..handlers.body_validation import read_object, validate_body
from ..handlers.endpoints import Request, Success, capabilities_of
from ..handlers.query_params import Query
from .drift import drift_error, drift_response
from .faults import Damage, Fault, Faults
from .feed import Feed
from .limits import ConcurrencyLimit, FixedWindow, RateDecision
from .requests import (
    BodyReader,
    ReceivedRequest,
    RequestLog,
    SentResponse,
    expect_continue,
    has_key,
    is_lines,
)
from .responses import Response, apply_fault, error_code, remove_date, send_response
from .routing import Router
from .webhooks import Webhooks

LOGGER = logging.getLogger("kombo_async.sandbox")
LOGGER.addHandler(logging.NullHandler())  # Otherwise Python prints errors to stderr.


def _is_no_client_error(record: logging.LogRecord) -> bool:
    """Return whether a record is to be logged: not the tracebacks of malformed messages and lost connections, which
    clients cause."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError)


HTTP_LOGGER = LOGGER.getChild("http")
HTTP_LOGGER.addFilter(_is_no_client_error)

OPERATIONS = (
    *general.OPERATIONS, *hris.OPERATIONS, *ats.OPERATIONS, *assessment.OPERATIONS, *lms.OPERATIONS,
    *ai_apply.OPERATIONS, *connect.OPERATIONS, *custom.OPERATIONS,
)  # fmt: skip
"""All operations that the sandbox serves."""
TABLES = {
    "HRIS": hris_tables.TABLES,
    "ATS": ats_tables.TABLES,
    "ASSESSMENT": assessment_tables.TABLES,
    "LMS": lms_tables.TABLES,
    "": ai_apply_tables.TABLES,
}
"""The tables of each category of tools, and those of the environment itself."""
CAPABILITIES = {
    category: capabilities_of(category, tables.values(), OPERATIONS) for category, tables in TABLES.items() if category
}
"""The capabilities of the tools of each category."""

CONTROL_PATH = "/_sandbox"

_ROUTER = Router(OPERATIONS)
_WITHOUT_WARNINGS = frozenset(
    {
        "create_skill", "create_skills", "update_skill", "delete_skill",
        "create_employee_skill_assignment", "update_employee_skill_assignment", "delete_employee_skill_assignment",
        "create_interview", "update_interview",
    }
)  # fmt: skip
"""Actions whose responses have no warnings."""


class SandboxApp:
    """Serves one environment. `handle` is the only handler that aiohttp calls."""

    def __init__(self, config: SandboxConfig, api_key: str) -> None:
        self.config = config
        self.api_key = api_key
        self.environment = Environment(config, TABLES, CAPABILITIES)
        self.feed = Feed()
        self.webhooks = Webhooks(config, self.environment, self.feed)
        self.faults = Faults()
        self.log = RequestLog(config.kept_requests, config.kept_bytes)
        self.executions: Counter[str] = Counter()
        self.rate_limit = FixedWindow(config.requests_per_window, config.window_seconds)
        self.concurrency_limit = ConcurrencyLimit(config.actions_per_integration)
        self.running: set[asyncio.Task[Any]] = set()
        """The tasks of the requests in progress."""
        self.control: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
        """Processes the requests to `/_sandbox`, which are not requests to Kombo."""
        self._bodies = BodyReader()
        self._log_ids = Ids("log")
        self._failures = 0

    def reset(self, seed: int | None = None) -> None:
        """Forget all changes, faults, requests and webhooks, as after the start. Another seed gives other records."""
        if seed is not None:
            self.config = attrs.evolve(self.config, seed=seed)
        self.environment.listeners.clear()
        self.environment = Environment(self.config, TABLES, CAPABILITIES)
        self.webhooks.reset(self.config, self.environment)
        self.faults.clear()
        self.log.clear()
        self.executions.clear()
        self.rate_limit = FixedWindow(self.config.requests_per_window, self.config.window_seconds)

    def application(self) -> web.Application:
        """Return the aiohttp application: one handler for all requests, which does its own routing."""
        application = web.Application()
        # A dot matches no line break, which a path may contain as %0A.
        application.router.add_route("*", r"/{path:[\s\S]*}", self.handle, expect_handler=expect_continue)
        application.cleanup_ctx.append(self.webhooks.while_serving)
        application.on_response_prepare.append(remove_date)
        return application

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Process a request and send its response."""
        task = asyncio.current_task()
        assert task is not None
        self.running.add(task)
        try:
            return await self._handle(request)
        finally:
            self.running.discard(task)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        arrived = time.monotonic()
        path, _, raw_query = request.raw_path.partition("?")
        if self.control is not None and (path == CONTROL_PATH or path.startswith(f"{CONTROL_PATH}/")):
            return await self.control(request)
        query = list(URL.build(query_string=raw_query.partition("#")[0], encoded=True).query.items())
        fault = self.faults.next_fault(request.method, path.split("/")[2:])
        body, refusal = b"", None
        if fault is None or fault.damage is not Damage.DROP_BEFORE:
            try:
                body = await self._bodies.read(request, keep=has_key(request.headers, self.api_key))
            except ErrorResponse as problem:
                refusal = problem
        received = ReceivedRequest(request.method, path, query, request.headers, body, arrived)
        logged = self.log.add(received)
        logged.received_at = self.environment.clock()
        logged.fault = None if fault is None else fault.name
        try:
            response = await self._respond_with_fault(request, received, logged, fault, refusal)
        finally:
            logged.milliseconds = (time.monotonic() - arrived) * 1_000
            self.feed.publish(logged)
        if refusal is not None:
            response.force_close()  # Otherwise the rest of the body would be read as the next request.
        return response

    async def _respond_with_fault(
        self,
        request: web.Request,
        received: ReceivedRequest,
        logged: ReceivedRequest,
        fault: Fault | None,
        refusal: ErrorResponse | None,
    ) -> web.StreamResponse:
        """Send the response to a request, and note it in *logged*, the copy of the request in the log."""
        if self.config.latency:
            await asyncio.sleep(self.config.latency)
        if fault is None:
            response = await self.respond(received, refusal=refusal)
        elif fault.executes:
            response = apply_fault(await self.respond(received, refusal=refusal, delay=fault.delay), fault)
        else:
            await asyncio.sleep(fault.delay)
            response = apply_fault(Response(200, self._headers(self.rate_limit.acquire(received.time)), b""), fault)
        if fault is None or fault.damage not in {Damage.DROP_BEFORE, Damage.DROP_AFTER_EXECUTION}:
            logged.status = response.status
            logged.code = error_code(response)
            self.log.keep_response(logged.number, SentResponse(response.headers, response.body, len(response.body)))
        return await send_response(request, response, fault)

    async def respond(
        self, received: ReceivedRequest, *, refusal: ErrorResponse | None = None, delay: float = 0.0
    ) -> Response:
        """Return the response to a request after `delay` seconds, during which an action counts as in flight.

        `refusal` says why its body could not be read, if that is so.
        """
        decision = self.rate_limit.acquire(received.time)
        headers = self._headers(decision)
        try:
            request = self._parse(received, decision, refusal)
            operation = request.operation
            with self.concurrency_limit.acquire(request.integration.id) if operation.action else nullcontext():
                status, envelope = self._run(request)
                if operation.action:
                    delay += self.config.action_latency
                if delay:
                    await asyncio.sleep(delay)
                if operation.action:
                    headers |= self.concurrency_limit.headers(request.integration.id)
        except ErrorResponse as problem:
            if delay:
                await asyncio.sleep(delay)
            headers |= problem.headers
            status, envelope = self._failure(problem)
        except Exception:
            # A bug of the sandbox: the client gets what Kombo would send, the log the traceback.
            LOGGER.exception("The sandbox failed to serve %s", received.method)
            status, envelope = self._failure(
                ErrorResponse("PLATFORM.UNKNOWN_ERROR", "The sandbox has a bug; see its log.")
            )
        return Response(status, headers, msgspec.json.encode(envelope))

    def operation_of(self, received: ReceivedRequest) -> tuple[str | None, dict[str, str]]:
        """Return the name of the operation that a request is for, and the values of the placeholders in its path."""
        if received.path.startswith("/v1/"):
            with suppress(ErrorResponse):
                endpoint, values = _ROUTER.find(received.method, received.path.split("/")[2:])
                return endpoint.operation.name, values
        return None, {}

    def _parse(self, received: ReceivedRequest, decision: RateDecision, refusal: ErrorResponse | None) -> Request:
        """Return the request for its handler, or raise the error of its key, path, integration or body."""
        if not has_key(received.headers, self.api_key):
            raise ErrorResponse(
                "PLATFORM.AUTHENTICATION_INVALID", "The API key is missing or not one of this environment."
            )
        if not decision.granted:
            raise ErrorResponse("PLATFORM.RATE_LIMIT_EXCEEDED", "Too many requests in this window.")
        if refusal is not None:
            raise refusal
        if not received.path.startswith("/v1/"):
            raise invalid_input("Paths begin with /v1.", status=404)
        endpoint, values = _ROUTER.find(received.method, received.path.split("/")[2:])
        integration = None
        if endpoint.operation.integration:
            integration_id = received.headers.get("X-Integration-Id")
            if not integration_id:
                raise invalid_input("The header X-Integration-Id is missing.")
            integration = self.environment.integration(integration_id)
            endpoint.check_available(integration)
        body = {} if is_lines(received.headers) else read_object(received.body)
        if endpoint.operation.name != "update_integration_field":  # Kombo takes null, the client's type does not.
            validate_body(body, endpoint.operation.body)
        return Request(endpoint, self.environment, values, Query(received.query), body, received.body, integration)

    def _run(self, request: Request) -> tuple[int, dict[str, Any]]:
        operation = request.operation
        # Before the handler, which may delete it.
        integration = request.integration if request.about_integration else None
        result = request.endpoint.handler(request)
        if not isinstance(result, Success):
            result = Success(data=result)
        if operation.changes if result.executed is None else result.executed:
            self.executions[operation.name] += 1
            if integration is not None:
                self.webhooks.after_operation(operation.name, integration)
        if request.header_integration is not None:
            request.environment.publish_changes(request.header_integration)
        if operation.action and operation.name not in _WITHOUT_WARNINGS:
            result.extra.setdefault("warnings", [])
        envelope = {"status": "success", "data": result.data, **result.extra}
        if self.config.drift:
            envelope = drift_response(envelope, operation.name, self.config.drift)
        return 200, envelope

    def _headers(self, decision: RateDecision) -> dict[str, str]:
        date = formatdate(self.environment.clock(), usegmt=True)
        return {"Content-Type": "application/json; charset=utf-8", "Date": date, **decision.headers}

    def _failure(self, problem: ErrorResponse) -> tuple[int, dict[str, Any]]:
        self._failures += 1
        error = {
            "code": problem.code,
            "title": title_of(problem.code),
            "message": problem.message,
            "log_url": f"https://app.kombo.dev/env/sandbox/logs/{self._log_ids.encode(self._failures)}",
        }
        status, error = drift_error(problem.status, error, self.config.drift)
        return status, {"status": "error", "error": error}
