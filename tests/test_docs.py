"""The blocks of the documentation run against the sandbox, and what checks the site finds faults."""

from __future__ import annotations

import ast
import asyncio
import builtins
import importlib.util
import inspect
import logging
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import kombo_async
from kombo_async import KomboClient, json
from kombo_async.cli.commands.sandbox import serve
from kombo_async.cli.control_client import DEFAULT_URL
from kombo_async.models.hris import Employee, NewAbsence
from kombo_async.sandbox import Fault, SandboxConfig, SandboxThread

from .support.command_line import KEY, run_command_on_terminal, settings
from .support.uvicorn_server import served

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
OPTIONAL = {"celery", "django", "pandas", "polars"}
"""Large packages, of the dependency group `recipes`: `integration/test_recipes.py` runs the blocks that import one."""

PAGES = {path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8") for path in sorted(DOCS.rglob("*.md"))}


def blocks(*languages: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield the page, the number, the line and the text of each block in one of these languages."""
    for page, text in PAGES.items():
        for number, match in enumerate(BLOCK.finditer(text), 1):
            if match[2] in languages:
                yield page, number, text.count("\n", 0, match.start(3)), textwrap.dedent(match[3])


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxThread]:
    """The sandbox of one page, on a thread of its own, as some blocks show code that blocks the event loop."""
    assert request.param in PAGES
    with SandboxThread(SandboxConfig(fields=1_500, employees=40)) as sandbox:
        yield sandbox


def python_blocks(*, optional: bool = False) -> list[object]:
    """Return the blocks that import none of the optional packages, or those that do."""
    return [
        pytest.param(page, line, code, id=f"{page}:{number}")
        for page, number, line, code in blocks("python")
        if page != "recipes/dlt.md"  # It shows an example, which test_dlt.py runs in a process of its own.
        and optional == bool(OPTIONAL & imports(code))
    ]


def imports(code: str) -> set[str]:
    found = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in found if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in found if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in names}


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """Restore the level of the log, which a block sets: later tests would log, and keep, each of thousands of calls."""
    logger = logging.getLogger("kombo_async")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.fixture
def run_block(
    sandbox: SandboxThread,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Callable[[int, str], Awaitable[None]]:
    """Return a function that runs the block of this test, and what it defines, in an empty folder."""

    async def run(line: int, code: str) -> None:
        block = request.node.callspec.id
        monkeypatch.setenv("KOMBO_API_KEY", sandbox.api_key)
        monkeypatch.setenv("KOMBO_BASE_URL", sandbox.base_url)
        monkeypatch.setenv("KOMBO_WEBHOOK_SECRET", "s3cret")
        monkeypatch.chdir(tmp_path)
        if block in FAULTS:
            fault, where = FAULTS[block]
            sandbox.faults.add(fault, **where)
        for module in ("app", "example"):
            monkeypatch.delitem(sys.modules, module, raising=False)
        # The lines of tracebacks are those of the page.
        program = compile("\n" * line + code, block, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        namespace: dict[str, Any] = {"__name__": "example"}
        outcome = eval(program, namespace)
        if inspect.isawaitable(outcome):
            await outcome
        if block in USES:
            await USES[block](namespace, sandbox)
        for test in [value for name, value in namespace.items() if name.startswith("test_")]:
            outcome = test(**{name: request.getfixturevalue(name) for name in inspect.signature(test).parameters})
            if inspect.isawaitable(outcome):
                await outcome
        written = capsys.readouterr().out
        assert [line for line in OUTPUT.get(block, ()) if line not in written] == []

    return run


@pytest.mark.parametrize(("sandbox", "line", "code"), python_blocks(), indirect=["sandbox"])
async def test_python_block_runs(run_block: Callable[[int, str], Awaitable[None]], line: int, code: str) -> None:
    await run_block(line, code)


async def read_lists(address: str, sandbox: SandboxThread) -> None:
    """Use a web service of the recipes: a list, errors, and a stream that breaks."""
    url = f"{address}/integrations/{sandbox.integration_id}"
    async with aiohttp.ClientSession() as browser:
        async with browser.get(f"{url}/fields") as response:
            assert response.status == 200
            assert len(await response.json()) == 100
        async with browser.get(f"{address}/integrations/nothing/fields") as response:
            assert response.status == 404
            assert (await response.json())["may_have_run"] is False
        async with browser.get(f"{url}/employees") as response:
            lines = (await response.read()).splitlines()
            assert len(lines) > 20
            assert all(isinstance(json.decode(line, Employee), Employee) for line in lines)
        sandbox.faults.add(Fault.error("INTEGRATION.INACTIVE"), path="/hris/employees")
        async with browser.get(f"{url}/employees") as response:
            assert response.status in {409, 502}
            assert sandbox.integration_id not in await response.text()
        sandbox.faults.add(Fault.error("INTEGRATION.INACTIVE"), path="/hris/employees", after=1)
        async with browser.get(f"{url}/employees") as response:
            assert response.status == 200
            with pytest.raises(aiohttp.ClientError):
                await response.read()


async def use_fastapi_app(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    app = namespace["app"]
    # uvicorn would log the error that breaks the stream, which the server of the test raises.
    async with app.router.lifespan_context(app), served(app) as address:
        await read_lists(address, sandbox)


async def use_aiohttp_app(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    runner = web.AppRunner(namespace["app"], access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        await read_lists(f"http://{host}:{port}", sandbox)
    finally:
        await runner.cleanup()


async def run_celery_task(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    def work() -> int:
        namespace["worker_process_init"].send(None)
        try:
            return namespace["count_employees"].apply([sandbox.integration_id]).get()
        finally:
            namespace["worker_process_shutdown"].send(None)

    assert await asyncio.to_thread(work) > 20


async def answer_django_request(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    from django.conf import settings as django_settings
    from django.test import RequestFactory

    if not django_settings.configured:
        django_settings.configure()
    request = RequestFactory().get("/")
    assert len(json.decode((await namespace["fields"](request, sandbox.integration_id)).content, dict)["fields"]) == 100
    assert (await namespace["fields"](request, "nothing")).status_code == 404


async def query_mirror(_: dict[str, Any], __: SandboxThread) -> None:
    (query,) = (text for page, _, _, text in blocks("sql") if page == "guides/mirror.md")
    with closing(sqlite3.connect("people.db")) as database:
        assert len(database.execute(query).fetchall()) > 10


async def resume_again(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    """Read everything once more, and begin again where the cursor that is stored is refused."""
    async with KomboClient(integration_id=sandbox.integration_id) as client:
        await namespace["copy_fields"](client)
        with closing(namespace["database"]) as database:
            with database:
                database.execute("INSERT INTO place VALUES ('expired')")
            await namespace["copy_fields"](client)
            assert database.execute("SELECT count(*) FROM fields").fetchone() == (1500,)
            assert database.execute("SELECT count(*) FROM place").fetchone() == (0,)


async def keep_copy(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    employees = [record["id"] for record in sandbox.records("hris_employees")]
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(namespace["SCHEMA"])
        async with KomboClient() as client:
            await namespace["sync"](client, database, sandbox.integration_id)
            for record_id in employees[:2]:
                sandbox.delete("hris_employees", record_id)
            # Deleted and anonymised between two runs, so that its time is not known.
            sandbox.anonymise("hris_employees", employees[1], touch=True)
            assert (await namespace["sync"](client, database, sandbox.integration_id)).endswith(" 2 deleted")
            sandbox.anonymise("hris_employees", employees[0], touch=True)
            assert (await namespace["sync"](client, database, sandbox.integration_id)).endswith(" 0 deleted")
        rows = database.execute("SELECT id FROM employees").fetchall()
    assert sorted(record_id for (record_id,) in rows) == sorted(employees[2:])


async def look_for_absences(namespace: dict[str, Any], sandbox: SandboxThread) -> None:
    async with KomboClient(integration_id=sandbox.integration_id) as client:
        employee = (await client.hris.iter_employees(employment_statuses=["ACTIVE"]).collect(limit=1))[0]
        vacation = (await client.hris.iter_absence_types().collect(limit=1))[0]
        day = date(2027, 8, 2)
        await client.hris.create_absence(
            NewAbsence(
                employee_id=employee.id, absence_type_id=vacation.id, start_date=day, end_date=day, employee_note="one"
            )
        )
        assert await namespace["not_executed"](client, {"one", "other"}) == {"other"}


USES: dict[str, Callable[[dict[str, Any], SandboxThread], Awaitable[None]]] = {
    "guides/lists.md:3": resume_again,
    "guides/mirror.md:1": query_mirror,
    "recipes/blocking-code.md:3": run_celery_task,
    "recipes/blocking-code.md:4": answer_django_request,
    "recipes/copy-by-hand.md:1": keep_copy,
    "recipes/web-services.md:1": use_fastapi_app,
    "recipes/web-services.md:2": use_aiohttp_app,
    "recipes/writing-safely.md:2": look_for_absences,
}
"""What to do with the names that a block defines."""

FAULTS: dict[str, tuple[Fault, dict[str, Any]]] = {
    "guides/lists.md:3": (Fault.error("INTEGRATION.INACTIVE"), {"after": 2}),
    "recipes/writing-safely.md:1": (Fault.drop("after_execution"), {"path": "/hris/absences", "method": "POST"}),
}
"""The fault that a request of a block meets, and which request that is."""

OUTPUT = {
    "guides/actions.md:1": ["start_date"],
    "guides/lists.md:3": ["stopped after 1000 because INTEGRATION.INACTIVE", "complete: 1500\n"],
    "recipes/blocking-code.md:2": ["{"],
    "guides/webhooks.md:1": ["204 401\n"],
    "recipes/testing.md:4": ["True\n"],
    "recipes/writing-safely.md:1": ["unknown: request 8f14e45f\n"],
}
"""What a block prints, where that shows what the page says."""


def test_every_block_has_a_language_that_is_run_or_shown() -> None:
    languages = {match[2] for text in PAGES.values() for match in BLOCK.finditer(text)}
    assert languages == {"python", "sh", "sql", "text", "toml"}
    for text in PAGES.values():
        assert text.count("```") == 2 * len(BLOCK.findall(text))
    assert {*USES, *FAULTS, *OUTPUT} <= {f"{page}:{number}" for page, number, _, _ in blocks("python")}


def test_errors_that_the_documentation_names_exist() -> None:
    # Not the names of the official SDK.
    pages = [text for page, text in PAGES.items() if page != "recipes/from-the-official-sdk.md"]
    named = {name for text in pages for name in re.findall(r"\b[A-Z]\w+Error\b", text)}
    assert len(named) > 20
    assert [name for name in named if not hasattr(kombo_async, name) and not hasattr(builtins, name)] == []


def shell_lines() -> list[tuple[str, str]]:
    return [
        (page, line) for page, _, _, text in blocks("sh") for line in text.replace("\\\n", " ").splitlines() if line
    ]


@pytest.mark.parametrize(("page", "line"), shell_lines(), ids=lambda value: value)
def test_command_of_the_documentation_exists(page: str, line: str) -> None:
    from kombo_async.cli.app import app

    words = shlex.split(line, comments=True)
    match words:
        case ["pip", "install", what]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            name, _, extra = what.rstrip("]").partition("[")
            assert name == project["name"]
            assert not extra or set(extra.split(",")) <= set(project["optional-dependencies"])
        case ["kombo-async", *arguments]:
            app.parse_args(arguments, exit_on_error=False, print_error=False)
        case ["curl", *_]:
            assert page == "guides/sandbox.md", "the test of that guide runs it"
        case ["export", *settings]:
            assert all(re.fullmatch(r"KOMBO_\w+=\S+", setting) for setting in settings)
        case _:
            pytest.fail(f"nothing here runs {line!r} of {page}")


def test_first_page_names_the_usual_address_and_key_of_the_sandbox() -> None:
    (line,) = (line for page, line in shell_lines() if page == "index.md" and line.startswith("export "))
    key = inspect.signature(serve).parameters["key"].default
    assert line == f"export KOMBO_BASE_URL={DEFAULT_URL} KOMBO_API_KEY={key}"


def test_guide_to_the_command_line_shows_the_output_of_its_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = (text for page, _, _, text in blocks("text") if page == "guides/command-line.md")
    monkeypatch.chdir(tmp_path)
    commands = re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.MULTILINE)[1:]
    assert len(commands) == 3
    with SandboxThread(api_key=KEY) as sandbox:
        for command in commands:
            line, *output = command.splitlines()
            program, *arguments = shlex.split(line)
            assert program == "kombo-async"
            _, shown = run_command_on_terminal(*arguments, COLUMNS="110", NO_COLOR="1", **settings(sandbox))
            lines = [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", each).rstrip() for each in shown.splitlines()]
            assert [each for each in lines if each in output] == output


@pytest.mark.skipif(shutil.which("bash") is None or shutil.which("curl") is None, reason="bash and curl are needed")
def test_requests_to_the_control_api_in_the_guide_to_the_sandbox_succeed() -> None:
    (script,) = (text for page, _, _, text in blocks("sh") if page == "guides/sandbox.md" and "curl" in text)
    with SandboxThread(SandboxConfig(employees=40)) as sandbox:
        address = sandbox.base_url.removesuffix("/v1")
        script = script.replace("http://127.0.0.1:8642", address)
        done = subprocess.run(["bash", "-euc", script], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"last_name":"Byron"' in done.stdout


@pytest.fixture(scope="module")
def site_output() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_output", DOCS / "_generate" / "site_output.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("page", "loads"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', ["//fonts.example/x.css"]),
        ('<link rel="preconnect" href="https://fonts.example">', ["https://fonts.example"]),
        ('<img srcset="a.png 1x, https://cdn.example/b.png 2x">', ["https://cdn.example/b.png"]),
        ("<p style=\"background: url('http://cdn.example/c.png')\">", ["http://cdn.example/c.png"]),
        ("<style>@import 'https://cdn.example/d.css';</style>", ["https://cdn.example/d.css"]),
        ('<a href="https://docs.kombo.dev">Kombo</a><link rel="canonical" href="https://x.example/">', []),
        ('<script src="../assets/x.js"></script><img src="data:image/png;base64,xx">', []),
    ],
)
def test_what_a_page_loads_from_other_hosts_is_found(site_output: ModuleType, page: str, loads: list[str]) -> None:
    assert site_output.other_hosts(page) == loads


def test_site_with_a_style_sheet_of_another_host_is_refused(site_output: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>")
    assert list(site_output.loads_of_site(tmp_path)) == []
    (tmp_path / "x.css").write_text("@font-face { src: url(https://fonts.example/x.woff2) }")
    assert list(site_output.loads_of_site(tmp_path)) == ["x.css loads https://fonts.example/x.woff2"]


def test_index_for_agents_links_the_markdown_of_each_page(site_output: ModuleType) -> None:
    pages = {
        "a.md": "# A\n\n```python\nx\n```\n\nThe [first](b.md) sentence. More.\n",
        "b.md": "# B\n\n- only a list\n",
    }
    index = site_output.llms_txt("name", "What it is.", {"Guides": [("A", "a.md"), ("B", "b.md")]}, pages)
    assert index.startswith("# name\n\n> What it is.\n")
    assert index.endswith("## Guides\n\n- [A](a.md): The first sentence.\n- [B](b.md)\n")
