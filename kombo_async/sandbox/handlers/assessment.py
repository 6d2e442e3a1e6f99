"""Assessments: packages that are offered, and orders that come in."""

from __future__ import annotations

from typing import Final

from ...operations import assessment as op
from ..data import records
from ..data.deterministic import iso
from ..data.records import Row
from ..data.tables import NUMBER, Link, Rows, by_name, table
from .endpoints import Call, served
from .list_handlers import listed, serve

PACKAGES: Final = "assessment_packages"
ORDERS: Final = "assessment_orders"


def _package(_: Rows, row: Row) -> None:
    row |= {"name": ("Typing", "Logic", "References")[row[NUMBER]], "description": "As good as it gets."}


def _order(_: Rows, row: Row) -> None:
    row |= {"created_at": row["changed_at"], "status": ("OPEN", "OPEN", "COMPLETED", "CANCELLED")[row[NUMBER] % 4]}
    person = row["candidate"]
    if person["first_name"] and person["last_name"]:
        person["email"] = records.email(person["first_name"], person["last_name"], row[NUMBER] + 1)


TABLES: Final = by_name(
    table(PACKAGES, op.GET_PACKAGES, 3, finish=_package),
    table(ORDERS, op.ITER_ORDERS, 0.5, links={"package": Link(PACKAGES, "package_id")}, finish=_order),
)


def set_packages(call: Call) -> Row:
    """Replace all packages: those that are left out are gone."""
    rows, given = call.store[PACKAGES], {package["id"]: package for package in call.json["packages"]}
    now = iso(rows.owner.now())
    for row in list(rows.walk()):
        package = given.pop(row["id"], None)
        if package is not None:
            rows.patch(row, **package, updated_at=now, remote_deleted_at=None)
        elif not rows.is_deleted(row):
            rows.remove(row)
    for package in given.values():
        rows.add({**package, "updated_at": now})
    return {}


def update_order_result(call: Call) -> Row:
    """Hand in a result."""
    rows = call.store[ORDERS]
    row = rows.need(call.path["assessment_order_id"], "assessment_order_id", status=404)
    rows.patch(row, status=call.json["status"], result=call.json)
    return {}


OPERATIONS: Final = (
    *listed(TABLES.values()),
    serve(op.ITER_OPEN_ORDERS, TABLES[ORDERS], status="OPEN"),
    *served(op, globals()),
)
