"""Imports point from upper layers to lower ones, without circles, and each library has one importer."""

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "kombo_async"

LAYERS = [
    {"_lazy", "_version", "errors", "models", "redaction"},
    {"config", "events", "engine.operation"},
    {"otel", "engine.options"},
    {"engine.lenient", "engine.request_log", "engine.proxy", "engine.scanner", "engine.inflight", "engine.deadlines"},
    {"engine.rows"},
    {"engine.codec"},
    {"engine.pages", "engine.ndjson"},
    {"engine.query", "engine.request"},
    {"engine.response"},
    {"engine.retry", "engine.transport", "engine.observers"},
    {"engine.limiter.pause", "engine.limiter.adaptive_rate"},
    {"engine.limiter.queue"},
    {"engine.limiter.page_limit", "engine.limiter.rate_limit"},
    {"engine.limiter.action_slots"},
    {"engine.limiter"},
    {"engine.call"},
    {"paging"},
    {"operations"},
    {"families"},
    {"client", "webhooks"},
    {"types"},
    {"sandbox.config", "sandbox.api_errors", "sandbox.json_values"},
    {"sandbox.data"},
    {"sandbox.handlers"},
    {"sandbox.http"},
    {"sandbox"},
    {"mirror.mirrored_models", "mirror.schedule", "mirror.json_checks", "mirror.columns", "mirror.holder"},
    {"mirror.state", "mirror.results"},
    {"mirror.protocols"},
    {"mirror.record_writer", "mirror.source"},
    {"mirror.deletions", "mirror.database"},
    {"mirror.refresher", "mirror.views", "mirror.transaction"},
    {"mirror.schema"},
    {"mirror.leases"},
    {"mirror.store"},
    {"mirror.runner"},
    {"mirror"},
    {"cli.signals", "cli.terminal", "cli.options", "cli.progress"},
    {"cli.error_messages", "cli.files", "cli.streams"},
    {"cli.encoding", "cli.filter_options", "cli.sinks", "cli.demo_screen"},
    {"cli.console"},
    {"cli.demo_script", "cli.json_io", "cli.runner"},
    {"cli.export", "cli.toggle_fields", "cli.webhook_server"},
    {"cli.commands"},
    {"cli"},
    {"__main__"},
]

IMPORTERS = {
    "backoff": {"engine/retry.py"},
    "cattrs": {"engine/lenient.py"},
    # client.py names the type of a session; webhooks.py answers requests of an app that runs on aiohttp, as the one of
    # `kombo-async webhook listen` does.
    "aiohttp": {"engine/transport", "client.py", "webhooks.py", "cli/webhook_server.py"},
    "cyclopts": {"cli"},
    "rich": {"cli"},
    "opentelemetry": {"otel.py"},
    "sqlalchemy": {"mirror"},
    "sqlite3": {"mirror"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Return the absolute names of everything that *path* imports, also in functions and for type checkers."""
    package = ("kombo_async", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join((*base, *([node.module] if node.module else [])))
            yield from (f"{start}.{alias.name}" for alias in node.names)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def layer(name: str) -> int | None:
    for number, members in enumerate(LAYERS):
        if any(name == member or name.startswith(f"{member}.") for member in members):
            return number
    return None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    name = module_name(path)
    if name == "__init__":
        pytest.skip("the package itself only re-exports names")
    own = layer(name)
    if name == "engine":
        return
    assert own is not None, f"{name} has no place in LAYERS"
    for imported in imports(path):
        if imported.startswith("kombo_async."):
            other = layer(imported.removeprefix("kombo_async."))
            if other is not None:
                assert other <= own, f"{name} imports {imported}, which is in a layer above"


def test_no_modules_import_each_other_in_a_circle() -> None:
    names = {module_name(path) for path in modules()} - {"__init__"}
    graph: dict[str, set[str]] = {}
    for path in modules():
        graph[module_name(path)] = set()
        for imported in imports(path):
            target = imported.removeprefix("kombo_async.")
            while target and target not in names:
                target = target.rpartition(".")[0]
            if imported.startswith("kombo_async.") and target not in {"", module_name(path)}:
                graph[module_name(path)].add(target)
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("library", IMPORTERS)
def test_each_library_has_its_importers(library: str) -> None:
    found = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if any(name.split(".")[0] == library for name in imports(path))
    }
    # The sandbox is a server of its own, with aiohttp.
    strangers = {
        name
        for name in found
        if not name.startswith("sandbox/")
        and not any(name == allowed or name.startswith(f"{allowed}/") for allowed in IMPORTERS[library])
    }
    assert not strangers
