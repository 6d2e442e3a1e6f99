"""A local Kombo: an HTTP server with data, limits and faults, for trials and tests.

It runs in the running event loop (`async with Sandbox() as sandbox`), in a thread (`with SandboxThread() as sandbox`),
in pytest (the fixture `kombo_sandbox`) and from the command line (`kombo-async sandbox`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazy_attributes

if TYPE_CHECKING:
    from .config import Drift as Drift
    from .config import SandboxConfig as SandboxConfig
    from .data.clock import SandboxClock as SandboxClock
    from .data.integrations import IntegrationState as IntegrationState
    from .http.deliveries import Delivery as Delivery
    from .http.deliveries import DeliveryAttempt as DeliveryAttempt
    from .http.faults import Damage as Damage
    from .http.faults import Fault as Fault
    from .http.faults import Faults as Faults
    from .http.faults import ScriptedFault as ScriptedFault
    from .http.feed import Change as Change
    from .http.requests import ReceivedRequest as ReceivedRequest
    from .server import Sandbox as Sandbox
    from .server import SandboxThread as SandboxThread
    from .server import build_app as build_app

_HOMES = {
    ".config": {"Drift", "SandboxConfig"},
    ".data.clock": {"SandboxClock"},
    ".data.integrations": {"IntegrationState"},
    ".http.deliveries": {"Delivery", "DeliveryAttempt"},
    ".http.faults": {"Damage", "Fault", "Faults", "ScriptedFault"},
    ".http.feed": {"Change"},
    ".http.requests": {"ReceivedRequest"},
    ".server": {"Sandbox", "SandboxThread", "build_app"},
}

__all__ = [
    "Change",
    "Damage",
    "Delivery",
    "DeliveryAttempt",
    "Drift",
    "Fault",
    "Faults",
    "IntegrationState",
    "ReceivedRequest",
    "Sandbox",
    "SandboxClock",
    "SandboxConfig",
    "SandboxThread",
    "ScriptedFault",
    "build_app",
]

# Type checkers would take any name for one of the package's.
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_attributes(__name__, _HOMES)
