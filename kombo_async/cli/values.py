"""What several commands take, `KEY=VALUE` and `JSON|@file|-`, and how they show any JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ..engine import codec
from ..webhooks import Event, UnknownEvent
from .options import UsageError
from .output import Output
from .streams import standard_output
from .terminal import escape_controls


def pairs(option: str, given: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Give the key and the value of each `KEY=VALUE`."""
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"{option} is written KEY=VALUE, not {text!r}")
        yield key, value


def single_pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """Return them as a mapping; a key that comes twice is a mistake."""
    found: dict[str, str] = {}
    for key, value in pairs(option, given):
        if key in found:
            raise UsageError(f"{option} has {key} twice")
        found[key] = value
    return found


def text_of(given: str) -> tuple[str, str]:
    """Return what was given, or what is in the file after `@`, or for `-` in standard input; and how to call it."""
    if given == "-":
        return _utf8(sys.stdin.buffer.read(), "standard input"), "standard input"
    if given.startswith("@"):
        return _utf8(Path(given[1:]).read_bytes(), given[1:]), given[1:]
    return given, "--data"


def json_of(given: str) -> Any:
    """Return the JSON that was given, or that a file or standard input holds."""
    text, place = text_of(given)
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{place} is no JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{place} is nested too deeply") from None


def _utf8(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{place} is not UTF-8 text") from None


def as_it_came(event: Event) -> object:
    """Return a webhook event; of one that this version does not know, all that came."""
    return event.raw if isinstance(event, UnknownEvent) else event


def show(out: Output, value: object) -> None:
    """Write any value: as a JSON line, or for people with a line for each part of it."""
    if out.json:
        out.records((value,))
    else:
        show_text(out, msgspec.json.format(msgspec.json.encode(codec.to_builtins(value)), indent=2).decode())


def show_text(out: Output, text: str) -> None:
    """Write text of many lines to a terminal."""
    out.flush()
    with standard_output() as stream:
        stream.write(escape_controls(text.encode(errors="replace")) + b"\n")
        stream.flush()
