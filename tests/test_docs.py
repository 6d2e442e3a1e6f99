"""Every Python block of the documentation runs against the sandbox."""

import ast
import importlib.util
import inspect
import re
import textwrap
from pathlib import Path

import pytest

from kombo_async.sandbox import SandboxConfig, SandboxThread

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def python_blocks() -> list[object]:
    return [
        pytest.param(textwrap.dedent(code), id=f"{page.relative_to(ROOT / 'docs')}:{number}")
        for page in sorted((ROOT / "docs").rglob("*.md"))
        for number, (_, language, code) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), 1)
        if language == "python"
    ]


OPTIONAL = {"pandas", "polars", "pyarrow"}
"""Large packages, of the dependency group `recipes`: a block that imports one is skipped without it."""


def imports(code: str) -> set[str]:
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("code", python_blocks())
async def test_python_block_runs(code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in OPTIONAL & imports(code):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    # On a thread of its own: some blocks show code that blocks the event loop.
    with SandboxThread(SandboxConfig(fields=1_500, employees=40)) as sandbox:
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        monkeypatch.chdir(tmp_path)
        outcome = eval(compile(code, "docs", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {"__name__": "example"})
        if inspect.isawaitable(outcome):
            await outcome
