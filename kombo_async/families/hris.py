"""The HR family: people and what belongs to them. See https://docs.kombo.dev/hris/introduction"""

from __future__ import annotations

from typing import Unpack

from ..models.hris import Employee
from ..operations import hris as op
from ..operations.hris import EmployeeFilters
from ..paging import Pager
from .family import Family


class Hris(Family):
    """The operations of the HR family, as `client.hris`."""

    __slots__ = ()

    def iter_employees(self, **filters: Unpack[EmployeeFilters]) -> Pager[Employee]:
        """Iterate over the people of the connected HR system, up to 250 a page.

        Answers come from Kombo's copy, as fresh as the last sync; before the first one has finished this raises
        `IntegrationSetupSyncPendingError`. See https://docs.kombo.dev/hris/v1/get-employees
        """
        return self._iterate(op.ITER_EMPLOYEES, filters)
