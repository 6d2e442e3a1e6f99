"""Assessments: packages and orders."""

from __future__ import annotations

from ...operations import assessment as op
from ..data.assessment_tables import ORDERS, PACKAGES, TABLES
from ..data.deterministic import iso
from ..data.records import Row
from .endpoints import Request, endpoints_of
from .list_handlers import list_endpoint, list_endpoints


def set_packages(request: Request) -> Row:
    """Replace all packages; those that are left out are deleted."""
    rows, given = request.store[PACKAGES], {package["id"]: package for package in request.json["packages"]}
    now = iso(rows.owner.clock())
    for row in list(rows.scan()):
        package = given.pop(row["id"], None)
        if package is not None:
            rows.update(row, **package, updated_at=now, remote_deleted_at=None)
        elif not rows.is_deleted(row):
            rows.mark_deleted(row)
    for package in given.values():
        rows.add({**package, "updated_at": now})
    return {}


def update_order_result(request: Request) -> Row:
    """Set the result of an order."""
    rows = request.store[ORDERS]
    row = rows.require(request.path["assessment_order_id"], "assessment_order_id", status=404)
    rows.update(row, status=request.json["status"], result=request.json)
    return {}


OPERATIONS = (
    *list_endpoints(TABLES.values()),
    list_endpoint(op.ITER_OPEN_ORDERS, TABLES[ORDERS], status="OPEN"),
    *endpoints_of(op, globals()),
)
