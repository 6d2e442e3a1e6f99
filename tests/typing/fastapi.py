"""Checked by mypy and pyright, never run: what `kombo_async.fastapi` is for a type checker."""

from typing import Annotated, assert_type

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from kombo_async import KomboError
from kombo_async.fastapi import (
    PROBLEM_RESPONSES,
    ModelResponse,
    RequestBody,
    ResponseBody,
    add_problem_handler,
    problem_response,
    verified_webhook,
)
from kombo_async.models.hris import Absence, Employee, NewAbsence
from kombo_async.webhooks import DataChangedEvent, Event

app = FastAPI(responses=PROBLEM_RESPONSES)
add_problem_handler(app)
add_problem_handler("app")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class Team(BaseModel):
    """A model of pydantic."""

    lead: ResponseBody[Employee]


@app.post("/absences")
async def create(absence: RequestBody[NewAbsence]) -> ResponseBody[list[Absence]]:
    assert_type(absence, NewAbsence)
    return [absence]  # type: ignore[list-item]  # pyright: ignore[reportReturnType]


@app.post("/webhooks")
async def webhooks(event: Annotated[Event, Depends(verified_webhook(["new", "old"], largest_body=1_000))]) -> None:
    if isinstance(event, DataChangedEvent):
        assert_type(event.data.integration_id, str)


@app.get("/team")
async def team(employee: Employee) -> ModelResponse:
    assert_type(Team(lead=employee).lead, Employee)
    return ModelResponse(employee)


def answer(error: KomboError) -> None:
    assert_type(problem_response(error), JSONResponse)
    problem_response(ValueError())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    verified_webhook(b"secret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
