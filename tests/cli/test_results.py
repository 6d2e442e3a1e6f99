"""Every command in a pipe: JSON lines on standard output, notes on standard error, and what it did at Kombo."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from kombo_async.cli import main
from kombo_async.sandbox import SandboxThread

from ..support.command_line import KEY, run_command, settings

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"

Lines = list[dict[str, Any]]


class Case(NamedTuple):
    """A command line, and what its lines and its notes are."""

    arguments: str
    holds: Callable[[Lines], object]
    notes: str = ""


COMMANDS = {
    "check-key": Case(
        "check-key", lambda lines: len(lines) == 1 and set(lines[0]) == {"environment_id", "customer_id"}
    ),
    "integration show": Case(
        f"integration show {ID}",
        lambda lines: lines[0]["id"] == ID and lines[0]["tool"]["label"] == "Personio" and lines[0]["read_models"],
    ),
    "integration disable": Case(
        "integration disable {lms}", lambda lines: lines == [{"id": lines[0]["id"], "enabled": False}]
    ),
    "integration enable": Case(
        "integration enable {ats}", lambda lines: lines == [{"id": lines[0]["id"], "enabled": True}]
    ),
    "integration reconnect": Case(
        f"integration reconnect {ID} --language fr",
        lambda lines: lines[0]["link"].startswith("https://") and lines[0]["link"].endswith("language=fr"),
        "It opens in your app, for an hour. To send a link by mail: --link-type magic-link\n",
    ),
    "tools": Case("tools ats", lambda lines: [line["id"] for line in lines] == ["greenhouse", "lever", "teamtailor"]),
    "sync": Case("sync {ats}", lambda lines: lines[0]["type"] == "FULL" and not lines[0]["already_queued"]),
    "fields list": Case(
        "fields list {lms}", lambda lines: len({line["id"] for line in lines}) == 4321, "4,321 fields.\n"
    ),
    "custom-fields list": Case(
        f"custom-fields list {ID} --quiet",
        lambda lines: len(lines) == 12 and lines[0]["integration_field"]["key"] == "dynamic_1000006",
    ),
    "custom-fields map": Case(
        f"custom-fields map {ID} hris_employees/desk hris_employees/DEFAULT/overtime_hours_3 -q",
        lambda lines: lines[0]["key"] == "desk" and lines[0]["integration_field"]["key"] == "overtime_hours_3",
    ),
}
"""Each command once, as a process."""

VARIANTS = {
    "sync --delta": Case(f"sync {ID} --delta", lambda lines: lines[0]["type"] == "DELTA"),
    "fields list, filtered": Case(
        f"fields list {ID} --model hris_employees --type default --disabled --search SHIRT",
        lambda lines: all(
            line["model"] == "hris_employees" and line["type"] == "DEFAULT" and "shirt" in line["label"].lower()
            for line in lines
            if line["label"]
        ),
        "54 of 4,321 fields.\n",
    ),
    "fields list, none": Case(
        f"fields list {ID} --enabled", lambda lines: not lines, "None of the 4,321 fields matches.\n"
    ),
    "custom-fields map to an id": Case(
        f"custom-fields map {ID} diet hxQpKVewYsrpTTTqkNyKDTqD",
        lambda lines: lines[0]["integration_field"]["key"] == "dynamic_1000000",
        f"The change shows after the next sync: kombo-async sync {ID}\n",
    ),
    "custom-fields map --clear": Case(
        f"custom-fields map {ID} pension_rate --clear --quiet", lambda lines: lines[0]["integration_field"] is None
    ),
}
"""Others of their options, in this process."""


@pytest.fixture(scope="module", autouse=True)
def runs(local: SandboxThread) -> Iterator[dict[str, Future[subprocess.CompletedProcess[str]]]]:
    """All of them, two at a time."""
    names = {category: local.integration_id_of(category.upper()) for category in ("ats", "lms")}
    with ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(run_command, *case.arguments.format(**names).split(), **settings(local))
            for name, case in COMMANDS.items()
        }


def check(case: Case, written: str, notes: str) -> None:
    """See that a command wrote what it should."""
    assert notes == case.notes
    assert case.holds([json.loads(line) for line in written.splitlines()])
    assert KEY not in written


@pytest.mark.parametrize("name", COMMANDS)
def test_results_in_a_pipe_are_json_lines(name: str, runs) -> None:
    done = runs[name].result()
    check(COMMANDS[name], done.stdout, done.stderr)
    assert done.returncode == 0


@pytest.mark.parametrize("name", VARIANTS)
def test_options_select_the_results(name: str, local, monkeypatch, capsys) -> None:
    for variable, value in settings(local).items():
        monkeypatch.setenv(variable, value)
    code = main(VARIANTS[name].arguments.split())
    written = capsys.readouterr()
    check(VARIANTS[name], written.out, written.err)
    assert code == 0


def test_changes_took_effect_at_kombo(runs, local) -> None:
    for started in runs.values():
        started.result()
    assert local.executions["trigger_sync"] >= 1
    assert local.executions["set_integration_enabled"] >= 1
    assert local.executions["update_custom_field_mapping"] >= 1


def test_existing_mapping_is_left_alone(local, monkeypatch, capsys) -> None:
    for name, value in settings(local).items():
        monkeypatch.setenv(name, value)
    before = local.executions["update_custom_field_mapping"]
    target = "hris_employees/CUSTOM/dynamic_1000006"
    assert main(["custom-fields", "map", ID, "shirt_size", target]) == 0
    written = capsys.readouterr()
    assert (written.err, json.loads(written.out)["key"]) == ("", "shirt_size")
    assert local.executions["update_custom_field_mapping"] == before


def test_force_color_does_not_make_a_file_a_terminal(local) -> None:
    done = run_command("check-key", FORCE_COLOR="1", **settings(local))
    assert (set(json.loads(done.stdout)), done.stderr) == ({"environment_id", "customer_id"}, "")


def test_verbose_prints_requests_waits_and_retries(local) -> None:
    from kombo_async.sandbox import Fault

    local.faults.add(Fault.rate_limited(0.1), path="/check-api-key")
    local.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path="/check-api-key", after=1)
    done = run_command("check-key", "--verbose", **settings(local))
    message = [line.partition(": ")[2] for line in done.stderr.splitlines()]
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert message[:2] == ["sent", "answered 429 PLATFORM.RATE_LIMIT_EXCEEDED"]
    assert message[2].startswith("refused because of a limit, PLATFORM.RATE_LIMIT_EXCEEDED; waits ")
    assert message[3].startswith("sent again, attempt 2")
    assert message[5].startswith("failed with PLATFORM.UNKNOWN_ERROR; waits ")
    assert message[-1] == "answered 200"


def test_closed_pipe_ends_a_list_without_a_traceback(local, start) -> None:
    process = start("fields", "list", ID, env={**os.environ, **settings(local)})
    assert process.stdout.readline().startswith("{")
    process.stdout.close()
    assert process.wait() == 1
    assert "Traceback" not in (message := process.stderr.read())
    assert "Error" not in message
