"""Fault injection: which fault happens to which requests, and how often."""

from __future__ import annotations

import enum
import math
import re
import threading
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias, get_args
from urllib.parse import unquote

import attrs
import msgspec

from ..api_errors import STATUSES, title_of

DropMoment = Literal["before", "after_execution", "headers", "body"]
"""When a connection breaks: before the request is read, after its execution, after the headers, in the body."""

Method: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
METHODS: tuple[Method, ...] = get_args(Method)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile("[\\t\x20-\x7e\x80-\xff]*")
"""A name and a value of a header, as RFC 9110 has them."""


class Damage(enum.Enum):
    """What happens to the connection or to the bytes of a response."""

    DROP_BEFORE = "before"
    """The connection breaks before the body of the request is read."""
    DROP_AFTER_EXECUTION = "after_execution"
    """The connection breaks after the operation was executed, before any byte of the response."""
    DROP_AFTER_HEADERS = "headers"
    """The connection is closed after the headers of the response."""
    DROP_IN_BODY = "body"
    """The connection is closed after half of the body."""
    SHORT_BODY = "short_body"
    """The connection is closed after the whole body, which is shorter than Content-Length says."""
    TRUNCATED_GZIP = "truncated_gzip"
    """The body is half of a gzip stream, with a Content-Length that is right."""
    DRIP = "drip"
    """The body is sent in small pieces, with pauses."""


@attrs.frozen(kw_only=True)
class Fault:
    """A fault of one request. The class methods make the usual ones.

    `status` and `body` replace the real response; without them it is sent, late or damaged.
    """

    executes: bool
    """Whether the operation is executed (and counted in `sandbox.executions`) before the fault happens."""
    status: int | None = None
    """Status of the response; None keeps the real one."""
    headers: Mapping[str, str | None] = attrs.field(factory=dict[str, str | None])
    """Headers that replace those of the response; None removes one."""
    body: bytes | None = None
    """Body of the response; None keeps the real one."""
    delay: float = 0.0
    """Seconds between the execution, if there is one, and the response."""
    damage: Damage | None = None
    """What happens to the connection or the bytes of the response."""
    drip_seconds: float = 0.05
    """Seconds before each piece of a dripping body."""
    drip_bytes: int = 1
    """Size of each piece of a dripping body."""
    name: str = "custom"
    """What the log of requests calls it: the class method that made it."""

    def __attrs_post_init__(self) -> None:
        if self.delay < 0 or not math.isfinite(self.delay):
            raise ValueError(f"delay must be a number of seconds from 0, not {self.delay!r}")
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError(f"status must be from 200 to 599, not {self.status!r}")
        for name, value in self.headers.items():
            if not _TOKEN.fullmatch(name) or not (value is None or _FIELD_VALUE.fullmatch(value)):
                raise ValueError(f"headers has {name!r}: {value!r}, which HTTP does not allow")
        if self.drip_seconds < 0 or self.drip_bytes < 1:
            raise ValueError("a drip needs drip_seconds >= 0 and drip_bytes >= 1")
        if self.executes and self.damage is Damage.DROP_BEFORE:
            raise ValueError("a request that is never read cannot execute")
        if not self.executes and self.body is None and self.damage is not Damage.DROP_BEFORE:
            raise ValueError("a fault that does not execute needs a body to answer with")

    @classmethod
    def error(
        cls,
        code: str | None,
        message: str = "The sandbox was configured to send this error.",
        *,
        status: int | None = None,
        headers: Mapping[str, str | None] | None = None,
        executes: bool = False,
    ) -> Fault:
        """Return an error in the form of the API. `code` may be an unknown one, or None for `code: null`.

        The status is that of the code, or 500 for an unknown one.
        """
        if status is None:
            status = STATUSES.get(code or "", 500)
        log_url = "https://app.kombo.dev/env/sandbox/logs/scripted"
        error = {"code": code, "title": title_of(code), "message": message, "log_url": log_url}
        payload = {"status": "error", "error": error}
        fault = cls.json(payload, status=status, headers=headers, executes=executes)
        return attrs.evolve(fault, name="error")

    @classmethod
    def rate_limited(cls, retry_after: float | None = 1, *, reset: float | None = None) -> Fault:
        """Return `PLATFORM.RATE_LIMIT_EXCEEDED` with `Retry-After` and `ratelimit-reset` (by default the same).

        Kombo documents only `ratelimit-reset`: `rate_limited(None, reset=2)` sends that alone, and
        `rate_limited(None)` sends neither.
        """
        reset = retry_after if reset is None else reset
        headers = {
            "Retry-After": None if retry_after is None else str(retry_after),
            "ratelimit-limit": None if reset is None else "300",
            "ratelimit-remaining": None if reset is None else "0",
            "ratelimit-reset": None if reset is None else str(reset),
        }
        fault = cls.error("PLATFORM.RATE_LIMIT_EXCEEDED", "Too many requests.", headers=headers)
        return attrs.evolve(fault, name="rate_limited")

    @classmethod
    def concurrency_limited(cls, *, limit: int = 30) -> Fault:
        """Return `PLATFORM.CONCURRENCY_LIMIT_EXCEEDED` with `Concurrency-Remaining: 0`."""
        headers = {"Concurrency-Limit": str(limit), "Concurrency-Remaining": "0"}
        fault = cls.error("PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", "Too many actions in flight.", headers=headers)
        return attrs.evolve(fault, name="concurrency_limited")

    @classmethod
    def html_502(cls, *, executes: bool = False) -> Fault:
        """Return the HTML page of a gateway whose server is down."""
        page = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        fault = cls.raw(page, status=502, content_type="text/html", executes=executes)
        return attrs.evolve(fault, name="html_502")

    @classmethod
    def text(cls, text: str, *, status: int = 503, executes: bool = False) -> Fault:
        """Return plain text in place of JSON, as load balancers send it."""
        content_type = "text/plain; charset=utf-8"
        fault = cls.raw(text.encode(), status=status, content_type=content_type, executes=executes)
        return attrs.evolve(fault, name="text")

    @classmethod
    def empty(cls, *, status: int = 503, executes: bool = False) -> Fault:
        """Return a response without a body."""
        return attrs.evolve(cls.raw(b"", status=status, executes=executes), name="empty")

    @classmethod
    def message_only(cls, message: str = "The first sync has not finished.", *, status: int = 503) -> Fault:
        """Return the error object of older documents, which has no key but `message`."""
        fault = cls.json({"status": "error", "error": {"message": message}}, status=status)
        return attrs.evolve(fault, name="message_only")

    @classmethod
    def json(
        cls,
        payload: object,
        *,
        status: int = 200,
        headers: Mapping[str, str | None] | None = None,
        executes: bool = False,
    ) -> Fault:
        """Return any JSON."""
        body = msgspec.json.encode(payload)
        return attrs.evolve(cls.raw(body, status=status, headers=headers, executes=executes), name="json")

    @classmethod
    def raw(
        cls,
        body: bytes,
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: Mapping[str, str | None] | None = None,
        executes: bool = False,
    ) -> Fault:
        """Return any bytes with any content type."""
        merged: dict[str, str | None] = {"Content-Type": content_type, **(headers or {})}
        return cls(executes=executes, status=status, headers=merged, body=body, name="raw")

    @classmethod
    def redirect(cls, location: str, *, status: int = 307) -> Fault:
        """Return a redirect."""
        return attrs.evolve(cls.raw(b"", status=status, headers={"Location": location}), name="redirect")

    @classmethod
    def delayed(cls, seconds: float) -> Fault:
        """Return the real response after `seconds`; the operation is executed at once."""
        return cls(executes=True, delay=seconds, name="delayed")

    @classmethod
    def drop(cls, moment: DropMoment = "before") -> Fault:
        """Break the connection. Only with `"before"` the operation is not executed."""
        if moment not in get_args(DropMoment):
            raise ValueError(f"moment must be one of {', '.join(get_args(DropMoment))}, not {moment!r}")
        return cls(executes=moment != "before", damage=Damage(moment), name="drop")

    @classmethod
    def short_body(cls) -> Fault:
        """Close the connection after the whole body, which is shorter than Content-Length says."""
        return cls(executes=True, damage=Damage.SHORT_BODY, name="short_body")

    @classmethod
    def truncated_gzip(cls) -> Fault:
        """Return a complete HTTP message whose gzip stream is cut in the middle."""
        return cls(executes=True, damage=Damage.TRUNCATED_GZIP, name="truncated_gzip")

    @classmethod
    def drip(cls, seconds: float = 0.05, size: int = 1) -> Fault:
        """Return the real response, `size` bytes of its body every `seconds`."""
        return cls(executes=True, damage=Damage.DRIP, drip_seconds=seconds, drip_bytes=size, name="drip")


@attrs.define(eq=False)
class ScriptedFault:
    """A fault with its conditions, as `faults.add` returns it."""

    fault: Fault
    """The fault."""
    path: str | None
    """The pattern of the path, or None for any."""
    method: str | None
    """The method, or None for any."""
    left: float
    """How many matching requests it will still be applied to."""
    after: int
    """How many matching requests are left alone before the first one."""
    number: int = 0
    """Its number among all faults that were added."""
    applied: int = 0
    """How many requests it was applied to."""

    def matches(self, method: str, segments: Sequence[str]) -> bool:
        """Return whether the fault is for this request."""
        if self.method is not None and self.method != method:
            return False
        if self.path is None:
            return True
        patterns = self.path.strip("/").split("/")
        return len(patterns) == len(segments) and all(map(fnmatchcase, segments, patterns))


class Faults:
    """The faults to inject. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: list[ScriptedFault] = []
        self._added = 0

    @property
    def scripted(self) -> tuple[ScriptedFault, ...]:
        """Return the faults that will still be applied, in the order of their addition."""
        with self._lock:
            return tuple(self._script)

    def add(
        self,
        fault: Fault,
        *,
        path: str | None = None,
        method: str | None = None,
        times: int | None = 1,
        after: int = 0,
    ) -> ScriptedFault:
        """Apply `fault` to the next `times` matching requests (None: to all of them).

        `path` is written as after `/v1`, with `*` for any one segment:
        `/integrations/*/integration-fields`. The first `after` matching requests are left
        alone (or to other faults). A request meets one fault at most; faults that match the same requests
        are applied in the order in which they were added.
        """
        if not isinstance(fault, Fault):
            raise TypeError(f"fault must be a Fault, such as Fault.html_502(), not {type(fault).__name__}")
        if times is not None and times < 1:
            raise ValueError(f"times must be at least 1, or None for always, not {times!r}")
        if after < 0:
            raise ValueError(f"after must not be negative, not {after!r}")
        if path is not None and not path.startswith("/"):
            raise ValueError(f"path must start with / and leave out /v1, not {path!r}")
        if path is not None and path.startswith("/v1/"):
            raise ValueError(f"path must leave out /v1: {path.removeprefix('/v1')!r}, not {path!r}")
        if method is not None and method.upper() not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
        entry = ScriptedFault(
            fault=fault,
            path=path,
            method=None if method is None else method.upper(),
            left=math.inf if times is None else times,
            after=after,
        )
        with self._lock:
            self._added += 1
            entry.number = self._added
            self._script.append(entry)
        return entry

    def remove(self, entry: ScriptedFault) -> None:
        """Remove a fault that `add` returned. Removing one that was applied as often as it should is no error."""
        with self._lock:
            if entry in self._script:
                self._script.remove(entry)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._script.clear()

    def next_fault(self, method: str, raw_segments: Sequence[str]) -> Fault | None:
        """Return the fault for a request, and count it as applied. For the sandbox itself."""
        if not self._script:
            return None
        segments = [unquote(segment) for segment in raw_segments]
        with self._lock:
            chosen = None
            for entry in self._script:
                if not entry.matches(method, segments):
                    continue
                if entry.after:
                    entry.after -= 1
                elif chosen is None:
                    chosen = entry
            if chosen is None:
                return None
            chosen.applied += 1
            chosen.left -= 1
            if not chosen.left:
                self._script.remove(chosen)
            return chosen.fault
