"""The pytest fixtures `kombo_sandbox` and `kombo_client`, available wherever the package is installed.

Override the fixture `kombo_sandbox_config` in a test module or a conftest to configure the sandbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..client import KomboClient
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


@pytest.fixture
def kombo_client(kombo_sandbox: SandboxThread) -> KomboClient:
    """Return a client of `kombo_sandbox`, for its first integration. It retries what a client of yours does, within
    milliseconds: `RetryPolicy.immediate()`.

    Its connections are closed when the event loop of the test ends.
    """
    from ..client import KomboClient
    from ..config import RetryPolicy

    return KomboClient(
        kombo_sandbox.api_key,
        base_url=kombo_sandbox.base_url,
        integration_id=kombo_sandbox.integration_id,
        retry=RetryPolicy.immediate(),
    )
