"""Serving the lists of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...engine.operation import Operation
from ..data.records import Row
from ..data.tables import Table
from .cursors import page
from .endpoints import Call, Served
from .filters import matching


def listed(tables: Iterable[Table]) -> list[Served]:
    """Serve all lists of the tables."""
    return [serve(operation, table) for table in tables for operation in table.lists]


def serve(operation: Operation[Any], table: Table, **only: object) -> Served:
    """Serve a list: what passes the filters and holds these values, which then go without saying."""

    def answer(call: Call) -> dict[Any, Any]:
        found = matching(call, call.store[table.name], only)

        def walk(start: int) -> Iterator[tuple[int, Row]]:
            for number, record in found(start):
                yield number, {key: value for key, value in record.items() if key not in only}

        if operation.page_size:
            return page(call, walk)
        results = [record for _, record in walk(0)]
        return {"results": results, "next": None} if operation.filters else {operation.listed: results}

    return Served(operation, answer, table.name)
