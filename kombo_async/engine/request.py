"""What is sent: the ids, path, query, headers and body of a request. The only place where requests are built."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote

from msgspec import Struct

from ..redaction import Hidden, ShownByRepr
from . import codec
from .ndjson import NDJSONBody
from .operation import Effect, Operation
from .options import CallOptions

T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and the surrogates that no encoding can send."""
_NO_IDS: Mapping[str, object] = {}
_NO_HEADERS: Mapping[str, str] = {}


class Request(ShownByRepr, Struct, frozen=True):
    """One HTTP request, complete but for the headers that all requests have."""

    operation: Operation[Any]
    url: str
    headers: Mapping[str, str]
    """The headers that not all requests have."""
    body: bytes | NDJSONBody | None
    integration_id: str | None

    def __repr__(self) -> str:
        # Error trackers show the locals of frames: no query, which may name people, and no body.
        return f"<Request {self.operation.method} {self.operation.path}>"

    def at(self, cursor: str) -> Request:
        """Return this request, which asks for the first page of a list, for the page at *cursor*."""
        url = f"{self.url}{'&' if '?' in self.url else '?'}cursor={quote(cursor, safe='')}"
        return Request(self.operation, url, self.headers, self.body, self.integration_id)


def build_request(
    operation: Operation[Any],
    options: CallOptions,
    integration_id: str | None,
    ids: Mapping[str, object] = _NO_IDS,
    *,
    query: str = "",
    body: object = None,
) -> Request:
    """Return the request for one call.

    *integration_id* is the one that the call names; None stands for that of *options*. *ids* fill the placeholders of
    the path. Raise `ValueError` or `TypeError` for an id or a body that cannot be sent.
    """
    headers, path = _NO_HEADERS, operation.path
    if operation.integration:
        integration_id = _integration_id(operation, options, integration_id)
        headers = {"X-Integration-Id": integration_id}
    elif "{integration_id}" in path:
        integration_id = _integration_id(operation, options, integration_id)
        path = path.replace("{integration_id}", _quote_segment(integration_id))
    if ids:
        path = fill_path(path, ids)
    url = f"{options.base_url}{path}?{query}" if query else options.base_url + path
    return Request(operation, url, headers, _encode_body(operation, body), integration_id)


def _integration_id(operation: Operation[Any], options: CallOptions, named: str | None) -> str:
    if named is not None:
        return validate_integration_id(named)
    if options.integration_id is None:
        raise ValueError(
            f"{operation.name}() needs an integration: pass integration_id=, or call it on client.for_integration(…)"
        )
    # Validated when the client or view was made.
    return options.integration_id


def _encode_body(operation: Operation[Any], body: object) -> bytes | NDJSONBody | None:
    if operation.method == "GET":
        return None
    if isinstance(body, NDJSONBody):
        return body
    if body is None and operation.body is None:
        # As the official SDK, which sends an empty object with every request that has no parameters.
        return b"{}"
    return codec.encode(body, operation.body, f"{operation.name}()")


def validate_integration_id(value: object) -> str:
    """Return an integration id, which must fit into a header; raise `ValueError` or `TypeError` for any other value."""
    value = validate_id("integration_id", value)
    if value != value.strip():
        raise ValueError("integration_id begins or ends with a space, which no header can carry")
    return value


def validate_id(name: str, value: object) -> str:
    """Return an id that a path can hold as one segment; raise `ValueError` or `TypeError` for any other value."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {type(value).__name__}")
    if not _is_id(value):
        if _CONTROL.search(value) and value.strip():
            raise ValueError(f"{name} contains a control character or a lone surrogate")
        raise ValueError(f"{name} is empty or no id: {value!r}")
    return value


@lru_cache(4096)
def _is_id(value: str) -> bool:
    return bool(value.strip()) and value not in {".", ".."} and not _CONTROL.search(value)


def fill_path(path: str, ids: Mapping[str, object]) -> str:
    """Replace the placeholders of *path* by *ids*; each id stays one segment, whatever characters it has."""
    for name, value in ids.items():
        path = path.replace("{" + name + "}", _quote_segment(validate_id(name, value)))
    return path


@lru_cache(4096)
def _quote_segment(value: str) -> str:
    return quote(value, safe=":")


def validate_api_key(api_key: Hidden[str | None]) -> Hidden[str]:
    """Return the API key; raise `ValueError` or `TypeError` with the ways to pass one if it cannot be one."""
    if not isinstance(api_key.value, str | None):
        raise TypeError(f"api_key is a str, not {type(api_key.value).__name__}")
    if api_key.value is None or not api_key.value.strip():
        raise ValueError("no API key: pass api_key= or set the environment variable KOMBO_API_KEY")
    if any(not "!" <= character <= "~" for character in api_key.value):
        raise ValueError(
            "the API key has a space, a line break or a character outside ASCII in it: "
            "check api_key= or the environment variable KOMBO_API_KEY"
        )
    return Hidden(api_key.value)


def adhoc_operation(method: str, path: str, *, integration: bool, response_type: type[T]) -> Operation[T]:
    """Return an operation for an endpoint that the package does not have. Nothing but a GET is taken for idempotent."""
    if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise ValueError(f"method is one of GET, POST, PUT, PATCH, DELETE, not {method!r}")
    if not isinstance(path, str):
        raise TypeError(f"path is a str, not {type(path).__name__}")
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("path starts with one / below the base URL, as in /hris/employees")
    if "?" in path or "#" in path or _CONTROL.search(path) or {".", ".."} & set(path.split("/")):
        raise ValueError("path has no ?, #, control character, . or .. segment; pass params=, and quote the ids in it")
    effect = Effect.SAFE if method == "GET" else Effect.NON_IDEMPOTENT
    return Operation(
        name="request",
        method=method,
        # Braces are quoted, so that no placeholder is left.
        path=quote(path, safe="/%:@!$&'()*+,;=~"),
        response_type=response_type,
        effect=effect,
        integration=integration,
        action=integration and effect is Effect.NON_IDEMPOTENT,
    )
