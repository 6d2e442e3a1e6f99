"""The pages of everything that is neither a method of a family nor a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

import griffe
from code_objects import PACKAGE, PLACES, UndocumentedError, default_of, public, signature, table, text

PAGES = {
    "client": (
        "Client and options",
        (
            "client.KomboClient config.Timeouts config.RetryPolicy config.Limits config.Region config.Priority "
            "families.family.Reply"
        ),
    ),
    "paging": ("Pagers and pages", "paging.Pager paging.Page paging.OnUnreadable"),
    "webhooks": ("Webhook functions", "webhooks webhooks.*"),
    "mirror": ("Mirror", "mirror mirror.Mirror mirror.*"),
    "fleet": ("Fleet", "fleet fleet.Fleet fleet.*"),
    "events": ("Events of calls", "events events.* otel otel.OpenTelemetryObserver otel.OpenTelemetryMetrics"),
    "json": ("JSON", "json json.*"),
    "fastapi": ("FastAPI", "fastapi fastapi.*"),
    "arrow": ("Arrow", "arrow arrow.*"),
    "sandbox": ("Sandbox in Python", "sandbox sandbox.Sandbox sandbox.SandboxThread sandbox.SandboxConfig sandbox.*"),
    "types": ("Types for annotations", "types types.*"),
}
"""By page: its title, and the modules and names it describes; `.*` is the rest of the public names of a module."""

NOT_CONSTRUCTED = {"Pager"}
"""What only methods of the library return."""
INTERNAL = {"Faults.next_fault"}
"""Public methods that only the package itself calls."""
CONSTANTS = {"UNSET"}
"""Public names of other libraries."""


def page_of(name: str) -> str:
    """Return the path of a page."""
    return f"reference/{name}.md"


def members(name: str) -> Iterator[griffe.Object]:
    """Yield what a page describes, without what has a page of its own."""
    seen: set[str] = set()
    for path in PAGES[name][1].split():
        module, _, star = path.rpartition(".")
        for each in public_names(module) if star == "*" else [path]:
            found = PACKAGE[each]
            target = found.final_target if isinstance(found, griffe.Alias) else found
            # Classes of families are described with their methods.
            is_family = isinstance(target, griffe.Class) and target.path.startswith("kombo_async.families.")
            if target.path not in seen and not (name == "types" and is_family):
                seen.add(target.path)
                yield target


def public_names(module: str) -> list[str]:
    """Return the public names of a module that are documented nowhere else, with its path."""
    found = PACKAGE[module] if module else PACKAGE
    names = [str(name) for name in found.exports or found.members]
    return [f"{module}.{name}" for name in names if not name.startswith("_") and is_own(found.members.get(name))]


def is_own(member: griffe.Object | griffe.Alias | None) -> bool:
    """Return whether a name belongs to the package, and is described neither as a model nor as a family."""
    if member is None:
        return False
    target = member.target_path if isinstance(member, griffe.Alias) else member.path
    described = ("kombo_async.models.", "kombo_async.families.hris", "kombo_async.errors.", "kombo_async._")
    return target.startswith("kombo_async.") and not target.startswith(described)


def add_places() -> None:
    """Record where each name is described."""
    for name in PAGES:
        for member in members(name):
            if not isinstance(member, griffe.Module):
                PLACES.add_on_page(member.name, page_of(name))
                if member.name not in PLACES.described():
                    PLACES.add(member.name, page_of(name))


def api_page(name: str) -> str:
    """Return one page."""
    page = page_of(name)
    lines = [f"# {PAGES[name][0]}\n"]
    for member in members(name):
        match member:
            case griffe.Module():
                # The second module of a page begins a part of its own.
                if len(lines) > 1:
                    lines += [f"## kombo_async.{member.name}\n"]
                lines += [text(member, page) + "\n"]
            case griffe.Class():
                lines += class_part(member, page)
            case griffe.Function():
                lines += [f"## {member.name}\n", *function_part(member, member.name, page)]
            case griffe.Attribute():
                lines += [f"## {member.name}\n"]
                # What is computed shows names that are not public.
                if not re.search(r"\b_[A-Z]", str(member.value)):
                    lines += ["```python", f"{member.name} = {member.value}", "```\n"]
                lines += [text(member, page) + "\n"]
            case _:
                raise UndocumentedError(f"{member.path} is a {member.kind}")
    return "\n".join(lines)


def class_part(cls: griffe.Class, page: str) -> list[str]:
    """Return what is said of a class: how it is constructed, its fields and properties, and its methods."""
    lines = [f"## {cls.name}\n", text(cls, page) + "\n"]
    init = cls.members.get("__init__")
    if isinstance(init, griffe.Function) and init.docstring is not None:
        lines += function_part(init, cls.name, page)
    elif isinstance(init, griffe.Function) and cls.name not in NOT_CONSTRUCTED:
        lines += ["```python", signature(init, cls.name), "```\n"]
    attributes = [each for each in public(cls, griffe.Attribute) if "property" not in each.labels]
    lines += table("field", attributes, page, default_of)
    properties = [each for each in public(cls, griffe.Attribute) if "property" in each.labels]
    lines += table("property", properties, page)
    for method in public(cls, griffe.Function):
        if f"{cls.name}.{method.name}" in INTERNAL:
            continue
        lines += [f"### {method.name}\n"]
        lines += function_part(method, f"{cls.name if 'classmethod' in method.labels else ''}.{method.name}", page)
    return lines


def function_part(function: griffe.Function, call: str, page: str) -> list[str]:
    """Return what is said of a function or a method."""
    shown = [signature(each, call) for each in function.overloads or [function]]
    return ["```python", "\n".join(shown), "```\n", text(function, page) + "\n"]


def undocumented() -> list[str]:
    """Return the public names without a place."""
    modules = [
        PACKAGE,
        *(PACKAGE[name] for name in ("types", "mirror", "json", "webhooks", "sandbox", "fastapi", "arrow")),
    ]
    names = {str(name) for module in modules for name in module.exports or ()}
    return sorted(names - PLACES.described() - CONSTANTS)
