"""The second reading: what a strict decoder refuses, read by a closed table of conversions with one meaning each.

| the field is | also taken |
|---|---|
| text | a whole number, as its digits |
| a number | a number in a text |
| a time | a date (midnight UTC), a time without zone (UTC) |
| a list | null, as empty |

Everything else is refused, by the path of every place. cattrs' own hooks for str, int, float, bool, list and datetime
are all replaced: they would read "false" as True and null as "None".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError
from cattrs.gen import make_dict_structure_fn

from ..models.common import OpenEnum

T = TypeVar("T")

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE)


class Refused(Exception):
    """Nothing in the table fits; `problems` has a line for every place."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


class _Expected(Exception):
    """One value that does not fit; carries words, never the value."""


def structure(raw: Any, kind: type[T], place: str) -> T:
    """Return *raw*, parsed JSON that stood at *place*, as *kind*."""
    try:
        return _converter().structure(raw, kind)
    except BaseValidationError as error:
        raise Refused(transform_error(error, place, _words)) from None
    except _Expected as error:
        raise Refused([f"{error} at {place}"]) from None


def _words(error: BaseException, kind: type | None) -> str:
    if isinstance(error, _Expected):
        return str(error)
    if isinstance(error, KeyError):
        return "required field missing"
    return f"expected {_name(kind)}"


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind)


def _text(value: Any, _: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _Expected("expected text")


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    raise _Expected("expected a whole number")


def _number(value: Any, _: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    raise _Expected("expected a number")


def _truth(value: Any, _: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _Expected("expected true or false")


def _time(value: Any, _: Any) -> datetime:
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            pass
        else:
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    raise _Expected("expected a time")


def _enum(value: Any, kind: type[OpenEnum]) -> OpenEnum:
    if isinstance(value, str):
        return kind(value)
    raise _Expected("expected text")


def _object(value: Any, _: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise _Expected("expected an object")


def _is_open_object(kind: Any) -> bool:
    return get_origin(kind) is dict and get_args(kind)[1] is Any


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


@cache
def _converter() -> Converter:
    converter = Converter(detailed_validation=True)
    for kind, hook in ((str, _text), (int, _whole), (float, _number), (bool, _truth), (datetime, _time)):
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook_func(lambda kind: isinstance(kind, type) and issubclass(kind, OpenEnum), _enum)
    converter.register_structure_hook_func(_is_open_object, _object)

    # cattrs would take any iterable for a list, a text too, and anything without keys for an empty object.
    @converter.register_structure_hook_factory(_is_tuple)
    def many(kind: Any) -> Callable[[Any, Any], Any]:
        items: Any = list.__class_getitem__(get_args(kind)[0])

        def hook(value: Any, _: Any) -> tuple[Any, ...]:
            if value is None:
                return ()
            if not isinstance(value, list):
                raise _Expected("expected a list")
            return tuple(converter.structure(value, items))

        return hook

    @converter.register_structure_hook_factory(attrs.has)
    def one(kind: Any) -> Callable[[Any, Any], Any]:
        fields = make_dict_structure_fn(kind, converter)

        def hook(value: Any, _: Any) -> Any:
            return fields(_object(value, None), kind)

        return hook

    return converter
