"""An HR service with FastAPI: `uvicorn fastapi_app:app`, then http://127.0.0.1:8000/docs.

It reads KOMBO_API_KEY and KOMBO_WEBHOOK_SECRET from the environment, in tests KOMBO_BASE_URL.
"""

import os
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated

from fastapi import Depends, FastAPI, Request, Response

from kombo_async import KomboClient, Timeouts
from kombo_async.fastapi import (
    PROBLEM_RESPONSES,
    RequestBody,
    ResponseBody,
    add_problem_handler,
    verified_webhook,
)
from kombo_async.models.hris import Absence, Employee, NewAbsence
from kombo_async.webhooks import DataChangedEvent, Event


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """One client for the life of the app, shared by all requests."""
    async with KomboClient() as client:
        # People wait for the answers: before syncs on the same client, and not for long.
        app.state.kombo = client.with_options(
            priority="interactive", timeouts=Timeouts.interactive()
        )
        app.state.stale = Counter[str]()
        yield


app = FastAPI(title="People", lifespan=lifespan, responses=PROBLEM_RESPONSES)
add_problem_handler(app)


def kombo(request: Request, integration_id: str) -> KomboClient:
    """The client for the integration in the path. Check here that the user may see it."""
    client: KomboClient = request.app.state.kombo
    return client.for_integration(integration_id)


Kombo = Annotated[KomboClient, Depends(kombo)]


@app.get("/integrations/{integration_id}/employees")
async def employees(
    kombo: Kombo, response: Response, cursor: str | None = None
) -> ResponseBody[list[Employee]]:
    """One page of the people; the header X-Next-Cursor has the cursor of the next one."""
    page = await kombo.hris.iter_employees(cursor=cursor, page_size=50).first_page()
    if page.next_cursor is not None:
        response.headers["X-Next-Cursor"] = page.next_cursor
    return list(page.results)


@app.get("/integrations/{integration_id}/absences")
async def absences(kombo: Kombo, begin: date, end: date) -> ResponseBody[list[Absence]]:
    """Who is away between two days."""
    return await kombo.hris.iter_absences(date_from=begin, date_until=end).collect(limit=500)


@app.post("/integrations/{integration_id}/absences", status_code=201)
async def create_absence(
    kombo: Kombo, absence: RequestBody[NewAbsence]
) -> ResponseBody[Absence]:
    """Enter an absence in the connected HR system."""
    return (await kombo.hris.create_absence(absence)).data


@app.post("/webhooks", status_code=204)
async def webhooks(
    request: Request,
    event: Annotated[Event, Depends(verified_webhook(os.environ["KOMBO_WEBHOOK_SECRET"]))],
) -> None:
    """Note what changed. An event may be sent twice: remember event.id, and queue the work."""
    if isinstance(event, DataChangedEvent):
        stale: Counter[str] = request.app.state.stale
        stale.update(
            f"{event.data.integration_id} {model.name}" for model in event.data.changed_models
        )


@app.get("/stale")
async def stale(request: Request) -> dict[str, int]:
    """What changed at Kombo since the app was started, and how often."""
    return dict(request.app.state.stale)
