"""A web app with the fields of integrations and Kombo's webhooks: `python web_app.py [PORT]`.

It reads KOMBO_API_KEY and KOMBO_WEBHOOK_SECRET from the environment, in tests KOMBO_BASE_URL.
"""

import os
import sys
from collections import Counter
from collections.abc import AsyncIterator

from aiohttp import web

from kombo_async import IntegrationNotFoundError, KomboClient, webhooks
from kombo_async.webhooks import DataChangedEvent, Event, IntegrationStateChangedEvent

CLIENT = web.AppKey("client", KomboClient)
STALE = web.AppKey("stale", Counter[str])


async def client(app: web.Application) -> AsyncIterator[None]:
    """One client for the life of the app, shared by all requests."""
    async with KomboClient() as app[CLIENT]:
        yield


async def fields(request: web.Request) -> web.Response:
    """The fields of an integration whose values come with its records."""
    found = request.app[CLIENT].iter_integration_fields(request.match_info["integration_id"])
    try:
        shown = [
            {"key": field.key, "label": field.label, "on": field.is_passthrough_enabled}
            async for field in found
        ]
    except IntegrationNotFoundError:
        raise web.HTTPNotFound(text="no such integration") from None
    return web.json_response(shown)


async def stale(request: web.Request) -> web.Response:
    """What changed at Kombo, as webhooks told, and how often."""
    return web.json_response(request.app[STALE])


def application() -> web.Application:
    """Make the app."""
    app = web.Application()
    app[STALE] = Counter()

    async def receive(event: Event) -> None:
        # Kombo may send an event twice: remember event.id, and only queue the work here.
        match event:
            case DataChangedEvent(data=data):
                app[STALE].update(
                    f"{data.integration_id} {model.name}" for model in data.changed_models
                )
            case IntegrationStateChangedEvent(data=data):
                app[STALE][f"{data.integration_id} is {data.state}"] += 1
            case _:
                pass

    app.cleanup_ctx.append(client)
    app.add_routes(
        [
            web.get("/integrations/{integration_id}/fields", fields),
            web.get("/stale", stale),
            web.post(
                "/webhooks",
                webhooks.aiohttp_handler(receive, os.environ["KOMBO_WEBHOOK_SECRET"]),
            ),
        ]
    )
    return app


if __name__ == "__main__":
    web.run_app(
        application(), host="127.0.0.1", port=int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    )
