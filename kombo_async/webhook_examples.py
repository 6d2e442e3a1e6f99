"""The data of a webhook of each type, for tests; the sandbox sends the same with its own integrations and times."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple
from uuid import uuid4

EXAMPLE_SECRET = "sandbox-webhook-secret"  # noqa: S105 - it protects nothing
"""The key of signatures where none is given; the sandbox has the same."""


class WebhookExample(NamedTuple):
    """A delivery as Kombo would send it."""

    body: bytes
    """The bytes that are signed."""
    headers: dict[str, str]
    """With the signature."""


_END_USER = {"organization_name": "Brightwater", "creator_email": "it@brightwater.example", "origin_id": "tenant-1"}
_INTEGRATION = {
    "id": "personio:GWd1wgE7fRQGywhDLfgbcBAc",
    "tool": "personio",
    "category": "HRIS",
    "end_user": _END_USER,
}
_ABOUT = {
    "integration_id": "personio:GWd1wgE7fRQGywhDLfgbcBAc",
    "integration_tool": "personio",
    "integration_category": "HRIS",
}
_LOG = "https://app.kombo.dev/env/sandbox/logs/7Yb2mQxRz4TnKcVwLpJdGh6s"
_EARLIER, _NOW = "2026-11-02T09:14:18.000Z", "2026-11-02T09:15:00.000Z"
_ORDER = {
    "id": "4Hn7sVqLc2XtRbKmWzPyJd9f",
    "package_id": "typing-test",
    "status": "OPEN",
    "integration_id": "smartrecruiters:8kLmNp2QrStUvWxYz3AbCdEf",
    "candidate": {
        "remote_id": "7203",
        "email": "mira.olsen@mail.example",
        "first_name": "Mira",
        "last_name": "Olsen",
        "phone": None,
    },
    "application": {"remote_id": "88110"},
    "job": {
        "remote_id": "415",
        "name": "Bookkeeper",
        "job_code": "FIN-415",
        "description": "<p>Keep our books in order.</p>",
        "location": {"city": "Graz", "country": "AT", "raw": "8010 Graz"},
        "hiring_team": [
            {
                "remote_id": "12",
                "email": "tomas.weber@customer.example",
                "first_name": "Tomas",
                "last_name": "Weber",
                "hiring_team_roles": ["RECRUITER"],
            }
        ],
    },
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "data-changed": {**_ABOUT, "changed_models": [{"name": "hris_employees"}, {"name": "hris_employments"}]},
    "integration-created": _INTEGRATION,
    "integration-deleted": {**_INTEGRATION, "deleted_at": _NOW},
    "integration-state-changed": {
        **_ABOUT,
        "end_user": _END_USER,
        "qa_status": "PASSED",
        "setup_status": "COMPLETED",
        "state": "ACTIVE",
        "updated_at": _NOW,
    },
    "connection-flow-failed": {
        "integration_tool": "personio",
        "integration_category": "HRIS",
        "end_user": _END_USER,
        "log_url": _LOG,
    },
    "assessment:order-received": _ORDER,
    "inline-assessment:order-received": _ORDER,
    "ai-apply-application-status-updated": {
        "id": "2Vx8kRtNq5LbYcHmWzPsJd7g",
        "job_posting_id": "6Tn3mYqKc9XtRbLsWzPvJd4h",
        "status": "SUBMITTED",
        "created_at": _EARLIER,
        "updated_at": _NOW,
    },
    "ai-apply-job-posting-status-updated": {
        "id": "6Tn3mYqKc9XtRbLsWzPvJd4h",
        "career_site": {"id": "9Bq4kVtNs7LxYcHmRzPwJd2f", "label": "Brightwater"},
        "url": "https://careers.brightwater.example/jobs/415",
        "job_code": "FIN-415",
        "created_at": _EARLIER,
        "updated_at": _NOW,
        "archived_at": None,
        "archived_reason": None,
        "availability": "APPLYABLE",
    },
    "sync-finished": {
        **_ABOUT,
        "sync_id": "5Kp2vNqXc8TrRbYmWzLsJd6h",
        "sync_state": "SUCCEEDED",
        "sync_started_at": _EARLIER,
        "sync_ended_at": _NOW,
        "sync_duration_seconds": 42,
        "end_user": _END_USER,
        "log_url": _LOG,
    },
    "issue-status-changed": {
        "change": "raised",
        "issue": {
            "id": "3Rm6tYqKc4XvNbLsWzPhJd8g",
            "type": "integration.authentication_failed",
            "title": "Personio no longer accepts the credentials",
            "status": "OPEN",
            "markdown_message": "Ask the customer to **reconnect**.",
            "first_observed_at": _EARLIER,
            "resolved_at": None,
        },
        "integration": _INTEGRATION,
    },
}
"""The data of an event of each type."""


def merge(data: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with some values replaced; objects are merged."""
    merged = dict(data)
    for key, value in given.items():
        old = merged.get(key)
        merged[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def example_body(event_type: str, event_id: str | None, changes: Mapping[str, Any]) -> bytes:
    """Return the body of an event of a type, with some keys of its data replaced."""
    data = EXAMPLES.get(event_type)
    if data is None:
        near = get_close_matches(str(event_type), EXAMPLES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(EXAMPLES)}"
        raise ValueError(f"there is no webhook of type {event_type!r}; {hint}")
    for key in changes:
        if key not in data:
            raise TypeError(f"the data of {event_type} has no {key!r}; it has {', '.join(data)}")
    identity = uuid4().hex[:24] if event_id is None else event_id
    # Help on the command line imports this module for the secret alone.
    import msgspec

    return msgspec.json.encode({"id": identity, "type": event_type, "data": merge(data, changes)})
