"""The async tests of this folder run on every event loop."""

from ..support.loops import pytest_asyncio_loop_factories

__all__ = ["pytest_asyncio_loop_factories"]
