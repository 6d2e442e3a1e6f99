"""A fleet of workers that keeps a mirror in PostgreSQL in step: `Fleet`.

It needs `pip install 'kombo_async[fleet]'`.
"""

from .fleet import Fleet
from .registry import FleetStatus, WorkerStatus

__all__ = ["Fleet", "FleetStatus", "WorkerStatus"]
