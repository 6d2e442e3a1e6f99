"""Bad input to the control API: where the mistake is, and what would be right; and nothing crashes it."""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Any
from urllib.parse import quote

import aiohttp
import jsonschema
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ..support.control_api import ControlClient
from ..support.sandbox_api import Api, Open

MISTAKES: list[tuple[str, str, Any, int, str | None, str | None]] = [
    # Method, path, body, status, path of the mistake, one of the choices.
    ("POST", "/faults", {"fault": {"kind": "rate_limit"}}, 400, "$.fault.kind", "rate_limited"),
    ("POST", "/faults", {"fault": {}}, 400, "$.fault.kind", "rate_limited"),
    ("POST", "/faults", {"fault": {"kind": {}}}, 400, "$.fault.kind", "rate_limited"),
    ("POST", "/faults", {}, 400, "$.fault", None),
    ("POST", "/faults", {"fault": {"kind": "drop", "moment": "now"}}, 400, "$.fault.moment", "after_execution"),
    ("POST", "/faults", {"fault": {"kind": "drop", "when": "before"}}, 400, "$.fault", "moment"),
    ("POST", "/faults", {"fault": {"kind": "delayed", "seconds": -1}}, 400, "$.fault.seconds", None),
    ("POST", "/faults", {"fault": {"kind": "delayed"}}, 400, "$.fault.seconds", None),
    ("POST", "/faults", {"fault": {"kind": "empty"}, "times": 0}, 400, "$.times", None),
    ("POST", "/faults", {"fault": {"kind": "empty"}, "method": "GTE"}, 400, "$.method", "GET"),
    ("POST", "/faults", {"fault": {"kind": "empty"}, "path": "hris"}, 400, "$.path", None),
    ("POST", "/faults", {"fault": {"kind": "empty"}, "path": "/v1/hris/employees"}, 400, "$", None),
    ("POST", "/faults", {"fault": {"kind": "redirect", "location": "/\r\nX: 1"}}, 400, "$.fault", None),
    ("POST", "/faults", {"fault": {"kind": "json", "payload": 1, "headers": {"a b": "1"}}}, 400, "$.fault", None),
    ("POST", "/integrations", {"tool": "personi"}, 400, "$.tool", "personio"),
    ("POST", "/integrations", {"tools": "personio"}, 400, "$", "tool"),
    ("PATCH", "/integrations/{id}", {"status": "BROKEN"}, 400, "$.status", "INVALID"),
    ("PATCH", "/integrations/{id}", {"disabled_models": ["x"]}, 400, "$.disabled_models[0]", "hris_absences"),
    (
        "PATCH", "/integrations/{id}", {"missing_permissions": ["hris_teams", "x"]}, 400, "$.missing_permissions[1]",
        "hris_create_absence",
    ),
    ("PATCH", "/integrations/{id}", {"data_expired_at": "2026-01-01T00:00:00"}, 400, "$.data_expired_at", None),
    ("GET", "/integrations/personio:x", None, 404, "path.integration_id", None),
    ("PUT", "/integrations/{id}/models/hris_team", {"on": True}, 404, "path.model", "hris_teams"),
    ("POST", "/integrations/{id}/syncs", {"type": "HALF"}, 400, "$.type", "DELTA"),
    ("GET", "/integrations?limit=0", None, 400, "query.limit", None),
    ("GET", "/integrations?limit=many", None, 400, "query.limit", None),
    ("GET", "/integrations?limt=1", None, 400, "query", "limit"),
    ("GET", "/integrations?limit=1&limit=2", None, 400, "query.limit", None),
    ("GET", "/integrations?cursor=x", None, 400, "query.cursor", None),
    ("GET", "/records/hris_people", None, 404, "path.model", "hris_employees"),
    ("GET", "/records/hris_employees/x", None, 404, "path.record_id", None),
    ("GET", "/records/hris_employees?integration_id=x", None, 404, "query.integration_id", None),
    ("GET", "/records/hris_employees?include_deleted=perhaps", None, 400, "query.include_deleted", None),
    ("PUT", "/records/hris_employees/x", {"id": "y"}, 400, "$.id", "x"),
    ("PUT", "/records/hris_employees/x", [1], 400, "$", None),
    ("PATCH", "/records/hris_employees/x", {"id": "y"}, 400, "$.id", None),
    ("POST", "/records/hris_employees/x/anonymise", {"touch": "yes"}, 400, "$.touch", None),
    ("GET", "/requests?status=2", None, 400, "query.status", None),
    ("GET", "/requests/x", None, 404, "path.request_id", None),
    ("DELETE", "/faults/x", None, 404, "path.fault_id", None),
    ("DELETE", "/webhooks/7", None, 404, "path.webhook_id", None),
    ("GET", "/deliveries/7", None, 404, "path.delivery_id", None),
    ("POST", "/webhooks", {"url": "ftp://x"}, 400, "$.url", None),
    ("POST", "/webhooks", {"url": "http://x", "secret": " "}, 400, "$.secret", None),
    ("POST", "/webhooks/send", {"type": "data-changed"}, 409, None, None),
    ("POST", "/webhooks/send", {"type": "data-changed", "integration_id": "x"}, 404, "$.integration_id", None),
    ("POST", "/clock/advance", {"seconds": 1e300}, 400, "$.seconds", None),
    ("POST", "/reset", {"seed": -1}, 400, "$.seed", None),
    ("GET", "/nope", None, 404, "path", "/integrations"),
    ("GET", "/integrations/", None, 404, "path", "/integrations"),
    ("PUT", "/faults", {}, 405, None, "POST"),
]  # fmt: skip


@pytest.fixture
def control(api: Api) -> ControlClient:
    """Use the control API of the sandbox of `api`."""
    return ControlClient(api.sandbox, api.session)


async def test_mistake_is_answered_with_its_path_and_the_choices(api: Api, control: ControlClient) -> None:
    for method, path, body, status, where, choice in MISTAKES:
        got = await control(
            method, path.replace("{id}", api.integration_id), raw=True, **({} if body is None else {"json": body})
        )
        case = (method, path, body, got.json)
        assert (got.status, got.error["path"]) == (status, where), case
        assert got.error["message"], case
        assert choice is None or choice in got.error["choices"], case
    assert api.sandbox.faults.scripted == ()


async def test_body_that_is_no_json_is_refused(control: ControlClient) -> None:
    for body in (b"{", b"\xff", b'{"seed": 1} {}', b"[" * 100_000, b'{"a":' * 150 + b"1" + b"}" * 150):
        got = await control("POST", "/reset", data=body, headers={"Content-Type": "application/json"})
        assert (got.status, got.error["path"]) == (400, "$"), body[:20]


async def test_damaged_and_large_bodies_are_refused(control: ControlClient) -> None:
    headers = {"Content-Type": "application/json"}
    damaged = await control("POST", "/reset", data=b"junk", headers={**headers, "Content-Encoding": "gzip"})
    assert damaged.status == 400
    large = await control("POST", "/reset", data=io.BytesIO(b" " * (21 * 1024**2)), headers=headers)
    assert large.status == 413
    assert (await control.get("/status")).status == 200


ODD: list[Any] = [
    None, True, False, 0, -1, 2**64, 10**300, 1e308, 0.5, "", " ", "x" * 3_000, "\x00", "\r\n", "😀", "null", "[",
    "9999-12-31T23:59:59Z", "/", "//[::", "%", [], {}, [None], [{}], {"": ""}, {"kind": "x"}, {"kind": "error"},
]  # fmt: skip


RARE = {("POST", "/reset"), ("DELETE", "/requests"), ("DELETE", "/integrations/{integration_id}")}
"""Operations after which others find nothing: one of six such requests is sent."""


class Requests:
    """Makes random requests, valid and invalid ones, by an OpenAPI document."""

    def __init__(self, document: dict[str, Any], known: dict[str, list[str]], random: Random) -> None:
        self.document = document
        self.known = known
        self.random = random
        self.upcoming: list[tuple[str, str, dict[str, Any]]] = []
        self.operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if path != "/events"
        ]

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        reference = schema.get("$ref")
        return schema if reference is None else self.document["components"]["schemas"][reference.rpartition("/")[2]]

    def value(self, schema: dict[str, Any], name: str = "") -> Any:
        """Return a value that is valid by the schema, now and then an odd one."""
        random, schema = self.random, self.resolve(schema)
        if random.random() < 0.04:
            return random.choice(ODD)
        if name in self.known and random.random() < 0.8:
            return random.choice(self.known[name])
        if "anyOf" in schema:
            return self.value(random.choice(schema["anyOf"]), name)
        if "enum" in schema:
            return random.choice(schema["enum"])
        match schema.get("type"):
            case "object":
                wanted = schema.get("required", ())
                properties = schema.get("properties", {})
                chosen = [each for each in properties if each in wanted or random.random() < 0.4]
                closed = schema.get("additionalProperties") is False
                extra = {"x": 1} if random.random() < (0.03 if closed else 0.5) else {}
                return {each: self.value(properties[each], each) for each in chosen} | extra
            case "array":
                return [self.value(schema["items"], name) for _ in range(random.randrange(3))]
            case "integer" | "number" as kind:
                low, high = schema.get("minimum", 0), min(schema.get("maximum", 1_000), 1_000)
                return random.randint(low, high) if kind == "integer" else random.uniform(low, high)
            case "boolean":
                return random.random() < 0.5
            case "string":
                return random.choice(["404", "/hris/*", "ACTIVE", "4xx", "Ü&= "])
            case "null":
                return None
        return random.choice(ODD)

    def make(self) -> tuple[str, str, str, dict[str, Any], Any]:
        """Return the method, the path template, the path, the operation and the body of a request."""
        if not self.upcoming:
            self.upcoming = self.random.sample(self.operations, len(self.operations))
        method, template, operation = self.upcoming.pop()
        path, query = template, []
        for parameter in operation.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", quote(str(self.value(schema, name)), safe=""))
            elif self.random.random() < 0.4:
                value = self.value(schema, name)
                query.append(f"{name}={quote(json.dumps(value) if isinstance(value, bool) else str(value), safe='')}")
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body = None if content is None else self.value(content["schema"])
        return method, template, path + ("?" + "&".join(query) if query else ""), operation, body


async def test_random_requests_by_its_own_description_are_answered_by_it(
    open_api: Open, caplog: pytest.LogCaptureFixture
) -> None:
    async def receive(_: web.Request) -> web.Response:
        return web.Response()

    receiver = web.Application()
    receiver.router.add_post("/", receive)
    async with open_api(employees=25, fields=5, kept_requests=50) as api, TestServer(receiver) as server:
        control = ControlClient(api.sandbox, api.session)
        document = (await control.get("/openapi.json")).json
        known = {
            "integration_id": [api.sandbox.integration_id, api.sandbox.integration_id_of("ATS")],
            "model": ["hris_employees", "ai_apply_postings"],
            "record_id": ["ada", "remote:10001"],
            "fault_id": ["1", "2", "3"],
            "webhook_id": ["1", "2"],
            "delivery_id": ["1", "2", "3"],
            "request_id": ["1", "2"],
            "tool": ["personio", "lever"],
            "url": [str(server.make_url("/"))],
            "type": ["FULL", "data-changed", "sync-finished"],
        }
        requests, statuses = Requests(document, known, Random(7)), dict[tuple[str, str], set[int]]()
        made: Counter[tuple[str, str]] = Counter()
        schemas = {"components": document["components"]}
        validators: dict[str, Any] = {}
        for number in range(600):
            method, template, path, operation, body = requests.make()
            operation_key = (method, template)
            if operation_key in RARE and made[operation_key] % 6:
                made[operation_key] += 1
                continue  # else nothing would ever be there
            made[operation_key] += 1
            got = await control(method, path, raw=True, **({} if body is None else {"json": body}))
            case = (method, path, body, got.status, got.json)
            assert got.status < 500, case
            statuses.setdefault(operation_key, set()).add(got.status)
            described = operation["responses"].get(str(got.status), operation["responses"]["default"])
            if got.status in {200, 201}:
                assert str(got.status) in operation["responses"], case
            if "content" in described:
                key = json.dumps(described["content"])
                if key not in validators:
                    schema = described["content"]["application/json"]["schema"] | schemas
                    validators[key] = jsonschema.Draft202012Validator(schema)
                errors = [error.message for error in validators[key].iter_errors(got.json)]
                assert not errors, (case, errors)
            if number % 20 == 0:
                # Faults that were added may apply to it.
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with api.response("GET", "/check-api-key", timeout=aiohttp.ClientTimeout(total=0.1)):
                        pass
                known["integration_id"] = list(api.sandbox.integration_ids[:2])
                known["fault_id"] = [str(each.number) for each in api.sandbox.faults.scripted][-2:] or ["1"]
                known["request_id"] = [str(each.number) for each in api.sandbox.requests][-2:] or ["1"]
                known["delivery_id"] = [str(each.number) for each in api.sandbox.deliveries][-2:] or ["1"]
    succeeded = [each for each, codes in statuses.items() if min(codes) < 300]
    assert len(succeeded) > 0.8 * len(requests.operations), statuses
    seen = set[int]().union(*statuses.values())
    assert {200, 201, 204, 400, 404} <= seen
    assert len(statuses) == len(requests.operations)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
