"""Reading JSON, text and `KEY=VALUE` from options, and printing any JSON value."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..engine import codec
from .console import Output
from .options import UsageError
from .streams import standard_output
from .terminal import escape_controls

if TYPE_CHECKING:
    from ..webhooks import Event


def pairs(option: str, given: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield the key and the value of each `KEY=VALUE`."""
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"{option} is written KEY=VALUE, not {text!r}")
        yield key, value


def unique_pairs(option: str, given: Iterable[str]) -> dict[str, str]:
    """Return each `KEY=VALUE` in a dict; refuse a repeated key."""
    found: dict[str, str] = {}
    for key, value in pairs(option, given):
        if key in found:
            raise UsageError(f"{option} has {key} twice")
        found[key] = value
    return found


def read_text(given: str) -> tuple[str, str]:
    """Return the value of an option, or the text of the file after `@` or of standard input for `-`; and its source."""
    if given == "-":
        return _decode(sys.stdin.buffer.read(), "standard input"), "standard input"
    if given.startswith("@"):
        return _decode(Path(given[1:]).read_bytes(), given[1:]), given[1:]
    return given, "--data"


def read_json(given: str) -> Any:
    """Return the JSON of an option, a file or standard input, as in `read_text`."""
    text, source = read_text(given)
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{source} is not JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"{source} is nested too deeply") from None


def _decode(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{source} is not UTF-8 text") from None


def event_data(event: Event) -> object:
    """Return a webhook event to be printed: an unknown one as it arrived."""
    # Other commands have no use for the models of all families, which events are made of.
    from ..webhooks import UnknownEvent

    return event.raw if isinstance(event, UnknownEvent) else event


def print_json(out: Output, value: object) -> None:
    """Print any value: as a JSON line, or indented on a terminal."""
    if out.json:
        out.records((value,))
    else:
        print_text(out, msgspec.json.format(msgspec.json.encode(codec.to_builtins(value)), indent=2).decode())


def print_text(out: Output, text: str) -> None:
    """Print text with line breaks to a terminal."""
    out.flush()
    with standard_output() as stream:
        stream.write(escape_controls(text.encode(errors="replace")) + b"\n")
        stream.flush()
