"""The learning family. See https://docs.kombo.dev/lms/introduction"""

from __future__ import annotations

from .family import Family


class Lms(Family):
    """The operations of the learning family, as `client.lms`."""

    __slots__ = ()
