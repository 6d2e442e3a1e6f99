"""Whatever the description allows as an answer is read, and nothing that it documents gets lost on the way.

The library that makes values of a schema for hypothesis does not work with the current hypothesis, so that `values`
makes them, from seeds: the same ones in every run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from random import Random
from typing import Any

import msgspec
import pytest

from kombo_async.engine import codec, pages
from kombo_async.engine.operation import Operation

from ..support.for_each import for_each
from ..support.openapi.schema_values import Values, changed, places
from ..support.openapi.spec import Spec, load, needed, operations

SEEDS = 12
OPERATIONS = operations()
NAMES = sorted(name for name in OPERATIONS if (spec := load()) is None or name in spec.names())
SYNCED = [name for name in NAMES if OPERATIONS[name].page_size and OPERATIONS[name].integration]
SYNCED = [name for name in SYNCED if "/assessment/" not in name]


def envelope(spec: Spec, name: str, values: Values) -> dict[str, Any]:
    made: dict[str, Any] = values.of(spec.answer(name))
    return made


def read(operation: Operation[Any], answer: dict[str, Any]) -> Any:
    body = json.dumps(answer).encode()
    if operation.page_size is not None:
        return pages.decode_page(body, operation.response_type).results
    if operation.listed is not None:
        return pages.decode_list(body, operation.response_type, operation.listed)[0]
    return codec.decode_value(body, dict if operation.response_type is type(None) else operation.response_type)[0]


def records(operation: Operation[Any], answer: dict[str, Any]) -> Any:
    listed = "results" if operation.page_size is not None else operation.listed
    return answer["data"] if listed is None else answer["data"][listed]


def lost(sent: Any, read: Any, place: str = "$") -> Iterator[str]:
    """The places of *sent* that *read* does not hold."""
    if isinstance(sent, dict) and isinstance(read, dict):
        if read.keys() == {"raw"} and sent.keys() != {"raw"}:
            read = read["raw"]
        for key, value in sent.items():
            if key not in read:
                yield f"{place}.{key}"
            else:
                yield from lost(value, read[key], f"{place}.{key}")
    elif isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        for number, (one, other) in enumerate(zip(sent, read, strict=True)):
            yield from lost(one, other, f"{place}[{number}]")
    elif sent is None and read == []:
        return
    elif sent != read and not same_moment(sent, read):
        yield place


def same_moment(one: Any, other: Any) -> bool:
    for kind in (datetime, date, time):
        try:
            first, second = (kind.fromisoformat(each) for each in (one, other))
        except (TypeError, ValueError):
            continue
        if isinstance(first, datetime) and isinstance(second, datetime):
            return first.astimezone(UTC) == second.astimezone(UTC)
        return first == second
    return False


def back(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value))


def whole(spec: Spec, name: str) -> dict[str, Any]:
    """An answer with one of everything."""
    return envelope(spec, name, Values(spec, Random(1), keys=1.0, rows=(1, 1)))


@for_each("name", NAMES)
def test_no_documented_key_is_lost(name: str) -> None:
    spec, operation = needed(), OPERATIONS[name]
    for seed in range(SEEDS):
        answer = envelope(spec, name, Values(spec, Random(seed), keys=(0.0, 0.5, 1.0)[seed % 3]))
        assert list(lost(records(operation, answer), back(read(operation, answer)))) == [], json.dumps(answer)


@for_each("name", NAMES)
def test_documented_examples_are_decoded(name: str) -> None:
    spec, operation = needed(), OPERATIONS[name]
    for media in spec.operation(name)["responses"]["200"]["content"].values():
        shown = (
            [media["example"]] if "example" in media else [each["value"] for each in media.get("examples", {}).values()]
        )
        for answer in shown:
            if "data" in answer:
                assert list(lost(records(operation, answer), back(read(operation, answer)))) == []


@for_each("name", NAMES)
def test_unknown_keys_are_ignored(name: str) -> None:
    spec, operation = needed(), OPERATIONS[name]
    answer = whole(spec, name)
    expected = back(read(operation, answer))
    free = {"custom_fields", "remote_data", "value", "headers", "raw", "data", "raw_question", "properties", "anything"}
    for path in places(answer["data"], ("data",)):
        node: Any = answer
        for key in path:
            node = node[key]
        if isinstance(node, dict) and not free & set(map(str, path[1:])):
            extended = changed(answer, path, {**node, "x_new_in_2031": {"nested": [1, None]}})
            assert list(lost(expected, back(read(operation, extended)))) == [], path


@for_each("name", NAMES)
def test_unknown_enum_values_are_kept(name: str) -> None:
    spec, operation = needed(), OPERATIONS[name]
    answer = whole(spec, name)
    for path in enums(spec, spec.answer(name), answer):
        strange = changed(answer, path, "BRAND_NEW")
        assert list(lost(records(operation, strange), back(read(operation, strange)))) == [], path


def enums(spec: Spec, schema: dict[str, Any], node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of values that are one of a list."""
    for variant in spec.variants(schema):
        if variant.get("enum") and isinstance(node, str) and path[0] == "data":
            yield path
            return
        if isinstance(node, dict):
            for key, child in variant.get("properties", {}).items():
                if key in node:
                    yield from enums(spec, child, node[key], (*path, key))
        if isinstance(node, list) and "items" in variant:
            for number, child in enumerate(node):
                yield from enums(spec, variant["items"], child, (*path, number))


@for_each("name", NAMES)
def test_optional_keys_may_be_missing(name: str) -> None:
    spec, operation = needed(), OPERATIONS[name]
    answer = whole(spec, name)
    for path in optional(spec, spec.answer(name), answer):
        shorter = changed(answer, path, ...)
        assert list(lost(records(operation, shorter), back(read(operation, shorter)))) == [], path


def optional(spec: Spec, schema: dict[str, Any], node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of keys that need not be there."""
    variants = [each for each in spec.variants(schema) if each.get("type") != "null"]
    if len(variants) != 1:
        return
    for key, child in variants[0].get("properties", {}).items():
        if isinstance(node, dict) and key in node:
            if key not in variants[0].get("required", ()):
                yield (*path, key)
            yield from optional(spec, child, node[key], (*path, key))
    if isinstance(node, list) and "items" in variants[0]:
        for number, child in enumerate(node):
            yield from optional(spec, variants[0]["items"], child, (*path, number))


@for_each("name", SYNCED)
@pytest.mark.parametrize("value", [None, ...], ids=["null", "missing"])
def test_synced_record_needs_only_its_id(name: str, value: Any) -> None:
    spec, operation = needed(), OPERATIONS[name]
    answer = whole(spec, name)
    row = answer["data"]["results"][0]
    # What belongs to the customer, and the values of integration fields, which a record has whole or not at all.
    whole_or_not = {"custom_fields", "remote_data", "anything", "integration_fields"}
    for path in places(row):
        if path[-1] == "id" or isinstance(path[-1], int) or whole_or_not & set(path[:-1]):
            continue
        (record,) = read(operation, changed(answer, ("data", "results", 0, *path), value))
        assert record.id == row["id"]
    (record,) = read(operation, {"status": "success", "data": {"results": [{"id": "7"}], "next": None}})
    assert record.id == "7"
