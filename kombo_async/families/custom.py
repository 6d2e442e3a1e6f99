"""What only one tool has: DATEV, Silae, Avionté."""

from __future__ import annotations

from .family import Family


class Datev(Family):
    """The operations for DATEV, as `client.custom.datev`."""

    __slots__ = ()


class Silae(Family):
    """The operations for Silae, as `client.custom.silae`."""

    __slots__ = ()


class Avionte(Family):
    """The operations for Avionté, as `client.custom.avionte`."""

    __slots__ = ()


class Custom(Family):
    """What only one tool has, by tool, as `client.custom`."""

    __slots__ = ()

    @property
    def datev(self) -> Datev:
        """DATEV: payroll data and documents."""
        return Datev(self._caller, self._options)

    @property
    def silae(self) -> Silae:
        """Silae: payroll supplements."""
        return Silae(self._caller, self._options)

    @property
    def avionte(self) -> Avionte:
        """Avionté: which jobs are synced."""
        return Avionte(self._caller, self._options)
