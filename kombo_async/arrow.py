"""Records as Arrow tables, for dataframes, Parquet and DuckDB. Needs the extra: `pip install "kombo_async[arrow]"`.

```python
employees = await client.hris.iter_employees().collect()
people = arrow.table(employees, Employee)
people.to_pandas(), polars.from_arrow(people)
```

The schema follows from the model alone, so that tables of several pages and integrations can be put together, even if
a column is empty in one of them. Each field of the model is a column:

| field | column |
|---|---|
| text, enum | `string` |
| bool, int, float | `bool`, `int64`, `double` |
| time with a zone | `timestamp[us, tz=UTC]` |
| date, time of day | `date32[day]`, `time64[us]` |
| list, model, any JSON | `string` with JSON, whose keys are in Kombo's order |

With `nested="struct"`, lists and models are lists and structs, and only what has no fixed type is JSON. A value that
does not fit is a `ValueError` that names the column, never the value.
"""
# pyright: basic
# pyarrow has no types.

from __future__ import annotations

import gc
import typing
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any, Literal, TypeAlias, TypeVar, get_args, get_origin

import attrs
import msgspec
from msgspec import Struct

from .columns import Column, ColumnType, only_type, select_columns, type_of
from .engine import codec
from .models.common import Variant
from .paging import Pager

try:
    import pyarrow as pa
except ImportError as error:
    raise ImportError('kombo_async.arrow needs pyarrow: pip install "kombo_async[arrow]"') from error

__all__ = ["Nested", "batches", "record_batch", "schema", "table"]

T = TypeVar("T")

Nested: TypeAlias = Literal["json", "struct"]
"""What lists and models inside a record become: text with JSON, or lists and structs of Arrow."""

_BATCH = 10_000
"""The most records of a batch of a table: the strings of a batch must have less than 2 GiB in each column."""
_PORTION = 64
"""How many records are converted at once, column by column, while they are in the cache of the processor."""


def schema(model: type[Any], *, columns: Sequence[str] | None = None, nested: Nested = "json") -> pa.Schema:
    """Return the schema of the tables of a model.

    *columns* are the names of fields, in the order that the table shall have; an unknown one is a `ValueError` with the
    names that are most like it.
    """
    return pa.schema([pa.field(each.name, each.type, each.nullable) for each in _cells(model, columns, nested)])


def table(
    records: Iterable[T], model: type[T], *, columns: Sequence[str] | None = None, nested: Nested = "json"
) -> pa.Table:
    """Return records of one model as a table; see `schema` for *columns*."""
    cells, form = _cells(model, columns, nested), schema(model, columns=columns, nested=nested)
    waiting = iter(records)
    portions = iter(lambda: list(islice(waiting, _BATCH)), [])
    return pa.Table.from_batches([_batch(portion, model, cells, form) for portion in portions], form)


def record_batch(
    records: Sequence[T], model: type[T], *, columns: Sequence[str] | None = None, nested: Nested = "json"
) -> pa.RecordBatch:
    """Return a few records, such as those of a page, as one batch; see `schema` for *columns*."""
    form = schema(model, columns=columns, nested=nested)
    return _batch(records, model, _cells(model, columns, nested), form)


async def batches(
    pager: Pager[T], model: type[T], *, columns: Sequence[str] | None = None, nested: Nested = "json"
) -> AsyncIterator[pa.RecordBatch]:
    """Read a list, and yield a batch for each page of it: in flat memory, for a writer of files or a database."""
    cells, form = _cells(model, columns, nested), schema(model, columns=columns, nested=nested)
    async for page in pager.pages():
        yield _batch(page.results, model, cells, form)


_Convert: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]


class _Cell(Struct, frozen=True):
    """How the values of one column are stored."""

    name: str
    type: pa.DataType
    nullable: bool
    convert: _Convert | None
    """Makes of a list of values what Arrow takes; None if that is the list itself."""


def _batch(records: Sequence[Any], model: type[Any], cells: Sequence[_Cell], form: pa.Schema) -> pa.RecordBatch:
    for record_type in set(map(type, records)):
        if not issubclass(record_type, model):
            raise TypeError(f"a record is a {record_type.__name__}, not a {model.__name__}")
    # The many new objects would start the garbage collector, which would find nothing.
    collects = gc.isenabled()
    gc.disable()
    try:
        columns: list[list[Any]] = [[] for _ in cells]
        for start in range(0, len(records), _PORTION):
            portion = records[start : start + _PORTION]
            for column, cell in zip(columns, cells, strict=True):
                column.extend(_values(portion, cell))
        return pa.record_batch([_array(*each) for each in zip(columns, cells, strict=True)], schema=form)
    finally:
        if collects:
            gc.enable()


def _values(records: Sequence[Any], cell: _Cell) -> Sequence[Any]:
    values = list(map(attrgetter(cell.name), records))
    try:
        return values if cell.convert is None else cell.convert(values)
    except (msgspec.MsgspecError, ValueError, TypeError, AttributeError):
        pass
    raise _refusal(cell)


def _array(values: Sequence[Any], cell: _Cell) -> pa.Array:
    try:
        array = pa.array(values, cell.type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        pass
    else:
        if cell.nullable or not array.null_count:
            return array
    raise _refusal(cell)


def _refusal(cell: _Cell) -> ValueError:
    # Raised outside of an except clause, as the errors of Arrow contain the value.
    return ValueError(f"the column {cell.name} cannot hold a value of a record, as it is {cell.type}")


def _cells(model: type[Any], columns: Sequence[str] | None, nested: Nested) -> tuple[_Cell, ...]:
    if nested not in {"json", "struct"}:
        raise ValueError(f'nested is "json" or "struct", not {nested!r}')
    if not isinstance(model, type) or not attrs.has(model):
        raise TypeError(f"model is a class such as Employee, not {model!r}")
    return tuple(_cell(column, nested == "struct") for column in select_columns(model, columns))


_TYPES: dict[ColumnType, pa.DataType] = {
    ColumnType.TEXT: pa.string(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.TIMESTAMP: pa.timestamp("us", "UTC"),
    ColumnType.DATE: pa.date32(),
    ColumnType.TIME: pa.time64("us"),
    ColumnType.JSON: pa.string(),
}


@cache
def _cell(column: Column, struct: bool) -> _Cell:
    data_type, convert = _stored(column.python_type, struct, ())
    return _Cell(column.name, data_type, column.nullable, convert)


def _stored(type_: Any, struct: bool, inside: tuple[type, ...]) -> tuple[pa.DataType, _Convert | None]:
    """Return the Arrow type for a type of the models, and the conversion of a list of its values."""
    column_type = type_of(type_)
    if column_type is not ColumnType.JSON:
        return _TYPES[column_type], None
    if struct and attrs.has(type_) and type_ not in inside:
        return _struct(type_, (*inside, type_))
    if struct and get_origin(type_) is tuple:
        member = only_type(get_args(type_)[0])
        # A list of what has no fixed type is one JSON text.
        if attrs.has(member) or type_of(member) is not ColumnType.JSON:
            item, convert = _stored(member, struct, inside)
            return pa.list_(item), None if convert is None else _each(convert)
    return pa.string(), _json if type_ is Any else _json_of(type_)


def _struct(model: type[Any], inside: tuple[type, ...]) -> tuple[pa.DataType, _Convert]:
    hints = typing.get_type_hints(model)
    stored = {field.name: _stored(only_type(hints[field.name]), True, inside) for field in attrs.fields(model)}

    def convert(values: Sequence[Any]) -> Sequence[Any]:
        there = [value for value in values if value is not None]
        columns: list[Sequence[Any]] = []
        for name, (_, inner) in stored.items():
            column = list(map(attrgetter(name), there))
            columns.append(column if inner is None else inner(column))
        rows = iter([dict(zip(stored, row, strict=True)) for row in zip(*columns, strict=True)])
        return [None if value is None else next(rows) for value in values]

    return pa.struct([(name, data_type) for name, (data_type, _) in stored.items()]), convert


def _each(convert: _Convert) -> _Convert:
    """Return a conversion of lists of such values: all their items at once."""

    def convert_lists(lists: Sequence[Any]) -> Sequence[Any]:
        items = iter(convert([item for each in lists for item in each or ()]))
        return [None if each is None else list(islice(items, len(each))) for each in lists]

    return convert_lists


def _json_of(type_: Any) -> _Convert:
    """Return the conversion of values of a type to JSON whose keys are in Kombo's order."""
    try:
        ordered = _list_of(_in_order(type_))
    except _HasVariants:
        return _json_of_variants
    # msgspec encodes structs in the order of their fields. This takes half the time of `codec.in_order`.
    return lambda values: _json(msgspec.convert(values, ordered, from_attributes=True))


def _json_of_variants(values: Sequence[Any]) -> Sequence[bytes | None]:
    return _json([codec.in_order(value) for value in values])


def _list_of(type_: Any) -> Any:
    return list.__class_getitem__(type_ | None)


class _HasVariants(Exception):
    """A type contains a choice of classes, which no struct can have."""


@cache
def _in_order(type_: Any) -> Any:
    """Return a type with structs in place of models."""
    if attrs.has(type_):
        hints = typing.get_type_hints(type_)
        fields = [(field.name, _in_order(only_type(hints[field.name])) | None) for field in attrs.fields(type_)]
        return msgspec.defstruct(type_.__name__, fields, gc=False)
    if get_origin(type_) is tuple:
        return _list_of(_in_order(only_type(get_args(type_)[0])))
    if isinstance(type_, type) and issubclass(type_, Variant):
        raise _HasVariants
    return Any


def _json(values: Sequence[Any]) -> Sequence[bytes | None]:
    # All at once: JSON contains no line breaks.
    lines = _encoder.encode_lines(values).split(b"\n")
    return [None if value is None else line for value, line in zip(values, lines, strict=False)]


_encoder = msgspec.json.Encoder()
