"""`kombo-async mirror` where the system refuses to write: what was stored stays, and the refresh is continued."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kombo_async.sandbox import SandboxConfig, SandboxThread

from ..support.command_line import KEY, Start, environment, settings
from ..support.forked import communicate

MODEL = "hris_locations"
MIRROR = (sys.executable, "-m", "kombo_async.cli", "mirror")
LIMIT = 2_600
"""Blocks of 512 bytes that a file may have, enough for one page: as on a full disk, writes beyond them fail."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of file sizes on Windows")


def test_refresh_on_a_full_disk_says_so_and_is_continued_later(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "people.db"

    def run(*arguments: str, program: Sequence[str] = ()) -> tuple[int, list[dict[str, Any]], str]:
        process = start(*arguments, program=program, env=environment(**settings(sandbox)))
        out, err = communicate(process)
        assert "Traceback" not in err
        return process.returncode, [json.loads(line) for line in out.splitlines()], err

    with SandboxThread(SandboxConfig(fields=5, employees=5), api_key=KEY) as sandbox:
        for number in range(600):
            sandbox.put(MODEL, {"id": f"id{number}", "name": "x" * 3000})
        shown = {record["id"] for record in sandbox.records(MODEL)}
        assert run("mirror", "add", str(path), sandbox.integration_id, "--models", MODEL)[0] == 0
        limited = ("sh", "-c", f'ulimit -f {LIMIT}; exec "$@"', "sh", *MIRROR)
        code, [result], said = run("refresh", str(path), program=limited)
        assert code == 4
        assert result["error"].startswith("OperationalError: disk I/O error")
        assert said == "1 of 1 refreshes failed; what they read is stored, and they continue later.\n"
        [row] = run("mirror", "status", str(path))[1]
        assert (row["failures"], row["last_error"], row["refreshing"]) == (1, result["error"], "full")
        assert 0 < row["records"] < len(shown)

        sandbox.requests.clear()
        code, [result], _ = run("mirror", "refresh", str(path), sandbox.integration_id)
        assert (code, result["kind"], result["error"]) == (0, "full", None)
        lists = [dict(each.query) for each in sandbox.requests if each.path.endswith("/hris/locations")]
        assert all("cursor" in query for query in lists)
        with closing(sqlite3.connect(path)) as connection:
            stored = {row[0] for row in connection.execute(f"SELECT id FROM {MODEL} WHERE remote_deleted_at IS NULL")}
    assert stored == shown
