"""Kombo's published description of its API, which is not part of this repository, and what this package makes of it.

Point `KOMBO_OPENAPI` at a copy of https://api.kombo.dev/openapi.json to run the checks against it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kombo_async.engine.operation import Operation

FAMILIES = ("general", "hris", "ats", "assessment", "lms", "ai_apply", "connect", "custom")


def operations() -> dict[str, Operation[Any]]:
    """All operations of the client, by method and path."""
    found: dict[str, Operation[Any]] = {}
    for family in FAMILIES:
        for value in vars(import_module(f"kombo_async.operations.{family}")).values():
            if isinstance(value, Operation):
                found.setdefault(f"{value.method} {value.path}", value)
    return found


def family_of(name: str) -> str:
    """The family whose module has the operation."""
    for family in FAMILIES:
        for value in vars(import_module(f"kombo_async.operations.{family}")).values():
            if isinstance(value, Operation) and f"{value.method} {value.path}" == name:
                return family
    raise LookupError(name)


class Spec:
    """One description, with its references resolved on the way."""

    def __init__(self, document: dict[str, Any]) -> None:
        _allow_null_in_enums(document)
        self.document = document

    def names(self) -> list[str]:
        """All operations, as method and path."""
        return [f"{method.upper()} {path}" for path, methods in self.document["paths"].items() for method in methods]

    def operation(self, name: str) -> dict[str, Any]:
        """One operation."""
        method, path = name.split(" ")
        found: dict[str, Any] = self.document["paths"][path][method.lower()]
        return found

    def parameters(self, name: str, place: str) -> dict[str, dict[str, Any]]:
        """The parameters in the path, the query or the headers."""
        found = self.operation(name).get("parameters", [])
        return {each["name"]: each for each in found if each["in"] == place}

    def body(self, name: str) -> dict[str, Any] | None:
        """The schema of the body; None where there is none."""
        content = self.operation(name).get("requestBody", {}).get("content")
        return next(iter(content.values()))["schema"] if content else None

    def answer(self, name: str) -> dict[str, Any]:
        """The schema of a success, whole."""
        schema: dict[str, Any] = next(iter(self.operation(name)["responses"]["200"]["content"].values()))["schema"]
        return schema

    def webhooks(self) -> dict[str, dict[str, Any]]:
        """The schemas of the events, by their type."""
        found = self.document.get("webhooks", {})
        return {
            name: next(iter(hook["post"]["requestBody"]["content"].values()))["schema"] for name, hook in found.items()
        }

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow references, and merge what `allOf` has in parts."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "allOf" in schema:
            merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
            for part in schema["allOf"]:
                merged = _merge(merged, self.resolve(part))
            return merged
        return schema

    def variants(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """The alternatives of a schema, null among them; itself alone if it has none."""
        schema = self.resolve(schema)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return [inner for each in schema[key] for inner in self.variants(each)]
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return [{**schema, "type": kind} for kind in kinds]
        if schema.get("nullable"):
            return [schema, {"type": "null"}]
        return [schema]

    def codes(self) -> set[str]:
        """All words that look like an error code, in any list of values."""
        return {value for values in _enums(self.document) for value in values if isinstance(value, str)}


def _allow_null_in_enums(node: Any) -> None:
    """Put right what the description gets wrong: nullable enums leave null out, which forbids what the type allows."""
    if isinstance(node, dict):
        kinds = node.get("type")
        if isinstance(kinds, list) and "null" in kinds and "enum" in node and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]
        for child in node.values():
            _allow_null_in_enums(child)
    elif isinstance(node, list):
        for child in node:
            _allow_null_in_enums(child)


def _merge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merge(merged[key], value)
        elif key == "required":
            merged[key] = sorted({*merged.get(key, []), *value})
        else:
            merged[key] = value
    return merged


def _enums(node: Any) -> Iterator[list[Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("enum"), list):
            yield node["enum"]
        for child in node.values():
            yield from _enums(child)
    elif isinstance(node, list):
        for child in node:
            yield from _enums(child)


@cache
def load() -> Spec | None:
    """The description that `KOMBO_OPENAPI` names, if it is set; a path without a file is an error."""
    path = os.environ.get("KOMBO_OPENAPI")
    return Spec(json.loads(Path(path).read_text("utf-8"))) if path else None


def needed() -> Spec:
    """The description, or the end of the test."""
    spec = load()
    if spec is None:
        pytest.skip("KOMBO_OPENAPI names no OpenAPI description")
    return spec
