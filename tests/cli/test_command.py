"""The command itself: help, version, mistakes, and a missing extra."""

from __future__ import annotations

import subprocess
import sys

import pytest

import kombo_async

from .conftest import COMMAND, run

PYTHON = sys.executable


@pytest.mark.parametrize("command", [(COMMAND,), (PYTHON, "-m", "kombo_async.cli")], ids=["installed", "python -m"])
def test_version(command: tuple[str, ...]) -> None:
    done = run(*command, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{kombo_async.__version__}\n", "")


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
def test_help_fits_a_page(arguments: tuple[str, ...], wanted: list[str]) -> None:
    done = run(COMMAND, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(words in done.stdout for words in wanted)
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_help_loads_no_client() -> None:
    code = (
        "import sys; from kombo_async.cli import main; main(['--help']); print({'aiohttp', 'msgspec'} & {*sys.modules})"
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
def test_a_mistake_is_one_clear_line_and_exit_code_2(arguments: tuple[str, ...], says: str) -> None:
    done = run(COMMAND, *arguments)
    first, *others = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert first.startswith("kombo-async")
    assert says in first
    assert all(line.startswith("See kombo-async") for line in others)


@pytest.mark.parametrize(
    ("missing", "command"), [("cyclopts", "--help"), ("cyclopts", "demo"), ("rich", "demo"), ("rich", "sandbox")]
)
def test_without_the_extra_it_says_what_to_install(missing: str, command: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None  # an import of it fails
from kombo_async.cli import main
sys.exit(main([{command!r}]))
"""
    done = run(PYTHON, "-c", code)
    told = 'The command line needs more packages: pip install "kombo_async[cli]"\n'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_another_missing_module_is_not_taken_for_the_extra() -> None:
    code = "import sys; sys.modules['aiohttp'] = None; from kombo_async.cli import main; main(['demo'])"
    assert "ModuleNotFoundError" in run(PYTHON, "-c", code).stderr


def test_a_reader_that_leaves_early_is_no_trouble(start) -> None:
    process: subprocess.Popen[str] = start(COMMAND, "demo")
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait() == 1
    assert process.stderr.read() == ""
