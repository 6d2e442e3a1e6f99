"""Models as bodies of requests and responses, and in the OpenAPI description."""

from __future__ import annotations

import json
from typing import Annotated, Any

import aiohttp
import attrs
import jsonschema
import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel, ValidationError

from kombo_async import json as kombo_json
from kombo_async.fastapi import ModelResponse, RequestBody, ResponseBody
from kombo_async.models.ats import Application
from kombo_async.models.hris import Absence, Employee, NewAbsence
from kombo_async.models.webhooks import Event

from ..models.test_models import decode
from ..support.loops import ASYNCIO_ONLY
from ..support.model_examples import full
from ..support.uvicorn_server import served

EMPLOYEE = decode(Employee, full(Employee))
APPLICATION = decode(Application, full(Application))
ABSENCE = {
    "employee_id": "e",
    "absence_type_id": "t",
    "start_date": "2027-07-05",
    "end_date": "2027-07-09",
    "employee_note": None,
}


class Team(BaseModel):
    """A model of pydantic with a field that is one of Kombo's."""

    name: str
    lead: ResponseBody[Employee]


class Category(BaseModel):
    """Something of the app's own, which has the name of a model of Kombo's."""

    own: int


Category.__name__ = Category.__qualname__ = "Employee"


def application() -> FastAPI:
    app = FastAPI()

    @app.get("/annotated")
    async def annotated() -> ResponseBody[list[Employee]]:
        return [EMPLOYEE]

    @app.get("/returned")
    async def returned() -> ModelResponse:
        return ModelResponse([EMPLOYEE])

    @app.get("/with-class", response_class=ModelResponse)
    async def with_class() -> ResponseBody[dict[str, Application]]:
        return {"x": APPLICATION}

    @app.get("/team")
    async def team() -> Team:
        return Team(name="Sales", lead=EMPLOYEE)

    @app.get("/wrong")
    async def wrong() -> ResponseBody[Employee]:
        return APPLICATION  # type: ignore[return-value] - what the test is about

    @app.post("/absence")
    async def absence(absence: RequestBody[NewAbsence]) -> ResponseBody[NewAbsence]:
        assert type(absence) is NewAbsence
        return absence

    @app.post("/absences")
    async def absences(absences: Annotated[ResponseBody[list[Absence]], Body(embed=True)], note: str = "") -> list[str]:
        return [each.id for each in absences] + [note]

    @app.get("/category")
    async def category() -> Category:
        return Category(own=1)

    return app


async def test_models_are_answered_in_the_order_of_kombo() -> None:
    expected = {
        "annotated": [kombo_json.to_dict(EMPLOYEE)],
        "returned": [kombo_json.to_dict(EMPLOYEE)],
        "with-class": {"x": kombo_json.to_dict(APPLICATION)},
        "team": {"name": "Sales", "lead": kombo_json.to_dict(EMPLOYEE)},
    }
    async with served(application()) as url, aiohttp.ClientSession() as session:
        for path, wanted in expected.items():
            async with session.get(f"{url}/{path}") as response:
                assert (response.status, response.content_type) == (200, "application/json")
                # As text, which has an order.
                assert json.dumps(await response.json()) == json.dumps(wanted), path
        async with session.get(f"{url}/wrong") as response:
            assert response.status == 500


async def test_body_becomes_a_model_or_is_refused_with_places_and_without_values() -> None:
    async with served(application()) as url, aiohttp.ClientSession() as session:

        async def post(path: str, body: Any) -> tuple[int, Any]:
            async with session.post(f"{url}/{path}", json=body) as response:
                return response.status, await response.json()

        assert await post("absence", ABSENCE | {"unknown": 1}) == (200, ABSENCE)
        assert await post("absence", ABSENCE | {"start_half_day": True}) == (200, ABSENCE | {"start_half_day": True})
        wrong = ABSENCE | {"start_date": "tomorrow", "employee_id": {"secret": 1}, "status": "secret"}
        del wrong["end_date"]
        status, answer = await post("absence", wrong)
        assert status == 422
        assert {(*fault["loc"], fault["msg"]) for fault in answer["detail"]} == {
            ("body", "employee_id", "expected text"),
            ("body", "start_date", "expected a date"),
            ("body", "end_date", "required field missing"),
        }
        assert "secret" not in str(answer)
        assert "tomorrow" not in str(answer)
        assert await post("absences?note=x", {"absences": [{"id": "a"}, {"id": "b"}]}) == (200, ["a", "b", "x"])
        status, answer = await post("absences", {"absences": [{"id": "a"}, {"id": []}]})
        assert [fault["loc"] for fault in answer["detail"]] == [["body", "absences", 1, "id"]]
        async with session.post(f"{url}/absence") as response:
            assert response.status == 422


@ASYNCIO_ONLY
async def test_openapi_describes_the_models_that_the_app_uses() -> None:
    description = application().openapi()
    schemas = description["components"]["schemas"]
    assert {"Absence", "Application", "NewAbsence", "Employment", "Team"} <= schemas.keys()
    # The one of the app has the same name, and keeps it apart.
    employee = next(
        name for name in schemas if name.endswith("Employee") and "work_email" in schemas[name]["properties"]
    )
    assert list(schemas[employee]["properties"]) == [field.name for field in attrs.fields(Employee)]
    assert any(list(each.get("properties", ())) == ["own"] for each in schemas.values())
    paths = description["paths"]
    body = paths["/absence"]["post"]["requestBody"]
    assert (body["required"], body["content"]["application/json"]["schema"]) == (
        True,
        {"$ref": "#/components/schemas/NewAbsence"},
    )
    answer = paths["/annotated"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["items"] == {"$ref": f"#/components/schemas/{employee}"}
    # Every reference leads somewhere, and what is answered fits.
    assert {each.rpartition("/")[2] for each in references(description)} <= schemas.keys()
    validator = jsonschema.Draft202012Validator({**answer, "components": description["components"]})
    validator.validate([kombo_json.to_dict(EMPLOYEE)])
    assert not validator.is_valid([{"id": 7}])


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


@ASYNCIO_ONLY
async def test_model_of_pydantic_takes_instances_and_json_of_a_model() -> None:
    assert Team(name="x", lead=EMPLOYEE).lead is EMPLOYEE
    assert Team.model_validate({"name": "x", "lead": kombo_json.to_dict(EMPLOYEE)}).lead == EMPLOYEE
    assert Team.model_validate_json(Team(name="x", lead=EMPLOYEE).model_dump_json()).lead == EMPLOYEE
    assert Team(name="x", lead=EMPLOYEE).model_dump()["lead"] is EMPLOYEE
    with pytest.raises(ValidationError) as raised:
        Team.model_validate({"name": "x", "lead": {"id": []}})
    assert raised.value.errors()[0]["loc"] == ("lead", "id")


@ASYNCIO_ONLY
async def test_union_of_models_can_be_answered_and_is_described() -> None:
    app = FastAPI()

    @app.get("/")
    async def event() -> ResponseBody[Event]:
        raise NotImplementedError

    assert "DataChangedEvent" in app.openapi()["components"]["schemas"]


@ASYNCIO_ONLY
@pytest.mark.parametrize("annotation", [RequestBody, ResponseBody])
async def test_class_that_is_no_model_is_refused_at_once(annotation: Any) -> None:
    with pytest.raises(TypeError, match="attrs class"):
        annotation[FastAPI]
