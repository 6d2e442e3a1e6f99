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
_REFUSED_CERTIFICATE = frozenset(
    {
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_UNKNOWN_CA",
    }
)
"""Alerts by which a server refuses the client certificate, or a client without one. In TLS 1.3 they arrive after the
client has sent its request, which the server does not read before it has verified the certificate. If the server closes
the connection with that request unread, a reset may overtake the alert; it cannot be told from any other reset."""
_MISCONFIGURED_TLS = _REFUSED_CERTIFICATE | {
    "DH_KEY_TOO_SMALL",
    "HTTP_REQUEST",
    "NO_CIPHERS_AVAILABLE",
    "NO_PROTOCOLS_AVAILABLE",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "SSLV3_ALERT_ILLEGAL_PARAMETER",
    "TLSV13_ALERT_MISSING_EXTENSION",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "TLSV1_UNRECOGNIZED_NAME",
    "TLSV1_UNSUPPORTED_EXTENSION",
    "UNKNOWN_PROTOCOL",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}
"""Reasons for which each handshake with a server fails: it has no TLS, no version, cipher or extension of it in common
with us, or wants another client certificate."""
_RAISE_LIMIT = "Ask for smaller pages, or raise Limits(max_response_bytes=…)."
_CHECK_NETWORK = (
    "Check the network, the proxy if there is one (HTTPS_PROXY, proxy=), and the address "
    "(base_url, KOMBO_BASE_URL, --base-url; region, --region)."
)
_CHECK_TLS = (
    "The server refuses TLS as this client offers it: check base_url, or pass ssl= a context with the client "
    "certificate that the server wants, or with its versions and ciphers."
)


class ResponseTooLargeError(aiohttp.ClientError):
    """The decompressed body exceeds `Limits.max_response_bytes`."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the response has more than {limit:,} bytes")


class ResponseFloodError(aiohttp.ClientError):
    """The server sends responses, such as interim ones (1xx), faster than they can be read."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the server sent more than {limit} responses (1xx included) to one request at once")


def network_error(
    error: BaseException, pending: PendingRequest, long: bool, may_have_run: bool
) -> KomboConnectionError | KomboTimeoutError:
    """Return the error of a request that *error* ended; *long* if `Timeouts.action_deadline` applies to it."""
    if pending.expired_by is not None or isinstance(error, TimeoutError):
        return KomboTimeoutError(_timeout_message(error, pending, long), may_have_run=may_have_run)
    tls_error = _tls_error(error)
    reason = None if tls_error is None else tls_error.reason
    connection_error = KomboConnectionError(
        _message(error), may_have_run=may_have_run and reason not in _REFUSED_CERTIFICATE
    )
    connection_error.permanent = reason in _MISCONFIGURED_TLS or _is_permanent(error)
    if isinstance(error, ResponseTooLargeError):
        connection_error.hint = _RAISE_LIMIT
    else:
        connection_error.hint = _CHECK_TLS if reason is not None and "ALERT" in reason else _CHECK_NETWORK
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
    return isinstance(
        error, aiohttp.ClientConnectorCertificateError | aiohttp.ServerFingerprintMismatch | ResponseTooLargeError
    )


def _tls_error(error: BaseException) -> SSLError | None:
    """Return the error of TLS that is the cause of *error*: of the handshake, or on an open connection."""
    if isinstance(error, aiohttp.ClientConnectorError):
        cause: BaseException | None = error.os_error
    else:
        cause = error.__cause__ if isinstance(error, aiohttp.ClientOSError) else error
    return cause if isinstance(cause, SSLError) else None


def _message(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"cannot trust the certificate of {error.host}:{error.port}: {error.certificate_error}"
    if isinstance(error, ResponseTooLargeError | ResponseFloodError):
        return str(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"cannot connect to {error.host}:{error.port}: {_system_message(error.os_error)}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy refused the connection: HTTP {error.status} {printable(error.message, 200)}"
    if isinstance(error, aiohttp.ClientResponseError):
        return "the response is not HTTP, or its headers are too large"
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the response broke off or could not be decompressed"
    if isinstance(error, OSError) and error.errno is not None:
        # The numbers of TLS errors are not those of the operating system.
        tls_error = _tls_error(error)
        return f"the connection broke: {_system_message(tls_error) if tls_error else os.strerror(error.errno)}"
    return f"the connection broke ({type(error).__name__})"


def _system_message(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
