"""Running a command: its client, its event loop, Ctrl-C, and errors as messages with exit codes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from attrs import define

from .. import events
from ..client import KomboClient
from ..config import BASE_URLS, Limits
from ..errors import KomboError
from .console import Output
from .error_messages import exit_code, hint_for, summary
from .options import CommandOptions, ExitCode, OutputOptions, UsageError


@define
class Invocation:
    """What one run of a command works with."""

    client: KomboClient
    out: Output
    progress_summary: Callable[[], str] | None = None
    """Set by a command of several steps: returns which of them are done, for the message after Ctrl-C."""


def run_local(
    command: str,
    options: OutputOptions,
    work: Callable[[Output], int | None],
    *,
    integration_id: str | None = None,
    secrets: Sequence[str | None] = (),
) -> int:
    """Call *work*, which needs no client, and return the exit code: its result, or 0 for None.

    Errors of Kombo and of the network, wrong use of the library and `UsageError` become one or two lines on standard
    error, never a traceback, and never with a key or one of the *secrets*. *integration_id* is for hints of errors that
    do not name it.
    """
    out = Output(command, options, secrets)
    try:
        code = work(out)
        out.flush()
    except KeyboardInterrupt:
        out.message("Interrupted.")
        return ExitCode.INTERRUPTED
    except KomboError as error:
        out.flush()
        out.error(summary(error), hint_for(error, integration_id))
        return exit_code(error)
    except BrokenPipeError:
        # An OSError that needs no message: see `main`.
        raise
    except UsageError as error:
        out.error(str(error), f"See kombo-async {command} --help")
        return ExitCode.USAGE
    except (ValueError, TypeError) as error:
        # The library checks its arguments; its messages say what to change.
        out.error(str(error))
        return ExitCode.USAGE
    except OSError as error:
        out.error(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
        return ExitCode.REFUSED
    except Exception as error:  # noqa: BLE001 - users get a line instead of a traceback
        out.error(f"unexpected {type(error).__name__}: {error}", "This is a mistake in kombo_async: please report it.")
        return ExitCode.REFUSED
    return code or ExitCode.OK


def run_command(
    command: str,
    options: CommandOptions,
    work: Callable[[Invocation], Awaitable[int | None]],
    *,
    integration_id: str | None = None,
    prepare: Callable[[], None] | None = None,
    limits: Callable[[], Limits] = Limits,
) -> int:
    """Await *work* with a client, and return the exit code. Errors are handled as by `run_local`.

    *prepare* reads files and standard input before the event loop starts, so that Ctrl-C ends a blocking read.
    """

    def with_client(out: Output) -> int | None:
        if prepare is not None:
            prepare()
        invocation = Invocation(_client(options, out, limits()), out)
        try:
            return asyncio.run(_work_and_close(invocation, work))
        except KeyboardInterrupt:
            if invocation.progress_summary is None:
                raise
            out.flush()
            out.message(f"Interrupted: {invocation.progress_summary()}.")
            return ExitCode.INTERRUPTED

    return run_local(command, options, with_client, integration_id=integration_id, secrets=[options.key])


async def _work_and_close(invocation: Invocation, work: Callable[[Invocation], Awaitable[int | None]]) -> int | None:
    async with invocation.client:
        return await work(invocation)


def _client(options: CommandOptions, out: Output, limits: Limits) -> KomboClient:
    key = options.key
    if key is not None:
        out.message("A key on the command line can be seen by all users of this machine: better set KOMBO_API_KEY.")
    elif not os.environ.get("KOMBO_API_KEY", "").strip():
        raise UsageError("no API key: set the environment variable KOMBO_API_KEY, or pass --key")
    base_url = options.base_url
    if base_url is None and options.region is not None:
        # An option wins over the environment, which may name another address.
        base_url = BASE_URLS[options.region]
    observers = [partial(_print_event, out)] if options.verbose else []
    return KomboClient(key, base_url=base_url, observers=observers, limits=limits)


def _print_event(out: Output, event: events.CallEvent) -> None:
    text = _event_text(event)
    if text is not None:
        of = f" of {event.integration_id}" if event.integration_id else ""
        out.message(f"[{event.call}] {event.elapsed:6.2f} s  {event.operation}{of}: {text}", "dim")


def _event_text(event: events.CallEvent) -> str | None:
    match event:
        case events.RequestSent(attempt=attempt):
            return "sent" if attempt == 1 else f"sent again, attempt {attempt}"
        case events.ResponseReceived(status=status, code=code):
            return f"answered {status}" + (f" {code}" if code else "")
        case events.Throttled(code=code, wait=wait):
            return f"refused because of a limit, {code}; waits {wait:.1f} s"
        case events.RetryScheduled(error=error, code=code, wait=wait):
            return f"failed with {code or error}; waits {wait:.1f} s and tries again"
        case events.PageFetched(records=records):
            return f"a page with {records:,} records"
        case events.CallFinished(error=error, code=code) if error is not None:
            return f"failed with {code or error}"
        case _:
            return None
