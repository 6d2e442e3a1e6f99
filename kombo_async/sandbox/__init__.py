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
    from .http.app import build_app as build_app
    from .http.faults import Damage as Damage
    from .http.faults import Fault as Fault
    from .http.faults import Faults as Faults
    from .http.faults import ScriptedFault as ScriptedFault
    from .http.requests import ReceivedRequest as ReceivedRequest
    from .http.server import Sandbox as Sandbox
    from .http.server import SandboxThread as SandboxThread
    from .http.webhooks import Delivery as Delivery

_HOMES = {
    ".config": {"Drift", "SandboxConfig"},
    ".data.clock": {"SandboxClock"},
    ".http.app": {"build_app"},
    ".http.faults": {"Damage", "Fault", "Faults", "ScriptedFault"},
    ".http.requests": {"ReceivedRequest"},
    ".http.server": {"Sandbox", "SandboxThread"},
    ".http.webhooks": {"Delivery"},
}

__all__ = [
    "Damage",
    "Delivery",
    "Drift",
    "Fault",
    "Faults",
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
