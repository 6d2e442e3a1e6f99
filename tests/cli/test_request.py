"""`kombo-async request` and `kombo-async passthrough`: what is sent, what is printed, and the exit code."""

from __future__ import annotations

import base64
import json
import re

import pytest

from kombo_async.cli import main
from kombo_async.cli.console import Output
from kombo_async.cli.json_io import print_json, print_text
from kombo_async.cli.options import CommandOptions
from kombo_async.sandbox import Fault

from ..support.command_line import KEY, on_a_terminal, run_command, run_command_on_terminal, settings

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"
API = "personio/personnel"


def call(capsys, *command: str) -> dict:
    """Run a command that prints one line of JSON."""
    assert main([*command]) == 0
    return json.loads(capsys.readouterr().out)


def test_request_prints_the_data_of_any_endpoint(here, capsys) -> None:
    assert call(capsys, "request", "GET", "/check-api-key").keys() == {"customer_id", "environment_id"}
    page = call(
        capsys,
        *("request", "GET", "/hris/employees", "--integration", ID, "--param", "page_size=2"),
        *("--param", "employment_statuses=ACTIVE", "--param", "employment_statuses=LEAVE"),
    )
    assert len(page["results"]) == 2
    query = [("page_size", "2"), ("employment_statuses", "ACTIVE,LEAVE")]
    assert here.requests[-1].query == query
    assert here.requests[-1].headers["X-Integration-Id"] == ID
    assert call(capsys, "request", "PUT", f"/integrations/{ID}/enabled", "--data", '{"value": true}') == {}
    assert json.loads(here.requests[-1].body) == {"value": True}


def test_request_body_is_read_from_a_file_or_standard_input(here, tmp_path, capsys) -> None:
    (tmp_path / "body.json").write_bytes(b'\xef\xbb\xbf{"value": true}\n')
    path = f"/integrations/{ID}/enabled"
    assert call(capsys, "request", "PUT", path, "--data", "@body.json") == {}
    done = run_command("request", "PUT", path, "--data", "-", stdin='{"value": true}', **settings(here))
    assert (done.returncode, done.stdout, done.stderr) == (0, "{}\n", "")
    assert [json.loads(request.body) for request in [*here.requests][-2:]] == [{"value": True}] * 2


def test_warnings_are_printed_to_standard_error(here, capsys) -> None:
    command = ["passthrough", API, "GET", "/warn", ID]
    assert main(command) == 0
    written = capsys.readouterr()
    warnings = json.loads(written.out)["warnings"]
    assert written.err == "".join(f"Kombo warns: {warning['message']}\n" for warning in warnings) != ""
    body = json.dumps({"method": "GET", "path": "/warn"})
    command = ["request", "POST", f"/passthrough/{API}", "--integration", ID, "--data", body]
    assert main(command) == 0
    assert capsys.readouterr().err == written.err
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("request GET hris/employees", "path starts with one /"),
        ("request FETCH /hris/employees", "METHOD"),
        ("request GET /x --param x", "--param is written KEY=VALUE, not 'x'"),
        ("request GET /x --data {}", "a GET has no body"),
        ("request POST /x --data {", "--data is not JSON: "),
        ("request POST /x --data NaN", "the body contains nan"),
        ("request POST /x --data @twice", "twice is not UTF-8 text"),
        ("passthrough personio GET /x i:1", "TOOL/API is written like personio/personnel"),
        ("passthrough a/b GET /x i:1 --param a=1 --param a=2", "--param has a twice"),
        ("passthrough a/b POST /x i:1 --data 1 --text 1", "--data and --text exclude each other"),
        ("passthrough a/b GET /x", "ID"),
    ],
)
def test_wrong_option_is_reported_before_anything_is_sent(command: str, says: str, here, tmp_path, capsys) -> None:
    (tmp_path / "twice").write_bytes(b'"\xff"')
    before = len(here.requests)
    assert main(command.split()) == 2
    lines = capsys.readouterr().err.splitlines()
    assert says in lines[0]
    assert all(line.startswith("See kombo-async ") for line in lines[1:])
    assert len(here.requests) == before


def test_missing_body_file_is_reported_in_one_line(here, capsys) -> None:
    assert main(["request", "POST", "/x", "--data", "@gone"]) == 1
    assert capsys.readouterr().err == "kombo-async request: gone: No such file or directory\n"


def test_unknown_outcome_of_a_post_is_reported_and_not_retried(here, capsys) -> None:
    here.faults.add(Fault.drop("after_execution"), times=None)
    before = len(here.requests)
    command = ["request", "POST", "/force-sync", "--data", "{}", "--integration", ID]
    assert main(command) == 3
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("kombo-async request: ")
    assert second.startswith("Check whether it was done before you send it again. See https://")
    assert len(here.requests) == before + 1


def test_passthrough_sends_all_its_options(here, capsys) -> None:
    answer = call(
        capsys,
        *("passthrough", API, "POST", "/echo", ID, "--param", "a=1=2", "--param", "b=", "--header", "X-Mine=yes"),
        *("--option", "service_name=x", "--data", '[1, {"a": null}]'),
    )
    assert answer["status"] == 200
    sent = json.loads(here.requests[-1].body)
    assert sent == {
        "method": "POST",
        "path": "/echo",
        "params": {"a": "1=2", "b": ""},
        "headers": {"X-Mine": "yes"},
        "api_options": {"service_name": "x"},
        "data": [1, {"a": None}],
    }
    assert answer["data"]["data"] == sent["data"]
    call(capsys, "passthrough", API, "POST", "/echo", ID, "--text", "<a/>")
    assert json.loads(here.requests[-1].body)["data"] == "<a/>"
    answer = call(capsys, "passthrough", API, "GET", "/company/employees", ID, "--base64")
    assert json.loads(base64.b64decode(answer["data"]))["success"] is True


@pytest.mark.parametrize(("status", "code"), [(200, 0), (302, 0), (400, 1), (404, 1), (503, 1)])
def test_fail_option_turns_an_error_of_the_tool_into_exit_code_1(status: int, code: int, here, capsys) -> None:
    command = ["passthrough", API, "GET", f"/status/{status}", ID]
    assert main(command) == 0
    written = capsys.readouterr()
    assert (json.loads(written.out)["status"], written.err) == (status, "")
    assert main([*command, "--fail"]) == code
    failed = capsys.readouterr()
    assert failed.out == written.out
    assert failed.err == ("" if code == 0 else f"kombo-async passthrough: the tool answered {status}\n")


@on_a_terminal
def test_json_on_a_terminal_is_indented(local) -> None:
    options = ("--data", '{"name": "Grüße \\u001b[31m"}')
    code, written = run_command_on_terminal("passthrough", API, "POST", "/echo", ID, *options, **settings(local))
    shown = written.replace("\r", "")
    assert code == 0
    first, rest = shown.split("\n", 1)
    assert first.startswith("200 https://")
    assert json.loads(rest)["data"] == {"name": "Grüße \x1b[31m"}
    assert '\n  "data": {\n    "name": "Grüße ' in rest
    assert not re.search(r"\x1b\[31m", written)
    code, written = run_command_on_terminal("request", "GET", "/check-api-key", "--json", **settings(local))
    assert written.count("\n") == 1


def test_control_characters_in_text_of_a_tool_are_escaped(capsys, monkeypatch) -> None:
    out = Output("x", CommandOptions())
    out.json = False
    print_text(out, "<a>\n\t\x1b]0;title\x07</a>")
    print_json(out, {"a": "\x9b"})
    assert capsys.readouterr().out == '<a>\n\t\\u001b]0;title\\u0007</a>\n{\n  "a": "\\u009b"\n}\n'
    assert KEY not in repr(out)
