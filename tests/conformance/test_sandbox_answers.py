"""The sandbox's answers against the published description of the API.

The description is not part of this repository. Point ``KOMBO_OPENAPI`` at a copy of
https://api.kombo.dev/openapi.json to run this check.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from kombo_async.sandbox import SandboxConfig
from kombo_async.sandbox.app import OPERATIONS, ReceivedRequest, SandboxApp

_DEFAULT = Path(__file__).parents[3] / "shared" / "reference" / "kombo-openapi.json"
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value) is not None


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    path = Path(os.environ.get("KOMBO_OPENAPI", _DEFAULT))
    if not path.is_file():
        pytest.skip(f"no OpenAPI description at {path}; set KOMBO_OPENAPI to one")
    document: dict[str, Any] = json.loads(path.read_text())
    for schema in _schemas(document):
        _mend(schema)
    return document


def _schemas(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "type" in node or "properties" in node:
            yield node
        for child in node.values():
            yield from _schemas(child)
    elif isinstance(node, list):
        for child in node:
            yield from _schemas(child)


def _mend(schema: dict[str, Any]) -> None:
    """Put right what the description is known to get wrong, and make it strict."""
    kinds = schema.get("type")
    if isinstance(kinds, list) and "null" in kinds and "enum" in schema and None not in schema["enum"]:
        # Nullable enums leave null out of their values, which forbids what the type allows.
        schema["enum"] = [*schema["enum"], None]
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    if {"id", "key", "value", "label"} <= set(properties) and properties["value"].get("type") == "null":
        # Values of integration fields are declared as always null; the examples show all kinds.
        properties["value"] = {}
    # Not a mistake: the sandbox must not invent keys, unless told to drift.
    schema.setdefault("additionalProperties", False)


class Checked:
    """A sandbox without a socket, whose every answer is validated."""

    def __init__(self, description: dict[str, Any], config: SandboxConfig) -> None:
        self._paths = description["paths"]
        resource = Resource.from_contents(description, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:kombo", resource)
        self.app = SandboxApp(config, "key")
        self.integration_id = self.app.environment.integration_ids[0]
        self.seen: set[str] = set()

    async def __call__(self, method: str, template: str, body: Any = None, status: int = 200, **given: str) -> Any:
        path, query = template, []
        for name, value in given.items():
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", value)
            else:
                query.append((name, value))
        headers = {"Authorization": "Bearer key", "X-Integration-Id": self.integration_id}
        raw = b"" if body is None else json.dumps(body).encode()
        request = ReceivedRequest(method, f"/v1{path}", query, headers, raw, 0.0)  # type: ignore[arg-type]
        answer = await self.app.answer(request)
        assert answer.status == status, answer.body
        decoded = json.loads(answer.body)
        key = "200" if status == 200 else "default"
        self._validate(decoded, f"#/paths/{template.replace('/', '~1')}/{method.lower()}/responses/{key}")
        self.seen.add(f"{method} {template}")
        return decoded.get("data")

    def _validate(self, decoded: Any, pointer: str) -> None:
        response = self._registry.resolver("urn:kombo").lookup(pointer).contents
        reference = response.get("$ref", pointer)
        schema = {"$ref": f"urn:kombo{reference}/content/application~1json/schema"}
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=_FORMATS)
        errors = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(decoded)]
        assert not errors, "\n".join(errors[:10])


async def test_every_operation(description: dict[str, Any]) -> None:
    call = Checked(description, SandboxConfig(fields=300, employees=300, sync_seconds=0))
    here = {"integration_id": call.integration_id}
    field_path = "/integrations/{integration_id}/integration-fields"
    custom_path = "/integrations/{integration_id}/custom-fields"

    await call("GET", "/check-api-key")
    await call("GET", "/integrations/{integration_id}", **here)
    for category in ("hris", "ats", "assessment", "lms"):
        await call("GET", "/tools/{category}", category=category)
    fields = (await call("GET", field_path, **here, page_size="300"))["results"]
    assert (await call("GET", field_path, **here))["next"]
    for field in fields[:40]:
        path = field_path + "/{integration_field_id}"
        await call("PATCH", path, {"enable_passthrough": True}, **here, integration_field_id=field["id"])
    customs = (await call("GET", custom_path, **here))["results"]
    path = custom_path + "/{custom_field_id}"
    mapped = customs[0]["integration_field"]["id"]
    for target in (None, mapped):
        await call("PUT", path, {"integration_field_id": target}, **here, custom_field_id=customs[0]["id"])
    await call("POST", "/force-sync", {"type": "FULL"})
    employees = (await call("GET", "/hris/employees", page_size="250", include_deleted="true"))["results"]
    assert any(employee["integration_fields"] for employee in employees)
    for remote in ("/company/employees", "/cookies", "/empty", "/plain"):
        body = {"method": "GET", "path": remote}
        await call("POST", "/passthrough/{tool}/{api}", body, tool="personio", api="personnel")
    await call("POST", "/integrations/{integration_id}/relink", {}, **here)
    await call("POST", "/integrations/{integration_id}/setup-link", {"link_type": "MAGIC_LINK"}, **here)
    await call("PUT", "/integrations/{integration_id}/enabled", {"value": True}, **here)
    await call("DELETE", "/integrations/{integration_id}", {}, **here)
    assert call.seen == {f"{operation.method} {operation.path}" for operation in OPERATIONS}


async def test_every_tool_that_integrations_connect(description: dict[str, Any]) -> None:
    call = Checked(description, SandboxConfig(fields=10, employees=50, integrations=8))
    for integration_id in call.app.environment.integration_ids:
        call.integration_id = integration_id
        await call("GET", "/integrations/{integration_id}", integration_id=integration_id)
        await call("GET", "/hris/employees", include_deleted="true")


async def test_errors(description: dict[str, Any]) -> None:
    call = Checked(description, SandboxConfig(fields=10, employees=50))
    await call("GET", "/hris/employees", status=400, page_size="0")
    await call("GET", "/integrations/{integration_id}", status=404, integration_id="personio:x")
    call.app.environment.integration(call.integration_id).set_enabled(False)
    await call("GET", "/hris/employees", status=409)
