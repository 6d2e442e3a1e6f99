"""The synced models of an integration: records are generated when they are first read, and changes stored over them.

Each category declares its tables; the fields of a record follow from the client's model class, its relations to
other records from `Link`. Links are followed when a record is rendered, so that changes are visible in all places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

import attrs
import msgspec

from ...engine.operation import Operation
from ..api_errors import invalid_input
from . import records
from .company import DAY, TODAY
from .deterministic import Ids, IndexedRandom, digest, iso
from .links import Link
from .owner import Owner
from .records import Row

NUMBER = "#"
"""The internal key of the number of a record."""
TOUCHED = "touched_at"
"""The internal key of the time of the last change made to a record."""
LITERAL = "literal"
"""The internal key of values that are rendered as they are, whatever the model says."""
_LIVE = frozenset({"integration_fields", "custom_fields", "changed_at"})
"""Keys whose values depend on syncs."""
_FIRST_REMOTE_ID = 1_001
_MAX_GENERATED = 2_000
"""The most records that a table generates, except for employees and their parts: it stores all that it generates."""


@attrs.frozen(kw_only=True, eq=False)
class Table:
    """One model of a category of tools."""

    name: str
    """Its name in integrations and webhooks, such as `hris_employees`."""
    model: type
    """The client's model class of the records of its list."""
    size: float
    """How many records are generated: an int is the number, a float the number for each employee in the config."""
    lists: tuple[Operation[Any], ...] = ()
    links: Mapping[str, Link] = attrs.field(factory=dict[str, Link])
    """Links by the key under which the other records are rendered."""
    watched: tuple[str, ...] = ()
    """Links through which a change of the other record counts for `updated_after`."""
    complete: Callable[[Rows, Row], None] | None = None
    """Makes a generated record consistent, in place."""
    rows: Callable[[Table, Store], Rows] | None = None
    """The class of its rows, if it is not `Rows`."""

    @property
    def label(self) -> str:
        """Return the label of the model."""
        return self.name.partition("_")[2].replace("_", " ").capitalize()

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields of the model that integrations list."""
        return tuple(name for name in records.field_types(self.model) if name not in {"id", "remote_data"})


class Store:
    """The tables of one owner."""

    def __init__(self, owner: Owner, tables: Mapping[str, Table]) -> None:
        self.owner = owner
        self.changed: set[str] = set()
        """Models that changed since `take_changed` was last called."""
        self.unannounced: set[str] = set()
        """Models that were changed at the source since a `data-changed` event last named them."""
        self.extras: dict[str, Any] = {}
        """State that is not a record: tasks, tokens and the like."""
        self._tables = tables
        self._rows: dict[str, Rows] = {}

    def __getitem__(self, name: str) -> Rows:
        rows = self._rows.get(name)
        if rows is None:
            table = self._tables[name]
            rows = self._rows[name] = (table.rows or Rows)(table, self)
        return rows

    def __contains__(self, name: object) -> bool:
        return name in self._tables

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def take_unannounced(self) -> frozenset[str]:
        """Return the models that were changed at the source since the last call."""
        unannounced, self.unannounced = frozenset(self.unannounced), set()
        return unannounced

    def take_changed(self) -> frozenset[str]:
        """Return the models that changed since the last call."""
        changed, self.changed = frozenset(self.changed), set()
        return changed


class Rows:
    """The records of one table."""

    def __init__(self, table: Table, store: Store) -> None:
        self.table = table
        self.store = store
        self.owner = store.owner
        size, employees = table.size, self.owner.config.employees
        self.generated = size if isinstance(size, int) else min(round(size * employees), _MAX_GENERATED)
        """How many records are generated; added ones have higher numbers."""
        self.size = self.generated
        self._ids = Ids(*self.owner.seeds, table.name)
        self._decode = lru_cache(maxsize=1_000)(self._ids.decode)
        self._random = IndexedRandom(*self.owner.seeds, table.name)
        self._stored: dict[int, Row] = {}
        self._indices: dict[str, dict[str, list[int]]] = {}
        self._by_own_id: dict[str, int] = {}
        self._by_own_remote_id: dict[str, int] = {}
        self._removed: set[int] = set()
        self.raw: dict[str, msgspec.Raw] = {}
        """The JSON that lists contain in place of records, by the ids of the records."""

    def generate(self, number: int) -> Row:
        """Return the generated record with this number."""
        table, draw = self.table, self._random(number)
        row = dict(records.generated(table.model, draw))
        row |= {
            "id": self.id_of(number),
            "remote_id": str(_FIRST_REMOTE_ID + number),
            "changed_at": records.past_timestamp(draw >> 4),
            NUMBER: number,
            TOUCHED: "",
        }
        # Models with a fixed number of records keep all of them.
        if isinstance(table.size, float) and "remote_deleted_at" in row and draw % 20 == 7:
            row["changed_at"] = row["remote_deleted_at"] = iso(TODAY - draw % (10 * DAY) - DAY)
        for salt, link in enumerate(table.links.values()):
            if not link.reverse:
                row[link.key] = self._draw(link, records.mix(draw, salt))
        if table.complete is not None:
            table.complete(self, row)
        return row

    def _draw(self, link: Link, draw: int) -> Any:
        others = self.store[link.table]
        if not others.generated:
            return [] if link.max_count else None
        if link.max_count:
            count = draw % (link.max_count + 1)
            return list(dict.fromkeys(others.id_of(records.mix(draw, n) % others.generated) for n in range(count)))
        return None if link.optional and draw >> 9 & 7 == 0 else others.id_of(draw % others.generated)

    def id_of(self, number: int) -> str:
        """Return the Kombo id of a number."""
        return self._ids.encode(number)

    def number_of(self, record_id: str) -> int | None:
        """Return the number of the record with this Kombo id, or None."""
        number = self._last_number_of(record_id)
        return number if number is not None and self.exists(number) else None

    def _last_number_of(self, record_id: str) -> int | None:
        """Return the number of the record with this id, even if it was removed."""
        number = self._by_own_id.get(record_id)
        if number is None:
            number = self._decode(record_id)
        return number if number is not None and number < self.size else None

    def number_of_remote(self, remote_id: str) -> int | None:
        """Return the number of the record with this id in the tool, or None."""
        number = self._by_own_remote_id.get(remote_id)
        if number is None:
            digits = re.search(r"[0-9]{1,15}\Z", remote_id)
            number = int(digits[0]) - self.first_remote_id if digits else -1
        if not (0 <= number < self.size and self.exists(number)):
            return None
        return number if self.row(number)["remote_id"] == remote_id else None

    first_remote_id = _FIRST_REMOTE_ID

    def exists(self, number: int) -> bool:
        """Return whether a number below the size is that of a record."""
        return number >= 0 and number not in self._removed

    def row(self, number: int) -> Row:
        """Return the record with this number, with its changes."""
        row = self._stored.get(number)
        if row is None:
            row = self._stored[number] = self.generate(number)
        return row

    def scan(self, start: int = 0) -> Iterator[Row]:
        """Iterate over all records from a number on, including deleted ones."""
        return (self.row(number) for number in range(start, self.size) if self.exists(number))

    def find(self, record_id: str | None) -> Row | None:
        """Return the record with this Kombo id, or with the tool's id after `remote:`; None if there is none."""
        if record_id is None:
            return None
        remote_id = record_id.removeprefix("remote:")
        number = self.number_of(record_id) if remote_id == record_id else self.number_of_remote(remote_id)
        return None if number is None else self.row(number)

    def require(self, record_id: str | None, name: str, *, status: int = 400) -> Row:
        """Return the record, or raise an error that blames the key `name` if it does not exist or is deleted."""
        row = self.find(record_id)
        if row is None or self.is_deleted(row):
            raise invalid_input(
                f"{name} is not the id of a record of {self.table.name} of this integration.", status=status
            )
        return row

    def where(self, key: str, value: str) -> list[Row]:
        """Return the records that hold this value, including deleted ones."""
        index = self._indices.get(key)
        if index is None:
            index = self._indices[key] = {}
            for row in self.scan():
                index.setdefault(row.get(key) or "", []).append(row[NUMBER])
        return [self.row(number) for number in index.get(value, ())]

    def rows_touched_since(self, moment: str) -> set[int] | None:  # noqa: ARG002
        """Return the numbers of all records that `updated_after` can match, or None if they are unknown."""
        return None

    def stored_rows(self) -> list[Row]:
        """Return the records that are stored, among them all that were added or changed."""
        return list(self._stored.values())

    # Changes.

    def add(self, values: Mapping[str, Any]) -> Row:
        """Add a record with these values, in which all other fields are null or empty."""
        self.size += 1
        return self._replace(self.size - 1, values)

    def put(self, values: Mapping[str, Any]) -> Row:
        """Add a record with these values, or replace the one with their id."""
        number = self._last_number_of(values["id"])
        if number is None:
            return self.add(values)
        self._removed.discard(number)
        self._indices.clear()
        return self._replace(number, values)

    def remove(self, row: Row) -> None:
        """Remove a record without a trace."""
        self._removed.add(row[NUMBER])
        self._indices.clear()
        self.raw.pop(row["id"], None)
        self.store.changed.add(self.table.name)

    def _replace(self, number: int, values: Mapping[str, Any]) -> Row:
        now = iso(self.owner.clock())
        links = (link for link in self.table.links.values() if not link.reverse)
        row: Row = {link.key: [] if link.max_count else None for link in links}
        row |= records.empty_record(self.table.model)
        row |= {"id": self.id_of(number), "remote_id": str(self.first_remote_id + number), **values}
        row |= {"changed_at": now, NUMBER: number, TOUCHED: now}
        self.raw.pop(row["id"], None)
        for key in ("remote_created_at", "remote_updated_at"):
            if key in row and row[key] is None:
                row[key] = now
        if row["id"] != self.id_of(number):
            self._by_own_id[row["id"]] = number
        self._save(row)
        for key, index in self._indices.items():
            index.setdefault(row.get(key) or "", []).append(number)
        return row

    def update(self, row: Row, **values: Any) -> Row:
        """Change a record; `changed_at` is set if one of its own fields is among the values."""
        now, own = iso(self.owner.clock()), records.field_types(self.table.model)
        for key, index in self._indices.items():
            if key in values and values[key] != row.get(key):
                index[row.get(key) or ""].remove(row[NUMBER])
                index.setdefault(values[key] or "", []).append(row[NUMBER])
        row.update(values)
        row[TOUCHED] = now
        if own.keys() & values.keys():
            row["changed_at"] = now
            if row.get("remote_updated_at"):
                row["remote_updated_at"] = now
        self._save(row)
        return row

    def _save(self, row: Row) -> None:
        """Store a record that was added or changed."""
        self._stored[row[NUMBER]] = row
        if row["remote_id"] is not None:
            self._by_own_remote_id[row["remote_id"]] = row[NUMBER]
        self.store.changed.add(self.table.name)

    def mark_deleted(self, row: Row) -> Row:
        """Mark a record as deleted in the tool."""
        row = self.update(row, remote_deleted_at=None)
        row["remote_deleted_at"] = row[TOUCHED]
        return row

    def is_deleted(self, row: Row) -> bool:
        """Return whether the record is deleted in the tool."""
        return row.get("remote_deleted_at") is not None or self._is_off()

    def _is_off(self) -> bool:
        switch = self.owner.switches.get(self.table.name)
        return switch is not None and switch.off

    # Rendering.

    def linked(self, row: Row, link: Link) -> list[Row]:
        """Return the related records, including deleted ones."""
        others = self.store[link.table]
        if link.reverse:
            return others.where(link.key, row["id"])
        ids: list[str] = (row[link.key] or []) if link.max_count else [row[link.key]]
        return [found for each in ids if (found := others.find(each))]

    def touched_at(self, row: Row) -> str:
        """Return the time that `updated_after` is compared with."""
        times: list[str] = [row.get("changed_at") or "", row[TOUCHED]]
        if not self.is_deleted(row):
            times.append(self.owner.values_changed_at(self.table.name))
        if (switch := self.owner.switches.get(self.table.name)) is not None:
            times.append(switch.at)
        for name in self.table.watched:
            link = self.table.links[name]
            times += [other["changed_at"] or "" for other in self.linked(row, link)]
        return max(times)

    def render(self, row: Row, model: type | None = None, keys: tuple[str, ...] = ()) -> Row:
        """Return the record as JSON of a model class, by default that of its list: these keys, or all."""
        model = model or self.table.model
        rendered = {
            name: row[name] if stored and name in row else self._render_field(row, model, name)
            for name, stored in _fields_to_render(self.table, model, keys)
        }
        if self._is_off() and "remote_deleted_at" in rendered:
            switched_at = self.owner.switches[self.table.name].at
            rendered["remote_deleted_at"] = rendered["remote_deleted_at"] or switched_at
            rendered["changed_at"] = max(rendered["changed_at"] or "", switched_at)
        if (literal := row.get(LITERAL)) is not None:
            known = records.field_types(self.table.model)
            whole = any(model is operation.response_type for operation in self.table.lists)
            rendered |= {key: literal[key] for key in literal if key in rendered or (whole and key not in known)}
        return rendered

    def _render_field(self, row: Row, model: type, name: str) -> Any:
        table = self.table
        link = table.links.get(name)
        if link is not None:
            others, of = self.store[link.table], records.item_type(model, name)
            if not (link.max_count or link.reverse):
                return next((others.render(each, of, link.keys) for each in self.linked(row, link)), None)
            return [others.render(each, of) for each in self.linked(row, link) if not others.is_deleted(each)]
        # A record that is deleted in the tool no longer changes with syncs.
        if name == "integration_fields":
            return [] if self.is_deleted(row) else self.owner.field_values(table.name, row[NUMBER])
        if not self.is_deleted(row):
            if name == "custom_fields" and row[name] is None:
                return self.owner.custom_values(table.name, row[NUMBER])
            if name == "changed_at":
                return max(row[name], self.owner.values_changed_at(table.name))
        if name not in row:
            row[name] = records.generate_field(model, name, digest(row["id"], model.__name__, name))
        return row[name]


@cache
def _fields_to_render(table: Table, model: type, keys: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    """Return the fields of a model class, and whether they are rendered as they are stored: these keys, or all."""
    return tuple(
        (name, name not in table.links and name not in _LIVE)
        for name in records.field_types(model)
        if not keys or name in keys
    )


def table(name: str, lists: Operation[Any] | tuple[Operation[Any], ...], size: float, **more: Any) -> Table:
    """Return a table whose model class is the response type of the first operation that lists it."""
    operations = lists if isinstance(lists, tuple) else (lists,)
    return Table(name=name, lists=operations, model=operations[0].response_type, size=size, **more)


def by_name(*tables: Table) -> dict[str, Table]:
    """Return the tables by the names of their models."""
    return {table.name: table for table in tables}
