"""How a command runs: a client made of its options, one event loop, Ctrl-C, and errors turned into exit codes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

from attrs import define

from .. import events
from ..client import KomboClient
from ..config import BASE_URLS
from ..errors import KomboError
from .options import Exit, Options, UsageError
from .output import Output
from .problems import advice, exit_code, summary


@define
class Run:
    """What a command works with."""

    client: KomboClient
    out: Output
    so_far: Callable[[], str] | None = None
    """Set by a command that does several things: tells, in some words, what of them is done when Ctrl-C ends it."""


def guarded(
    command: str, options: Options, act: Callable[[Output], int | None], *, integration_id: str | None = None
) -> int:
    """Do what *act* does, and return its exit code: what it returns, 0 for None.

    The integration is named for the advice that an error comes with. Errors of Kombo and the network, misuse of the
    library and `UsageError` are told in a line or two; never with a traceback, and never with a key.
    """
    out = Output(command, options)
    try:
        code = act(out)
        out.flush()
    except KeyboardInterrupt:
        out.tell("Interrupted.")
        return Exit.INTERRUPTED
    except KomboError as error:
        out.flush()
        out.error(summary(error), advice(error, integration_id))
        return exit_code(error)
    except BrokenPipeError:
        raise
    except UsageError as error:
        out.error(str(error), f"See kombo-async {command} --help")
        return Exit.USAGE
    except (ValueError, TypeError) as error:
        # The library checks what it is given, and says what is wrong with it.
        out.error(str(error))
        return Exit.USAGE
    except OSError as error:
        out.error(": ".join(str(part) for part in (error.filename, error.strerror or error) if part))
        return Exit.REFUSED
    except Exception as error:  # noqa: BLE001 - the last place where it can become a line
        out.error(f"unexpected {type(error).__name__}: {error}", "This is a mistake in kombo_async: please report it.")
        return Exit.REFUSED
    return code or Exit.OK


def carry_out(
    command: str,
    options: Options,
    work: Callable[[Run], Awaitable[int | None]],
    *,
    integration_id: str | None = None,
    prepare: Callable[[], None] | None = None,
) -> int:
    """Carry out the *work* of a command with a client, and return its exit code. Errors end it as in `guarded`.

    What reads files or standard input is done by *prepare*, before there is an event loop: there Ctrl-C ends it.
    """

    def act(out: Output) -> int | None:
        if prepare is not None:
            prepare()
        run = Run(_client(options, out), out)
        try:
            return asyncio.run(_within(run, work))
        except KeyboardInterrupt:
            if run.so_far is None:
                raise
            out.flush()
            out.tell(f"Interrupted: {run.so_far()}.")
            return Exit.INTERRUPTED

    return guarded(command, options, act, integration_id=integration_id)


async def _within(run: Run, work: Callable[[Run], Awaitable[int | None]]) -> int | None:
    async with run.client:
        return await work(run)


def _client(options: Options, out: Output) -> KomboClient:
    key = options.key
    if key is not None:
        out.tell("A key on the command line can be seen by all users of this machine: better set KOMBO_API_KEY.")
    elif not os.environ.get("KOMBO_API_KEY", "").strip():
        raise UsageError("no API key: set the environment variable KOMBO_API_KEY, or pass --key")
    base_url = options.base_url
    if base_url is None and options.region is not None:
        # An option wins over the environment, which may name another address.
        base_url = BASE_URLS[options.region]
    observers = [_Narrator(out)] if options.verbose else []
    return KomboClient(key, base_url=base_url, observers=observers)


class _Narrator:
    """Tells of what happens to the calls, as it happens."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def __call__(self, event: events.CallEvent) -> None:
        """Tell of one event."""
        told = _told(event)
        if told is not None:
            of = f" of {event.integration_id}" if event.integration_id else ""
            self._out.tell(f"[{event.call}] {event.elapsed:6.2f} s  {event.operation}{of}: {told}", "dim")


def _told(event: events.CallEvent) -> str | None:
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
