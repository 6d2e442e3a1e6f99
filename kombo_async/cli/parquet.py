"""Records as a Parquet file, in row groups."""
# pyright: basic
# pyarrow has no types.

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .. import arrow
from .encoding import Encoder

_ROW_GROUP = 16 * 1024**2
"""The size in memory at which a row group is written. Readers skip whole groups; small ones cost them time."""


class Parquet(Encoder):
    """Typed columns, with JSON in those of nested values; what is not yet written is at most one row group."""

    def __init__(self, model: type[Any], columns: Sequence[str] | None) -> None:
        self._model, self._columns = model, columns
        self._schema = arrow.schema(model, columns=columns)
        self._file = _Written()
        self._writer = pq.ParquetWriter(self._file, self._schema)
        self._waiting: list[pa.RecordBatch] = []
        self._size = 0

    def encode(self, records: Sequence[Any]) -> bytes:
        if records:
            batch = arrow.record_batch(records, self._model, columns=self._columns)
            self._waiting.append(batch)
            self._size += batch.nbytes
            if self._size >= _ROW_GROUP:
                self._write_group()
        return self._file.take()

    def finish(self) -> bytes:
        if self._waiting:
            self._write_group()
        self.close()
        return self._file.take()

    def close(self) -> None:
        self._writer.close()

    def _write_group(self) -> None:
        rows = pa.Table.from_batches(self._waiting, self._schema)
        self._waiting, self._size = [], 0
        self._writer.write_table(rows, row_group_size=rows.num_rows)


class _Written(io.RawIOBase):
    """A file that keeps what is written until it is taken."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
