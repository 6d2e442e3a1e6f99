"""`kombo-async read --resume`: whenever it ends, the next run goes on, and no record is lost or comes twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kombo_async.cli import main, saving
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from .conftest import COMMAND, KEY, environment, settings

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"
FIELDS = ["read", "integration-fields", ID]
RESUMED = ["--output", "out", "--resume", "state"]
SMALL = ["--page-size", "100"]
CONFIG = SandboxConfig(fields=1_000, integrations=2)


@pytest.fixture(scope="module")
def local():
    with SandboxThread(CONFIG, api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
def here(local, monkeypatch, tmp_path, once) -> SandboxThread:
    for name, value in settings(local).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    local.faults.clear()
    return local


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
        real = saving.ResumableFile._keep

        def keep(self: saving.ResumableFile, cursor: str | None) -> None:
            real(self, cursor)
            if next(pages, None) is None:
                raise KeyboardInterrupt

        patch.setattr(saving.ResumableFile, "_keep", keep)
        assert main([*FIELDS, *RESUMED, *SMALL, *options]) == 130


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way there")
def test_killed_again_and_again_it_gives_what_an_uninterrupted_run_gives(start, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    with SandboxThread(SandboxConfig(fields=4_000, latency=0.01), api_key=KEY) as slow:
        settled = environment(**settings(slow))
        command = [COMMAND, *FIELDS, *RESUMED, "--page-size", "20", "--format", "csv"]
        state, told = Path("state"), ""
        for number in [signal.SIGKILL, signal.SIGKILL, signal.SIGINT]:
            before = saved_records(state)
            process: subprocess.Popen[str] = start(*command, env=settled)
            while saved_records(state) == before:
                assert process.poll() is None
            time.sleep(0.05)  # a few pages more
            process.send_signal(number)
            told = process.communicate()[1]
            assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
            assert not Path("out").exists()
            assert 0 < json.loads(state.read_bytes())["records"] < 4_000
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
        assert "records are kept; the same command resumes there.\n" in told
        last = start(*command, env=settled)
        assert "4,000 records in out.\n" in last.communicate()[1]
        assert last.returncode == 0
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
        for name, value in settings(slow).items():
            monkeypatch.setenv(name, value)
        assert Path("out").read_bytes() == whole("--format", "csv")


@pytest.mark.parametrize("options", [(), ("--format", "csv", "--spreadsheet"), ("--limit", "730")])
def test_wherever_it_breaks_off_it_goes_on(options, here, monkeypatch) -> None:
    """At each write to the disk in turn, before it and after it."""
    wanted = whole(*options)
    points = 0
    while True:
        points += 1
        left, real = [points], saving._sync

        def settle(file, left=left, real=real) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt  # what was written may be there or not
            real(file)
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(saving, "_sync", settle)
            code = main([*FIELDS, *RESUMED, "--page-size", "400", "-q", *options])
        if code == 0:
            break
        assert code == 130
        assert not Path("out").exists()
        assert main([*FIELDS, *RESUMED, "-q", *options]) == 0
        assert Path("out").read_bytes() == wanted
        Path("out").unlink()
    assert points > 2 * 2 * 2
    assert Path("out").read_bytes() == wanted


def test_the_end_of_a_run_that_did_not_come_to_its_end(here, monkeypatch, capsys) -> None:
    wanted = whole()
    with monkeypatch.context() as patch:
        patch.setattr(saving, "_rename", lambda part, path: (_ for _ in ()).throw(KeyboardInterrupt))
        assert main([*FIELDS, *RESUMED]) == 130
    before = len(here.requests)
    part, state = part_file().read_bytes(), Path("state").read_bytes()
    assert main([*FIELDS, *RESUMED]) == 0
    assert (Path("out").read_bytes(), [*Path().iterdir()]) == (wanted, [Path("out")])
    # Or it had its name already.
    Path("state").write_bytes(state)
    assert main([*FIELDS, *RESUMED]) == 0
    assert (Path("out").read_bytes(), [*Path().iterdir()]) == (part, [Path("out")])
    assert len(here.requests) == before
    assert capsys.readouterr().err.endswith("1,000 records in out.\n")
    # Or what is there under its name is something else.
    Path("state").write_bytes(state)
    Path("out").write_text("older")
    assert main([*FIELDS, *RESUMED]) == 2
    assert "To start over, delete state" in capsys.readouterr().err


def test_what_came_after_the_last_cursor_is_cut_off(here) -> None:
    interrupt()
    with part_file().open("ab") as file:
        file.write(b'{"id":"half of a')
    assert main([*FIELDS, *RESUMED]) == 0
    assert Path("out").read_bytes() == whole()


def test_an_error_keeps_what_there_is(here, capsys) -> None:
    here.faults.add(Fault.error("PLATFORM.INPUT_INVALID", "The cursor is too old."), after=4)
    assert main([*FIELDS, *RESUMED, *SMALL]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "It ended early: 400 records are kept; the same command resumes there."
    assert lines[1].startswith("If Kombo no longer takes the cursor")
    assert "The cursor is too old." in lines[2]
    here.faults.clear()
    assert main([*FIELDS, *RESUMED]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "Going on after 400 records."
    assert Path("out").read_bytes() == whole()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["read", "custom-fields", ID], 'with list "integration-fields" and not "custom-fields"'),
        (["read", "integration-fields", "workday:x"], f'with integration "{ID}" and not "workday:x"'),
        ([*FIELDS, "--format", "csv"], 'with format "jsonl" and not "csv"'),
        ([*FIELDS, "--limit", "900"], "with limit null and not 900"),
        ([*FIELDS, "--region", "us"], 'with address "http'),
    ],
)
def test_a_resume_file_of_another_read_is_refused(command, says, here, capsys) -> None:
    interrupt()
    kept = {path: path.read_bytes() for path in Path().iterdir()}
    capsys.readouterr()
    assert main([*command, *RESUMED]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert f": state belongs to another read, {says}" in first
    assert first.endswith(": name another file, or delete it to start over")
    assert second.startswith("See kombo-async read ")
    assert {path: path.read_bytes() for path in Path().iterdir()} == kept


def test_other_filters_are_another_read(here, capsys) -> None:
    command = ["read", "hris", "employees", ID, "--output", "people", "--resume", "state", "--page-size", "10"]
    here.faults.add(Fault.error("PLATFORM.INPUT_INVALID"), after=2)
    assert main([*command, "--updated-after", "2026-01-01"]) == 1
    capsys.readouterr()
    assert main([*command, "--updated-after", "2026-02-01"]) == 2
    told = 'with filters {"updated_after":"2026-01-01"} and not {"updated_after":"2026-02-01"}'
    assert told in capsys.readouterr().err
    here.faults.clear()
    assert main([*command, "--updated-after", "2026-01-01"]) == 0


@pytest.mark.parametrize("change", ["gone", "short", "other"])
def test_data_that_is_not_what_was_written_is_refused(change, here, capsys) -> None:
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
def test_a_file_that_is_no_resume_file_is_left_alone(content: str, here, capsys) -> None:
    Path("state").write_text(content, encoding="latin-1")
    assert main([*FIELDS, *RESUMED]) == 2
    assert "state is not a resume file of this command" in capsys.readouterr().err
    assert [*Path().iterdir()] == [Path("state")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no lock on Windows")
def test_two_runs_at_a_time_are_one_too_many(here, capsys) -> None:
    interrupt()
    with part_file().open("ab") as file:
        saving._lock(file, part_file())
        assert main([*FIELDS, *RESUMED]) == 2
        assert f"another run is writing {part_file()} now" in capsys.readouterr().err
    assert main([*FIELDS, *RESUMED]) == 0


def test_an_older_file_stays_until_the_new_one_is_whole(here) -> None:
    Path("out").write_text("older")
    interrupt()
    assert Path("out").read_text() == "older"
    assert main([*FIELDS, *RESUMED]) == 0
    assert Path("out").read_bytes() == whole()


needs_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="there are no links or signals of this kind on Windows"
)


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
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("resume", [False, True])
def test_signal_ends_a_read_as_ctrl_c_does(number: signal.Signals, resume: bool, start, monkeypatch, tmp_path) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip(f"{number.name} is ignored here, as by nohup, and so it is in the command")
    monkeypatch.chdir(tmp_path)
    with SandboxThread(SandboxConfig(fields=4_000, latency=0.02), api_key=KEY) as slow:
        options = RESUMED if resume else RESUMED[:2]
        command = [COMMAND, *FIELDS, *options, "--page-size", "20", "--unreadable", "odd"]
        process: subprocess.Popen[str] = start(*command, env=environment(**settings(slow)))
        while sum(each.stat().st_size for each in tmp_path.iterdir() if each.suffix == ".part") == 0:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait() == 130
        names = {path.suffix for path in tmp_path.iterdir()}
        assert names == ({"", ".part"} if resume else set())
