"""The layers of the package: imports point one way and in no cycle, and each library has its importers."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from .support.for_each import for_each

PACKAGE = Path(__file__).parents[1] / "kombo_async"

LAYERS = [
    # The lowest first: a module may import from its own layer and from those before it.
    {"_help", "_lazy", "_version", "engine.permits", "errors", "models", "redaction", "webhook_examples"},
    {"config", "events", "engine.operation", "webhook_signatures"},
    {"columns", "otel", "engine.options"},
    {"engine.lenient", "engine.request_log", "engine.proxy", "engine.scanner", "engine.inflight", "engine.deadlines"},
    {"engine.rows"},
    {"engine.codec"},
    {"json", "engine.pages", "engine.ndjson"},
    {"engine.query", "engine.request"},
    {"engine.response"},
    {"engine.retry", "engine.transport", "engine.observers"},
    {"engine.limiter.pause", "engine.limiter.adaptive_rate", "engine.limiter.fair_order"},
    {"engine.limiter.tickets"},
    {"engine.limiter.page_limit", "engine.limiter.queue", "engine.limiter.rate_limit"},
    {"engine.limiter.action_slots", "engine.limiter.priority"},
    {"engine.limiter.limiter"},
    {"engine.limiter"},
    {"engine.call"},
    {"paging"},
    {"operations"},
    {"families"},
    {"client", "webhooks"},
    {"types", "kombo_async"},
    {"arrow", "fastapi.bodies", "fastapi.problems", "fastapi.webhooks"},
    {"fastapi"},
    {"sandbox.config", "sandbox.api_errors", "sandbox.json_values"},
    {"sandbox.data"},
    {"sandbox.handlers"},
    {"sandbox.http"},
    {"sandbox.control"},
    {"sandbox"},
    {"mirror.mirrored_models", "mirror.schedule", "mirror.json_checks", "mirror.holder"},
    {"mirror.state", "mirror.results"},
    {"mirror.protocols"},
    {"mirror.record_writer", "mirror.source"},
    {"mirror.deletions", "mirror.database"},
    {"mirror.refresher", "mirror.views", "mirror.transaction"},
    {"mirror.schema"},
    {"mirror.leases", "mirror.refresh_requests"},
    {"mirror.store"},
    {"mirror.runner"},
    {"mirror"},
    {"fleet.permits_sql"},
    {"fleet.schema"},
    {"fleet.queue", "fleet.registry", "fleet.shared_limits"},
    {"fleet.planner"},
    {"fleet.worker"},
    {"fleet.health"},
    {"fleet"},
    {"cli.signals", "cli.terminal", "cli.options", "cli.progress"},
    {"cli.error_messages", "cli.files", "cli.streams"},
    {"cli.encoding", "cli.filter_options", "cli.sinks", "cli.demo_screen"},
    {"cli.console", "cli.parquet"},
    {"cli.demo_script", "cli.json_io", "cli.log_lines", "cli.record_table", "cli.runner"},
    {"cli.control_client", "cli.control_tables"},
    {
        "cli.control_runner",
        "cli.export",
        "cli.mirror_database",
        "cli.mirror_demo",
        "cli.mirror_tables",
        "cli.toggle_fields",
        "cli.webhook_server",
    },
    {"cli.commands"},
    {"cli"},
    {"__main__"},
]

IMPORTERS = {
    "backoff": {"engine/retry.py"},
    "cattrs": {"engine/lenient.py"},
    # client.py names the type of a session; webhooks.py answers requests of an app that runs on aiohttp, as the one of
    # `kombo-async webhook listen` does.
    "aiohttp": {
        "engine/transport",
        "client.py",
        "webhooks.py",
        "fleet/health.py",
        "cli/mirror_demo.py",
        "cli/webhook_server.py",
    },
    "cyclopts": {"cli"},
    "rich": {"cli"},
    "fastapi": {"fastapi"},
    "pydantic": {"fastapi"},
    "pyarrow": {"arrow.py", "cli/parquet.py"},
    "opentelemetry": {"otel.py"},
    "sqlalchemy": {"mirror", "fleet/worker.py"},
    "procrastinate": {"fleet/queue.py"},
    "psycopg": {"fleet"},
    "sqlite3": {"mirror"},
}


def module_name(path: Path) -> str:
    parts = (PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the names of the modules that *path* imports, also in functions and for type checkers."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    package = (PACKAGE.name, *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join((*base, *([node.module] if node.module else [])))
            for alias in node.names:
                submodule = f"{start}.{alias.name}"
                yield submodule if submodule in MODULES else start


def layer(name: str) -> int | None:
    inner = name.removeprefix(f"{PACKAGE.name}.")
    for number, members in enumerate(LAYERS):
        if any(inner == member or inner.startswith(f"{member}.") for member in members):
            return number
    return None


@for_each("name", [name for name in MODULES if name not in {"kombo_async", "kombo_async.engine"}])
def test_module_imports_nothing_from_layers_above_it(name: str) -> None:
    own = layer(name)
    assert own is not None, f"{name} is in no layer of LAYERS"
    for imported in imports(MODULES[name]):
        if imported in MODULES:
            other = layer(imported)
            assert other is not None, f"{name} imports from {imported}, whose attributes are those of higher layers"
            assert other <= own, f"{name} imports {imported}, which is in a layer above it"


def test_no_modules_import_each_other_in_a_cycle() -> None:
    graph = {
        name: {each for each in imports(path) if each in MODULES and each != name} for name, path in MODULES.items()
    }
    assert sum(map(len, graph.values())) > len(MODULES)
    TopologicalSorter(graph).prepare()  # raises CycleError with the modules of a cycle


@pytest.mark.parametrize("library", IMPORTERS)
def test_library_is_imported_only_by_its_importers(library: str) -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in MODULES.values()
        if any(name.split(".")[0] == library for name in imports(path))
    }
    # The sandbox is a server of its own, and may use anything.
    unexpected = {
        name
        for name in found
        if not name.startswith("sandbox/")
        and not any(name == allowed or name.startswith(f"{allowed}/") for allowed in IMPORTERS[library])
    }
    assert found
    assert not unexpected


OPTIONAL = {"aiosqlite", "fastapi", "pandas", "psycopg", "pyarrow", "pydantic", "sqlalchemy", "sqlite3"}


def test_imports_leave_out_optional_packages_and_the_models_of_events() -> None:
    program = (
        "import sys, kombo_async.client, kombo_async.mirror, kombo_async.cli.app\n"
        "import kombo_async.cli.json_io, kombo_async.cli.commands.read\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = {*done.stdout.split()}
    assert "kombo_async.mirror" in imported
    # Those are the models of four families.
    assert not (OPTIONAL | {"kombo_async.models.webhooks"}) & imported


def test_client_is_imported_without_other_models_and_what_only_odd_responses_need() -> None:
    program = "import sys, kombo_async; kombo_async.KomboClient; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = {*done.stdout.split()}
    models = {name for name in imported if name.startswith("kombo_async.models.")}
    assert models == {"kombo_async.models.base", "kombo_async.models.diagnostics"}
    assert not {"cattrs", "kombo_async.engine.lenient", "kombo_async.engine.scanner"} & imported


def test_map_of_the_rooms_names_every_module() -> None:
    contributing = (PACKAGE.parent / "CONTRIBUTING.md").read_text()
    # Of the other packages, a line says what all their modules are.
    mapped = {"", "engine", "fleet", "mirror"}
    modules = [path for path in MODULES.values() if path.name[0] != "_"]
    modules = [path for path in modules if str(path.relative_to(PACKAGE).parent).strip(".").split("/")[0] in mapped]
    assert len(modules) > 40
    assert not [path.name for path in modules if not re.search(rf"(?<!\w){re.escape(path.name)}", contributing)]
