"""Passthrough requests, and the small remote API that they reach."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import attrs
import msgspec

from ..api_errors import invalid
from ..data.environment import Integration
from .endpoints import Call, Success

_METHODS: Final = ("GET", "POST", "DELETE", "PUT", "PATCH")
_CONTENT_TYPE: Final = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_NEEDED_OPTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "workday/rest": ("service_name",),
    "workday/soap": ("service_name",),
}
"""APIs that cannot be called without saying which of their services is meant."""
_PNG: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
"""The smallest picture there is, for answers that are no text."""


@attrs.frozen
class RemoteRequest:
    """What arrives at the tool."""

    method: str
    """One of the five that Kombo hands on."""
    path: str
    """Always with a slash in front."""
    params: Mapping[str, str]
    """The query; a key occurs once."""
    headers: Mapping[str, str]
    """Those of the caller; Kombo adds its own."""
    options: Mapping[str, str]
    """``api_options``, which Kombo keeps to itself."""
    multipart: list[dict[str, Any]] | None
    """The parts, if it is that kind of request."""
    data: Any
    """Any JSON; a string stands for a raw body."""
    has_data: bool
    """Tells data that is null from data that is missing."""


@attrs.frozen
class RemoteReply:
    """What the tool answers."""

    status: int
    """The tool's own; Kombo answers 200 around it."""
    body: Any = None
    """JSON, text, bytes, or None for no body."""
    headers: Mapping[str, str | list[str]] = attrs.field(factory=dict[str, str | list[str]])
    """Those that differ from what the body implies."""


def send_passthrough_request(call: Call) -> Success:
    """Hand a request on to the connected tool, and its answer back, whatever its status."""
    api = _api(call)
    request = _read(call.json)
    for option in _NEEDED_OPTIONS.get(api, ()):
        if not request.options.get(option):
            raise invalid(f"api_options.{option} is missing; {api} needs it.")
    as_base64 = call.json.get("response_as_base64", False)
    reply = _answer(request, call.integration, soap=api.endswith("/soap"))
    headers, data = _received(reply, as_base64=as_base64)
    answer = {"url": _url(call.integration, api, request), "status": reply.status, "headers": headers, **data}
    warnings: list[dict[str, str]] = []
    if any(name.lower() == "authorization" for name in request.headers):
        warnings.append({"message": "The authorization header was replaced by that of the integration."})
    if request.path == "/warn":
        warnings.append({"message": "The tool was asked to warn."})
    executed = request.method != "GET" and reply.status < 400
    return Success(data=answer, beside={"warnings": warnings}, executed=executed)


def _api(call: Call) -> str:
    tool, api = call.integration.tool, f"{call.path['tool']}/{call.path['api']}"
    known = [f"{tool.id}/{name}" for name in tool.apis]
    if api not in known:
        raise invalid(f"This integration can reach {', '.join(known)}; not {api}.")
    return api


def _read(body: dict[str, Any]) -> RemoteRequest:
    if body["method"] not in _METHODS:
        raise invalid(f"method must be one of {', '.join(_METHODS)}.")
    parts = body.get("multipart_form_data")
    if parts is not None and "data" in body:
        raise invalid("data and multipart_form_data exclude each other.")
    return RemoteRequest(
        method=body["method"],
        path=f"/{body['path'].removeprefix('/')}",
        params=body.get("params", {}),
        headers=body.get("headers", {}),
        options=body.get("api_options", {}),
        multipart=None if parts is None else [_read_part(**part) for part in parts],
        data=body.get("data"),
        has_data="data" in body,
    )


def _read_part(name: str, value: str | dict[str, str]) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": name, "value": value}
    content_type = value.get("content_type")
    if content_type is None and "data" in value:
        raise invalid(f"multipart_form_data: {name} needs a content_type with its data.")
    if content_type is not None and not _CONTENT_TYPE.fullmatch(content_type):
        raise invalid(f"multipart_form_data: {content_type!r} is no content type.")
    size = {"size": len(base64.b64decode(value["data"]))} if "data" in value else {}
    return {"name": name, "value": {**value, **size}}


def _url(integration: Integration, api: str, request: RemoteRequest) -> str:
    base = integration.tool.base_url
    if api == "workday/rest":
        version = request.options.get("version", "v1")
        base = f"{base}/{quote(request.options['service_name'], safe='')}/{quote(version, safe='')}/brightwater"
    query = f"?{urlencode(request.params)}" if request.params else ""
    return base + quote(request.path, safe="/%:?=&") + query


def _received(reply: RemoteReply, *, as_base64: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Headers and data as Kombo passes them on; the second is empty when there was no body."""
    body = reply.body
    if body is None:
        return {"date": "Sun, 01 Nov 2026 08:00:00 GMT", **reply.headers}, {}
    if isinstance(body, bytes):
        kind, raw, shown = "image/png", body, body.decode("utf-8", "replace")
    elif isinstance(body, str):
        kind, raw, shown = "text/plain; charset=utf-8", body.encode(), body
    else:
        kind, raw, shown = "application/json", msgspec.json.encode(body), body
    headers = {"content-type": kind, "date": "Sun, 01 Nov 2026 08:00:00 GMT", **reply.headers}
    return headers, {"data": base64.b64encode(raw).decode() if as_base64 else shown}


# The remote API: a handful of paths that between them answer in every way there is.


def _answer(request: RemoteRequest, integration: Integration, *, soap: bool) -> RemoteReply:
    if soap:
        return _soap(request)
    path = request.path.partition("?")[0].partition("#")[0]
    if path == "/echo":
        return _echo(request)
    if (asked := re.fullmatch(r"/status/([1-5]\d\d)", path)) is not None:
        return RemoteReply(int(asked[1]), f"You asked for {asked[1]}.")
    if path == "/company/employees" and request.method == "GET" and integration.tool.category == "HRIS":
        return _employees(request, integration)
    if path == "/company/time-offs" and request.method == "POST":
        return RemoteReply(201, {"success": True, "data": {"id": 4711, "sent": request.data}})
    if request.method == "GET" and path in _FIXED:
        return _FIXED[path]
    return RemoteReply(404, f"Cannot {request.method} {path}")


_FIXED: Final[Mapping[str, RemoteReply]] = {
    "/html": RemoteReply(200, "<html><body>Hello</body></html>", {"content-type": "text/html"}),
    "/plain": RemoteReply(200, "plain text"),
    "/cookies": RemoteReply(200, {"ok": True}, {"set-cookie": ["session=1; Path=/", "theme=dark; Path=/"]}),
    "/empty": RemoteReply(204),
    "/file": RemoteReply(200, _PNG),
    "/list": RemoteReply(200, [1, "two", None, {"three": 3.5}]),
    "/warn": RemoteReply(200, {"ok": True}),
}


def _echo(request: RemoteRequest) -> RemoteReply:
    seen: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "params": request.params,
        "headers": request.headers,
        "api_options": request.options,
    }
    if request.has_data:
        seen["data"] = request.data
    if request.multipart is not None:
        seen["multipart_form_data"] = request.multipart
    return RemoteReply(200, seen)


def _employees(request: RemoteRequest, integration: Integration) -> RemoteReply:
    people = integration.store["hris_employees"]
    limit, offset = request.params.get("limit", "10"), request.params.get("offset", "0")
    if not (limit.isdecimal() and offset.isdecimal() and len(limit) < 4 and len(offset) < 10):
        return RemoteReply(400, {"success": False, "error": {"message": "limit and offset are whole numbers"}})
    numbers = range(int(offset), min(int(offset) + int(limit), people.size))
    keys = ("remote_id", "first_name", "last_name", "work_email")
    records = [people.row(number) for number in numbers]
    found = [{"type": "Employee", "attributes": {key: record[key] for key in keys}} for record in records]
    return RemoteReply(200, {"success": True, "metadata": {"total_elements": people.size}, "data": found})


def _soap(request: RemoteRequest) -> RemoteReply:
    if request.method != "POST" or not isinstance(request.data, str):
        return RemoteReply(500, "<soap:Fault>Send XML with POST.</soap:Fault>", {"content-type": "text/xml"})
    service = request.options["service_name"]
    xml = f"<soap:Envelope><soap:Body service={service!r}>{request.data}</soap:Body></soap:Envelope>"
    return RemoteReply(200, xml, {"content-type": "text/xml"})
