"""JSON that fits a type: the smallest there is, or with every field filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import attrs
from msgspec import UnsetType

from kombo_async.models.common import File, Variant

PLAIN: dict[Any, Any] = {
    str: "text",
    int: 7,
    float: 7.5,
    bool: True,
    Any: {"any": ["JSON"]},
    bytes: "aGk=",
    date: "2026-03-04",
    time: "08:30:00",
    datetime: "2026-03-04T05:06:07.890123Z",
}


EXTRA_MINIMAL: dict[str, dict[str, Any]] = {
    "AssessmentResult": {"completed_at": PLAIN[datetime]},
    "TrackedApplicationImport": {"greenhouse": {"application_id": "7", "id_type": "application_id"}},
    "SupportedAttachment": {"is_supported": True},
}
"""Fields with a default that the smallest object of a class still needs, by a rule over several fields."""
NOT_TOGETHER: dict[str, set[str]] = {"File": {"data"}}
"""Fields that a full object of a class, or of one derived from it, leaves out, by a rule over several fields."""


def minimal(model: type[Any]) -> dict[str, Any]:
    """The smallest JSON object that *model* accepts, with the tag that says that it is one."""
    hints = get_type_hints(model, include_extras=True)
    if is_typeddict(model):
        return {name: example(hints[name]) for name in model.__required_keys__}
    needed = {field.name: example(hints[field.name]) for field in attrs.fields(model) if wanted(field, hints)}
    if issubclass(model, File):
        needed["data_url"] = "https://files.example.com/cv.pdf"
    return needed | EXTRA_MINIMAL.get(model.__name__, {})


def wanted(field: attrs.Attribute[Any], hints: Mapping[str, Any]) -> bool:
    return field.default is attrs.NOTHING or get_origin(hints[field.name]) is Literal


def full(model: type[Any]) -> dict[str, Any]:
    """A JSON object in which every field of *model* holds something."""
    hints = get_type_hints(model, include_extras=True)
    names = hints if is_typeddict(model) else [field.name for field in attrs.fields(model)]
    left_out = {name for base in model.__mro__ for name in NOT_TOGETHER.get(base.__name__, ())}
    return {name: example(hints[name], full) for name in names if name not in left_out}


def example(hint: Any, build: Any = minimal) -> Any:
    """A JSON value that fits *hint*."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return example(arguments[0], build)
    if origin is Literal:
        return arguments[0]
    if origin in (Union, UnionType):
        return example(next(kind for kind in arguments if kind not in (NoneType, UnsetType)), build)
    if origin in (tuple, list, Sequence):
        return [] if build is minimal else [example(arguments[0], build)]
    if origin in (dict, Mapping):
        return {"key": example(arguments[1], build)}
    if hint in PLAIN:
        return PLAIN[hint]
    if attrs.has(hint) or is_typeddict(hint):
        return build(hint)
    if issubclass(hint, Variant):
        return build(next(iter(hint._classes.values())))
    assert issubclass(hint, Enum), hint
    return next(iter(hint)).value
