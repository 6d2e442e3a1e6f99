"""Every code block of the README runs."""

import ast
import inspect
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from kombo_async._version import DOCUMENTATION
from kombo_async.sandbox import Sandbox, SandboxConfig

from .support.openapi.spec import operations

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
SHELL = [line for language, code in BLOCKS if language == "sh" for line in code.splitlines() if line.strip()]


def test_every_block_of_the_readme_is_run() -> None:
    assert {language for language, _ in BLOCKS} == {"python", "sh"}
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
    assert "look whether it is there" not in capsys.readouterr().out


@pytest.mark.parametrize("code", PYTHON)
def test_python_blocks_of_the_readme_run_in_the_repl(code: str) -> None:
    # There, an empty line ends what is indented.
    assert not re.search(r"\n\n+(?= )", code)


def test_readme_counts_the_operations_right() -> None:
    assert f"{len(operations())} operations" in README


def test_readme_fits_on_two_screens() -> None:
    assert len(README.splitlines()) <= 120


def test_links_of_the_readme_work_on_a_package_index() -> None:
    links = re.findall(r"\]\(([^)]*)\)", README)
    pages = {link.removeprefix(f"{DOCUMENTATION}/") for link in links if link.startswith(DOCUMENTATION)}
    assert len(pages) > 10
    assert set(links) - {f"{DOCUMENTATION}/{page}" for page in pages} == {"https://docs.kombo.dev"}
    site = (ROOT / "properdocs.yml").read_text(encoding="utf-8")
    assert f'"Documentation" = "{DOCUMENTATION}/"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [page for page in pages if f"{page.removesuffix('.html')}.md" not in site] == []


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
