"""`kombo-async mirror worker`: one of any number of processes that keep a mirror in PostgreSQL in step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from ..mirror_database import database_errors
from ..options import CommandOptions, ExitCode, UsageError
from .mirror import Database

if TYPE_CHECKING:
    from ...config import Limits
    from ..runner import Invocation


def worker(
    database: Database,
    /,
    *,
    concurrency: Annotated[int, Parameter(validator=Number(gte=1), help="Refreshes at once.")] = 8,
    health_port: Annotated[
        int | None,
        Parameter(validator=Number(gte=0, lte=65_535), help="Serve /healthz and /metrics there; 0: any free port."),
    ] = None,
    health_host: Annotated[str, Parameter(help="The address for it; 0.0.0.0 lets your network in.")] = "127.0.0.1",
    options: CommandOptions = CommandOptions(),
) -> int:
    """Refresh what is due or requested, beside other workers, until Ctrl-C or SIGTERM.

    Start as many as you like, on any machine: they share the work, and the limits of the key, in the same PostgreSQL
    database. One that ends finishes the pages that it reads, and leaves the rest to the others. It needs
    `pip install 'kombo_async[cli,fleet]'`.

    Example: `kombo-async mirror worker postgresql://kombo@db.example/kombo --concurrency 16`
    """
    from ..runner import run_command

    def limits() -> Limits:
        from ...config import Limits

        try:
            from ...fleet import SharedLimits

            return Limits(shared=SharedLimits(database))
        except ImportError as error:
            raise UsageError(f"{error}; a worker needs pip install 'kombo_async[cli,fleet]'") from None

    async def work(invocation: Invocation) -> int:
        from ...fleet import Fleet
        from ..log_lines import fleet_logs
        from ..signals import run_until_stopped

        out = invocation.out
        try:
            unopened = Fleet(database, invocation.client)
        except ImportError as error:
            raise UsageError(str(error)) from None
        with database_errors(out) as failed, fleet_logs(out):
            async with unopened as fleet:
                out.note("Refreshing what is due until Ctrl-C.")
                working = fleet.work(concurrency=concurrency, health_port=health_port, health_host=health_host)
                await run_until_stopped(working, fleet.stop)
                out.note("Stopped.")
        return ExitCode.REFUSED if failed else ExitCode.OK

    return run_command("mirror worker", options, work, limits=limits)
