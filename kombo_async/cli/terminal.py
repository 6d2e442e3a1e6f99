"""Text that a terminal would obey: control characters, and those that change the direction of text.

Records, messages of servers and names of files come from others. None of that may move the cursor, set the title
of a window or show text in another order than it has.
"""

from __future__ import annotations

import re

_IN_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_IN_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_POSSIBLE = {*range(9), *range(0x0B, 0x20), 0x7F, 0xC2, 0xD8, 0xE2}
"""The first bytes of these characters in UTF-8."""
_HARMLESS = bytes(byte for byte in range(256) if byte not in _POSSIBLE)


def one_line(text: str) -> str:
    """Return *text* with a space in place of such characters and of line breaks."""
    return _IN_TEXT.sub(" ", text)


def escape_controls(data: bytes) -> bytes:
    r"""Return lines of UTF-8 with an escape such as `\u001b` for each such character.

    JSON means the same with these escapes as without them. Tabs and line breaks stay.
    """
    # This takes a tenth of the time of the search, and most pages have no such byte.
    if not data.translate(None, _HARMLESS):
        return data
    return _IN_LINES.sub(_escape, data.decode()).encode()


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\r" and found.string.startswith("\n", found.end()):
        return "\r"
    return f"\\u{ord(found[0]):04x}"
