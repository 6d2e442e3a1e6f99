"""`kombo-async read --resume`: wherever a run ends, the next one continues, and no record is lost or written twice."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cyclopts import App

from kombo_async.cli import main
from kombo_async.cli.files import PartFile
from kombo_async.cli.sinks import ResumableSink
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.command_line import KEY, environment, settings

if sys.platform != "win32":
    import fcntl

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"
FIELDS = ["read", "integration-fields", ID]
RESUMED = ["--output", "out", "--resume", "state"]
SMALL = ["--page-size", "30"]
CONFIG = SandboxConfig(fields=300, integrations=2)

needs_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="there are no links or signals of this kind on Windows"
)


@pytest.fixture(scope="module")
def local():
    with SandboxThread(CONFIG, api_key=KEY) as sandbox:
        yield sandbox


def whole(*options: str) -> bytes:
    """What an uninterrupted run writes."""
    assert main([*FIELDS, "--output", "whole", "--quiet", *options]) == 0
    data = Path("whole").read_bytes()
    Path("whole").unlink()
    return data


def saved_records(state: Path) -> int:
    return int(json.loads(state.read_bytes())["records"]) if state.exists() else 0


def part_file() -> Path:
    """The temporary file of the records, by the name that the resume file holds."""
    return Path(json.loads(Path("state").read_bytes())["files"][0]["part"])


def interrupt(*options: str) -> None:
    """Let a run end at its fourth page."""
    with pytest.MonkeyPatch.context() as patch:
        pages = iter(range(3))
        real = ResumableSink._save

        def save(self: ResumableSink, cursor: str | None) -> None:
            real(self, cursor)
            if next(pages, None) is None:
                raise KeyboardInterrupt

        patch.setattr(ResumableSink, "_save", save)
        assert main([*FIELDS, *RESUMED, *SMALL, *options]) == 130


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way there")
def test_read_killed_repeatedly_equals_an_uninterrupted_read(start, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    with SandboxThread(SandboxConfig(fields=4_000, latency=0.01), api_key=KEY) as slow:
        settled = environment(**settings(slow))
        command = [*FIELDS, *RESUMED, "--format", "csv"]
        state, message = Path("state"), ""
        for number in [signal.SIGKILL, signal.SIGKILL, signal.SIGINT]:
            before = saved_records(state)
            process: subprocess.Popen[str] = start(*command, "--page-size", "20", env=settled)
            while saved_records(state) == before:
                assert process.poll() is None
            time.sleep(0.05)  # a few pages more
            process.send_signal(number)
            message = process.communicate()[1]
            assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
            assert not Path("out").exists()
            assert 0 < json.loads(state.read_bytes())["records"] < 4_000
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
        assert "records are kept; the same command resumes there.\n" in message
        # In large pages, to end sooner.
        last = start(*command, env=settled)
        assert "4,000 records in out.\n" in last.communicate()[1]
        assert last.returncode == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
        for name, value in settings(slow).items():
            monkeypatch.setenv(name, value)
        assert Path("out").read_bytes() == whole("--format", "csv")


class Killed(KeyboardInterrupt):
    """What a system call raises instead of doing its work, from the moment on at which a test kills the process."""


def kill_after(patch: pytest.MonkeyPatch, count: int) -> list[str]:
    """Let only the first *count* system calls on files do anything; return the names of the calls, as they are made."""
    made: list[str] = []

    def replace(name: str) -> None:
        real = getattr(os, name)

        def call(*given, **options):
            made.append(name)
            if len(made) > count:
                raise Killed
            return real(*given, **options)

        patch.setattr(os, name, call)

    for name in ("open", "link", "replace", "unlink", "fsync", "fchmod"):
        replace(name)
    return made


@pytest.fixture
def parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each command line be parsed only once: that takes longer than the command."""
    parse, parsed = App.parse_args, {}

    def parse_args(self, tokens, **options):
        key = tuple(tokens)
        if key not in parsed:
            parsed[key] = parse(self, tokens, **options)
        return parsed[key]

    monkeypatch.setattr(App, "parse_args", parse_args)


@needs_posix
@pytest.mark.usefixtures("parsed_once")
@pytest.mark.parametrize(
    "options",
    [(), ("--format", "csv", "--spreadsheet", "--unreadable", "odd"), ("--limit", "220", "--unreadable", "odd")],
)
def test_read_killed_at_any_system_call_on_files_can_be_resumed(options, here, monkeypatch) -> None:
    wanted = whole(*options)
    for path in Path().iterdir():
        path.unlink()
    count = 0
    while True:
        with monkeypatch.context() as patch:
            made = kill_after(patch, count)
            code = main([*FIELDS, *RESUMED, "--page-size", "150", "-q", *options])
        if len(made) <= count:
            break
        assert code != 0
        if not Path("out").exists() or Path("state").exists():
            assert main([*FIELDS, *RESUMED, "-q", *options]) == 0
        assert Path("out").read_bytes() == wanted
        leftovers = {path.name for path in Path().iterdir()} - {"out", "odd"}
        # Nothing knows the name of a resume file whose first creation was cut short; it holds no records.
        assert all(re.fullmatch(r"\.state\.\w{16}\.part", name) for name in leftovers)
        for path in Path().iterdir():
            path.unlink()
        count += 1
    assert code == 0
    assert count > 15
    assert Path("out").read_bytes() == wanted


def test_read_killed_before_its_last_rename_is_finished_without_a_request(here, monkeypatch, capsys) -> None:
    wanted = whole()
    with monkeypatch.context() as patch:
        patch.setattr(PartFile, "commit", lambda self: (_ for _ in ()).throw(KeyboardInterrupt))
        assert main([*FIELDS, *RESUMED]) == 130
    before = len(here.requests)
    part, state = part_file().read_bytes(), Path("state").read_bytes()
    assert main([*FIELDS, *RESUMED]) == 0
    assert (Path("out").read_bytes(), [*Path().iterdir()]) == (wanted, [Path("out")])
    # The same if the file was renamed already.
    Path("state").write_bytes(state)
    assert main([*FIELDS, *RESUMED]) == 0
    assert (Path("out").read_bytes(), [*Path().iterdir()]) == (part, [Path("out")])
    assert len(here.requests) == before
    assert capsys.readouterr().err.endswith("300 records in out.\n")
    # But not if another file has its name.
    Path("state").write_bytes(state)
    Path("out").write_text("older")
    assert main([*FIELDS, *RESUMED]) == 2
    assert "To start over, delete state" in capsys.readouterr().err


def test_bytes_after_the_last_saved_cursor_are_cut_off(here) -> None:
    interrupt()
    with part_file().open("ab") as file:
        file.write(b'{"id":"half of a')
    assert main([*FIELDS, *RESUMED]) == 0
    assert Path("out").read_bytes() == whole()


def test_error_keeps_the_records_so_far(here, capsys) -> None:
    here.faults.add(Fault.error("PLATFORM.INPUT_INVALID", "The cursor is too old."), after=4)
    assert main([*FIELDS, *RESUMED, *SMALL]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "The list was not read to its end: 120 records are kept; the same command resumes there."
    assert lines[1].startswith("If Kombo no longer accepts the cursor")
    assert "The cursor is too old." in lines[2]
    here.faults.clear()
    assert main([*FIELDS, *RESUMED]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "Continuing after 120 records."
    assert Path("out").read_bytes() == whole()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["read", "custom-fields", ID], 'with list "integration-fields" and not "custom-fields"'),
        (["read", "integration-fields", "workday:x"], f'with integration "{ID}" and not "workday:x"'),
        ([*FIELDS, "--format", "csv"], 'with format "jsonl" and not "csv"'),
        ([*FIELDS, "--limit", "290"], "with limit null and not 290"),
        ([*FIELDS, "--region", "us"], 'with address "http'),
    ],
)
def test_resume_file_of_another_read_is_refused(command, says, here, capsys) -> None:
    interrupt()
    kept = {path: path.read_bytes() for path in Path().iterdir()}
    capsys.readouterr()
    assert main([*command, *RESUMED]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert f": state belongs to another read, {says}" in first
    assert first.endswith(": name another file, or delete it to start over")
    assert second.startswith("See kombo-async read ")
    assert {path: path.read_bytes() for path in Path().iterdir()} == kept


def test_resume_file_of_a_read_with_other_filters_is_refused(here, capsys) -> None:
    command = ["read", "hris", "employees", ID, "--output", "people", "--resume", "state", "--page-size", "10"]
    here.faults.add(Fault.error("PLATFORM.INPUT_INVALID"), after=2)
    assert main([*command, "--updated-after", "2026-01-01"]) == 1
    capsys.readouterr()
    assert main([*command, "--updated-after", "2026-02-01"]) == 2
    message = 'with filters {"updated_after":"2026-01-01"} and not {"updated_after":"2026-02-01"}'
    assert message in capsys.readouterr().err
    here.faults.clear()
    assert main([*command, "--updated-after", "2026-01-01"]) == 0


@pytest.mark.parametrize("change", ["gone", "short", "other"])
def test_changed_part_file_is_refused(change, here, capsys) -> None:
    interrupt()
    part = part_file()
    match change:
        case "gone":
            part.unlink()
        case "short":
            part.write_bytes(part.read_bytes()[:-1])
        case _:
            part.write_bytes(part.read_bytes()[:-9] + b"something")
    capsys.readouterr()
    assert main([*FIELDS, *RESUMED]) == 2
    says = "is gone" if change == "gone" else "was changed since the last run"
    assert f"{part} {says}. To start over, delete state" in capsys.readouterr().err
    assert part.exists() is (change != "gone")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"read":{},"cursor":7}', "\xff"])
def test_file_that_is_not_a_resume_file_is_left_alone(content: str, here, capsys) -> None:
    Path("state").write_text(content, encoding="latin-1")
    assert main([*FIELDS, *RESUMED]) == 2
    assert "state is not a resume file of this command" in capsys.readouterr().err
    assert [*Path().iterdir()] == [Path("state")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock on Windows")
def test_second_run_at_the_same_time_is_refused(here, capsys) -> None:
    interrupt()
    with part_file().open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert main([*FIELDS, *RESUMED]) == 2
        assert f"another run is writing {part_file()} now" in capsys.readouterr().err
    assert main([*FIELDS, *RESUMED]) == 0


def test_older_file_stays_until_the_new_one_is_complete(here) -> None:
    Path("out").write_text("older")
    interrupt()
    assert Path("out").read_text() == "older"
    assert main([*FIELDS, *RESUMED]) == 0
    assert Path("out").read_bytes() == whole()


@needs_posix
@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_resume_name_that_is_not_a_plain_file_is_refused(kind: str, here, capsys) -> None:
    victim = Path("victim")
    match kind:
        case "link":
            victim.write_text("precious")
            Path("state").symlink_to(victim)
        case "dangling link":
            Path("state").symlink_to(victim)
        case "folder":
            Path("state").mkdir()
        case _:
            os.mkfifo("state")
    assert main([*FIELDS, *RESUMED]) in {1, 2}
    assert "state" in capsys.readouterr().err
    assert not victim.exists() or victim.read_text() == "precious"
    assert sorted(path.name for path in Path().iterdir()) == sorted({"state", *(["victim"] if kind == "link" else [])})


@needs_posix
def test_files_of_other_programs_under_likely_names_are_left_alone(here) -> None:
    for name in ("out.part", "state.new", ".out.part"):
        Path(name).write_text("not ours")
    assert main([*FIELDS, *RESUMED, "-q"]) == 0
    assert main([*FIELDS, "--output", "out", "-q"]) == 0
    assert {Path(name).read_text() for name in ("out.part", "state.new", ".out.part")} == {"not ours"}


@needs_posix
def test_part_file_that_was_replaced_by_a_link_is_refused(here, capsys) -> None:
    interrupt()
    part, victim = part_file(), Path("victim")
    victim.write_bytes(part.read_bytes())
    part.unlink()
    part.symlink_to(victim)
    before = victim.read_bytes()
    assert main([*FIELDS, *RESUMED]) == 2
    assert "is a link" in capsys.readouterr().err
    assert victim.read_bytes() == before


@needs_posix
def test_complete_file_has_the_permissions_of_a_new_file_or_of_the_one_it_replaces(here) -> None:
    mask = os.umask(0o027)
    try:
        assert main([*FIELDS, "--output", "out", "-q"]) == 0
        assert Path("out").stat().st_mode & 0o777 == 0o640
        Path("out").chmod(0o604)
        assert main([*FIELDS, *RESUMED, "-q"]) == 0
        assert Path("out").stat().st_mode & 0o777 == 0o604
    finally:
        os.umask(mask)


@needs_posix
def test_part_file_with_a_second_name_is_refused(here, capsys) -> None:
    interrupt()
    Path("precious").hardlink_to(part_file())
    before = Path("precious").read_bytes()
    assert main([*FIELDS, *RESUMED]) == 2
    assert "has a second name" in capsys.readouterr().err
    assert Path("precious").read_bytes() == before


@needs_posix
def test_file_system_without_hard_links_takes_a_resume_file(here, monkeypatch) -> None:
    def refuse(*_given, **_options) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    interrupt()
    assert Path("state").stat().st_mode & 0o777 == 0o600
    assert main([*FIELDS, *RESUMED]) == 0
    assert Path("out").read_bytes() == whole()
    assert [path.name for path in Path().iterdir()] == ["out"]


OPTIONS = pytest.mark.parametrize("option", ["--output", "--unreadable"])


def write_to(name: str, option: str) -> int:
    return main([*FIELDS, option, name, *(["--output", "out"] if option == "--unreadable" else [])])


def give_away(name: str) -> int:
    """Let *name* belong to another user than root, if root runs the tests; return its owner."""
    if os.geteuid() == 0:
        os.chown(name, 65_534, 65_534, follow_symlinks=False)
    return Path(name).lstat().st_uid


# In a folder that all users may write to, another user could have put these there before.


@needs_posix
@OPTIONS
def test_link_of_another_user_is_refused(option: str, here, monkeypatch, capsys) -> None:
    Path("victim").write_text("precious")
    Path("planted").symlink_to("victim")
    owner = give_away("planted")
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert write_to("planted", option) == 2
    assert "another user" in capsys.readouterr().err
    assert Path("victim").read_text() == "precious"
    assert not list(Path().glob("*.part"))


@needs_posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() != 0, reason="only root can give a link to another user")
@OPTIONS
def test_own_link_to_a_link_of_another_user_is_refused(option: str, here, monkeypatch, capsys) -> None:
    Path("victim").write_text("precious")
    Path("planted").symlink_to("victim")
    give_away("planted")
    Path("own").symlink_to("planted")
    monkeypatch.setattr(os, "geteuid", lambda: Path("own").lstat().st_uid)
    assert write_to("own", option) == 2
    assert "another user" in capsys.readouterr().err
    assert Path("victim").read_text() == "precious"
    assert not list(Path().glob("*.part"))


@needs_posix
@OPTIONS
def test_pipe_of_another_user_gets_nothing(option: str, here, monkeypatch, capsys) -> None:
    os.mkfifo("planted")
    reader = os.open("planted", os.O_RDONLY | os.O_NONBLOCK)
    owner = give_away("planted")
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert write_to("planted", option) == 2
    assert "neither a device nor a pipe of this user" in capsys.readouterr().err
    assert os.read(reader, 1) == b""
    os.close(reader)
