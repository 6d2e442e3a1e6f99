"""Handlers of the lists of tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from ...engine.operation import Operation
from ..data.records import Row
from ..data.tables import Table
from .cursors import page
from .endpoints import Endpoint, Request
from .filters import matching_rows


def list_endpoints(tables: Iterable[Table]) -> list[Endpoint]:
    """Return the endpoints of all lists of the tables."""
    return [list_endpoint(operation, table) for table in tables for operation in table.lists]


def list_endpoint(operation: Operation[Any], table: Table, **only: object) -> Endpoint:
    """Return the endpoint of a list, restricted to records with certain values, which are not rendered."""

    def handle(request: Request) -> dict[Any, Any]:
        rows = request.store[table.name]
        found = matching_rows(request, rows, only)

        def walk(start: int) -> Iterator[tuple[int, Row | msgspec.Raw]]:
            for number, row, record in found(start):
                shown = {key: value for key, value in record.items() if key not in only} if only else record
                yield number, rows.raw.get(row["id"], shown)

        if operation.page_size:
            return page(request, walk)
        results = [record for _, record in walk(0)]
        return {"results": results, "next": None} if operation.filters else {operation.listed: results}

    return Endpoint(operation, handle, table.name)
