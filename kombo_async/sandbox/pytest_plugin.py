"""The pytest fixture `kombo_sandbox`, available wherever the package is installed.

Override the fixture `kombo_sandbox_config` in a test module or a conftest to configure it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import SandboxConfig, SandboxThread


@pytest.fixture
def kombo_sandbox_config() -> SandboxConfig | None:
    """Return the configuration of `kombo_sandbox`; None means the defaults. Override it."""
    return None


@pytest.fixture
def kombo_sandbox(kombo_sandbox_config: SandboxConfig | None) -> Iterator[SandboxThread]:
    """Run a sandbox for one test, in a thread: it works with sync and async tests."""
    # Imported here, so that test runs that do not use it do not pay for it.
    from . import SandboxThread

    with SandboxThread(kombo_sandbox_config) as sandbox:
        yield sandbox
