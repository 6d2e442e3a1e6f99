"""The sandbox over HTTP: what happens to every request, whatever it asks for."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import nullcontext
from typing import Any, Final

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from ..api_errors import Problem, invalid, title_of
from ..config import SandboxConfig
from ..data.deterministic import Ids
from ..data.environment import Environment
from ..handlers import ai_apply, assessment, ats, connect, custom, general, hris, hris_actions, lms
from ..handlers.body_validation import fits, read_object
from ..handlers.endpoints import Call, Router, Success, offer
from ..handlers.query_params import Query
from .drift import distort, distort_error
from .faults import Damage, Faults
from .limits import ActionSlots, Allowance, FixedWindow, RequestBudget
from .requests import (
    BodyReader,
    ReceivedRequest,
    RequestLog,
    expect_continue,
    has_key,
    is_lines,
)
from .responses import Answer, altered, deliver
from .webhooks import Webhooks

LOGGER: Final = logging.getLogger("kombo_async.sandbox")
LOGGER.addHandler(logging.NullHandler())  # without it, Python would print what is logged as an error


class _NoClientErrors(logging.Filter):
    """Drops the tracebacks that aiohttp logs about malformed messages and lost connections: clients cause them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether it is more than that."""
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError)


HTTP_LOGGER: Final = LOGGER.getChild("http")
"""What aiohttp logs to."""
HTTP_LOGGER.addFilter(_NoClientErrors())

OPERATIONS: Final = (
    *general.OPERATIONS, *hris_actions.OPERATIONS, *ats.OPERATIONS, *assessment.OPERATIONS, *lms.OPERATIONS,
    *ai_apply.OPERATIONS, *connect.OPERATIONS, *custom.OPERATIONS,
)  # fmt: skip
"""Every operation that the sandbox serves."""
TABLES: Final = {
    "HRIS": hris.TABLES,
    "ATS": ats.TABLES,
    "ASSESSMENT": assessment.TABLES,
    "LMS": lms.TABLES,
    "": ai_apply.TABLES,
}
"""The models of each category of tools, and those of the environment itself."""
OFFERS: Final = {
    category: offer(category, tables.values(), OPERATIONS) for category, tables in TABLES.items() if category
}
"""What the tools of each category can do."""

_WITHOUT_WARNINGS: Final = ("/hris/skills", "/hris/employee-skill-assignments")
_INTERVIEWS: Final = frozenset({"create_interview", "update_interview"})
"""Actions whose answers have no room for warnings."""


class SandboxApp:
    """Serves one environment. ``handle`` is all that aiohttp needs; ``application`` wraps it."""

    def __init__(self, config: SandboxConfig, api_key: str) -> None:
        self.config = config
        self.api_key = api_key
        self.environment = Environment(config, TABLES, OFFERS)
        self.webhooks = Webhooks(config, self.environment)
        self.faults = Faults()
        self.log = RequestLog(config.kept_requests, config.kept_bytes)
        self.executions: Counter[str] = Counter()
        self.budget: RequestBudget = FixedWindow(config.requests_per_window, config.window_seconds)
        self.slots = ActionSlots(config.actions_per_integration)
        self.running: set[asyncio.Task[Any]] = set()
        """Tasks that are serving a request right now."""
        self._bodies = BodyReader()
        self._router = Router(OPERATIONS)
        self._log_ids = Ids("log")
        self._answered = 0

    def application(self) -> web.Application:
        """The aiohttp application; everything goes through one handler, which does its own routing."""
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.handle, expect_handler=expect_continue)
        application.cleanup_ctx.append(self.webhooks.while_serving)
        return application

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one request, from its arrival to the last byte that goes out."""
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
        query = list(URL.build(query_string=raw_query.partition("#")[0], encoded=True).query.items())
        fault = self.faults.take(request.method, path.split("/")[2:])
        body, refusal = b"", None
        if fault is None or fault.damage is not Damage.DROP_BEFORE:
            try:
                body = await self._bodies.read(request, keep=has_key(request.headers, self.api_key))
            except Problem as problem:
                refusal = problem
        received = ReceivedRequest(request.method, path, query, request.headers, body, arrived)
        self.log.add(received)
        if self.config.latency:
            await asyncio.sleep(self.config.latency)
        if fault is None:
            answer = await self.answer(received, refusal=refusal)
        elif fault.executes:
            answer = altered(await self.answer(received, refusal=refusal, delay=fault.delay), fault)
        else:
            await asyncio.sleep(fault.delay)
            answer = altered(Answer(200, _headers(self.budget.take(arrived)), b""), fault)
        response = await deliver(request, answer, fault)
        if refusal is not None:
            response.force_close()  # what is left of the body would be taken for the next request
        return response

    async def answer(self, received: ReceivedRequest, *, refusal: Problem | None = None, delay: float = 0.0) -> Answer:
        """The true answer to a request, ``delay`` seconds late; an action holds its slot meanwhile.

        `refusal` says why its body could not be read, if that is so.
        """
        allowance = self.budget.take(received.time)
        headers = _headers(allowance)
        try:
            call = self._call(received, allowance, refusal)
            operation = call.operation
            with self.slots.slot(call.integration.id) if operation.action else nullcontext():
                status, envelope = self._run(call)
                if operation.action:
                    delay += self.config.action_latency
                if delay:
                    await asyncio.sleep(delay)
                if operation.action:
                    headers |= self.slots.headers(call.integration.id)
        except Problem as problem:
            if delay:
                await asyncio.sleep(delay)
            headers |= problem.headers
            status, envelope = self._failure(problem)
        except Exception:
            # A bug of ours. The caller gets what Kombo would answer, and the log what happened.
            LOGGER.exception("The sandbox failed to serve %s", received.method)
            status, envelope = self._failure(Problem("PLATFORM.UNKNOWN_ERROR", "The sandbox has a bug; see its log."))
        return Answer(status, headers, msgspec.json.encode(envelope))

    def _call(self, received: ReceivedRequest, allowance: Allowance, refusal: Problem | None) -> Call:
        """The request, checked for all that does not depend on its operation."""
        if not has_key(received.headers, self.api_key):
            raise Problem("PLATFORM.AUTHENTICATION_INVALID", "The API key is missing or not one of this environment.")
        if not allowance.granted:
            raise Problem("PLATFORM.RATE_LIMIT_EXCEEDED", "Too many requests in this window.")
        if refusal is not None:
            raise refusal
        if not received.path.startswith("/v1/"):
            raise invalid("Paths begin with /v1.", status=404)
        served, values = self._router.find(received.method, received.path.split("/")[2:])
        integration = None
        if served.operation.integration:
            integration_id = received.headers.get("X-Integration-Id")
            if not integration_id:
                raise invalid("The header X-Integration-Id is missing.")
            integration = self.environment.integration(integration_id)
            served.check_available(integration)
        body = {} if is_lines(received.headers) else read_object(received.body)
        if served.operation.name != "update_integration_field":  # which takes a null that the client never sends
            fits(body, served.operation.body)
        return Call(served, self.environment, values, Query(received.query), body, received.body, integration)

    def _run(self, call: Call) -> tuple[int, dict[str, Any]]:
        operation = call.operation
        integration = call.integration if call.about_integration else None  # before it may be deleted
        result = call.served.handler(call)
        if not isinstance(result, Success):
            result = Success(data=result)
        if operation.changes if result.executed is None else result.executed:
            self.executions[operation.name] += 1
            if integration is not None:
                self.webhooks.after(operation.name, integration)
        if call.header_integration is not None:
            self.environment.settle(call.header_integration)
        if operation.action and not operation.path.startswith(_WITHOUT_WARNINGS) and operation.name not in _INTERVIEWS:
            result.beside.setdefault("warnings", [])
        envelope = {"status": "success", "data": result.data, **result.beside}
        if self.config.drift:
            envelope = distort(envelope, operation.name, self.config.drift)
        return 200, envelope

    def _failure(self, problem: Problem) -> tuple[int, dict[str, Any]]:
        self._answered += 1
        error = {
            "code": problem.code,
            "title": title_of(problem.code),
            "message": problem.message,
            "log_url": f"https://app.kombo.dev/env/sandbox/logs/{self._log_ids.encode(self._answered)}",
        }
        status, error = distort_error(problem.status, error, self.config.drift)
        return status, {"status": "error", "error": error}


def _headers(allowance: Allowance) -> dict[str, str]:
    return {"Content-Type": "application/json; charset=utf-8", **allowance.headers}


def build_app(config: SandboxConfig | None = None, *, api_key: str = "ks_dev_sandbox") -> web.Application:
    """An aiohttp application that is a sandbox, to run under a server of your own."""
    return SandboxApp(config or SandboxConfig(), api_key).application()
