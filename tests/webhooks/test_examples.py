"""Examples of webhooks for tests of users."""

from __future__ import annotations

import json

import attrs
import pytest

from kombo_async import webhooks
from kombo_async.models import webhooks as models
from kombo_async.sandbox import SandboxConfig

TYPES = [
    "data-changed",
    "integration-created",
    "integration-deleted",
    "integration-state-changed",
    "connection-flow-failed",
    "assessment:order-received",
    "inline-assessment:order-received",
    "ai-apply-application-status-updated",
    "ai-apply-job-posting-status-updated",
    "sync-finished",
    "issue-status-changed",
]


@pytest.mark.parametrize("kind", TYPES)
def test_example_of_each_type_is_received_as_its_event(kind: str) -> None:
    body, headers = webhooks.example(kind)
    event = webhooks.receive(body, headers[webhooks.SIGNATURE_HEADER], SandboxConfig().webhook_secret)
    assert event.type == kind
    assert type(event) is not webhooks.UnknownEvent
    assert set(json.loads(body)["data"]) == {field.name for field in attrs.fields(type(event.data))}


def test_every_event_class_has_an_example() -> None:
    classes = {type(webhooks.parse(webhooks.example(kind).body)) for kind in TYPES}
    named = {value for name, value in vars(models).items() if name.endswith("Event") and isinstance(value, type)}
    assert classes == {kind for kind in named if kind.__name__ not in {"Event", "UnknownEvent"}}


def test_values_are_replaced_and_objects_merged() -> None:
    body, headers = webhooks.example(
        "sync-finished", secret="mine", event_id="e1", integration_id="hibob:x", end_user={"origin_id": "t-7"}
    )
    event = webhooks.receive(body, headers[webhooks.SIGNATURE_HEADER], "mine")
    assert isinstance(event, webhooks.SyncFinishedEvent)
    assert (event.id, event.data.integration_id, event.data.end_user.origin_id) == ("e1", "hibob:x", "t-7")
    assert event.data.end_user.organization_name == "Brightwater"
    assert json.loads(webhooks.example("sync-finished").body)["data"]["end_user"]["origin_id"] == "tenant-1"


def test_each_example_has_another_event_id() -> None:
    assert len({webhooks.parse(webhooks.example("data-changed").body).id for _ in range(3)}) == 3


def test_wrong_type_and_wrong_key_are_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="did you mean 'data-changed'"):
        webhooks.example("data_changed")
    with pytest.raises(ValueError, match="there are data-changed, integration-created"):
        webhooks.example("zzz")
    with pytest.raises(TypeError, match="has no 'integration'; it has integration_id, integration_tool"):
        webhooks.example("data-changed", integration="x")
