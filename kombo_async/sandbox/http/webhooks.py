"""Delivery of webhooks: events are signed and sent to all receivers."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any, TypeVar

import aiohttp
import attrs
import msgspec

from ...redaction import hidden
from ..config import SandboxConfig, check_secret, check_url
from ..data.deterministic import Ids, iso
from ..data.environment import Environment
from ..data.events import EVENT_DATA, FIRST_STATE, merge, state_of
from ..data.integrations import Integration

T = TypeVar("T")

LOGGER = logging.getLogger("kombo_async.sandbox")

_RETRY_DELAYS = (0.05, 0.25)
"""Seconds before the second and the third attempt."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@attrs.frozen
class Delivery:
    """The delivery of one event to one URL."""

    event_id: str
    """The same in all attempts, and for all receivers."""
    type: str
    """The type of the event, such as `data-changed`."""
    url: str
    """The URL of the receiver."""
    attempts: int
    """How often it was sent, at most 3 times."""
    status: int | None
    """The HTTP status of the last attempt; None if there was no response."""
    body: bytes = attrs.field(repr=hidden)
    """The bytes that were signed and sent."""

    @property
    def arrived(self) -> bool:
        """Return whether the receiver answered with success."""
        return _is_success(self.status)


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


@attrs.frozen
class _Receiver:
    url: str
    secret: bytes = attrs.field(repr=hidden)


class Webhooks:
    """Sends events of an environment to receivers while the server is running."""

    def __init__(self, config: SandboxConfig, environment: Environment) -> None:
        self.deliveries: deque[Delivery] = deque(maxlen=config.kept_requests)
        self._environment = environment
        self._listeners: list[_Receiver] = []
        # Unlike those of records, they differ between runs: receivers drop events whose id they know.
        self._event_ids = Ids("event", environment.clock())
        self._sent = 0
        self._states: dict[str, tuple[str, ...]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        environment.listeners.append(self._changed)
        if config.webhook_url is not None:
            self.add(config.webhook_url, config.webhook_secret)

    def add(self, url: str, secret: str) -> None:
        """Add a receiver."""
        check_url(url)
        check_secret(secret)
        self._listeners.append(_Receiver(url, secret.encode()))

    async def while_serving(self, _: object) -> AsyncIterator[None]:
        """Open the session for deliveries, and cancel those in progress at the end; for `cleanup_ctx`."""
        # Connections are not kept, since a receiver that stops waits for them.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT
        ) as session:
            self._session = session
            yield
            self._session = None
            tasks = set(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def wait_until_delivered(self) -> None:
        """Wait until all events were delivered or given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def send(
        self, kind: str, integration_id: str | None, event_id: str | None, given: Mapping[str, Any]
    ) -> tuple[Delivery, ...]:
        """Send an event with generated data, and wait until it was delivered or given up."""
        if self._session is None:
            raise RuntimeError("the sandbox is not running")
        if not self._listeners:
            raise RuntimeError("there is no receiver: set SandboxConfig(webhook_url=…) or call send_webhooks_to(…)")
        tasks = self._post(kind, self._data(kind, integration_id, given), event_id)
        await asyncio.wait(tasks)
        return tuple(task.result() for task in tasks if not task.cancelled())

    # Events that follow from changes.

    def after_operation(self, operation: str, integration: Integration) -> None:
        """Send the events that follow from an operation on an integration."""
        if operation == "delete_integration":
            self._emit("integration-deleted", integration)
            return
        if operation == "trigger_sync" and self._listeners:
            self._spawn(self._finish_sync(integration))
        self.notify_state_change(integration)

    def notify_state_change(self, integration: Integration) -> None:
        """Send `integration-state-changed` if the state of an integration changed since the last call."""
        now = state_of(integration)
        before, self._states[integration.id] = self._states.get(integration.id, FIRST_STATE), now
        if now != before:
            self._emit("integration-state-changed", integration)

    async def _finish_sync(self, integration: Integration) -> None:
        # Syncs end lazily, with the next request; receivers are to hear of their changes without one.
        left = integration.seconds_to_sync()
        while left > 0:  # sleep and clock differ slightly, so a sleep may end early
            await asyncio.sleep(left)
            left = integration.seconds_to_sync()
        self._environment.publish_changes(integration)

    def _changed(self, integration: Integration, models: frozenset[str]) -> None:
        self._emit("data-changed", integration, changed_models=[{"name": name} for name in sorted(models)])

    def _emit(self, kind: str, integration: Integration, **given: Any) -> None:
        if self._session is not None and self._listeners:
            self._post(kind, merge(EVENT_DATA[kind](integration, self._now(), self._environment), given), None)

    # Sending.

    def _data(self, kind: str, integration_id: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
        make = EVENT_DATA.get(kind)
        if make is None:
            return dict(given)
        if integration_id is None and kind.endswith("assessment:order-received"):
            integration_id = self._environment.integration_id_of("ASSESSMENT")
        if integration_id is None and kind == "data-changed":
            integration_id = self._environment.changed_integration_id
        integration = self._environment.integration(integration_id or self._environment.first_integration_id)
        data = make(integration, self._now(), self._environment)
        if kind == "data-changed" and (models := integration.store.take_unannounced()):
            data["changed_models"] = [{"name": model} for model in sorted(models)]
        return merge(data, given)

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

    async def _deliver(self, listener: _Receiver, event_id: str, kind: str, body: bytes) -> Delivery:
        # Signed independently of `kombo_async.webhooks`, so that tests compare the two.
        digest = hmac.digest(listener.secret, body, "sha256")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "kombo-sandbox",
            "X-Kombo-Signature": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        }
        attempts, status = 1, await self._attempt(listener.url, headers, body)
        for pause in _RETRY_DELAYS:
            if _is_success(status):
                break
            await asyncio.sleep(pause)
            attempts, status = attempts + 1, await self._attempt(listener.url, headers, body)
        delivery = Delivery(event_id, kind, listener.url, attempts, status, body)
        self.deliveries.append(delivery)
        if not delivery.arrived:
            LOGGER.warning("Webhook %s was not delivered: %s", kind, "no answer" if status is None else status)
        return delivery

    async def _attempt(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        session = self._session
        assert session is not None
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, OSError):  # TimeoutError is an OSError
            return None
