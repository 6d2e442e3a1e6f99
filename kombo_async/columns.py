"""The columns of a model: one description for views, Arrow tables, and files of rows and columns."""

from __future__ import annotations

import typing
from collections.abc import Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, cast

import attrs
from msgspec import Struct

from .models.base import OpenEnum, alternatives


class ColumnType(StrEnum):
    """What a column holds, as far as rows and columns can tell."""

    TEXT = "text"
    """Text, and enums."""
    BOOLEAN = "boolean"
    """True or false."""
    INTEGER = "integer"
    """A whole number."""
    NUMBER = "number"
    """A number that may have a fraction."""
    TIMESTAMP = "timestamp"
    """A moment in UTC."""
    DATE = "date"
    """A day."""
    TIME = "time"
    """A time of day."""
    JSON = "json"
    """Lists, objects, and values that may be anything."""


class Column(Struct, frozen=True):
    """One field of a model."""

    name: str
    """The name of the field, and of the key in JSON."""
    type: ColumnType
    """What it holds."""
    python_type: Any
    """The type of its values in Python, apart from None; `Any` for several."""
    nullable: bool
    """Whether it may be None."""

    @property
    def is_nested(self) -> bool:
        """Whether one value does not fit into one cell but as JSON."""
        return self.type is ColumnType.JSON


def columns_of(model: type[Any]) -> tuple[Column, ...]:
    """Return the columns of an attrs class, in the order of its fields."""
    return _columns_of(cast("Any", model))


@cache
def _columns_of(model: Any) -> tuple[Column, ...]:
    hints = typing.get_type_hints(model)
    return tuple(_column(field.name, hints[field.name]) for field in attrs.fields(model))


def _column(name: str, hint: Any) -> Column:
    python_type = only_type(hint)
    return Column(
        name, type_of(python_type), python_type, nullable=python_type is Any or NoneType in alternatives(hint)
    )


def select_columns(model: type[Any], names: Sequence[str] | None) -> tuple[Column, ...]:
    """Return the columns with these names, in this order; all of them for None.

    Raise a `ValueError` that names the columns most like one that the model does not have.
    """
    if isinstance(names, str):
        raise TypeError(f"columns is a list of names, not a str: [{names!r}]")
    if names is not None and not (isinstance(names, Sequence) and all(isinstance(each, str) for each in names)):
        raise TypeError(f"columns is a list of the names of fields, not {type(names).__name__}")
    known = {column.name: column for column in columns_of(model)}
    if names is None:
        return tuple(known.values())
    if not names:
        raise ValueError("columns is empty: leave it out for all columns")
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, cutoff=0.5) or list(known)
            raise ValueError(f"{model.__name__} has no column {name!r}. Did you mean {_alternatives(near)}?")
        if names.count(name) > 1:
            raise ValueError(f"the column {name} is named twice")
    return tuple(known[name] for name in names)


def _alternatives(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


_TYPES: dict[Any, ColumnType] = {
    str: ColumnType.TEXT,
    bool: ColumnType.BOOLEAN,
    int: ColumnType.INTEGER,
    float: ColumnType.NUMBER,
    datetime: ColumnType.TIMESTAMP,
    date: ColumnType.DATE,
    time: ColumnType.TIME,
}


def type_of(python_type: Any) -> ColumnType:
    """Return what a column of values of one type holds."""
    if isinstance(python_type, type) and issubclass(python_type, OpenEnum):
        return ColumnType.TEXT
    return _TYPES.get(python_type, ColumnType.JSON)


def only_type(hint: Any) -> Any:
    """Return the type of the values that *hint* allows besides None; `Any` if it allows several."""
    types = alternatives(hint) - {NoneType}
    if types == {int, float}:
        return float
    return types.pop() if len(types) == 1 else Any
