"""A page of records as bytes: JSON lines, rows of CSV, or Parquet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from ..engine import codec
from ..engine.rows import RawRecord
from ..models.diagnostics import Unreadable
from .options import UsageError
from .terminal import escape_controls

if TYPE_CHECKING:
    from ..columns import Column

Format = Literal["jsonl", "csv", "parquet"]

_FORMATS: Mapping[str, Format] = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}
_FORMULA = re.compile("[=+\\-@\t\r]")
"""The first characters of cells that spreadsheets run as a formula."""


def format_of(path: str) -> Format:
    """Return the format for the ending of a file name; JSON lines if it has none. Refuse unknown endings."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if ending and ending not in _FORMATS:
        raise UsageError(
            f"there is no format .{ending}: name a file that ends in .jsonl, .ndjson (JSON lines), .csv or .parquet, "
            "or add --format jsonl, --format csv or --format parquet"
        )
    return _FORMATS.get(ending, "jsonl")


class Encoder:
    """Makes the content of a file from records, page by page."""

    header: bytes = b""

    def encode(self, records: Sequence[Any]) -> bytes:
        """Return what follows with some more records."""
        raise NotImplementedError

    def finish(self) -> bytes:
        """Return what the file ends with, after its last record."""
        return b""

    def close(self) -> None:
        """End, also without a complete file."""


class JsonLines(Encoder):
    """Each record in one line, as it arrived: with all its keys, in Kombo's order, unknown ones included."""

    def encode(self, records: Sequence[RawRecord]) -> bytes:
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


class Csv(Encoder):
    """Each record in one row, with the given columns. Null is an empty cell, nested values are JSON.

    Strings are written unchanged, so that programs read the same value back. But spreadsheets run those that begin with
    `=`, `+`, `-` or `@` as formulas, and any applicant can use such a name: with *for_spreadsheets* they get an
    apostrophe in front, and the file a byte order mark, by which spreadsheets recognise UTF-8.
    """

    def __init__(self, columns: Iterable[Column], *, for_spreadsheets: bool = False) -> None:
        self._columns = [column.name for column in columns]
        self._guarded = for_spreadsheets
        self.header = (b"\xef\xbb\xbf" if for_spreadsheets else b"") + _rows([self._columns])

    def encode(self, records: Sequence[object]) -> bytes:
        return _rows(cell_rows(records, self._columns, guarded=self._guarded))


def cell_rows(
    records: Sequence[object], columns: Sequence[str], *, guarded: bool = False
) -> Iterator[tuple[object, ...]]:
    """Return the values of *columns* of each record: strings, numbers and None as they are, all else as JSON.

    With *guarded*, strings that a spreadsheet would run as a formula begin with an apostrophe.
    """
    if not records:
        return iter(())
    unchanged = {int, float, NoneType} | (set[type]() if guarded else {str})
    plain = cast("list[dict[str, Any]]", msgspec.to_builtins(records))
    # By column: most columns can be written unchanged.
    return zip(
        *(
            values
            if set(map(type, values)) <= unchanged
            else [_cell(value, name, record, guarded=guarded) for value, record in zip(values, records, strict=True)]
            for name in columns
            for values in [tuple(record.get(name) for record in plain)]
        ),
        strict=True,
    )


def _cell(value: Any, name: str, record: object, *, guarded: bool) -> object:
    if isinstance(value, str):
        return f"'{value}" if guarded and _FORMULA.match(value) else value
    if isinstance(value, dict | list | tuple):
        value = codec.to_builtins(getattr(record, name))
    # None is an empty cell; everything else is written as JSON.
    return value if value is None else msgspec.json.encode(value).decode()


def _rows(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
