"""Drift: each deviation from the description of the API is a small function, applied to the finished envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..config import Drift
from ..json_values import is_list, is_object

Envelope = dict[str, Any]

_FIELD_OPERATIONS = frozenset({"iter_integration_fields", "update_integration_field"})
_FREE_FORM = frozenset({"custom_fields", "remote_data", "value", "headers"})
"""Keys whose values come from the customer or the tool, so that Kombo does not change them."""
_ENUM_KEYS: Mapping[str, str] = {
    "status": "HIBERNATING",
    "category": "PAYROLL",
    "setup_status": "WAITING_FOR_GODOT",
    "coverage_status": "PARTLY",
    "scope_config_setting": "RECOMMENDED",
    "type": "COMPUTED",
    "employment_status": "SABBATICAL",
    "employment_type": "GIG",
    "gender": "AGENDER",
    "marital_status": "IT_IS_COMPLICATED",
    "pay_period": "FORTNIGHT",
    "pay_frequency": "WHENEVER",
    "balance_unit": "MINUTES",
    "used_unit": "MINUTES",
}
_UNDOCUMENTED: Mapping[str, Any] = {"x_new_in_2031": {"nested": [1, None]}}
_OPTIONAL_KEYS = frozenset(
    {
        "next_cursor", "customer_id", "value", "remote_data", "integration_fields", "teams",
        "work_email", "personal_email", "gender", "ethnicity", "marital_status", "employment_status",
        "employment_type", "home_address", "bank_accounts", "address", "city", "country", "raw", "state",
        "street_1", "street_2", "zip_code", "iban", "bic", "account_number", "holder_name", "bank_name",
        "domestic_bank_routing", "pay_period", "pay_frequency",
    }
)  # fmt: skip


def drift_response(envelope: Envelope, operation: str, drift: Drift) -> Envelope:
    """Return the envelope of a success with the deviations that are switched on."""
    if operation == "send_passthrough_request":
        # Kombo passes the response of the tool on unchanged.
        return {**envelope, "data": {**envelope["data"], **_UNDOCUMENTED}} if Drift.EXTRA_KEYS in drift else envelope
    for flag, change in _CHANGES.items():
        if flag in drift:
            envelope = change(envelope, operation)
    return envelope


def drift_error(status: int, error: dict[str, Any], drift: Drift) -> tuple[int, dict[str, Any]]:
    """Return status and `error` object of a failure with the deviations that are switched on."""
    if Drift.MESSAGE_ONLY_ERRORS in drift:
        return 503, {"message": error["message"]}
    if Drift.NULL_CODES in drift:
        error = {**error, "code": None, "title": None}
    if Drift.EXTRA_KEYS in drift:
        error = {**error, "x_request_cost": 1}
    return status, error


def _records(envelope: Envelope) -> list[dict[str, Any]]:
    data: dict[str, Any] = envelope["data"]
    records: list[dict[str, Any]] = data.get("results", [data])
    return records


def _no_is_writable(envelope: Envelope, operation: str) -> Envelope:
    if operation in _FIELD_OPERATIONS:
        for field in _records(envelope):
            field.pop("is_writable", None)
    return envelope


def _old_integration(envelope: Envelope, operation: str) -> Envelope:
    if operation == "get_integration":
        del envelope["data"]["data_expired_at"], envelope["data"]["write_actions"]
    return envelope


def _synced(envelope: Envelope) -> list[dict[str, Any]]:
    data = envelope["data"]
    return [each for each in _records(envelope) if "changed_at" in each] if "results" in data else []


def _anonymised(envelope: Envelope, _: str) -> Envelope:
    for record in _synced(envelope):
        for key, value in record.items():
            record[key] = value if key == "id" else [] if isinstance(value, list) else None
    return envelope


def _null_lists(envelope: Envelope, _: str) -> Envelope:
    for record in _synced(envelope):
        for key, value in record.items():
            record[key] = None if isinstance(value, list) else value
    return envelope


def _unknown_enums(envelope: Envelope, _: str) -> Envelope:
    def change(node: dict[str, Any]) -> dict[str, Any]:
        return {key: _ENUM_KEYS.get(key, value) if isinstance(value, str) else value for key, value in node.items()}

    return {**envelope, "data": _deep(envelope["data"], change)}


def _missing_keys(envelope: Envelope, _: str) -> Envelope:
    data = _deep(envelope["data"], lambda node: {k: v for k, v in node.items() if k not in _OPTIONAL_KEYS})
    return {**envelope, "data": data}


def _with_extra_keys(envelope: Envelope, _: str) -> Envelope:
    data = _deep(envelope["data"], lambda node: {**node, **_UNDOCUMENTED})
    return {**envelope, "data": data, "x_trace": {"region": "sandbox"}}


def _blank_next(envelope: Envelope, _: str) -> Envelope:
    data = envelope["data"]
    for key in ("next", "next_cursor"):
        if key in data and data[key] is None:
            data[key] = ""
    return envelope


def _top_level_cursor(envelope: Envelope, _: str) -> Envelope:
    data = envelope["data"]
    if "next" not in data:
        return envelope
    cursor = data.pop("next")
    data.pop("next_cursor", None)
    return {**envelope, "next_cursor": cursor}


# In this order, since some of them remove or rename keys that others read.
_CHANGES: Mapping[Drift, Callable[[Envelope, str], Envelope]] = {
    Drift.ANONYMISED: _anonymised,
    Drift.NULL_LISTS: _null_lists,
    Drift.NO_IS_WRITABLE: _no_is_writable,
    Drift.OLD_INTEGRATION: _old_integration,
    Drift.UNKNOWN_ENUMS: _unknown_enums,
    Drift.MISSING_KEYS: _missing_keys,
    Drift.EXTRA_KEYS: _with_extra_keys,
    Drift.BLANK_NEXT: _blank_next,
    Drift.TOP_LEVEL_CURSOR: _top_level_cursor,
}


def _deep(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return the tree with each object changed, except those of the customer or the tool."""
    if is_object(node):
        return change({key: value if key in _FREE_FORM else _deep(value, change) for key, value in node.items()})
    return [_deep(item, change) for item in node] if is_list(node) else node
