"""A fleet of workers that keeps a mirror in PostgreSQL in step: `Fleet`. Limits that processes share: `SharedLimits`.

It needs `pip install 'kombo_async[fleet]'`.
"""

from .fleet import Fleet
from .registry import FleetStatus, WorkerStatus
from .shared_limits import SharedLimits

__all__ = ["Fleet", "FleetStatus", "SharedLimits", "WorkerStatus"]
