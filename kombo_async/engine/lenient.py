"""Convert what the strict decoder refuses, by a closed table of conversions with one meaning each.

| type of the field | also accepted |
|---|---|
| text | a whole number, as its digits |
| number | a number in a text |
| datetime | a date (midnight UTC), a datetime without a zone (UTC) |
| date | a datetime at midnight UTC, as its date |
| time of day | one without seconds, or with one digit for the hour |
| list | null, as an empty list |
| number, datetime, date or time of day that may be null | an empty text, as null |

Everything else is refused with the path of each value, and so is every type that models do not use. The hooks of cattrs
itself would read "false" as True, null as "None" and a text as a list of letters: all but the one for unions with None
are replaced.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin

import attrs
import msgspec
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory
from cattrs.errors import BaseValidationError, StructureHandlerNotFoundError
from cattrs.gen import make_dict_structure_fn
from msgspec import UnsetType

from ..models.base import OpenEnum, Variant

T = TypeVar("T")

_Hook: TypeAlias = Callable[[Any, Any], Any]
"""Return the value, parsed JSON, as a type; cattrs passes both."""

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?")
_LARGEST = 2**1023
"""The largest number that is converted: it fits into a float."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE)
_HOURS = re.compile(r"\d?\d:\d\d(:\d\d)?")


class Refused(Exception):
    """No conversion of the table applies; `problems` has a line for each value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(*problems)
        self.problems = problems


class _Expected(Exception):
    """One value of another type. The message says what was expected, never the value."""


def structure(raw: Any, type_: type[T], where: str) -> T:
    """Return *raw*, parsed JSON at the path *where*, as *type_*."""
    try:
        return _converter().structure(raw, type_)
    except BaseValidationError as error:
        raise Refused(transform_error(error, where, _message)) from None
    except _Expected as error:
        raise Refused([f"{error} @ {where}"]) from None
    except (StructureHandlerNotFoundError, TypeError):
        # A union without a hook below. The message of cattrs may contain the value.
        raise Refused([f"unexpected value @ {where}"]) from None


def _message(error: BaseException, type_: type | None) -> str:
    if isinstance(error, _Expected):
        return str(error)
    if isinstance(error, KeyError):
        return "required field missing"
    return f"expected {_name(type_)}"


def _name(type_: Any) -> str:
    return getattr(type_, "__name__", None) or str(type_)


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
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
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
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    raise _Expected("expected a time")


def _date(value: Any, _: Any) -> date:
    with suppress(_Expected):
        moment = _time(value, None).astimezone(UTC)
        if moment.time() == time():
            return moment.date()
    raise _Expected("expected a date")


def _time_of_day(value: Any, _: Any) -> time:
    if isinstance(value, str) and _HOURS.fullmatch(value):
        with suppress(ValueError):
            return time.fromisoformat(value.zfill(5) if value.count(":") == 1 else value.zfill(8))
    raise _Expected("expected a time of day")


def _bytes(value: Any, _: Any) -> bytes:
    if isinstance(value, str):
        with suppress(ValueError):
            return binascii.a2b_base64(value, strict_mode=True)
    raise _Expected("expected base64")


def _enum(value: Any, type_: type[OpenEnum]) -> OpenEnum:
    if isinstance(value, str):
        return type_(value)
    raise _Expected("expected text")


def _object(value: Any, _: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise _Expected("expected an object")


def _foreign(_: Any, type_: Any) -> Any:
    raise _Expected(f"expected {_name(type_)}")


def _is_foreign(type_: Any) -> bool:
    """Return whether cattrs has a hook of its own for *type_*."""
    return type_ is not Any and get_origin(type_) not in {Annotated, Union, UnionType}


def _strict(value: Any, type_: Any) -> Any:
    """Convert a value of a union without a hook, of which there are some in models that are sent."""
    with suppress(msgspec.MsgspecError, TypeError, ValueError):
        return msgspec.convert(value, type_)
    raise _Expected("unexpected value")


def _is_union(type_: Any) -> bool:
    return get_origin(type_) in {Union, UnionType} and len(set(get_args(type_)) - {NoneType}) > 1


def _may_be_unset(type_: Any) -> bool:
    return _is_union(type_) and UnsetType in get_args(type_)


def _is_list(type_: Any) -> bool:
    return get_origin(type_) in {list, Sequence} or (get_origin(type_) is tuple and get_args(type_)[1:] == (...,))


def _is_object(type_: Any) -> bool:
    return get_origin(type_) is dict and get_args(type_)[0] is str


def _is_literal(type_: Any) -> bool:
    return get_origin(type_) is Literal


def _is_variant(type_: Any) -> bool:
    # The base only: its classes are structured by their fields.
    return isinstance(type_, type) and issubclass(type_, Variant) and not attrs.has(type_)


def _is_optional_number_or_time(type_: Any) -> bool:
    members = set(get_args(type_)) if get_origin(type_) in {Union, UnionType} else set[Any]()
    types = {get_args(each)[0] if get_origin(each) is Annotated else each for each in members}
    return NoneType in types and types <= {NoneType, int, float, datetime, date, time}


def _is_choice_of_json(type_: Any) -> bool:
    """Return whether *type_* is a union whose members differ in JSON, such as a text or a list of texts."""
    if get_origin(type_) not in {Union, UnionType}:
        return False
    members = set(get_args(type_)) - {NoneType}
    return len(members) > 1 and members <= {str, int, float, bool, tuple[str, ...], dict[str, Any]}


def _list_hook(type_: Any, converter: Converter) -> _Hook:
    container: Any = list if get_origin(type_) is list else tuple
    listed: Any = list.__class_getitem__(get_args(type_)[0])
    items = list_structure_factory(listed, converter)

    def hook(value: Any, _: Any) -> Any:
        if value is None:
            return container()
        if not isinstance(value, list):
            raise _Expected("expected a list")
        return container(items(value, None))

    return hook


def _object_hook(type_: Any, converter: Converter) -> _Hook:
    # As a list, so that paths contain numbers and no keys: keys may be people's data, too.
    listed: Any = list.__class_getitem__(get_args(type_)[1])
    items = list_structure_factory(listed, converter)

    def hook(value: Any, _: Any) -> Any:
        values = _object(value, None)
        return dict(zip(values, items(values.values(), None), strict=True))

    return hook


def _choice_of_json_hook(type_: Any, converter: Converter) -> _Hook:
    members, texts = set(get_args(type_)), _list_hook(tuple[str, ...], converter)

    def hook(value: Any, _: Any) -> Any:
        found: Any = value
        if isinstance(value, list) and tuple[str, ...] in members:
            return texts(found, None)
        if isinstance(value, dict) and dict[str, Any] in members:
            return found
        if type(found) in members or (type(found) is int and float in members):
            return found
        if str in members:
            return _text(found, None)
        raise _Expected("unexpected value")

    return hook


def _optional_number_or_time_hook(type_: Any, converter: Converter) -> _Hook:
    members = [each for each in get_args(type_) if each is not NoneType]
    inner: Any = members[0] if len(members) == 1 else Union[tuple(members)]  # noqa: UP007
    return lambda value, _: None if value is None or value == "" else converter.structure(value, inner)


def _may_be_unset_hook(type_: Any, converter: Converter) -> _Hook:
    inner: Any = Union[tuple(each for each in get_args(type_) if each is not UnsetType)]  # noqa: UP007
    return lambda value, _: converter.structure(value, inner)


def _variant_hook(base: Any, converter: Converter) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        variant = base.class_for(value)
        return base.unknown(value) if variant is None else converter.structure(value, variant)

    return hook


def _literal_hook(type_: Any, _: Converter) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        # 1 == True, but a number is not accepted for a bool.
        if value in get_args(type_) and isinstance(value, str | bool):
            return value
        raise _Expected(f"expected {' or '.join(map(repr, get_args(type_)))}")

    return hook


def _model_hook(type_: Any, converter: Converter) -> _Hook:
    # cattrs alone would accept anything without keys as an empty object.
    fields = make_dict_structure_fn(type_, converter)
    return lambda value, _: fields(_object(value, None), type_)


_HOOKS_BY_CLASS: Mapping[type, _Hook] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _truth,
    datetime: _time,
    date: _date,
    time: _time_of_day,
    OpenEnum: _enum,
    bytes: _bytes,
}
"""By class, as cattrs has hooks by class for these; OpenEnum too, which would be structured as a text otherwise."""

_HOOKS_BY_TEST: Sequence[tuple[Callable[[Any], bool], _Hook]] = ((_is_union, _strict), (_is_foreign, _foreign))

_HOOK_FACTORIES: Sequence[tuple[Callable[[Any], bool], Callable[[Any, Converter], _Hook]]] = (
    (_is_list, _list_hook),
    (_is_object, _object_hook),
    (_is_choice_of_json, _choice_of_json_hook),
    (_is_optional_number_or_time, _optional_number_or_time_hook),
    (_may_be_unset, _may_be_unset_hook),
    (_is_variant, _variant_hook),
    (_is_literal, _literal_hook),
    (attrs.has, _model_hook),
)


@cache
def _converter() -> Converter:
    # Hooks that are registered later take precedence.
    converter = Converter(detailed_validation=True)
    for is_type, hook in _HOOKS_BY_TEST:
        converter.register_structure_hook_func(is_type, hook)
    for type_, hook in _HOOKS_BY_CLASS.items():
        converter.register_structure_hook(type_, hook)
    for is_type, factory in _HOOK_FACTORIES:
        converter.register_structure_hook_factory(is_type, factory)
    return converter
