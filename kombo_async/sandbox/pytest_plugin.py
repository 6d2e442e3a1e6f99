"""The pytest fixture ``kombo_sandbox``, there for everybody who has the package installed.

A test module or a conftest that defines ``kombo_sandbox_config`` decides what the sandbox is made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import SandboxConfig, SandboxThread


@pytest.fixture
def kombo_sandbox_config() -> SandboxConfig | None:
    """What ``kombo_sandbox`` is made of; None stands for the defaults. Made to be overridden."""
    return None


@pytest.fixture
def kombo_sandbox(kombo_sandbox_config: SandboxConfig | None) -> Iterator[SandboxThread]:
    """A fresh local Kombo for one test, on a thread of its own: it suits sync and async tests alike."""
    # Imported here, so that only those who use it pay for it.
    from . import SandboxThread

    with SandboxThread(kombo_sandbox_config) as sandbox:
        yield sandbox
