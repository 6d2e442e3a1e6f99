"""The page RESULTS.md: each benchmark writes its own sections and leaves those of others as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

PATH = Path(__file__).parent / "RESULTS.md"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def _sections(text: str) -> dict[str, str]:
    """Return the text of each section by its title, in order; what is before the first one has an empty title."""
    starts = [(0, ""), *((found.start(), found[1]) for found in _SECTION.finditer(text))]
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return {title: text[start:end].strip() for (start, title), end in zip(starts, ends, strict=True)}


def write_page(page: str, path: Path = PATH) -> None:
    """Replace the sections that *page* has, and what is before them."""
    written = _sections(page)
    kept = {title: text for title, text in read(path).items() if title not in written}
    path.write_text("\n\n".join([*written.values(), *kept.values()]) + "\n", encoding="utf-8")


def write_section(title: str, lines: Sequence[str], path: Path = PATH) -> None:
    """Replace or append one section."""
    sections = read(path)
    sections[title] = "\n".join([f"## {title}", "", *lines]).strip()
    path.write_text("\n\n".join(sections.values()) + "\n", encoding="utf-8")


def read(path: Path = PATH) -> dict[str, str]:
    """Return the sections of the page, by their titles."""
    return _sections(path.read_text(encoding="utf-8")) if path.exists() else {}


def table_rows(section: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of the table of a section, by their first cell."""
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    rows = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    return {row[0]: row for row in rows}
