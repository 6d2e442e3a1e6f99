"""Answers as Kombo sends them, and what they mean: a second, slower reading of JSON, to check the first one against."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import attrs

from kombo_async.models.common import OpenEnum, Timestamp


def employee(**changes: Any) -> dict[str, Any]:
    """A person with something in every kind of field."""
    return {
        "id": "26vafvWSRmbhNcxJYqjCzuJg",
        "remote_id": "32",
        "first_name": "Jörg",
        "ssn": None,
        "gender": "MALE",
        "employment_status": "ACTIVE",
        "weekly_hours": 38.5,
        "date_of_birth": "1986-01-01T00:00:00.000Z",
        "changed_at": "2026-04-02T00:00:00.123Z",
        "home_address": {"city": "Graz", "country": "AT", "zip_code": "08010"},
        "bank_accounts": [{"iban": "DE89", "domestic_bank_routing": {"number": "1", "type": "DE_BANKLEITZAHL"}}],
        "custom_fields": {"shirt": "L", "nested": {"deep": [1, None]}},
        "integration_fields": [{"id": "1", "key": "k", "type": "CUSTOM", "value": {"any": [1.5]}, "label": None}],
        "employments": [{"id": "e1", "pay_rate": 61500, "pay_period": "YEAR", "integration_fields": None}],
        "groups": [{"id": "g1", "name": "Süd", "type": "TEAM"}, {"id": "g2", "type": None}],
        "manager": {"id": "m1", "employment_status": "LEAVE"},
        "legal_entity": None,
    } | changes


def field(number: int, **changes: Any) -> dict[str, Any]:
    """An integration field."""
    return {
        "id": f"f{number}",
        "key": f"key_{number}",
        "type": "CUSTOM",
        "label": None,
        "model": "hris_employees",
        "is_passthrough_enabled": number % 2 == 0,
    } | changes


def page_of(*records: object, **more: object) -> bytes:
    """Return the body of a page with these records; keywords add other keys, such as a cursor."""
    return json.dumps({"status": "success", "data": {"results": records, **more}}, ensure_ascii=False).encode()


def means(raw: Any, value: Any, kind: Any) -> bool:
    """Whether *value* is what the JSON *raw* says in a field of type *kind*."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return means(raw, value, arguments[0])
    if origin in (Union, UnionType):
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        if raw is None:
            return value is None or (get_origin(inner) is tuple and value == ())
        if raw == "" and inner in (int, float, Timestamp):
            return value is None
        return means(raw, value, inner)
    if kind is Any or origin is dict:
        return type(value) is type(raw) and value == raw
    if origin is tuple:
        if raw is None:
            return value == ()
        return (
            isinstance(raw, list)
            and len(raw) == len(value)
            and all(means(one, other, arguments[0]) for one, other in zip(raw, value, strict=True))
        )
    if attrs.has(kind):
        return isinstance(raw, dict) and type(value) is kind and _fields_mean(raw, value, kind)
    if kind is datetime:
        moment = datetime.fromisoformat(raw)
        return value.tzinfo is not None and value == (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    if issubclass(kind, OpenEnum):
        return isinstance(raw, str) and isinstance(value, kind) and value == raw
    if kind is bool:
        return value is raw
    if kind is str:
        return type(value) is str and (value == raw or (type(raw) is int and value == str(raw)))
    assert kind in (int, float)
    return type(value) is kind and not isinstance(raw, bool) and value == kind(raw)


def _fields_mean(raw: dict[str, Any], value: Any, kind: Any) -> bool:
    hints = get_type_hints(kind, include_extras=True)
    return all(
        means(raw[field.name], getattr(value, field.name), hints[field.name])
        if field.name in raw
        else getattr(value, field.name) in (None, ())
        for field in attrs.fields(kind)
    )
