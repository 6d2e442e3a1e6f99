"""What the client sends, as it arrives at a socket, is what the description asks for: path, query, headers, body."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator, FormatChecker
from msgspec import Struct
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from kombo_async import KomboClient, Limits, Pager

from ..calls import Call
from ..models.examples import example, full
from .exceptions import OURS_ALONE, OURS_ALONE_PARAMETERS
from .spec import FAMILIES, Spec, load, operations

MODULES = [f"{family}{part}" for family in FAMILIES for part in ("", "_writes")]
OPERATIONS = operations()
FORMATS = FormatChecker(formats=("email",))
INTEGRATION = "personio:GWd1wgE7fRQGywhDLfgbcBAc"


@FORMATS.checks("date-time")
def is_moment(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?", value) is not None


def calls() -> list[Call]:
    found: list[Call] = []
    for name in MODULES:
        try:
            module = import_module(f"tests.calls.{name}")
        except ModuleNotFoundError:
            continue
        for part in ("CALLS", "READS", "WRITES"):
            found += getattr(module, part, [])
    return found


CALLS = calls()


class Ids:
    """Some id for everything."""

    def __getattr__(self, name: str) -> str:
        return f"some/{name}:ü"


class Arrived(Struct):
    """A request."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Any
    body: bytes

    @property
    def name(self) -> str:
        """The operation that it is for."""
        for name, operation in OPERATIONS.items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(operation.path))
            if operation.method == self.method and re.fullmatch(pattern, self.path):
                return name
        raise LookupError(f"{self.method} {self.path}")


class Server:
    """Takes whatever comes, and answers with everything that a success can hold."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.Response:
        path, _, query = request.raw_path.removeprefix("/v1").partition("?")
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        arrived = Arrived(request.method, path, pairs, request.headers, await request.read())
        self.arrived.append(arrived)
        operation: Any = OPERATIONS[arrived.name]
        data: Any = {} if operation.answer is type(None) else example(operation.answer, full)
        if (listed := "results" if operation.page_size else operation.listed) is not None:
            data = {listed: [data]}
        return web.json_response({"status": "success", "data": data, "warnings": [{"message": "careful"}]})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield server
    await runner.cleanup()


@pytest.fixture(scope="module")
def registry() -> Registry[Any] | None:
    spec = load()
    if spec is None:
        return None
    resource = Resource.from_contents(spec.document, default_specification=DRAFT202012)
    return Registry().with_resource("urn:kombo", resource)


def problems(spec: Spec, registry: Any, arrived: Arrived) -> list[str]:
    """What the description has against a request."""
    name = arrived.name
    found: list[str] = []
    needs_header = "X-Integration-Id" in spec.parameters(name, "header")
    if needs_header != ("X-Integration-Id" in arrived.headers):
        found.append("X-Integration-Id is there or missing")
    queries = spec.parameters(name, "query")
    if len({key for key, _ in arrived.query}) != len(arrived.query):
        found.append("a parameter is repeated")
    for key, text in arrived.query:
        if (name, key) in OURS_ALONE_PARAMETERS:
            continue
        if key not in queries:
            found.append(f"?{key} is unknown")
            continue
        schema = spec.resolve(queries[key]["schema"])
        value: Any = int(text) if schema.get("type") == "integer" else text
        found += [f"?{key}: {error.message}" for error in validator(schema, registry).iter_errors(value)]
    body = spec.body(name)
    if body is None:
        return [*found, "there is a body"] if arrived.body else found
    if name.endswith("/bulk-import"):
        assert arrived.headers["Content-Type"] == "application/x-ndjson"
        return found
    assert arrived.headers["Content-Type"] == "application/json"
    checked = validator(body, registry)
    return found + [
        f"{error.json_path}: {error.message[:200]}" for error in checked.iter_errors(json.loads(arrived.body))
    ]


def validator(schema: dict[str, Any], registry: Any) -> Draft202012Validator:
    if schema.get("$ref", "").startswith("#"):
        schema = {"$ref": f"urn:kombo{schema['$ref']}"}
    return Draft202012Validator(schema, registry=registry, format_checker=FORMATS)


@pytest.mark.filterwarnings("ignore:.*deprecated at Kombo:DeprecationWarning")
@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda number: CALLS[number].name)
async def test_a_call_arrives_as_described(server: Server, registry: Any, number: int) -> None:
    call = CALLS[number]
    async with KomboClient("key", base_url=server.base_url, integration_id=INTEGRATION, limits=Limits.off()) as client:
        made = call.make(client, Ids())
        answer = await made.first_page() if isinstance(made, Pager) else await made
    if isinstance(made, Pager):
        assert len(answer.results) == 1
    (arrived,) = server.arrived
    assert OPERATIONS[arrived.name].name == call.name.rpartition(".")[2]
    assert "/some%2F" not in unquote(arrived.path)
    spec = load()
    if spec is not None and arrived.name not in OURS_ALONE:
        assert problems(spec, registry, arrived) == []


def test_every_operation_is_called() -> None:
    called = {call.name.rpartition(".")[2] for call in CALLS}
    assert {operation.name for operation in OPERATIONS.values()} <= called
