"""What the client sends, as it arrives at a socket, is what the description asks for: path, query, headers, body."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
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

from ..support.calls import Call
from ..support.model_examples import example, full
from ..support.openapi.spec import FAMILIES, Spec, load, needed, operations
from .exceptions import OURS_ALONE, OURS_ALONE_PARAMETERS

MODULES = [f"{family}{part}" for family in FAMILIES for part in ("", "_writes")]
OPERATIONS = operations()
FORMATS = FormatChecker(formats=("email",))
INTEGRATION = "personio:GWd1wgE7fRQGywhDLfgbcBAc"


OPEN = {"remote_fields", "properties", "headers", "params", "api_options", "data", "query_params"}
"""Keys whose values belong to the tool, or to the caller."""
DIFFERENT = {
    r"\?cursor is never sent": "known from an answer only",
    r"\?(employment_status|outcome|status|time_from|time_until) is never sent": "replaced by a newer one",
    r"\?staffing_entity_id is unknown|/form \.staffing_entity_id is unknown": "only the official SDK has it",
    r"/documents \.remote_fields is unknown": "only the official SDK has it",
    r"\.greenhousev3.* is unknown|/create-link \.enable_static_ips is unknown": "only the official SDK has it",
}
"""What no call says though it is described, or says though it is not, and why."""


@FORMATS.checks("date-time")
def is_moment(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?", value) is not None


def calls() -> list[Call]:
    found: list[Call] = []
    for name in MODULES:
        try:
            module = import_module(f"tests.support.calls.{name}")
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
    """Accepts any request, and returns a response with every key that a success can have."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.base_url = ""

    async def handle(self, request: web.Request) -> web.Response:
        path, _, query = request.raw_path.removeprefix("/v1").partition("?")
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
        arrived = Arrived(request.method, path, pairs, request.headers, await request.read())
        self.arrived.append(arrived)
        operation: Any = OPERATIONS[arrived.name]
        data: Any = {} if operation.response_type is type(None) else example(operation.response_type, full)
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


def paths(node: Any, place: str = "") -> Iterator[str]:
    """The places of all keys in a body, of free ones only the first."""
    if isinstance(node, list):
        for each in node:
            yield from paths(each, place)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield f"{place}.{key}"
            if key not in OPEN:
                yield from paths(value, f"{place}.{key}")


def described(spec: Spec, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """The places of all keys that a body can have."""
    for each in spec.variants(schema):
        if "items" in each:
            yield from described(spec, each["items"], place)
        for key, value in each.get("properties", {}).items():
            yield f"{place}.{key}"
            if key not in OPEN:
                yield from described(spec, value, f"{place}.{key}")


def validator(schema: dict[str, Any], registry: Any) -> Draft202012Validator:
    if schema.get("$ref", "").startswith("#"):
        schema = {"$ref": f"urn:kombo{schema['$ref']}"}
    return Draft202012Validator(schema, registry=registry, format_checker=FORMATS)


@pytest.mark.filterwarnings("ignore:.*deprecated at Kombo:DeprecationWarning")
@pytest.mark.parametrize("number", range(len(CALLS)), ids=lambda number: CALLS[number].name)
async def test_request_matches_the_description(server: Server, registry: Any, number: int) -> None:
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


@pytest.mark.filterwarnings("ignore:.*deprecated at Kombo:DeprecationWarning")
async def test_every_described_parameter_is_sent_by_some_call(server: Server) -> None:
    spec = needed()
    async with KomboClient("key", base_url=server.base_url, integration_id=INTEGRATION, limits=Limits.off()) as client:
        for call in CALLS:
            made = call.make(client, Ids())
            await (made.first_page() if isinstance(made, Pager) else made)
    sent: dict[str, set[str]] = {}
    for arrived in server.arrived:
        keys = sent.setdefault(arrived.name, set())
        keys |= {f"?{key}" for key, _ in arrived.query}
        if arrived.body and not arrived.name.endswith("/bulk-import"):
            keys |= set(paths(json.loads(arrived.body)))
    found: list[str] = []
    for name in sent.keys() - OURS_ALONE.keys():
        body = None if name.endswith("/bulk-import") else spec.body(name)
        known = {f"?{key}" for key in spec.parameters(name, "query")}
        known |= set() if body is None else set(described(spec, body))
        found += [f"{name} {key} is never sent" for key in known - sent[name]]
        found += [f"{name} {key} is unknown" for key in sent[name] - known]
    assert [line for line in found if not any(re.search(pattern, line) for pattern in DIFFERENT)] == []
    assert [pattern for pattern in DIFFERENT if not any(re.search(pattern, line) for line in found)] == []


def test_every_operation_has_a_call() -> None:
    called = {call.name.rpartition(".")[2] for call in CALLS}
    assert {operation.name for operation in OPERATIONS.values()} <= called
