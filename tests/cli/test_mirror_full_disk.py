"""`kombo-async mirror` where the system refuses to write: what was stored stays, and the refresh is continued."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.command_line import KEY, environment, run_command, settings
from ..support.forked import run_program

MODEL = "hris_locations"
PROGRAM = """
import resource, sys
from kombo_async.cli import main
limit = 2_600 * 512
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(main())
"""
"""Runs a command whose files hold at most one page of records: as on a full disk, writes beyond the limit fail."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of file sizes on Windows")


def test_refresh_on_a_full_disk_says_so_and_is_continued_later(tmp_path: Path) -> None:
    path, limited = tmp_path / "people.db", tmp_path / "limited.py"
    limited.write_text(PROGRAM)

    def result(done: subprocess.CompletedProcess[str]) -> tuple[int, list[dict[str, Any]], str]:
        assert "Traceback" not in done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        return result(run_command(*arguments, **settings(sandbox)))

    with SandboxThread(SandboxConfig(fields=5, employees=5), api_key=KEY) as sandbox:
        for number in range(600):
            sandbox.put(MODEL, {"id": f"id{number}", "name": "x" * 3000})
        shown = {record["id"] for record in sandbox.records(MODEL)}
        assert run("mirror", "add", str(path), sandbox.integration_id, "--models", MODEL)[0] == 0
        done = run_program(limited, "mirror", "refresh", str(path), env=environment(**settings(sandbox)))
        code, [refreshed], said = result(done)
        assert code == 4
        assert refreshed["error"].startswith("OperationalError: disk I/O error")
        assert said == "1 of 1 refreshes failed; what they read is stored, and they continue later.\n"
        [row] = run("mirror", "status", str(path))[1]
        assert (row["failures"], row["last_error"], row["refreshing"]) == (1, refreshed["error"], "full")
        assert 0 < row["records"] < len(shown)

        sandbox.requests.clear()
        code, [refreshed], _ = run("mirror", "refresh", str(path), sandbox.integration_id)
        assert (code, refreshed["kind"], refreshed["error"]) == (0, "full", None)
        lists = [dict(each.query) for each in sandbox.requests if each.path.endswith("/hris/locations")]
        assert all("cursor" in query for query in lists)
        with closing(sqlite3.connect(path)) as connection:
            stored = {row[0] for row in connection.execute(f"SELECT id FROM {MODEL} WHERE remote_deleted_at IS NULL")}
    assert stored == shown
