"""The help of every command, and its examples, which are run; completion for shells."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclopts import App

from kombo_async.cli import main
from kombo_async.cli.app import app
from kombo_async.cli.options import ExitCode
from kombo_async.sandbox import SandboxThread

from ..support.command_line import KEY, environment, examples, help_of, joined, run, settings
from ..support.forked import command_for_shells

RUN_ELSEWHERE = {
    "demo",
    "mirror demo",
    "mirror run",
    "mirror webhooks",
    "mirror worker",
    "sandbox",
    "webhook listen",
    "webhook verify",
}
"""Commands that run for long or need the output of another one, with tests of their own."""

HAVE_NO_CLIENT = {"demo", "mirror demo", "sandbox"}


def commands(group: App, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The names of all commands, each with those of the groups it is in."""
    for name in group:
        if name.startswith("-"):
            continue
        inner = group[name]
        below = list(commands(inner, (*above, name)))
        yield from below or [(*above, name)]


COMMANDS = sorted({" ".join(command) for command in commands(app)})


def test_commands_are_found() -> None:
    assert {"check-key", "demo", "fields list", "fields enable", "custom-fields map", "integration show"} <= {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_80_columns_with_an_example_and_the_exit_codes(command: str) -> None:
    text = help_of(command)
    assert max(map(len, text.splitlines())) <= 80
    assert f"kombo-async {command}" in joined(examples(text))
    assert KEY not in text
    codes = " ".join(text.partition("Exit codes: ")[2].split())
    assert codes == "; ".join(f"{code.value} {code.meaning}" for code in ExitCode) + "."
    assert command in HAVE_NO_CLIENT or "Options of every command" in text


@pytest.mark.skipif(sys.platform == "win32", reason="examples are lines of a shell")
@pytest.mark.parametrize(
    "command", [it for it in COMMANDS if it not in RUN_ELSEWHERE and not it.startswith(("read ", "sandbox "))]
)
def test_examples_in_help_run_unchanged(command: str, tmp_path) -> None:
    script = examples(help_of(command))
    folder = Path(command_for_shells()).parent
    with SandboxThread(api_key=KEY) as sandbox:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            env=environment(PATH=f"{folder}{os.pathsep}{os.environ['PATH']}", **settings(sandbox)),
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout or any(tmp_path.iterdir())
    assert KEY not in done.stdout + done.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # as in a process of its own
@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("read ")])
def test_examples_of_lists_run_unchanged(command: str, local, capsys, monkeypatch, tmp_path) -> None:
    # In this process: there are too many of them, and all are made in one way.
    for name, value in settings(local).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    for line in joined(examples(help_of(command))).splitlines():
        program, *arguments = shlex.split(line)
        assert program == "kombo-async"
        assert main(arguments) == 0
    written = capsys.readouterr()
    assert written.out or any(tmp_path.iterdir())
    assert KEY not in written.out + written.err


@pytest.mark.skipif(sys.platform == "win32", reason="bash is needed")
def test_completion_can_be_installed_and_completes_commands(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["--install-completion", "--shell", "bash"]) == 0
    (script,) = (file for file in tmp_path.rglob("*") if file.name == "kombo-async")
    assert re.search(str(script), (tmp_path / ".bashrc").read_text())
    asked = {
        "fields li": "list",
        "integration reconnect x --link-type ": "embedded magic-link",
        "custom": "custom-fields",
    }
    lines = [f"source {script}"]
    for words in asked:
        typed = " ".join(f'"{word}"' for word in ("kombo-async " + words).split(" "))
        lines.append(f"COMP_WORDS=({typed}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))")
        lines.append('_kombo_async; echo "${COMPREPLY[@]}"')
    answers = run("bash", "-c", "\n".join(lines)).stdout.splitlines()
    assert [" ".join(sorted(answer.split())) for answer in answers] == list(asked.values())
