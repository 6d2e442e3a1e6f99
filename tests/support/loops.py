"""The event loops that the engine has to work on.

A test package whose tests touch the engine imports `pytest_asyncio_loop_factories` into its conftest: each of its async
tests then runs once on every loop. `@ASYNCIO_ONLY` opts a test out whose subject does not depend on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
try:
    import uvloop
except ImportError:
    # Not made for Windows, and a new Python may have no wheel yet.
    pass
else:
    LOOPS["uvloop"] = uvloop.new_event_loop

ASYNCIO_ONLY = pytest.mark.asyncio(loop_factories=["asyncio"])


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Parametrize the async tests of the package that imports this."""
    return LOOPS
