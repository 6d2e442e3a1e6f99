"""`fields enable` and `fields disable`: many at once, an exact count, and what failed."""

from __future__ import annotations

import json
import os
import re
import signal

import pytest

from kombo_async.cli import main
from kombo_async.cli.toggle_fields import read_field_names
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.command_line import KEY, run_command, settings

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"
BY_ID = "hxQpKVewYsrpTTTqkNyKDTqD"
BY_NAME = "hris_employees/CUSTOM/dynamic_1000006"
SHORT = "hris_employees/badge_number_11"
AMBIGUOUS = "hris_absence_types/emergency_contact_8"
PATH = "/integrations/*/integration-fields/*"


@pytest.fixture(scope="module")
def calm():
    """The sandbox of a module, in which nothing is on at first."""
    with SandboxThread(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
def fresh(monkeypatch):
    """A sandbox for one test, for the command in this process."""
    with SandboxThread(SandboxConfig(fields=200), api_key=KEY) as sandbox:
        for name, value in settings(sandbox).items():
            monkeypatch.setenv(name, value)
        yield sandbox


def outcomes(text: str) -> dict[str, str]:
    return {line["field"]: line["outcome"] for line in map(json.loads, text.splitlines())}


def test_fields_from_arguments_file_and_stdin_are_switched_once(calm, tmp_path) -> None:
    file = tmp_path / "fields"
    file.write_text(f"{SHORT}\n\n  {BY_NAME}  \n{BY_ID}\n", encoding="utf-8")
    command = ["fields", "enable", ID, BY_ID, "-", "--file", str(file)]
    stdin = json.dumps({"id": "wU3y174Bb81dFai9LopBuHwr", "key": "any"}) + "\n"
    done = run_command(*command, stdin=stdin, **settings(calm))
    names = [BY_ID, "wU3y174Bb81dFai9LopBuHwr", SHORT, BY_NAME]
    assert (done.returncode, outcomes(done.stdout)) == (0, dict.fromkeys(names, "changed"))
    assert done.stderr.splitlines() == [
        "4 of 4 switched on.",
        f"The change shows after the next sync: kombo-async sync {ID}",
    ]
    assert calm.executions["update_integration_field"] == 4

    again = run_command(*command, stdin=stdin, **settings(calm))
    assert (again.returncode, outcomes(again.stdout)) == (0, dict.fromkeys(names, "unchanged"))
    assert again.stderr == "0 of 4 switched on, 4 were on already.\n"
    off = run_command(command[0], "disable", ID, BY_ID, **settings(calm))
    assert (off.returncode, outcomes(off.stdout)) == (0, {BY_ID: "changed"})
    assert calm.executions["update_integration_field"] == 5


def test_failed_fields_are_listed_and_the_others_switched(fresh, capsys) -> None:
    fresh.faults.add(Fault.error("PLATFORM.INPUT_INVALID", "Not this one."), path=PATH, method="PATCH")
    assert main(["fields", "enable", ID, SHORT, BY_ID, BY_NAME, AMBIGUOUS, "nope"]) == 4
    written = capsys.readouterr()
    lines = {line["field"]: line for line in map(json.loads, written.out.splitlines())}
    failed = {name: line for name, line in lines.items() if line["outcome"] == "failed"}
    assert len(lines) == 5
    assert len(failed) == 3
    assert failed["nope"]["message"] == "none of the 200 fields has this name"
    both = "hris_absence_types/DEFAULT/emergency_contact_8 or hris_absence_types/CUSTOM/emergency_contact_8"
    assert failed[AMBIGUOUS]["message"] == f"several fields have this name: write {both}"
    (refused,) = {*failed} - {"nope", AMBIGUOUS}
    assert failed[refused]["code"] == "PLATFORM.INPUT_INVALID"
    assert "Not this one." in failed[refused]["message"]
    assert written.err.startswith("2 of 5 switched on, 3 failed.\n")


@pytest.mark.parametrize(
    ("fault", "code", "advised"),
    [
        (Fault.error("INTEGRATION.INACTIVE"), 1, "Switch it on: "),
        (Fault.drop(), 3, "Check the network"),
    ],
    ids=["refused", "network"],
)
@pytest.mark.usefixtures("once")
def test_exit_code_names_the_failure_if_no_field_was_switched(fault, code, advised, fresh, capsys) -> None:
    fresh.faults.add(fault, path=PATH, method="PATCH", times=None)
    assert main(["fields", "enable", ID, SHORT, BY_ID]) == code
    written = capsys.readouterr()
    assert outcomes(written.out) == {SHORT: "failed", BY_ID: "failed"}
    first, *hint_for = written.err.splitlines()
    assert first == "0 of 2 switched on, 2 failed."
    assert len(hint_for) == 1
    assert hint_for[0].startswith(advised)


def test_two_names_of_one_field_switch_it_once(fresh, capsys) -> None:
    assert main(["fields", "enable", ID, SHORT, "ioE3hxgvjEdKLR9GS5ycYT4G"]) == 0
    assert sorted(outcomes(capsys.readouterr().out).values()) == ["changed", "unchanged"]
    assert fresh.executions["update_integration_field"] == 1


def test_empty_pipe_switches_nothing(calm) -> None:
    done = run_command("fields", "enable", ID, "-", **settings(calm))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 of 0 switched on.\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "name at least one FIELD"),
        (["--bogus"], "unknown option --bogus"),
        (["--file", "{tmp}/lines"], "line 2 of {tmp}/lines is no line of `fields list`: it has no id"),
        (["--file", "{tmp}/absent"], "No such file"),
        (["--file", "{tmp}/bytes"], "decode"),
    ],
    ids=["none", "option", "line", "no file", "no text"],
)
def test_invalid_field_names_are_refused(arguments, says, fresh, capsys, tmp_path) -> None:
    (tmp_path / "lines").write_text('a\n{"key": 1}\n', encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    code = main(["fields", "enable", ID, *(argument.format(tmp=tmp_path) for argument in arguments)])
    written = capsys.readouterr()
    assert (code, written.out) == (1 if "absent" in str(arguments) else 2, "")
    assert says.format(tmp=tmp_path) in written.err
    assert not fresh.requests


def test_repeated_field_name_is_read_once() -> None:
    assert list(read_field_names(["b", "a", "b"], None)) == ["b", "a"]


def test_integration_without_fields_is_explained(monkeypatch, capsys) -> None:
    with SandboxThread(SandboxConfig(fields=0), api_key=KEY) as sandbox:
        for name, value in settings(sandbox).items():
            monkeypatch.setenv(name, value)
        assert main(["fields", "list", ID]) == 0
        written = capsys.readouterr()
        assert (written.out, written.err.count("\n")) == ("", 1)
        assert "https://app.kombo.dev/scope-config" in written.err
        assert main(["fields", "enable", ID, "x"]) == 1
        assert "https://app.kombo.dev/scope-config" in json.loads(capsys.readouterr().out)["message"]


def test_ctrl_c_reports_the_fields_switched_so_far(start) -> None:
    config = SandboxConfig(fields=400, latency=0.1)
    with SandboxThread(config, api_key=KEY) as sandbox:
        listing = start("fields", "list", ID, "-q", env={**os.environ, **settings(sandbox)})
        fields, _ = listing.communicate()
        command = ["fields", "enable", ID, "-", "-q"]
        process = start(*command, env={**os.environ, **settings(sandbox)}, stdin=-1)
        process.stdin.write(fields)
        process.stdin.close()
        process.stdin = None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        # Not communicate(), which passes by what readline() has read beyond its line.
        done, errors = first + process.stdout.read(), process.stderr.read()
        assert process.wait() == 130
        count = re.fullmatch(r"Interrupted: (\d+) of 400 switched on\.\n", errors)
        assert count is not None, errors
        assert int(count[1]) == len(outcomes(done)) < 400
        # What was under way at Kombo may have been done as well, and nothing else.
        assert int(count[1]) <= sandbox.executions["update_integration_field"] <= int(count[1]) + 20
