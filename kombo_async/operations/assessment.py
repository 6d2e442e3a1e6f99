"""The filters and operations of the assessment family."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from types import NoneType
from typing import TypedDict

from ..engine.operation import SAFE, Operation, action, synced
from ..engine.query import ListOptions
from ..models import assessment as models
from ..models.base import SequenceNotStr


class AssessmentOrderFilters(ListOptions, total=False):
    """The filters of `iter_orders`; several must all match, of several values in one any may."""

    ids: SequenceNotStr[str]
    """Only the orders with these Kombo ids."""
    statuses: SequenceNotStr[models.AssessmentOrderStatusOrStr]
    """Only orders in one of these states; all where left out."""
    created_after: datetime | date | None
    """Only orders that were placed then or later. None filters nothing."""


class _Packages(TypedDict):
    packages: Sequence[models.NewAssessmentPackage]


GET_PACKAGES = Operation(
    "get_packages", "GET", "/assessment/packages", models.AssessmentPackage, SAFE, integration=True, listed="packages"
)
SET_PACKAGES = action("set_packages", "PUT", "/assessment/packages", NoneType, _Packages)
ITER_ORDERS = synced("iter_orders", "/assessment/orders", models.AssessmentOrder, AssessmentOrderFilters)
ITER_OPEN_ORDERS = synced("iter_open_orders", "/assessment/orders/open", models.AssessmentOrder, ListOptions)
UPDATE_ORDER_RESULT = action(
    "update_order_result", "PUT", "/assessment/orders/{assessment_order_id}/result", NoneType, models.AssessmentResult
)
