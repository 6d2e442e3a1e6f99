"""`Mirror`: a copy of Kombo's data in a database, kept in step."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, cast, overload

from ..config import check_count
from ..engine.codec import decode_document
from ..engine.rows import Undecodable
from ..errors import DecodeError
from ..models.diagnostics import Unreadable
from ..redaction import clear_frames, without_locals
from .database import Database, parse_url
from .json_checks import id_problem
from .mirrored_models import MIRRORED, affected_models, check_models, model_of, models_of
from .results import Change, ModelStatus, OnChange, RefreshResult
from .schedule import Schedule

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from ..client import KomboClient
    from ..models.general import Integration
    from ..models.webhooks import Event
    from .runner import Runner
    from .store import SqlStore

T = TypeVar("T")

_CONCURRENCY = 8
_BATCH = 250


class Mirror:
    """A copy of the records of integrations, in SQLite or PostgreSQL.

    `async with KomboClient() as client, Mirror("sqlite:///people.db", client) as mirror:`. Several processes may use
    one database at once: each model of an integration is refreshed by one of them at a time, and a process that is
    killed loses nothing.

    Each model has a view of typed columns for SQL, such as `hris_employees`, with deleted records in it
    (`remote_deleted_at`). In PostgreSQL all is in the schema `kombo`.
    """

    def __init__(
        self,
        url: str,
        client: KomboClient | None = None,
        *,
        schedule: Schedule = Schedule(),
        on_change: OnChange | None = None,
        erase_deleted_integrations: bool = False,
    ) -> None:
        """Nothing is opened before `async with`, which creates the tables or upgrades those of an older version.

        - `url`: `sqlite:///people.db` (or only the name of a file), readable by its owner alone, or `postgresql://…`.
        - `client`: reads from Kombo. Without one, everything works that asks Kombo nothing: `status`, `iter_records`,
          `remove`, `request_refresh`, `handle_event`, `connection`.
        - `on_change`: awaited with the connection and the changes of each page, in the transaction that stores them.
          What it writes with this connection happens exactly once. It may be called again for the same changes after a
          failure, so effects elsewhere belong into a table that it writes, from which they are sent afterwards. It must
          not commit. While it runs, a SQLite file takes no other changes.
        - `erase_deleted_integrations`: whether the event `integration-deleted` removes the integration's records.
        """
        if not isinstance(schedule, Schedule):
            raise TypeError(f"schedule is a Schedule, not {type(schedule).__name__}")
        if on_change is not None and not callable(on_change):
            raise TypeError("on_change is an async function of a connection and changes")
        self._url = parse_url(url)
        self._client = client
        self._schedule = schedule
        self._on_change = on_change
        self._erase_deleted_integrations = erase_deleted_integrations
        self._opened: SqlStore | None = None
        self._database_options: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"Mirror({self._url.render_as_string()!r})"

    async def __aenter__(self) -> Self:
        from .store import SqlStore

        if self._opened is not None:
            raise RuntimeError("this mirror is open already")
        store = SqlStore(Database(self._url, **self._database_options))
        try:
            await store.open()
        except BaseException:
            await store.database.close()
            raise
        self._opened = store
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        store, self._opened = self._store, None
        await store.database.close()

    @property
    def _store(self) -> SqlStore:
        if self._opened is None:
            raise RuntimeError("open the mirror first: async with Mirror(…) as mirror")
        return self._opened

    @property
    def _source(self) -> KomboClient:
        if self._client is None:
            raise RuntimeError("this needs a client: Mirror(url, client)")
        return self._client

    @without_locals
    async def add(self, integration_id: str, models: Iterable[str] | None = None) -> tuple[str, ...]:
        """Mirror models of an integration, by default all that it offers, and return their names.

        Nothing is read yet: they are due for a full refresh. Models that were added before stay as they are. Raise
        `IntegrationNotFoundError` for an unknown integration, and `ValueError` for a name that is not a model of its
        category.
        """
        wanted = None if models is None else check_models(models)
        integration = await self._source.get_integration(integration_id)
        family = integration.category.lower()
        wanted = _offered(integration, family) if wanted is None else check_models(wanted, family)
        if integration_id in await self._store.removals():
            await self.remove(integration_id)
        await self._store.add(integration_id, integration.category, wanted)
        return wanted

    @without_locals
    async def remove(self, integration_id: str) -> None:
        """Erase all records of an integration, and mirror it no more. Nothing happens if it is not in the mirror.

        `on_change` gets an `erased` for each record. A removal that was interrupted is continued by the next one, and
        by `refresh` and `run`.
        """
        store = self._store
        await store.begin_removal(integration_id)
        for model in MIRRORED:
            while True:
                async with store.database.transaction() as connection:
                    taken = await store.take_records(connection, integration_id, model, _BATCH)
                    if taken and self._on_change is not None:
                        changes = [
                            Change(
                                kind="erased",
                                integration_id=integration_id,
                                model=model,
                                id=record_id,
                                before=before,
                                after=None,
                            )
                            for record_id, before in taken
                        ]
                        await self._on_change(connection, changes)
                if len(taken) < _BATCH:
                    break
        await store.end_removal(integration_id)

    @without_locals
    async def request_refresh(self, integration_id: str, models: Iterable[str] | None = None) -> tuple[str, ...]:
        """Make models due now, by default all of the integration, and return those that are in the mirror.

        It ends the wait after a failure, except after limits and outages. `run` and `refresh`, of any process, do the
        work. Nothing happens for an integration that is not in the mirror.
        """
        wanted = None if models is None else check_models(models)
        return await self._store.requests.add(integration_id, lambda offered: offered if wanted is None else wanted)

    @without_locals
    async def handle_event(self, event: Event) -> tuple[str, ...]:
        """Request what a webhook event says is out of date, and return the names of these models.

        Each event counts once: its id is remembered for a day. Events of integrations that are not in the mirror do
        nothing, and `integration-created` does nothing by itself: call `add`.
        """
        integration_id = event.integration_id
        if integration_id is None or id_problem(integration_id) is not None:
            return ()
        store, changed = self._store, None
        match str(event.type):
            case "data-changed":
                changed = _changed_models(event.data)
            case "integration-deleted":
                if self._erase_deleted_integrations:
                    if await store.is_in_mirror(integration_id):
                        await self.remove(integration_id)
                    return ()
            case "integration-state-changed" | "issue-status-changed" | "sync-finished":
                pass
            case _:
                return ()

        def choose(offered: Sequence[str]) -> Iterable[str]:
            return offered if changed is None else affected_models(changed, offered)

        event_id = event.id if id_problem(event.id) is None else None
        return await store.requests.add(integration_id, choose, event_id=event_id)

    async def refresh(
        self, *integration_ids: str, models: Iterable[str] | None = None, full: bool = False, force: bool = False
    ) -> AsyncGenerator[RefreshResult]:
        """Refresh, several models at once, and give the result of each when it ends; an error is in its `error`.

        Without ids: all that is due. With ids: these integrations, due or not, and after those of other processes that
        refresh them now. `full` reads everything, also of models that are not due. `force` is a full refresh that
        applies deletions which would be withheld for their number.
        """
        only = None if models is None else check_models(models)
        runner = self._runner(_CONCURRENCY)
        await self._continue_removals()
        if not integration_ids and not full and not force:
            results = runner.due(only, forever=False)
        else:
            keys = await self._keys(integration_ids, only)
            results = runner.named(keys, full=full or force, force=force)
        try:
            async for result in results:
                yield result
        finally:
            await results.aclose()

    @without_locals
    async def run(self, *, concurrency: int = _CONCURRENCY) -> None:
        """Refresh what is due or requested, until it is cancelled. Results are logged, and in `status`.

        `concurrency` is how many models are refreshed at once, each with a page or two in memory.
        """
        check_count("concurrency", concurrency)
        await self._continue_removals()
        async for _ in self._runner(concurrency).due(None, forever=True):
            pass

    @overload
    def iter_records(
        self, record_type: type[T], integration_id: str | None = None, *, include_deleted: bool = False
    ) -> AsyncIterator[T]: ...
    @overload
    def iter_records(
        self,
        record_type: type[T],
        integration_id: str | None = None,
        *,
        include_deleted: bool = False,
        unreadable: Literal["raise", "keep"],
    ) -> AsyncIterator[T | Unreadable]: ...
    async def iter_records(
        self,
        record_type: type[T],
        integration_id: str | None = None,
        *,
        include_deleted: bool = False,
        unreadable: Literal["raise", "keep"] = "raise",
    ) -> AsyncIterator[T | Unreadable]:
        """Iterate over the stored records of a class such as `Employee`, ordered by integration and id.

        A record that the class cannot hold is a `DecodeError` that names it, or with `unreadable="keep"` an
        `Unreadable` among the others.
        """
        if unreadable not in {"raise", "keep"}:
            raise ValueError(f'unreadable is "raise" or "keep", not {unreadable!r}')
        records = self._store.records(
            model_of(cast("Any", record_type)), integration_id, include_deleted=include_deleted, batch=_BATCH
        )
        raw, record = b"", cast("Any", None)
        try:
            async for of_integration, record_id, raw in records:
                try:
                    record = decode_document(raw, record_type)
                except Undecodable as undecodable:
                    if unreadable == "keep":
                        yield Unreadable(id=record_id, raw=raw, problems=(undecodable.problems,))
                        continue
                    message = f"record {record_id}: {undecodable.problems}"
                    raise DecodeError(message, integration_id=of_integration) from None
                yield record
        except BaseException as error:
            # Error trackers would report them.
            raw, record = b"", None
            clear_frames(error)
            raise

    @without_locals
    async def status(self) -> tuple[ModelStatus, ...]:
        """Return how far each model of each integration is."""
        rows = await self._store.models()
        counts = {model: await self._store.counts(model) for model in {row.model for row in rows}}
        return tuple(
            ModelStatus(
                integration_id=row.integration_id,
                model=row.model,
                records=counts[row.model].get(row.integration_id, (0, 0))[0],
                deleted_records=counts[row.model].get(row.integration_id, (0, 0))[1],
                refreshed_at=None if row.state.refreshed_at is None else _time(row.state.refreshed_at),
                next_at=_time(row.now if row.is_requested else max(row.due_at, 0.0)),
                refreshing=("incremental" if row.state.incremental is not None else "full" if row.state.full else None),
                holder=row.holder,
                failures=row.state.failures,
                last_error=row.state.last_error,
                unreadable=row.state.unreadable,
                withheld_deletions=row.state.withheld,
            )
            for row in rows
        )

    def connection(self, *, read_only: bool = True) -> AsyncConnection:
        """Return a connection of SQLAlchemy for queries of your own: `async with mirror.connection() as connection`.

        With `read_only=False` it may write, to tables of your own; a SQLite file takes no other changes until it is
        closed.
        """
        return self._store.database.connect(read_only=read_only)

    def _runner(self, concurrency: int) -> Runner:
        from .runner import Runner
        from .source import KomboSource

        return Runner(
            self._store,
            KomboSource(self._source),
            schedule=self._schedule,
            on_change=self._on_change,
            concurrency=concurrency,
        )

    async def _keys(self, integration_ids: Collection[str], models: Collection[str] | None) -> list[tuple[str, str]]:
        """Return the models to refresh, or raise a `ValueError` for an integration or a model that is not in the
        mirror."""
        known: dict[str, list[str]] = {}
        for row in await self._store.models():
            known.setdefault(row.integration_id, []).append(row.model)
        missing = [each for each in integration_ids if each not in known]
        if missing:
            raise ValueError(f"not in the mirror: {', '.join(map(repr, missing))}; add it first")
        chosen = dict.fromkeys(integration_ids) if integration_ids else known
        offered = {model for each in chosen for model in known[each]}
        if integration_ids and models is not None and (missing := [each for each in models if each not in offered]):
            raise ValueError(f"not in the mirror: {', '.join(missing)} of {', '.join(map(repr, chosen))}; add it first")
        return [(each, model) for each in chosen for model in known[each] if models is None or model in models]

    async def _continue_removals(self) -> None:
        for integration_id in await self._store.removals():
            await self.remove(integration_id)


def _offered(integration: Integration, family: str) -> tuple[str, ...]:
    available = {each.id for each in integration.read_models if each.is_available}
    offered = tuple(model for model in models_of(family) if model in available)
    if not offered:
        raise ValueError(f"{integration.id} offers no model that can be mirrored")
    return offered


def _changed_models(data: Any) -> list[str] | None:
    """Return which models a `data-changed` names; None if it does not say, which concerns all of them."""
    # Only events need it, and the models of all families, which it imports.
    from ..models.webhooks import DataChange

    if isinstance(data, DataChange):
        return [each.name for each in data.changed_models] or None
    # An event with an odd value is plain JSON.
    try:
        names = [each["name"] for each in data["changed_models"]]
    except (TypeError, KeyError):
        return None
    return names if names and all(isinstance(name, str) for name in names) else None


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
