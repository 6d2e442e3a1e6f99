"""Valid arguments for the methods of the official SDKs, which have the same names in Python and in TypeScript."""

from __future__ import annotations

from typing import Any

from ..support.calls.ids import Ids

_HERE: dict[str, Any] = {"integration_id": "integration"}
_ABSENCE = {
    "employee_id": "employee",
    "absence_type_id": "absence_type",
    "start_date": "2026-08-03",
    "end_date": "2026-08-04T00:00:00Z",
    "employee_note": None,
}
_PERSON = {"first_name": "Ilse", "last_name": "Novak", "email_address": "ilse@example.com"}
_FILE = {"name": "cv.pdf", "content_type": "application/pdf", "data": "JVBERi0xLjc=", "type": "CV"}
_LINK = {"label": "Typing", "url": "https://results.example.com/1"}
_PACKAGE = {"id": "typing", "type": "SKILLS_TEST", "name": "Typing", "description": "Speed"}
_ARGUMENTS: dict[str, dict[str, Any]] = {
    "general.get_integration_details": _HERE,
    "general.get_integration_fields": _HERE,
    "general.get_custom_fields": _HERE,
    "general.get_tools": {"category": "ats"},
    "general.update_integration_field": {
        **_HERE, "integration_field_id": "integration_field", "enable_passthrough": True,
    },
    "general.update_custom_field_mapping": {**_HERE, "custom_field_id": "custom_field", "integration_field_id": None},
    "general.set_integration_enabled": {**_HERE, "value": True},
    "general.create_reconnection_link": _HERE,
    "general.create_setup_link": {**_HERE, "link_type": "EMBEDDED"},
    "general.send_passthrough_request": {
        "tool": "personio", "api": "personnel", "method": "GET", "path": "/company/employees",
    },
    "general.delete_integration": {**_HERE, "body": {}},
    "hris.create_absence": _ABSENCE,
    "hris.delete_absence": {"absence_id": "absence"},
    "hris.create_employee_with_form": {"properties": {"firstName": "Mila", "startDate": "2026-03-01"}},
    "hris.add_employee_document": {
        "employee_id": "employee", "category_id": "document_category", "document": {**_FILE, "type": None},
    },
    "ats.create_application": {"job_id": "job", "candidate": _PERSON, "attachments": [_FILE]},
    "ats.create_candidate": {"candidate": _PERSON, "application": {"job_id": "job"}},
    "ats.add_application_attachment": {"application_id": "application", "attachment": _FILE},
    "ats.add_candidate_attachment": {"candidate_id": "candidate", "attachment": _FILE},
    "ats.get_application_attachments": {"application_id": "application"},
    "ats.get_candidate_attachments": {"candidate_id": "candidate"},
    "ats.add_application_note": {
        "application_id": "application", "content": "Called", "content_type": "PLAIN_TEXT",
    },
    "ats.add_application_result_link": {"application_id": "application", **_LINK},
    "ats.add_candidate_result_link": {"candidate_id": "candidate", **_LINK},
    "ats.add_candidate_tag": {"candidate_id": "candidate", "tag": {"name": "Green thumb"}},
    "ats.remove_candidate_tag": {"candidate_id": "candidate", "tag": {"name": "Green thumb"}},
    "ats.move_application_to_stage": {"application_id": "application", "stage_id": "stage"},
    "ats.reject_application": {"application_id": "application", "rejection_reason_id": "rejection_reason"},
    "ats.import_tracked_application": {
        "tracked_at": None, "greenhouse": {"id_type": "application_id", "application_id": "1"},
    },
    "assessment.set_packages": {"packages": [_PACKAGE]},
    "assessment.update_order_result": {
        "assessment_order_id": "order", "status": "OPEN", "result_url": "https://results.example.com/1",
    },
    "connect.create_connection_link": {
        "end_user_email": "it@tannenhof.example", "end_user_organization_name": "Tannenhof",
    },
    "connect.get_integration_by_token": {"token": "connect_token"},
}  # fmt: skip
"""The arguments of methods, in which a text may name an id. Lists need none."""


def valid_arguments(method: str, ids: Ids) -> dict[str, Any]:
    """Return the arguments of *method*, such as `ats.add_candidate`, with the ids that they name."""
    return {key: _with_ids(key, given, ids) for key, given in _ARGUMENTS.get(method, {}).items()}


def _with_ids(key: str, given: Any, ids: Ids) -> Any:
    if isinstance(given, dict):
        return {
            inner: _with_ids(inner, each, ids)
            for inner, each in given.items()
            if not (inner == "type" and each is None)
        }
    named = (key.endswith("_id") or key == "token") and isinstance(given, str) and given.isidentifier()
    return getattr(ids, given) if named else given
