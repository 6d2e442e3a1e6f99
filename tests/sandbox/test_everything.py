"""The sandbox answers every operation of the client, over loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kombo_async import KomboClient, Pager
from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.calls import Call
from ..support.calls.ids import Ids, all_calls, integration_for
from ..support.openapi.spec import operations

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated at Kombo:DeprecationWarning")
CALLS = all_calls()
CONFIG = SandboxConfig(fields=30, employees=80, sync_seconds=0)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxThread]:
    with SandboxThread(CONFIG) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ids(sandbox: SandboxThread) -> Ids:
    return Ids(sandbox)


@pytest.mark.parametrize("call", CALLS, ids=[call.name for call in CALLS])
async def test_every_call_is_answered(sandbox: SandboxThread, ids: Ids, call: Call) -> None:
    async with KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client:
        made: Any = call.make(client.for_integration(integration_for(sandbox, call)), ids)
        await (made.collect(limit=300) if isinstance(made, Pager) else made)


def test_every_operation_is_called(sandbox: SandboxThread) -> None:
    called = {call.name.rpartition(".")[2] for call in CALLS}
    assert {operation.name for operation in operations().values()} <= called
