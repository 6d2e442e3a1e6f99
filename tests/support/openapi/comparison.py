"""A schema and a Python type side by side: every way in which they differ, in words."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, Required, Union, get_args, get_origin

import attrs
from msgspec import UnsetType

from kombo_async.models.common import OpenEnum, Variant

from .spec import Spec

SCALARS: dict[Any, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    datetime: "string",
    date: "string",
    time: "string",
    bytes: "string",
}


class Difference(NamedTuple):
    """Where, and what."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


class Kind(NamedTuple):
    """A Python type, taken apart."""

    options: list[Any]
    """Its alternatives, without None and `UNSET`."""
    null: bool
    may_be_left_out: bool


def taken_apart(hint: Any) -> Kind:
    """Split a type into its alternatives."""
    options: list[Any] = []
    null = left_out = False

    def visit(each: Any) -> None:
        nonlocal null, left_out
        origin = get_origin(each)
        if origin is Annotated:
            inner, *extra = get_args(each)
            keys = [one for one in extra if typing.is_typeddict(one)]
            visit(keys[0] if keys else inner)
        elif origin in {Union, types.UnionType}:
            for one in get_args(each):
                visit(one)
        elif origin is NotRequired:
            left_out = True
            visit(get_args(each)[0])
        elif origin is Required:
            visit(get_args(each)[0])
        elif each is type(None) or each is None:
            null = True
        elif each is UnsetType:
            left_out = True
        else:
            options.append(each)

    visit(hint)
    return Kind(options, null, left_out)


class Field(NamedTuple):
    """One key of a Python type."""

    hint: Any
    needed: bool


def fields_of(kind: Any) -> dict[str, Field]:
    """The keys of an attrs class or a TypedDict."""
    hints = typing.get_type_hints(kind, include_extras=True)
    if typing.is_typeddict(kind):
        # Its own __required_keys__ know nothing of NotRequired where annotations are strings.
        return {
            name: Field(
                hint,
                get_origin(hint) is Required
                or (name in kind.__required_keys__ and get_origin(hint) is not NotRequired),
            )
            for name, hint in hints.items()
        }
    return {each.name: Field(hints[each.name], each.default is attrs.NOTHING) for each in attrs.fields(kind)}


class Comparison:
    """Compares, for what Kombo answers (`answer`) or for what it is sent."""

    def __init__(self, spec: Spec, *, answer: bool) -> None:
        self._spec = spec
        self._answer = answer
        self._seen: set[tuple[int, Any]] = set()

    def compare(self, schema: dict[str, Any], hint: Any, place: str) -> Iterator[Difference]:
        """Yield what differs between a schema and a type."""
        kind = taken_apart(hint)
        variants = self._spec.variants(schema)
        null = any(each.get("type") == "null" for each in variants)
        variants = [each for each in variants if each.get("type") != "null"]
        if Any in kind.options:
            if any(each.get("type") for each in variants):
                yield Difference(place, f"has a type, {_types(variants)}, which ours leaves open")
            return
        if not variants:
            yield Difference(place, "is said to be always null")
            return
        if null and not kind.null and not self._is_list(kind):
            yield Difference(place, "may be null, ours not")
        if kind.null and not null and not self._answer:
            yield Difference(place, "may not be null, ours may")
        yield from self._options(variants, kind.options, place)

    @staticmethod
    def _is_list(kind: Kind) -> bool:
        return len(kind.options) == 1 and get_origin(kind.options[0]) is tuple

    def _options(self, variants: list[dict[str, Any]], options: list[Any], place: str) -> Iterator[Difference]:
        objects = [each for each in variants if _type(each) == "object"]
        bases = [
            each for each in options if isinstance(each, type) and issubclass(each, Variant) and not attrs.has(each)
        ]
        if bases:
            yield from self._tagged(objects, bases[0], place)
        elif objects:
            ours = [
                each
                for each in options
                if attrs.has(each) or typing.is_typeddict(each) or get_origin(each) in {dict, Mapping}
            ]
            if not ours:
                yield Difference(place, "may be an object, ours not")
            elif len(objects) > 1:
                yield Difference(place, f"is one of {len(objects)} objects, ours only one")
            else:
                yield from self._object(objects[0], ours[0], place)
        arrays = [each for each in variants if _type(each) == "array"]
        ours = [each for each in options if get_origin(each) in {tuple, list, Sequence}]
        if bool(arrays) != bool(ours):
            yield Difference(place, "may be a list, ours not" if arrays else "is never a list, ours may be one")
        if arrays and ours:
            items = [each.get("items", {}) for each in arrays]
            yield from self.compare(
                items[0] if len(items) == 1 else {"anyOf": items}, get_args(ours[0])[0], f"{place}[]"
            )
        yield from self._scalars(variants, options, place)

    def _scalars(self, variants: list[dict[str, Any]], options: list[Any], place: str) -> Iterator[Difference]:
        theirs = {_type(each) for each in variants} - {"object", "array", None}
        enums = [each for each in options if isinstance(each, type) and issubclass(each, OpenEnum)]
        ours = {SCALARS[each] for each in options if each in SCALARS}
        ours |= {"boolean" if isinstance(value, bool) else "string" for each in options for value in _literals(each)}
        ours |= {"string"} if enums else set()
        if "number" in ours & theirs:
            ours = ours - {"integer"}
        if "integer" in theirs and "number" in ours:
            ours = ours - {"number"} | {"integer"}
        if ours != theirs:
            yield Difference(
                place, f"is {' or '.join(sorted(theirs)) or 'no scalar'}, ours {' or '.join(sorted(ours))}"
            )
        # A boolean that can only be one of both is a boolean.
        known = {value for each in variants for value in _values(each) if not isinstance(value, bool)}
        if enums:
            members = {member.value for each in enums for member in each}
            if known - members:
                yield Difference(place, f"knows values that ours does not: {', '.join(sorted(known - members))}")
            if members - known:
                yield Difference(place, f"does not know values of ours: {', '.join(sorted(members - known))}")
        elif known and not {value for each in options for value in _literals(each)} >= known:
            yield Difference(
                place, f"is one of {len(known)} values, ours any: {', '.join(sorted(map(str, known)))[:80]}"
            )
        if any(each.get("format") == "date-time" for each in variants) and datetime not in options:
            yield Difference(place, "is a time, ours not")

    def _tagged(self, objects: list[dict[str, Any]], base: type[Variant], place: str) -> Iterator[Difference]:
        theirs: dict[Any, dict[str, Any]] = {}
        for each in objects:
            tag: dict[str, Any] = each
            for key in base._tag:
                tag = self._spec.resolve(tag.get("properties", {}).get(key, {}))
            values = _values(tag)
            if not values:
                yield Difference(place, f"has a variant without the tag {'.'.join(base._tag)}")
            theirs |= dict.fromkeys(values, each)
        ours = dict(base._classes)
        for value in theirs.keys() - ours.keys():
            yield Difference(place, f"has a variant {value}, which ours does not know")
        for value in ours.keys() - theirs.keys():
            yield Difference(place, f"has no variant {value}, which ours knows")
        for value in theirs.keys() & ours.keys():
            yield from self._object(theirs[value], ours[value], f"{place}<{value}>")

    def _object(self, schema: dict[str, Any], kind: Any, place: str) -> Iterator[Difference]:
        properties = schema.get("properties", {})
        if get_origin(kind) in {dict, Mapping}:
            if properties:
                yield Difference(place, f"has keys, ours is open: {', '.join(properties)}"[:200])
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self.compare(schema["additionalProperties"], get_args(kind)[1], f"{place}{{}}")
            return
        # What is nested in itself is compared once.
        if (id(schema.get("properties")), kind) in self._seen:
            return
        self._seen.add((id(schema.get("properties")), kind))
        ours, needed = fields_of(kind), set(schema.get("required", []))
        for name in properties.keys() - ours.keys():
            yield Difference(f"{place}.{name}", f"is missing in {kind.__name__}")
        for name in ours.keys() - properties.keys():
            yield Difference(f"{place}.{name}", f"is only in {kind.__name__}")
        for name, field in ours.items():
            if name not in properties:
                continue
            if field.needed and name not in needed:
                yield Difference(f"{place}.{name}", f"may be left out, but {kind.__name__} needs it")
            if not self._answer and not field.needed and name in needed and not _literals(field.hint):
                yield Difference(f"{place}.{name}", f"is required, but {kind.__name__} lets it be left out")
            yield from self.compare(properties[name], field.hint, f"{place}.{name}")


def _is_mapping(kind: Any) -> bool:
    return typing.is_typeddict(kind) or get_origin(kind) in {dict, Mapping}


def _type(schema: dict[str, Any]) -> Any:
    if "type" in schema:
        return schema["type"]
    if "properties" in schema:
        return "object"
    values = _values(schema)
    return ("boolean" if isinstance(values[0], bool) else "string") if values else None


def _types(variants: list[dict[str, Any]]) -> str:
    return " or ".join(sorted({str(_type(each)) for each in variants}))


def _values(schema: dict[str, Any]) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    return [value for value in schema.get("enum", []) if value is not None]


def _literals(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is Literal else ()
