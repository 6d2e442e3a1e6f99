"""Getting an answer onto the wire, whole or damaged."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator, Mapping
from typing import Final

import attrs
from aiohttp import web

from .faults import Damage, Fault

_MISSING_BYTES: Final = 100
"""By how much a Content-Length lies."""


@attrs.frozen
class Answer:
    """An answer before it is sent."""

    status: int
    """The HTTP status."""
    headers: Mapping[str, str]
    """Without those about length and connection, which follow from how it is sent."""
    body: bytes
    """All of it, uncompressed."""


def altered(answer: Answer, fault: Fault) -> Answer:
    """The answer with whatever the fault puts in its place."""
    # Names are compared without regard to case, so that a fault's header replaces ours however it is written.
    headers = {name.lower(): (name, value) for name, value in answer.headers.items()}
    for name, value in fault.headers.items():
        headers.pop(name.lower(), None)
        if value is not None:
            headers[name.lower()] = (name, value)
    return Answer(
        status=answer.status if fault.status is None else fault.status,
        headers=dict(headers.values()),
        body=answer.body if fault.body is None else fault.body,
    )


async def deliver(request: web.Request, answer: Answer, fault: Fault | None) -> web.StreamResponse:
    """Send the answer as the fault allows. What it returns is for aiohttp to finish."""
    damage = None if fault is None else fault.damage
    if fault is None or damage is None:
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)
    if damage is Damage.TRUNCATED_GZIP:
        squeezed = gzip.compress(answer.body)
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        return web.Response(body=squeezed[: len(squeezed) // 2], status=answer.status, headers=headers)
    transport = request.transport
    if transport is None or transport.is_closing():
        return web.Response()
    if damage in {Damage.DROP_BEFORE, Damage.DROP_AFTER_EXECUTION}:
        transport.abort()
        return web.Response()
    promised = len(answer.body) + (_MISSING_BYTES if damage is Damage.SHORT_BODY else 0)
    # Written by hand, since aiohttp takes care never to send such things.
    transport.write(_head(answer, promised))
    if damage is Damage.DROP_IN_BODY:
        transport.write(answer.body[: len(answer.body) // 2])
    elif damage is Damage.SHORT_BODY:
        transport.write(answer.body)
    elif damage is Damage.DRIP:
        for portion in _portions(answer.body, fault.drip_bytes):
            await asyncio.sleep(fault.drip_seconds)
            if transport.is_closing():
                break
            transport.write(portion)
    transport.close()
    # aiohttp finds the transport closed and writes nothing of this.
    return web.Response()


def _head(answer: Answer, length: int) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} ", f"Content-Length: {length}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _portions(body: bytes, size: int) -> Iterator[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))
