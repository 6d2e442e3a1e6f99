"""Webhooks of a sandbox: what happens in it is signed and sent to whoever listens."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

import aiohttp
import attrs
import msgspec

from ...redaction import hidden
from ..config import SandboxConfig, check_secret, check_url
from ..data.deterministic import Ids, iso
from ..data.environment import Environment, Integration
from ..handlers.query_params import is_object

T = TypeVar("T")

LOGGER: Final = logging.getLogger("kombo_async.sandbox")

_PAUSES: Final = (0.05, 0.25)
"""Seconds before the second and the third try."""
_PATIENCE: Final = aiohttp.ClientTimeout(total=10)


@attrs.frozen
class Delivery:
    """One event, as it was sent to one address."""

    event_id: str
    """Equal in all tries, and in all addresses it was sent to."""
    type: str
    """What happened, such as ``data-changed``."""
    url: str
    """Where to."""
    attempts: int
    """How often it was sent; 3 times at most."""
    status: int | None
    """The HTTP status of the last try; None if no answer came."""
    body: bytes = attrs.field(repr=hidden)
    """What was signed and sent."""

    @property
    def arrived(self) -> bool:
        """Whether the receiver answered with success."""
        return _is_success(self.status)


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


@attrs.frozen
class _Listener:
    url: str
    secret: bytes = attrs.field(repr=hidden)


class Webhooks:
    """Tells listeners what happens in an environment, while a server runs it."""

    def __init__(self, config: SandboxConfig, environment: Environment) -> None:
        self.deliveries: deque[Delivery] = deque(maxlen=config.kept_requests)
        self._environment = environment
        self._listeners: list[_Listener] = []
        # Other ids in each run, unlike those of records: who remembers an event must not take the next run's for it.
        self._event_ids = Ids("event", environment.clock())
        self._sent = 0
        self._states: dict[str, tuple[str, ...]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        environment.listeners.append(self._changed)
        if config.webhook_url is not None:
            self.add(config.webhook_url, config.webhook_secret)

    def add(self, url: str, secret: str) -> None:
        """From now on, send to this address too."""
        check_url(url)
        check_secret(secret)
        self._listeners.append(_Listener(url, secret.encode()))

    async def while_serving(self, _: object) -> AsyncIterator[None]:
        """For ``cleanup_ctx`` of the application: deliveries begin and end with it."""
        # No connection outlives its delivery, so that none is there when receivers stop.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=_PATIENCE
        ) as session:
            self._session = session
            yield
            self._session = None
            tasks = set(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def delivered(self) -> None:
        """Wait until all that was to be sent has been, or has been given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def send(
        self, kind: str, integration_id: str | None, event_id: str | None, given: Mapping[str, Any]
    ) -> tuple[Delivery, ...]:
        """Make an event up, send it, and wait until it has arrived or has been given up."""
        if self._session is None:
            raise RuntimeError("the sandbox is not running")
        if not self._listeners:
            raise RuntimeError("nobody listens: SandboxConfig(webhook_url=…) or send_webhooks_to(…)")
        tasks = self._post(kind, self._data(kind, integration_id, given), event_id)
        await asyncio.wait(tasks)
        return tuple(task.result() for task in tasks if not task.cancelled())

    # What happens by itself.

    def after(self, operation: str, integration: Integration) -> None:
        """Look at what a request has done to an integration."""
        if operation == "delete_integration":
            self._tell("integration-deleted", integration)
            return
        if operation == "trigger_sync" and self._listeners:
            self._spawn(self._finish_sync(integration))
        self.look(integration)

    def look(self, integration: Integration) -> None:
        """Tell of the state of an integration if it has changed since last time."""
        now = _state(integration)
        before, self._states[integration.id] = self._states.get(integration.id, _FIRST_STATE), now
        if now != before:
            self._tell("integration-state-changed", integration)

    async def _finish_sync(self, integration: Integration) -> None:
        # Nobody may ask for anything when it is over, and yet its changes are told.
        left = integration.seconds_to_sync()
        while left > 0:  # clocks differ in their last digits, so one sleep may end a moment early
            await asyncio.sleep(left)
            left = integration.seconds_to_sync()
        self._environment.settle(integration)

    def _changed(self, integration: Integration, models: frozenset[str]) -> None:
        self._tell("data-changed", integration, changed_models=[{"name": name} for name in sorted(models)])

    def _tell(self, kind: str, integration: Integration, **given: Any) -> None:
        if self._session is not None and self._listeners:
            self._post(kind, _merged(_DATA[kind](integration, self._now(), self._environment), given), None)

    # On the wire.

    def _data(self, kind: str, integration_id: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
        make = _DATA.get(kind)
        if make is None:
            return dict(given)
        if integration_id is None and kind.endswith("assessment:order-received"):
            integration_id = self._environment.integration_id_of("ASSESSMENT")
        integration = self._environment.integration(integration_id or self._environment.first_integration_id)
        return _merged(make(integration, self._now(), self._environment), given)

    def _now(self) -> str:
        return iso(self._environment.clock())

    def _post(self, kind: str, data: dict[str, Any], event_id: str | None) -> list[asyncio.Task[Delivery]]:
        if event_id is None:
            event_id = self._event_ids.encode(self._sent)
            self._sent += 1
        body = msgspec.json.encode({"id": event_id, "type": kind, "data": data})
        return [self._spawn(self._deliver(listener, event_id, kind, body)) for listener in self._listeners]

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(self, listener: _Listener, event_id: str, kind: str, body: bytes) -> Delivery:
        # Not by `kombo_async.webhooks`, so that the two check each other.
        digest = hmac.digest(listener.secret, body, "sha256")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "kombo-sandbox",
            "X-Kombo-Signature": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }
        attempts, status = 1, await self._attempt(listener.url, headers, body)
        for pause in _PAUSES:
            if _is_success(status):
                break
            await asyncio.sleep(pause)
            attempts, status = attempts + 1, await self._attempt(listener.url, headers, body)
        delivery = Delivery(event_id, kind, listener.url, attempts, status, body)
        self.deliveries.append(delivery)
        if not delivery.arrived:
            LOGGER.warning("Nobody took a webhook %s: %s", kind, "no answer" if status is None else status)
        return delivery

    async def _attempt(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        session = self._session
        assert session is not None
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, OSError):  # time-outs are OSErrors
            return None


# What the events say.


def _state(integration: Integration) -> tuple[str, ...]:
    state = integration.state
    return state.status, state.setup_status, state.qa_status


_FIRST_STATE: Final = ("ACTIVE", "COMPLETED", "PASSED")
_MODELS: Final[Mapping[str, tuple[str, ...]]] = {
    "HRIS": ("hris_employees", "hris_employments"),
    "ATS": ("ats_applications", "ats_candidates"),
    "LMS": ("lms_course_progressions", "lms_users"),
}
_LOG: Final = "https://app.kombo.dev/env/sandbox/logs/"

Make = Callable[[Integration, str, Environment], dict[str, Any]]


def _merged(data: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The data with other values in it; objects are merged with what is there."""
    merged = dict(data)
    for key, value in given.items():
        old = merged.get(key)
        merged[key] = {**old, **value} if is_object(old) and is_object(value) else value
    return merged


def _named(integration: Integration) -> dict[str, Any]:
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
    return _named(integration)


def _integration_deleted(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return {**_named(integration), "deleted_at": now}


def _integration_state_changed(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    status, setup_status, qa_status = _state(integration)
    return {
        **_about(integration),
        "end_user": _named(integration)["end_user"],
        "qa_status": qa_status,
        "setup_status": setup_status,
        "state": status,
        "updated_at": now,
    }


def _connection_flow_failed(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return {
        "integration_tool": integration.tool.id,
        "integration_category": integration.tool.category,
        "end_user": _named(integration)["end_user"],
        "log_url": _LOG + Ids("flow", now).encode(0),
    }


def _order_received(integration: Integration, now: str, _: Environment) -> dict[str, Any]:
    return {
        "id": Ids("order", now).encode(0),
        "package_id": "typing-test",
        "status": "OPEN",
        "integration_id": integration.id,
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


def _application_status_updated(_: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        "id": Ids("application", now).encode(0),
        "job_posting_id": Ids("posting", now).encode(0),
        "status": "SUBMITTED",
        "created_at": iso(environment.clock() - 90),
        "updated_at": now,
    }


def _job_posting_status_updated(_: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        "id": Ids("posting", now).encode(0),
        "career_site": {"id": Ids("career site").encode(0), "label": "Brightwater"},
        "url": "https://careers.brightwater.example/jobs/415",
        "job_code": "FIN-415",
        "created_at": iso(environment.clock() - 90),
        "updated_at": now,
        "archived_at": None,
        "archived_reason": None,
        "availability": "APPLYABLE",
    }


def _sync_finished(integration: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        **_about(integration),
        "sync_id": Ids("sync", now).encode(0),
        "sync_state": "SUCCEEDED",
        "sync_started_at": iso(environment.clock() - 42),
        "sync_ended_at": now,
        "sync_duration_seconds": 42,
        "end_user": _named(integration)["end_user"],
        "log_url": _LOG + Ids("sync log", now).encode(0),
    }


def _issue_status_changed(integration: Integration, now: str, environment: Environment) -> dict[str, Any]:
    return {
        "change": "raised",
        "issue": {
            "id": Ids("issue", integration.id).encode(0),
            "type": "integration.authentication_failed",
            "title": f"{integration.tool.label} no longer accepts the credentials",
            "status": "OPEN",
            "markdown_message": "Ask the customer to **connect anew**.",
            "first_observed_at": iso(environment.clock() - 3_600),
            "resolved_at": None,
        },
        "integration": _named(integration),
    }


_DATA: Final[Mapping[str, Make]] = {
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
