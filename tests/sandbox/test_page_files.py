"""The files of the page at `/_sandbox/`, without a browser."""

from __future__ import annotations

import aiohttp
import pytest
from yarl import URL

from kombo_async.sandbox import Sandbox


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("", "text/html"),
        ("/page/main.js", "text/javascript"),
        ("/page/page.css", "text/css"),
        ("/page/icon.svg", "image/svg+xml"),
    ],
)
async def test_files_are_served_under_a_strict_policy(path: str, kind: str) -> None:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        url = sandbox.base_url.replace("/v1", "/_sandbox")
        async with session.get(URL(url + path, encoded=True)) as response:
            assert response.status == 200
            assert response.content_type == kind
            assert "script-src 'self'" in response.headers["Content-Security-Policy"]
            assert "require-trusted-types-for 'script'" in response.headers["Content-Security-Policy"]
            assert "unsafe" not in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/page/", "/page/..%2Fserver.py", "/page/nothing.js", "/page/../server.py"])
async def test_other_files_are_not_served(path: str) -> None:
    async with Sandbox() as sandbox, aiohttp.ClientSession() as session:
        url = sandbox.base_url.replace("/v1", "/_sandbox")
        async with session.get(URL(url + path, encoded=True)) as response:
            assert response.status == 404
