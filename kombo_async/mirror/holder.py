"""The process that holds a lease: what is needed to find out whether a process of this machine has ended."""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from msgspec import Struct

_PROC = Path("/proc")


class Holder(Struct, frozen=True):
    """A process, as it is written into leases: `host:pid/boot/namespace/started/nonce`."""

    host: str
    """The name of the machine."""
    pid: int
    """The number of the process."""
    boot: str = ""
    """Changes when the machine restarts. Empty where the system does not have it."""
    namespace: str = ""
    """That of its process ids: containers on one machine may have equal ones."""
    started: str = ""
    """Distinguishes a process from a later one with the same number."""
    nonce: str = ""
    """Distinguishes mirrors in one process."""

    def __str__(self) -> str:
        return f"{self.name}/{self.boot}/{self.namespace}/{self.started}/{self.nonce}"

    @property
    def name(self) -> str:
        """The process for people."""
        return f"{self.host}:{self.pid}"

    @classmethod
    def current(cls) -> Holder:
        """Return this process."""
        pid = os.getpid()
        return cls(
            host=socket.gethostname().replace("/", "_"),
            pid=pid,
            boot=_read("sys/kernel/random/boot_id"),
            namespace=_namespace(),
            started=_started(pid),
            nonce=secrets.token_hex(4),
        )

    @classmethod
    def parse(cls, text: str) -> Holder | None:
        """Return the process that is written as *text*; None for what a newer version may write."""
        parts = text.split("/")
        host, _, pid = parts[0].rpartition(":")
        if len(parts) != 5 or not pid.isdigit():
            return None
        return cls(host, int(pid), *parts[1:])

    def is_gone(self, me: Holder) -> bool:
        """Return whether it has certainly ended. False for processes of other machines."""
        if not self.boot or not self.namespace or self.boot != me.boot or self.namespace != me.namespace:
            return False
        return _started(self.pid) != self.started


def _read(name: str) -> str:
    try:
        return (_PROC / name).read_text().strip()
    except OSError:
        return ""


def _namespace() -> str:
    try:
        return (_PROC / "self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        return ""


def _started(pid: int) -> str:
    """Return when a process began, in ticks since the start of the machine; empty if it does not run."""
    # The name of the program, in parentheses, may contain spaces.
    fields = _read(f"{pid}/stat").rpartition(")")[2].split()
    # A zombie has ended and waits for its parent.
    return "" if len(fields) < 20 or fields[0] in {"Z", "X"} else fields[19]
