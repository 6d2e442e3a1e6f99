"""The queue of jobs, in procrastinate: the only importer of it.

A job names a model of an integration, and is no more than a hint: it ends at once where nothing is due or another
process holds the lease. So a job that is lost, or there twice, does no harm. While it waits, its queueing lock keeps
another one of the same kind out. Jobs have no procrastinate lock: one of a dead worker would hold back the next for
half a minute, where a lease does for a few seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from . import schema

if TYPE_CHECKING:
    import psycopg
    from procrastinate import App
    from procrastinate.jobs import Job
    from procrastinate.worker import Worker

Key: TypeAlias = tuple[str, str]
"""An integration and a model."""
Refresh: TypeAlias = Callable[[str, str], Awaitable[None]]

REQUESTED = "requested"
"""The kind of jobs for what a webhook or a user has requested, which go first."""
DUE = "due"
"""The kind of jobs for what is due by its schedule."""
QUEUE = "refresh"
"""The name of procrastinate's queue."""

_TASK = "refresh"
_PRIORITIES = {REQUESTED: 10, DUE: 0}
_BATCH = 1_000
"""Jobs that are inserted by one statement."""
_POLL = 0.5
"""Seconds between two looks for jobs while there is none. Polling costs less than a notification of each job to each
worker, needs no connection of its own, and survives a network that drops connections silently."""
_STALLED = 30.0
"""Seconds without a heartbeat after which procrastinate takes a worker for dead."""
_POOL_TIMEOUT = 5.0
"""Seconds for which a statement waits for a connection, also while the server is away."""
_FINISH_ATTEMPTS = 3

log = logging.getLogger("kombo_async.fleet")


def lock_of(kind: str, key: Key) -> str:
    """Return the queueing lock of a job."""
    return f"{kind} {key[0]} {key[1]}"


@cache
def schema_name() -> str:
    """Return the PostgreSQL schema of the queue, with the version of procrastinate's tables."""
    from procrastinate.schema import SchemaManager

    latest = max(path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    return "kombo_queue_" + "_".join(str(int(part)) for part in latest.split("_")[0].split("."))


def check_installed() -> None:
    """Raise an `ImportError` that says what to install."""
    if find_spec("procrastinate") is None:
        raise ImportError("a fleet needs procrastinate: pip install 'kombo_async[fleet]'")


class Queue:
    """The queue of one database."""

    def __init__(self, url: str) -> None:
        check_installed()
        self.schema = schema_name()
        self._url = url
        self._app: App | None = None
        self._refresh: Refresh | None = None

    async def open(self, connection: psycopg.AsyncConnection[Any], *, create: bool) -> bool:
        """Connect; return whether the queue exists. With *create* it is made if it does not."""
        from procrastinate import App, PsycopgConnector
        from procrastinate.schema import SchemaManager

        if create:
            await schema.create_queue(connection, self.schema, SchemaManager.get_schema())
        elif not await schema.exists(connection, f"{self.schema}.procrastinate_jobs"):
            return False
        name = self.schema

        async def configure(each: psycopg.AsyncConnection[Any]) -> None:
            await each.execute("SELECT set_config('search_path', %s, false)", (name,))
            await each.commit()

        connector = PsycopgConnector(
            conninfo=schema.connection_string(self._url),
            kwargs=schema.connect_options(self._url),
            configure=configure,
            min_size=1,
            max_size=4,
            timeout=_POOL_TIMEOUT,
        )
        self._app = App(connector=connector)
        self._app.job_manager = _job_manager(connector)
        self._app.task(name=_TASK, queue=QUEUE)(self._work)
        await self._app.open_async()
        return True

    async def _work(self, integration_id: str, model: str) -> None:
        assert self._refresh is not None
        await self._refresh(integration_id, model)

    @property
    def app(self) -> App:
        """Return procrastinate's application, or raise a `RuntimeError` if the queue is not open."""
        if self._app is None:
            raise RuntimeError("the queue is not open")
        return self._app

    @property
    def is_open(self) -> bool:
        """Whether jobs can be inserted."""
        return self._app is not None

    async def close(self) -> None:
        """Close all connections."""
        app, self._app = self._app, None
        if app is not None:
            await app.close_async()

    async def enqueue(self, keys: Iterable[Key], kind: str) -> int:
        """Insert jobs for those of *keys* that have no waiting one of this kind; return how many."""
        from procrastinate.exceptions import AlreadyEnqueued

        # Sorted, so that two processes that insert the same ones wait for each other in one order.
        unique = sorted(set(keys))
        inserted = 0
        for start in range(0, len(unique), _BATCH):
            batch: Sequence[Key] = unique[start : start + _BATCH]
            while batch := await self._without_job(batch, kind):
                try:
                    await self.app.job_manager.batch_defer_jobs_async([self._job(key, kind) for key in batch])
                except AlreadyEnqueued:
                    # Another process was faster with one of them, which fails the whole statement.
                    continue
                inserted += len(batch)
                break
        return inserted

    async def _without_job(self, keys: Sequence[Key], kind: str) -> list[Key]:
        rows = await self.app.connector.execute_query_all_async(
            "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(%(locks)s)",
            locks=[lock_of(kind, key) for key in keys],
        )
        taken = {row["queueing_lock"] for row in rows}
        return [key for key in keys if lock_of(kind, key) not in taken]

    def _job(self, key: Key, kind: str) -> Job:
        from procrastinate.jobs import Job

        return Job(
            queue=QUEUE,
            priority=_PRIORITIES[kind],
            lock=None,
            queueing_lock=lock_of(kind, key),
            task_name=_TASK,
            task_kwargs={"integration_id": key[0], "model": key[1]},
        )

    async def depth(self) -> int:
        """Return how many jobs wait."""
        rows = await self.app.connector.execute_query_all_async(
            "SELECT count(*) AS waiting FROM procrastinate_jobs WHERE status = 'todo'"
        )
        return int(rows[0]["waiting"])

    async def drop_stalled(self) -> int:
        """Drop jobs that dead workers have begun; return how many. Their models are due when the leases expire."""
        from procrastinate.exceptions import ConnectorException
        from procrastinate.jobs import Status

        manager = self.app.job_manager
        stalled = [job for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED) if job.id]
        for job in stalled:
            assert job.id is not None
            try:
                await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
            except ConnectorException:
                # Its worker was only stopped, and has finished it meanwhile; or another process has dropped it.
                continue
        await manager.prune_stalled_workers(_STALLED)
        return len(stalled)

    def worker(self, refresh: Refresh, *, concurrency: int, grace: float) -> Worker:
        """Return a worker that awaits *refresh* for each job, and on `stop` lets running ones go on for *grace*
        seconds before they are cancelled."""
        from procrastinate.worker import Worker

        self._refresh = refresh
        return Worker(
            self.app,
            queues=[QUEUE],
            concurrency=concurrency,
            fetch_job_polling_interval=_POLL,
            listen_notify=False,
            delete_jobs="always",
            install_signal_handlers=False,
            shutdown_graceful_timeout=grace,
            stalled_worker_timeout=_STALLED,
        )


def _job_manager(connector: Any) -> Any:
    from procrastinate.exceptions import ConnectorException
    from procrastinate.manager import JobManager

    class PatientJobManager(JobManager):
        """Finishing a job may fail: the database is away for a moment, or the job was dropped while this process was
        stopped. Neither is an error of the job."""

        async def finish_job(self, *args: Any, **options: Any) -> None:
            """Finish a job."""
            for attempt in range(_FINISH_ATTEMPTS):
                try:
                    await super().finish_job(*args, **options)
                except ConnectorException:
                    log.debug("cannot finish a job", exc_info=True)
                    await asyncio.sleep(attempt)
                else:
                    return

    return PatientJobManager(connector)


def is_queue_error(error: BaseException) -> bool:
    """Return whether *error* says that the queue's database failed."""
    from procrastinate.exceptions import ProcrastinateException

    return isinstance(error, ProcrastinateException)
