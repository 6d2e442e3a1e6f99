"""The vendor's own SDK, unchanged, talks to the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kombo import Kombo
from kombo.errors import KomboGeneralError, KomboHrisError

from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread

# What the official SDK parses its paths with uses names that newer Pythons are about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:ast.:DeprecationWarning")


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    with SandboxThread(SandboxConfig(fields=4321, employees=300)) as sandbox:
        yield sandbox


@pytest.fixture
def kombo(sandbox: SandboxThread) -> Iterator[Kombo]:
    with Kombo(api_key=sandbox.api_key, integration_id=sandbox.integration_id, server_url=sandbox.base_url) as kombo:
        yield kombo


def test_all_fields_page_by_page(kombo: Kombo, sandbox: SandboxThread) -> None:
    ids, sizes = [], []
    page = kombo.general.get_integration_fields(integration_id=sandbox.integration_id, page_size=2000)
    while page is not None:
        sizes.append(len(page.result.data.results))
        ids += [field.id for field in page.result.data.results]
        page = page.next()
    assert sizes == [2000, 2000, 321]
    assert len(set(ids)) == 4321


def test_an_integration_and_a_field(kombo: Kombo, sandbox: SandboxThread) -> None:
    details = kombo.general.get_integration_details(integration_id=sandbox.integration_id)
    assert (details.data.id, details.data.tool.label) == (sandbox.integration_id, "Personio")
    page = kombo.general.get_integration_fields(integration_id=sandbox.integration_id, page_size=1)
    assert page is not None
    field = page.result.data.results[0]
    changed = kombo.general.update_integration_field(
        integration_id=sandbox.integration_id, integration_field_id=field.id, enable_passthrough=True
    )
    assert changed.data.is_passthrough_enabled is True


def test_typed_errors(kombo: Kombo, sandbox: SandboxThread) -> None:
    with pytest.raises(KomboGeneralError) as caught:
        kombo.general.get_integration_details(integration_id="personio:gone")
    assert caught.value.data.error.code == "PLATFORM.INTEGRATION_NOT_FOUND"
    kombo.general.set_integration_enabled(integration_id=sandbox.integration_id, value=False)
    with pytest.raises(KomboHrisError) as refused:
        kombo.hris.get_employees()
    assert refused.value.data.error.code == "INTEGRATION.INACTIVE"


def test_the_other_general_operations(kombo: Kombo, sandbox: SandboxThread) -> None:
    integration = {"integration_id": sandbox.integration_id}
    assert kombo.general.check_api_key().data.environment_id
    assert kombo.general.trigger_sync().data.already_queued is False
    assert kombo.general.get_tools(category="hris").data.tools
    assert kombo.general.create_reconnection_link(**integration).data.link
    assert kombo.general.create_setup_link(**integration, link_type="EMBEDDED").data.link
    customs = kombo.general.get_custom_fields(**integration)
    assert customs is not None
    custom = customs.result.data.results[0]
    got = kombo.general.update_custom_field_mapping(**integration, custom_field_id=custom.id, integration_field_id=None)
    assert got.data.integration_field is None
    answer = kombo.general.send_passthrough_request(tool="personio", api="personnel", method="GET", path="/cookies")
    assert answer.data.status == 200
    kombo.general.delete_integration(**integration, body={})
    assert sandbox.integration_ids == ()


async def test_employees_in_asyncio() -> None:
    config = SandboxConfig(fields=100, employees=300)
    async with Sandbox(config) as sandbox:
        options = {"api_key": sandbox.api_key, "integration_id": sandbox.integration_id}
        async with Kombo(**options, server_url=sandbox.base_url) as kombo:
            found = []
            page = await kombo.hris.get_employees_async(page_size=100, include_deleted=True)
            while page is not None:
                found += page.result.data.results
                page = await page.next()
    assert len({employee.id for employee in found}) == 300
    assert len(sandbox.requests) == 3
