"""The blocks of the documentation that import large packages. Skipped without them: `pip install --group recipes`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ..test_docs import OPTIONAL, imports, log_level, python_blocks, run_block, sandbox

__all__ = ["log_level", "run_block", "sandbox"]


@pytest.mark.parametrize(("sandbox", "line", "code"), python_blocks(optional=True), indirect=["sandbox"])
async def test_python_block_with_large_packages_runs(
    run_block: Callable[[int, str], Awaitable[None]], line: int, code: str
) -> None:
    for name in OPTIONAL & imports(code):
        pytest.importorskip(name)
    await run_block(line, code)
