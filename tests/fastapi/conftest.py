"""Each test runs on every event loop, as uvicorn does with and without uvloop."""

from ..support.loops import pytest_asyncio_loop_factories  # noqa: F401
