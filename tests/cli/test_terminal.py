"""On a terminal: tables and bars for people, with colours or without, of any width."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from kombo_async.cli import main
from kombo_async.cli.console import Column, Output
from kombo_async.cli.options import CommandOptions
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from ..support.command_line import KEY, on_a_terminal, run_command_on_terminal, settings

pytestmark = on_a_terminal

ID = "personio:GWd1wgE7fRQGywhDLfgbcBAc"

COMMANDS = {
    "check-key": ("check-key",),
    "show": ("integration", "show", ID),
    "list": ("fields", "list", ID, "--search", "badge_number_11"),
    "enable": ("fields", "enable", ID, "hris_employees/badge_number_11", "nope"),
    "map": ("custom-fields", "map", ID, "diet", "--clear"),
    "json": ("tools", "hris", "--json", "--quiet"),
}


@pytest.fixture(scope="module", autouse=True)
def runs() -> Iterator[dict[str, Future[tuple[int, str]]]]:
    """All of them on a terminal of 80 columns, two at a time, against a Kombo slow enough to see the bars."""
    with SandboxThread(SandboxConfig(latency=0.15), api_key=KEY) as sandbox, ThreadPoolExecutor(2) as pool:
        sandbox.set_integration_state(ID, status="INVALID")
        settled = settings(sandbox)
        started = {
            name: pool.submit(run_command_on_terminal, *command, **settled) for name, command in COMMANDS.items()
        }
        started["wide"] = pool.submit(
            run_command_on_terminal, *COMMANDS["list"], COLUMNS="140", NO_COLOR="1", **settled
        )
        yield started


def plain(written: str) -> str:
    """What is to be read of it, with all that a bar showed meanwhile."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written).replace("\r", "")


def test_result_on_a_terminal_is_a_sentence(runs) -> None:
    code, written = runs["check-key"].result()
    assert code == 0
    assert re.fullmatch(r"The key works, and opens the environment \w{24}\.\n", plain(written))


def test_integration_on_a_terminal_is_key_values_and_tables(runs) -> None:
    code, written = runs["show"].result()
    shown = plain(written)
    assert code == 0
    for wanted in (
        r"Tool +Personio \(personio\)",
        r"Category +HRIS",
        r"Status +INVALID: the credentials failed",
        rf"(?m)^Create a link for the customer to reconnect: kombo-async integration reconnect {ID}$",
        r"Setup +COMPLETED: ready to use",
        r"│ Model +│ Offered │ Fields +│ Coverage +│ Scope config │",
        r"│ Employees +│ yes +│ 36 of 39 │ SUPPORTED +│ ENABLED +│",
        r"│ Salary types +│ no +│ 0 of 5 +│ UNSUPPORTED │ ENABLED +│",
        r"│ Action +│ Offered │ Inputs +│ Coverage +│ Scope config │",
        r"│ Create absence +│ yes +│ 12 of 12 │ SUPPORTED │ ENABLED +│",
    ):
        assert re.search(wanted, shown), wanted
    assert max(map(len, shown.partition("Create a link")[0].splitlines())) <= 80


def test_list_on_a_terminal_has_a_bar_and_a_table(runs) -> None:
    code, written = runs["list"].result()
    shown = plain(written)
    assert code == 0
    assert re.search(r"fields .{10,} 2,000 0:00:0\d", shown)
    row = r"│ (yes|no) +│ hris_employees/DEFAULT/badge_number_11 +│ Badge number \(12\) +│"
    assert re.search(row, shown)
    assert shown.endswith("5 of 4,321 fields.\n")
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1
    assert re.search(r"\x1b\[[0-9;]*3\d", written)
    # The bar is gone before the table is there.
    assert shown.index("╭") > shown.rindex("0:00:0")


def test_wide_terminal_shows_ids_and_no_color_removes_colours(runs) -> None:
    code, written = runs["wide"].result()
    assert code == 0
    assert "│ ioE3hxgvjEdKLR9GS5ycYT4G │" in plain(written)
    assert "ioE3hxgvjEdKLR9GS5ycYT4G" not in runs["list"].result()[1]
    styles = {part for found in re.findall(r"\x1b\[([0-9;]*)m", written) for part in found.split(";")}
    assert styles <= {"", "0", "1"}  # none, and bold


def test_failed_fields_on_a_terminal_are_a_table(runs) -> None:
    code, written = runs["enable"].result()
    shown = plain(written)
    assert code == 4
    assert re.search(r"switching on .{10,} 1/1 0:00:0\d", shown)
    assert re.search(r"│ nope +│ none of the 4,321 fields has this name │", shown)
    assert shown.splitlines()[-2:] == [
        "1 of 2 switched on, 1 failed.",
        f"The change shows after the next sync: kombo-async sync {ID}",
    ]


def test_other_commands_on_a_terminal(runs) -> None:
    code, written = runs["map"].result()
    assert (code, plain(written)) == (0, "hris_employees/diet is fed from nothing already.\n")
    code, written = runs["json"].result()
    assert (code, len([json.loads(line) for line in written.splitlines()])) == (0, 8)
    assert not any(KEY in run.result()[1] for run in runs.values())


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"data_expired_at": "2026-11-01T08:30:00Z"}, ["stale since 2026-11-01 08:30 UTC", f"kombo-async sync {ID}"]),
        ({"status": "INACTIVE"}, ["INACTIVE: switched off", f"kombo-async integration enable {ID}"]),
        ({"setup_status": "FINAL_SYNC_PENDING"}, ["may take hours", "webhook data-changed"]),
        ({"setup_status": "INCOMPLETE"}, ["there is no data yet"]),
        ({"status": "NEW_WORD", "beta": True}, ["Status        NEW_WORD\n", "a beta of Kombo's"]),
    ],
    ids=["stale", "off", "first sync", "setup", "unknown"],
)
def test_integration_on_a_terminal_ends_with_the_next_step(changes, wanted, local, monkeypatch, capsys) -> None:
    for name, value in {**settings(local), "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    assert main(["integration", "show", ID]) == 0
    details = json.loads(capsys.readouterr().out)
    local.faults.add(Fault.json({"status": "success", "data": {**details, **changes}}))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["integration", "show", ID]) == 0
    shown = plain(capsys.readouterr().out)
    shown = re.sub(r" +$", "", shown, flags=re.MULTILINE)
    assert all(words in shown for words in wanted)


@pytest.mark.parametrize("columns", ["30", "60", "80"])
def test_table_fits_any_width_and_keeps_brackets(columns: str, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    out = Output("x", CommandOptions())
    out.json = False
    rows = [("hris_employees/CUSTOM/dynamic_1000003", "A [bold]label[/] \x1b[31mthat is long", "7" * 24)] * 3
    headings = (Column("Field", lambda row: row[0]), Column("Label", lambda row: row[1]))
    out.table([*headings, Column("Id", lambda row: row[2], extra=True)], rows)
    lines = capsys.readouterr().out.splitlines()
    assert {len(line) for line in lines} <= {*range(int(columns) + 1)}
    assert "\x1b" not in "".join(lines)
    text = re.sub(r"[│\s]", "", "".join(lines))
    assert int(columns) < 80 or "A[bold]label[/][31mthatislong" in text
    assert "777" not in text


def test_long_list_is_several_tables(capsys) -> None:
    out = Output("x", CommandOptions())
    out.json = False
    with out.listing([Column("N", str)]) as write:
        for start in range(0, 2_500, 500):
            write(range(start, start + 500))
    written = capsys.readouterr().out
    assert written.count("╭") == 3
    assert [int(number) for number in re.findall(r"│ (\d+) +│", written)] == [*range(2_500)]
