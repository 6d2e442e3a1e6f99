"""Tables that a phone shows as blocks: each cell gets the heading of its column, which is out of sight there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

if TYPE_CHECKING:
    from markdown import Markdown

LONGEST_CODE = 20
"""The characters of code in the first of two columns that still leave room for the second on a phone."""


class ColumnLabels(Extension):
    """Marks wide tables and labels their cells, for the style sheet."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the name that Markdown calls)
        """Run after the text of cells is known, and before it is serialized."""
        md.treeprocessors.register(_Labels(md), "column_labels", 1)


class _Labels(Treeprocessor):
    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            labels = ["".join(heading.itertext()).strip() for heading in table.iter("th")]
            rows = [list(row) for row in table.iterfind("tbody/tr")]
            if len(labels) > 2 or any(_has_long_code(row[0]) for row in rows):
                table.set("data-cards", "")
                for row in rows:
                    for cell, label in zip(row[1:], labels[1:], strict=True):
                        cell.set("data-label", label)


def _has_long_code(cell: Element) -> bool:
    return any(len("".join(code.itertext())) > LONGEST_CODE for code in cell.iter("code"))
