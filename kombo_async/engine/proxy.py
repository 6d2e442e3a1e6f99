"""Which proxy the requests of a client go through: the one given in code, else that of the environment."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from msgspec import Struct

from ..redaction import Hidden


class Proxy(Struct, frozen=True):
    """An HTTP proxy. Its address holds no credentials, so that it can be shown."""

    url: str
    authorization: Hidden[str] | None
    """The value of `Proxy-Authorization`; None where the proxy needs none."""


def parse_proxy(value: object, source: str) -> Proxy:
    """Return the proxy at the address *value*, which *source* gave. An error shows no part of it, as it may hold
    credentials."""
    if not isinstance(value, str):
        raise TypeError(f"{source} is a str, not {type(value).__name__}")
    # As curl has it, an address without a scheme is that of an HTTP proxy.
    address = value if "://" in value else f"http://{value}"
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if parts.scheme.startswith("socks"):
        raise ValueError(
            f"{source} names a SOCKS proxy, which aiohttp does not speak: "
            "pass session= with a connector of the package aiohttp-socks, or proxy=None to use none"
        )
    if (
        parts.scheme not in {"http", "https"}
        or not host
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
        or any(character <= " " or character == "\x7f" for character in value)
    ):
        raise ValueError(f"{source} is an address such as http://user:password@proxy.example:3128, without a path")
    authorization = None
    if parts.username is not None or parts.password is not None:
        credentials = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
        authorization = Hidden(f"Basic {b64encode(credentials.encode()).decode()}")
    name = f"[{host}]" if ":" in host else host
    return Proxy(f"{parts.scheme}://{name}" + (f":{port}" if port is not None else ""), authorization)


def environment_proxy(base_url: str) -> Proxy | None:
    """Return the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names for *base_url*, unless NO_PROXY excepts its
    host. Where they are not set, macOS and Windows have a proxy in their settings."""
    parts = urlsplit(base_url)
    proxies = getproxies()
    for scheme in (parts.scheme, "all"):
        if value := proxies.get(scheme):
            return None if proxy_bypass(parts.netloc) else parse_proxy(value, f"{scheme.upper()}_PROXY")
    return None
