"""What an exception of aiohttp or the operating system means, without anything secret or personal in it."""

from __future__ import annotations

import asyncio
import os
from ssl import SSLError

import aiohttp

from ...errors import KomboConnectionError, KomboTimeoutError
from ...redaction import printable
from ..deadlines import PendingRequest

_REFUSED_BY_PROXY = {400, 401, 403, 404, 405, 407}
"""Statuses by which a proxy refuses a CONNECT request, and will refuse it again."""
_MISCONFIGURED_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNSUPPORTED_PROTOCOL", "UNKNOWN_PROTOCOL", "NO_PROTOCOLS_AVAILABLE"}
)
"""Reasons for which a handshake fails with a server that has no TLS, or no version of it in common with us."""
_RAISE_LIMIT = "Ask for smaller pages, or raise Limits(max_response_bytes=…)."
_CHECK_NETWORK = (
    "Check the network, the proxy if there is one (HTTPS_PROXY, proxy=), and the address "
    "(base_url, KOMBO_BASE_URL, --base-url; region, --region)."
)


class ResponseTooLargeError(aiohttp.ClientError):
    """The decompressed body exceeds `Limits.max_response_bytes`."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the response has more than {limit:,} bytes")


def network_error(
    error: BaseException, pending: PendingRequest, long: bool, may_have_run: bool
) -> KomboConnectionError | KomboTimeoutError:
    """Return the error of a request that *error* ended; *long* if `Timeouts.action_deadline` applies to it."""
    if pending.expired_by is not None or isinstance(error, TimeoutError):
        return KomboTimeoutError(_timeout_message(error, pending, long), may_have_run=may_have_run)
    connection_error = KomboConnectionError(_message(error), may_have_run=may_have_run)
    connection_error.hint = _RAISE_LIMIT if isinstance(error, ResponseTooLargeError) else _CHECK_NETWORK
    connection_error.permanent = _is_permanent(error)
    return connection_error


def visible_cause(error: BaseException) -> BaseException | None:
    """Return the cause that tracebacks may show. aiohttp's own errors hold addresses with their query, headers with
    the key, and bytes of the response."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error
    return None if isinstance(error, aiohttp.ClientError | asyncio.CancelledError) else error


def _timeout_message(error: BaseException, pending: PendingRequest, long: bool) -> str:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "no connection within Timeouts.connect"
    if pending.expired_by == "idle" or isinstance(error, aiohttp.SocketTimeoutError):
        return "nothing arrived within Timeouts.idle"
    return f"no response within Timeouts.{'action_deadline' if long else 'read_deadline'}"


def _is_permanent(error: BaseException) -> bool:
    """Return whether the same request would fail in the same way a second later."""
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return error.status in _REFUSED_BY_PROXY
    if isinstance(
        error, aiohttp.ClientConnectorCertificateError | aiohttp.ServerFingerprintMismatch | ResponseTooLargeError
    ):
        return True
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    return isinstance(cause, SSLError) and cause.reason in _MISCONFIGURED_TLS


def _message(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"cannot trust the certificate of {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, ResponseTooLargeError):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {error.os_error.strerror or error.os_error}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refused the connection: HTTP {error.status} {printable(error.message, 200)}"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the response broke off or could not be decompressed"
    if isinstance(error, OSError) and error.errno is not None:
        return f"the connection broke: {os.strerror(error.errno)}"
    return f"the connection broke ({type(error).__name__})"
