"""The columns of a model: one description for views, and for files of rows and columns."""

from __future__ import annotations

import typing
from datetime import date, datetime, time
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

import attrs
from msgspec import Struct

from ..models.common import OpenEnum, alternatives


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

    @property
    def is_nested(self) -> bool:
        """Whether one value does not fit into one cell but as JSON."""
        return self.type is ColumnType.JSON


def columns_of(model: type[Any]) -> tuple[Column, ...]:
    """Return the columns of an attrs class, in the order of its fields."""
    hints = typing.get_type_hints(model)
    return tuple(Column(field.name, _type_of(hints[field.name])) for field in attrs.fields(model))


_TYPES: dict[Any, ColumnType] = {
    str: ColumnType.TEXT,
    bool: ColumnType.BOOLEAN,
    int: ColumnType.INTEGER,
    float: ColumnType.NUMBER,
    datetime: ColumnType.TIMESTAMP,
    date: ColumnType.DATE,
    time: ColumnType.TIME,
}


def _type_of(hint: Any) -> ColumnType:
    kinds = {_plain(each) for each in alternatives(hint)} - {NoneType}
    if kinds == {int, float}:
        return ColumnType.NUMBER
    if len(kinds) != 1:
        return ColumnType.JSON
    (kind,) = kinds
    if isinstance(kind, type) and issubclass(kind, OpenEnum):
        return ColumnType.TEXT
    return _TYPES.get(kind, ColumnType.JSON)


def _plain(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is typing.Annotated else hint
