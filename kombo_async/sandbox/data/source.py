"""Changes at the source: what users of the connected tools do to their records, and what syncs bring to Kombo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

import msgspec

from ..json_values import is_list, is_object
from . import records
from .deterministic import iso
from .environment import Environment
from .integrations import Integration
from .records import Row
from .tables import LITERAL, TOUCHED, Rows, Store

T = TypeVar("T")

_MAX_CHOICES = 10


class NotFoundError(ValueError):
    """Raised for an id or a name that does not exist in the sandbox; the message lists those that do."""

    def __init__(self, message: str, missing: str, choices: Sequence[str]) -> None:
        super().__init__(message)
        self.missing = missing
        """`integration`, `model` or `record`."""
        self.choices = tuple(choices)
        """What exists; of records the first few."""


class Source:
    """Changes the records of an environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def put(
        self, model: str, record: Mapping[str, Any], integration_id: str | None, raw: bytes | None = None
    ) -> dict[str, Any]:
        """Add a record, or replace the one with its id."""
        if not isinstance(record, Mapping):
            raise TypeError(f"a record must be a dict, not {type(record).__name__}")
        record_id = record.get("id")
        if not isinstance(record_id, str) or not record_id:
            raise ValueError('the record needs an "id", a text that is not empty')
        if raw is not None and not isinstance(raw, bytes):
            raise TypeError(f"raw must be bytes, not {type(raw).__name__}")

        def put(rows: Rows) -> dict[str, Any]:
            literal = _literal(record)
            row = rows.put(_typed(rows, literal))
            row[LITERAL] = _rendered_keys(rows, literal)
            if raw is not None:
                rows.raw[row["id"]] = msgspec.Raw(raw)
            return _rendered(rows, row)

        return self._changing(model, integration_id, put)

    def change(
        self, model: str, record_id: str, integration_id: str | None, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Change fields of a record."""
        if "id" in changes:
            raise ValueError("the id of a record cannot be changed: put another record, and remove this one")

        def change(rows: Rows) -> dict[str, Any]:
            row, literal = self._row(rows, record_id), _literal(changes)
            now = iso(rows.owner.clock())
            rows.raw.pop(row["id"], None)
            rows.update(row, **{"changed_at": now, **_typed(rows, literal)})
            row["changed_at"] = now
            row[LITERAL] = row.get(LITERAL, {}) | _rendered_keys(rows, literal)
            if "changed_at" not in changes:
                row[LITERAL].pop("changed_at", None)
            return _rendered(rows, row)

        return self._changing(model, integration_id, change)

    def delete(self, model: str, record_id: str, integration_id: str | None) -> dict[str, Any]:
        """Mark a record as deleted in the tool."""

        def delete(rows: Rows) -> dict[str, Any]:
            row = rows.mark_deleted(self._row(rows, record_id))
            rows.raw.pop(row["id"], None)
            for key in ("remote_deleted_at", "changed_at"):
                row.get(LITERAL, {}).pop(key, None)
            return _rendered(rows, row)

        return self._changing(model, integration_id, delete)

    def anonymise(self, model: str, record_id: str, integration_id: str | None, *, touch: bool) -> dict[str, Any]:
        """Set all fields of a record but its id to null, as Kombo does 14 days after a deletion."""

        def anonymise(rows: Rows) -> dict[str, Any]:
            row = self._row(rows, record_id)
            deleted_at = row.get("remote_deleted_at") or iso(rows.owner.clock())
            changed_at, touched_at = row["changed_at"], iso(rows.owner.clock()) if touch else row[TOUCHED]
            empty = records.empty_record(rows.table.model)
            rows.raw.pop(row["id"], None)
            rows.update(row, **{key: value for key, value in empty.items() if key != "id"})
            row |= {"remote_deleted_at": deleted_at, "changed_at": changed_at, TOUCHED: touched_at}
            row[LITERAL] = empty | {"id": row["id"]}
            return _rendered(rows, row)

        return self._changing(model, integration_id, anonymise)

    def remove(self, model: str, record_id: str, integration_id: str | None) -> None:
        """Remove a record without a trace."""
        self._changing(model, integration_id, lambda rows: rows.remove(self._row(rows, record_id)))

    def switch_model(self, model: str, integration_id: str | None, *, on: bool) -> None:
        """Switch a model on or off in the scope config of an integration."""
        _, store = self._find(model, integration_id)
        if store is self._environment.store:
            raise ValueError(f"{model} belongs to the environment, which has no scope config")
        self.integration(integration_id, model).switch_model(model, on=on)

    def records(self, model: str, integration_id: str | None, *, include_deleted: bool) -> list[dict[str, Any]]:
        """Return all records of a model, as its list renders them."""
        rows, _ = self._find(model, integration_id)
        found = (row for row in rows.scan() if include_deleted or not rows.is_deleted(row))
        return [_rendered(rows, row) for row in found]

    def record(self, model: str, record_id: str, integration_id: str | None) -> dict[str, Any]:
        """Return one record, as its list renders it."""
        rows, _ = self._find(model, integration_id)
        return _rendered(rows, self._row(rows, record_id))

    def listing(self, model: str, integration_id: str | None) -> Rows:
        """Return the records of a model."""
        return self._find(model, integration_id)[0]

    def integration(self, integration_id: str | None, model: str = "") -> Integration:
        """Return the integration with this id; without an id, the first one that has the model, or else the first."""
        environment = self._environment
        if integration_id is None:
            integration_id = environment.integration_id_with(model) or environment.first_integration_id
        if not environment.has_integration(integration_id):
            raise _not_found("integration", integration_id, environment.integration_ids)
        return environment.integration(integration_id)

    def _find(self, model: str, integration_id: str | None) -> tuple[Rows, Store]:
        environment = self._environment
        if integration_id is None and model in environment.store:
            return environment.store[model], environment.store
        if integration_id is None and environment.integration_id_with(model) is None:
            models = {*environment.store, *(name for tables in environment.tables.values() for name in tables)}
            raise _not_found("model", model, sorted(models))
        integration = self.integration(integration_id, model)
        if model not in integration.store:
            raise _not_found("model", model, tuple(integration.store), f" of integration {integration.id}")
        return integration.store[model], integration.store

    def _row(self, rows: Rows, record_id: str) -> Row:
        row = rows.find(record_id)
        if row is None:
            first = [each["id"] for each, _ in zip(rows.scan(), range(_MAX_CHOICES + 1), strict=False)]
            raise _not_found(f"record of {rows.table.name}", record_id, first)
        return row

    def _changing(self, model: str, integration_id: str | None, change: Callable[[Rows], T]) -> T:
        """Change records; the next `data-changed` that is sent explicitly names their models."""
        rows, store = self._find(model, integration_id)
        before = set(store.changed)
        try:
            return change(rows)
        finally:
            store.unannounced |= store.changed - before
            store.changed = before


def _rendered(rows: Rows, row: Row) -> dict[str, Any]:
    """Return the record for a caller that may change it in place: what it contains belongs to other sandboxes, too."""
    return {key: _copied(value) for key, value in rows.render(row).items()}


def _copied(value: Any) -> Any:
    if is_object(value):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if is_list(value) else value


def _literal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as decoded JSON, or as `msgspec.Raw` where it cannot be decoded."""
    return {key: _json(key, value) for key, value in values.items()}


def _json(key: str, value: Any) -> Any:
    try:
        encoded = msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        message = f"{key} cannot be written as JSON ({error}); msgspec.Raw holds any bytes to send instead"
        raise ValueError(message) from None
    try:
        return msgspec.json.decode(encoded)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return msgspec.Raw(encoded)


def _typed(rows: Rows, literal: Mapping[str, Any]) -> Row:
    """Return the values that fit the model, and foreign keys: handlers and filters rely on their types."""
    table = rows.table
    fields = records.field_types(table.model)
    foreign_keys = {link.key: bool(link.max_count) for link in table.links.values() if not link.reverse}
    return {
        key: value
        for key, value in literal.items()
        if (records.is_valid(table.model, key, value) if key in fields else _is_id(value, foreign_keys.get(key)))
        and key not in table.links
    }


def _is_id(value: Any, many: bool | None) -> bool:
    ids: list[Any] = value if many and is_list(value) else [value] if many is False else [None]
    return all(isinstance(each, str) for each in ids)


def _rendered_keys(rows: Rows, literal: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values without the foreign keys that the API does not have."""
    fields = records.field_types(rows.table.model)
    hidden = {link.key for link in rows.table.links.values() if link.key not in fields}
    return {key: value for key, value in literal.items() if key not in hidden}


def _not_found(missing: str, wanted: object, names: Sequence[str], of: str = "") -> NotFoundError:
    near = get_close_matches(str(wanted), names, n=3, cutoff=0.6)
    shown = near or list(names)[:_MAX_CHOICES]
    more = "" if near or len(names) <= _MAX_CHOICES else ", …"
    choices = f"did you mean {' or '.join(shown)}?" if near else f"there are {', '.join(shown) or 'none'}{more}"
    return NotFoundError(f"there is no {missing} {wanted!r}{of}; {choices}", missing.partition(" ")[0], names)
