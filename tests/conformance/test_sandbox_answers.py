"""The sandbox's answers against the published description of the API."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from kombo_async import KomboClient, Pager
from kombo_async.sandbox import SandboxConfig, SandboxThread
from kombo_async.sandbox.http.app import OPERATIONS, ReceivedRequest, SandboxApp
from kombo_async.sandbox.http.responses import Response
from kombo_async.sandbox.http.routing import Router

from ..support.calls.ids import Ids, all_calls, integration_for
from ..support.openapi.spec import needed
from .exceptions import OURS_ALONE

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated at Kombo:DeprecationWarning")

OF_THE_SDK = {"skills", "custom_fields", "status", "static_ips", "greenhousev3"}
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value) is not None


@_FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    document = copy.deepcopy(needed().document)
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
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    if {"id", "key", "value", "label"} <= set(properties) and properties["value"].get("type") == "null":
        # Values of integration fields are declared as always null; the examples show all kinds.
        properties["value"] = {}
    for name in ("start_date", "end_date", "start_time", "end_time", "raw"):
        if properties.get(name, {}).get("type") == "null":
            # So are days and times of absences, and answers that were not interpreted.
            properties[name] = {}
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
        self._router = Router(OPERATIONS)
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
        answer = await self.app.respond(request)
        assert answer.status == status, answer.body
        decoded = json.loads(answer.body)
        key = "200" if status == 200 else "default"
        errors = self._validate(decoded, f"#/paths/{template.replace('/', '~1')}/{method.lower()}/responses/{key}")
        assert not errors, "\n".join(errors[:10])
        return decoded.get("data")

    def problems(self, received: ReceivedRequest, answer: Response) -> list[str]:
        """What is wrong with an answer; a line for each place, with its operation."""
        assert answer.status == 200, answer.body
        operation = self._router.find(received.method, received.path.split("/")[2:])[0].operation
        name = f"{operation.method} {operation.path}"
        self.seen.add(name)
        if name in OURS_ALONE:
            return []
        pointer = f"#/paths/{operation.path.replace('/', '~1')}/{operation.method.lower()}/responses/200"
        return [f"{name} {error}" for error in self._validate(json.loads(answer.body), pointer)]

    def _validate(self, decoded: Any, pointer: str) -> list[str]:
        response = self._registry.resolver("urn:kombo").lookup(pointer).contents
        reference = response.get("$ref", pointer)
        schema = {"$ref": f"urn:kombo{reference}/content/application~1json/schema"}
        validator = Draft202012Validator(schema, registry=self._registry, format_checker=_FORMATS)
        errors = [error for error in validator.iter_errors(decoded) if not _is_known(error)]
        return [f"{re.sub(r'[0-9]+', '…', error.json_path)}: {error.message[:200]}" for error in errors]


def _is_known(error: ValidationError) -> bool:
    """Whether an answer has nothing but keys too many, and those are ones that the official SDK insists on."""
    if error.validator != "additionalProperties":
        return False
    return set(error.instance) - set(error.schema["properties"]) <= OF_THE_SDK


async def test_sandbox_response_to_every_call_matches_the_description(description: dict[str, Any]) -> None:
    """All calls there are, made by a real client, and the answers to those that find out the ids for them."""
    checked = Checked(description, SandboxConfig(fields=60, employees=40, sync_seconds=0))
    with SandboxThread(checked.app.config) as sandbox:
        app, answers = sandbox._app, []
        respond = app.respond

        async def noted(received: ReceivedRequest, **more: Any) -> Response:
            answer = await respond(received, **more)
            answers.append((received, answer))
            return answer

        app.respond = noted  # type: ignore[method-assign]
        ids = Ids(sandbox)
        async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
            for call in all_calls():
                made: Any = call.make(client.for_integration(integration_for(sandbox, call)), ids)
                await (made.collect(limit=300) if isinstance(made, Pager) else made)
    problems = [problem for received, answer in answers for problem in checked.problems(received, answer)]
    assert not problems, "\n".join(dict.fromkeys(problems))
    assert checked.seen == {f"{each.operation.method} {each.operation.path}" for each in OPERATIONS}


async def test_sandbox_tools_match_the_description(description: dict[str, Any]) -> None:
    call = Checked(description, SandboxConfig(fields=10, employees=50, integrations=8))
    for integration_id in call.app.environment.integration_ids[:8]:
        call.integration_id = integration_id
        await call("GET", "/integrations/{integration_id}", integration_id=integration_id)
        await call("GET", "/hris/employees", include_deleted="true")


async def test_sandbox_errors_match_the_description(description: dict[str, Any]) -> None:
    call = Checked(description, SandboxConfig(fields=10, employees=50))
    await call("GET", "/hris/employees", status=400, page_size="0")
    await call("GET", "/integrations/{integration_id}", status=404, integration_id="personio:x")
    call.app.environment.integration(call.integration_id).set_enabled(False)
    await call("GET", "/hris/employees", status=409)
