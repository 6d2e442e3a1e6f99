"""`kombo-async mirror`: a copy of Kombo's data in a database, kept in step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from cyclopts.validators import Number

from ..mirror_database import check_existence, database_errors
from ..options import CommandOptions, ExitCode, Flag, IntegrationId, OutputOptions, UsageError
from .webhook import Secrets, webhook_secrets

if TYPE_CHECKING:
    from logging import LogRecord

    from ...fleet import Fleet
    from ...mirror import Mirror, RefreshResult
    from ...webhooks import Event
    from ..console import Output
    from ..runner import Invocation

mirror = App(name="mirror", help="Keep a copy of Kombo's data in a database, with deletions, for good.")

Database = Annotated[
    str,
    Parameter(
        name="DATABASE",
        help="A file of SQLite, which is created, or postgresql://user@host/name; its password better in PGPASSWORD.",
    ),
]
Models = Annotated[
    str | None, Parameter(help="Names such as hris_employees,hris_absences; by default all that there are.")
]


@mirror.command
def demo() -> int:
    """Demonstrate a mirror against a local Kombo: it needs no account, no key and no network.

    It mirrors 20 integrations, kills the process in the middle, continues, changes people at the source, receives the
    webhooks, refreshes, and compares: the exit code is 0 if the copy equals its source at the end.

    Example: `kombo-async mirror demo`
    """
    from ..mirror_demo import play
    from ..runner import run_local

    def work(out: Output) -> int:
        _mirror_of("people.db")  # a UsageError unless the extra is installed
        return play(out)

    return run_local("mirror demo", OutputOptions(), work)


@mirror.command
def add(
    database: Database,
    /,
    *integration_ids: IntegrationId,
    models: Models = None,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Add integrations to a mirror. Nothing is read yet: `kombo-async mirror refresh` does that.

    For example:

    ```
    kombo-async mirror add people.db personio:GWd1wgE7fRQGywhDLfgbcBAc \\
        --models hris_employees,hris_absences
    ```
    """

    async def work(invocation: Invocation, opened: Mirror) -> None:
        if not integration_ids:
            raise UsageError("name the integrations to add, such as personio:GWd1wgE7fRQGywhDLfgbcBAc")
        for integration_id in integration_ids:
            added = await opened.add(integration_id, _names(models))
            found = {"integration_id": integration_id, "models": added}
            invocation.out.result(found, [f"{integration_id}: {', '.join(added)}"])

    return _run_with_client("mirror add", database, options, work)


@mirror.command
def refresh(
    database: Database,
    /,
    *integration_ids: IntegrationId,
    models: Models = None,
    full: Annotated[Flag, Parameter(help="Read everything, also what is not due.")] = False,
    force: Annotated[Flag, Parameter(help="Read everything, and delete what was withheld for its number.")] = False,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Refresh what is due, or these integrations, and show what changed.

    The exit code is 4 if some refreshes failed, records were unreadable or deletions were withheld. For example:

    ```
    kombo-async mirror add people.db personio:GWd1wgE7fRQGywhDLfgbcBAc
    kombo-async mirror refresh people.db
    ```
    """

    from ..log_lines import logs_to

    async def work(invocation: Invocation, opened: Mirror) -> int:
        out, done = invocation.out, list["RefreshResult"]()
        invocation.progress_summary = lambda: (
            f"{len(done)} refreshes are complete, the next run continues the others where they were"
        )

        def note_wait(record: LogRecord) -> None:
            # Which process it waits for. All else is in the table.
            if getattr(record, "event", None) == "waiting":
                out.note(record.getMessage())

        with out.progress_bar("Refreshing") as bar, logs_to(note_wait, "kombo_async.mirror"):
            async for result in opened.refresh(*integration_ids, models=_names(models), full=full, force=force):
                done.append(result)
                bar.advance()
        return _show_results(out, done)

    return _run_with_client("mirror refresh", database, options, work, must_exist=True)


@mirror.command
def run(
    database: Database,
    /,
    *,
    concurrency: Annotated[int, Parameter(validator=Number(gte=1), help="Refreshes at once.")] = 8,
    options: CommandOptions = CommandOptions(),
) -> int:
    """Refresh what is due or requested until Ctrl-C, and report each refresh.

    Run `kombo-async mirror webhooks` beside it, so that changes arrive at once.

    Example: `kombo-async mirror run people.db`
    """
    from ..log_lines import logs_to
    from ..signals import run_until_stopped

    async def work(invocation: Invocation, opened: Mirror) -> None:
        with logs_to(lambda record: invocation.out.note(record.getMessage()), "kombo_async.mirror"):
            invocation.out.note("Refreshing what is due until Ctrl-C.")
            await run_until_stopped(opened.run(concurrency=concurrency))
            invocation.out.note("Stopped.")

    return _run_with_client("mirror run", database, options, work)


@mirror.command
def status(database: Database, /, *, options: OutputOptions = OutputOptions()) -> int:
    """Show how far each model of each integration is, and the workers of a fleet.

    For example:

    ```
    kombo-async mirror add people.db personio:GWd1wgE7fRQGywhDLfgbcBAc
    kombo-async mirror status people.db
    ```
    """

    async def work(out: Output, opened: Mirror | Fleet) -> None:
        from ...mirror import Mirror
        from ..mirror_tables import show_fleet, status_columns

        rows = await (opened if isinstance(opened, Mirror) else opened.mirror).status()
        if not isinstance(opened, Mirror):
            # The oldest copies first.
            rows = tuple(sorted(rows, key=lambda row: row.refreshed_at.timestamp() if row.refreshed_at else 0.0))
        out.rows(status_columns(), rows)
        if not isinstance(opened, Mirror):
            show_fleet(out, await opened.status())
        if not rows:
            out.note("Nothing is mirrored here: kombo-async mirror add")

    return _run_without_client("mirror status", database, options, work, opening=_fleet_of, must_exist=True)


@mirror.command
def remove(database: Database, integration_id: IntegrationId, /, *, options: OutputOptions = OutputOptions()) -> int:
    """Erase all records of an integration from a mirror. Nothing changes at Kombo.

    For example:

    ```
    kombo-async mirror add people.db personio:GWd1wgE7fRQGywhDLfgbcBAc
    kombo-async mirror remove people.db personio:GWd1wgE7fRQGywhDLfgbcBAc
    ```
    """

    async def work(out: Output, opened: Mirror) -> int:
        known = {row.integration_id for row in await opened.status()}
        await opened.remove(integration_id)
        if integration_id not in known:
            out.error(f"{integration_id} is not in the mirror")
            return ExitCode.REFUSED
        out.result({"integration_id": integration_id, "removed": True}, [f"{integration_id} is erased."])
        return ExitCode.OK

    return _run_without_client("mirror remove", database, options, work, must_exist=True)


@mirror.command
def webhooks(
    database: Database,
    /,
    *,
    host: Annotated[str, Parameter(help="The address to listen on; 0.0.0.0 lets your network in.")] = "127.0.0.1",
    port: Annotated[
        int, Parameter(validator=Number(gte=0, lte=65_535), help="The port to listen on; with 0 the system chooses.")
    ] = 8080,
    secret: Secrets = (),
    options: OutputOptions = OutputOptions(),
) -> int:
    """Receive Kombo's webhooks on any path until Ctrl-C, and request refreshes of what they name.

    The webhook secret is in KOMBO_WEBHOOK_SECRET. `kombo-async mirror run`, or workers, do the refreshes.

    Example: `kombo-async mirror webhooks people.db --port 8080`
    """

    async def work(out: Output, opened: Mirror | Fleet) -> None:
        from ..webhook_server import serve_webhooks

        secrets = webhook_secrets(secret, out)

        async def receive(event: Event) -> None:
            with database_errors(out) as failed:
                requested = await opened.handle_event(event)
                found = {"id": event.id, "type": str(event.type), "integration_id": event.integration_id}
                of = f" of {event.integration_id}" if event.integration_id else ""
                shown = f"{event.type}{of}: {', '.join(requested) or 'nothing to refresh'}"
                out.result(found | {"requested": requested}, [shown])
                out.flush()
            if failed:
                # Kombo sends the event again.
                raise OSError("the event could not be stored")

        await serve_webhooks(out, host, port, secrets, verbose=False, callback=receive)

    return _run_without_client("mirror webhooks", database, options, work, opening=_fleet_of, secrets=secret)


def _names(models: str | None) -> list[str] | None:
    return None if models is None else [name.strip() for name in models.split(",") if name.strip()]


def _show_results(out: Output, results: Sequence[RefreshResult]) -> int:
    from ...errors import KomboError
    from ..error_messages import hint_for
    from ..mirror_tables import as_json, result_columns

    if out.json:
        out.records([as_json(result) for result in results])
    else:
        out.table(result_columns(), results)
    failed = [result for result in results if result.error is not None]
    unreadable = sum(result.unreadable for result in results)
    withheld = sum(result.withheld_deletions for result in results)
    errors = [(result.error, result.integration_id) for result in failed]
    hints = {hint_for(error, each) for error, each in errors if isinstance(error, KomboError)}
    if not results:
        out.note("Nothing is due.")
    if failed:
        out.message(
            f"{len(failed)} of {len(results)} refreshes failed; what they read is stored, and they continue later."
        )
    for hint in sorted(hints):
        out.message(hint)
    if unreadable:
        out.message(f"{unreadable:,} records could not be stored: they are in the table mirror_unreadable.")
    if withheld:
        out.message(
            f"{withheld:,} deletions were withheld, as they look like an odd answer. The next full refresh applies "
            "those that it finds again; --force applies them now."
        )
    return ExitCode.PARTLY if failed or unreadable or withheld else ExitCode.OK


def _run_with_client(
    command: str,
    database: str,
    options: CommandOptions,
    work: Callable[[Invocation, Mirror], Awaitable[int | None]],
    *,
    must_exist: bool = False,
) -> int:
    from ..runner import run_command

    async def with_mirror(invocation: Invocation) -> int | None:
        unopened = _mirror_of(database, invocation)
        if must_exist:
            check_existence(database)
        return await _with_opened(invocation.out, unopened, partial(work, invocation))

    return run_command(command, options, with_mirror)


def _run_without_client(
    command: str,
    database: str,
    options: OutputOptions,
    work: Callable[[Output, Any], Awaitable[int | None]],
    *,
    opening: Callable[[str], AbstractAsyncContextManager[Any]] | None = None,
    must_exist: bool = False,
    secrets: Sequence[str | None] = (),
) -> int:
    import asyncio

    from ..runner import run_local

    async def with_mirror(out: Output) -> int | None:
        unopened = (opening or _mirror_of)(database)
        if must_exist:
            check_existence(database)
        return await _with_opened(out, unopened, partial(work, out))

    return run_local(command, options, lambda out: asyncio.run(with_mirror(out)), secrets=secrets)


async def _with_opened(
    out: Output, unopened: AbstractAsyncContextManager[Any], work: Callable[[Any], Awaitable[int | None]]
) -> int | None:
    with database_errors(out) as failed:
        async with unopened as opened:
            return await work(opened)
    return ExitCode.REFUSED if failed else ExitCode.OK


def _mirror_of(database: str, invocation: Invocation | None = None) -> Mirror:
    from ...mirror import Mirror

    try:
        return Mirror(database, None if invocation is None else invocation.client)
    except ImportError as error:
        raise UsageError(str(error)) from None


def _fleet_of(database: str) -> Mirror | Fleet:
    """Return the fleet of a PostgreSQL database, if what it needs is installed, else the mirror."""
    from importlib.util import find_spec

    opened = _mirror_of(database)
    if not database.startswith("postgres") or find_spec("procrastinate") is None:
        return opened
    from ...fleet import Fleet

    return Fleet(database)
