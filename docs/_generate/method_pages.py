"""The pages of the methods of each family, and the table of all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from csv import DictReader
from importlib import import_module
from typing import Any

import griffe
from code_objects import FAMILIES, PACKAGE, PLACES, ROOT, cell, linked, public, signature, table, text, typed

from kombo_async import _help
from kombo_async.engine.operation import Operation

with (ROOT / "docs" / "_generate" / "official_sdk.csv").open(encoding="utf-8") as rows:
    OFFICIAL = {row["ours"]: row["official"] for row in DictReader(rows)}


def page_of(module: str) -> str:
    """Return the page of a family."""
    return f"reference/methods/{module}.md"


def methods_of(module: str) -> Iterator[tuple[str, griffe.Class, list[griffe.Function]]]:
    """Yield what a call begins with, such as `client.custom.datev`, and the class and the methods behind it."""
    _, attribute, name = FAMILIES[module]
    for cls in public(PACKAGE[f"families.{module}"], griffe.Class):
        prefix = attribute if cls.name == name else f"{attribute}.{cls.name.lower()}"
        if cls.name.endswith("Task"):
            prefix = "task"
        methods = [each for each in public(cls, griffe.Function) if "property" not in each.labels]
        if methods or cls.name == name:
            yield prefix, cls, methods


def add_places() -> None:
    """Record where each method is described."""
    for module in FAMILIES:
        for prefix, cls, methods in methods_of(module):
            PLACES.add(cls.name, page_of(module), "" if prefix == FAMILIES[module][1] else cls.name.lower())
            for method in methods:
                if prefix != "task":
                    PLACES.add(method.name, page_of(module))


def family_page(module: str) -> str:
    """Return the page of one family."""
    title, attribute, _ = FAMILIES[module]
    page = page_of(module)
    lines = []
    for prefix, cls, methods in methods_of(module):
        lines += [f"# {title} methods: `{attribute}`\n"] if prefix == attribute else [f"## {cls.name}\n"]
        lines += [text(cls, page) + "\n"]
        for method in methods:
            lines += method_part(method, prefix, module)
    return "\n".join(lines)


def operation_of(method: griffe.Function, module: str) -> Operation[Any] | None:
    """Return the operation that a method calls."""
    found = re.search(r"\bop\.(?:\w+\.)?([A-Z][A-Z_]+)\b", method.source)
    return getattr(import_module(f"kombo_async.operations.{module}"), found[1]) if found else None


def method_part(method: griffe.Function, prefix: str, module: str) -> list[str]:
    """Return what is said of one method."""
    page = page_of(module)
    call = signature(method, f"{prefix}.{method.name}")
    level = "##" if prefix == FAMILIES[module][1] else "###"
    lines = [f"{level} {method.name}\n", "```python", call, "```\n", text(method, page) + "\n"]
    operation = operation_of(method, module)
    if operation is None or prefix == "task":
        return lines
    facts = {
        "Endpoint": f"`{operation.method} {operation.path}`",
        "Runs against": _help.runs_against(operation),
        "Sent again after a lost response": "yes" if operation.idempotent else "no",
        "Records a page": f"up to {operation.page_size:,}" if operation.page_size else None,
        "In the official SDK": official(f"{prefix}.{method.name}"),
        "Returns": typed(method.returns, page),
        "Errors": errors(operation, method, page),
    }
    lines += [*(f"- {what}: {value}" for what, value in facts.items() if value), ""]
    keywords = list(filters(operation.filters))
    own = [each for each in keywords if each.name not in _help.OPTIONS]
    if own:
        lines += [f"{_help.FILTERS_COMBINE}\n", *table("filter", own, page)]
    return lines + table("option", [each for each in keywords if each.name in _help.OPTIONS], page)


def official(ours: str) -> str:
    """Return the name in the official SDK."""
    return f"`{OFFICIAL[ours]}`" if OFFICIAL[ours] else "not there"


def errors(operation: Operation[Any], method: griffe.Function, page: str) -> str:
    """Return the kinds of errors to expect, as links."""
    assert method.docstring is not None
    parts = []
    for kind, names in _help.errors_of(operation, method.docstring.value).items():
        if kind == "this method":
            parts += [linked(f"`{name}`", page) for name in names]
        else:
            parts.append(f"[those of {kind}](../errors.md#errors-of-{kind.replace(' ', '-')})")
    return ", ".join(parts)


def filters(cls: type | None) -> Iterator[griffe.Attribute]:
    """Yield the keywords of a TypedDict: its own, then those of all lists."""
    if cls is None:
        return
    source = PACKAGE[cls.__module__.removeprefix("kombo_async.")].members[cls.__name__]
    yield from public(source, griffe.Attribute)
    for base in _help.bases_in_source(cls):
        yield from filters(base)


def index_page() -> str:
    """Return the table of all methods."""
    lines = [
        "# All methods\n",
        (
            "`iter_…` reads a list with a cursor, `get_…` reads one object or a short list, the others "
            "change something. What has no method yet is called with [client.request](../client.md#request).\n"
        ),
    ]
    for module, (title, attribute, _) in FAMILIES.items():
        lines += [f"## {title}: `{attribute}`\n", "| method | endpoint | in the official SDK |", "| --- | --- | --- |"]
        for prefix, _, methods in methods_of(module):
            for method in methods:
                operation = operation_of(method, module)
                if operation is not None and prefix != "task":
                    ours = f"[{prefix}.{method.name}]({module}.md#{method.name})"
                    endpoint = f"`{operation.method} {operation.path}`"
                    lines.append(f"| {ours} | {cell(endpoint)} | {official(f'{prefix}.{method.name}')} |")
        lines.append("")
    return "\n".join(lines)
