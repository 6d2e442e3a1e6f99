"""The client against the published description of the API: operations, filters, and the keys and values of models.

The description is not part of this repository: see ``test_sandbox_answers``.
"""

import json
import os
import re
import types
import typing
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import attrs
import pytest

from kombo_async import models
from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.query import ListOptions
from kombo_async.errors import APIError
from kombo_async.models.common import OpenEnum

_DEFAULT = Path(__file__).parents[3] / "shared" / "reference" / "kombo-openapi.json"

OPERATIONS = {
    f"{value.method} {value.path}": value
    for module in ("general", "hris")
    for value in vars(import_module(f"kombo_async.operations.{module}")).values()
    if isinstance(value, Operation)
}

ANSWERS: dict[str, Any] = {
    "GET /check-api-key": models.ApiKeyInfo,
    "POST /force-sync": models.SyncTrigger,
    "POST /passthrough/{tool}/{api}": models.PassthroughResponse,
    "GET /integrations/{integration_id}": models.Integration,
    "POST /integrations/{integration_id}/relink": models.Link,
    "POST /integrations/{integration_id}/setup-link": models.Link,
    "GET /integrations/{integration_id}/integration-fields": models.IntegrationField,
    "PATCH /integrations/{integration_id}/integration-fields/{integration_field_id}": models.IntegrationField,
    "GET /integrations/{integration_id}/custom-fields": models.CustomField,
    "PUT /integrations/{integration_id}/custom-fields/{custom_field_id}": models.CustomField,
    "GET /tools/{category}": models.Tool,
    "GET /hris/employees": models.Employee,
}

NOT_OURS = {
    # The filter that employment_statuses replaced.
    ("GET /hris/employees", "employment_status"),
}
OURS_ALONE = {
    # They stand beside `data` in the answer, and are put in for convenience.
    ("PassthroughResponse", "warnings"),
}
SDK_ALONE = {"HRIS.STAFFING_ENTITY_CLOSED"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    path = Path(os.environ.get("KOMBO_OPENAPI", _DEFAULT))
    if not path.is_file():
        pytest.skip(f"no OpenAPI description at {path}; set KOMBO_OPENAPI to one")
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def endpoint(description: dict[str, Any], name: str) -> dict[str, Any]:
    method, path = name.split(" ")
    found: dict[str, Any] = description["paths"][path][method.lower()]
    return found


def resolved(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation(description: dict[str, Any], name: str) -> None:
    operation, published = OPERATIONS[name], endpoint(description, name)
    parameters = {each["name"]: each for each in published.get("parameters", [])}
    in_path = {key for key, each in parameters.items() if each["in"] == "path"}
    assert set(re.findall(r"{(\w+)}", operation.path)) == in_path
    assert operation.integration == ("X-Integration-Id" in parameters)
    assert ("cursor" in parameters) == (operation.page_size is not None)
    if operation.page_size is not None:
        assert resolved(description, parameters["page_size"]["schema"])["maximum"] == operation.page_size
    if operation.method == "GET":
        assert operation.effect is Effect.READ


@pytest.mark.parametrize("name", [name for name, operation in OPERATIONS.items() if operation.page_size])
def test_filters(description: dict[str, Any], name: str) -> None:
    theirs = {
        each["name"]
        for each in endpoint(description, name)["parameters"]
        if each["in"] == "query" and (name, each["name"]) not in NOT_OURS
    }
    filters = OPERATIONS[name].filters
    ours = set(typing.get_type_hints(filters)) if filters is not None else {"cursor", "page_size"}
    assert ours - (set(ListOptions.__annotations__) - {"cursor", "page_size"}) == theirs


def pairs(
    description: dict[str, Any], schema: dict[str, Any], kind: Any, place: str
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Walk a schema and a type side by side."""
    schema = resolved(description, schema)
    for variant in schema.get("anyOf", schema.get("oneOf", [])):
        if resolved(description, variant).get("enum"):
            schema = resolved(description, variant)
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in {typing.Union, types.UnionType}:
        inner = [each for each in get_args(kind) if each is not type(None)]
        kind = inner[0] if len(inner) == 1 else Any
    if get_origin(kind) is tuple:
        yield from pairs(description, schema.get("items", {}), get_args(kind)[0], f"{place}[]")
        return
    yield place, schema, kind
    if attrs.has(kind):
        hints = typing.get_type_hints(kind)
        for key, child in schema.get("properties", {}).items():
            if key in hints:
                yield from pairs(description, child, hints[key], f"{place}.{key}")


@pytest.mark.parametrize("name", ANSWERS)
def test_answer(description: dict[str, Any], name: str) -> None:
    """Every published key is a field and every field a published key; every published value of an enum is known."""
    answer = next(iter(endpoint(description, name)["responses"]["200"]["content"].values()))["schema"]
    data = resolved(description, resolved(description, answer)["properties"]["data"])
    item = data["properties"].get("results", data["properties"].get("tools"))
    schema = resolved(description, item)["items"] if item is not None else data
    compared = 0
    for place, published, kind in pairs(description, schema, ANSWERS[name], "$"):
        if attrs.has(kind):
            ours = {field.name for field in attrs.fields(kind) if (kind.__name__, field.name) not in OURS_ALONE}
            assert ours == set(published["properties"]), place
            compared += 1
        elif isinstance(kind, type) and issubclass(kind, OpenEnum):
            assert {member.value for member in kind} == set(published["enum"]) - {None}, place
    assert compared


def test_every_error_code_has_a_class(description: dict[str, Any]) -> None:
    published = set(re.findall(r'"([A-Z_]+\.[A-Z_]+)"', json.dumps(description)))
    families = {code.partition(".")[0] for code in APIError._codes}
    published = {code for code in published if code.partition(".")[0] in families}
    assert published | SDK_ALONE == set(APIError._codes)
    assert len(APIError._codes) == 29
