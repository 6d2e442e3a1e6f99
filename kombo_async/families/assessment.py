"""The assessment family. See https://docs.kombo.dev/assessment/introduction"""

from __future__ import annotations

from .family import Family


class Assessment(Family):
    """The operations of the assessment family, as `client.assessment`."""

    __slots__ = ()
