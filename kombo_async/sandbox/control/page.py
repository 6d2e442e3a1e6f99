"""The page at `/_sandbox/`: files of the package, which use the control API from a browser."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from aiohttp import web

from .guard import HEADERS

_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    # Browsers that know it refuse innerHTML and the like in the scripts of the page, too.
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No script and no style but those of the package: a record that holds markup does nothing even if it were shown so."""


def find_page(path: str) -> web.Response | None:
    """Return the file that is meant by *path*, which begins after `/_sandbox`; None if there is none."""
    # Any other path begins with a slash, as no file does.
    name = "index.html" if path in {"", "/"} else path.removeprefix("/page/")
    body = _files().get(name)
    if body is None:
        return None
    content_type = _CONTENT_TYPES[PurePosixPath(name).suffix]
    return web.Response(
        body=body, headers={**HEADERS, "Content-Type": content_type, "Content-Security-Policy": _POLICY}
    )


@cache
def _files() -> dict[str, bytes]:
    """Return the files of the page by name."""
    folder = files("kombo_async.sandbox").joinpath("page")
    return {
        file.name: file.read_bytes() for file in folder.iterdir() if PurePosixPath(file.name).suffix in _CONTENT_TYPES
    }
