"""`examples/sync_employees.py` in processes that are started again and again, against the sandbox."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from kombo_async.sandbox import SandboxConfig, SandboxThread

EXAMPLES = Path(__file__).parents[2] / "examples"


def rows(path: Path, query: str) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return set(database.execute(query))


def test_worker_keeps_a_copy_and_welcomes_each_new_employee_once(tmp_path: Path) -> None:
    path = tmp_path / "people.db"
    with SandboxThread(SandboxConfig(employees=30, integrations=2)) as sandbox:
        first, second = sandbox.integration_ids[:2]
        environment = {**os.environ, "KOMBO_API_KEY": sandbox.api_key, "KOMBO_BASE_URL": sandbox.base_url}

        def run(*integration_ids: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-W", "error", EXAMPLES / "sync_employees.py", path, *integration_ids]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

        def shown(integration_id: str) -> set[tuple[str, ...]]:
            records = sandbox.records("hris_employees", integration_id=integration_id)
            return {(integration_id, record["id"]) for record in records}

        living = "SELECT integration_id, id FROM hris_employees WHERE remote_deleted_at IS NULL"
        finished = run(first, second)
        assert (finished.returncode, finished.stderr) == (0, "")
        assert rows(path, living) == shown(first) | shown(second)
        people = {record_id for _, record_id in shown(first) | shown(second)}
        assert finished.stdout.count("welcome, ") == len(people)

        finished = run(first, second)
        assert (finished.returncode, finished.stdout) == (0, "")
        sandbox.delete("hris_employees", min(shown(first))[1], integration_id=first)
        sandbox.put("hris_employees", {"id": "new"}, integration_id=first)
        with closing(sqlite3.connect(path)) as database, database:
            # Three hours later.
            later = "due_at = 0, state = json_set(state, '$.incremental_due_at', 0)"
            database.execute(f"UPDATE mirror_leases SET {later} WHERE integration_id = ?", [first])
        finished = run(first, second)
        assert re.fullmatch(rf"{first}: 1 created, (\d+ updated, )?1 deleted\nwelcome, new\n", finished.stdout)
        assert rows(path, living) == shown(first) | shown(second)
        assert rows(path, "SELECT count(*), count(sent_at) FROM welcome_mails") == {(len(people) + 1, len(people) + 1)}

        finished = run("personio:gone")
        assert finished.returncode == 1
        assert finished.stdout.startswith("personio:gone: PLATFORM.INTEGRATION_NOT_FOUND")
