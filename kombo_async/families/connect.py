"""The Connect family. See https://docs.kombo.dev/connect/introduction"""

from __future__ import annotations

from .family import Family


class Connect(Family):
    """The operations of the Connect family, as `client.connect`."""

    __slots__ = ()
