"""Operations and events of the package against the description: every way in which they differ, in words."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from typing import Any

from kombo_async.engine.operation import Effect, Operation
from kombo_async.engine.query import ListOptions

from .comparison import Comparison, Difference, taken_apart
from .spec import Spec

PLAIN_OPTIONS = set(ListOptions.__annotations__)
PAGING = {"cursor", "page_size"}


def differences(spec: Spec, name: str, operation: Operation[Any]) -> Iterator[Difference]:
    """Yield all that differs in one operation."""
    yield from _path_and_headers(spec, name, operation)
    yield from _query(spec, name, operation)
    body = spec.body(name)
    keys = {} if body is None else spec.resolve(body).get("properties", {})
    if keys and operation.body is None:
        yield Difference(f"{name} body", f"has keys, ours none: {', '.join(keys)}")
    elif operation.body is not None:
        yield from Comparison(spec, answer=False).compare(body or {}, operation.body, f"{name} body")
    yield from _answer(spec, name, operation)


def _path_and_headers(spec: Spec, name: str, operation: Operation[Any]) -> Iterator[Difference]:
    if set(re.findall(r"{(\w+)}", operation.path)) != set(spec.parameters(name, "path")):
        yield Difference(name, "has other placeholders")
    if operation.integration != ("X-Integration-Id" in spec.parameters(name, "header")):
        yield Difference(name, "wants X-Integration-Id or not, ours the other way")
    if operation.method == "GET" and operation.effect is not Effect.SAFE:
        yield Difference(name, "is a GET, which ours takes for a change")


def _query(spec: Spec, name: str, operation: Operation[Any]) -> Iterator[Difference]:
    theirs = spec.parameters(name, "query")
    if ("cursor" in theirs) != (operation.page_size is not None):
        yield Difference(name, "has a cursor or not, ours the other way")
    elif operation.page_size is not None:
        largest = spec.resolve(theirs["page_size"]["schema"])["maximum"]
        if largest != operation.page_size:
            yield Difference(name, f"has pages of up to {largest}, ours {operation.page_size}")
    filters = operation.filters
    ours = typing.get_type_hints(filters, include_extras=True) if filters is not None else {}
    for key in sorted(theirs.keys() - ours.keys() - PAGING):
        yield Difference(f"{name} ?{key}", "is a filter that ours does not have")
    for key in sorted(ours.keys() - theirs.keys() - PLAIN_OPTIONS):
        yield Difference(f"{name} ?{key}", "is no filter there")
    for key in sorted((ours.keys() & theirs.keys()) - PLAIN_OPTIONS):
        yield from _filter(spec.resolve(theirs[key]["schema"]), ours[key], f"{name} ?{key}")


def _filter(schema: dict[str, Any], hint: Any, place: str) -> Iterator[Difference]:
    kind = taken_apart(hint).options
    if set(schema.get("enum", ())) == {"true", "false"}:
        if kind != [bool]:
            yield Difference(place, "is true or false, ours not")
    elif schema.get("format") == "date-time" or "\\d{4}" in schema.get("pattern", ""):
        if not set(map(str, kind)) & {"<class 'datetime.date'>", "<class 'datetime.datetime'>"}:
            yield Difference(place, "is a time, ours not")
    elif schema.get("type") in {"integer", "number"}:
        if not set(kind) & {int, float}:
            yield Difference(place, "is a number, ours not")
    elif kind == [bool]:
        yield Difference(place, "is a text, ours true or false")


def _answer(spec: Spec, name: str, operation: Operation[Any]) -> Iterator[Difference]:
    whole = spec.resolve(spec.answer(name))
    data = whole["properties"]["data"]
    place = f"{name} answer"
    keys = spec.resolve(data).get("properties", {})
    hint: Any = operation.response_type
    listed = "results" if operation.page_size is not None else operation.listed
    if hint is type(None):
        if keys:
            yield Difference(place, f"has keys, ours none: {', '.join(keys)}")
        return
    if listed is not None:
        if listed not in keys:
            yield Difference(place, f"has no {listed}")
            return
        extra = keys.keys() - {listed, "next", "next_cursor"}
        if extra:
            yield Difference(place, f"has keys beside {listed}: {', '.join(extra)}")
        data = spec.resolve(keys[listed])["items"]
        place += f" {listed}[]"
    yield from Comparison(spec, answer=True).compare(data, hint, place)
