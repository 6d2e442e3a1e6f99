"""Delivery of webhooks: events are signed and sent to all receivers."""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any, TypeVar

import aiohttp
import attrs
import msgspec

from ...redaction import hidden
from ...webhook_examples import EXAMPLES, merge
from ..config import SandboxConfig, check_secret, check_url
from ..data.deterministic import Ids
from ..data.environment import Environment
from ..data.events import FIRST_STATE, event_data, state_of
from ..data.integrations import Integration
from .deliveries import Delivery, DeliveryAttempt
from .feed import Feed

T = TypeVar("T")

LOGGER = logging.getLogger("kombo_async.sandbox")

_RETRY_DELAYS = (0.05, 0.25)
"""Seconds before the second and the third attempt."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_KEPT_BYTES = 4 * 1024
"""Bytes of a response that are logged."""


@attrs.frozen
class Receiver:
    """A URL that webhooks are sent to."""

    number: int
    """Its number among all receivers that were added."""
    url: str
    secret: bytes = attrs.field(repr=hidden)


class NoReceiverError(RuntimeError):
    """Raised if an event is to be sent, and no URL is set to send it to."""


class Webhooks:
    """Sends events of an environment to receivers while the server is running."""

    def __init__(self, config: SandboxConfig, environment: Environment, feed: Feed) -> None:
        self.deliveries: deque[Delivery] = deque(maxlen=config.kept_requests)
        self.receivers: list[Receiver] = []
        """Where events are sent to."""
        self._feed = feed
        self._receivers_added = self._deliveries_begun = 0
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._use(config, environment)

    def _use(self, config: SandboxConfig, environment: Environment) -> None:
        self._environment = environment
        # Unlike those of records, they differ between runs: receivers drop events whose id they know.
        self._event_ids = Ids("event", environment.clock())
        self._sent = 0
        self._states: dict[str, tuple[str, ...]] = {}
        environment.listeners.append(self._changed)
        if config.webhook_url is not None:
            self.add(config.webhook_url, config.webhook_secret)

    def reset(self, config: SandboxConfig, environment: Environment) -> None:
        """From now on, send the events of another environment, to the receiver of its configuration alone."""
        for task in self._tasks:
            task.cancel()
        self.deliveries.clear()
        self.receivers.clear()
        self._use(config, environment)

    def add(self, url: str, secret: str) -> Receiver:
        """Add a receiver."""
        check_url(url)
        check_secret(secret)
        self._receivers_added += 1
        receiver = Receiver(self._receivers_added, url, secret.encode())
        self.receivers.append(receiver)
        return receiver

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
        self, event_type: str, integration_id: str | None, event_id: str | None, given: Mapping[str, Any]
    ) -> tuple[Delivery, ...]:
        """Send an event with generated data, and wait until it was delivered or given up."""
        if self._session is None:
            raise RuntimeError("the sandbox is not running")
        if not self.receivers:
            raise NoReceiverError("there is no receiver: set SandboxConfig(webhook_url=…) or call send_webhooks_to(…)")
        tasks = self._post(event_type, self._data(event_type, integration_id, given), event_id)
        await asyncio.wait(tasks)
        return tuple(task.result() for task in tasks if not task.cancelled())

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Send the same bytes with the same signature to the same URL again, and wait for the result."""
        if self._session is None:
            raise RuntimeError("the sandbox is not running")
        work = self._deliver(delivery.url, delivery.headers, delivery.event_id, delivery.type, delivery.body)
        return await self._spawn(work)

    # Events that follow from changes.

    def after_operation(self, operation: str, integration: Integration) -> None:
        """Send the events that follow from an operation on an integration."""
        if operation == "delete_integration":
            self._emit("integration-deleted", integration)
            return
        if operation == "trigger_sync" and self.receivers:
            self._spawn(self._finish_sync(integration))
        self.notify_state_change(integration)

    def integration_created(self, integration: Integration) -> None:
        """Send `integration-created`."""
        self._emit("integration-created", integration)

    def notify_state_change(self, integration: Integration) -> None:
        """Send `integration-state-changed` if the state of an integration changed since the last call."""
        now = state_of(integration)
        before, self._states[integration.id] = self._states.get(integration.id, FIRST_STATE), now
        if now != before:
            self._emit("integration-state-changed", integration)

    async def _finish_sync(self, integration: Integration) -> None:
        # Syncs end lazily, with the next request; receivers get their changes without one.
        await integration.sync_ended()
        self._environment.publish_changes(integration)

    def _changed(self, integration: Integration, models: frozenset[str]) -> None:
        self._emit("data-changed", integration, changed_models=[{"name": name} for name in sorted(models)])

    def _emit(self, event_type: str, integration: Integration, **given: Any) -> None:
        if self._session is not None and self.receivers:
            self._post(event_type, merge(event_data(event_type, integration, self._environment), given), None)

    # Sending.

    def _data(self, event_type: str, integration_id: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
        if event_type not in EXAMPLES:
            return dict(given)
        if integration_id is None and event_type.endswith("assessment:order-received"):
            integration_id = self._environment.integration_id_of("ASSESSMENT")
        if integration_id is None and event_type == "data-changed":
            integration_id = self._environment.changed_integration_id
        integration = self._environment.integration(integration_id or self._environment.first_integration_id)
        data = event_data(event_type, integration, self._environment)
        if event_type == "data-changed" and (models := integration.store.take_unannounced()):
            data["changed_models"] = [{"name": model} for model in sorted(models)]
        return merge(data, given)

    def _post(self, event_type: str, data: dict[str, Any], event_id: str | None) -> list[asyncio.Task[Delivery]]:
        if event_id is None:
            event_id = self._event_ids.encode(self._sent)
            self._sent += 1
        body = msgspec.json.encode({"id": event_id, "type": event_type, "data": data})
        return [
            self._spawn(self._deliver(receiver.url, _headers(receiver.secret, body), event_id, event_type, body))
            for receiver in self.receivers
        ]

    def _spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(
        self, url: str, headers: Mapping[str, str], event_id: str, event_type: str, body: bytes
    ) -> Delivery:
        self._deliveries_begun += 1
        number, sent_at = self._deliveries_begun, self._environment.clock()
        attempts = [await self._attempt(url, headers, body)]
        for pause in _RETRY_DELAYS:
            if attempts[-1].succeeded:
                break
            await asyncio.sleep(pause)
            attempts.append(await self._attempt(url, headers, body))
        delivery = Delivery(
            event_id,
            event_type,
            url,
            len(attempts),
            attempts[-1].status,
            body,
            tuple(attempts),
            headers,
            number,
            sent_at,
        )
        self.deliveries.append(delivery)
        if not delivery.arrived:
            LOGGER.warning("Webhook %s was not delivered: %s", event_type, delivery.status or "no response")
        self._feed.publish(delivery)
        return delivery

    async def _attempt(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryAttempt:
        session = self._session
        assert session is not None
        began = time.monotonic()
        status, body_start, problem = None, b"", None
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                kept = b""
                async for chunk in response.content.iter_any():
                    kept += chunk[: _KEPT_BYTES - len(kept)]
                status, body_start = response.status, kept
        except TimeoutError:  # an OSError without a text
            problem = f"no response within {_TIMEOUT.total:.0f} seconds"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            problem = str(error) or type(error).__name__
        return DeliveryAttempt(status, (time.monotonic() - began) * 1_000, body_start, problem)


def _headers(secret: bytes, body: bytes) -> dict[str, str]:
    # Signed independently of `kombo_async.webhooks`, so that tests compare the two.
    digest = hmac.digest(secret, body, "sha256")
    return {
        "Content-Type": "application/json",
        "User-Agent": "kombo-sandbox",
        "X-Kombo-Signature": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }
