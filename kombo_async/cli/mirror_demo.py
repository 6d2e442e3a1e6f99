"""The script of `kombo-async mirror demo`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aiohttp import web

from ..client import KomboClient
from ..mirror import Mirror
from ..sandbox import SandboxConfig, SandboxThread
from ..webhook_examples import EXAMPLE_SECRET
from ..webhooks import aiohttp_handler
from .console import Output
from .mirror_tables import status_columns
from .options import ExitCode

_INTEGRATIONS = 20
_EMPLOYEES = 300
_MODEL = "hris_employees"


def play(out: Output) -> int:
    """Play the demo, and return the exit code: 0 if the copy equals its source at the end."""
    config = SandboxConfig(fields=10, employees=_EMPLOYEES, integrations=_INTEGRATIONS)
    with tempfile.TemporaryDirectory() as folder, SandboxThread(config, api_key="ks_dev_sandbox") as sandbox:
        return asyncio.run(_Demo(out, sandbox, str(Path(folder) / "people.db")).play())


class _Demo:
    def __init__(self, out: Output, sandbox: SandboxThread, database: str) -> None:
        self._out = out
        self._sandbox = sandbox
        self._database = database
        self._integrations = sandbox.integration_ids[:_INTEGRATIONS]

    async def play(self) -> int:
        client = KomboClient(self._sandbox.api_key, base_url=self._sandbox.base_url)
        async with client, Mirror(self._database, client) as mirror:
            for integration_id in self._integrations:
                await mirror.add(integration_id, [_MODEL])
            self._say(f"{_INTEGRATIONS} integrations with {_EMPLOYEES:,} employees each are in the mirror.")
            await self._kill_in_the_middle(mirror)
            started = time.monotonic()
            async for _ in mirror.refresh():
                pass
            seconds = time.monotonic() - started
            stored = sum(row.records + row.deleted_records for row in await mirror.status())
            self._say(f"Another process continues where it was: {stored:,} records after {seconds:.1f} s more.")
            await self._change_source(mirror)
            results = [result async for result in mirror.refresh()]
            names = ("created", "updated", "deleted")
            total = ", ".join(f"{sum(getattr(result, name) for result in results)} {name}" for name in names)
            self._say(f"{len(results)} incremental refreshes: {total}.")
            return await self._compare(mirror)

    async def _kill_in_the_middle(self, mirror: Mirror) -> None:
        environment = {**os.environ, "KOMBO_API_KEY": self._sandbox.api_key, "KOMBO_BASE_URL": self._sandbox.base_url}
        command = [sys.executable, "-m", "kombo_async", "mirror", "refresh", self._database, "--quiet"]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
        stored = 0
        while process.returncode is None and stored < _INTEGRATIONS * _EMPLOYEES // 3:
            await asyncio.sleep(0.02)
            stored = sum(row.records + row.deleted_records for row in await mirror.status())
        if process.returncode is None:
            process.kill()
        await process.wait()
        self._say(f"A process reads all of them, and is killed by SIGKILL after {stored:,} records.")

    async def _change_source(self, mirror: Mirror) -> None:
        """Hire, change and delete people, and receive the webhooks about it."""
        app = web.Application()
        app.router.add_post("/", aiohttp_handler(mirror.handle_event, EXAMPLE_SECRET))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self._sandbox.send_webhooks_to(f"http://127.0.0.1:{runner.addresses[0][1]}/", secret=EXAMPLE_SECRET)
            for number, integration_id in enumerate(self._integrations[:10]):
                await asyncio.to_thread(self._change, integration_id, number)
        finally:
            await runner.cleanup()
        self._say("People are hired, changed and deleted in 10 of them; Kombo's webhooks request refreshes.")

    def _change(self, integration_id: str, number: int) -> None:
        sandbox, living = self._sandbox, self._sandbox.records(_MODEL, integration_id=integration_id)
        for hired in range(3):
            record = {"id": f"hired-{number}-{hired}", "first_name": "Ada"}
            sandbox.put(_MODEL, record, integration_id=integration_id)
        for employee in living[:5]:
            sandbox.change(_MODEL, employee["id"], first_name="Grace", integration_id=integration_id)
        for employee in living[5:7]:
            sandbox.delete(_MODEL, employee["id"], integration_id=integration_id)
        sandbox.send_webhook("data-changed", integration_id=integration_id)

    async def _compare(self, mirror: Mirror) -> int:
        rows = await mirror.status()
        shown = [
            len(await asyncio.to_thread(self._sandbox.records, _MODEL, integration_id=row.integration_id))
            for row in rows
        ]
        self._out.table(status_columns(), rows)
        equal = [row.records for row in rows] == shown
        counts = f"{sum(row.records for row in rows):,} records here, {sum(shown):,} at the source"
        self._say(f"{counts}: {'equal' if equal else 'DIFFERENT'} in each integration.")
        return ExitCode.OK if equal else ExitCode.REFUSED

    def _say(self, text: str) -> None:
        self._out.text([text])
        self._out.flush()
