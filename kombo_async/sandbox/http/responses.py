"""Sending responses, whole or damaged."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping

import attrs
import msgspec
from aiohttp import web

from .faults import Damage, Fault

_MISSING_BYTES = 100
"""By how many bytes Content-Length exceeds a short body."""


@attrs.frozen
class Response:
    """A response before it is sent."""

    status: int
    headers: Mapping[str, str]
    """Without Content-Length and Connection, which depend on how it is sent."""
    body: bytes


class _ResponseWithoutDate(web.Response):
    """A response whose `Date` header a fault removed."""


def apply_fault(response: Response, fault: Fault) -> Response:
    """Return the response with the status, headers and body that the fault replaces."""
    # Header names are case-insensitive.
    headers = {name.lower(): (name, value) for name, value in response.headers.items()}
    for name, value in fault.headers.items():
        headers.pop(name.lower(), None)
        if value is not None:
            headers[name.lower()] = (name, value)
    return Response(
        status=response.status if fault.status is None else fault.status,
        headers=dict(headers.values()),
        body=response.body if fault.body is None else fault.body,
    )


class _Error(msgspec.Struct):
    code: str | None = None


class _ErrorEnvelope(msgspec.Struct):
    error: _Error


def error_code(response: Response) -> str | None:
    """Return the code of an error in the form of the API; None for any other response."""
    if response.status < 400:
        return None
    try:
        return msgspec.json.decode(response.body, type=_ErrorEnvelope).error.code
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


async def send_response(request: web.Request, response: Response, fault: Fault | None) -> web.StreamResponse:
    """Send the response, damaged as the fault says; return what aiohttp is to send, which sends nothing on a closed
    connection."""
    damage = None if fault is None else fault.damage
    if fault is None or damage is None:
        dated = any(name.lower() == "date" for name in response.headers)
        response_class = web.Response if dated else _ResponseWithoutDate
        return response_class(body=response.body, status=response.status, headers=response.headers)
    if damage is Damage.TRUNCATED_GZIP:
        squeezed = gzip.compress(response.body)
        headers = {**response.headers, "Content-Encoding": "gzip"}
        return web.Response(body=squeezed[: len(squeezed) // 2], status=response.status, headers=headers)
    transport = request.transport
    if transport is None or transport.is_closing():
        return web.Response()
    if damage in {Damage.DROP_BEFORE, Damage.DROP_AFTER_EXECUTION}:
        transport.abort()
        return web.Response()
    promised = len(response.body) + (_MISSING_BYTES if damage is Damage.SHORT_BODY else 0)
    # Written to the transport, since aiohttp refuses to send invalid messages.
    transport.write(_head(response, promised))
    if damage is Damage.DROP_IN_BODY:
        transport.write(response.body[: len(response.body) // 2])
    elif damage is Damage.SHORT_BODY:
        transport.write(response.body)
    elif damage is Damage.DRIP:
        for start in range(0, len(response.body), fault.drip_bytes):
            await asyncio.sleep(fault.drip_seconds)
            if transport.is_closing():
                break
            transport.write(response.body[start : start + fault.drip_bytes])
    # After the headers alone, that is DROP_AFTER_HEADERS.
    transport.close()
    # aiohttp sees that the transport is closed, and sends nothing.
    return web.Response()


async def remove_date(_: web.Request, response: web.StreamResponse) -> None:
    """Remove the `Date` header that aiohttp adds where a fault removed it; for `on_response_prepare`."""
    if isinstance(response, _ResponseWithoutDate):
        del response.headers["Date"]


def _head(response: Response, length: int) -> bytes:
    lines = [f"HTTP/1.1 {response.status} ", f"Content-Length: {length}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")
