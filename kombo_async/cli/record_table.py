"""Records as a table on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from ..columns import columns_of, select_columns
from .console import Column, Output
from .encoding import Encoder, cell_rows

_ROWS = 1_000
"""The most rows of a table; further rows begin another table, so that memory stays flat."""
_WIDEST = 40
"""The most characters of a cell, unless columns were chosen: one long text would leave no room for others."""

_Row = tuple[str, ...]


class RecordTable(Encoder):
    """The columns that were chosen; or as many of the model as fit, without nested and empty ones."""

    def __init__(self, out: Output, model: type[Any], columns: Sequence[str] | None) -> None:
        self._out = out
        self._chosen = columns is not None
        self._names = [each.name for each in select_columns(model, columns) if self._chosen or not each.is_nested]
        self._column_count = len(columns_of(model))
        self._waiting: list[_Row] = []
        self._shown: Sequence[Column[_Row]] | None = None

    def encode(self, records: Sequence[Any]) -> bytes:
        self._waiting += [tuple(map(self._text, row)) for row in cell_rows(records, self._names)]
        while len(self._waiting) >= _ROWS:
            self._print(self._waiting[:_ROWS])
            del self._waiting[:_ROWS]
        return b""

    def close(self) -> None:
        """Print what is left, also after an error or Ctrl-C."""
        waiting, self._waiting = self._waiting, []
        self._print(waiting)
        if self._shown is not None and not self._chosen and len(self._shown) < self._column_count:
            shown = f"{len(self._shown)} of {self._column_count} columns"
            self._out.note(f"{shown}. --columns NAME,NAME shows others, and --json everything.")

    def _text(self, value: object) -> str:
        text = "" if value is None else str(value)
        return text if self._chosen or len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"

    def _print(self, rows: Sequence[_Row]) -> None:
        if not rows:
            return
        # Chosen by the first rows, so that all tables of one list have the same columns.
        self._shown = self._shown or self._columns(rows)
        self._out.table(self._shown, rows)

    def _columns(self, rows: Sequence[_Row]) -> Sequence[Column[_Row]]:
        columns: list[Column[_Row]] = [Column(name, itemgetter(number)) for number, name in enumerate(self._names)]
        if self._chosen:
            return columns
        return self._out.fitting([column for column in columns if any(map(column.text, rows))], rows)
