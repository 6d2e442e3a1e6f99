"""The data of webhook events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...webhook_examples import EXAMPLES, merge
from .deterministic import Ids, iso
from .environment import Environment
from .integrations import Integration


def state_of(integration: Integration) -> tuple[str, ...]:
    """Return the three statuses of an integration."""
    state = integration.state
    return state.status, state.setup_status, state.qa_status


FIRST_STATE = ("ACTIVE", "COMPLETED", "PASSED")
_MODELS: Mapping[str, tuple[str, ...]] = {
    "HRIS": ("hris_employees", "hris_employments"),
    "ATS": ("ats_applications", "ats_candidates"),
    "LMS": ("lms_course_progressions", "lms_users"),
}
_LOG = "https://app.kombo.dev/env/sandbox/logs/"

EventData = Callable[[Integration, str, Environment], dict[str, Any]]
"""Returns a part of the data of an event about an integration, at a time."""


def _identity(integration: Integration) -> dict[str, Any]:
    details = integration.details()
    return {
        "id": integration.id,
        "tool": integration.tool.id,
        "category": integration.tool.category,
        "end_user": details["end_user"],
    }


def _about(integration: Integration) -> dict[str, Any]:
    return {
        "integration_id": integration.id,
        "integration_tool": integration.tool.id,
        "integration_category": integration.tool.category,
    }


def _data_changed(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    models = _MODELS.get(integration.tool.category, ())
    return {**_about(integration), "changed_models": [{"name": name} for name in models]}


def _integration_created(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return _identity(integration)


def _integration_deleted(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return {**_identity(integration), "deleted_at": now}


def _integration_state_changed(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    status, setup_status, qa_status = state_of(integration)
    return {
        **_about(integration),
        "end_user": _identity(integration)["end_user"],
        "qa_status": qa_status,
        "setup_status": setup_status,
        "state": status,
        "updated_at": now,
    }


def _connection_flow_failed(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return {
        "integration_tool": integration.tool.id,
        "integration_category": integration.tool.category,
        "end_user": _identity(integration)["end_user"],
        "log_url": _LOG + Ids("flow", now).encode(0),
    }


def _order_received(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return {"id": Ids("order", now).encode(0), "integration_id": integration.id}


def _application_status_updated(_: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        "id": Ids("application", now).encode(0),
        "job_posting_id": Ids("posting", now).encode(0),
        "created_at": iso(environment.clock() - 90),
        "updated_at": now,
    }


def _job_posting_status_updated(_: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        "id": Ids("posting", now).encode(0),
        "career_site": {"id": Ids("career site").encode(0)},
        "created_at": iso(environment.clock() - 90),
        "updated_at": now,
    }


def _sync_finished(integration: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        **_about(integration),
        "sync_id": Ids("sync", now).encode(0),
        "sync_started_at": iso(environment.clock() - 42),
        "sync_ended_at": now,
        "end_user": _identity(integration)["end_user"],
        "log_url": _LOG + Ids("sync log", now).encode(0),
    }


def _issue_status_changed(integration: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        "issue": {
            "id": Ids("issue", integration.id).encode(0),
            "title": f"{integration.tool.label} no longer accepts the credentials",
            "first_observed_at": iso(environment.clock() - 3_600),
        },
        "integration": _identity(integration),
    }


_OWN_DATA: Mapping[str, EventData] = {
    "data-changed": _data_changed,
    "integration-created": _integration_created,
    "integration-deleted": _integration_deleted,
    "integration-state-changed": _integration_state_changed,
    "connection-flow-failed": _connection_flow_failed,
    "assessment:order-received": _order_received,
    "inline-assessment:order-received": _order_received,
    "ai-apply-application-status-updated": _application_status_updated,
    "ai-apply-job-posting-status-updated": _job_posting_status_updated,
    "sync-finished": _sync_finished,
    "issue-status-changed": _issue_status_changed,
}
"""What events have of the sandbox: its integrations and times. The rest is that of the examples."""


def event_data(event_type: str, integration: Integration, environment: Environment) -> dict[str, Any]:
    """Return the data of an event of a known type about an integration."""
    return merge(EXAMPLES[event_type], _OWN_DATA[event_type](integration, iso(environment.clock()), environment))
