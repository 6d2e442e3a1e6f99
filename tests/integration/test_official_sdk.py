"""The official SDK, unchanged, works with the sandbox."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from kombo import Kombo
from kombo.errors import KomboGeneralError, KomboHrisError

from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread

from ..support.calls.ids import CATEGORIES, Ids
from .sdk_arguments import valid_arguments

# A dependency of the official SDK uses names that are deprecated in newer Pythons.
pytestmark = pytest.mark.filterwarnings("ignore:ast.:DeprecationWarning")


@pytest.fixture(autouse=True)
def certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK read the certificates of the machine, as it does when it is made."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    with SandboxThread(SandboxConfig(fields=4321, employees=300)) as sandbox:
        yield sandbox


@pytest.fixture
def kombo(sandbox: SandboxThread) -> Iterator[Kombo]:
    with Kombo(api_key=sandbox.api_key, integration_id=sandbox.integration_id, server_url=sandbox.base_url) as kombo:
        yield kombo


def test_official_sdk_reads_all_fields(kombo: Kombo, sandbox: SandboxThread) -> None:
    ids, sizes = [], []
    page = kombo.general.get_integration_fields(integration_id=sandbox.integration_id, page_size=2000)
    while page is not None:
        sizes.append(len(page.result.data.results))
        ids += [field.id for field in page.result.data.results]
        page = page.next()
    assert sizes == [2000, 2000, 321]
    assert len(set(ids)) == 4321


def test_official_sdk_reads_an_integration_and_updates_a_field(kombo: Kombo, sandbox: SandboxThread) -> None:
    details = kombo.general.get_integration_details(integration_id=sandbox.integration_id)
    assert (details.data.id, details.data.tool.label) == (sandbox.integration_id, "Personio")
    page = kombo.general.get_integration_fields(integration_id=sandbox.integration_id, page_size=1)
    assert page is not None
    field = page.result.data.results[0]
    changed = kombo.general.update_integration_field(
        integration_id=sandbox.integration_id, integration_field_id=field.id, enable_passthrough=True
    )
    assert changed.data.is_passthrough_enabled is True


def test_official_sdk_raises_its_typed_errors(kombo: Kombo, sandbox: SandboxThread) -> None:
    with pytest.raises(KomboGeneralError) as caught:
        kombo.general.get_integration_details(integration_id="personio:gone")
    assert caught.value.data.error.code == "PLATFORM.INTEGRATION_NOT_FOUND"
    kombo.general.set_integration_enabled(integration_id=sandbox.integration_id, value=False)
    with pytest.raises(KomboHrisError) as refused:
        kombo.hris.get_employees()
    assert refused.value.data.error.code == "INTEGRATION.INACTIVE"


def test_official_sdk_calls_the_other_general_operations(kombo: Kombo, sandbox: SandboxThread) -> None:
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
    assert integration["integration_id"] not in sandbox.integration_ids


async def test_official_sdk_reads_employees_in_asyncio() -> None:
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


def test_every_method_of_the_official_sdk_is_answered(sandbox: SandboxThread) -> None:
    ids, seen = Ids(sandbox), 0
    last = {"general.delete_integration"}
    with Kombo(api_key=sandbox.api_key, server_url=sandbox.base_url) as kombo:
        methods = [
            f"{family}.{name}"
            for family in ("hris", "ats", "assessment", "connect", "general")
            for name, _ in inspect.getmembers(getattr(kombo, family), inspect.ismethod)
            if not name.startswith(("_", "do_request")) and not name.endswith("_async")
        ]
        for name in sorted(methods, key=lambda name: name in last):
            family, _, method = name.partition(".")
            call = getattr(getattr(kombo, family), method)
            taken = inspect.signature(call).parameters
            arguments = valid_arguments(name, ids)
            if "page_size" in taken:
                arguments["page_size"] = 250
            if "include_deleted" in taken:
                arguments["include_deleted"] = True
            kombo.sdk_configuration.globals.integration_id = sandbox.integration_id_of(CATEGORIES.get(family, "HRIS"))
            assert call(**arguments) is not None, name
            seen += 1
    assert seen == 66
