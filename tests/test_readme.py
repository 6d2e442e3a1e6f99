"""Every code block of the README runs."""

import ast
import inspect
import re
import shlex
import subprocess
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread

from .support.command_line import KEY, run_command_on_terminal, settings
from .support.openapi.spec import family_of, operations

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [line for language, code in BLOCKS if language == "sh" for line in code.splitlines() if line.strip()]


def test_every_block_of_the_readme_is_run() -> None:
    assert {language for language, _ in BLOCKS} == {"python", "sh", "text"}
    assert README.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize("number", range(len(PYTHON)))
async def test_python_blocks_of_the_readme_run(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    async with Sandbox(SandboxConfig(fields=1_500, employees=40)) as sandbox:
        assert sandbox.integration_id in README
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        monkeypatch.chdir(tmp_path)
        code = compile(PYTHON[number], "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        outcome = eval(code, {})
        if inspect.isawaitable(outcome):
            await outcome
    assert "go on later" not in capsys.readouterr().out


@pytest.mark.parametrize("code", PYTHON)
def test_python_blocks_of_the_readme_run_in_the_repl(code: str) -> None:
    # There, an empty line ends what is indented.
    assert not re.search(r"\n\n+(?= )", code)


def test_readme_counts_the_operations_right() -> None:
    rows = re.findall(r"^\| `client(?:\.(\w+))?`(?: itself)? \| (\d+) \|", README, re.MULTILINE)
    told = {family or "general": int(count) for family, count in rows}
    assert told == Counter(family_of(name) for name in operations())
    assert f"{sum(told.values())} operations" in README


@pytest.mark.parametrize("line", SHELL)
def test_shell_blocks_of_the_readme_run(line: str) -> None:
    words = shlex.split(line, comments=True)
    match words:
        case ["make", target]:
            subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)
        case ["pip", "install", what]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
            name, _, extra = what.rstrip("]").partition("[")
            assert name == project["name"]
            assert not extra or extra in project["optional-dependencies"]
        case _:
            pytest.fail(f"nothing here runs {line!r}")


def test_readme_shows_the_output_of_its_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (code for language, code in BLOCKS if language == "text")
    monkeypatch.chdir(tmp_path)
    commands = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    assert len(commands) == 3
    with SandboxThread(api_key=KEY) as sandbox:
        for told in commands:
            line, *output = told.splitlines()
            program, *arguments = shlex.split(line)
            assert program == "kombo-async"
            _, shown = run_command_on_terminal(*arguments, COLUMNS="110", NO_COLOR="1", **settings(sandbox))
            lines = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", each).rstrip() for each in shown.splitlines()]
            assert [each for each in lines if each in output] == output
