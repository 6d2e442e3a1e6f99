"""`kombo-async mirror`: a copy is made, refreshed, queried and removed, and says what went wrong."""

from __future__ import annotations

import json
import signal
import sqlite3
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kombo_async.cli import main, mirror_demo
from kombo_async.sandbox import SandboxConfig, SandboxThread
from kombo_async.webhooks import SIGNATURE_HEADER, sign

from ..support.command_line import (
    KEY,
    Start,
    environment,
    on_a_terminal,
    run_command_on_terminal,
    settings,
)

SECRET = "sandbox-webhook-secret"
MODEL = "hris_locations"
Command = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def sandbox() -> Iterator[SandboxThread]:
    with SandboxThread(SandboxConfig(fields=5, employees=20), api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
def command(
    sandbox: SandboxThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """Run a command on a database in this process; return its exit code, its JSON lines, and its messages."""
    for name, value in settings(sandbox).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
        code = main(["mirror", *arguments])
        written = capfd.readouterr()
        assert KEY not in written.out + written.err
        assert "Traceback" not in written.err
        return code, [json.loads(line) for line in written.out.splitlines()], written.err

    return run


def test_mirror_is_added_refreshed_shown_and_removed(command: Command, sandbox: SandboxThread, tmp_path: Path) -> None:
    person = sandbox.integration_id
    assert command("add", "people.db", person, "--models", f"{MODEL},hris_employees") == (
        0,
        [{"integration_id": person, "models": [MODEL, "hris_employees"]}],
        "",
    )
    code, [row, _], _ = command("status", "people.db")
    assert (code, row["records"], row["refreshed_at"]) == (0, 0, None)

    code, results, _ = command("refresh", "people.db")
    assert code == 0
    assert {(each["model"], each["kind"], each["error"]) for each in results} == {
        (MODEL, "full", None),
        ("hris_employees", "full", None),
    }
    with closing(sqlite3.connect(tmp_path / "people.db")) as connection:
        [[count]] = connection.execute("SELECT count(*) FROM hris_employees WHERE remote_deleted_at IS NULL")
    assert count == len(sandbox.records("hris_employees"))
    assert command("refresh", "people.db") == (0, [], "Nothing is due.\n")

    sandbox.delete(MODEL, sandbox.records(MODEL)[0]["id"])
    code, [result], _ = command("refresh", "people.db", person, "--models", MODEL)
    assert (code, result["kind"], result["deleted"]) == (0, "incremental", 1)

    assert command("remove", "people.db", person)[0] == 0
    assert command("status", "people.db") == (0, [], "Nothing is mirrored here: kombo-async mirror add\n")
    code, _, said = command("remove", "people.db", person)
    assert (code, said) == (1, f"kombo-async mirror remove: {person} is not in the mirror\n")


def test_failed_unreadable_and_withheld_are_4_and_in_the_status(command: Command, sandbox: SandboxThread) -> None:
    command("add", "people.db", sandbox.integration_id, "--models", f"{MODEL},hris_employees,hris_teams")
    command("refresh", "people.db")
    sandbox.put(MODEL, {"id": "odd"}, raw=b'{"id": "odd", "name": "\\u0000 private"}')
    for record in sandbox.records("hris_employees"):
        sandbox.remove("hris_employees", record["id"])
    sandbox.set_integration_state(sandbox.integration_id, disabled_models={"hris_teams"})
    code, results, said = command("refresh", "people.db", "--full")
    assert code == 4
    by_model = {each["model"]: each for each in results}
    assert by_model[MODEL]["unreadable"] == 1
    assert by_model["hris_employees"]["withheld_deletions"] > 10
    assert "INTEGRATION.MODEL_DISABLED" in by_model["hris_teams"]["error"]
    assert said.startswith("1 of 3 refreshes failed")
    assert "1 records could not be stored" in said
    assert "--force" in said
    assert "private" not in said
    rows = {each["model"]: each for each in command("status", "people.db")[1]}
    assert (rows["hris_teams"]["failures"], rows[MODEL]["unreadable"]) == (1, 1)
    assert rows["hris_employees"]["withheld_deletions"] > 10
    code, results, _ = command("refresh", "people.db", "--force", "--models", "hris_employees")
    assert (code, results[0]["deleted"]) == (0, by_model["hris_employees"]["withheld_deletions"])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("refresh", "mysql://ada:hush-hush@host/people"), 2, "no database is known by mysql://"),
        (("status", "postgresql://ada:hush-hush@127.0.0.1:1/people"), 1, "the database failed: "),
        (("status", "notes.txt"), 2, "notes.txt is not a SQLite database"),
        (("add", "people.db"), 2, "name the integrations to add"),
        (("add", "people.db", "personio:unknown"), 1, "PLATFORM.INTEGRATION_NOT_FOUND"),
        (("add", "people.db", "ID", "--models", "hris_employes"), 2, "did you mean hris_employees"),
        (("refresh", "empty.db", "personio:unknown"), 2, "not in the mirror: 'personio:unknown'; add it first"),
        (("status", "postgresql://ada:hush@hush-hush@127.0.0.1:1/people"), 2, "has an @ in it: write it as %40"),
        (("status", "postgresql://ada:hush-hush@127.0.0.1:1/people"), 1, "Check the address of the database"),
        (("refresh", "poeple.db"), 2, "there is no database poeple.db: kombo-async mirror add creates it"),
        (("remove", "poeple.db", "ID"), 2, "there is no database poeple.db: kombo-async mirror add creates it"),
        (("status", "sqlite:///poeple.db"), 2, "there is no database poeple.db: kombo-async mirror add creates it"),
        (("run", "missing/people.db"), 2, "cannot create the database missing/people.db"),
        (("webhooks", "people.db"), 2, "no webhook secret"),
    ],
)
def test_wrong_use_is_a_line_that_says_what_to_do(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "notes.txt").write_text("a diary\n" * 1000)
    (tmp_path / "empty.db").touch()
    done = command(*arguments)
    assert (done[0], done[1]) == (code, [])
    assert said in done[2]
    assert "hush-hush" not in done[2]
    assert not (tmp_path / "poeple.db").exists()


@pytest.mark.parametrize("arguments", [("status", "people.db"), ("refresh", "people.db"), ("demo",)])
def test_missing_extra_is_a_line_that_installs_it(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    code, _, said = command(*arguments)
    assert (code, "pip install 'kombo_async[mirror]'" in said) == (2, True)


def test_database_that_fails_is_a_line_and_1(command: Command, sandbox: SandboxThread, tmp_path: Path) -> None:
    command("add", "people.db", sandbox.integration_id, "--models", MODEL)
    with closing(sqlite3.connect(tmp_path / "people.db")) as connection:
        connection.execute("DROP TABLE mirror_leases")
    code, _, said = command("status", "people.db")
    assert code == 1
    assert said.splitlines()[0] == "kombo-async mirror status: the database failed: no such table: mirror_leases"


@on_a_terminal
def test_refresh_and_status_are_tables_on_a_terminal(sandbox: SandboxThread, tmp_path: Path) -> None:
    database, mine = str(tmp_path / "people.db"), settings(sandbox)
    run_command_on_terminal("mirror", "add", database, sandbox.integration_id, "--models", MODEL, **mine)
    code, shown = run_command_on_terminal("mirror", "refresh", database, COLUMNS="160", **mine)
    assert code == 0
    assert "Changes" in shown
    assert f" {len(sandbox.records(MODEL))} created " in shown
    code, shown = run_command_on_terminal("mirror", "status", database, COLUMNS="160")
    assert code == 0
    assert " ago" in shown
    assert " in " in shown


def test_demo_ends_with_a_copy_that_equals_its_source(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # A fifteenth of the usual people.
    monkeypatch.setattr(mirror_demo, "_INTEGRATIONS", 4)
    monkeypatch.setattr(mirror_demo, "_EMPLOYEES", 100)
    assert main(["mirror", "demo"]) == 0
    written = capfd.readouterr()
    assert written.err == ""
    lines = written.out.splitlines()
    assert lines[0] == "4 integrations with 100 employees each are in the mirror."
    assert "is killed by SIGKILL after " in lines[1]
    assert lines[-2].startswith("4 incremental refreshes: 12 created, ")
    assert lines[-2].endswith(" updated, 8 deleted.")
    assert lines[-1].endswith(": equal in each integration.")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_webhook_leads_to_a_refresh_while_both_run(
    command: Command, sandbox: SandboxThread, start: Start, tmp_path: Path
) -> None:
    command("add", "people.db", sandbox.integration_id, "--models", MODEL)
    database, mine = str(tmp_path / "people.db"), settings(sandbox)
    running = start("mirror", "run", database, env=environment(**mine))
    receiving = start("mirror", "webhooks", database, "--port", "0", env=environment(KOMBO_WEBHOOK_SECRET=SECRET))
    assert running.stderr.readline() == "Refreshing what is due until Ctrl-C.\n"
    assert running.stderr.readline().startswith(f"full refresh of {MODEL} of {sandbox.integration_id}: ")
    url = receiving.stderr.readline().split()[4]
    sandbox.put(MODEL, {"id": "new"})
    data = {
        "integration_id": sandbox.integration_id,
        "integration_tool": "personio",
        "integration_category": "HRIS",
        "changed_models": [{"name": MODEL}],
    }
    body = json.dumps({"id": "1", "type": "data-changed", "data": data}).encode()
    request = urllib.request.Request(url, body, {SIGNATURE_HEADER: sign(body, SECRET)})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 200
    assert json.loads(receiving.stdout.readline())["requested"] == [MODEL]
    said = running.stderr.readline()
    assert said == f"incremental refresh of {MODEL} of {sandbox.integration_id}: 1 created\n"
    receiving.send_signal(signal.SIGTERM)
    assert receiving.wait(timeout=30) == 0
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=30) == 0
    assert running.stderr.readline() == "Stopped.\n"
