"""A mirror of Kombo's data in a database of your own, kept in step: `Mirror`.

It needs `pip install 'kombo_async[mirror]'`, and for PostgreSQL `'kombo_async[postgresql]'`.
"""

from .mirror import Mirror
from .results import Change, ModelStatus, OnChange, RefreshResult
from .schedule import Schedule

__all__ = ["Change", "Mirror", "ModelStatus", "OnChange", "RefreshResult", "Schedule"]
