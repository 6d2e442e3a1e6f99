"""The synced models of an integration: records made when they are first asked for, changes laid over them.

A family declares its tables; how a record looks follows from the client's own class for it, and how records hang
together from `Link`. Links are followed when a record is shown, so that a change shows wherever it is mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from ...engine.operation import Operation
from ..api_errors import invalid
from . import records
from .company import DAY, TODAY
from .deterministic import Dice, Ids, digest, iso
from .records import Row

if TYPE_CHECKING:
    from ..config import SandboxConfig

NUMBER: Final = "#"
"""The key under which a record holds its number."""
TOUCHED: Final = "touched_at"
"""The key of the last change of the record or of what it is linked with."""
_LIVE: Final = frozenset({"integration_fields", "custom_fields", "changed_at"})
"""Keys that syncs change."""
_FIRST_REMOTE_ID: Final = 1_001
_MOST: Final = 2_000
"""How many records a table has at most, but for people and what is a part of them: it keeps all that it has made."""


@attrs.frozen
class Link:
    """How a record finds others."""

    table: str
    """The model of the others."""
    via: str
    """The key that holds an id, or a list of ids; of the others, if it is they who point here."""
    many: int = 0
    """How many ids a new record draws at most, where it holds a list."""
    back: bool = False
    """Whether the others point here."""
    maybe: bool = False
    """Whether one record in eight has none."""
    keys: tuple[str, ...] = ()
    """What is shown of the others, if not all that the class has."""


@attrs.frozen(kw_only=True)
class Table:
    """One model of a category of tools."""

    name: str
    """As integrations and webhooks call it."""
    model: type
    """The client's class for a record, as a list shows it."""
    size: float
    """How many records there are: a whole number, or the share for each employee in the config."""
    lists: tuple[Operation[Any], ...] = ()
    """The operations that list it."""
    links: Mapping[str, Link] = attrs.field(factory=dict[str, Link])
    """Links by the key under which an answer shows the others; keys that no answer has only draw ids."""
    watched: tuple[str, ...] = ()
    """Links whose changes count for `updated_after`."""
    finish: Callable[[Rows, Row], None] | None = None
    """Makes a new record consistent."""
    rows: Callable[[Table, Store], Rows] | None = None
    """Where records come from, if not from here."""

    @property
    def label(self) -> str:
        """The name for people."""
        return self.name.partition("_")[2].replace("_", " ").capitalize()

    def made(self, employees: int) -> int:
        """How many records follow from the seed."""
        return self.size if isinstance(self.size, int) else min(round(self.size * employees), _MOST)

    @property
    def fields(self) -> tuple[str, ...]:
        """What an integration says of the model."""
        return tuple(name for name in records.shape(self.model) if name not in {"id", "remote_data"})


class Owner(Protocol):
    """Whose records they are: an integration, or the environment itself."""

    @property
    def seeds(self) -> tuple[object, ...]:
        """What the records depend on."""
        ...

    @property
    def config(self) -> SandboxConfig:
        """The sizes."""
        ...

    @property
    def hidden(self) -> frozenset[str]:
        """Properties that are null in all records, for one reason or another."""
        ...

    def now(self) -> float:
        """The time of changes, later than all seeded ones."""
        ...

    def custom_values(self, model: str, number: int, /) -> dict[str, object] | None:
        """The custom fields of a record."""
        ...

    def field_values(self, model: str, number: int, /) -> list[dict[str, Any]]:
        """The integration fields of a record."""
        ...

    def values_changed_at(self, model: str, /) -> str:
        """When a sync last changed either of the two, or an empty text."""
        ...


class Store:
    """The tables of one owner."""

    def __init__(self, owner: Owner, tables: Mapping[str, Table]) -> None:
        self.owner = owner
        self.changed: set[str] = set()
        """Models that changed since somebody looked."""
        self.kept: dict[str, Any] = {}
        """What is no record: tasks, tokens and the like."""
        self._tables = tables
        self._rows: dict[str, Rows] = {}

    def __getitem__(self, name: str) -> Rows:
        rows = self._rows.get(name)
        if rows is None:
            table = self._tables[name]
            rows = self._rows[name] = (table.rows or Rows)(table, self)
        return rows

    def take_changed(self) -> frozenset[str]:
        """Say which models changed, once."""
        changed, self.changed = frozenset(self.changed), set()
        return changed


class Rows:
    """The records of one table."""

    def __init__(self, table: Table, store: Store) -> None:
        self.table = table
        self.store = store
        self.owner = store.owner
        self.made = table.made(self.owner.config.employees)
        """How many follow from the seed; those added come after them."""
        self.size = self.made
        self._ids = Ids(*self.owner.seeds, table.name)
        self._dice = Dice(*self.owner.seeds, table.name)
        self._kept: dict[int, Row] = {}
        self._indices: dict[str, dict[str, list[int]]] = {}
        self._by_own_id: dict[str, int] = {}

    def make(self, number: int) -> Row:
        """The record with this number, as the seed has it."""
        table, draw = self.table, self._dice(number)
        row = records.make(table.model, draw)
        row |= {
            "id": self.id_of(number),
            "remote_id": str(_FIRST_REMOTE_ID + number),
            "changed_at": records.moment(draw >> 4),
            NUMBER: number,
            TOUCHED: "",
        }
        # What is listed in full does not vanish.
        if isinstance(table.size, float) and "remote_deleted_at" in row and draw % 20 == 7:
            row["changed_at"] = row["remote_deleted_at"] = iso(TODAY - draw % (10 * DAY) - DAY)
        for salt, link in enumerate(table.links.values()):
            if not link.back:
                row[link.via] = self._draw(link, records.mix(draw, salt))
        if table.finish is not None:
            table.finish(self, row)
        return row

    def _draw(self, link: Link, draw: int) -> Any:
        others = self.store[link.table]
        if not others.made:
            return [] if link.many else None
        if link.many:
            count = draw % (link.many + 1)
            return list(dict.fromkeys(others.id_of(records.mix(draw, n) % others.made) for n in range(count)))
        return None if link.maybe and draw >> 9 & 7 == 0 else others.id_of(draw % others.made)

    def id_of(self, number: int) -> str:
        """The Kombo id of a record."""
        return self._ids.encode(number)

    def number_of(self, record_id: str) -> int | None:
        """The number of the record with this Kombo id; None if there is none."""
        number = self._by_own_id.get(record_id)
        if number is None:
            number = self._ids.decode(record_id)
        return number if number is not None and number < self.size and self.exists(number) else None

    def number_of_remote(self, remote_id: str) -> int | None:
        """The number of the record with this id in the tool; None if there is none."""
        digits = re.search(r"[0-9]{1,15}\Z", remote_id)
        number = int(digits[0]) - self.first_remote_id if digits else -1
        if not (0 <= number < self.size and self.exists(number)):
            return None
        return number if self.row(number)["remote_id"] == remote_id else None

    first_remote_id = _FIRST_REMOTE_ID
    """What the ids of the tool count from."""

    def exists(self, number: int) -> bool:
        """Whether there is a record with this number below the size."""
        return number >= 0

    def row(self, number: int) -> Row:
        """The record with this number, as it is now."""
        row = self._kept.get(number)
        if row is None:
            row = self._kept[number] = self.make(number)
        return row

    def walk(self, start: int = 0) -> Iterator[Row]:
        """All records from a number on, deleted ones too."""
        return (self.row(number) for number in range(start, self.size) if self.exists(number))

    def find(self, record_id: str | None) -> Row | None:
        """The record with this Kombo id, or with the tool's own behind ``remote:``."""
        if record_id is None:
            return None
        prefix, _, remote_id = record_id.partition(":")
        number = self.number_of_remote(remote_id) if prefix == "remote" else self.number_of(record_id)
        return None if number is None else self.row(number)

    def need(self, record_id: str | None, name: str, *, status: int = 400) -> Row:
        """The record, which must be there and not be deleted; `name` is the key that asks for it."""
        row = self.find(record_id)
        if row is None or self.is_deleted(row):
            raise invalid(f"{name} names no record of {self.table.name} of this integration.", status=status)
        return row

    def where(self, key: str, value: str) -> list[Row]:
        """The records that hold this value, deleted ones too."""
        index = self._indices.get(key)
        if index is None:
            index = self._indices[key] = {}
            for row in self.walk():
                index.setdefault(row.get(key) or "", []).append(row[NUMBER])
        return [self.row(number) for number in index.get(value, ())]

    def touched_since(self, moment: str) -> set[int] | None:  # noqa: ARG002
        """The only records that `updated_after` can find for this moment; None if it can be any."""
        return None

    def kept(self) -> list[Row]:
        """The records that were made so far, among them all that were added or changed."""
        return list(self._kept.values())

    # Changes.

    def add(self, values: Mapping[str, Any]) -> Row:
        """A new record: these values, null for all else."""
        number, now = self.size, iso(self.owner.now())
        lists: Row = {link.via: [] for link in self.table.links.values() if link.many}
        row = records.empty(self.table.model) | lists
        row |= {"id": self.id_of(number), "remote_id": str(self.first_remote_id + number), **values}
        row |= {"changed_at": now, NUMBER: number, TOUCHED: now}
        for key in ("remote_created_at", "remote_updated_at"):
            if key in row and row[key] is None:
                row[key] = now
        if row["id"] != self.id_of(number):
            self._by_own_id[row["id"]] = number
        self.size += 1
        self._kept[number] = row
        self.store.changed.add(self.table.name)
        for key, index in self._indices.items():
            index.setdefault(row.get(key) or "", []).append(number)
        return row

    def patch(self, row: Row, **values: Any) -> Row:
        """Change a record; `changed_at` moves if one of its own properties is among the values."""
        now, own = iso(self.owner.now()), records.shape(self.table.model)
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
        self._kept[row[NUMBER]] = row
        self.store.changed.add(self.table.name)
        return row

    def remove(self, row: Row) -> Row:
        """Mark a record as gone from the tool."""
        row = self.patch(row, remote_deleted_at=None)
        row["remote_deleted_at"] = row[TOUCHED]
        return row

    def is_deleted(self, row: Row) -> bool:
        """Whether the record is gone from the tool."""
        return row.get("remote_deleted_at") is not None

    # Answers.

    def linked(self, row: Row, link: Link) -> list[Row]:
        """The records that this one is linked with, deleted ones too."""
        others = self.store[link.table]
        if link.back:
            return others.where(link.via, row["id"])
        ids: list[str] = (row[link.via] or []) if link.many else [row[link.via]]
        return [found for each in ids if (found := others.find(each))]

    def touched_at(self, row: Row) -> str:
        """What `updated_after` compares with."""
        times: list[str] = [row.get("changed_at") or "", row[TOUCHED]]
        if not self.is_deleted(row):
            times.append(self.owner.values_changed_at(self.table.name))
        for name in self.table.watched:
            link = self.table.links[name]
            times += [other["changed_at"] or "" for other in self.linked(row, link)]
        return max(times)

    def show(self, row: Row, kind: type | None = None, keys: tuple[str, ...] = ()) -> Row:
        """The record as an answer of this class has it, by default of its list: some keys, or all."""
        kind = kind or self.table.model
        links = self.table.links
        return {
            name: row[name] if name in row and name not in links and name not in _LIVE else self._shown(row, kind, name)
            for name in records.shape(kind)
            if not keys or name in keys
        }

    def _shown(self, row: Row, kind: type, name: str) -> Any:
        table = self.table
        link = table.links.get(name)
        if link is not None:
            others, of = self.store[link.table], records.inner(kind, name)
            if not (link.many or link.back):
                return next((others.show(each, of, link.keys) for each in self.linked(row, link)), None)
            return [others.show(each, of) for each in self.linked(row, link) if not others.is_deleted(each)]
        # A record that the tool has lost is out of reach for syncs.
        if name == "integration_fields":
            return [] if self.is_deleted(row) else self.owner.field_values(table.name, row[NUMBER])
        if not self.is_deleted(row):
            if name == "custom_fields" and row[name] is None:
                return self.owner.custom_values(table.name, row[NUMBER])
            if name == "changed_at":
                return max(row[name], self.owner.values_changed_at(table.name))
        if name not in row:
            row[name] = records.field(kind, name, digest(row["id"], kind.__name__, name))
        return row[name]


def table(name: str, lists: Operation[Any] | tuple[Operation[Any], ...], size: float, **more: Any) -> Table:
    """A model with the operations that list it, the first of which says what a record is."""
    operations = lists if isinstance(lists, tuple) else (lists,)
    return Table(name=name, lists=operations, model=operations[0].answer, size=size, **more)


def by_name(*tables: Table) -> dict[str, Table]:
    """Tables, by the names of their models."""
    return {table.name: table for table in tables}
