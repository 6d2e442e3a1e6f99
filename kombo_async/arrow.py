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
from array import array
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate, islice
from typing import Any, Literal, TypeAlias, TypeVar, cast, get_args, get_origin

import attrs
import msgspec
from msgspec import Struct

from .columns import Column, ColumnType, only_type, select_columns, type_of
from .engine import codec
from .models.base import Variant
from .paging import Pager
from .redaction import without_locals

try:
    import pyarrow as pa
    from pyarrow import compute
except ImportError as error:
    raise ImportError('kombo_async.arrow needs pyarrow: pip install "kombo_async[arrow]"') from error

__all__ = ["Nested", "batches", "record_batch", "schema", "table"]

T = TypeVar("T")

Nested: TypeAlias = Literal["json", "struct"]
"""What lists and models inside a record become: text with JSON, or lists and structs of Arrow."""

_BATCH = 10_000
"""The most records of a batch of a table: the strings of a batch must have less than 2 GiB in each column."""
_PORTION = 32
"""How many records get their JSON at once, column by column: so few that all of them stay in the processor's cache."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def schema(model: type[Any], *, columns: Sequence[str] | None = None, nested: Nested = "json") -> pa.Schema:
    """Return the schema of the tables of a model.

    *columns* are the names of fields, in the order that the table shall have; an unknown one is a `ValueError` with the
    names that are most like it.
    """
    return pa.schema([pa.field(each.name, each.form.type, each.nullable) for each in _cells(model, columns, nested)])


@without_locals
def table(
    records: Iterable[T], model: type[T], *, columns: Sequence[str] | None = None, nested: Nested = "json"
) -> pa.Table:
    """Return records of one model as a table; see `schema` for *columns*."""
    cells, arrow_schema = _cells(model, columns, nested), schema(model, columns=columns, nested=nested)
    waiting = iter(records)
    portions = iter(lambda: list(islice(waiting, _BATCH)), [])
    return pa.Table.from_batches([_batch(portion, model, cells, arrow_schema) for portion in portions], arrow_schema)


@without_locals
def record_batch(
    records: Sequence[T], model: type[T], *, columns: Sequence[str] | None = None, nested: Nested = "json"
) -> pa.RecordBatch:
    """Return a few records, such as those of a page, as one batch; see `schema` for *columns*."""
    arrow_schema = schema(model, columns=columns, nested=nested)
    return _batch(records, model, _cells(model, columns, nested), arrow_schema)


async def batches(
    pager: Pager[T], model: type[T], *, columns: Sequence[str] | None = None, nested: Nested = "json"
) -> AsyncIterator[pa.RecordBatch]:
    """Read a list, and yield a batch for each page of it: in flat memory, for a writer of files or a database."""
    cells, arrow_schema = _cells(model, columns, nested), schema(model, columns=columns, nested=nested)
    async for page in pager.pages():
        yield _batch(page.results, model, cells, arrow_schema)


class _Form(Struct, frozen=True):
    """How values of one type are stored."""

    type: pa.DataType
    convert: Callable[[Sequence[Any]], Any]
    """Makes a part of a column of values, or of a field of records."""
    join: Callable[[list[Any]], pa.Array] = pa.concat_arrays
    """Makes the column of its parts."""
    portion: int = _BATCH
    """How many records a part is for."""

    def array(self, values: Sequence[Any]) -> pa.Array:
        return self.join([self.convert(values)])


class _Cell(Struct, frozen=True):
    """How the values of one column are stored."""

    name: str
    nullable: bool
    form: _Form


@without_locals
def _batch(records: Sequence[Any], model: type[Any], cells: Sequence[_Cell], arrow_schema: pa.Schema) -> pa.RecordBatch:
    for record_type in set(map(type, records)):
        if not issubclass(record_type, model):
            raise TypeError(f"a record is of the type {record_type.__name__}, not {model.__name__}")
    if not records:
        return pa.record_batch([cell.form.array(()) for cell in cells], schema=arrow_schema)
    # The many new objects would start the garbage collector, which would find nothing.
    collects = gc.isenabled()
    gc.disable()
    try:
        columns = _convert(records, cells)
    finally:
        if collects:
            gc.enable()
    arrays = [_checked(cell, cell.form.join, parts) for cell, parts in zip(cells, columns, strict=True)]
    for cell, column in zip(cells, arrays, strict=True):
        if column.null_count and not cell.nullable:
            raise _refusal(cell)
    return pa.record_batch(arrays, schema=arrow_schema)


def _convert(records: Sequence[Any], cells: Sequence[_Cell]) -> list[list[Any]]:
    """Return the parts of each column."""
    columns: list[list[Any]] = [[] for _ in cells]
    for size in (_PORTION, _BATCH):
        those = [each for each in zip(cells, columns, strict=True) if each[0].form.portion == size]
        for start in range(0, len(records), size):
            portion = records[start : start + size]
            for cell, parts in those:
                parts.append(_checked(cell, cell.form.convert, portion))
    return columns


def _checked(cell: _Cell, convert: Callable[[Any], Any], values: Sequence[Any]) -> Any:
    try:
        return convert(values)
    except (
        msgspec.MsgspecError,
        pa.ArrowException,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        pass
    # Outside of the except clause, as the errors of Arrow contain the value.
    raise _refusal(cell)


def _refusal(cell: _Cell) -> ValueError:
    return ValueError(f"the column {cell.name} cannot hold a value of a record, as it is {cell.form.type}")


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
    form = _form(column.python_type, struct, (), f"value.{column.name}")
    return _Cell(column.name, column.nullable, form)


def _form(type_: Any, struct: bool, inside: tuple[type, ...], read: str) -> _Form:
    """Return how values of a type of the models are stored; *read* is the expression that takes them from `value`."""
    column_type = type_of(type_)
    data_type = _TYPES[column_type]
    if column_type is ColumnType.TIMESTAMP:
        # Arrow takes five times as long to convert datetimes, as it asks each one for its offset.
        since = _reader(f"None if (time := {read}) is None else time - epoch", epoch=_EPOCH)
        return _Form(data_type, lambda records: pa.array(since(records), pa.duration("us")).view(data_type))
    if column_type is not ColumnType.JSON:
        values = _reader(read)
        return _Form(data_type, lambda records: pa.array(values(records), data_type))
    if struct and attrs.has(type_) and type_ not in inside:
        return _struct(type_, (*inside, type_), read)
    if struct and get_origin(type_) is tuple:
        member = only_type(get_args(type_)[0])
        # A list of what has no fixed type is one JSON text.
        if attrs.has(member) or type_of(member) is not ColumnType.JSON:
            return _list(member, inside, read)
    return _Form(data_type, _json_lines(type_, read), _lines, _PORTION)


def _reader(expression: str, **names: Any) -> Callable[[Sequence[Any]], list[Any]]:
    """Return a function that evaluates an expression for each `value`, in a third less time than with `attrgetter`.

    Only names of fields are in the source.
    """
    function = eval(f"lambda values: [{expression} for value in values]", names)  # noqa: S307
    return cast("Callable[[Sequence[Any]], list[Any]]", function)


def _struct(model: type[Any], inside: tuple[type, ...], read: str) -> _Form:
    hints = typing.get_type_hints(model)
    names = [field.name for field in attrs.fields(model)]
    forms = [_form(only_type(hints[name]), True, inside, f"(value and value.{name})") for name in names]
    data_type = pa.struct([(name, form.type) for name, form in zip(names, forms, strict=True)])
    values = _reader(read)

    def convert(records: Sequence[Any]) -> pa.Array:
        structs = values(records)
        arrays = [form.array(structs) for form in forms]
        missing = pa.array([struct is None for struct in structs], pa.bool_())
        return pa.StructArray.from_arrays(arrays, fields=list(data_type), mask=missing)

    return _Form(data_type, convert)


def _list(member: Any, inside: tuple[type, ...], read: str) -> _Form:
    form = _form(member, True, inside, "value")
    values = _reader(read)

    def convert(records: Sequence[Any]) -> pa.Array:
        lists = values(records)
        ends = accumulate([len(each or ()) for each in lists], initial=0)
        # The list behind an offset that is null is null itself.
        offsets = [None if each is None else end for each, end in zip((*lists, ()), ends, strict=True)]
        items = form.array([item for each in lists for item in each or ()])
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items)

    return _Form(pa.list_(form.type), convert)


_ENCODER = msgspec.json.Encoder()


def _json_lines(type_: Any, read: str) -> Callable[[Sequence[Any]], bytes]:
    """Return a function that encodes values of a type as JSON lines, with keys in Kombo's order.

    msgspec keeps this order for structs, and sorts the fields of models by name. So each model is replaced by a struct,
    in code that is generated for the type: it takes two thirds of the time of `msgspec.convert`.
    """
    names: dict[str, Any] = {"in_order": codec.in_order}
    values = _reader(_in_order(type_, read, names, ()), **names)
    return lambda records: _ENCODER.encode_lines(values(records))


def _in_order(type_: Any, value: str, names: dict[str, Any], inside: tuple[Any, ...]) -> str:
    """Return the source of an expression for *value* with structs in place of models, and add its names to *names*."""
    if type_ in inside or (isinstance(type_, type) and issubclass(type_, Variant)):
        return f"in_order({value})"
    inside, own = (*inside, type_), f"value_{len(inside)}"
    if attrs.has(type_):
        hints = typing.get_type_hints(type_)
        fields = {field.name: only_type(hints[field.name]) for field in attrs.fields(type_)}
        struct = f"struct_{len(names)}"
        names[struct] = msgspec.defstruct(type_.__name__, list(fields), gc=False)
        arguments = [_in_order(each, f"{own}.{name}", names, inside) for name, each in fields.items()]
        return f"None if ({own} := {value}) is None else {struct}({', '.join(arguments)})"
    if get_origin(type_) is tuple:
        item = f"item_{len(inside)}"
        expression = _in_order(only_type(get_args(type_)[0]), item, names, inside)
        if expression != item:
            # An empty list remains, and None.
            return f"({own} := {value}) and [{expression} for {item} in {own}]"
    return value


def _lines(parts: list[bytes]) -> pa.Array:
    """Return JSON lines as texts, and null for each line that is `null`. JSON contains no line breaks."""
    if not (lines := b"".join(parts)):
        return pa.array([], pa.string())
    whole = pa.StringArray.from_buffers(1, pa.py_buffer(array("i", (0, len(lines) - 1))), pa.py_buffer(lines))
    texts = compute.call_function("split_pattern", [whole], compute.SplitPatternOptions("\n")).values
    _, offsets, characters = texts.buffers()
    _, valid = compute.call_function("not_equal", [texts, pa.scalar("null")]).buffers()
    return pa.StringArray.from_buffers(len(texts), offsets, characters, valid)
