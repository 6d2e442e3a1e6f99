"""The data of webhook events."""

from __future__ import annotations

from collections.abc import Mapping
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


def event_data(event_type: str, integration: Integration, environment: Environment) -> dict[str, Any]:
    """Return the data of an event of a known type about an integration: that of the example, with the integrations and
    times of the sandbox."""
    time = environment.clock()
    now, earlier = iso(time), iso(time - 90)
    tool, end_user = integration.tool, {"end_user": integration.details()["end_user"]}
    of_tool = {"integration_tool": tool.id, "integration_category": tool.category}
    about = {"integration_id": integration.id, **of_tool}
    identity = {"id": integration.id, "tool": tool.id, "category": tool.category, **end_user}
    posting_id, order_id = Ids("posting", now).encode(0), Ids("order", now).encode(0)
    status, setup_status, qa_status = state_of(integration)
    state = {"state": status, "setup_status": setup_status, "qa_status": qa_status, "updated_at": now}
    own: Mapping[str, dict[str, Any]] = {
        "data-changed": {**about, "changed_models": [{"name": name} for name in _MODELS.get(tool.category, ())]},
        "integration-created": identity,
        "integration-deleted": {**identity, "deleted_at": now},
        "integration-state-changed": {**about, **end_user, **state},
        "connection-flow-failed": {**of_tool, **end_user, "log_url": _LOG + Ids("flow", now).encode(0)},
        "assessment:order-received": {"id": order_id, "integration_id": integration.id},
        "inline-assessment:order-received": {"id": order_id, "integration_id": integration.id},
        "ai-apply-application-status-updated": {
            "id": Ids("application", now).encode(0),
            "job_posting_id": posting_id,
            "created_at": earlier,
            "updated_at": now,
        },
        "ai-apply-job-posting-status-updated": {
            "id": posting_id,
            "career_site": {"id": Ids("career site").encode(0)},
            "created_at": earlier,
            "updated_at": now,
        },
        "sync-finished": {
            **about,
            **end_user,
            "sync_id": Ids("sync", now).encode(0),
            "sync_started_at": iso(time - 42),
            "sync_ended_at": now,
            "log_url": _LOG + Ids("sync log", now).encode(0),
        },
        "issue-status-changed": {
            "issue": {
                "id": Ids("issue", integration.id).encode(0),
                "title": f"{tool.label} no longer accepts the credentials",
                "first_observed_at": iso(time - 3_600),
            },
            "integration": identity,
        },
    }
    return merge(EXAMPLES[event_type], own[event_type])
