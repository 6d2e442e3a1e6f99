"""The chart of the results, as SVG for light and dark backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from textwrap import indent

from .report import Line, RowSummary
from .variants import OURS

SHOWN = ("fields-500x100", "employees", "tasks", "actions")
"""The rows in the picture."""
_NAMES = {
    OURS: "kombo_async",
    "bare": "bare aiohttp + msgspec",
    "httpx": "bare httpx + pydantic",
    "official": "official SDK",
}
"""The clients from top to bottom of each group, with their labels."""
_WIDTH, _LEFT, _RIGHT = 720, 170, 150
_BAR, _STEP, _GROUP = 11, 16, 34

_STYLE = """\
text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a; }
.work, .ours { font-weight: 600; fill: #1f2328; }
.ground { fill: #ffffff; }
.kombo_async { fill: #2da44e; }
.bare, .httpx, .official { fill: #8c959f; }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1; }
  .work, .ours { fill: #f0f6fc; }
  .ground { fill: #0d1117; }
  .kombo_async { fill: #3fb950; }
  .bare, .httpx, .official { fill: #6e7681; }
}"""


def draw(rows: Sequence[RowSummary]) -> str:
    """Return the chart. The longest bar of each group has the full width; shorter is better."""
    shapes: list[str] = []
    top = 0
    for summary in (summary for name in SHOWN for summary in rows if summary.name == name):
        top += _GROUP
        shapes.append(f'<text class="work" x="{_LEFT}" y="{top - 12}">{escape(summary.title)}</text>')
        lines = {line.who: line for line in summary.lines}
        times = {who: _time(lines[who]) for who in _NAMES if who in lines}
        for who, time in times.items():
            length = max(time / max(times.values()) * (_WIDTH - _LEFT - _RIGHT), 1.0)
            mark = "ours" if who == OURS else "other"
            middle = top + _BAR - 1
            shapes += [
                f'<text class="{mark}" x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(_NAMES[who])}</text>',
                f'<rect class="{who}" x="{_LEFT}" y="{top}" width="{length:.1f}" height="{_BAR}" rx="2"/>',
                f'<text class="{mark}" x="{_LEFT + length + 7:.1f}" y="{middle}">{escape(lines[who].each)}</text>',
            ]
            top += _STEP
    height = top + _STEP
    shapes.insert(0, f'<rect class="ground" width="{_WIDTH}" height="{height}" rx="6"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'role="img">\n'
        "  <title>The time that each client takes for the same work; shorter is better</title>\n"
        f"  <style>\n{indent(_STYLE, '    ')}\n  </style>\n"
        f"{indent(chr(10).join(shapes), '  ')}\n"
        "</svg>\n"
    )


def _time(line: Line) -> float:
    """Return the time that a client took, as a ratio to that of the official one."""
    return line.ratios["official"][0] if "official" in line.ratios else 1.0
