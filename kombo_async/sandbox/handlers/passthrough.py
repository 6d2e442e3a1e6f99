"""Passthrough requests, and the small API of the tool that answers them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import attrs
import msgspec

from ..api_errors import invalid_input
from ..data.integrations import Integration
from ..data.records import Row
from .endpoints import Request, Success

_METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")
_CONTENT_TYPE = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_NEEDED_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "workday/rest": ("service_name",),
    "workday/soap": ("service_name",),
}
"""The `api_options` that an API requires."""
_PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
"""A picture of one pixel, for binary responses."""


@attrs.frozen
class RemoteReply:
    """The response of the tool."""

    status: int
    body: Any = None
    """JSON, text, bytes, or None for no body."""
    headers: Mapping[str, str | list[str]] = attrs.field(factory=dict[str, str | list[str]])
    """Headers in addition to those that follow from the body."""


def send_passthrough_request(request: Request) -> Success:
    """Forward a request to the tool, and return its response, whatever its status."""
    api = _api(request)
    body = _read(request.json)
    for option in _NEEDED_OPTIONS.get(api, ()):
        if not body["api_options"].get(option):
            raise invalid_input(f"api_options.{option} is missing; {api} needs it.")
    reply = _answer(body, request.integration, soap=api.endswith("/soap"))
    headers, data = _received(reply, as_base64=body.get("response_as_base64", False))
    answer = {"url": _url(request.integration, api, body), "status": reply.status, "headers": headers, **data}
    warnings: list[dict[str, str]] = []
    if any(name.lower() == "authorization" for name in body["headers"]):
        warnings.append({"message": "The authorization header was replaced by that of the integration."})
    if body["path"] == "/warn":
        warnings.append({"message": "The tool was asked to warn."})
    executed = body["method"] != "GET" and reply.status < 400
    return Success(data=answer, extra={"warnings": warnings}, executed=executed)


def _api(request: Request) -> str:
    tool, api = request.integration.tool, f"{request.path['tool']}/{request.path['api']}"
    known = [f"{tool.id}/{name}" for name in tool.apis]
    if api not in known:
        raise invalid_input(f"tool and api must be one of {', '.join(known)}, not {api}.")
    return api


def _read(body: Row) -> Row:
    """Return the body as the tool gets it, with the keys that may be left out."""
    if body["method"] not in _METHODS:
        raise invalid_input(f"method must be one of {', '.join(_METHODS)}.")
    parts = body.get("multipart_form_data")
    if parts is not None and "data" in body:
        raise invalid_input("data and multipart_form_data must not both be given.")
    read: Row = {"params": {}, "headers": {}, "api_options": {}, **body, "path": f"/{body['path'].removeprefix('/')}"}
    return read if parts is None else {**read, "multipart_form_data": [_read_part(**part) for part in parts]}


def _read_part(name: str, value: str | dict[str, str]) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": name, "value": value}
    content_type = value.get("content_type")
    if content_type is None and "data" in value:
        raise invalid_input(f"multipart_form_data: {name} needs a content_type with its data.")
    if content_type is not None and not _CONTENT_TYPE.fullmatch(content_type):
        raise invalid_input(f"multipart_form_data: {content_type!r} is not a content type.")
    size = {"size": len(base64.b64decode(value["data"]))} if "data" in value else {}
    return {"name": name, "value": {**value, **size}}


def _url(integration: Integration, api: str, body: Row) -> str:
    base = integration.tool.base_url
    if api == "workday/rest":
        version = body["api_options"].get("version", "v1")
        base = f"{base}/{quote(body['api_options']['service_name'], safe='')}/{quote(version, safe='')}/brightwater"
    query = f"?{urlencode(body['params'])}" if body["params"] else ""
    return base + quote(body["path"], safe="/%:?=&") + query


def _received(reply: RemoteReply, *, as_base64: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return headers and data as Kombo forwards them; the second is empty if there is no body."""
    body = reply.body
    if body is None:
        return {"date": "Sun, 01 Nov 2026 08:00:00 GMT", **reply.headers}, {}
    if isinstance(body, bytes):
        content_type, raw, shown = "image/png", body, body.decode("utf-8", "replace")
    elif isinstance(body, str):
        content_type, raw, shown = "text/plain; charset=utf-8", body.encode(), body
    else:
        content_type, raw, shown = "application/json", msgspec.json.encode(body), body
    headers = {"content-type": content_type, "date": "Sun, 01 Nov 2026 08:00:00 GMT", **reply.headers}
    return headers, {"data": base64.b64encode(raw).decode() if as_base64 else shown}


# The API of the tool: a few paths for all kinds of responses.


def _answer(sent: Row, integration: Integration, *, soap: bool) -> RemoteReply:
    if soap:
        return _soap(sent)
    method, path = sent["method"], sent["path"].partition("?")[0].partition("#")[0]
    if path == "/echo":
        keys = ("method", "path", "params", "headers", "api_options", "data", "multipart_form_data")
        return RemoteReply(200, {key: sent[key] for key in keys if key in sent})
    if (asked := re.fullmatch(r"/status/([1-5]\d\d)", path)) is not None:
        return RemoteReply(int(asked[1]), f"You asked for {asked[1]}.")
    if path == "/company/employees" and method == "GET" and integration.tool.category == "HRIS":
        return _employees(sent["params"], integration)
    if path == "/company/time-offs" and method == "POST":
        return RemoteReply(201, {"success": True, "data": {"id": 4711, "sent": sent.get("data")}})
    if method == "GET" and path in _FIXED:
        return _FIXED[path]
    return RemoteReply(404, f"Cannot {method} {path}")


_FIXED: Mapping[str, RemoteReply] = {
    "/html": RemoteReply(200, "<html><body>Hello</body></html>", {"content-type": "text/html"}),
    "/plain": RemoteReply(200, "plain text"),
    "/cookies": RemoteReply(200, {"ok": True}, {"set-cookie": ["session=1; Path=/", "theme=dark; Path=/"]}),
    "/empty": RemoteReply(204),
    "/file": RemoteReply(200, _PNG),
    "/list": RemoteReply(200, [1, "two", None, {"three": 3.5}]),
    "/warn": RemoteReply(200, {"ok": True}),
}


def _employees(params: Row, integration: Integration) -> RemoteReply:
    people = integration.store["hris_employees"]
    limit, offset = params.get("limit", "10"), params.get("offset", "0")
    if not (limit.isdecimal() and offset.isdecimal() and len(limit) < 4 and len(offset) < 10):
        return RemoteReply(400, {"success": False, "error": {"message": "limit and offset are whole numbers"}})
    numbers = range(int(offset), min(int(offset) + int(limit), people.size))
    keys = ("remote_id", "first_name", "last_name", "work_email")
    records = [people.row(number) for number in numbers]
    found = [{"type": "Employee", "attributes": {key: record[key] for key in keys}} for record in records]
    return RemoteReply(200, {"success": True, "metadata": {"total_elements": people.size}, "data": found})


def _soap(sent: Row) -> RemoteReply:
    if sent["method"] != "POST" or not isinstance(sent.get("data"), str):
        return RemoteReply(500, "<soap:Fault>Send XML with POST.</soap:Fault>", {"content-type": "text/xml"})
    service = sent["api_options"]["service_name"]
    xml = f"<soap:Envelope><soap:Body service={service!r}>{sent['data']}</soap:Body></soap:Envelope>"
    return RemoteReply(200, xml, {"content-type": "text/xml"})
