"""A client of the control API of a running sandbox."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

from .options import UsageError

DEFAULT_URL = "http://127.0.0.1:8642/v1"
"""Where `kombo-async sandbox` listens by default."""
_TIMEOUT = 40.0
"""Seconds: an event that is not delivered takes half a minute."""


class ControlRefusedError(Exception):
    """The sandbox refused what it was asked for; the message says why."""


class SandboxUnreachableError(Exception):
    """There is no sandbox at the address, or it has stopped."""


def segment(text: str) -> str:
    """Return text as one segment of a path."""
    return quote(text, safe=":")


def _host(url: str) -> tuple[str, int] | None:
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.hostname is not None:
            return parts.hostname, parts.port or 80
    return None


class ControlClient:
    """Sends requests to the control API of the sandbox with this base URL, by default that of `KOMBO_BASE_URL`."""

    def __init__(self, base_url: str | None) -> None:
        url = base_url or os.environ.get("KOMBO_BASE_URL", "").strip() or DEFAULT_URL
        if not url.startswith("http://") or not (host := _host(url)):
            raise UsageError(f"{url!r} is not the base URL of a sandbox, such as {DEFAULT_URL}: see --base-url")
        self._host, self._port = host
        self._address = f"{host[0]}:{host[1]}"

    def get(self, path: str, /, **params: object) -> Any:
        """Return what is at a path; parameters that are None are left out."""
        return self._call("GET", path, params, None)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, /, **params: object) -> Any:
        """Send a change, and return its result."""
        return self._call(method, path, params, body or {})

    def _call(self, method: str, path: str, params: Mapping[str, object], body: Mapping[str, Any] | None) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        path = f"{path}?{urlencode(given)}" if given else path
        with self._request(method, path, body, _TIMEOUT) as response:
            content = response.read()
        return self._result(response.status, content)

    def watch(self) -> Iterator[tuple[str, Any]]:
        """Iterate over what happens from now on: the name of each event, and its data."""
        with self._request("GET", "/events", None, None) as response:
            if response.status != 200:
                self._result(response.status, response.read())
            name = ""
            for line in response:
                key, _, value = line.decode().rstrip("\n").partition(": ")
                if key == "event":
                    name = value
                elif key == "data":
                    yield name, json.loads(value)
        raise SandboxUnreachableError(f"the sandbox at {self._address} has stopped")

    @contextmanager
    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None, timeout: float | None
    ) -> Generator[http.client.HTTPResponse]:
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        with closing(http.client.HTTPConnection(self._host, self._port, timeout=timeout)) as connection:
            try:
                connection.request(method, f"/_sandbox{path}", content, headers)
                yield connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
                raise SandboxUnreachableError(f"no sandbox answers at {self._address}: {reason}") from None

    def _result(self, status: int, content: bytes) -> Any:
        try:
            result = json.loads(content) if content else None
        except ValueError:
            result = None
        if status in {200, 201, 204}:
            return result
        problem: Any = cast("dict[str, Any]", result).get("error") if isinstance(result, dict) else None
        if not isinstance(problem, dict) or "choices" not in problem:
            raise SandboxUnreachableError(f"what listens at {self._address} is no sandbox with a control API")
        path, message, choices = (cast("dict[str, Any]", problem)[key] for key in ("path", "message", "choices"))
        if choices and not any(choice in message for choice in choices):
            message = f"{message}; there are {', '.join(choices[:12])}{', …' if len(choices) > 12 else ''}"
        where = (path or "").removeprefix("$").removeprefix(".")
        raise ControlRefusedError(f"{where}: {message}" if where else message)
