"""Records: list, put, change, delete, anonymise and remove them, as users of the connected tool do, and Kombo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..data.source import Source
from ..json_values import is_list, is_object
from . import schemas
from .errors import ControlError
from .integrations import cursor_number
from .routes import Call, Routes

ROUTES = Routes()
Record = dict[str, Any]

_MAX_EXAMINED = 5_000
"""Records that one request looks at: the server does nothing else meanwhile."""
_MAX_COUNTED = 100_000
_ALL = "/records/{model}"
_ONE = f"{_ALL}/{{record_id}}"


@ROUTES.add("GET", _ALL, query=schemas.RecordListing, returns=schemas.Listed[Record])
def list_records(call: Call[schemas.RecordListing, schemas.NoBody]) -> schemas.Listed[Record]:
    """List the records of a model as the API does. With `search`, a page may have few records, and others follow."""
    query = call.query
    rows = Source(call.app.environment).listing(call.path["model"], query.integration_id)
    wanted, results, examined, following = (query.search or "").casefold(), list[Record](), 0, None
    for number in range(cursor_number(query.cursor), rows.size):
        if not rows.exists(number):
            continue
        if len(results) == query.limit or examined == _MAX_EXAMINED:
            following = str(number)
            break
        examined += 1
        row = rows.row(number)
        if rows.is_deleted(row) and not query.include_deleted:
            continue
        record = _readable(rows.render(row))
        if not wanted or wanted in msgspec.json.encode(record).decode().casefold():
            results.append(record)
    total = sum(map(rows.exists, range(rows.size))) if rows.size <= _MAX_COUNTED else None
    return schemas.Listed(results, following, total)


@ROUTES.add("GET", _ONE, query=schemas.ForIntegration, returns=Record)
def get_record(call: Call[schemas.ForIntegration, schemas.NoBody]) -> Record:
    """Return a record as the lists of the API have it."""
    source = Source(call.app.environment)
    return _readable(source.record(call.path["model"], call.path["record_id"], call.query.integration_id))


@ROUTES.add("PUT", _ONE, query=schemas.ForIntegration, body=Record, returns=Record)
def put_record(call: Call[schemas.ForIntegration, Record]) -> Record:
    """Add a record, or replace the one with its id. Fields that are left out are null or empty; values of any type and
    unknown keys are accepted, and sent as they are."""
    record_id = call.path["record_id"]
    if call.body.get("id", record_id) != record_id:
        raise ControlError(400, "the id of the body must be that of the path", path="$.id", choices=[record_id])
    record = {**call.body, "id": record_id}
    return _changed(call, lambda source, model, at: source.put(model, record, at))


@ROUTES.add("PATCH", _ONE, query=schemas.ForIntegration, body=Record, returns=Record)
def change_record(call: Call[schemas.ForIntegration, Record]) -> Record:
    """Change fields of a record. `"remote_deleted_at": null` restores a deleted one."""
    if "id" in call.body:
        raise ControlError(400, "the id of a record cannot be changed", path="$.id")
    return _changed(call, lambda source, model, at: source.change(model, call.path["record_id"], at, call.body))


@ROUTES.add("DELETE", _ONE, query=schemas.ForIntegration, returns=Record)
def delete_record(call: Call[schemas.ForIntegration, schemas.NoBody]) -> Record:
    """Delete a record in the tool: from now on `remote_deleted_at` is set, and only `include_deleted` lists it."""
    return _changed(call, lambda source, model, at: source.delete(model, call.path["record_id"], at))


@ROUTES.add("POST", f"{_ONE}/anonymise", query=schemas.ForIntegration, body=schemas.Anonymisation, returns=Record)
def anonymise_record(call: Call[schemas.ForIntegration, schemas.Anonymisation]) -> Record:
    """Anonymise a record as Kombo does 14 days after its deletion: all fields but the id are null."""
    record_id, touch = call.path["record_id"], call.body.touch
    return _changed(call, lambda source, model, at: source.anonymise(model, record_id, at, touch=touch))


@ROUTES.add("POST", f"{_ONE}/remove", query=schemas.ForIntegration)
def remove_record(call: Call[schemas.ForIntegration, schemas.NoBody]) -> None:
    """Remove a record without a trace: not even `include_deleted` lists it."""
    model, integration_id = call.path["model"], call.query.integration_id
    Source(call.app.environment).remove(model, call.path["record_id"], integration_id)
    call.changed("records", integration_id, model)


def _changed(call: Call[Any, Any], change: Callable[[Source, str, str | None], Record]) -> Record:
    model, integration_id = call.path["model"], call.query.integration_id
    record = change(Source(call.app.environment), model, integration_id)
    call.changed("records", integration_id, model)
    return _readable(record)


def _readable(record: Record) -> Record:
    """Return a record in which values that are not valid JSON are texts."""
    return {key: _as_text(value) for key, value in record.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode("utf-8", "replace")
    if is_object(value):
        return _readable(value)
    return [_as_text(each) for each in value] if is_list(value) else value
