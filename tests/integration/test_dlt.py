"""`examples/dlt_source.py` keeps a copy in DuckDB in step. Skipped without dlt, which is large: `pip install --group
recipes`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

duckdb = pytest.importorskip("duckdb")
pytest.importorskip("dlt")

EXAMPLES = Path(__file__).parents[2] / "examples"
DRIVER = """
import sys
import dlt
from dlt.pipeline.exceptions import PipelineStepFailed
from dlt_source import kombo

for line in sys.stdin:
    pipeline = dlt.pipeline("kombo", destination="duckdb", dataset_name="people")
    try:
        pipeline.run(kombo(line.split()))
    except PipelineStepFailed as error:
        print(error.step, flush=True)
    else:
        print("done", flush=True)
"""
"""Runs the pipeline once for each line with ids: to import dlt takes longer than a run."""


def test_recipe_shows_the_source() -> None:
    shown = (EXAMPLES.parent / "docs" / "recipes" / "dlt.md").read_text(encoding="utf-8")
    source = (EXAMPLES / "dlt_source.py").read_text(encoding="utf-8")
    assert source.partition('"""\n\n')[2] in shown


class Loader:
    """A process that loads integrations into `kombo.duckdb`."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def load(self, *integration_ids: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(*integration_ids, file=self._process.stdin, flush=True)
        return self._process.stdout.readline().strip()

    def rows(self, query: str) -> Any:
        with duckdb.connect(self._folder / "kombo.duckdb", read_only=True) as database:
            return database.execute(query).fetchall()


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    with SandboxThread(SandboxConfig(employees=30, integrations=2)) as sandbox:
        yield sandbox


@pytest.fixture
def loader(sandbox: SandboxThread, tmp_path: Path) -> Iterator[Loader]:
    environment = {
        **os.environ,
        "KOMBO_API_KEY": sandbox.api_key,
        "KOMBO_BASE_URL": sandbox.base_url,
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "PYTHONPATH": str(EXAMPLES),
    }
    command = [sys.executable, "-c", DRIVER]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Loader(process, tmp_path)


def test_dlt_keeps_a_copy_with_changes_and_deletions(sandbox: SandboxThread, loader: Loader) -> None:
    one, other = sandbox.integration_ids[:2]

    def shown() -> set[tuple[str, str]]:
        return {
            (each, record["id"])
            for each in (one, other)
            for record in sandbox.records("hris_employees", integration_id=each)
        }

    assert loader.load(one, other) == "done"
    employees = "SELECT integration_id, id FROM people.hris_employees"
    assert set(loader.rows(employees)) == shown()
    types = dict(loader.rows("SELECT column_name, column_type FROM (DESCRIBE people.hris_absences)"))
    assert (types["start_date"], types["amount"], types["changed_at"]) == ("DATE", "DOUBLE", "TIMESTAMP WITH TIME ZONE")

    (_, gone), *_ = sorted(pair for pair in shown() if pair[0] == one)
    sandbox.delete("hris_employees", gone, integration_id=one)
    # Deleted and anonymised between two runs, so that its time is not known.
    (_, emptied), *_ = sorted(pair for pair in shown() if pair[0] == other)
    sandbox.delete("hris_employees", emptied, integration_id=other)
    sandbox.anonymise("hris_employees", emptied, integration_id=other, touch=True)
    sandbox.put("hris_employees", {"id": "new", "first_name": "Ada"}, integration_id=other)
    requests = len(sandbox.requests)
    # A run that fails after it has read a change does not forget it.
    sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID"), path="/hris/absences", times=1)
    assert loader.load(one, other) == "extract"
    assert set(loader.rows(employees)) != shown()
    assert loader.load(one, other) == "done"
    assert set(loader.rows(employees)) == shown()
    assert loader.rows(f"{employees} WHERE first_name = 'Ada'") == [(other, "new")]
    assert all("updated_after" in dict(request.query) for request in [*sandbox.requests][requests:])
