"""Whatever the description allows to send, the sandbox answers as described, or refuses in Kombo's own words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from kombo_async.errors import APIError
from kombo_async.sandbox import SandboxConfig
from kombo_async.sandbox.http.app import OPERATIONS, ReceivedRequest

from ..support.openapi.schema_values import Values
from ..support.openapi.spec import Spec, load, needed
from .test_sandbox_answers import Checked, description

__all__ = ["description"]

ROUNDS = 2
NAMES = spec.names() if (spec := load()) is not None else ["any operation"]


class Requests:
    """Generates requests that are valid under the description, with ids of existing and of missing records."""

    def __init__(self, spec: Spec, random: Random, known: dict[str, str]) -> None:
        self._spec = spec
        self._random = random
        self._known = known
        self._values = Values(spec, random, keys=random.choice([0.0, 0.5, 1.0]))

    def one(self, name: str, integration_ids: list[str]) -> ReceivedRequest:
        spec, random = self._spec, self._random
        method, path = name.split(" ")
        # Mostly one that can answer: HR, recruiting, assessment and learning, in this order.
        fitting = {"ats": 1, "assessment": 2, "lms": 3}.get(path.split("/")[1], 0)
        integration_id = integration_ids[fitting] if random.random() < 0.9 else random.choice(integration_ids)
        for key in spec.parameters(name, "path"):
            value = integration_id if key == "integration_id" else self._id(key)
            path = path.replace(f"{{{key}}}", quote(value, safe=""))
        query = [
            (key, self._parameter(each))
            for key, each in spec.parameters(name, "query").items()
            if key != "cursor" and random.random() < 0.3
        ]
        headers = {"Authorization": "Bearer key", "X-Integration-Id": integration_id}
        schema = spec.body(name)
        body = b"" if schema is None else json.dumps(self._with_ids(self._values.of(schema))).encode()
        return ReceivedRequest(method, f"/v1{path}", query, headers, body, 0.0)  # type: ignore[arg-type]

    def _id(self, key: str) -> str:
        noun = re.sub(r"_?ids?$", "", key)
        there = [value for name, value in self._known.items() if name.endswith(noun) or noun.endswith(name)]
        return self._random.choice([*there, "gone", "remote:1/2 ü"])

    def _with_ids(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: self._id(key) if key.endswith("_id") and isinstance(value, str) else self._with_ids(value)
                for key, value in node.items()
            }
        return [self._with_ids(each) for each in node] if isinstance(node, list) else node

    def _parameter(self, parameter: dict[str, Any]) -> str:
        schema = self._spec.resolve(parameter["schema"])
        if schema.get("type") == "integer":
            return str(self._random.randint(schema.get("minimum", 1), schema.get("maximum", 100)))
        if parameter["name"].endswith(("_id", "ids")):
            return self._id(parameter["name"])
        if parameter["name"] == "custom_fields":
            return '{"shirt_size": "L"}'
        return self._values.of(schema, parameter["name"]) or "text"


async def ids_of(checked: Checked) -> dict[str, str]:
    """Return ids of the records of a sandbox, by type."""
    found: dict[str, str] = {}
    app = checked.app
    for integration_id in app.environment.integration_ids:
        for served in [each.operation for each in OPERATIONS]:
            if served.page_size is not None and "{" not in served.path:
                headers = {"Authorization": "Bearer key", "X-Integration-Id": integration_id}
                request = ReceivedRequest("GET", f"/v1{served.path}", [("page_size", "1")], headers, b"", 0.0)  # type: ignore[arg-type]
                answer = json.loads((await app.respond(request)).body)
                for record in answer.get("data", {}).get("results", []):
                    found[served.path.rpartition("/")[2].replace("-", "_").removesuffix("s")] = record["id"]
    return found


@pytest.fixture(scope="module")
def known() -> dict[int, dict[str, str]]:
    """The ids of the sandboxes of each seed, which are the same for all operations."""
    return {0: {}}


@pytest.mark.parametrize("name", NAMES)
async def test_valid_requests_get_described_responses(
    description: dict[str, Any], known: dict[int, dict[str, str]], name: str
) -> None:
    spec = needed()
    for seed in range(ROUNDS):
        checked = Checked(description, SandboxConfig(fields=20, employees=12, seed=seed, sync_seconds=0))
        if seed not in known:
            known[seed] = await ids_of(checked)
        requests = Requests(spec, Random(f"{name} {seed}"), known[seed])
        for request in several(requests, name, list(checked.app.environment.integration_ids)):
            answer = await checked.app.respond(request)
            if answer.status == 200:
                assert checked.problems(request, answer) == []
                continue
            error = json.loads(answer.body)["error"]
            assert error["code"] in APIError._codes
            assert error["code"] != "PLATFORM.UNKNOWN_ERROR", error["message"]


def several(requests: Requests, name: str, integration_ids: list[str]) -> Iterator[ReceivedRequest]:
    for _ in range(6):
        yield requests.one(name, integration_ids)
