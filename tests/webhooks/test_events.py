"""What it says: every type, those of the future, and what cannot be read."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, get_args

import attrs
import pytest
from kombo import models as official

import kombo_async
from kombo_async import DecodeError, KomboClient, WebhookSignatureError, webhooks
from kombo_async.models import webhooks as models
from kombo_async.webhooks import (
    ChangedModelName,
    DataChange,
    DataChangedEvent,
    Event,
    IntegrationCreatedEvent,
    IntegrationDeletedEvent,
    IssueStatusChangedEvent,
    IssueType,
    SyncFinishedEvent,
    UnknownEvent,
    parse,
    receive,
)

from ..support.webhook_samples import ABOUT, DATA, END_USER, INTEGRATION, ORDER, SECRET, body, signed

TYPES = list(DATA)


def test_every_event_has_a_sample() -> None:
    assert DATA.keys() == models.Event._classes.keys()
    assert len(TYPES) == 11


@pytest.mark.parametrize("kind", TYPES)
def test_event_is_read_into_the_class_of_its_type(kind: str) -> None:
    event = receive(body(kind), signed(body(kind))[webhooks.SIGNATURE_HEADER], SECRET)

    assert type(event) is models.Event._classes[kind]
    assert isinstance(event, Event)
    assert (event.id, event.type) == (f"evt-{kind}", kind)
    for key, value in DATA[kind].items():
        if isinstance(value, str) and not key.endswith("_at"):
            assert getattr(event.data, key) == value
    for twin in (pickle.loads(pickle.dumps(event)), copy.deepcopy(event)):
        assert twin == event


@pytest.mark.parametrize("kind", TYPES)
def test_unknown_keys_and_enum_values_are_accepted(kind: str) -> None:
    def strange(node: Any) -> Any:
        if isinstance(node, dict):
            kept = {key: strange(value) for key, value in node.items()} | {"added": {"next": ["year"]}}
            return {
                key: "NEVER_SEEN" if key in OPEN_KEYS and isinstance(value, str) else value
                for key, value in kept.items()
            }
        return [strange(each) for each in node] if isinstance(node, list) else node

    event = parse(json.dumps({"id": "e", "type": kind, "data": strange(DATA[kind]), "at": 7}).encode())
    assert not isinstance(event, UnknownEvent)


OPEN_KEYS = {
    "integration_category", "category", "name", "qa_status", "setup_status", "state", "status", "change", "type",
    "sync_state", "archived_reason", "availability",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "integration_id"),
    [(kind, ABOUT["integration_id"]) for kind in TYPES if "integration_id" in DATA[kind] and DATA[kind] is not ORDER]
    + [(kind, ORDER["integration_id"]) for kind in TYPES if DATA[kind] is ORDER]
    + [
        ("integration-created", INTEGRATION["id"]),
        ("integration-deleted", INTEGRATION["id"]),
        ("issue-status-changed", INTEGRATION["id"]),
        ("connection-flow-failed", None),
        ("ai-apply-application-status-updated", None),
        ("ai-apply-job-posting-status-updated", None),
    ],
)
def test_integration_id_is_found_under_any_key(kind: str, integration_id: str | None) -> None:
    assert parse(body(kind)).integration_id == integration_id


def test_issue_of_the_whole_environment_has_no_integration() -> None:
    event = parse(body("issue-status-changed", integration=None))
    assert isinstance(event, IssueStatusChangedEvent)
    assert event.integration_id is None
    assert event.data.issue.type is IssueType.AUTHENTICATION_FAILED
    assert event.data.issue.resolved_at is None


def test_events_can_be_matched_by_class() -> None:
    def summary(content: bytes) -> str:
        match parse(content):
            case DataChangedEvent(data=DataChange(integration_id=who, changed_models=changed)):
                return f"{who} {[model.name.value for model in changed]}"
            case IntegrationCreatedEvent(data=data) | IntegrationDeletedEvent(data=data):
                return f"{data.end_user.organization_name}"
            case UnknownEvent(type=kind, data=data):
                return f"{kind} {data}"
            case _:
                return "other"

    assert summary(body("data-changed")) == f"{ABOUT['integration_id']} ['hris_employees', 'hris_join_employees_teams']"
    assert summary(body("integration-deleted")) == "Tannenhof GmbH"
    assert summary(b'{"id": "1", "type": "remote-event-received", "data": 5}') == "remote-event-received 5"
    assert summary(body("sync-finished")) == "other"


def test_event_of_an_unknown_type_keeps_its_raw_data() -> None:
    raw = {"id": "e", "type": "payroll-changed", "data": {"integration_id": "a:b", "secret": "SECRET"}, "more": 1}
    event = parse(json.dumps(raw).encode())

    assert isinstance(event, UnknownEvent)
    assert (event.id, event.type, event.data, event.raw) == ("e", "payroll-changed", raw["data"], raw)
    assert event.integration_id == "a:b"
    assert "SECRET" not in repr(event)
    assert repr(event) == "UnknownEvent(id='e', type='payroll-changed', data=<hidden>, raw=<hidden>)"
    for data in (None, 7, [], {"integration_id": 7}):
        assert parse(json.dumps({"id": "e", "type": "x", "data": data}).encode()).integration_id is None
    assert parse(b'{"id": "e", "type": "x"}').data is None


def test_older_deliveries_may_lack_keys() -> None:
    data = {key: value for key, value in DATA["sync-finished"].items() if key != "end_user"}
    event = parse(json.dumps({"id": "e", "type": "sync-finished", "data": data}).encode())
    assert isinstance(event, SyncFinishedEvent)
    assert event.data.end_user is None
    data = {key: value for key, value in DATA["integration-state-changed"].items() if key != "setup_status"}
    assert parse(json.dumps({"id": "e", "type": "integration-state-changed", "data": data}).encode()).data.state


def test_values_of_events_are_converted() -> None:
    event = parse(body("sync-finished", sync_started_at="2026-03-04T05:06:07", sync_duration_seconds="61"))
    assert isinstance(event, SyncFinishedEvent)
    assert event.data.sync_started_at == datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert event.data.sync_duration_seconds == 61
    assert parse(body("data-changed", changed_models=None)).data.changed_models == ()


@pytest.mark.parametrize("kind", TYPES)
def test_nullable_values_may_be_null(kind: str) -> None:
    def emptied(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: None if key in NULLABLE else emptied(value) for key, value in node.items()}
        return [emptied(each) for each in node] if isinstance(node, list) else node

    assert parse(json.dumps({"id": "e", "type": kind, "data": emptied(DATA[kind])}).encode()).type == kind


NULLABLE = {
    "creator_email", "origin_id", "remote_id", "first_name", "last_name", "phone", "job_code", "description",
    "location", "archived_at", "archived_reason", "resolved_at", "hiring_team", "hiring_team_roles", "changed_models",
}  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"id": "SECRET", "type":', "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"null", "no id or no type"),
        (b'"SECRET"', "no id or no type"),
        (b'["SECRET"]', "no id or no type"),
        (b"{}", "no id or no type"),
        (b'{"id": "SECRET"}', "no id or no type"),
        (b'{"type": "SECRET", "id": {}}', "no id or no type"),
        (b'{"type": "SECRET", "id": true}', "no id or no type"),
        (b'{"type": ["data-changed"], "id": "SECRET"}', "no id or no type"),
        (b'{"type": "data-changed", "data": "SECRET"}', r"required field missing @ \$\.id"),
        (b'{"type": "data-changed", "id": null, "data": {"x": NaN}}', "not valid JSON"),
    ],
)
def test_delivery_without_id_or_type_is_refused_without_its_values(content: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words) as raised:
        parse(content)
    error: BaseException | None = raised.value
    assert "SECRET" not in str(error)
    assert error is not None
    assert error.__cause__ is None
    assert error.__context__ is None


ODD_VALUES: list[tuple[bytes, str, Any]] = [
    (b'{"type": "data-changed", "id": "e"}', r"required field missing @ $.data", None),
    (b'{"type": "data-changed", "id": "e", "data": "SECRET"}', "expected an object @ $.data", "SECRET"),
    (body("data-changed", integration_id=["SECRET"]), "expected text @ $.data.integration_id", ...),
    (
        body("data-changed", changed_models=[{"name": {"SECRET": 1}}]),
        "expected text @ $.data.changed_models[0].name",
        ...,
    ),
    (body("integration-deleted", deleted_at="SECRET"), "expected a time @ $.data.deleted_at", ...),
    (body("integration-created", end_user=["SECRET"]), "expected an object @ $.data.end_user", ...),
    (body("issue-status-changed", issue=5), "expected an object @ $.data.issue", ...),
]


@pytest.mark.parametrize(("content", "problem", "data"), ODD_VALUES)
def test_value_that_its_class_cannot_hold_arrives_as_unknown_event(
    content: bytes, problem: str, data: object, caplog: pytest.LogCaptureFixture
) -> None:
    event = parse(content)

    raw = json.loads(content)
    assert isinstance(event, UnknownEvent)
    assert (event.id, event.type, event.raw) == (raw["id"], raw["type"], raw)
    assert event.data == (raw["data"] if data is ... else data)
    assert event.problems == (problem,)
    assert problem in caplog.text
    assert "SECRET" not in caplog.text + repr(event)


@pytest.mark.parametrize(
    "value", [rb'"Zo\ud83d"', b"NaN", b"[" * 10_000 + b"]" * 10_000, b'"\xe9"', b"1e999", b'"\x01"']
)
@pytest.mark.parametrize(("kind", "key"), [("data-changed", "integration_id"), ("integration-created", "id")])
def test_malformed_value_takes_no_other_value_with_it(value: bytes, kind: str, key: str) -> None:
    known = {key: "personio:1", "integration_tool": "personio"}
    content = b'{"id":7,"type":"%s","data":%s,"end_user":%s}}' % (kind.encode(), json.dumps(known)[:-1].encode(), value)
    event = parse(content)

    assert isinstance(event, UnknownEvent)
    assert (event.id, event.type, event.data, event.raw) == ("7", kind, known, content)
    assert event.integration_id == "personio:1"
    assert event.problems


def test_integration_of_an_odd_event_is_found_under_any_key() -> None:
    for kind, key in (("integration-deleted", "deleted_at"), ("issue-status-changed", "change")):
        event = parse(body(kind, **{key: {}}))
        assert isinstance(event, UnknownEvent)
        assert event.integration_id == INTEGRATION["id"]
    assert parse(b'{"id": 7, "type": "new"}').id == "7"


def test_signature_is_verified_before_the_body_is_read() -> None:
    with pytest.raises(WebhookSignatureError):
        receive(b"", None, SECRET)
    with pytest.raises(DecodeError):
        receive(b"", webhooks.sign(b"", SECRET), SECRET)


def test_repr_of_an_event_shows_its_data() -> None:
    event = parse(body("integration-created"))
    assert END_USER["organization_name"] in repr(event)


class TestOfficialSdk:
    """Another reading of the same events, which knows one more."""

    # It has no AI Apply.
    @pytest.mark.parametrize("kind", [kind for kind in TYPES if not kind.startswith("ai-apply")])
    def test_event_data_has_the_keys_of_the_official_sdk(self, kind: str) -> None:
        name = "".join(part.title() for part in re.split("[-:]", kind)) + "WebhookPayload"
        theirs = getattr(official, name).model_fields["data"].annotation.model_fields
        ours = {field.name for field in attrs.fields(type(parse(body(kind)).data))}
        assert ours == set(theirs)

    def test_issue_has_the_keys_of_the_official_sdk(self) -> None:
        data = official.IssueStatusChangedWebhookPayload.model_fields["data"].annotation
        assert data is not None
        issue = data.model_fields["issue"].annotation
        assert {field.name for field in attrs.fields(models.Issue)} == set(issue.model_fields)
        integration = get_args(data.model_fields["integration"].annotation)[0]
        assert {field.name for field in attrs.fields(models.NamedIntegration)} == set(integration.model_fields)

    def test_changed_models_include_those_of_the_official_sdk(self) -> None:
        name = official.ChangedModel.model_fields["name"].annotation
        assert set(get_args(name)) <= {member.value for member in ChangedModelName}


async def test_lists_named_by_changed_models_exist() -> None:
    source = inspect.getsource(models)
    named = re.findall(r'"""[^"]+: `(\w+)\.(\w+)`\."""', source)
    assert len(named) == len(ChangedModelName)
    async with KomboClient("key") as client:
        missing = [f"{family}.{method}" for family, method in named if not hasattr(getattr(client, family), method)]
    assert missing == []


def test_every_event_class_is_exported() -> None:
    theirs = {name for name, value in vars(models).items() if getattr(value, "__module__", "") == models.__name__}
    assert {name for name in theirs if not name.startswith("_")} <= set(webhooks.__all__)
    assert all(hasattr(webhooks, name) for name in webhooks.__all__)
    assert kombo_async.webhooks is webhooks


def test_import_does_not_load_aiohttp() -> None:
    code = "import sys, kombo_async.webhooks as w; w.asgi_app(print, 's'); print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
