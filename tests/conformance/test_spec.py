"""The package agrees with the published description of the API, both ways, but for a list of exceptions."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from kombo_async.errors import APIError

from ..support.openapi.spec import Spec, needed, operations
from .drift import drift, unused_exceptions
from .exceptions import OURS_ALONE


def test_package_differs_only_by_listed_exceptions() -> None:
    assert list(drift(needed())) == []


def test_every_exception_is_needed() -> None:
    assert unused_exceptions(needed()) == []


def test_every_operation_is_there() -> None:
    spec = needed()
    assert len(spec.names()) == 121
    assert operations().keys() == {*spec.names(), *OURS_ALONE}
    assert len(operations()) == 130
    assert len(APIError._codes) == 29


def put(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(" ")
    for key in parents:
        document = document[int(key) if isinstance(document, list) else key]
    if value is ...:
        del document[last]
    else:
        document[last] = value


SCHEMAS = "components schemas "
EMPLOYEES = SCHEMAS + "GetHrisEmployeesPositiveResponse properties data properties results items "
CHANGES: list[tuple[str, Any, str]] = [
    ("paths /hris/news", {"get": {"responses": {}}}, "GET /hris/news: a new operation"),
    ("paths /hris/groups", ..., "GET /hris/groups: is gone: deprecate iter_groups"),
    (EMPLOYEES + "properties pronouns", {"type": "string"}, "pronouns: is missing in Employee"),
    (EMPLOYEES + "properties ssn", ..., ".ssn: is only in Employee"),
    (EMPLOYEES + "properties ssn", {"type": "number"}, ".ssn: is number, ours string"),
    (SCHEMAS + "GetHrisEmployeesParameterPageSize maximum", 500, "has pages of up to 500, ours 250"),
    (
        SCHEMAS + "PostForceSyncRequestBody properties type enum",
        ["FULL", "DELTA", "QUICK"],
        "body.type: knows values that ours does not: QUICK",
    ),
    (SCHEMAS + "PostForceSyncRequestBody required", ["type"], "body.type: is required, but _Sync lets it be left out"),
    (
        SCHEMAS + "PostForceSyncRequestBody properties x",
        {"enum": ["PLATFORM.ON_FIRE"]},
        "PLATFORM.ON_FIRE: a new error",
    ),
]


@pytest.mark.parametrize(("path", "value", "words"), CHANGES, ids=lambda value: None)
def test_drift_of_a_newer_description_is_reported(path: str, value: Any, words: str) -> None:
    document = copy.deepcopy(needed().document)
    put(document, path, value)
    assert any(words in line for line in drift(Spec(document)))
