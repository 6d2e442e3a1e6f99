"""A local Kombo: an HTTP server with data, limits and faults, to try and to test against.

It runs in the running event loop (`async with Sandbox() as sandbox`), in a thread (`with SandboxThread() as sandbox`),
in pytest (the fixture `kombo_sandbox`) and from the command line (`kombo-async sandbox`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

# pytest imports this package to find the fixture, in every run of everybody who has it installed: names load on
# first touch.
_HOMES = {
    "Damage": "http.faults",
    "Delivery": "http.webhooks",
    "Drift": "config",
    "Fault": "http.faults",
    "Faults": "http.faults",
    "ReceivedRequest": "http.requests",
    "Sandbox": "http.server",
    "SandboxClock": "data.clock",
    "SandboxConfig": "config",
    "SandboxThread": "http.server",
    "ScriptedFault": "http.faults",
    "build_app": "http.app",
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


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
