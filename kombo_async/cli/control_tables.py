"""Requests, deliveries and faults of a sandbox as lines and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from .console import Column

Shown = dict[str, Any]


def fault_line(fault: Shown) -> str:
    """Return a line about a fault."""
    left = fault["left"]
    times = "all requests" if left is None else "the next request" if left == 1 else f"the next {left} requests"
    after = f", after {fault['after']}" if fault["after"] else ""
    return f"Fault {fault['id']}: {fault_text(fault)} for {times}{_condition(fault)}{after}."


def fault_text(fault: Shown) -> str:
    """Return a fault in short: its kind, and what was set."""
    described = {key: value for key, value in fault["fault"].items() if value is not None and value is not False}
    kind = described.pop("kind")
    return " ".join([kind, *(f"{key}={value}" for key, value in described.items())])


def _condition(fault: Shown) -> str:
    parts = [part for part in (fault["method"], fault["path"]) if part]
    return f" to {' '.join(parts)}" if parts else ""


def request_line(
    time: str, sent: str, status: int | None, milliseconds: float | None, notes: Iterable[str | None]
) -> str:
    """Return a line about a request: when it arrived, what was sent, the response, and what else is known."""
    took = "" if milliseconds is None else f"{milliseconds:,.0f} ms"
    return f"{time}  {status or 'cut'}  {took:>8}  {'  '.join([sent, *(note for note in notes if note)])}"


def delivery_line(time: str, event_type: str, url: str, tries: Sequence[tuple[int | None, str | None]]) -> str:
    """Return a line about a delivery, with the status or the problem of each attempt."""
    status, problem = tries[-1]
    after = "" if len(tries) == 1 else f" after {len(tries)} attempts"
    arrived = status is not None and 200 <= status < 300
    result = "arrived" if arrived else f"LOST: {problem or 'it was not answered with success'},"
    return f"{time}  {status or '---'}   webhook  {event_type} to {url}  {result}{after}".rstrip(",")


def event_line(name: str, data: Shown) -> str | None:
    """Return a line about an event of a sandbox, or None if it is not worth one."""
    if name == "request":
        sent = f"{data['method']:6} {data['path']}{'?' if data['query'] else ''}{data['query']}"
        notes = (data["integration_id"], data["code"], data["fault"] and f"fault {data['fault']}")
        return request_line(clock(data["time"]), sent, data["status"], data["milliseconds"], notes)
    if name == "delivery":
        tries = [(each["status"], each["error"]) for each in data["attempts"]]
        return delivery_line(clock(data["time"]), data["type"], data["url"], tries)
    return f"{data['count']} events were missed." if name == "lost" else None


def clock(time: str) -> str:
    """Return the local time of day of a time."""
    return f"{datetime.fromisoformat(time).astimezone():%H:%M:%S}"


FAULTS = (
    Column[Shown]("Id", lambda it: it["id"]),
    Column[Shown]("Fault", fault_text),
    Column[Shown]("Left", lambda it: "all" if it["left"] is None else str(it["left"])),
    Column[Shown]("Applied", lambda it: str(it["applied"]), extra=True),
    Column[Shown]("Requests", lambda it: _condition(it).removeprefix(" to ") or "any"),
)
DELIVERIES = (
    Column[Shown]("Id", lambda it: it["id"]),
    Column[Shown]("Time", lambda it: clock(it["time"]), extra=True),
    Column[Shown]("Event", lambda it: it["type"]),
    Column[Shown]("Answers", lambda it: ", ".join(str(each["status"] or "none") for each in it["attempts"])),
    Column[Shown]("Receiver", lambda it: it["url"]),
)
REQUESTS = (
    Column[Shown]("Id", lambda it: it["id"]),
    Column[Shown]("Time", lambda it: clock(it["time"]), extra=True),
    Column[Shown]("Status", lambda it: str(it["status"] or "cut")),
    Column[Shown]("ms", lambda it: "" if it["milliseconds"] is None else f"{it['milliseconds']:,.0f}", extra=True),
    Column[Shown]("Fault", lambda it: it["fault"] or "", extra=True),
    Column[Shown]("Request", lambda it: f"{it['method']} {it['path']}"),
)
