"""The queue of jobs, in procrastinate: the only importer of it.

A job names a model of an integration, and is no more than a hint: it ends at once where nothing is due or another
process holds the lease. So a job that is lost, or there twice, does no harm: what it was for is still due or requested,
and the next plan inserts another one. While a job waits, its queueing lock keeps another one of the same kind out. Jobs
have no procrastinate lock: one of a dead worker would hold back the next for half a minute, where a lease does for a
few seconds.

A job is deleted when it is taken, and as many are taken by one statement as the worker has room for. procrastinate's
own way, one statement to take each job, one to delete it and a row for each event, costs four times as much, and leaves
the jobs of dead workers to be found and dropped.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
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
DoJob: TypeAlias = Callable[[str, str], Awaitable[None]]
"""Does the job for a model of an integration."""

REQUESTED = "requested"
"""The kind of jobs for what a webhook or a user has requested, which go first."""
DUE = "due"
"""The kind of jobs for what is due by its schedule."""

_QUEUE = _TASK = "refresh"
"""The name of procrastinate's queue, and of its task."""
_PRIORITIES = {REQUESTED: 10, DUE: 0}
_POLL = 0.5
"""Seconds between two looks for jobs while there is none. Polling costs less than a notification of each job to each
worker, needs no connection of its own, and survives a network that drops connections silently."""
_GATHER = 0.01
"""Seconds for which a busy worker waits for more jobs to end, to take as many new ones by one statement."""
_POOL_TIMEOUT = 5.0
"""Seconds for which a statement waits for a connection, also while the server is away."""

LOCK = "%(kind)s || ' ' || integration_id || ' ' || model"
"""The queueing lock of a job, in SQL."""
# In the order of their keys, so that two processes that insert the same ones wait for each other in one order.
_INSERT = f"""
WITH inserted AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)
    SELECT '{_QUEUE}', '{_TASK}', %(priority)s, {LOCK},
        jsonb_build_object('integration_id', integration_id, 'model', model)
    FROM ({{keys}}) AS keys ORDER BY integration_id, model
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING RETURNING id
) SELECT count(*) AS inserted FROM inserted
"""
_KEYS = "SELECT DISTINCT * FROM unnest(%(integration_ids)s::text[], %(models)s::text[]) AS t (integration_id, model)"
# With an array, PostgreSQL takes the jobs by the index of their ids, whatever it believes of the size of the table.
_TAKE = """
DELETE FROM procrastinate_jobs WHERE id = ANY(ARRAY(
    SELECT id FROM procrastinate_jobs WHERE status = 'todo'
    ORDER BY priority DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)) RETURNING *
"""


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
        self.schema = schema_name()
        self._url = url
        self._app: App | None = None
        self._do_job: DoJob | None = None

    async def open(self, connection: psycopg.AsyncConnection[Any], *, create: bool) -> bool:
        """Connect; return whether the queue exists. With *create* it is made if it does not."""
        from procrastinate import App, PsycopgConnector

        if create:
            await self._create(connection)
        elif not await schema.exists(connection, f"{self.schema}.procrastinate_jobs"):
            return False
        name = self.schema

        async def configure(each: psycopg.AsyncConnection[Any]) -> None:
            # A job that a crash of the server loses is planned again, so that nothing waits for its disk.
            await each.execute(
                "SELECT set_config('search_path', %s, false), set_config('synchronous_commit', 'off', false)", (name,)
            )

        connector = PsycopgConnector(
            conninfo=schema.connection_string(self._url),
            # Each statement is a transaction of its own, without two more round trips.
            kwargs={"autocommit": True, **schema.connect_options(self._url)},
            configure=configure,
            min_size=1,
            max_size=4,
            timeout=_POOL_TIMEOUT,
        )
        self._app = App(connector=connector)
        self._app.task(name=_TASK, queue=_QUEUE)(self._work)
        await self._app.open_async()
        return True

    async def create(self) -> None:
        """Create the queue if it does not exist, such as one that was dropped while workers run."""
        connection: psycopg.AsyncConnection[Any]
        async with await schema.connect(self._url) as connection:
            await self._create(connection)

    async def _create(self, connection: psycopg.AsyncConnection[Any]) -> None:
        from procrastinate.schema import SchemaManager

        await schema.create_queue(connection, self.schema, SchemaManager.get_schema())

    async def _work(self, integration_id: str, model: str) -> None:
        assert self._do_job is not None
        await self._do_job(integration_id, model)

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
        unique = list(keys)
        return await self.enqueue_found(
            _KEYS, kind, integration_ids=[key[0] for key in unique], models=[key[1] for key in unique]
        )

    async def enqueue_found(self, query: str, kind: str, **parameters: Any) -> int:
        """Insert jobs for the `integration_id` and `model` that a query finds, as `enqueue`."""
        rows = await self.rows(_INSERT.format(keys=query), kind=kind, priority=_PRIORITIES[kind], **parameters)
        return int(rows[0]["inserted"])

    async def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Execute a statement, as a transaction of its own; return its rows."""
        connector: Any = self.app.connector
        rows: list[dict[str, Any]] = await connector.execute_query_all_async(statement, **parameters)
        return rows

    def worker(self, do_job: DoJob, *, concurrency: int, grace: float) -> Worker:
        """Return a worker that awaits *do_job* for each job, and on `stop` lets running ones continue for *grace*
        seconds before they are cancelled."""
        from procrastinate.worker import Worker

        self._do_job = do_job
        self.app.job_manager = _job_manager(self.app.connector, concurrency)
        return Worker(
            self.app,
            queues=[_QUEUE],
            concurrency=concurrency,
            fetch_job_polling_interval=_POLL,
            listen_notify=False,
            install_signal_handlers=False,
            shutdown_graceful_timeout=grace,
        )


def _job_manager(connector: Any, concurrency: int) -> Any:
    from procrastinate.jobs import Job
    from procrastinate.manager import JobManager

    class BatchingJobManager(JobManager):
        """Takes as many jobs at once as the worker has room for."""

        def __init__(self) -> None:
            super().__init__(connector)
            self._taken: deque[Job] = deque()
            self._running = 0

        async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:  # noqa: ARG002
            """Return a job for which the worker has room; None if none waits."""
            if not self._taken:
                if 2 * self._running > concurrency:
                    await asyncio.sleep(_GATHER)
                limit = max(1, concurrency - self._running)
                rows = await self.connector.execute_query_all_async(_TAKE, limit=limit)
                jobs = map(Job.from_row, rows)
                self._taken.extend(sorted(jobs, key=lambda job: (-job.priority, job.id or 0)))
            if not self._taken:
                return None
            self._running += 1
            return self._taken.popleft()

        async def finish_job(self, *_: Any, **__: Any) -> None:
            """Note that there is room for another one."""
            self._running -= 1

    return BatchingJobManager()


def is_queue_error(error: BaseException) -> bool:
    """Return whether *error* says that the queue's database failed."""
    import psycopg
    from procrastinate.exceptions import ProcrastinateException

    return isinstance(error, (ProcrastinateException, psycopg.Error))
