"""A page of records as bytes: JSON lines, or rows of CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, Literal, cast

import attrs
import msgspec

from ..engine import codec
from ..engine.rows import RawRecord
from ..models.common import Unreadable
from .options import UsageError
from .terminal import escape_controls

Format = Literal["jsonl", "csv"]

_FORMATS: Mapping[str, Format] = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl"}
_FORMULA = re.compile("[=+\\-@\t\r]")
"""The headers of cells that spreadsheets run as a formula."""


def format_of(path: str) -> Format:
    """Return the format for the ending of a file name; JSON lines if it has none. Refuse unknown endings."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending and ending not in _FORMATS:
        raise UsageError(
            f"there is no format .{ending}: name a file that ends in .jsonl, .ndjson (JSON lines) or .csv, "
            "or add --format jsonl or --format csv"
        )
    return _FORMATS.get(ending, "jsonl")


class JsonLines:
    """Each record in one line, as it arrived: with all its keys, in Kombo's order, unknown ones included."""

    header = b""

    def encode(self, records: Sequence[RawRecord]) -> bytes:
        """Return the lines of some records."""
        return escape_controls(b"".join([_one_line(bytes(record.raw)) for record in records]))


def _one_line(raw: bytes) -> bytes:
    # They are between tokens only: JSON escapes line breaks in strings.
    if b"\n" in raw or b"\r" in raw:
        raw = msgspec.json.format(raw, indent=-1)
    return raw + b"\n"


def unreadable_lines(unreadable: Iterable[Unreadable]) -> bytes:
    """Return a line for each unreadable record: its id, its problems, and its bytes as a string in `raw`, or as base64
    in `raw_base64` if they are not UTF-8."""
    lines: list[dict[str, object]] = []
    for each in unreadable:
        try:
            raw: dict[str, object] = {"raw": each.raw.decode()}
        except UnicodeDecodeError:
            raw = {"raw_base64": each.raw}
        lines.append({"id": each.id, "problems": each.problems, **raw})
    return escape_controls(msgspec.json.Encoder().encode_lines(lines))


class Csv:
    """Each record in one row, with a column for each field of the model. Null is an empty cell, nested values are JSON.

    Strings are written unchanged, so that programs read the same value back. But spreadsheets run those that begin with
    `=`, `+`, `-` or `@` as formulas, and any applicant can use such a name: with *for_spreadsheets* they get an
    apostrophe in front, and the file a byte order mark, by which spreadsheets recognise UTF-8.
    """

    def __init__(self, model: type, *, for_spreadsheets: bool = False) -> None:
        self._columns = [field.name for field in attrs.fields(cast("type[attrs.AttrsInstance]", model))]
        self._guarded = for_spreadsheets
        self._unchanged_types = {int, float, NoneType} | (set[type]() if for_spreadsheets else {str})
        self.header = (b"\xef\xbb\xbf" if for_spreadsheets else b"") + _rows([self._columns])

    def encode(self, records: Sequence[object]) -> bytes:
        """Return the rows of some records."""
        if not records:
            return b""
        plain = cast("list[dict[str, Any]]", msgspec.to_builtins(records))
        # By column: most columns can be written unchanged.
        columns = zip(*(tuple(map(record.get, self._columns)) for record in plain), strict=True)
        return _rows(
            zip(*(self._cells(*named, records) for named in zip(self._columns, columns, strict=True)), strict=True)
        )

    def _cells(self, name: str, values: Sequence[Any], records: Sequence[object]) -> Sequence[object]:
        if set(map(type, values)) <= self._unchanged_types:
            return values
        return [self._cell(value, name, record) for value, record in zip(values, records, strict=True)]

    def _cell(self, value: Any, name: str, record: object) -> object:
        if isinstance(value, str):
            return f"'{value}" if self._guarded and _FORMULA.match(value) else value
        if isinstance(value, dict | list):
            value = codec.to_builtins(getattr(record, name))
        # None is an empty cell; everything else is written as JSON.
        return value if value is None else msgspec.json.encode(value).decode()


def _rows(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
