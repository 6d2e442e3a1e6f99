"""The command itself: help, version, mistakes, and a missing extra."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import kombo_async

from ..support.command_line import environment, run, run_command, settings
from ..support.forked import COMMAND, command_for_shells, run_program

PYTHON = sys.executable


def test_version() -> None:
    done = run(COMMAND, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{kombo_async.__version__}\n", "")


@pytest.mark.parametrize("package", ["kombo_async", "kombo_async.cli"])
def test_package_can_be_run(package: str, monkeypatch, capfd) -> None:
    monkeypatch.setattr(sys, "argv", ["kombo-async", "--version"])
    with pytest.raises(SystemExit) as ended:
        import_module(f"{package}.__main__")
    assert ended.value.code == 0
    assert capfd.readouterr() == (f"{kombo_async.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((), ["demo", "sandbox", "needs no account"]),
        (("--help",), ["demo", "sandbox", "--version"]),
        (("demo", "--help"), ["Example: kombo-async demo", "exit code"]),
        (("sandbox", "--help"), ["Example: kombo-async sandbox --port 9000", "[default: 4321]", "--latency"]),
    ],
    ids=["nothing", "--help", "demo", "sandbox"],
)
def test_overview_of_commands_fits_one_page(arguments: tuple[str, ...], wanted: list[str]) -> None:
    done = run_command(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(words in done.stdout for words in wanted)
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_help_imports_neither_the_client_nor_the_sandbox() -> None:
    code = (
        "import sys; from kombo_async.cli import main; main(['--help']);"
        "print({'aiohttp', 'msgspec', 'kombo_async.sandbox'} & {*sys.modules})"
    )
    assert run(PYTHON, "-c", code).stdout.endswith("\nset()\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nope",), '"nope"'),
        (("demo", "more"), "more"),
        (("sandbox", "--port", "many"), "--port"),
        (("sandbox", "--port", "70000"), "--port"),
        (("sandbox", "--fields", "-1"), "--fields"),
        (("sandbox", "--latency", "nan"), "--latency"),
        (("sandbox", "--window-seconds", "0"), "window_seconds must be finite and above 0"),
        (("sandbox", "--key", "two words"), "api_key must be printable ASCII without spaces"),
    ],
    ids=["command", "argument", "type", "port", "negative", "nan", "window", "key"],
)
def test_wrong_command_line_is_reported_in_one_line_with_exit_code_2(arguments: tuple[str, ...], says: str) -> None:
    done = run_command(*arguments)
    first, *others = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert first.startswith("kombo-async")
    assert says in first
    assert all(line.startswith("See kombo-async") for line in others)


def run_without(missing: str, command: str, program: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a process where a package is missing; *program* becomes a program that does so."""
    program.write_text(
        f"""
import sys
for name in [*sys.modules]:
    if name.startswith(("kombo_async.", "{missing}.")):
        del sys.modules[name]
sys.modules["{missing}"] = None  # an import of it fails
from kombo_async.cli import main
sys.exit(main(["{command}"]))
"""
    )
    return run_program(program)


@pytest.mark.parametrize(("missing", "command"), [("cyclopts", "--help"), ("rich", "demo"), ("rich", "sandbox")])
def test_missing_extra_is_reported_with_the_command_to_install_it(missing: str, command: str, tmp_path: Path) -> None:
    done = run_without(missing, command, tmp_path / "program.py")
    message = 'The command line needs more packages: pip install "kombo_async[cli]"\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_other_missing_module_raises_its_import_error(tmp_path: Path) -> None:
    assert "ModuleNotFoundError" in run_without("aiohttp", "demo", tmp_path / "program.py").stderr


def test_closed_pipe_ends_the_command_without_a_traceback(start) -> None:
    process: subprocess.Popen[str] = start("demo")
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 1
    assert process.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell of this kind on Windows")
@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("--help >/dev/full", 1, "cannot write to standard output: No space left"),
        ("--version >/dev/full", 1, "cannot write to standard output: No space left"),
        ("fields list --help >&-", 1, "cannot write to standard output: Bad file descriptor"),
        ("--version >&-", 1, "cannot write to standard output: Bad file descriptor"),
        ("--version >&- 2>&-", 1, ""),
        ("nope 2>&-", 2, ""),
        ("nope 2>/dev/full", 2, ""),
        ("sandbox --port 0 >/dev/full", 1, "kombo-async sandbox: No space left"),
        ("sandbox --port 0 >&-", 1, "kombo-async sandbox: Bad file descriptor"),
        ("check-key $'--bad\\e[31m\\u202e'", 2, "--bad [31m "),
    ],
)
def test_closed_or_full_streams_and_control_characters_end_in_one_line(line: str, code: int, says: str) -> None:
    # Where Python starts with closed streams, a process of its own.
    program = COMMAND if line in {"--version >&-", "--version >&- 2>&-"} else command_for_shells()
    command = ["bash", "-c", f"{program} {line}"]
    done = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == code
    assert says in done.stderr
    assert done.stderr.count("\n") <= 2
    assert not {"\x1b", "\u202e"} & {*done.stderr}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no descriptors of this kind on Windows")
@pytest.mark.parametrize("kind", ["full", "closed pipe"])
def test_messages_that_cannot_be_written_do_not_end_a_command(kind: str, local, start) -> None:
    if kind == "full":
        messages = os.open("/dev/full", os.O_WRONLY)
    else:
        reading, messages = os.pipe()
        os.close(reading)
    command = ["read", "hris", "locations", "personio:GWd1wgE7fRQGywhDLfgbcBAc", "-v"]
    process = start(*command, env=environment(**settings(local)), stderr=messages)
    os.close(messages)
    written, _ = process.communicate()
    assert process.returncode == 0
    assert written.count("\n") > 2
