"""What the site has in addition to its pages: plain Markdown of each page, `llms.txt`, and the check for other hosts.

It needs nothing but the standard library, so that a test can import it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

_LOADED_LINKS = {"stylesheet", "icon", "shortcut icon", "preload", "prefetch", "preconnect", "dns-prefetch", "manifest"}
"""What a `<link>` with one of these `rel` makes a browser load; `canonical` and `alternate` do not."""

_ELSEWHERE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)


class _Loaded(HTMLParser):
    """Collects the addresses that a browser loads with a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the attributes of one element."""
        given = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        self.addresses += [given[name] for name in ("src", "data", "poster") if name in given]
        self.addresses += [each.split()[0] for each in given.get("srcset", "").split(",") if each.strip()]
        self.addresses += css_addresses(given.get("style", ""))
        if tag == "link" and given.get("rel", "").lower() in _LOADED_LINKS:
            self.addresses.append(given.get("href", ""))

    def handle_data(self, data: str) -> None:
        """Look at a style sheet inside of the page."""
        if self._in_style:
            self.addresses += css_addresses(data)


def css_addresses(style: str) -> list[str]:
    """Return the addresses that a style sheet loads."""
    return re.findall(r"url\(\s*['\"]?([^'\")]+)", style) + re.findall(r"@import\s+['\"]([^'\"]+)", style)


def other_hosts(page: str, *, is_style: bool = False) -> list[str]:
    """Return the addresses of other hosts that a page or a style sheet loads."""
    if is_style:
        found = css_addresses(page)
    else:
        parser = _Loaded()
        parser.feed(page)
        found = parser.addresses
    return [address for address in found if _ELSEWHERE.match(address)]


def loads_of_site(site: Path) -> Iterator[str]:
    """Yield what the files of a site load from other hosts."""
    for path in sorted(site.rglob("*")):
        if path.suffix in {".html", ".css"}:
            for address in other_hosts(path.read_text(encoding="utf-8"), is_style=path.suffix == ".css"):
                yield f"{path.relative_to(site)} loads {address}"


def llms_txt(
    title: str, summary: str, sections: Mapping[str, Sequence[tuple[str, str]]], pages: Mapping[str, str]
) -> str:
    """Return the index for agents, in the format of llmstxt.org: links to the Markdown of each page.

    `sections` has the titles and paths of pages, `pages` their Markdown.
    """
    lines = [
        f"# {title}",
        "",
        f"> {summary}",
        "",
        "All pages but the reference in one file: [llms-full.txt](llms-full.txt).",
    ]
    for section, entries in sections.items():
        lines += ["", f"## {section}", ""]
        for name, path in entries:
            about = first_sentence(pages[path])
            lines.append(f"- [{name}]({path})" + (f": {about}" if about else ""))
    return "\n".join(lines) + "\n"


def first_sentence(page: str) -> str:
    """Return the first sentence of a page's text."""
    for part in re.split(r"\n\s*\n", re.sub(r"```.*?```", "", page, flags=re.DOTALL)):
        if re.match(r"\s*[#|<!=-]", part) is None and part.strip():
            plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(part.split()))
            return re.split(r"(?<=[.:!?])\s", plain, maxsplit=1)[0].rstrip(":")
    return ""
