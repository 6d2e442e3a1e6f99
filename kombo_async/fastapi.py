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

from __future__ import annotations

import logging
import math
import re
from collections.abc import Awaitable, Callable
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, cast

from . import errors, json
from .engine import codec
from .engine.rows import Undecodable
from .models.webhooks import Event
from .redaction import without_locals
from .webhook_signatures import SIGNATURE_HEADER, Secrets
from .webhooks import LARGEST_BODY, _Verifier

try:
    from fastapi import Body, FastAPI, Header, HTTPException, Request
    from fastapi.responses import JSONResponse
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
    from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema
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

T = TypeVar("T")

log = logging.getLogger("kombo_async")


# Models as bodies.


class ModelResponse(JSONResponse):
    """A response with a model, or with a list or dict of models, as `kombo_async.json.encode` writes it.

    `return ModelResponse(employees)` skips the checks that FastAPI makes of a returned value. It cannot be the
    `response_class` of a function that returns models without `ResponseBody`, as FastAPI converts their value first.
    """

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return json.encode(content)


if TYPE_CHECKING:
    RequestBody: TypeAlias = Annotated[T, "a body"]
    ResponseBody: TypeAlias = Annotated[T, "a body"]
else:

    class RequestBody:
        """The type of a parameter that is the body of the request: `absence: RequestBody[NewAbsence]`.

        A body that is no such model is refused with 422, as FastAPI does, with the place of each fault and without
        values. What the model does not know is ignored.
        """

        __class_getitem__ = staticmethod(lambda type_: Annotated[type_, Body(), _PydanticType(type_)])

    class ResponseBody:
        """The type that a function returns: `-> ResponseBody[list[Employee]]`. Also the type of fields in pydantic
        models.

        Keys are in Kombo's order.
        """

        __class_getitem__ = staticmethod(lambda type_: Annotated[type_, _PydanticType(type_)])


class _PydanticType:
    """Describes a model, or a list or dict of models, to pydantic."""

    def __init__(self, type_: Any) -> None:
        codec.check_type(type_)
        self._type = type_

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return how values are validated, and written as JSON."""
        as_json = core_schema.plain_serializer_function_ser_schema(json.to_dict, when_used="json")
        return core_schema.no_info_plain_validator_function(self._validate, serialization=as_json)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Any:
        """Return the JSON Schema, whose models become components of the OpenAPI description."""
        described = json.schema(self._type)
        return _with_components(described, _Components(described.pop("$defs", {})), handler)

    def _validate(self, value: object) -> object:
        try:
            return codec.from_builtins(value, self._type)
        except Undecodable as undecodable:
            problems = undecodable.problems.split("; ")
        faults = [
            # Without the value, which FastAPI would put into its response.
            InitErrorDetails(
                type=PydanticCustomError("kombo_model", cast("Any", words)), loc=_location(path), input=None
            )
            for words, _, path in (problem.rpartition(" @ $") for problem in problems)
        ]
        raise ValidationError.from_exception_data("a model", faults)


_STEP = re.compile(r"\.(\w+)|\[(\d+)]|\['(.*?)']")


def _location(path: str) -> tuple[str | int, ...]:
    """Return a path such as `.answers[0].id` as FastAPI writes it."""
    return tuple(int(index) if index else name or key for name, index, key in _STEP.findall(path))


class _Components:
    """The schemas of models, by name, as definitions of pydantic: it joins equal ones, and renames others."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self._definitions = definitions
        self._begun: set[str] = set()

    def reference(self, name: str, handler: GetJsonSchemaHandler) -> Any:
        """Return a schema that refers to a definition, which is added with the first reference."""
        ref = f"kombo_async.models.{name}"
        if name in self._begun:
            core: CoreSchema = core_schema.definition_reference_schema(ref)
        else:
            self._begun.add(name)
            core = TypeAdapter(_defined(ref, self._definitions[name], self)).core_schema
        # The handler itself would skip the definition: it is for the type that pydantic is describing.
        return handler(core_schema.list_schema(core))["items"]


def _defined(ref: str, described: Any, components: _Components) -> Any:
    class Defined:
        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            return core_schema.any_schema(ref=ref)

        @classmethod
        def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Any:
            return _with_components(described, components, handler)

    return Defined


def _with_components(described: Any, components: _Components, handler: GetJsonSchemaHandler) -> Any:
    """Return a JSON Schema with references to components in place of those to its own definitions."""
    match described:
        case {"$ref": str(reference)}:
            return components.reference(reference.rpartition("/")[2], handler)
        case dict():
            members = cast("dict[str, Any]", described)
            return {key: _with_components(each, components, handler) for key, each in members.items()}
        case [*items]:
            return [_with_components(each, components, handler) for each in items]
        case _:
            return described


# Webhooks.


@without_locals
def verified_webhook(secret: Secrets, *, largest_body: int = LARGEST_BODY) -> Callable[..., Awaitable[Event]]:
    """Return a dependency that gives the event of a webhook: `Annotated[Event, Depends(verified_webhook(secret))]`.

    It answers 401 without a valid signature, 400 for a body that is not an event, and 413 above *largest_body* bytes;
    the function of the path is then not called. *secret* may be a list of secrets while you rotate it.
    """
    verifier = _Verifier(secret, largest_body)

    async def event_of(request: Request, signature: _Signature = None) -> Event:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > largest_body:
                break
        event = verifier.read(bytes(body), signature)
        if isinstance(event, tuple):
            status, text, _ = event
            raise HTTPException(status, text)
        return event

    return event_of


_Signature: TypeAlias = Annotated[str | None, Header(alias=SIGNATURE_HEADER)]


# Errors.

_Row: TypeAlias = tuple[tuple[type[errors.KomboError], ...], HTTPStatus, str]

_LIMITS = (
    errors.RateLimitExceededError,
    errors.ConcurrencyLimitExceededError,
    errors.RemoteRateLimitExceededError,
)
_PROBLEMS: tuple[_Row, ...] = (
    (_LIMITS, HTTPStatus.SERVICE_UNAVAILABLE, "There are too many requests at the moment. Try again later."),
    (
        (errors.RemoteServiceUnavailableError,),
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The connected tool is not available at the moment. Try again later.",
    ),
    (
        (errors.KomboTimeoutError, errors.TaskTimedOutError, errors.AIApplyJobFeedImportTimedOutError),
        HTTPStatus.GATEWAY_TIMEOUT,
        "The answer did not arrive in time.",
    ),
    ((errors.IntegrationNotFoundError,), HTTPStatus.NOT_FOUND, "There is no such integration."),
    (
        (errors.InputInvalidError, errors.RemoteInputInvalidError),
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The values of the request were not accepted.",
    ),
    (
        (errors.AuthenticationInvalidError, errors.IPNotWhitelistedError),
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This service is not set up correctly.",
    ),
    (
        (errors.IntegrationAuthenticationInvalidError,),
        HTTPStatus.CONFLICT,
        "The connection to the tool must be renewed by its owner.",
    ),
    ((errors.IntegrationError,), HTTPStatus.CONFLICT, "The integration, as it is set up now, does not allow this."),
    (
        (errors.HRISError, errors.ATSError, errors.LMSError, errors.AIApplyError),
        HTTPStatus.CONFLICT,
        "The data in the connected tool does not allow this.",
    ),
    ((errors.WebhookSignatureError,), HTTPStatus.UNAUTHORIZED, "The signature is missing or wrong."),
    (
        (errors.OutcomeUnknownError,),
        HTTPStatus.BAD_GATEWAY,
        "It is not known whether the change was made. Check that before you repeat it.",
    ),
)
"""The first row that has the class of an error says how it is answered."""
_OTHER = (HTTPStatus.BAD_GATEWAY, "A service that this one depends on failed.")
_WAIT = 60
"""Seconds after a limit that Kombo gave no time for: its rate window has a minute."""
_LONGEST_WAIT = 86_400

_MEDIA_TYPE = "application/problem+json"
_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "A problem, as RFC 9457 describes it.",
    "required": ["type", "title", "status", "detail", "may_have_run"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "The phrase of the HTTP status."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in a sentence that is the same for all requests."},
        "code": {"type": "string", "description": "Kombo's code, such as PLATFORM.RATE_LIMIT_EXCEEDED."},
        "may_have_run": {"type": "boolean", "description": "Whether a change may have been made all the same."},
    },
}
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    int(status): {"description": status.phrase, "content": {_MEDIA_TYPE: {"schema": _SCHEMA}}}
    for status in (
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    )
}
"""What `responses=` of an app, a router or a path takes, so that `/docs` shows the answers of `add_problem_handler`."""


def add_problem_handler(app: FastAPI) -> None:
    """Let the app answer each `KomboError` that its functions do not catch with `problem_response`, and log it.

    The line of the log, at the level WARNING of `kombo_async`, has the class and the code of the error, its request
    and its page in the Kombo dashboard, but not the message.
    """
    app.add_exception_handler(errors.KomboError, _answer)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.KomboError)
    response = problem_response(error)
    code, log_url = (getattr(error, name, None) for name in ("code", "log_url"))
    name = _known(code) or type(error).__name__
    log.warning("answered %d for %s%s %s", response.status_code, name, error._where(), log_url or "")  # noqa: SLF001
    return response


def problem_response(error: errors.KomboError) -> JSONResponse:
    """Return the answer to a request that failed with *error*: problem details as in RFC 9457.

    | error | status |
    |---|---|
    | a limit | 503, with `Retry-After` |
    | a tool or a gateway that is not available | 503, with `Retry-After` if it is known |
    | a timeout, also one after which the outcome is unknown | 504 |
    | `IntegrationNotFoundError` | 404 |
    | `IntegrationError`, `HRISError`, `ATSError`, `LMSError`, `AIApplyError` | 409 |
    | `InputInvalidError`, `RemoteInputInvalidError` | 422 |
    | `AuthenticationInvalidError`, `IPNotWhitelistedError` | 500: the key of this service |
    | `WebhookSignatureError` | 401 |
    | all others | 502 |

    It contains nothing but the status, a fixed sentence, Kombo's code and `may_have_run`: no message, name, id, address
    or value.
    """
    status, detail = _status_of(error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "may_have_run": error.may_have_run,
    }
    if code := _known(getattr(error, "code", None)):
        problem["code"] = code
    wait = getattr(error, "retry_after", None) or (_WAIT if isinstance(error, _LIMITS) else None)
    headers = None
    if status is HTTPStatus.SERVICE_UNAVAILABLE and wait:
        headers = {"Retry-After": str(math.ceil(min(wait, _LONGEST_WAIT)))}
    return JSONResponse(problem, int(status), headers, _MEDIA_TYPE)


def _status_of(error: errors.KomboError) -> tuple[HTTPStatus, str]:
    if isinstance(error, errors.APIError) and error.code is None and error.status in {429, 503}:
        # From a gateway in front of Kombo.
        return HTTPStatus.SERVICE_UNAVAILABLE, _PROBLEMS[0][2]
    for classes, status, detail in _PROBLEMS:
        if isinstance(error, classes):
            late = isinstance(error, errors.OutcomeUnknownError) and isinstance(error.__cause__, TimeoutError)
            return HTTPStatus.GATEWAY_TIMEOUT if late else status, detail
    return _OTHER


@cache
def _codes() -> frozenset[str]:
    return frozenset(errors.APIError._codes)  # noqa: SLF001


def _known(code: str | None) -> str | None:
    """Return a code that is documented. Another one is text of the server."""
    return code if code in _codes() else None
