"""The built documentation in a real Chromium: what its search finds, and whether it fits on the screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .test_sandbox_page import browser

__all__ = ["browser"]

ROOT = Path(__file__).parents[2]
SITE = ROOT / ".cache" / "site"
PROSE = sorted(
    path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")
)

ANSWERS = {
    "retry": "concepts/limits-and-retries.html",
    "retrying": "concepts/limits-and-retries.html",
    "backoff": "concepts/limits-and-retries.html",
    "rate limit": "concepts/limits-and-retries.html",
    "429": "concepts/limits-and-retries.html",
    "concurrency": "concepts/limits-and-retries.html",
    "gather": "concepts/limits-and-retries.html",
    "semaphore": "concepts/limits-and-retries.html",
    "403": "reference/errors.html",
    "timeout": "concepts/timeouts.html",
    "deleted": "concepts/data.html",
    "for_integration": "concepts/clients.html",
    "integration id": "concepts/glossary.html",
    "filter": "guides/lists.html",
    "filtering": "guides/lists.html",
    "pagination": "guides/lists.html",
    "cursor expired": "guides/lists.html",
    "resume": "guides/lists.html",
    "retry post timed out": "recipes/writing-safely.html",
    "mocking": "recipes/testing.html",
    "proxy": "recipes/network.html",
    "flask": "recipes/blocking-code.html",
    "Employee": "reference/models/hris.html#employee",
    "exit code": "reference/exit-codes.html",
    "install": "index.html",
    "changelog": "about/changelog.html",
    "license": "about/license.html",
}
"""By query: the page that answers it."""

FIRST_RESULTS = """() => [...document.querySelectorAll(".md-search-result__item")].slice(0, 3).map(
    (item) => [...item.querySelectorAll("a")].map((link) => link.href.replace(/[?]h=[^#]*/, "")))"""

WIDER_THAN_ITS_BOX = """(selector) => [...document.querySelectorAll(selector)]
    .filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth)
    .map((each) => each.textContent.trim().slice(0, 60))"""


class _Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the site that `make docs` built."""
    built = SITE / "search" / "search_index.json"
    if not built.exists():
        pytest.skip("there is no site: make docs")
    if built.stat().st_mtime < max(path.stat().st_mtime for path in (ROOT / "docs").rglob("*.md")):
        pytest.skip("the site is older than its pages: make docs")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=SITE)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def page(browser: Any, site: str) -> Iterator[Any]:
    """An open page. Nothing may be missing on any page, and nothing may be wrong in the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    context.close()
    assert complaints == []


def first_results(page: Any, query: str) -> list[list[str]]:
    """Return the addresses of each of the first three results."""
    for text, shown in (("", "/Type to start/"), (query, "/matching/")):
        page.fill(".md-search__input", text)
        page.press(".md-search__input", "End")  # The search begins when a key is released.
        page.wait_for_function(f"{shown}.test(document.querySelector('.md-search-result__meta').textContent)")
    return list(page.evaluate(FIRST_RESULTS))


def test_page_that_answers_is_among_the_first_three_results(page: Any, site: str) -> None:
    page.goto(site)
    page.click(".md-search__input")
    found = {query: first_results(page, query) for query in ANSWERS}
    assert {
        query: [links[:1] for links in found[query]]
        for query, answer in ANSWERS.items()
        if not any(site + answer in links for links in found[query])
    } == {}


def test_blocks_of_code_fit_at_1280_pixels_and_tables_at_390(page: Any, site: str) -> None:
    cut_off: dict[str, list[str]] = {}
    for path in [*PROSE, "reference/errors.html", "reference/methods/index.html", "reference/models/index.html"]:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(site + path)
        if path in PROSE:
            cut_off[f"{path} at 1280"] = page.evaluate(WIDER_THAN_ITS_BOX, ".md-content pre > code")
        page.set_viewport_size({"width": 390, "height": 844})
        cut_off[f"{path} at 390"] = page.evaluate(
            WIDER_THAN_ITS_BOX, ".md-content :is(.md-typeset__scrollwrap, .md-typeset__table, table)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert {where: what for where, what in cut_off.items() if what} == {}
