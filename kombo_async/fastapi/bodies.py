"""Models as the bodies of requests and responses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, cast

from fastapi import Body
from fastapi.responses import JSONResponse
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from .. import json
from ..engine import codec
from ..engine.rows import Undecodable

T = TypeVar("T")


class ModelResponse(JSONResponse):
    """A response with a model, or with a list or dict of models, as `kombo_async.json.encode` writes it.

    `return ModelResponse(employees)` skips the checks that FastAPI makes of a returned value. It cannot be the
    `response_class` of a function that returns models without `ResponseBody`, as FastAPI converts their value first.
    """

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return json.encode(content)


if TYPE_CHECKING:
    RequestBody: TypeAlias = Annotated[T, "a body"]
    ResponseBody: TypeAlias = Annotated[T, "a body"]
else:

    class RequestBody:
        """The type of a parameter that is the body of the request: `absence: RequestBody[NewAbsence]`.

        A body that is no such model is refused with 422, as FastAPI does, with the place of each fault and without
        values. What the model does not know is ignored.
        """

        __class_getitem__ = staticmethod(lambda type_: Annotated[type_, Body(), _PydanticType(type_)])

    class ResponseBody:
        """The type that a function returns: `-> ResponseBody[list[Employee]]`. Also the type of fields in pydantic
        models.

        Keys are in Kombo's order.
        """

        __class_getitem__ = staticmethod(lambda type_: Annotated[type_, _PydanticType(type_)])


class _PydanticType:
    """Describes a model, or a list or dict of models, to pydantic."""

    def __init__(self, type_: Any) -> None:
        codec.check_type(type_)
        self._type = type_

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how values are validated, and written as JSON."""
        as_json = core_schema.plain_serializer_function_ser_schema(json.to_dict, when_used="json")
        return core_schema.no_info_plain_validator_function(self._validate, serialization=as_json)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Any:
        """Return the JSON Schema, whose models become components of the OpenAPI description."""
        described = json.schema(self._type)
        return _with_components(described, _Components(described.pop("$defs", {})), handler)

    def _validate(self, value: object) -> object:
        try:
            return codec.from_builtins(value, self._type)
        except Undecodable as undecodable:
            problems = undecodable.problems.split("; ")
        faults = [
            # Without the value, which FastAPI would put into its response.
            InitErrorDetails(
                type=PydanticCustomError("kombo_model", cast("Any", words)), loc=_location(path), input=None
            )
            for words, _, path in (problem.rpartition(" @ $") for problem in problems)
        ]
        raise ValidationError.from_exception_data("a model", faults)


_STEP = re.compile(r"\.(\w+)|\[(\d+)]|\['(.*?)']")


def _location(path: str) -> tuple[str | int, ...]:
    """Return a path such as `.answers[0].id` as FastAPI writes it."""
    return tuple(int(index) if index else name or key for name, index, key in _STEP.findall(path))


class _Components:
    """The schemas of models, by name, as definitions of pydantic: it joins equal ones, and renames others."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._begun: set[str] = set()

    def reference(self, name: str, handler: GetJsonSchemaHandler) -> Any:
        """Return a schema that refers to a definition, which is added with the first reference."""
        ref = f"kombo_async.models.{name}"
        if name in self._begun:
            core: CoreSchema = core_schema.definition_reference_schema(ref)
        else:
            self._begun.add(name)
            core = TypeAdapter(_defined(ref, self._definitions[name], self)).core_schema
        # The handler itself would skip the definition: it is for the type that pydantic is describing.
        return handler(core_schema.list_schema(core))["items"]


def _defined(ref: str, described: Any, components: _Components) -> Any:
    class Defined:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.any_schema(ref=ref)

        @classmethod
        def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Any:
            return _with_components(described, components, handler)

    return Defined


def _with_components(described: Any, components: _Components, handler: GetJsonSchemaHandler) -> Any:
    """Return a JSON Schema with references to components in place of those to its own definitions."""
    match described:
        case {"$ref": str(reference)}:
            return components.reference(reference.rpartition("/")[2], handler)
        case dict():
            members = cast("dict[str, Any]", described)
            return {key: _with_components(each, components, handler) for key, each in members.items()}
        case [*items]:
            return [_with_components(each, components, handler) for each in items]
        case _:
            return described
