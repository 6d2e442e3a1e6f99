"""The demo: what it shows, in a pipe and on a terminal, and that it detects wrong responses."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from kombo_async import KomboError
from kombo_async.cli import demo_script, main
from kombo_async.cli.demo_screen import Screen
from kombo_async.sandbox import Drift, Fault, Sandbox, SandboxConfig

from ..support.command_line import (
    Start,
    environment,
    on_a_terminal,
    run_command,
    run_command_on_terminal,
    run_on_terminal,
)
from ..support.forked import run_program


@pytest.fixture(scope="module", autouse=True)
def runs() -> Iterator[dict[str, Future]]:
    """The demo in a pipe and on a terminal, while the other tests run: it takes its seconds."""
    with ThreadPoolExecutor() as pool:
        started = {"pipe": pool.submit(run_command, "demo")}
        if sys.platform != "win32":
            started["terminal"] = pool.submit(run_command_on_terminal, "demo")
            started["plain terminal"] = pool.submit(run_command_on_terminal, "demo", NO_COLOR="1")
        yield started


@on_a_terminal
def test_demo_on_a_dumb_terminal_has_no_control_codes() -> None:
    code = """
from kombo_async.cli.demo_screen import Screen
screen = Screen()
screen.heading("heading", "code")
with screen.progress_bar("bar", 2) as bar:
    bar.advance(2)
screen.good("good [bold]")
"""
    done, written = run_on_terminal(sys.executable, "-c", code, TERM="dumb")
    assert (done, written.replace("\r", "")) == (0, "\nheading\n   code\n   ✓ good [bold]\n")


def test_demo_replaces_characters_that_the_encoding_lacks(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("""
from kombo_async.cli import main
from kombo_async.cli.demo_screen import Screen
main(["--version"])
Screen().good("Škoda")
""")
    done = run_program(program, env=environment(PYTHONIOENCODING="ascii"))
    assert (done.returncode, done.stdout.splitlines()[1], done.stderr) == (0, "   ok ?koda", "")


def test_ctrl_c_ends_the_demo_with_exit_code_130(start: Start) -> None:
    process = start("demo")
    assert process.stdout.readline().startswith("Integration fields")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (130, "Interrupted.\n")


def test_failed_check_ends_the_demo_with_exit_code_1(monkeypatch, capsys) -> None:
    monkeypatch.setattr(demo_script, "FIELDS", 2)
    assert main(["demo"]) == 1
    written = capsys.readouterr()
    assert "4. Switch" in written.out
    assert "5. Read" not in written.out
    message = "stopped, as a check failed: employees have no field with a label like 'T-shirt size'"
    assert written.err == f"kombo-async demo: {message}\n"


SMALL = SandboxConfig(fields=50, employees=10, sync_seconds=0)


@pytest.mark.parametrize(
    ("config", "fault", "path", "says"),
    [
        (SMALL, Fault.error("PLATFORM.AUTHENTICATION_INVALID"), "/check-api-key", "PLATFORM.AUTHENTICATION_INVALID"),
        (SandboxConfig(drift=Drift.UNKNOWN_ENUMS), None, None, "the integration is "),
        (SandboxConfig(fields=50, employees=0), None, None, "there are no employees"),
        (SandboxConfig(fields=50, sync_seconds=60), None, None, "after 0.1 s employees still lack the fields"),
    ],
    ids=["bad key", "odd status", "no employees", "endless sync"],
)
async def test_demo_detects_wrong_responses(config, fault, path, says) -> None:
    async with Sandbox(config) as sandbox:
        if fault is not None:
            sandbox.faults.add(fault, path=path)
        with pytest.raises((demo_script.DemoError, KomboError), match=re.escape(says)):
            await demo_script.run_steps(sandbox, Screen(), sync_timeout=0.1)


STORY = r"""
1\. Check the key
✓ it opens the environment \w{24}
2\. Look at an integration
✓ Personio of Customer 1: status ACTIVE, setup COMPLETED
│ Employees +│ yes +│ \d+ of \d+ │
│ Salary types +│ no +│ +│ UNSUPPORTED for
3\. List its 4,321 integration fields
… Kombo refused with PLATFORM\.RATE_LIMIT_EXCEEDED; waiting 1\.0 s
✓ waited \d\.\d s and continued
✓ 4,321 fields in 3 pages \(2,000 \+ 2,000 \+ 321\), 2,540 of them of employees
4\. Switch three of them on
✓ all three are on
5\. Read employees before the sync
✓ 115 employees, and none of them carries the fields
6\. Sync
✓ FULL sync \w{24}: done after \d+\.\d s, read \d+ times
7\. Read employees again
\(string\) +│ \(number\) +│ \(object\)
│ XS +│ \d+ +│ \{"name": "Inês Alves",
✓ all 115 employees carry all three in integration_fields
8\. Call the connected tool itself
… Kombo refused with PLATFORM\.CONCURRENCY_LIMIT_EXCEEDED; waiting 1\.0 s
✓ waited \d\.\d s and continued
✓ status 200 from https://api\.personio\.de/v1/company/employees\?limit=1
"work_email": "\S+@\S+"
9\. Switch the fields off again
✓ all three are off
Done in \d+\.\d s: \d+ requests, 2 waits of \d+\.\d s together\.
Try next:
kombo-async sandbox .*
KomboClient\(api_key="ks_prod_…"\) .*
"""
"""Lines of the demo, in their order, with others between them."""


def test_demo_in_a_pipe_prints_every_step_as_plain_text(runs) -> None:
    done = runs["pipe"].result()
    assert (done.returncode, done.stderr) == (0, "")
    assert not {"\x1b", "\r"} & {*done.stdout}
    assert max(map(len, done.stdout.splitlines())) <= 80
    rest = done.stdout
    for line in STORY.strip().splitlines():
        found = re.search(line, rest)
        assert found, f"no {line!r} in\n{rest}"
        rest = rest[found.end() :]


@on_a_terminal
def test_demo_on_a_terminal_has_progress_bars(runs) -> None:
    code, written = runs["terminal"].result()
    assert code == 0
    bars = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written)
    assert re.search(r"fields [━╸╺]{40} 2000/4321 ", bars)
    assert re.search(r"fields ━{40} 4321/4321 0:00:\d\d", bars)
    assert re.search(r"syncing ━{40} ", bars)
    assert re.search(r"employees ━{40} 115/115 ", bars)
    assert "✓ 4,321 fields in 3 pages" in bars
    assert re.search(r"\x1b\[[0-9;]*3\d", written)
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 3


@on_a_terminal
def test_demo_with_no_color_has_bars_without_colours(runs) -> None:
    code, written = runs["plain terminal"].result()
    assert code == 0
    assert re.search(r"fields ━{40} 4321/4321 ", re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written))
    styles = {part for found in re.findall(r"\x1b\[([0-9;]*)m", written) for part in found.split(";")}
    assert styles <= {"", "0", "1"}  # none, and bold
