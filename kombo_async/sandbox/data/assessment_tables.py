"""The tables of assessment systems."""

from __future__ import annotations

from ...operations import assessment as op
from . import records
from .links import Link
from .records import Row
from .tables import NUMBER, Rows, by_name, table

PACKAGES = "assessment_packages"
ORDERS = "assessment_orders"


def _package(_: Rows, row: Row) -> None:
    row |= {"name": ("Typing", "Logic", "References")[row[NUMBER]], "description": "As good as it gets."}


def _order(_: Rows, row: Row) -> None:
    row |= {"created_at": row["changed_at"], "status": ("OPEN", "OPEN", "COMPLETED", "CANCELLED")[row[NUMBER] % 4]}
    person = row["candidate"]
    if person["first_name"] and person["last_name"]:
        address = records.email(person["first_name"], person["last_name"], row[NUMBER] + 1)
        row["candidate"] = person | {"email": address}


TABLES = by_name(
    table(PACKAGES, op.GET_PACKAGES, 3, complete=_package),
    table(ORDERS, op.ITER_ORDERS, 0.5, links={"package": Link(PACKAGES, "package_id")}, complete=_order),
)
