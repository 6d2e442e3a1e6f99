"""The models of Kombo in FastAPI apps. Needs the extra: `pip install "kombo_async[fastapi]"`.

```python
app = FastAPI(lifespan=lifespan, responses=PROBLEM_RESPONSES)
add_problem_handler(app)


@app.post("/absences")
async def create(absence: RequestBody[NewAbsence]) -> ResponseBody[Absence]:
    return (await client.hris.create_absence(absence)).data


@app.post("/webhooks")
async def webhooks(event: Annotated[Event, Depends(verified_webhook(secret))]) -> None: ...
```

The pages of `/docs` show the models with all their fields. FastAPI itself does not know attrs classes: without
`RequestBody` and `ResponseBody` it refuses the models when the app is made.
"""

try:
    from .bodies import ModelResponse, RequestBody, ResponseBody
    from .problems import PROBLEM_RESPONSES, add_problem_handler, problem_response
    from .webhooks import verified_webhook
except ImportError as error:
    raise ImportError('kombo_async.fastapi needs fastapi: pip install "kombo_async[fastapi]"') from error

__all__ = [
    "PROBLEM_RESPONSES",
    "ModelResponse",
    "RequestBody",
    "ResponseBody",
    "add_problem_handler",
    "problem_response",
    "verified_webhook",
]
