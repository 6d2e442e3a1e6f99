"""Processing requests to the control API: who may send them, which endpoint they are for, and what is answered."""

from __future__ import annotations

import inspect
import logging
from typing import Any

import msgspec
from aiohttp import web
from yarl import URL

from ..data.environment import NoIntegrationError
from ..data.source import NotFoundError
from ..http.app import CONTROL_PATH, SandboxApp
from ..http.webhooks import NoReceiverError
from . import general, integrations, records, traffic
from .decoding import decode_body, decode_query
from .errors import ControlError
from .guard import HEADERS, Access, check_content_type, check_request
from .openapi import document
from .page import find_page
from .routes import Call, find_route
from .stream import EventStreams

LOGGER = logging.getLogger("kombo_async.sandbox")

ROUTES = (
    *general.ROUTES.routes,
    *integrations.ROUTES.routes,
    *records.ROUTES.routes,
    *traffic.ROUTES.routes,
)
"""All endpoints but the stream of events and the description."""
_MAX_BODY = 20 * 1024**2
_PLACES = {"integration": "integration_id", "model": "model", "record": "record_id"}
"""The parameter that names each kind of thing, by the word of `NotFoundError.missing`."""


class ControlApp:
    """The control API of one sandbox."""

    def __init__(self, app: SandboxApp, access: Access) -> None:
        self._app = app
        self._access: Access = access
        self._streams = EventStreams(app)
        self._faults: dict[int, dict[str, Any]] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Process a request and return its response."""
        raw_path, _, raw_query = request.raw_path.partition("?")
        path = raw_path.removeprefix(CONTROL_PATH)
        try:
            check_request(request, self._access)
            if request.method == "GET" and path == "/events":
                return await self._streams.serve(request)
            if request.method in {"GET", "HEAD"} and (page := find_page(path)) is not None:
                return page
            status, result = await self._result(request, path, raw_query.partition("#")[0])
            headers = {}
        except ControlError as problem:
            status, result, headers = problem.status, problem.failure, problem.headers
        except Exception:
            # A bug of the sandbox: the client gets an error, the log the traceback.
            LOGGER.exception("The control API failed to process %s", request.method)
            status, headers = 500, {}
            result = ControlError(500, "the sandbox has a bug; see its log").failure
        body = b"" if status == 204 else msgspec.json.encode(result)
        described = {} if status == 204 else {"Content-Type": "application/json; charset=utf-8"}
        response = web.Response(body=body, status=status, headers={**HEADERS, **described, **headers})
        if not request.content.is_eof():
            response.force_close()  # the rest of the body would be read as the next request
        return response

    async def _result(self, request: web.Request, path: str, raw_query: str) -> tuple[int, Any]:
        if request.method == "GET" and path == "/openapi.json":
            return 200, document(ROUTES)
        route, values = find_route(ROUTES, request.method, path)
        if route.method != "GET":
            check_content_type(request)
        raw = await _read(request)
        query: Any = decode_query(URL.build(query_string=raw_query, encoded=True).query.items(), route.query)
        body: Any = decode_body(raw, route.body)
        base_url = f"http://{request.headers.get('Host', '')}/v1"
        call = Call(self._app, base_url, values, query, body, self._faults)
        try:
            result = route.handler(call)
            if inspect.isawaitable(result):
                result = await result
        except NotFoundError as error:
            name = _PLACES[error.missing]
            where = f"path.{name}" if name in values else "$.integration_id" if raw.strip() else f"query.{name}"
            raise ControlError(404, str(error), path=where, choices=error.choices) from None
        except (NoIntegrationError, NoReceiverError) as error:
            raise ControlError(409, str(error)) from None
        except ValueError as error:
            raise ControlError(400, str(error), path="$") from None
        return route.status, result


async def _read(request: web.Request) -> bytes:
    """Return the body, unless it is too large or damaged."""
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > _MAX_BODY:
                raise ControlError(413, f"the body is larger than {_MAX_BODY // 1024**2} MiB")
    except web.RequestPayloadError:
        raise ControlError(400, "the body is not encoded as its headers say", path="$") from None
    return bytes(body)
