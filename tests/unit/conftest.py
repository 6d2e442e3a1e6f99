"""The async tests of this folder run on every event loop, and those in virtual time with every kind of timers."""

from ..support.loops import pytest_asyncio_loop_factories
from ..support.virtual_time import timers

__all__ = ["pytest_asyncio_loop_factories", "timers"]
