"""The AI Apply family. See https://docs.kombo.dev/ai-apply/introduction"""

from __future__ import annotations

from .family import Family


class AiApply(Family):
    """The operations of the AI Apply family, as `client.ai_apply`."""

    __slots__ = ()
