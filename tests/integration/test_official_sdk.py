"""The official SDK, unchanged, works with the sandbox."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from kombo import Kombo
from kombo.errors import KomboGeneralError, KomboHrisError

from kombo_async.sandbox import Sandbox, SandboxConfig, SandboxThread

from ..support.calls.ids import CATEGORIES, Ids

# A dependency of the official SDK uses names that are deprecated in newer Pythons.
pytestmark = pytest.mark.filterwarnings("ignore:ast.:DeprecationWarning")


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


HERE: dict[str, Any] = {"integration_id": "integration"}
ABSENCE = {
    "employee_id": "employee",
    "absence_type_id": "absence_type",
    "start_date": "2026-08-03",
    "end_date": "2026-08-04T00:00:00Z",
    "employee_note": None,
}
PERSON = {"first_name": "Ilse", "last_name": "Novak", "email_address": "ilse@example.com"}
FILE = {"name": "cv.pdf", "content_type": "application/pdf", "data": "JVBERi0xLjc=", "type": "CV"}
LINK = {"label": "Typing", "url": "https://results.example.com/1"}
PACKAGE = {"id": "typing", "type": "SKILLS_TEST", "name": "Typing", "description": "Speed"}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "general.get_integration_details": HERE,
    "general.get_integration_fields": HERE,
    "general.get_custom_fields": HERE,
    "general.get_tools": {"category": "ats"},
    "general.update_integration_field": {
        **HERE, "integration_field_id": "integration_field", "enable_passthrough": True,
    },
    "general.update_custom_field_mapping": {**HERE, "custom_field_id": "custom_field", "integration_field_id": None},
    "general.set_integration_enabled": {**HERE, "value": True},
    "general.create_reconnection_link": HERE,
    "general.create_setup_link": {**HERE, "link_type": "EMBEDDED"},
    "general.send_passthrough_request": {
        "tool": "personio", "api": "personnel", "method": "GET", "path": "/company/employees",
    },
    "general.delete_integration": {**HERE, "body": {}},
    "hris.create_absence": ABSENCE,
    "hris.delete_absence": {"absence_id": "absence"},
    "hris.create_employee_with_form": {"properties": {"firstName": "Mila", "startDate": "2026-03-01"}},
    "hris.add_employee_document": {
        "employee_id": "employee", "category_id": "document_category", "document": {**FILE, "type": None},
    },
    "ats.create_application": {"job_id": "job", "candidate": PERSON, "attachments": [FILE]},
    "ats.create_candidate": {"candidate": PERSON, "application": {"job_id": "job"}},
    "ats.add_application_attachment": {"application_id": "application", "attachment": FILE},
    "ats.add_candidate_attachment": {"candidate_id": "candidate", "attachment": FILE},
    "ats.get_application_attachments": {"application_id": "application"},
    "ats.get_candidate_attachments": {"candidate_id": "candidate"},
    "ats.add_application_note": {
        "application_id": "application", "content": "Called", "content_type": "PLAIN_TEXT",
    },
    "ats.add_application_result_link": {"application_id": "application", **LINK},
    "ats.add_candidate_result_link": {"candidate_id": "candidate", **LINK},
    "ats.add_candidate_tag": {"candidate_id": "candidate", "tag": {"name": "Green thumb"}},
    "ats.remove_candidate_tag": {"candidate_id": "candidate", "tag": {"name": "Green thumb"}},
    "ats.move_application_to_stage": {"application_id": "application", "stage_id": "stage"},
    "ats.reject_application": {"application_id": "application", "rejection_reason_id": "rejection_reason"},
    "ats.import_tracked_application": {
        "tracked_at": None, "greenhouse": {"id_type": "application_id", "application_id": "1"},
    },
    "assessment.set_packages": {"packages": [PACKAGE]},
    "assessment.update_order_result": {
        "assessment_order_id": "order", "status": "OPEN", "result_url": "https://results.example.com/1",
    },
    "connect.create_connection_link": {
        "end_user_email": "it@tannenhof.example", "end_user_organization_name": "Tannenhof",
    },
    "connect.get_integration_by_token": {"token": "connect_token"},
}  # fmt: skip
"""The arguments of methods; a text that names an id is replaced by one. Lists need none."""


def test_every_method_of_the_official_sdk_is_answered(sandbox: SandboxThread) -> None:
    ids, seen = Ids(sandbox), 0
    last = {"general.delete_integration"}

    def value(key: str, given: Any) -> Any:
        if isinstance(given, dict):
            return {
                inner: value(inner, each) for inner, each in given.items() if not (inner == "type" and each is None)
            }
        named = (key.endswith("_id") or key == "token") and isinstance(given, str) and given.isidentifier()
        return getattr(ids, given) if named else given

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
            arguments = {key: value(key, given) for key, given in ARGUMENTS.get(name, {}).items()}
            if "page_size" in taken:
                arguments["page_size"] = 250
            if "include_deleted" in taken:
                arguments["include_deleted"] = True
            kombo.sdk_configuration.globals.integration_id = sandbox.integration_id_of(CATEGORIES.get(family, "HRIS"))
            assert call(**arguments) is not None, name
            seen += 1
    assert seen == 66
