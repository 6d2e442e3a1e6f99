"""The official TypeScript SDK, unchanged, works with the sandbox. npm installs it into `.cache`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.calls.ids import CATEGORIES, Ids
from .sdk_arguments import valid_arguments

ROOT = Path(__file__).parents[2]
PACKAGE = "@kombo-api/sdk@1.1.3"
FOLDER = ROOT / ".cache" / "typescript-sdk-1.1.3"
SCRIPT = Path(__file__).with_name("typescript_sdk.mjs")

Calls = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def node() -> str:
    """Return the path of Node.js, with the SDK installed."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("there is no Node.js with npm on this machine")
    if not FOLDER.exists():
        FOLDER.parent.mkdir(exist_ok=True)
        # Installed elsewhere and then renamed, as another process of the tests may do the same.
        folder = Path(tempfile.mkdtemp(dir=FOLDER.parent))
        options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", "--ignore-scripts"]
        done = subprocess.run(
            [npm, "install", *options, PACKAGE], capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode:
            shutil.rmtree(folder)
            pytest.skip(f"npm cannot install {PACKAGE}: {done.stderr.strip()[-300:]}")
        try:
            folder.rename(FOLDER)
        except OSError:  # it is there by now
            shutil.rmtree(folder)
    return node


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    """Run a sandbox with several pages of fields."""
    with SandboxThread(SandboxConfig(fields=4321, employees=120)) as sandbox:
        yield sandbox


@pytest.fixture
def make_calls(node: str, sandbox: SandboxThread) -> Calls:
    """Return a function that makes calls with the SDK, in one process, and returns what they gave."""

    def make(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
        command = [node, str(SCRIPT), str(FOLDER), sandbox.base_url, sandbox.api_key]
        lines = "".join(json.dumps({"integration": sandbox.integration_id, **call}) + "\n" for call in calls)
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False, timeout=300)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    return make


IN_THE_PATH = {
    "integration_id", "integration_field_id", "custom_field_id", "employee_id", "absence_id", "job_id",
    "application_id", "candidate_id", "assessment_order_id", "token", "tool", "api", "category",
}  # fmt: skip
"""The arguments that are part of the path; the SDK takes the others of writes in `body`."""
IN_THE_BODY = {
    "hris.create_absence": {"employee_id"},
    "general.update_custom_field_mapping": {"integration_field_id"},
}
"""Of these, those that are part of the body for some methods."""


def methods() -> list[str]:
    """Return the methods of the SDK, by the names that they have in Python."""
    names: list[str] = []
    for family in ("hris", "ats", "assessment", "connect", "general"):
        text = (FOLDER / "node_modules" / "@kombo-api" / "sdk" / "esm" / "sdk" / f"{family}.d.ts").read_text()
        names += [
            f"{family}.{re.sub('([A-Z])', lambda found: '_' + found[1].lower(), name)}"
            for name in re.findall(r"^ {4}(\w+)\(", text, re.MULTILINE)
        ]
    return sorted(names, key=lambda name: name == "general.delete_integration")


def call(name: str, sandbox: SandboxThread, ids: Ids) -> dict[str, Any]:
    """Return a call of a method with valid arguments."""
    family, _, method = name.partition(".")
    given = valid_arguments(name, ids)
    path = {key: given[key] for key in given if key in IN_THE_PATH - IN_THE_BODY.get(name, set())}
    body = {key: each for key, each in given.items() if key not in path}
    if method.startswith(("get_", "check_")):
        request: dict[str, Any] = given
    else:
        request = {**path, "body": body.get("body", body)} if path else body
    camel = re.sub(r"_(\w)", lambda found: found[1].upper(), method)
    return {
        "family": family,
        "method": camel,
        "integration": sandbox.integration_id_of(CATEGORIES.get(family, "HRIS")),
        "request": None if method == "check_api_key" else request,
    }


def test_every_method_of_the_typescript_sdk_is_answered(make_calls: Calls, sandbox: SandboxThread) -> None:
    ids, names = Ids(sandbox), methods()
    assert len(names) == 61
    results = make_calls([call(name, sandbox, ids) for name in names])
    failed = {name: result for name, result in zip(names, results, strict=True) if "error" in result}
    assert failed == {}, failed
    found = dict(zip(names, results, strict=True))
    assert found["general.get_integration_fields"] == {"records": 4321}
    assert found["general.check_api_key"]["data"]["data"]["environment_id"]
    assert sum("records" in result for result in results) == 26


def test_typescript_sdk_reads_the_errors(make_calls: Calls, sandbox: SandboxThread) -> None:
    sandbox.set_integration_state(sandbox.integration_id, status="INACTIVE")
    missing = {"family": "general", "method": "getIntegrationDetails", "request": {"integration_id": "personio:gone"}}
    unknown, inactive = make_calls([missing, {"family": "hris", "method": "getEmployees"}])
    assert (unknown["error"], unknown["code"]) == ("KomboGeneralError", "PLATFORM.INTEGRATION_NOT_FOUND")
    assert (inactive["error"], inactive["code"]) == ("KomboHrisError", "INTEGRATION.INACTIVE")
    sandbox.faults.add(Fault.rate_limited(retry_after=1))
    limited, after = make_calls([{"family": "general", "method": "checkApiKey"}] * 2)
    assert (limited["code"], "data" in after) == ("PLATFORM.RATE_LIMIT_EXCEEDED", True)
