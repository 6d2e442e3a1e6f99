"""What programs do with a sandbox besides sending requests to it: the same as the control API, typed."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .config import SandboxConfig
from .data.clock import SandboxClock
from .data.integrations import IntegrationState
from .data.source import Source
from .data.tools import CATEGORIES, TOOLS
from .http.app import SandboxApp
from .http.deliveries import Delivery
from .http.faults import Faults
from .http.feed import Change, Observer
from .http.requests import ReceivedRequest

T = TypeVar("T")


class Controls:
    """The common part of both kinds of sandbox, without the server."""

    _app: SandboxApp

    def _in_loop(self, call: Callable[[], T]) -> T:
        """Call a function in the thread of the server, and return its result."""
        return call()

    @property
    def _source(self) -> Source:
        return Source(self._app.environment)

    @property
    def config(self) -> SandboxConfig:
        """Return the configuration."""
        return self._app.config

    @property
    def api_key(self) -> str:
        """Return the only API key that is accepted."""
        return self._app.api_key

    @property
    def integration_id(self) -> str:
        """Return the id of the first integration: an HR system, unless all of those are deleted."""
        return self._app.environment.first_integration_id

    @property
    def integration_ids(self) -> tuple[str, ...]:
        """Return the ids of all integrations, HR systems first, without deleted ones."""
        return self._app.environment.integration_ids

    def integration_id_of(self, category: str) -> str:
        """Return the id of the first integration of a category: `HRIS`, `ATS`, `ASSESSMENT` or `LMS`."""
        found = self._app.environment.integration_id_of(category)
        if found is None:
            raise ValueError(f"there is no {category!r} integration; categories are {', '.join(CATEGORIES)}")
        return found

    def set_integration_state(self, integration_id: str, **changes: Any) -> None:
        """Change the state of an integration, so that operations fail with `INTEGRATION.…` errors.

        `status` (`ACTIVE`, `INVALID`, `INACTIVE`), `setup_status` (`COMPLETED`, `INCOMPLETE`,
        `FINAL_SYNC_PENDING`), `qa_status` (`PASSED`, `PENDING`, `FAILED`), and sets of names:
        `disabled_models={"hris_absences"}`, `disabled_actions={"hris_create_absence"}`,
        `missing_permissions` of both. `data_expired_at` is a datetime or None. What is left out stays unchanged.
        """

        def change() -> None:
            integration = self._source.integration(integration_id)
            integration.change_state(changes)
            self._app.webhooks.notify_state_change(integration)
            self._app.feed.publish(Change("integrations", integration.id))

        self._in_loop(change)

    def integration_state(self, integration_id: str) -> IntegrationState:
        """Return the state of an integration."""
        return self._in_loop(lambda: self._source.integration(integration_id).state)

    def add_integration(self, tool: str) -> str:
        """Connect another tool, such as `"bamboohr"`, and return the id of its integration. `integration-created` is
        sent."""
        known = {each.id: each for each in TOOLS}
        if tool not in known:
            raise ValueError(f"there is no tool {tool!r}; there are {', '.join(known)}")

        def add() -> str:
            integration = self._app.environment.add_integration(known[tool])
            self._app.webhooks.integration_created(integration)
            self._app.feed.publish(Change("integrations", integration.id))
            return integration.id

        return self._in_loop(add)

    def remove_integration(self, integration_id: str) -> None:
        """Delete an integration; `integration-deleted` is sent."""

        def remove() -> None:
            integration = self._source.integration(integration_id)
            self._app.environment.delete(integration)
            self._app.webhooks.after_operation("delete_integration", integration)
            self._app.feed.publish(Change("integrations", integration.id))

        self._in_loop(remove)

    def start_sync(self, integration_id: str | None = None) -> str:
        """Start a sync of an integration, by default the first one, and return its id; `sync_finished` waits for it.

        If one is running, its id is returned and no other is started.
        """

        def start() -> str:
            integration = self._source.integration(integration_id)
            sync, already = integration.start_sync("FULL")
            if not already:
                self._app.webhooks.after_operation("trigger_sync", integration)
                self._app.feed.publish(Change("integrations", integration.id))
            return sync.id

        return self._in_loop(start)

    def reset(self, seed: int | None = None) -> None:
        """Forget all changes, faults, requests and webhooks, as after the start. Another seed gives other records, and
        other ids."""

        def reset() -> None:
            self._app.reset(seed)
            self._app.feed.publish(Change("reset"))

        self._in_loop(reset)

    def observe(self, observer: Observer) -> None:
        """Call a function with each `ReceivedRequest` when its response is ready, each `Delivery` when it has arrived
        or was given up, and each `Change` by hand. It is called in the thread of the server, and must not block."""
        if not callable(observer):
            raise TypeError(f"observer must be a function of one event, not {type(observer).__name__}")
        self._app.feed.observers.append(observer)

    # Changes at the source. `integration_id` is the first integration that has the model by default. Unknown ids and
    # names are a `ValueError` that lists the nearest ones, or the first few.

    def put(
        self, model: str, record: Mapping[str, Any], /, *, integration_id: str | None = None, raw: bytes | None = None
    ) -> dict[str, Any]:
        """Add a record of a model such as `"hris_employees"`, or replace the one with its id, and return it.

        Only `"id"` is required; fields that are left out are null or empty. Values of any type and unknown keys are
        accepted, and sent as they are; `msgspec.Raw` holds a value that is not valid JSON. Foreign keys, such as
        `manager_id` or `group_ids`, relate records. `raw` is sent in lists in place of the record until it is changed.
        """
        return self._change(model, integration_id, lambda: self._source.put(model, record, integration_id, raw))

    def change(
        self, model: str, record_id: str, /, *, integration_id: str | None = None, **changes: Any
    ) -> dict[str, Any]:
        """Change fields of a record, with the values that `put` takes, and return it. `changed_at` moves.

        `remote_deleted_at=None` restores a deleted record.
        """
        return self._change(
            model, integration_id, lambda: self._source.change(model, record_id, integration_id, changes)
        )

    def delete(self, model: str, record_id: str, /, *, integration_id: str | None = None) -> dict[str, Any]:
        """Delete a record in the tool: from now on `remote_deleted_at` is set, and only `include_deleted` lists it."""
        return self._change(model, integration_id, lambda: self._source.delete(model, record_id, integration_id))

    def anonymise(
        self, model: str, record_id: str, /, *, integration_id: str | None = None, touch: bool = False
    ) -> dict[str, Any]:
        """Anonymise a record as Kombo does 14 days after its deletion: all fields but the id are null or empty lists.

        Whether `updated_after` matches such a record is not documented; with `touch` it does.
        """
        return self._change(
            model, integration_id, lambda: self._source.anonymise(model, record_id, integration_id, touch=touch)
        )

    def remove(self, model: str, record_id: str, /, *, integration_id: str | None = None) -> None:
        """Remove a record without a trace: not even `include_deleted` lists it."""
        self._change(model, integration_id, lambda: self._source.remove(model, record_id, integration_id))

    def records(
        self, model: str, /, *, integration_id: str | None = None, include_deleted: bool = False
    ) -> list[dict[str, Any]]:
        """Return all records of a model, as lists have them."""
        return self._in_loop(lambda: self._source.records(model, integration_id, include_deleted=include_deleted))

    def switch_model(self, model: str, /, *, on: bool, integration_id: str | None = None) -> None:
        """Switch a model off or on in the scope config of an integration, with a sync at once.

        While it is off, all its records count as deleted since then, but reading it is no error: for that, set
        `disabled_models` by `set_integration_state`.
        """
        self._change(model, integration_id, lambda: self._source.switch_model(model, integration_id, on=on))

    def expire_cursors(self) -> None:
        """Refuse all cursors that were sent until now."""
        self._app.environment.cursor_generation += 1

    @property
    def clock(self) -> SandboxClock:
        """Return the clock, which can be advanced and skewed."""
        return self._app.environment.clock

    @property
    def faults(self) -> Faults:
        """Return the faults to inject."""
        return self._app.faults

    @property
    def requests(self) -> deque[ReceivedRequest]:
        """Return the latest requests, oldest first, within `config.kept_requests` and `config.kept_bytes`."""
        return self._app.log.requests

    @property
    def executions(self) -> Counter[str]:
        """Return how often each write was executed, by the name of its operation, even if it was not answered."""
        return self._app.executions

    @property
    def deliveries(self) -> deque[Delivery]:
        """Return the latest webhooks that were delivered or given up, oldest first; at most `config.kept_requests`."""
        return self._app.webhooks.deliveries

    def send_webhooks_to(self, url: str, *, secret: str | None = None) -> None:
        """Send webhooks to this URL, too, signed with `config.webhook_secret` by default.

        `data-changed` after a sync or a request that changed something, `integration-state-changed`,
        `integration-deleted`. A webhook that is not answered with success is sent three times at most.
        """
        self._app.webhooks.add(url, self.config.webhook_secret if secret is None else secret)
        self._app.feed.publish(Change("webhooks"))

    def stop_webhooks_to(self, url: str) -> None:
        """Send no more webhooks to this URL."""
        receivers = self._app.webhooks.receivers
        if not any(each.url == url for each in receivers):
            raise ValueError(f"no webhooks are sent to {url!r}; they are sent to {self.webhook_urls or 'no URL'}")
        receivers[:] = [each for each in receivers if each.url != url]
        self._app.feed.publish(Change("webhooks"))

    @property
    def webhook_urls(self) -> tuple[str, ...]:
        """Return the URLs that webhooks are sent to."""
        return tuple(each.url for each in self._app.webhooks.receivers)

    def _change(self, model: str, integration_id: str | None, change: Callable[[], T]) -> T:
        def apply() -> T:
            result = change()
            self._app.feed.publish(Change("records", integration_id, model))
            return result

        return self._in_loop(apply)
