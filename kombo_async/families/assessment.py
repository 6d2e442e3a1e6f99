"""The assessment family. See https://docs.kombo.dev/assessment/introduction"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ..engine.query import ListOptions
from ..models import assessment as models
from ..operations import assessment as op
from ..paging import Pager
from .family import Family, Reply, deprecated


class Assessment(Family):
    """The operations of the assessment family, as `client.assessment`."""

    __slots__ = ()

    async def get_packages(self, *, integration_id: str | None = None) -> tuple[models.AssessmentPackage, ...]:
        """Get the packages that recruiters can order, as the last `set_packages` left them: useful for debugging.

        See https://docs.kombo.dev/assessment/v1/get-packages
        """
        return await self._read_list(op.GET_PACKAGES, integration_id)

    async def set_packages(
        self, packages: Sequence[models.NewAssessmentPackage], *, integration_id: str | None = None
    ) -> Reply[None]:
        """Replace ALL packages that recruiters can order: those you leave out count as deleted, all if it is empty.

        See https://docs.kombo.dev/assessment/v1/put-packages
        """
        return await self._action(op.SET_PACKAGES, integration_id, body={"packages": packages})

    def iter_orders(self, **filters: Unpack[op.AssessmentOrderFilters]) -> Pager[models.AssessmentOrder]:
        """Iterate over the orders of recruiters, up to 250 a page.

        The webhook `assessment:order-received` announces new ones; this finds those it missed.
        See https://docs.kombo.dev/assessment/v1/get-orders
        """
        return self._iterate(op.ITER_ORDERS, filters)

    @deprecated("use iter_orders")
    def iter_open_orders(self, **options: Unpack[ListOptions]) -> Pager[models.AssessmentOrder]:
        """Iterate over the open orders. Deprecated by Kombo: use `iter_orders(statuses=["OPEN"])`.

        See https://docs.kombo.dev/assessment/v1/get-orders-open
        """
        return self._iterate(op.ITER_OPEN_ORDERS, options)

    async def update_order_result(
        self, assessment_order_id: str, result: models.AssessmentResult, *, integration_id: str | None = None
    ) -> Reply[None]:
        """Send the result of an order, or how far it is. Once completed or cancelled its status stays.

        See https://docs.kombo.dev/assessment/v1/put-orders-assessment-order-id-result
        """
        return await self._action(
            op.UPDATE_ORDER_RESULT, integration_id, body=result, assessment_order_id=assessment_order_id
        )
