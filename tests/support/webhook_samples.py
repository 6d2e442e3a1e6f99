"""One delivery of each type, and how it is signed."""

from __future__ import annotations

import json
from typing import Any

from kombo_async import webhooks

SECRET = "wrench-otter-42"
END_USER = {"organization_name": "Tannenhof GmbH", "creator_email": "ina@tannenhof.example", "origin_id": None}
INTEGRATION = {"id": "hibob:5mQtR8wYc3VnKx7LzDpJbGhe", "tool": "hibob", "category": "HRIS", "end_user": END_USER}
ABOUT = {
    "integration_id": "hibob:5mQtR8wYc3VnKx7LzDpJbGhe",
    "integration_tool": "hibob",
    "integration_category": "HRIS",
}
ORDER = {
    "id": "o1",
    "package_id": "typing-test",
    "status": "OPEN",
    "integration_id": "smartrecruiters:8kLmNp2QrStUvWxYz3AbCdEf",
    "candidate": {
        "remote_id": None,
        "email": "kaja@mail.example",
        "first_name": "Kaja",
        "last_name": None,
        "phone": None,
    },
    "application": {"remote_id": "77"},
    "job": {
        "remote_id": "5",
        "name": "Typist",
        "job_code": None,
        "description": "<p>Type.</p>",
        "location": None,
        "hiring_team": [
            {
                "remote_id": "9",
                "email": None,
                "first_name": "Bo",
                "last_name": "Ek",
                "hiring_team_roles": ["HIRING_MANAGER"],
            }
        ],
    },
}
DATA: dict[str, dict[str, Any]] = {
    "data-changed": {**ABOUT, "changed_models": [{"name": "hris_employees"}, {"name": "hris_join_employees_teams"}]},
    "integration-created": INTEGRATION,
    "integration-deleted": {**INTEGRATION, "deleted_at": "2026-03-04T05:06:07.890Z"},
    "integration-state-changed": {
        **ABOUT,
        "end_user": END_USER,
        "qa_status": "PASSED",
        "setup_status": "COMPLETED",
        "state": "INVALID",
        "updated_at": "2026-03-04T05:06:07.890Z",
    },
    "connection-flow-failed": {
        "integration_tool": "hibob",
        "integration_category": "HRIS",
        "end_user": END_USER,
        "log_url": "https://app.kombo.dev/env/production/logs/1",
    },
    "assessment:order-received": ORDER,
    "inline-assessment:order-received": ORDER,
    "ai-apply-application-status-updated": {
        "id": "a1",
        "job_posting_id": "p1",
        "status": "DUPLICATE",
        "created_at": "2026-03-04T05:06:07.890Z",
        "updated_at": "2026-03-04T06:06:07.890Z",
    },
    "ai-apply-job-posting-status-updated": {
        "id": "p1",
        "career_site": {"id": "c1", "label": "Tannenhof"},
        "url": "https://jobs.tannenhof.example/5",
        "job_code": None,
        "created_at": "2026-03-04T05:06:07.890Z",
        "updated_at": "2026-03-04T06:06:07.890Z",
        "archived_at": None,
        "archived_reason": None,
        "availability": "APPLYABLE",
    },
    "sync-finished": {
        **ABOUT,
        "sync_id": "s1",
        "sync_state": "PARTIALLY_FAILED",
        "sync_started_at": "2026-03-04T05:06:07.890Z",
        "sync_ended_at": "2026-03-04T05:07:08.890Z",
        "sync_duration_seconds": 61,
        "end_user": END_USER,
        "log_url": "https://app.kombo.dev/env/production/logs/2",
    },
    "issue-status-changed": {
        "change": "raised",
        "issue": {
            "id": "i1",
            "type": "integration.authentication_failed",
            "title": "The credentials no longer work",
            "status": "OPEN",
            "markdown_message": "**401** since Monday",
            "first_observed_at": "2026-03-04T05:06:07.890Z",
            "resolved_at": None,
        },
        "integration": INTEGRATION,
    },
}


def body(kind: str, **changes: Any) -> bytes:
    """A delivery, with changes of its data."""
    return json.dumps({"id": f"evt-{kind}", "type": kind, "data": DATA[kind] | changes}).encode()


def signed(content: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers that Kombo would send with it."""
    return {webhooks.SIGNATURE_HEADER: webhooks.sign(content, secret), "Content-Type": "application/json"}
