"""The recruiting family. See https://docs.kombo.dev/ats/introduction"""

from __future__ import annotations

from .family import Family


class Ats(Family):
    """The operations of the recruiting family, as `client.ats`."""

    __slots__ = ()
