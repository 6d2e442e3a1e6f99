"""`kombo-async read`: the files, streams and terminals that records go to."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kombo_async.cli import main
from kombo_async.cli.encoding import unreadable_lines
from kombo_async.cli.files import PartFile
from kombo_async.cli.sinks import Sink
from kombo_async.cli.terminal import escape_controls
from kombo_async.models.common import Unreadable
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.command_line import KEY, environment, on_a_terminal, run, run_command_on_terminal, settings
from ..support.forked import command_for_shells

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"


def test_output_file_appears_when_it_is_complete(here, tmp_path, capsys) -> None:
    command = ["read", "hris", "employees", ID, "--page-size", "50", "-o", "people.jsonl"]
    path = tmp_path / "people.jsonl"
    # The third page is refused.
    here.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path="/hris/employees", after=2)
    assert main(command) == 1
    assert not any(tmp_path.iterdir())
    message = (
        "The list was not read to its end: 100 records were read, and people.jsonl is not written; "
        "with --resume they would be kept."
    )
    assert capsys.readouterr().err.splitlines()[0] == message
    here.faults.clear()

    path.write_text("older")
    path.chmod(0o640)
    here.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path="/hris/employees", after=1)
    assert main(command) == 1
    assert (path.read_text(), len([*tmp_path.iterdir()])) == ("older", 1)
    assert "people.jsonl is as it was before" in capsys.readouterr().err
    here.faults.clear()

    assert main(command) == 0
    assert capsys.readouterr().err == "115 records in people.jsonl.\n"
    assert path.read_bytes().count(b"\n") == 115
    assert ([*tmp_path.iterdir()], stat.S_IMODE(path.stat().st_mode)) == ([path], 0o640)


@pytest.mark.skipif(sys.platform == "win32", reason="of links and devices")
def test_links_and_devices_are_written_through(here, tmp_path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert main(["read", "hris", "locations", ID, "--limit", "2", "--output", "link"]) == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes().count(b"\n") == 2
    assert main(["read", "hris", "locations", ID, "--output", os.devnull]) == 0
    assert not Path(os.devnull).is_file()
    umask = os.umask(0o027)
    try:
        assert main(["read", "hris", "locations", ID, "--limit", "2", "--output", "new"]) == 0
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_limit_requests_no_more_records_than_needed(here, capsys) -> None:
    before = len(here.requests)
    assert main(["read", "integration-fields", ID, "--limit", "3"]) == 0
    assert capsys.readouterr().out.count("\n") == 3
    assert main(["read", "integration-fields", ID, "--limit", "5", "--page-size", "3"]) == 0
    assert capsys.readouterr().out.count("\n") == 5
    assert len(here.requests) == before + 1 + 2


def test_empty_list_is_explained(here, capsys) -> None:
    assert main(["read", "hris", "employees", ID, "--ids", "nobody", "--format", "csv"]) == 0
    written = capsys.readouterr()
    assert written.out.startswith("id,remote_id,")
    assert written.out.count("\n") == 1
    assert written.err.startswith("0 records.\n")
    assert "--ignore-unsupported-filters" in written.err
    here.faults.add(Fault.json({"status": "success", "data": {"results": [], "next": None}}))
    assert main(["read", "integration-fields", ID]) == 0
    assert "https://app.kombo.dev/scope-config" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_ctrl_c_during_a_read_leaves_no_file_behind(start, tmp_path) -> None:
    with SandboxThread(SandboxConfig(latency=0.1), api_key=KEY) as slow:
        command = ["read", "integration-fields", ID, "--page-size", "10", "--output", "x.csv"]
        process: subprocess.Popen[str] = start(*command, cwd=tmp_path, env=environment(**settings(slow)))
        while len(slow.requests) < 5:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, message = process.communicate()
        assert (process.returncode, out) == (130, "")
        assert re.fullmatch(
            r"Interrupted: \d+ records were read, and x.csv is not written; with --resume they would be kept\.\n",
            message,
        )
        assert not any(tmp_path.iterdir())

        path, message = tmp_path / "out", tmp_path / "message"
        with path.open("wb") as file, message.open("wb") as errors:
            process = start(*command[:-2], env=environment(**settings(slow)), stdout=file, stderr=errors)
            while not path.stat().st_size:
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait() == 130
        records = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert message.read_text() == f"Interrupted: {len(records):,} records are written.\n"


def test_closed_pipe_ends_a_read_without_a_traceback(start, local) -> None:
    process = start("read", "integration-fields", ID, env=environment(**settings(local)))
    assert json.loads(process.stdout.readline())
    process.stdout.close()
    assert process.wait() == 1
    assert process.stderr.read() == ""


@on_a_terminal
def test_read_into_a_file_shows_a_bar_on_the_terminal(tmp_path) -> None:
    with SandboxThread(SandboxConfig(latency=0.1, fields=300), api_key=KEY) as sandbox:
        options = ("--page-size", "60", "--output", str(tmp_path / "x.csv"))
        code, written = run_command_on_terminal("read", "integration-fields", ID, *options, **settings(sandbox))
        assert code == 0
        shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written).replace("\r", "")
        assert re.search(r"integration-fields .{10,} (60|120|180|240|300) 0:00:0\d", shown)
        assert shown.endswith(f"300 records in {tmp_path / 'x.csv'}.\n") or "300 records in" in shown
        quiet = run_command_on_terminal("read", "integration-fields", ID, *options, "-q", **settings(sandbox))
        assert quiet == (0, "")
        # Where they pass by on the terminal, a bar would be in their way.
        options = ("--limit", "2", "--json")
        code, written = run_command_on_terminal("read", "hris", "locations", ID, *options, **settings(sandbox))
        assert (code, written.count("\n"), written.count("\x1b")) == (0, 3, 0)
        assert [json.loads(line)["id"] for line in written.splitlines()[:2]]


def test_control_characters_in_records_are_escaped() -> None:
    text = "a\x1b]0;x\x07\tb\r\nc\u009bd\u202ee\u2066f\rg\u00e9\u2030"
    escaped = "a\\u001b]0;x\\u0007\tb\r\nc\\u009bd\\u202ee\\u2066f\\u000dg\u00e9\u2030"
    assert escape_controls(text.encode()).decode() == escaped


HOSTILE = "a\u009b31m\x7f\u202eb\u061c\u2066"
HOSTILE_PAGE = f'{{"status":"success","data":{{"results":[{{"id":"{HOSTILE}","label":"{HOSTILE}"}}],"next":null}}}}'


@pytest.mark.parametrize(
    ("command", "page"),
    [
        (["read", "hris", "locations", ID], HOSTILE_PAGE),
        (["read", "hris", "locations", ID, "-o", "out"], HOSTILE_PAGE),
        (["read", "hris", "employees", ID, "--unreadable", "out"], HOSTILE_PAGE.replace("label", 'x":NaN,"label')),
        (["request", "GET", "/hris/locations", "--integration", ID], HOSTILE_PAGE),
    ],
    ids=["pipe", "file", "unreadable", "request"],
)
def test_json_output_has_no_control_characters_and_the_same_values(command, page, here, capsys) -> None:
    here.faults.add(Fault.text(page, status=200))
    assert main(command) == (4 if "--unreadable" in command else 0)
    out = capsys.readouterr().out
    written = Path("out").read_bytes().decode() if "out" in command else out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u202e\u2066]", written)
    (line,) = (json.loads(each) for each in written.splitlines())
    assert (line["id"] if "id" in line else line["results"][0]["id"]) == HOSTILE


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes of this kind on Windows")
def test_unreadable_records_can_go_to_a_named_pipe(here) -> None:
    os.mkfifo("odd")
    here.faults.add(Fault.text(ODD_PAGE.decode(), status=200))
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(Path("odd").read_bytes)
        assert main(["read", "hris", "employees", ID, "-o", "out.jsonl", "--unreadable", "odd"]) == 4
        assert json.loads(reading.result(20))["id"] == "c"
    assert Path("odd").is_fifo()


@pytest.mark.skipif(sys.platform == "win32", reason="of links")
@pytest.mark.parametrize("options", [["-o", "a"], ["--unreadable", "a"], ["-o", "out", "--resume", "a"]])
def test_output_name_that_is_a_loop_of_links_is_refused(options, here, capsys) -> None:
    Path("a").symlink_to("b")
    Path("b").symlink_to("a")
    assert main(["read", "hris", "locations", ID, *options]) in {1, 2}
    assert re.search("a: Too many levels of symbolic links|a is a link", capsys.readouterr().err)
    assert sorted(path.name for path in Path().iterdir()) == ["a", "b"]


def test_output_name_may_be_as_long_as_a_name_can_be(here) -> None:
    for name in ("x" * 255, "\u00e9" * 127):
        assert main(["read", "hris", "locations", ID, "-q", "-o", name, "--resume", name[1:]]) == 0
        assert Path(name).stat().st_size > 0


@pytest.mark.parametrize("name", ["e.arrow", "e.xlsx", "e.json", "e.jsonl.gz", "e.txt"])
def test_output_name_with_an_unknown_ending_is_refused_with_the_formats(name: str, here, capsys) -> None:
    assert main(["read", "hris", "locations", ID, "--output", name]) == 2
    said = capsys.readouterr().err
    assert all(known in said for known in (".jsonl", ".ndjson", ".csv", ".parquet", "--format"))
    assert not any(Path().iterdir())
    assert main(["read", "hris", "locations", ID, "--output", name, "--format", "jsonl"]) == 0


def test_read_that_is_interrupted_after_its_end_says_that_it_is_complete(tmp_path) -> None:
    sink = Sink(PartFile(tmp_path / "out"), None, "out")
    with sink:
        sink.write(b"{}\n", 1, None)
        assert "is not written" in sink.progress_summary()
    assert sink.progress_summary() == "1 records are written in out"


ODD_PAGE = (
    b'{"status":"success","data":{"results":[{"id":"a","new":1},\n {"id":"b",\n"first_name":{}},'
    b'{"id":"c","first_name":NaN},{"id":"d"}],"next":null}}'
)


@pytest.mark.parametrize(
    ("options", "written", "unreadable"),
    [
        (["-o", "out.jsonl"], ["a", "b", "d"], ["c"]),
        (["-o", "out.csv"], ["a", "d"], ["b", "c"]),
        (["-o", "out.jsonl", "--resume", "state"], ["a", "b", "d"], ["c"]),
        ([], ["a", "b", "d"], ["c"]),
    ],
)
def test_unreadable_records_are_written_to_their_own_file(options, written, unreadable, here, capsys) -> None:
    here.faults.add(Fault.text(ODD_PAGE.decode(), status=200))
    command = ["read", "hris", "employees", ID, *options]
    assert main([*command, "--unreadable", "odd.jsonl"]) == 4
    said = capsys.readouterr()
    many = "1 record" if len(unreadable) == 1 else "2 records"
    assert f"{many} could not be read: see odd.jsonl." in said.err
    data = Path(options[1]).read_text(encoding="utf-8") if options else said.out
    if options and options[1].endswith(".csv"):
        assert [line.partition(",")[0] for line in data.splitlines()] == ["id", *written]
    else:
        assert [json.loads(line)["id"] for line in data.splitlines()] == written
        assert data.startswith('{"id":"a","new":1}\n')
    kept = [json.loads(line) for line in Path("odd.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in kept] == unreadable
    assert all(each["problems"] for each in kept)
    assert kept[-1]["raw"] == '{"id":"c","first_name":NaN}'
    assert sorted(path.name for path in Path().iterdir()) == sorted({"odd.jsonl", *options[1:2]})


def test_unreadable_record_ends_a_read_without_a_file_for_it(here, capsys) -> None:
    here.faults.add(Fault.text(ODD_PAGE.decode(), status=200))
    assert main(["read", "hris", "employees", ID, "-o", "out.jsonl"]) != 0
    assert "results[2]" in capsys.readouterr().err
    assert not [*Path().iterdir()]


def test_bytes_of_unreadable_records_are_kept_as_text_or_base64() -> None:
    odd = [Unreadable(id=None, raw=b'{"id":"\xe9"}', problems=("not UTF-8",))]
    (line,) = (json.loads(each) for each in unreadable_lines(odd).splitlines())
    assert base64.b64decode(line["raw_base64"]) == b'{"id":"\xe9"}'


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell of this kind on Windows")
@pytest.mark.parametrize(
    ("redirection", "code"),
    [
        (">&-", 1),
        ("2>&-", 0),
        (">/dev/full", 1),
        (">&- 2>&-", 1),
        ("<&-", 0),
        ("-o out >&- 2>&-", 0),
        ("2>/dev/full", 0),
        ("2>&1 | true", 0),
    ],
)
def test_closed_or_full_streams_end_a_read_without_a_traceback(redirection, code, local, tmp_path) -> None:
    line = f"{command_for_shells()} read hris locations {ID} {redirection}"
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=tmp_path,
        env=environment(**settings(local)),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


def test_memory_of_a_read_does_not_grow_with_the_list(local) -> None:
    """Forty thousand fields, which are 16 MB as objects; a million are read by `python -m benchmarks.cli`."""
    code = (
        "import sys; from kombo_async.cli import main; from benchmarks.machine import peak_memory;"
        "assert main(sys.argv[1:]) == 0; print(peak_memory(), file=sys.stderr)"
    )
    peaks: list[int] = []
    with SandboxThread(SandboxConfig(fields=40_000), api_key=KEY) as sandbox:
        for limit in ("4000", "40000"):
            command = ("read", "integration-fields", ID, "--quiet", "--limit", limit)
            done = run(sys.executable, "-c", code, *command, **settings(sandbox))
            assert done.stdout.count("\n") == int(limit)
            peaks.append(int(done.stderr))
    assert peaks[1] - peaks[0] < 8 * 1024**2
