"""The server of `kombo-async webhook listen` and `kombo-async mirror webhooks`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from attrs import define

from ..webhooks import Callback, Event, aiohttp_handler
from .console import Output
from .error_messages import cannot_listen
from .json_io import event_data, print_json
from .log_lines import logs_to
from .options import UsageError
from .signals import stop_requested


@define
class _WebhookPrinter:
    """Prints events, or passes them on, and counts them and the deliveries that were refused."""

    out: Output
    stop: asyncio.Event
    callback: Callback | None = None
    events: int = 0
    refused: int = 0
    failure: OSError | None = None

    async def print(self, event: Event) -> None:
        if self.callback is not None:
            await self.callback(event)
            self.events += 1
            return
        try:
            if not self.out.json:
                of = f"  {event.integration_id}" if event.integration_id else ""
                self.out.result(None, ["", f"{datetime.now().astimezone():%H:%M:%S}  {event.type}{of}"])
            print_json(self.out, event_data(event))
            self.out.flush()
        except OSError as error:
            # Standard output is closed. The exception becomes a 500, after which the sender tries again.
            self.failure = error
            self.stop.set()
            raise
        self.events += 1

    def note_refusal(self, record: logging.LogRecord) -> None:
        """Print and count what the library logs about a refused delivery."""
        if self.failure is None:
            self.refused += 1
            self.out.note(record.getMessage())


async def serve_webhooks(
    out: Output, host: str, port: int, secrets: Sequence[str], *, verbose: bool, callback: Callback | None = None
) -> None:
    """Serve until Ctrl-C or SIGTERM, or until standard output is closed.

    *callback* is awaited with each event; by default it is printed.
    """
    stop = stop_requested()
    printer = _WebhookPrinter(out, stop, callback)
    handle = aiohttp_handler(printer.print, secrets)

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await handle(request)
        if verbose:
            out.message(f"{request.remote} sent {request.method} {request.path}: {response.status}", "dim")
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    # The response reports what a handler raises; aiohttp would log it with a traceback.
    quiet = logging.getLogger(__name__)
    quiet.setLevel(logging.CRITICAL)
    runner = web.AppRunner(app, access_log=None, logger=quiet, handle_signals=False, shutdown_timeout=1.0)
    with logs_to(printer.note_refusal, "kombo_async", level=logging.WARNING):
        try:
            await runner.setup()
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise UsageError(cannot_listen(host, port, error)) from None
            shown = f"[{host}]" if ":" in host else host
            out.note(f"Waiting for webhooks at http://{shown}:{runner.addresses[0][1]} until Ctrl-C.")
            await stop.wait()
        finally:
            await runner.cleanup()
    if printer.failure is not None:
        raise printer.failure
    refused = f", {printer.refused:,} refused" if printer.refused else ""
    out.note(f"Stopped: {printer.events:,} {'event' if printer.events == 1 else 'events'}{refused}.")
