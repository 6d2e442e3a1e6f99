"""Split a page that is not valid JSON into its rows.

A strict parser stops at the first malformed byte, and every other row of the page is lost with it. This scanner follows
strings, brackets and commas only, so whatever else is wrong with a row stays inside that row. It runs only after the
strict decoder has refused a page: its cost, about 20 ms a megabyte, is not on the path of well-formed pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

# All repetitions are possessive (`*+`), so that no input makes them backtrack. `_TO_BRACKET` and `_TO_SEPARATOR` pass
# over objects and lists that contain no others, and stop in front of a quote whose string has no end.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_INSIDE = rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+"
_FLAT = rb"\{" + _INSIDE + rb"\}|\[" + _INSIDE + rb"\]"
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb"|" + _FLAT + rb")*+", re.DOTALL)
_TO_SEPARATOR = re.compile(rb'(?:[^"{}\[\],]++|' + _STRING + rb"|" + _FLAT + rb")*+", re.DOTALL)
_KEY = re.compile(rb"\s*+(" + _STRING + rb")\s*+:\s*+", re.DOTALL)
_EMPTY = re.compile(rb"\s*+\]")
_CURSOR = re.compile(rb'"next(?:_cursor)?"\s*+:\s*+(' + _STRING + rb"|null)", re.DOTALL)
_END_OF_PAGE = re.compile(
    rb"\](?:\s*+,\s*+" + _STRING + rb"\s*+:\s*+(?:" + _STRING + rb'|[^"{}\[\],\s]++)|\s*+\})*+\s*+\Z', re.DOTALL
)
_CLOSING = {b"{"[0]: b"}", b"["[0]: b"]"}
_COMMA, _END_OF_LIST, _END_OF_OBJECT = b",]}"
_MAX_STEPS = 200_000
"""The limit of brackets that are followed; a page of 250 records has a few thousand. A hostile page could otherwise
block the event loop for minutes."""


class SplitPage(Struct, frozen=True):
    """The parts of one page."""

    envelope: bytes
    """The page with an empty list of rows."""
    rows: list[bytes]
    rest: bytes
    """The bytes after the last row whose end was found, up to the end of the list; usually empty."""


def split_page(body: bytes, list_key: str) -> Iterator[SplitPage]:
    """Yield the ways to split *body* at the list under *list_key* in `data`, the most faithful one first.

    There is a second one where brackets or quotes of a row do not match: the end of that row cannot be found, but the
    end of the list can, by reading the page from its end. Nothing is yielded for a body without such a list.
    """
    steps = iter(range(_MAX_STEPS))
    start = _member(body, _member(body, 0, b'"data"', steps), f'"{list_key}"'.encode(), steps)
    if start is None or body[start : start + 1] != b"[":
        return
    start = rest = start + 1
    rows: list[bytes] = []
    if _EMPTY.match(body, start):
        rest = body.index(b"]", start)
        yield SplitPage(body[:start] + body[rest:], [], b"")
    else:
        while (end := _value_end(body, rest, _END_OF_LIST, steps)) is not None:
            rows.append(body[rest:end].strip())
            rest = end + 1
            if body[end] == _END_OF_LIST:
                rest = end
                yield SplitPage(body[:start] + body[end:], rows, b"")
                break
    tail = _END_OF_PAGE.search(body, max(body.rfind(b"]"), start))
    # Two braces close `data` and the envelope, and Kombo always sends a cursor or null: anything else may be the end of
    # a record in a body that was cut off.
    if tail is not None and tail[0].count(b"}") >= 2 and _CURSOR.search(tail[0]):
        yield SplitPage(body[:start] + tail[0], rows, body[rest : tail.start()].strip())


def find_cursor(text: bytes) -> bytes | None:
    """Return the first next cursor in *text*, as the bytes of a JSON string, wherever it is."""
    return next((match[1] for match in _CURSOR.finditer(text) if match[1] != b"null"), None)


def split_object(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of the members of the object *text*, as bytes, up to the first one whose end is not found."""
    steps = iter(range(_MAX_STEPS))
    for key, start in _members(text, 0, steps):
        end = _value_end(text, start, _END_OF_OBJECT, steps)
        if end is not None:
            yield key, text[start:end].strip()


def _member(body: bytes, start: int | None, wanted: bytes, steps: Iterator[int]) -> int | None:
    """Return where the value under the key *wanted* begins in the object at *start*."""
    if start is None:
        return None
    return next((position for key, position in _members(body, start, steps) if key == wanted), None)


def _members(body: bytes, start: int, steps: Iterator[int]) -> Iterator[tuple[bytes, int]]:
    """Yield the key of each member of the object at *start*, and where its value begins."""
    position = body.find(b"{", start) + 1
    if not position or body[start : position - 1].strip():
        return
    while key := _KEY.match(body, position):
        yield key[1], key.end()
        end = _value_end(body, key.end(), _END_OF_OBJECT, steps)
        if end is None or body[end] != _COMMA:
            return
        position = end + 1


def _value_end(body: bytes, start: int, closing: int, steps: Iterator[int]) -> int | None:
    """Return the index of the comma or *closing* bracket after the value at *start*, or None if there is none.

    Closing brackets of the other kind that match no opening one are taken for a part of the value.
    """
    position, open_brackets = start, bytearray()
    for _ in steps:
        match = (_TO_BRACKET if open_brackets else _TO_SEPARATOR).match(body, position)
        assert match is not None
        position = match.end()
        byte = body[position : position + 1]
        if byte in (b"", b'"'):
            return None
        if byte in b"{[":
            open_brackets += byte
        elif open_brackets:
            if byte != _CLOSING[open_brackets.pop()]:
                return None
        elif byte[0] in (_COMMA, closing):
            return position
        position += 1
    return None
