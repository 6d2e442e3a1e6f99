"""Models as JSON and back, for databases, queues and HTTP APIs of your own.

Keys are in Kombo's order, that of the fields of a model, so that diffs and people can compare two documents.
"""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

import msgspec

from .engine import codec
from .engine.rows import Undecodable
from .models.base import Variant
from .redaction import without_locals

T = TypeVar("T")

__all__ = ["decode", "encode", "from_dict", "schema", "to_dict"]


@without_locals
def to_dict(value: object) -> Any:
    """Return a model as a dict of types of JSON; a list of models as a list of such dicts, and so on.

    Times are strings in UTC. Fields that are `UNSET` are left out, and a variant that is not known is what Kombo sent.
    """
    return codec.to_builtins(value)


@without_locals
def from_dict(value: object, record_type: type[T]) -> T:
    """Return the value of a type such as `Employee` or `list[Employee]` that *value* holds: parsed JSON, as `to_dict`
    returns it. Instances of the type are taken as they are. Everything else is as for `decode`.
    """
    codec.check_type(record_type)
    try:
        return codec.from_builtins(value, record_type)
    except Undecodable as undecodable:
        raise ValueError(_refusal(record_type, undecodable)) from None


@without_locals
def encode(value: object) -> bytes:
    """Return a model, or a list or dict of models, as JSON in UTF-8; `decode` reads it back.

    Raise a `ValueError` for text that no encoding can hold: half of a surrogate pair.
    """
    try:
        return msgspec.json.encode(codec.in_order(value))
    except UnicodeEncodeError:
        # Python's own error contains the text.
        raise ValueError("the value contains half of a surrogate pair, which UTF-8 cannot hold") from None


@without_locals
def decode(body: bytes | str, record_type: type[T]) -> T:
    """Return the value of a type such as `Employee` or `list[Employee]` that *body* holds.

    It converts what the client converts in responses too, such as a date where a time is expected, and ignores unknown
    keys. Everything else is a `ValueError` that names each place, as in `$.start_date`, and no value.
    """
    codec.check_type(record_type)
    try:
        return codec.decode_document(body.encode() if isinstance(body, str) else body, record_type)
    except UnicodeEncodeError:
        raise ValueError("body contains half of a surrogate pair, which UTF-8 cannot hold") from None
    except Undecodable as undecodable:
        raise ValueError(_refusal(record_type, undecodable)) from None


def _refusal(record_type: object, undecodable: Undecodable) -> str:
    return f"this is no {getattr(record_type, '__name__', repr(record_type))}: {undecodable.problems}"


def schema(record_type: Any) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a type, with those of the models in it under `$defs`.

    It describes what `encode` writes. An enum allows every string, as Kombo may add values.
    """
    codec.check_type(record_type)
    variants: dict[type[Variant], dict[str, Any]] = {}

    def hook(type_: type) -> dict[str, Any]:
        if not issubclass(type_, Variant):
            raise NotImplementedError
        # A variant that is not known is any object.
        variants[type_] = {
            "anyOf": [*({"$ref": f"#/$defs/{each.__name__}"} for each in type_.choices()), {"type": "object"}]
        }
        return {"$ref": f"#/$defs/{type_.__name__}"}

    types: list[Any] = [record_type]
    while True:
        (described, *_), components = msgspec.json.schema_components(
            types, schema_hook=hook, ref_template="#/$defs/{name}"
        )
        wanted = [record_type, *dict.fromkeys(each for type_ in variants for each in type_.choices())]
        if len(wanted) == len(types):
            break
        types = wanted
    definitions = {name: _plain(definition) for name, definition in components.items()}
    definitions |= {type_.__name__: variant for type_, variant in variants.items()}
    return {**described, **({"$defs": definitions} if definitions else {})}


def _plain(definition: dict[str, Any]) -> dict[str, Any]:
    """Return the definition of a model or an enum with the description unindented, and with the enum open."""
    if "description" in definition:
        definition["description"] = inspect.cleandoc(definition["description"])
    if "enum" not in definition:
        return definition
    values = definition.pop("enum")
    return {**definition, "anyOf": [{"enum": values}, {"type": "string"}]}
