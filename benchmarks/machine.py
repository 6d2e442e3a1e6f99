"""The machine: its cores, its memory, and its description in the report."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("kombo_async", "aiohttp", "msgspec", "attrs", "cattrs", "kombo", "httpx", "pydantic")


def pin(cpu: int | None) -> None:
    """Pin this process to one core, if the platform supports that."""
    if cpu is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cpu})


def cores() -> tuple[int | None, int | None]:
    """Return the core of the clients and that of the servers, or None and None if there are not two."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    usable = sorted(os.sched_getaffinity(0))
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


def peak_memory() -> int:
    """Return the peak memory of this process, in bytes.

    On Linux `getrusage` includes the parent process before `exec`, so /proc is read there.
    """
    status = _status("VmHWM:")
    if status is not None:
        return status
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def memory_now() -> int:
    """Return the memory of this process, in bytes; outside Linux its peak."""
    status = _status("VmRSS:")
    return peak_memory() if status is None else status


def _status(name: str) -> int | None:
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def description() -> list[str]:
    """Return lines that describe machine, Python and libraries."""
    client, server = cores()
    placed = "not pinned" if client is None else f"clients on core {client}, server on core {server}"
    return [
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; {placed}",
        f"{platform.python_implementation()} {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
    ]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
