"""`kombo-async read`: tables on a terminal, Parquet, and the choice of columns."""

from __future__ import annotations

import csv
import json as stdlib_json
import re
import stat
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from kombo_async import json
from kombo_async.cli import main
from kombo_async.models.hris import Employee, Employment
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.command_line import KEY, on_a_terminal, run, run_command_on_terminal, settings
from ..support.forked import command_for_shells

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"
EMPLOYEES = ("read", "hris", "employees", ID)


def shown(written: str) -> str:
    """Return what a terminal shows in the end, without colours and progress bars."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written).replace("\r\n", "\n")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│").split("│")]


@on_a_terminal
def test_terminal_shows_a_table_of_the_columns_that_fit(local: SandboxThread) -> None:
    code, written = run_command_on_terminal(*EMPLOYEES, "--limit", "3", COLUMNS="100", **settings(local))
    lines = [line for line in shown(written).splitlines() if line.startswith(("╭", "│", "├", "╰"))]
    assert (code, len(lines)) == (0, 7)
    assert {len(line) for line in lines} <= set(range(60, 101))
    heading, *rows = (cells(line) for line in lines if line.startswith("│"))
    assert heading[:2] == ["id", "remote_id"]
    # Empty and nested ones are left out.
    assert "remote_deleted_at" not in heading
    assert "employments" not in heading
    people = {record["id"]: record for record in local.records("hris_employees", integration_id=ID)}
    assert len(rows) == 3
    for row in rows:
        assert row == [str(people[row[0]].get(name) or "") for name in heading]
    assert re.search(rf"{len(heading)} of \d+ columns\. --columns NAME,NAME shows others", shown(written))


@on_a_terminal
def test_chosen_columns_are_shown_whole_in_their_order(local: SandboxThread) -> None:
    options = ("--columns", "work_email, employments", "--columns", "id", "--limit", "2")
    code, written = run_command_on_terminal(*EMPLOYEES, *options, COLUMNS="60", **settings(local))
    assert code == 0
    assert "columns." not in written
    table = shown(written)
    heading = next(cells(line) for line in table.splitlines() if line.startswith("│"))
    assert heading == ["work_email", "employments", "id"]
    # What does not fit is folded, so nothing is lost.
    for record in local.records("hris_employees", integration_id=ID)[:2]:
        folded = "".join("".join(cells(line)[2:]) for line in table.splitlines() if line.startswith("│"))
        assert record["id"] in folded


@on_a_terminal
def test_rows_before_an_error_are_shown_and_text_cannot_control_the_terminal() -> None:
    with SandboxThread(SandboxConfig(employees=20), api_key=KEY) as sandbox:
        sandbox.put("hris_employees", {"id": "0", "first_name": "a\x1b[2Jb\u202ec"}, integration_id=ID)
        sandbox.faults.add(Fault.error("PLATFORM.INPUT_INVALID"), path="/hris/employees", after=1)
        options = ("--page-size", "5", "--columns", "id,first_name")
        code, written = run_command_on_terminal(*EMPLOYEES, *options, **settings(sandbox))
    assert code == 1
    assert shown(written).count("│") == (5 + 1) * 3
    assert "PLATFORM.INPUT_INVALID" in written
    assert "\x1b[2J" not in written
    assert "\u202e" not in written


@on_a_terminal
def test_terminal_can_show_json_lines_and_csv_but_no_parquet(local: SandboxThread) -> None:
    for options, beginning in (("--json", '{"'), ("--format jsonl", '{"'), ("--format csv", "id,remote_id")):
        code, written = run_command_on_terminal(*EMPLOYEES, "--limit", "1", *options.split(), **settings(local))
        assert (code, shown(written).startswith(beginning)) == (0, True), written
    code, written = run_command_on_terminal(*EMPLOYEES, "--format", "parquet", **settings(local))
    assert code == 2
    assert "a terminal cannot show Parquet: name a file with --output" in shown(written)


def test_csv_has_the_chosen_columns_in_their_order(here: SandboxThread) -> None:
    assert main([*EMPLOYEES, "--columns", "work_email,id,employments", "--limit", "4", "-o", "x.csv"]) == 0
    with Path("x.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [list(row) for row in rows] == [["work_email", "id", "employments"]] * 4
    # Nested keys are in Kombo's order.
    names = [field.name for field in attrs.fields(Employment)]
    assert all(list(each) == names for row in rows for each in stdlib_json.loads(row["employments"]))


def test_resumed_csv_must_have_the_same_columns(here: SandboxThread, capsys: pytest.CaptureFixture[str]) -> None:
    here.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path="/hris/employees", after=1)
    command = [*EMPLOYEES, "--page-size", "50", "-o", "x.csv", "--resume", "state"]
    assert main([*command, "--columns", "id,work_email"]) == 1
    here.faults.clear()
    capsys.readouterr()
    assert main([*command, "--columns", "id"]) == 2
    assert 'with columns ["id","work_email"] and not ["id"]' in capsys.readouterr().err
    assert main(command) == 2
    assert main([*command, "--columns", "id,work_email"]) == 0
    lines = Path("x.csv").read_text().splitlines()
    assert lines[0] == "id,work_email"
    assert len(lines) == 1 + len({*lines[1:]})


class TestParquet:
    """Needs pyarrow."""

    @pytest.fixture(autouse=True)
    def _pyarrow(self) -> None:
        pytest.importorskip("pyarrow")

    def read(self, path: str) -> Any:
        import pyarrow.parquet

        return pyarrow.parquet.read_table(path)

    def test_file_holds_typed_columns_of_all_records(self, here: SandboxThread, tmp_path: Path) -> None:
        from kombo_async import arrow

        assert main([*EMPLOYEES, "--page-size", "20", "-o", "people.parquet"]) == 0
        table = self.read("people.parquet")
        assert table.schema == arrow.schema(Employee)
        people = {record["id"]: record for record in here.records("hris_employees", integration_id=ID)}
        assert {*table.column("id").to_pylist()} == people.keys()
        row = table.to_pylist()[0]
        assert json.decode(row["employments"], list[dict[str, Any]])[0]["id"]
        assert main([*EMPLOYEES, "--columns", "work_email,id", "--limit", "3", "-o", "few.parquet"]) == 0
        few = self.read("few.parquet")
        assert (few.column_names, few.num_rows) == (["work_email", "id"], 3)
        assert main([*EMPLOYEES, "--ids", "nobody", "-o", "none.parquet", "-q"]) == 0
        assert (self.read("none.parquet").num_rows, self.read("none.parquet").schema) == (0, table.schema)
        assert {path.name for path in tmp_path.iterdir()} == {"people.parquet", "few.parquet", "none.parquet"}

    @pytest.mark.skipif(sys.platform == "win32", reason="of permissions")
    def test_file_is_private_and_appears_when_it_is_complete(
        self, here: SandboxThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from kombo_async.cli import parquet

        monkeypatch.setattr(parquet, "_ROW_GROUP", 1)
        seen: list[int] = []
        encode = parquet.Parquet.encode

        def watched(self: Any, records: Any) -> bytes:
            seen.extend(stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir())
            assert not (tmp_path / "x.parquet").exists()
            return encode(self, records)

        monkeypatch.setattr(parquet.Parquet, "encode", watched)
        here.faults.add(Fault.error("PLATFORM.UNKNOWN_ERROR"), path="/hris/employees", after=2)
        assert main([*EMPLOYEES, "--page-size", "20", "-o", "x.parquet"]) == 1
        assert (seen, [*tmp_path.iterdir()]) == ([0o600] * 2, [])
        here.faults.clear()
        monkeypatch.setattr(parquet.Parquet, "encode", encode)
        assert main([*EMPLOYEES, "--page-size", "20", "-o", "x.parquet"]) == 0

        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile("x.parquet") as file:
            assert file.num_row_groups == -(-file.metadata.num_rows // 20)

    def test_records_that_cannot_be_read_are_set_aside(self, here: SandboxThread) -> None:
        page = {"results": [{"id": "a"}, {"id": "b", "first_name": {}}, {"id": "c"}], "next": None}
        here.faults.add(Fault.json({"status": "success", "data": page}))
        assert main([*EMPLOYEES, "-o", "x.parquet", "--unreadable", "odd.jsonl"]) == 4
        assert self.read("x.parquet").column("id").to_pylist() == ["a", "c"]
        assert '"id":"b"' in Path("odd.jsonl").read_text()

    def test_pipe_gets_the_same_bytes_as_a_file(self, local: SandboxThread, tmp_path: Path) -> None:
        path = tmp_path / "x.parquet"
        command = f"{command_for_shells()} {' '.join(EMPLOYEES)} --format parquet | cat > {path}"
        assert run("sh", "-c", command, **settings(local)).returncode == 0
        assert self.read(str(path)).num_rows > 50


def test_parquet_without_pyarrow_says_what_to_install(
    here: SandboxThread, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("kombo_async.arrow", "kombo_async.cli.parquet"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    before = len(here.requests)
    assert main([*EMPLOYEES, "-o", "x.parquet"]) == 2
    assert 'Parquet needs one more package: pip install "kombo_async[arrow]"' in capsys.readouterr().err
    assert (len(here.requests), [*tmp_path.iterdir()]) == (before, [])
