"""Taking webhooks on a port of this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from attrs import define

from ..webhooks import Event, aiohttp_handler
from .options import UsageError
from .output import Output
from .problems import cannot_listen
from .signals import stop_requested
from .values import as_it_came, show


@define
class _Listener:
    """Prints events, and counts."""

    out: Output
    ended: asyncio.Event
    events: int = 0
    refused: int = 0
    failure: OSError | None = None

    async def take(self, event: Event) -> None:
        """Print one event."""
        try:
            if not self.out.json:
                of = f"  {event.integration_id}" if event.integration_id else ""
                self.out.result(None, ["", f"{datetime.now().astimezone():%H:%M:%S}  {event.type}{of}"])
            show(self.out, as_it_came(event))
            self.out.flush()
        except OSError as error:
            # Nobody reads on. The sender need not know: it is asked to try again by the answer that this becomes.
            self.failure = error
            self.ended.set()
            raise
        self.events += 1


class _Told(logging.Handler):
    """What the library logs about deliveries, for the person at the terminal."""

    def __init__(self, listener: _Listener) -> None:
        super().__init__(logging.WARNING)
        self._listener = listener

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a delivery that was not taken."""
        if self._listener.failure is None:
            self._listener.refused += 1
            self._listener.out.note(record.getMessage())


async def listen_until_asked_to_end(
    out: Output, host: str, port: int, secrets: Sequence[str], *, verbose: bool
) -> None:
    """Serve until Ctrl-C or SIGTERM, or until nobody reads what is printed."""
    ended = stop_requested()
    listener = _Listener(out, ended)
    handle = aiohttp_handler(listener.take, secrets)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await handle(request)
        if verbose:
            out.tell(f"{request.remote} sent {request.method} {request.path}: {response.status}", "dim")
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    logger = logging.getLogger("kombo_async")
    told, passed_on = _Told(listener), logger.propagate
    logger.addHandler(told)
    logger.propagate = False
    # What a handler raises is in its answer; the words of aiohttp's own would hold a traceback.
    quiet = logging.getLogger(__name__)
    quiet.setLevel(logging.CRITICAL)
    runner = web.AppRunner(app, access_log=None, logger=quiet, handle_signals=False, shutdown_timeout=1.0)
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise UsageError(cannot_listen(host, port, error)) from None
        shown = f"[{host}]" if ":" in host else host
        out.note(f"Waiting for webhooks at http://{shown}:{runner.addresses[0][1]} until Ctrl-C.")
        await ended.wait()
    finally:
        await runner.cleanup()
        logger.removeHandler(told)
        logger.propagate = passed_on
    if listener.failure is not None:
        raise listener.failure
    refused = f", {listener.refused:,} refused" if listener.refused else ""
    out.note(f"Stopped: {listener.events:,} {'event' if listener.events == 1 else 'events'}{refused}.")
