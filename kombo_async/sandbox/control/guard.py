"""Who may use the control API: programs on this machine, and no website in a browser.

A website can make a browser send requests to any address, also to this machine. So a request must name this machine in
`Host` (a domain of the attacker that resolves to it is refused: DNS rebinding), must not be made by another origin
(`Origin`, `Sec-Fetch-Site`), and must have a content type that forms cannot send.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from aiohttp import web

from .errors import ControlError

Access: TypeAlias = Literal["local", "network", "off"]
"""Who may use it: programs on this machine, any on the network, none."""

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def check_request(request: web.Request, access: Access) -> None:
    """Raise the error that keeps a request from being processed, if there is one."""
    if request.transport is None:
        raise ControlError(403, "the connection was closed")
    peer: Any = request.transport.get_extra_info("peername")
    address = str(peer[0]).partition("%")[0] if peer else ""
    if access != "network" and not _is_loopback(address):
        raise ControlError(403, "the control API is for this machine alone: start the sandbox with --control network")
    host = request.headers.get("Host", "")
    name = _hostname(host)
    if name is None or not (_is_local(name) or (access == "network" and _is_unresolvable(name))):
        raise ControlError(403, "the header Host must name this machine, such as 127.0.0.1 or localhost")
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() not in {f"http://{host}".lower(), f"https://{host}".lower()}:
        raise ControlError(403, "the control API is not for pages of other origins")
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        raise ControlError(403, "the control API is not for pages of other sites")


def check_content_type(request: web.Request) -> None:
    """Raise an error unless a write is JSON, which forms of websites cannot send."""
    content_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type != "application/json" and (request.method != "DELETE" or content_type):
        raise ControlError(415, "the header Content-Type must be application/json")


def _hostname(host: str) -> str | None:
    if any(char in host for char in "/?#@\\ "):
        return None
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _is_local(name: str) -> bool:
    return name == "localhost" or _is_loopback(name)


def _is_unresolvable(name: str) -> bool:
    """Return whether no attacker can own the name in the DNS: an address, or a name without a dot."""
    try:
        ip_address(name)
    except ValueError:
        return "." not in name
    return True
